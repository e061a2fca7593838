/* A connection at rest: all that is known of it, in a quarter of the memory. Knows the fields of a
 * connection; knows nothing of what they mean for its states.
 *
 * Most connections of a capture wait: for the end of TIME_WAIT, for an answer to their SYN, for the
 * next request. Their marks follow from one another, their times lie close together, and most of
 * what might have been noted never happened. So each field is kept as its distance from what is to
 * be expected, in as many bytes as that needs, which are none for most. */
#ifndef WIRESTATE_FLOW_FROZEN_H
#define WIRESTATE_FLOW_FROZEN_H

#include "flow/connection.h"

typedef struct Frozen Frozen;

/* Bytes of slots beyond which a connection cannot be frozen. */
#define FROZEN_SLOTS_MAX 1024

/* Makes a frozen one of all of @connection but its timer and its links: its record has the hash and
 * nothing else. @slots_size is connection_new()'s. What @connection owns belongs to the frozen one
 * from now on. The caller frees it with g_free() when it was thawed. */
Frozen *frozen_new(const Connection *connection, size_t slots_size);

/* The opposite: fills in @connection, @slots_size bytes of slots included, all but its timer and
 * its links. What the frozen one owned is the connection's now. */
void frozen_thaw(const Frozen *frozen, Connection *connection, size_t slots_size);

/* Of a frozen one, without thawing it. */
bool frozen_has_key(const Frozen *frozen, const FlowKey *key, size_t slots_size);
unsigned frozen_number(const Frozen *frozen);

#endif
