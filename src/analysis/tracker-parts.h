/* What the files of the tracker share: connections, and those that are no more than embryos. For
 * tracker.c and embryos.c only. */
#ifndef WIRESTATE_ANALYSIS_TRACKER_PARTS_H
#define WIRESTATE_ANALYSIS_TRACKER_PARTS_H

#include <glib.h>

#include "analysis/copies.h"
#include "analysis/tracker.h"
#include "flow/clock.h"
#include "flow/flow-store.h"

struct Tracker {
	ConnectionRules rules;  /* the clocks, and where transitions go */
	TrackerHooks hooks;     /* whom to tell */
	AnalysisTotals *totals; /* what is counted; borrowed */
	Clock *clock;           /* capture time */
	FlowStore *store;       /* the connections */
	Copies *copies;         /* what was captured a moment ago */
	TrackerMemory memory;   /* how connections are kept */
	uint64_t lived;         /* regular lives that came to their end */
	uint64_t in_vain;       /* and those of which the connection had to be made after all */
	bool reading;           /* reports are lent connections, and no more */
	const Segment *current; /* the segment at hand, whose frame and time transitions carry;
				   NULL: a clock */
};

static inline unsigned tracker_classify(const Connection *connection, unsigned sender,
					const Segment *segment)
{
	return classify_segment(connection_side(connection, sender),
				connection_side(connection, !sender), segment);
}

static inline void tracker_set_before(SegmentEvent *event)
{
	event->before[0] = connection_state(event->connection, 0);
	event->before[1] = connection_state(event->connection, 1);
	event->idle = MAX(event->segment->time - event->connection->last, 0);
}

/* Keeps a SYN that begins a connection as an embryo, unless there is more to it: false then. */
bool embryos_begin(Tracker *tracker, const Segment *segment, const FlowPlace *place);

/* Keeps a segment of an embryo, or of what became of it, beside those before, unless there is more
 * to it: false then. */
bool embryos_take(Tracker *tracker, FlowRecord *embryo, const SegmentEvent *event,
		  const FlowPlace *place);
bool regulars_take(Tracker *tracker, FlowRecord *record, const SegmentEvent *event,
		   const FlowPlace *place);

/* FlowStoreOptions.hatch: moves the connection by what the embryo has and what followed, as if that
 * passed now for the first time. */
void embryos_hatch(void *tracker, Connection *connection, const Embryo *embryo,
		   RegularReader *since);

/* FlowStoreOptions.unhatch. */
void embryos_unhatch(void *tracker, Connection *connection);

/* The clock ends a handshake of which no more than the SYN was ever seen, or the life of one that
 * both have closed. When that is all there is to it, it is done; else false, and nothing is. */
bool embryos_end(Tracker *tracker, FlowRecord *embryo, NsTime now);
bool regulars_end(Tracker *tracker, FlowRecord *record, NsTime now);

/* There are too many connections: it goes, and counts in no state any more. False: it has to be
 * awake for that. */
bool embryos_evict(Tracker *tracker, FlowRecord *embryo);

#endif
