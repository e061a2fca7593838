/* What the files of the flow store share: connections in either form. For flow-store.c,
 * flow-rest.c and flow-visit.c only. */
#ifndef WIRESTATE_FLOW_FLOW_STORE_PARTS_H
#define WIRESTATE_FLOW_FLOW_STORE_PARTS_H

#include "flow/flow-store.h"
#include "flow/flow-table.h"
#include "flow/frozen.h"
#include "flow/room.h"
#include "flow/turns.h"

struct FlowStore {
	Clock *clock;             /* that fires timers; borrowed */
	Freezer *freezer;         /* what freezes them */
	FlowTable *table;         /* present incarnations */
	Pool *pool;               /* where those that are awake are */
	Pools *embryos;           /* where embryos are, and what became of them */
	FlowStoreOptions options; /* as given, the default filled in */
	bool freezes;             /* slots are not too large for that */
	GPtrArray *awake;         /* Connection, by Connection.place */
	GPtrArray
		*kept;       /* FlowRecord: those that are so, in the order in which they were let
				go; when there is an order of idleness that has them, and this is empty */
	unsigned hand;       /* the next of them to be looked at */
	Room room;           /* how many may be awake */
	unsigned size;       /* connections in memory */
	Connection *resting; /* one that is to be frozen; NULL: none */
	FlowRecord *oldest;  /* idle for longest; NULL: there is none */
	FlowRecord *newest;  /* idle for least */
	Turns roll;          /* all of them by number, while nothing is changed; see @called */
	bool called;         /* @roll is true */
};

/* Connections have come, gone or changed their form. */
static inline void flow_store_changed(FlowStore *store)
{
	store->called = false;
}

/* What stands at the beginning of a connection. */
static inline Connection *awake_of(FlowRecord *record)
{
	return (Connection *)record;
}

static inline FlowLinks *flow_store_links(const FlowStore *store, FlowRecord *record)
{
	if (record->frozen)
		return (FlowLinks *)(record + 1);
	return (FlowLinks *)((char *)awake_of(record)->slots + store->options.slots_size);
}

/* The connection is not awake any more; where it is in memory is the caller's. */
void flow_store_fall_asleep(FlowStore *store, Connection *connection);

/* One record takes the place of another of the same connection. */
void flow_store_hand_over(FlowStore *store, FlowRecord *from, FlowRecord *to);

/* Makes the connection that is frozen in @room, which has room for slots. @report: where a report
 * may be made, see connection_begin_report(). */
void flow_store_restore(FlowStore *store, const Frozen *frozen, Connection *room,
			ConnectionReport *report);

#endif
