/* Connections that are no more than their SYN, or that and its SYN-ACK: counted as connections, and
 * kept as those segments until somebody asks for them, with all that followed. Knows what these two
 * alone do to the counts; what may follow is in regulars.c. */
#include "analysis/tracker-parts.h"

#include "flow/shown.h"

/* Everything is counted as for a connection. */
bool embryos_begin(Tracker *tracker, const Segment *segment, const FlowPlace *place)
{
	AnalysisTotals *totals = tracker->totals;
	EmbryoParts parts = { .syn = segment, .key = &place->key, .sender = place->sender };

	/* A deadline that is kept by the SYN's time must not have passed. */
	if (!tracker->memory.embryos || !embryo_may_be(segment) ||
	    clock_now(tracker->clock) > segment->time)
		return false;
	if (tracker->memory.keep && tracker->hooks.awaits(tracker->hooks.data, &place->key))
		return false;
	tracker->hooks.embryo(tracker->hooks.data, segment, place, &parts.memo);
	totals->states[TCP_STATE_SYN_SENT]++;
	totals->states[TCP_STATE_UNKNOWN]++;
	totals->open[OPEN_UNANSWERED]++;
	totals->close[CLOSE_NONE]++;
	flow_store_add_embryo(tracker->store, &parts, place->hash, ++totals->connections);
	return true;
}

/* The SYN-ACK is on its way: its sender has answered, and its receiver will be synchronised. */
static G_GNUC_NO_INLINE bool answer(Tracker *tracker, FlowRecord *record, const Segment *segment,
				    const FlowPlace *place)
{
	AnalysisTotals *totals = tracker->totals;
	NsTime patience = MIN(CONNECTION_HANDSHAKE_PATIENCE, tracker->memory.patience);
	EmbryoHandshake begun;

	if (clock_now(tracker->clock) > segment->time)
		return false;
	flow_store_handshake(record, &begun);
	if (place->sender == begun.sender || !embryo_may_be_answer(&begun.syn, segment))
		return false;
	totals->states[TCP_STATE_SYN_SENT]--;
	totals->states[TCP_STATE_ESTABLISHED]++;
	totals->states[TCP_STATE_UNKNOWN]--;
	totals->states[TCP_STATE_SYN_RCVD]++;
	totals->open[OPEN_UNANSWERED]--;
	totals->open[OPEN_INCOMPLETE]++;
	tracker->hooks.answered(tracker->hooks.data, segment);
	flow_store_answer_embryo(tracker->store, record, &begun.syn, segment,
				 segment->time + patience);
	return true;
}

bool embryos_take(Tracker *tracker, FlowRecord *record, const SegmentEvent *event,
		  const FlowPlace *place)
{
	if (record->answered)
		return regulars_take(tracker, record, event, place);
	return answer(tracker, record, event->segment, place);
}

/* A transition that was counted when its segment passed. */
static void on_hatched(void *data, const Transition *transition)
{
	const Tracker *tracker = data;
	Transition event = *transition;

	event.anew = true;
	tracker->hooks.anew(tracker->hooks.data, &event);
}

/* The segment that was kept after event->segment (NULL: the first). False: there is none. */
static bool next_event(SegmentEvent *event, const Embryo *embryo, RegularReader *since)
{
	if (!event->segment) {
		event->segment = &embryo->syn;
		event->sender = embryo->sender;
	} else if (event->segment == &embryo->syn && embryo->answered) {
		event->segment = &embryo->answer;
		event->sender = !embryo->sender;
	} else if (regular_next(since)) {
		event->segment = &since->segment;
		event->sender = since->sender;
		event->cut = since->cut;
	} else {
		return false;
	}
	return true;
}

static void tell_anew(Tracker *tracker, SegmentEvent *event)
{
	const ConnectionRules rules = { tracker->rules.msl, on_hatched, tracker };
	Connection *connection = event->connection;
	const Segment *segment = event->segment;

	tracker_set_before(event);
	event->class = connection_steady(connection, event->sender, segment);
	event->steady = event->class != 0;
	if (!event->steady)
		event->class = connection_segment(
			connection, event->sender, segment,
			tracker_classify(connection, event->sender, segment), &rules);
	tracker->hooks.hatched(tracker->hooks.data, event);
}

/* For reports alone, which are told of its segments and lent it as it stands. */
static void show(const Tracker *tracker, Connection *connection, const Embryo *embryo,
		 RegularReader *since)
{
	SegmentEvent event = { .connection = connection, .memo = &embryo->memo };
	RegularPhase before = REGULAR_ANSWERED;

	shown_begin(connection, embryo);
	while (next_event(&event, embryo, since)) {
		if (event.segment == &since->segment) {
			shown_segment(connection, since, before);
			before = since->life.phase;
		}
		tracker->hooks.reread(tracker->hooks.data, &event);
	}
	shown_end(connection, since, tracker->rules.msl);
}

void embryos_hatch(void *data, Connection *connection, const Embryo *embryo, RegularReader *since)
{
	Tracker *tracker = data;
	const ConnectionRules rules = { tracker->rules.msl, on_hatched, tracker };
	SegmentEvent event = { .connection = connection, .memo = &embryo->memo };

	if (tracker->reading) {
		show(tracker, connection, embryo, since);
		return;
	}
	tracker->in_vain += since->at != since->end;
	while (next_event(&event, embryo, since))
		tell_anew(tracker, &event);
	if (since->over) {
		connection_expire(connection, connection_deadline(connection, &rules), &rules);
		tracker->hooks.hatched(tracker->hooks.data, NULL);
	}
}

/* Nobody but reports has more of it than what goes with it. */
void embryos_unhatch(void *data, Connection *connection)
{
	const Tracker *tracker = data;

	if (tracker->memory.keep)
		tracker->hooks.phase(tracker->hooks.data, connection, CONNECTION_EVICTED);
}

/* Nothing is raised of a single SYN. */
bool embryos_end(Tracker *tracker, FlowRecord *embryo, NsTime now)
{
	if (embryo->answered)
		return regulars_end(tracker, embryo, now);
	if (2 * tracker->rules.msl > CONNECTION_HANDSHAKE_PATIENCE)
		return false;
	embryo->over = true;
	tracker->totals->states[TCP_STATE_SYN_SENT]--;
	tracker->totals->states[TCP_STATE_CLOSED]++;
	flow_store_let_embryo_go(tracker->store, embryo);
	return true;
}

bool embryos_evict(Tracker *tracker, FlowRecord *embryo)
{
	bool answered = embryo->answered;

	if ((embryo->grows || embryo->sealed) && !embryo->gone)
		return false;
	if (embryo->gone) {
		tracker->totals->states[TCP_STATE_CLOSED]--;
		tracker->totals->states[answered ? TCP_STATE_CLOSED : TCP_STATE_UNKNOWN]--;
	} else {
		tracker->totals->states[answered ? TCP_STATE_ESTABLISHED : TCP_STATE_SYN_SENT]--;
		tracker->totals->states[answered ? TCP_STATE_SYN_RCVD : TCP_STATE_UNKNOWN]--;
	}
	tracker->totals->evicted++;
	flow_store_drop_embryo(tracker->store, embryo);
	return true;
}
