/* The connections over time: which one a segment belongs to, when one begins, when one is
 * forgotten. Knows incarnations and their timers; knows no observer. */
#include "analysis/tracker.h"

#include "analysis/copies.h"
#include "flow/clock.h"
#include "flow/flow-table.h"
#include "flow/incarnation.h"

struct Tracker {
	ConnectionRules rules;  /* the clocks, and where transitions go */
	TrackerHooks hooks;     /* whom to tell */
	AnalysisTotals *totals; /* what is counted; borrowed */
	Clock *clock;           /* capture time */
	FlowTable *table;       /* present incarnations */
	Copies *copies;         /* what was captured a moment ago */
	size_t slots_size;      /* bytes of observers' memory in a connection */
	bool keep;              /* somebody reads connections at the end */
	GPtrArray *connections; /* Connection by number, owned: all of them when kept, else those
				   not forgotten */
	bool disordered; /* one that was forgotten left a gap in them, which the last one filled */
	const Segment *current; /* the segment at hand, whose frame and time transitions carry;
				   NULL: a clock */
};

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
	tracker->table = flow_table_new();
	tracker->copies = copies_new();
	tracker->connections = g_ptr_array_new();
	return tracker;
}

void tracker_free(Tracker *tracker)
{
	if (!tracker)
		return;
	for (unsigned i = 0; i < tracker->connections->len; i++)
		connection_free(tracker->connections->pdata[i]);
	g_ptr_array_unref(tracker->connections);
	flow_table_free(tracker->table);
	copies_free(tracker->copies);
	clock_free(tracker->clock);
	g_free(tracker);
}

