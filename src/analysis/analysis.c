/* The body of the loop: a frame goes in, events come out. Knows the order of the steps; knows neither where frames come from
 * nor how events are printed. */
#include "analysis/analysis.h"

#include <string.h>

#include "base/diag.h"
#include "flow/clock.h"
#include "flow/flow-table.h"
#include "flow/incarnation.h"

struct Analysis {
	AnalysisOptions options;
	ConnectionRules rules;       /* the clocks, and where transitions go */
	Clock *clock;                /* capture time */
	FlowTable *table;            /* present incarnations */
	GPtrArray *detectors;        /* Observer, owned */
	GPtrArray *reports;          /* Observer, owned */
	size_t slots_size;           /* bytes of all observers' slots */
	bool keep;                   /* some report reads connections at the end */
	GPtrArray *connections;      /* Connection by number, owned: all of them when kept, else those in the table */
	int worst;                   /* highest severity raised; -1: none */
	GHashTable *listeners;       /* Endpoint -> itself: those that sent a SYN-ACK */
	GArray *transitions;         /* Transition: of the segment or clock at hand */
	GArray *raised;              /* Anomaly: the same; their messages are owned until delivered */
	const Segment *current;      /* the segment at hand, whose frame and time events carry; NULL: a clock */
	AnalysisTotals totals;
};

static void on_transition(void *data, const Transition *transition);
static void on_timer(void *data, Timer *timer, NsTime now);

static unsigned endpoint_hash(gconstpointer key)
{
	FlowKey both = { .end = { *(const Endpoint *)key } };

	return flow_key_hash(&both);
}

static gboolean endpoint_equal(gconstpointer a, gconstpointer b)
{
	return endpoint_compare(a, b) == 0;
}

static void observer_free(void *data)
{
	Observer *observer = data;

	if (observer->free)
		observer->free(observer);
	else
		g_free(observer);
}

Analysis *analysis_new(const AnalysisOptions *options)
{
	Analysis *analysis = g_new0(Analysis, 1);

	analysis->options = *options;
	analysis->worst = -1;
	analysis->rules = (ConnectionRules){ options->msl, on_transition, analysis };
	analysis->clock = clock_new(on_timer, analysis);
	analysis->table = flow_table_new();
	analysis->detectors = g_ptr_array_new_with_free_func(observer_free);
	analysis->reports = g_ptr_array_new_with_free_func(observer_free);
	analysis->connections = g_ptr_array_new();
	analysis->listeners = g_hash_table_new_full(endpoint_hash, endpoint_equal, g_free, NULL);
	analysis->transitions = g_array_new(FALSE, FALSE, sizeof(Transition));
	analysis->raised = g_array_new(FALSE, FALSE, sizeof(Anomaly));
	return analysis;
}

void analysis_free(Analysis *analysis)
{
	if (!analysis)
		return;
	g_ptr_array_unref(analysis->detectors);
	g_ptr_array_unref(analysis->reports);
	for (unsigned i = 0; i < analysis->connections->len; i++)
		connection_free(analysis->connections->pdata[i]);
	g_ptr_array_unref(analysis->connections);
	g_hash_table_unref(analysis->listeners);
	g_array_unref(analysis->transitions);
	g_array_unref(analysis->raised);
	flow_table_free(analysis->table);
	clock_free(analysis->clock);
	g_free(analysis);
}

static void add_observer(Analysis *analysis, GPtrArray *list, Observer *observer)
{
	g_assert(analysis->totals.frames == 0);
	observer->slot_offset = analysis->slots_size;
	analysis->slots_size += (observer->slot_size + 7) / 8 * 8;
	analysis->keep |= observer->needs_connections;
	g_ptr_array_add(list, observer);
}

void analysis_add_detector(Analysis *analysis, Observer *observer)
{
	add_observer(analysis, analysis->detectors, observer);
}

void analysis_add_report(Analysis *analysis, Observer *observer)
{
	add_observer(analysis, analysis->reports, observer);
}

const AnalysisOptions *analysis_options(const Analysis *analysis)
{
	return &analysis->options;
}

const AnalysisTotals *analysis_totals(const Analysis *analysis)
{
	return &analysis->totals;
}

/* --- Events --------------------------------------------------------------------------------- */

