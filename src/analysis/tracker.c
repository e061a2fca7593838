/* The connections over time: which one a segment belongs to, when one begins, when one is
 * forgotten. Knows incarnations and their timers; knows no observer. */
#include "analysis/tracker-parts.h"

#include "analysis/copy-of.h"
#include "base/diag.h"
#include "flow/incarnation.h"

static void on_timer(void *data, Timer *timer, NsTime now);

/* A provisional SYN is told of when it becomes real, at the segment that shows it. */
static void on_transition(void *data, const Transition *transition)
{
	Tracker *tracker = data;
	Transition event = *transition;

	if (tracker->current) {
		event.frame = tracker->current->frame;
		event.time = tracker->current->time;
	}
	tracker->totals->states[event.counted]--;
	tracker->totals->states[event.to]++;
	tracker->hooks.transition(tracker->hooks.data, &event);
}

Tracker *tracker_new(NsTime msl, const TrackerHooks *hooks, AnalysisTotals *totals)
{
	Tracker *tracker = g_new0(Tracker, 1);

	tracker->rules = (ConnectionRules){ msl, on_transition, tracker };
	tracker->hooks = *hooks;
	tracker->totals = totals;
	tracker->clock = clock_new(on_timer, tracker);
	tracker->copies = copies_new();
	tracker_reserve(tracker, &(TrackerMemory){ 0 });
	return tracker;
}

void tracker_free(Tracker *tracker)
{
	if (!tracker)
		return;
	flow_store_free(tracker->store);
	copies_free(tracker->copies);
	clock_free(tracker->clock);
	g_free(tracker);
}

void tracker_reserve(Tracker *tracker, const TrackerMemory *memory)
{
	FlowStoreOptions options = {
		.slots_size = memory->slots_size,
		.keep = memory->keep,
		.ordered = memory->max != 0,
		.eager = memory->eager,
		.hatch = embryos_hatch,
		.unhatch = embryos_unhatch,
		.data = tracker,
	};

	trace(FLOW, "observers have %zu bytes of each connection, which is %s", memory->slots_size,
	      memory->keep ? "kept to the end" : "forgotten when it is over");
	tracker->memory = *memory;
	flow_store_free(tracker->store);
	tracker->store = flow_store_new(tracker->clock, &options);
}

/* --- Beginning and forgetting ---------------------------------------------------------------- */

/* When nothing more of a connection is expected: 2 MSL after its last segment, once both sides have
 * ended. */
static NsTime retirement(const Tracker *tracker, const Connection *connection)
{
	if (!connection_is_over(connection))
		return NSTIME_NEVER;
	return connection->last + 2 * tracker->rules.msl;
}

/* Frees what only a connection that goes on needs, and tells. */
static void finish(Tracker *tracker, Connection *connection)
{
	connection->retired = true;
	tracker->hooks.phase(tracker->hooks.data, connection, CONNECTION_RETIRED);
	timer_disarm(tracker->clock, &connection->record.timer);
	tcp_side_clear(&connection->side[0]);
	tcp_side_clear(&connection->side[1]);
	g_clear_pointer(&connection->provisional, g_free);
}

/* Forgets a connection unless somebody reads it at the end. */
static void let_go(Tracker *tracker, Connection *connection)
{
	finish(tracker, connection);
	flow_store_let_go(tracker->store, connection);
}

/* The present incarnation. One of which nothing more was expected, and that is kept as its
 * segments, is made the connection that it was when its key is used again: who follows connections
 * hears of it before. */
static FlowRecord *look(Tracker *tracker, const FlowKey *key, uint32_t hash)
{
	FlowRecord *record = flow_store_look(tracker->store, key, hash);

	if (!record || !record->frozen || !record->gone)
		return record;
	let_go(tracker, flow_store_awaken(tracker->store, record));
	return NULL;
}

static void retire(Tracker *tracker, Connection *connection)
{
	if (connection->previous)
		let_go(tracker, g_steal_pointer(&connection->previous));
	let_go(tracker, connection);
}

