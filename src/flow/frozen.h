/* A connection at rest: all that is known of it, in a quarter of the memory or less. Knows its
 * forms in memory; knows nothing of what its fields mean.
 *
 * Most connections of a capture wait: for the end of TIME_WAIT, for an answer to their SYN, for the
 * next request. Their marks follow from one another, their times lie close together, and most of
 * what might have been noted never happened. So each field is kept as its distance from what is to
 * be expected, in as many bytes as that needs, which are none for most. */
#ifndef WIRESTATE_FLOW_FROZEN_H
#define WIRESTATE_FLOW_FROZEN_H

#include "base/pools.h"
#include "flow/connection.h"
#include "flow/regular.h"

typedef struct Frozen Frozen;

/* Bytes of slots beyond which a connection cannot be frozen. */
#define FROZEN_SLOTS_MAX 1024

/* What is known of all that are frozen together. */
typedef struct Freezer Freezer;

/* For connections with @slots_size bytes of slots. */
Freezer *freezer_new(size_t slots_size);
void freezer_free(Freezer *freezer);

/* Makes a frozen one of all of @connection but its links: its record has the deadline, which times
 * are kept by, the hash, and whether it is linked and awaited; the timer runs on elsewhere. What
 * @connection owns belongs to the frozen one from now on. */
Frozen *frozen_new(Freezer *freezer, const Connection *connection);

/* Frees it, and nothing that it owns. @pools: what frozen_embryo_new() was given. */
void frozen_free(Pools *pools, Frozen *frozen);

/* Makes one of a connection that has never been more than @parts, in a piece of @pools. @record
 * has the hash and whether it is linked and awaited; unless the embryo was answered, its deadline
 * will be CONNECTION_HANDSHAKE_PATIENCE after the SYN. */
Frozen *frozen_embryo_new(Pools *pools, const FlowRecord *record, unsigned number,
			  const EmbryoParts *parts);

/* Of one that has not grown: the handshake so far, embryo_unpack_handshake(). */
void frozen_handshake(const Frozen *frozen, EmbryoHandshake *handshake);

/* One that was not answered, and has @syn, with @answer to that, which somebody awaits. @frozen is
 * still to be freed. */
Frozen *frozen_embryo_answered(Pools *pools, const Frozen *frozen, const EmbryoSyn *syn,
			       const Segment *answer);

/* The embryo that @frozen is, or was, see FlowRecord.embryo. */
void frozen_embryo(const Frozen *frozen, Embryo *embryo);

/* The same, and all that was kept of it since. @reader has a copy of its own. */
void frozen_read(const Frozen *frozen, Embryo *embryo, RegularReader *reader);

/* Makes one that can grow of one that was answered, with @life; what observers had kept is not
 * needed any more, nor does anybody await it. @frozen is still to be freed. */
Frozen *frozen_grow(Pools *pools, const Frozen *frozen, const RegularLife *life);

/* Of one that grows: what is known of its life, there. */
const RegularLife *frozen_life(const Frozen *frozen);

/* The segment, of the key's end @sender, is kept behind those before: regular_add(). REGULAR_NOT:
 * nothing is done; it is none of its life, or there are more than REGULAR_FULL bytes. */
RegularStep frozen_extend(Pools *pools, Frozen *frozen, unsigned sender, const Segment *segment,
			  bool cut);

/* The same one in less memory, of which no more can follow; @frozen is still to be freed. */
Frozen *frozen_seal(Pools *pools, const Frozen *frozen);

/* The opposite of frozen_new(), of one that is no embryo: fills in @connection, slots included, all
 * but its timer and its links. What the frozen one owned is the connection's now. */
void frozen_thaw(const Freezer *freezer, const Frozen *frozen, Connection *connection);

/* Of a frozen one, without thawing it. */
bool frozen_has_key(const Freezer *freezer, const Frozen *frozen, const FlowKey *key);
unsigned frozen_number(const Frozen *frozen);

#endif