static void on_transition(void *data, const Transition *transition)
{
	Analysis *analysis = data;
	Transition event = *transition;

	/* A provisional SYN is told of when it becomes real, at the segment that shows it. */
	if (analysis->current) {
		event.frame = analysis->current->frame;
		event.time = analysis->current->time;
	}
	analysis->totals.states[event.counted]--;
	analysis->totals.states[event.to]++;
	if (event.from == TCP_STATE_LISTEN) {
		const Endpoint *end = &event.connection->key.end[event.side];

		if (!g_hash_table_contains(analysis->listeners, end)) {
			Endpoint *copy = g_new(Endpoint, 1);

			*copy = *end;
			g_hash_table_add(analysis->listeners, copy);
		}
	}
	g_array_append_val(analysis->transitions, event);
}

void analysis_raise(Analysis *analysis, const Anomaly *anomaly)
{
	Anomaly copy = *anomaly;

	copy.message = g_strdup(anomaly->message);
	analysis->totals.anomalies[copy.kind]++;
	analysis->worst = MAX(analysis->worst, (int)copy.severity);
	if (copy.connection && copy.connection->report)
		copy.connection->report->anomalies |= UINT64_C(1) << copy.kind;
	g_array_append_val(analysis->raised, copy);
}

/* Tells detectors of the transitions at hand. */
static void detect_transitions(Analysis *analysis)
{
	for (unsigned i = 0; i < analysis->transitions->len; i++) {
		const Transition *event = &g_array_index(analysis->transitions, Transition, i);

		for (unsigned k = 0; k < analysis->detectors->len; k++) {
			Observer *observer = analysis->detectors->pdata[k];

			if (observer->transition)
				observer->transition(observer, event);
		}
	}
}

/* Tells reports of the segment (NULL: a clock), then of the transitions, then of the anomalies at hand. */
static void report_events(Analysis *analysis, const SegmentEvent *segment)
{
	for (unsigned k = 0; k < analysis->reports->len; k++) {
		Observer *observer = analysis->reports->pdata[k];

		if (segment && observer->segment)
			observer->segment(observer, segment);
		for (unsigned i = 0; observer->transition && i < analysis->transitions->len; i++)
			observer->transition(observer,
					     &g_array_index(analysis->transitions, Transition, i));
		for (unsigned i = 0; observer->anomaly && i < analysis->raised->len; i++)
			observer->anomaly(observer, &g_array_index(analysis->raised, Anomaly, i));
	}
	for (unsigned i = 0; i < analysis->raised->len; i++)
		g_free((char *)g_array_index(analysis->raised, Anomaly, i).message);
	g_array_set_size(analysis->transitions, 0);
	g_array_set_size(analysis->raised, 0);
}

static void tell_phase(Analysis *analysis, Connection *connection, ConnectionPhase phase)
{
	GPtrArray *lists[] = { analysis->detectors, analysis->reports };

	for (unsigned l = 0; l < G_N_ELEMENTS(lists); l++) {
		for (unsigned i = 0; i < lists[l]->len; i++) {
			Observer *observer = lists[l]->pdata[i];

			if (observer->connection)
				observer->connection(observer, connection, phase);
		}
	}
}

/* --- Connections ---------------------------------------------------------------------------- */

/* When nothing more of a connection is expected: 2 MSL after its last segment, once both sides have ended. */
static NsTime retirement(const Analysis *analysis, const Connection *connection)
{
	if (!connection_is_over(connection))
		return NSTIME_NEVER;
	return connection->last + 2 * analysis->options.msl;
}

/* Forgets a connection unless somebody reads it at the end. */
static void let_go(Analysis *analysis, Connection *connection)
{
	connection->retired = true;
	tell_phase(analysis, connection, CONNECTION_RETIRED);
	timer_disarm(analysis->clock, &connection->timer);
	tcp_side_clear(&connection->side[0]);
	tcp_side_clear(&connection->side[1]);
	g_clear_pointer(&connection->provisional, g_free);
	if (!analysis->keep) {
		Connection *last = analysis->connections->pdata[analysis->connections->len - 1];

		last->place = connection->place;
		analysis->connections->pdata[connection->place] = last;
		g_ptr_array_set_size(analysis->connections, (int)analysis->connections->len - 1);
		connection_free(connection);
	}
}

static void retire(Analysis *analysis, Connection *connection)
{
	if (connection->previous)
		let_go(analysis, g_steal_pointer(&connection->previous));
	flow_table_remove(analysis->table, connection);
	let_go(analysis, connection);
}

