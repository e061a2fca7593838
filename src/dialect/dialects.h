/* Other tools' words for our connections: keeps them while segments pass. Knows which of their
 * connections ours begins in; knows none of their rules.
 *
 * Zeek and Wireshark have ideas of their own of when a connection begins, so theirs and ours are
 * neither the same nor nested. Theirs are followed for each pair of endpoints, and each of ours has
 * the words of those that hold its first segment, whole: also with segments that we count to the
 * connection before or after it. */
#ifndef WIRESTATE_DIALECT_DIALECTS_H
#define WIRESTATE_DIALECT_DIALECTS_H

#include "analysis/event.h"

/* What other tools say of one connection, but for the Community ID: community-id.h. */
typedef struct {
	const char *conn_state; /* Zeek's; static */
	const char *history;    /* Zeek's; valid until the next segment */
	unsigned completeness;  /* Wireshark's */
} Dialects;

/* A report that prints nothing: others ask it with dialects_of(). Costs memory in each connection,
 * so it is registered only where the words are asked for. */
Observer *dialects_new(void);

/* The words as they stand for @connection, whose analysis has @observer. */
Dialects dialects_of(const Observer *observer, const Connection *connection);

#endif
