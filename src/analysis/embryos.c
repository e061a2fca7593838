/* Connections that are no more than their SYN: counted as connections, and kept as that SYN until
 * somebody asks for them. Knows what a SYN alone does to the counts; knows no segment that follows.
 */
#include "analysis/tracker-parts.h"

/* Everything is counted as for a connection. */
bool embryos_begin(Tracker *tracker, const Segment *segment, const FlowPlace *place)
{
	AnalysisTotals *totals = tracker->totals;
	Embryo embryo;

	/* A deadline that is kept by the SYN's time must not have passed. */
	if (!tracker->memory.embryos || tracker->memory.keep || !embryo_may_be(segment) ||
	    clock_now(tracker->clock) > segment->time)
		return false;
	embryo = (Embryo){ .syn = *segment, .key = place->key, .sender = place->sender };
	tracker->hooks.embryo(tracker->hooks.data, segment, place, &embryo.memo);
	totals->states[TCP_STATE_SYN_SENT]++;
	totals->states[TCP_STATE_UNKNOWN]++;
	totals->open[OPEN_UNANSWERED]++;
	totals->close[CLOSE_NONE]++;
	flow_store_add_embryo(tracker->store, &embryo, place->hash, ++totals->connections);
	return true;
}

/* A transition that was counted when the SYN passed. */
static void on_hatched(void *data, const Transition *transition)
{
	const Tracker *tracker = data;

	tracker->hooks.transition(tracker->hooks.data, transition);
}

void embryos_hatch(void *data, Connection *connection, const Embryo *embryo)
{
	Tracker *tracker = data;
	const ConnectionRules rules = { tracker->rules.msl, on_hatched, tracker };
	SegmentEvent event = { .segment = &embryo->syn,
			       .connection = connection,
			       .sender = embryo->sender,
			       .memo = &embryo->memo };

	tracker_set_before(&event);
	event.class = connection_segment(connection, event.sender, event.segment,
					 tracker_classify(connection, event.sender, event.segment),
					 &rules);
	tracker->hooks.hatched(tracker->hooks.data, &event);
}

/* Nothing is raised of a single SYN. */
bool embryos_end(Tracker *tracker, FlowRecord *embryo)
{
	if (2 * tracker->rules.msl > CONNECTION_HANDSHAKE_PATIENCE)
		return false;
	tracker->totals->states[TCP_STATE_SYN_SENT]--;
	tracker->totals->states[TCP_STATE_CLOSED]++;
	flow_store_drop_embryo(tracker->store, embryo);
	return true;
}

void embryos_evict(Tracker *tracker, FlowRecord *embryo)
{
	tracker->totals->states[TCP_STATE_SYN_SENT]--;
	tracker->totals->states[TCP_STATE_UNKNOWN]--;
	tracker->totals->evicted++;
	flow_store_drop_embryo(tracker->store, embryo);
}