static Connection *open_connection(Analysis *analysis, const FlowKey *key, unsigned sender,
				   const Segment *segment)
{
	Connection *connection =
		connection_new(key, sender, segment, analysis->slots_size, analysis->keep);

	connection->number = ++analysis->totals.connections;
	connection->place = analysis->connections->len;
	g_ptr_array_add(analysis->connections, connection);
	flow_table_add(analysis->table, connection);
	analysis->totals.states[TCP_STATE_UNKNOWN] += connection->self ? 1 : 2;
	analysis->totals.open[connection->open]++;
	analysis->totals.close[connection->close]++;
	tell_phase(analysis, connection, CONNECTION_OPENED);
	return connection;
}

/* Moves a segment through its connection and keeps the counts by kind true. Returns its class as it was used. */
static unsigned move_connection(Analysis *analysis, Connection *connection, unsigned sender,
				const Segment *segment, unsigned class)
{
	unsigned open = connection->open;
	unsigned close = connection->close;

	class = connection_segment(connection, sender, segment, class, &analysis->rules);
	analysis->totals.open[open]--;
	analysis->totals.open[connection->open]++;
	analysis->totals.close[close]--;
	analysis->totals.close[connection->close]++;
	return class;
}

/* A new incarnation takes the place of @old, which is kept behind it for its late segments. */
static Connection *replace_connection(Analysis *analysis, Connection *old, unsigned sender,
				      const Segment *syn, const Segment *shown_by)
{
	Connection *connection;
	FlowKey key = old->key;

	connection_replace(old, shown_by, &analysis->rules);
	if (old->previous)
		let_go(analysis, g_steal_pointer(&old->previous));
	flow_table_remove(analysis->table, old);
	timer_disarm(analysis->clock, &old->timer);
	connection = open_connection(analysis, &key, sender, syn);
	connection->previous = old;
	return connection;
}

/* Makes the provisional SYN of @old real: a connection of its own, its SYN as its first segment. */
static Connection *make_real(Analysis *analysis, Connection *old, const Segment *shown_by)
{
	g_autofree Segment *syn = g_steal_pointer(&old->provisional);
	Connection *connection;
	unsigned sender;

	flow_key(syn, &sender);
	connection = replace_connection(analysis, old, sender, syn, shown_by);
	move_connection(analysis, connection, sender, syn,
			classify_segment(connection_side(connection, sender),
					 connection_side(connection, !sender), syn));
	return connection;
}

/* Arms the connection's one timer for the nearest thing that a clock will do to it. */
static void arm(Analysis *analysis, Connection *connection, NsTime now)
{
	NsTime next = MIN(connection_deadline(connection, &analysis->rules),
			  retirement(analysis, connection));

	if (connection->previous)
		next = MIN(next, connection->previous->last + 2 * analysis->options.msl);
	for (unsigned i = 0; i < analysis->detectors->len; i++) {
		Observer *observer = analysis->detectors->pdata[i];

		if (observer->due)
			next = MIN(next, observer->due(observer, connection, now));
	}
	/* Never at this very moment again: the clock has to move on. */
	timer_arm(analysis->clock, &connection->timer,
		  next == NSTIME_NEVER ? next : MAX(next, now + 1));
}

static void on_timer(void *data, Timer *timer, NsTime now)
{
	Analysis *analysis = data;
	Connection *connection =
		(Connection *)((char *)timer - G_STRUCT_OFFSET(Connection, timer));
	unsigned open = connection->open;

	analysis->totals.now = now;
	connection_expire(connection, now, &analysis->rules);
	analysis->totals.open[open]--;
	analysis->totals.open[connection->open]++;
	detect_transitions(analysis);
	if (connection->previous &&
	    connection->previous->last + 2 * analysis->options.msl <= now)
		let_go(analysis, g_steal_pointer(&connection->previous));
	if (retirement(analysis, connection) <= now) {
		report_events(analysis, NULL);
		retire(analysis, connection);
		report_events(analysis, NULL);
		return;
	}
	arm(analysis, connection, now);
	report_events(analysis, NULL);
}

/* --- The way of a frame ---------------------------------------------------------------------- */

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

