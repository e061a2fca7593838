/* Where connections are kept: which are present, in which form they are in memory, and which one
 * has been idle for longest. Knows keys and memory; knows no marks.
 *
 * A connection is awake, a Connection, while it has segments, and frozen (frozen.h) when it rests
 * or when too many are awake. Who asks for one gets it awake. */
#ifndef WIRESTATE_FLOW_FLOW_STORE_H
#define WIRESTATE_FLOW_FLOW_STORE_H

#include <glib.h>

#include "flow/connection.h"
#include "flow/regular.h"

typedef struct FlowStore FlowStore;

typedef struct {
	size_t slots_size; /* observers' memory in a connection: whole words of 64 bits */
	bool keep;         /* what is let go stays to the end, for flow_store_read(), and
			      connections have reports */
	bool ordered;      /* flow_store_oldest() will be asked */
	bool eager;        /* all that can be frozen is, between any two segments: for tests */
	/* Called with @data when somebody asks for a connection that is no more than an embryo:
	 * moves @connection, which is new, by what that has, and by all that @since gives, the
	 * segments that followed. Not called for a store that has none. */
	void (*hatch)(void *data, Connection *connection, const Embryo *embryo,
		      RegularReader *since);
	/* The opposite: @connection was made only to be lent, and goes. */
	void (*unhatch)(void *data, Connection *connection);
	void *data;
} FlowStoreOptions;

/* @clock fires the connections' timers, and is borrowed. @options are copied. */
FlowStore *flow_store_new(Clock *clock, const FlowStoreOptions *options);

/* Frees all connections too. */
void flow_store_free(FlowStore *store);

/* What connection_new() is to be given: pieces for a connection, its slots, and what the store
 * wants behind them. */
Pool *flow_store_pool(const FlowStore *store);

/* The one with this hash is going to be asked for: flow_table_expect(), and some time after it
 * flow_table_expect_record(). */
void flow_store_expect(const FlowStore *store, uint32_t hash);
void flow_store_expect_record(const FlowStore *store, uint32_t hash);

/* The connection whose timer this is, awake. */
Connection *flow_store_wake(FlowStore *store, Timer *timer);

/* A new connection, now owned, becomes the present one of its key, which has none and this @hash.
 */
void flow_store_add(FlowStore *store, Connection *connection, uint32_t hash);

/* The same for one that is no more than @parts, with its number. It waits until
 * CONNECTION_HANDSHAKE_PATIENCE after its SYN. */
void flow_store_add_embryo(FlowStore *store, const EmbryoParts *parts, uint32_t hash,
			   unsigned number);

/* It is no longer the present one of its key, if it was. */
void flow_store_displace(FlowStore *store, Connection *connection);

/* Nothing more of it will be asked for: it is no longer present, and its memory goes. When
 * connections are kept it is kept frozen, which flow_store_read() alone comes to, and
 * flow_store_oldest(). */
void flow_store_let_go(FlowStore *store, Connection *connection);

/* The same, and it is freed in any case. */
void flow_store_evict(FlowStore *store, Connection *connection);

/* A segment of it has come: it is the one that has been idle for least. */
void flow_store_touch(FlowStore *store, Connection *connection);

/* Nothing of it is expected soon: it is frozen at the next flow_store_settle(). */
void flow_store_rest(FlowStore *store, Connection *connection);

/* Between segments: freezes what rests, and some of what is idle when too many are awake. */
void flow_store_settle(FlowStore *store);

/* The present incarnation in whichever form, or NULL. @hash is flow_key_hash()'s. */
FlowRecord *flow_store_look(const FlowStore *store, const FlowKey *key, uint32_t hash);

/* The same, awake. Valid until flow_store_settle(), unless it is let go. */
Connection *flow_store_awaken(FlowStore *store, FlowRecord *record);

/* What is known of an embryo's handshake: frozen_handshake(). When @answer to its SYN came it waits
 * until @deadline. */
void flow_store_handshake(const FlowRecord *record, EmbryoHandshake *handshake);
void flow_store_answer_embryo(FlowStore *store, FlowRecord *record, const EmbryoSyn *syn,
			      const Segment *answer, NsTime deadline);

/* The handshake of an embryo is complete, and it grows: frozen_grow(). Returns what the record is
 * now. */
FlowRecord *flow_store_grow(FlowStore *store, FlowRecord *record, const RegularLife *life);

/* Of one that grows: frozen_life(). */
const RegularLife *flow_store_life(const FlowRecord *record);

/* A segment more of it is kept, unless it is none or there is no room: frozen_extend(). */
RegularStep flow_store_extend(FlowStore *store, FlowRecord *record, unsigned sender,
			      const Segment *segment, bool cut);

/* Its life has ended: frozen_seal(). Returns what the record is now. */
FlowRecord *flow_store_seal(FlowStore *store, FlowRecord *record);

/* All that was kept of one: frozen_read(). */
void flow_store_whole(const FlowRecord *record, Embryo *embryo, RegularReader *reader);

/* Of any record: when it is to ring; NSTIME_NEVER: not at all. */
void flow_store_arm(FlowStore *store, FlowRecord *record, NsTime deadline);

/* An embryo goes, without having been anything else. */
void flow_store_drop_embryo(FlowStore *store, FlowRecord *embryo);

/* Nothing more is expected of an embryo, whose timer has rung: it is forgotten, or kept for those
 * who read at the end. Then it stays present, and who looks for its key finds it:
 * FlowRecord.gone. */
void flow_store_let_embryo_go(FlowStore *store, FlowRecord *embryo);

/* The one that has been idle for longest, in whichever form; NULL: there is none. */
FlowRecord *flow_store_oldest_record(const FlowStore *store);

/* The same, awake, present or not. */
Connection *flow_store_oldest(FlowStore *store);

/* How many are in memory. */
unsigned flow_store_size(const FlowStore *store);

/* A visit to connections, one after the other. */
typedef struct {
	bool awaited; /* only those that are so: FlowRecord.awaited */
	/* Whether there is anything to see in one that is no more than an embryo: what is no is not
	 * made a connection for it. NULL: there may be. */
	bool (*wants)(void *data, const Embryo *embryo);
	/* Is lent the connection. It may change slots, and nothing else. */
	void (*visit)(void *data, Connection *connection);
	void *data; /* for both */
} FlowVisit;

/* Goes to those that were not let go, in the order of their numbers. */
void flow_store_each(FlowStore *store, const FlowVisit *visit);

/* Lends connections to @visit for reading: those with the @count @numbers that are there, in that
 * order; @numbers NULL: each, in the order of their numbers. */
void flow_store_read(FlowStore *store, const unsigned *numbers, size_t count, ConnectionVisit visit,
		     void *data);

#endif