/* There are too many: the one that has been idle for longest goes, ended or not. It counts in no
 * state any more. */
static void evict(Tracker *tracker, Connection *connection)
{
	FlowKey key = connection->key;
	FlowRecord *present;

	if (connection->previous)
		let_go(tracker, g_steal_pointer(&connection->previous));
	if (!connection->present) {
		present = flow_store_look(tracker->store, &key, connection->record.hash);
		/* One that is frozen has none before it. */
		if (present && !present->frozen && ((Connection *)present)->previous == connection)
			((Connection *)present)->previous = NULL;
	}
	if (!connection->retired)
		finish(tracker, connection);
	for (unsigned i = 0; i < (connection->self ? 1 : 2); i++)
		tracker->totals->states[connection->side[i].state]--;
	tracker->totals->evicted++;
	/* What was said of it is told while it is there. */
	tracker->hooks.done(tracker->hooks.data);
	tracker->hooks.phase(tracker->hooks.data, connection, CONNECTION_EVICTED);
	flow_store_evict(tracker->store, connection);
}

/* Lets go those that are too many. */
static G_GNUC_NO_INLINE void bound(Tracker *tracker)
{
	while (flow_store_size(tracker->store) > tracker->memory.max) {
		FlowRecord *oldest = flow_store_oldest_record(tracker->store);

		if (!oldest->embryo || !embryos_evict(tracker, oldest))
			evict(tracker, flow_store_oldest(tracker->store));
	}
}

/* Every segment comes here. */
static inline void settle(Tracker *tracker)
{
	flow_store_settle(tracker->store);
	if (tracker->memory.max)
		bound(tracker);
}

void tracker_settle(Tracker *tracker)
{
	settle(tracker);
}

/* @previous: the incarnation that it takes the place of; NULL: none. */
static Connection *open_connection(Tracker *tracker, const FlowPlace *place, const Segment *segment,
				   Connection *previous)
{
	Connection *connection = connection_new(flow_store_pool(tracker->store), &place->key,
						place->sender, segment, tracker->memory.keep);

	connection->previous = previous;
	connection->number = ++tracker->totals->connections;
	flow_store_add(tracker->store, connection, place->hash);
	flow_store_touch(tracker->store, connection);
	tracker->totals->states[TCP_STATE_UNKNOWN] += connection->self ? 1 : 2;
	tracker->totals->open[connection->open]++;
	tracker->totals->close[connection->close]++;
	tracker->hooks.phase(tracker->hooks.data, connection, CONNECTION_OPENED);
	return connection;
}

/* Moves a segment through its connection and keeps the counts by kind true. Returns its class as it
 * was used. */
static unsigned move_connection(Tracker *tracker, Connection *connection, unsigned sender,
				const Segment *segment, unsigned class)
{
	unsigned open = connection->open;
	unsigned close = connection->close;

	class = connection_segment(connection, sender, segment, class, &tracker->rules);
	tracker->totals->open[open]--;
	tracker->totals->open[connection->open]++;
	tracker->totals->close[close]--;
	tracker->totals->close[connection->close]++;
	return class;
}

/* A new incarnation takes the place of @old, which is kept behind it for its late segments. */
static Connection *replace_connection(Tracker *tracker, Connection *old, unsigned sender,
				      const Segment *syn, const Segment *shown_by)
{
	FlowPlace place = { .key = old->key, .hash = old->record.hash, .sender = sender };

	connection_replace(old, shown_by, &tracker->rules);
	if (old->previous)
		let_go(tracker, g_steal_pointer(&old->previous));
	flow_store_displace(tracker->store, old);
	timer_disarm(tracker->clock, &old->record.timer);
	return open_connection(tracker, &place, syn, old);
}