/* Finds the incarnation that the segment belongs to, or begins one, and moves it. */
static void track(Analysis *analysis, SegmentEvent *event)
{
	const Segment *segment = event->segment;
	FlowKey key = flow_key(segment, &event->sender);
	Connection *connection = flow_table_find(analysis->table, &key);
	unsigned sender = event->sender;
	IncarnationVerdict verdict = INCARNATION_SAME;
	unsigned class = 0;

	if (connection) {
		class = classify_for(connection, sender, segment);
		verdict = incarnation_judge(connection, sender, segment, class);
	} else {
		connection = open_connection(analysis, &key, sender, segment);
		class = classify_for(connection, sender, segment);
	}
	switch (verdict) {
	case INCARNATION_NEW:
		connection = replace_connection(analysis, connection, sender, segment, segment);
		class = classify_for(connection, sender, segment);
		break;
	case INCARNATION_ANSWERED:
		connection = make_real(analysis, connection, segment);
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
	event->class = move_connection(analysis, connection, sender, segment, class);
	if (verdict == INCARNATION_CLEARED) {
		/* The segment is the old one's; what it makes room for is armed here. */
		Connection *next = make_real(analysis, connection, segment);

		arm(analysis, next, segment->time);
	}
}

void analysis_advance(Analysis *analysis, NsTime now)
{
	if (clock_advance(analysis->clock, now))
		analysis->totals.now = now;
}

void analysis_frame(Analysis *analysis, const Frame *frame)
{
	AnalysisTotals *totals = &analysis->totals;
	Segment segment;
	SegmentEvent event = { .frame = frame, .segment = &segment };
	SkipReason reason = SKIP_FILTERED;

	if (!totals->frames++)
		totals->first = frame->time;
	if (frame->time < totals->last)
		totals->backward++;
	totals->last = MAX(totals->last, frame->time);
	analysis_advance(analysis, frame->time);

	if (!frame->rejected)
		reason = decode_frame(&analysis->options.decode, frame, &segment);
	if (reason != SKIP_NONE) {
		totals->skipped[reason]++;
		for (unsigned i = 0; i < analysis->reports->len; i++) {
			Observer *observer = analysis->reports->pdata[i];

			if (observer->skipped)
				observer->skipped(observer, frame, reason);
		}
		return;
	}
	totals->segments++;
	analysis->current = &segment;
	track(analysis, &event);
	for (unsigned i = 0; i < analysis->detectors->len; i++) {
		Observer *observer = analysis->detectors->pdata[i];

		if (observer->segment)
			observer->segment(observer, &event);
	}
	detect_transitions(analysis);
	if (!event.connection->retired && flow_table_find(analysis->table, &event.connection->key) ==
						  event.connection)
		arm(analysis, event.connection, clock_now(analysis->clock));
	report_events(analysis, &event);
	analysis->current = NULL;
}

/* --- The end -------------------------------------------------------------------------------- */

const GPtrArray *analysis_connections(Analysis *analysis)
{
	return analysis->connections;
}

GPtrArray *analysis_listeners(Analysis *analysis)
{
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	void *end;

	g_hash_table_iter_init(&iter, analysis->listeners);
	while (g_hash_table_iter_next(&iter, &end, NULL))
		g_ptr_array_add(list, end);
	return list;
}

bool analysis_found(const Analysis *analysis, AnomalyKind kind)
{
	return analysis->totals.anomalies[kind] > 0;
}

bool analysis_found_severity(const Analysis *analysis, Severity severity)
{
	return analysis->worst >= (int)severity;
}

static int by_number(gconstpointer a, gconstpointer b)
{
	const Connection *x = *(Connection *const *)a;
	const Connection *y = *(Connection *const *)b;

	return x->number < y->number ? -1 : x->number > y->number;
}

void analysis_finish(Analysis *analysis, const InputStats *input)
{
	AnalysisTotals *totals = &analysis->totals;

	totals->input = *input;
	totals->states[TCP_STATE_LISTEN] = g_hash_table_size(analysis->listeners);
	for (unsigned i = 0; i < analysis->detectors->len; i++) {
		Observer *observer = analysis->detectors->pdata[i];

		if (observer->finish)
			observer->finish(observer, totals);
	}
	report_events(analysis, NULL);
	if (!analysis->keep)
		g_ptr_array_sort(analysis->connections, by_number);
	for (unsigned i = 0; i < analysis->reports->len; i++) {
		Observer *observer = analysis->reports->pdata[i];

		if (observer->finish)
			observer->finish(observer, totals);
	}
}