void tracker_reserve(Tracker *tracker, size_t slots_size, bool keep)
{
	tracker->slots_size = slots_size;
	tracker->keep = keep;
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

/* Forgets a connection unless somebody reads it at the end. */
static void let_go(Tracker *tracker, Connection *connection)
{
	connection->retired = true;
	tracker->hooks.phase(tracker->hooks.data, connection, CONNECTION_RETIRED);
	timer_disarm(tracker->clock, &connection->timer);
	tcp_side_clear(&connection->side[0]);
	tcp_side_clear(&connection->side[1]);
	g_clear_pointer(&connection->provisional, g_free);
	if (!tracker->keep) {
		Connection *last = tracker->connections->pdata[tracker->connections->len - 1];

		tracker->disordered |= last != connection;
		last->place = connection->place;
		tracker->connections->pdata[connection->place] = last;
		g_ptr_array_set_size(tracker->connections, (int)tracker->connections->len - 1);
		connection_free(connection);
	}
}

static void retire(Tracker *tracker, Connection *connection)
{
	if (connection->previous)
		let_go(tracker, g_steal_pointer(&connection->previous));
	flow_table_remove(tracker->table, connection);
	let_go(tracker, connection);
}

/* @previous: the incarnation that it takes the place of; NULL: none. */
static Connection *open_connection(Tracker *tracker, const FlowKey *key, unsigned sender,
				   const Segment *segment, Connection *previous)
{
	Connection *connection =
		connection_new(key, sender, segment, tracker->slots_size, tracker->keep);

	connection->previous = previous;
	connection->number = ++tracker->totals->connections;
	connection->place = tracker->connections->len;
	g_ptr_array_add(tracker->connections, connection);
	flow_table_add(tracker->table, connection);
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
	FlowKey key = old->key;

	connection_replace(old, shown_by, &tracker->rules);
	if (old->previous)
		let_go(tracker, g_steal_pointer(&old->previous));
	flow_table_remove(tracker->table, old);
	timer_disarm(tracker->clock, &old->timer);
	return open_connection(tracker, &key, sender, syn, old);
}

/* Makes the provisional SYN of @old real: a connection of its own, its SYN as its first segment. */
static Connection *make_real(Tracker *tracker, Connection *old, const Segment *shown_by)
{
	g_autofree Segment *syn = g_steal_pointer(&old->provisional);
	Connection *connection;
	unsigned sender;

	flow_key(syn, &sender);
	connection = replace_connection(tracker, old, sender, syn, shown_by);
	move_connection(tracker, connection, sender, syn,
			classify_segment(connection_side(connection, sender),
					 connection_side(connection, !sender), syn));
	return connection;
}

/* Arms for what a clock does after @now, which is not done again at that very moment. */
static void arm(Tracker *tracker, Connection *connection, NsTime now)
{
	NsTime next = MIN(connection_deadline(connection, &tracker->rules),
			  retirement(tracker, connection));

	if (connection->previous)
		next = MIN(next, connection->previous->last + 2 * tracker->rules.msl);
	next = MIN(next, tracker->hooks.due(tracker->hooks.data, connection, now));
	timer_arm(tracker->clock, &connection->timer,
		  next == NSTIME_NEVER ? next : MAX(next, now + 1));
}

void tracker_arm(Tracker *tracker, Connection *connection)
{
	/* A connection that was replaced is looked after by its successor. */
	if (connection->present)
		arm(tracker, connection, clock_now(tracker->clock));
}

static void on_timer(void *data, Timer *timer, NsTime now)
{
	Tracker *tracker = data;
	Connection *connection = (Connection *)((char *)timer - G_STRUCT_OFFSET(Connection, timer));
	unsigned open = connection->open;

	tracker->totals->now = now;
	connection_expire(connection, now, &tracker->rules);
	tracker->totals->open[open]--;
	tracker->totals->open[connection->open]++;
	tracker->hooks.fired(tracker->hooks.data);
	if (connection->previous && connection->previous->last + 2 * tracker->rules.msl <= now)
		let_go(tracker, g_steal_pointer(&connection->previous));
	if (retirement(tracker, connection) <= now) {
		/* What the clock did to it is told while it is there. */
		tracker->hooks.done(tracker->hooks.data);
		retire(tracker, connection);
	} else {
		arm(tracker, connection, now);
	}
	tracker->hooks.done(tracker->hooks.data);
}

void tracker_advance(Tracker *tracker, NsTime now)
{
	if (clock_advance(tracker->clock, now))
		tracker->totals->now = now;
}

/* --- The way of a segment -------------------------------------------------------------------- */

static unsigned classify_for(const Connection *connection, unsigned sender, const Segment *segment)
{
	return classify_segment(connection_side(connection, sender),
				connection_side(connection, !sender), segment);
}

static void set_before(SegmentEvent *event)
{
	event->before[0] = connection_state(event->connection, 0);
	event->before[1] = connection_state(event->connection, 1);
	event->idle = MAX(event->segment->time - event->connection->last, 0);
}

/* The frame in which the segment was captured before; 0: none. */
static uint64_t copy_of(Tracker *tracker, const SegmentEvent *event, const Connection *connection)
{
	CopyMatch match = copies_match(tracker->copies, event->frame, event->segment);
	unsigned peer = !event->sender;

	if (!connection || connection->self)
		return 0;
	/* What the peer sent in between may be why it was sent once more. */
	return match.sure || connection->last_sent[peer] <= match.time ? match.frame : 0;
}

/* Finds the incarnation that the segment belongs to, or begins one, and moves it. */
static void track(Tracker *tracker, SegmentEvent *event)
{
	const Segment *segment = event->segment;
	FlowKey key = flow_key(segment, &event->sender);
	Connection *connection = flow_table_find(tracker->table, &key);
	unsigned sender = event->sender;
	IncarnationVerdict verdict = INCARNATION_SAME;
	unsigned class = 0;

	event->copy_of = copy_of(tracker, event, connection);
	if (event->copy_of) {
		copies_confirm(tracker->copies);
		event->connection = connection;
		event->class = 0;
		set_before(event);
		return;
	}
	if (connection) {
		class = classify_for(connection, sender, segment);
		verdict = incarnation_judge(connection, sender, segment, class);
	} else {
		connection = open_connection(tracker, &key, sender, segment, NULL);
		class = classify_for(connection, sender, segment);
	}
	switch (verdict) {
	case INCARNATION_NEW:
		connection = replace_connection(tracker, connection, sender, segment, segment);
		class = classify_for(connection, sender, segment);
		break;
	case INCARNATION_ANSWERED:
		connection = make_real(tracker, connection, segment);
		class = classify_for(connection, sender, segment);
		break;
	case INCARNATION_PREVIOUS:
		event->connection = connection->previous;
		event->class = classify_for(event->connection, sender, segment) | SEGMENT_STRAY;
		set_before(event);
		connection_stray(event->connection, sender, segment);
		return;
	case INCARNATION_PROVISIONAL:
		event->connection = connection;
		event->class = class | SEGMENT_STRAY;
		set_before(event);
		if (!connection->provisional)
			connection->provisional = g_new(Segment, 1);
		*connection->provisional = *segment;
		connection_stray(connection, sender, segment);
		return;
	default:
		break;
	}
	event->connection = connection;
	set_before(event);
	event->class = move_connection(tracker, connection, sender, segment, class);
	if (verdict == INCARNATION_CLEARED) {
		/* The segment is the old one's; what it makes room for is armed here. */
		Connection *next = make_real(tracker, connection, segment);

		arm(tracker, next, clock_now(tracker->clock));
	}
}

void tracker_segment(Tracker *tracker, SegmentEvent *event)
{
	tracker->current = event->segment;
	track(tracker, event);
	tracker->current = NULL;
}

bool tracker_icmp(Tracker *tracker, IcmpEvent *event)
{
	const IcmpError *error = event->error;
	const Segment quoted = { .src = error->src, .dst = error->dst, .scope = error->scope };
	FlowKey key = flow_key(&quoted, &event->side);
	Connection *connection = flow_table_find(tracker->table, &key);

	if (!connection)
		return false;
	event->connection = connection;
	event->before = connection_state(connection, event->side);
	connection_icmp(connection, event->side, error, &tracker->rules);
	return true;
}

static int by_number(gconstpointer a, gconstpointer b)
{
	const Connection *x = *(Connection *const *)a;
	const Connection *y = *(Connection *const *)b;

	return x->number < y->number ? -1 : x->number > y->number;
}

const GPtrArray *tracker_connections(Tracker *tracker)
{
	if (tracker->disordered) {
		tracker->disordered = false;
		g_ptr_array_sort(tracker->connections, by_number);
		for (unsigned i = 0; i < tracker->connections->len; i++)
			((Connection *)tracker->connections->pdata[i])->place = i;
	}
	return tracker->connections;
}