/* Makes the provisional SYN of @old real: a connection of its own, its SYN as its first segment. */
static Connection *make_real(Tracker *tracker, Connection *old, const Segment *shown_by)
{
	g_autofree Segment *syn = g_steal_pointer(&old->provisional);
	Connection *connection;
	unsigned sender;

	flow_key(syn, &sender);
	connection_unstray(old, sender, syn);
	connection = replace_connection(tracker, old, sender, syn, shown_by);
	move_connection(tracker, connection, sender, syn,
			classify_segment(connection_side(connection, sender),
					 connection_side(connection, !sender), syn));
	return connection;
}

/* Arms for what a clock does after @now, which is not done again at that very moment. */
static void arm(Tracker *tracker, Connection *connection, NsTime now)
{
	NsTime next = nstime_earlier(connection_deadline(connection, &tracker->rules),
				     retirement(tracker, connection));

	if (connection->previous)
		next = MIN(next, connection->previous->last + 2 * tracker->rules.msl);
	next = nstime_earlier(next, tracker->hooks.due(tracker->hooks.data, connection, now));
	timer_arm(tracker->clock, &connection->record.timer,
		  next == NSTIME_NEVER ? next : MAX(next, now + 1));
}

/* Nothing is expected of this side any more. */
static bool is_resting(const Connection *connection, unsigned end)
{
	TcpState state = connection_state(connection, end);

	return state == TCP_STATE_TIME_WAIT || state == TCP_STATE_CLOSED;
}

void tracker_arm(Tracker *tracker, Connection *connection)
{
	/* A connection that was replaced is looked after by its successor. */
	if (!connection->present)
		return;
	arm(tracker, connection, clock_now(tracker->clock));
	if (is_resting(connection, 0) && is_resting(connection, 1))
		flow_store_rest(tracker->store, connection);
}

static void on_timer(void *data, Timer *timer, NsTime now)
{
	Tracker *tracker = data;
	bool slept = ((FlowRecord *)timer)->frozen;
	Connection *connection;
	unsigned open;
	bool gone;

	tracker->totals->now = now;
	if (((FlowRecord *)timer)->embryo && embryos_end(tracker, (FlowRecord *)timer, now))
		return;
	connection = flow_store_wake(tracker->store, timer);
	open = connection->open;
	connection_expire(connection, now, &tracker->rules);
	tracker->totals->open[open]--;
	tracker->totals->open[connection->open]++;
	tracker->hooks.fired(tracker->hooks.data);
	if (connection->previous && connection->previous->last + 2 * tracker->rules.msl <= now)
		let_go(tracker, g_steal_pointer(&connection->previous));
	gone = retirement(tracker, connection) <= now;
	if (gone) {
		/* What the clock did to it is told while it is there. */
		tracker->hooks.done(tracker->hooks.data);
		retire(tracker, connection);
	} else {
		arm(tracker, connection, now);
	}
	tracker->hooks.done(tracker->hooks.data);
	if (!gone && slept) {
		flow_store_rest(tracker->store, connection);
		flow_store_settle(tracker->store);
	}
}

void tracker_advance(Tracker *tracker, NsTime now)
{
	if (clock_advance(tracker->clock, now))
		tracker->totals->now = now;
}

/* --- The way of a segment -------------------------------------------------------------------- */

void tracker_expect(const Tracker *tracker, const FlowPlace *place)
{
	flow_store_expect(tracker->store, place->hash);
}

uint64_t tracker_looks(const Tracker *tracker, const FlowPlace *place, const Frame *frame,
		       const Segment *segment)
{
	return copies_expect(tracker->copies, place, frame, segment);
}

void tracker_expect_next(const Tracker *tracker, const FlowPlace *place)
{
	flow_store_expect_record(tracker->store, place->hash);
}

