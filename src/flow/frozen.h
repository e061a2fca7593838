/* A connection at rest: all that is known of it, in a quarter of the memory or less. Knows its
 * forms in memory; knows nothing of what its fields mean.
 *
 * Most connections of a capture wait: for the end of TIME_WAIT, for an answer to their SYN, for the
 * next request. Their marks follow from one another, their times lie close together, and most of
 * what might have been noted never happened. So each field is kept as its distance from what is to
 * be expected, in as many bytes as that needs, which are none for most; and of one that is like
 * others only what it differs in. */
#ifndef WIRESTATE_FLOW_FROZEN_H
#define WIRESTATE_FLOW_FROZEN_H

#include "flow/connection.h"

typedef struct Frozen Frozen;

/* Bytes of slots beyond which a connection cannot be frozen. */
#define FROZEN_SLOTS_MAX 1024

/* What is known of all that are frozen together. */
typedef struct Freezer Freezer;

/* For connections with @slots_size bytes of slots: connection_new()'s. @compare: with those that
 * were frozen before; else each is frozen by itself. */
Freezer *freezer_new(size_t slots_size, bool compare);
void freezer_free(Freezer *freezer);

/* Makes a frozen one of all of @connection but its links: its record has the deadline, which times
 * are kept by, the hash, and whether it is linked and awaited; the timer runs on elsewhere. What
 * @connection owns belongs to the frozen one from now on. The caller frees it with g_free() when it
 * was thawed. */
Frozen *frozen_new(Freezer *freezer, const Connection *connection);

/* The opposite: fills in @connection, slots included, all but its timer and its links. What the
 * frozen one owned is the connection's now. */
void frozen_thaw(const Freezer *freezer, const Frozen *frozen, Connection *connection);

/* Of a frozen one, without thawing it. */
bool frozen_has_key(const Freezer *freezer, const Frozen *frozen, const FlowKey *key);
unsigned frozen_number(const Frozen *frozen);

#endif