/* Finds the incarnation that the segment belongs to, or begins one, and moves it. */
static void track(Tracker *tracker, SegmentEvent *event, const FlowPlace *place)
{
	const Segment *segment = event->segment;
	FlowRecord *record = look(tracker, &place->key, place->hash);
	CopyMatch match;
	bool alike = copies_match(tracker->copies, event->looks, place, segment, &match);
	Connection *connection;
	unsigned sender = place->sender;
	IncarnationVerdict verdict = INCARNATION_SAME;
	unsigned class = 0;

	if (record && record->embryo && !alike && embryos_take(tracker, record, event, place))
		return;
	connection = record ? flow_store_awaken(tracker->store, record) : NULL;
	event->sender = sender;
	event->copy_of = alike ? copy_of(tracker->copies, &match, event, connection) : 0;
	if (!connection && !event->copy_of && embryos_begin(tracker, segment, place))
		return;
	if (event->copy_of) {
		event->connection = connection;
		event->class = 0;
		tracker_set_before(event);
		return;
	}
	if (connection) {
		event->connection = connection;
		tracker_set_before(event);
		event->class = connection_steady(connection, sender, segment);
		event->steady = event->class != 0;
		if (event->steady)
			return;
		class = tracker_classify(connection, sender, segment);
		verdict = incarnation_judge(connection, sender, segment, class);
	} else {
		connection = open_connection(tracker, place, segment, NULL);
		class = tracker_classify(connection, sender, segment);
	}
	switch (verdict) {
	case INCARNATION_NEW:
		connection = replace_connection(tracker, connection, sender, segment, segment);
		class = tracker_classify(connection, sender, segment);
		break;
	case INCARNATION_ANSWERED:
		connection = make_real(tracker, connection, segment);
		class = tracker_classify(connection, sender, segment);
		break;
	case INCARNATION_PREVIOUS:
		event->connection = connection->previous;
		event->class = tracker_classify(event->connection, sender, segment) | SEGMENT_STRAY;
		tracker_set_before(event);
		connection_stray(event->connection, sender, segment);
		flow_store_touch(tracker->store, event->connection);
		flow_store_touch(tracker->store, connection);
		return;
	case INCARNATION_PROVISIONAL:
		event->class = class | SEGMENT_STRAY;
		if (!connection->provisional)
			connection->provisional = g_new(Segment, 1);
		*connection->provisional = *segment;
		connection_stray(connection, sender, segment);
		return;
	default:
		break;
	}
	if (event->connection != connection) {
		event->connection = connection;
		tracker_set_before(event);
	}
	event->class = move_connection(tracker, connection, sender, segment, class);
	if (verdict == INCARNATION_CLEARED) {
		/* The segment is the old one's; what it makes room for is armed here. */
		Connection *next = make_real(tracker, connection, segment);

		arm(tracker, next, clock_now(tracker->clock));
	}
}

void tracker_segment(Tracker *tracker, SegmentEvent *event, const FlowPlace *place)
{
	settle(tracker);
	tracker->current = event->segment;
	track(tracker, event, place);
	tracker->current = NULL;
	if (event->connection && event->connection->present)
		flow_store_touch(tracker->store, event->connection);
}

bool tracker_icmp(Tracker *tracker, IcmpEvent *event)
{
	const IcmpError *error = event->error;
	const Segment quoted = { .src = error->src, .dst = error->dst, .scope = error->scope };
	FlowKey key = flow_key(&quoted, &event->side);
	Connection *connection;
	FlowRecord *record;

	tracker_settle(tracker);
	record = look(tracker, &key, flow_key_hash(&key));
	if (!record)
		return false;
	connection = flow_store_awaken(tracker->store, record);
	event->connection = connection;
	event->before = connection_state(connection, event->side);
	connection_icmp(connection, event->side, error, &tracker->rules);
	return true;
}

void tracker_read(Tracker *tracker, const unsigned *numbers, size_t count, ConnectionVisit visit,
		  void *data)
{
	bool was_reading = tracker->reading;

	tracker->reading = true;
	flow_store_read(tracker->store, numbers, count, visit, data);
	tracker->reading = was_reading;
}

void tracker_each(Tracker *tracker, const FlowVisit *visit)
{
	flow_store_each(tracker->store, visit);
}
