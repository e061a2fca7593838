/* Who is told of what: detectors of segments and transitions, then reports of those and of what was
 * raised. Knows the order in which they are told; knows nothing of what happened. */
#include "analysis/analysis-parts.h"

/* One that was counted before, or not. */
static void keep_transition(void *data, const Transition *transition)
{
	Analysis *analysis = data;

	if (analysis->changes == analysis->room) {
		analysis->room = MAX(2 * analysis->room, 16);
		analysis->transitions = g_renew(Transition, analysis->transitions, analysis->room);
	}
	analysis->transitions[analysis->changes++] = *transition;
}

static void on_transition(void *data, const Transition *transition)
{
	const Endpoint *ends = transition->connection->key.end;

	if (transition->from == TCP_STATE_LISTEN)
		listeners_add(((Analysis *)data)->listeners, &ends[transition->side],
			      transition->time);
	keep_transition(data, transition);
}

void analysis_raise(Analysis *analysis, const Anomaly *anomaly)
{
	Anomaly copy = anomaly_copy(anomaly);

	anomaly_count(&copy, &analysis->totals);
	g_array_append_val(analysis->raised, copy);
}

void analysis_forget(Analysis *analysis, Forgotten what)
{
	analysis->totals.forgotten[what]++;
}

void analysis_detect_copy(Analysis *analysis, const SegmentEvent *event)
{
	for (unsigned i = 0; i < analysis->detectors->len; i++) {
		Observer *observer = analysis->detectors->pdata[i];

		if (observer->copy)
			observer->copy(observer, event);
	}
}

void analysis_detect_transitions(Analysis *analysis)
{
	for (unsigned i = 0; i < analysis->changes; i++) {
		const Transition *event = &analysis->transitions[i];
		unsigned who = interest_transition(&analysis->interest, event);

		while (who) {
			Observer *observer = analysis->detectors->pdata[interest_next(&who)];

			observer->transition(observer, event);
		}
	}
}

void analysis_tell_reports(Analysis *analysis, const SegmentEvent *segment)
{
	for (unsigned k = 0; k < analysis->reports->len; k++) {
		Observer *observer = analysis->reports->pdata[k];

		if (segment && observer->segment)
			observer->segment(observer, segment);
		for (unsigned i = 0; observer->transition && i < analysis->changes; i++)
			observer->transition(observer, &analysis->transitions[i]);
		for (unsigned i = 0; observer->anomaly && i < analysis->raised->len; i++)
			observer->anomaly(observer, &g_array_index(analysis->raised, Anomaly, i));
	}
	analysis->changes = 0;
	if (analysis->raised->len)
		g_array_set_size(analysis->raised, 0);
}

static void on_phase(void *data, Connection *connection, ConnectionPhase phase)
{
	const GPtrArray *followers = ((Analysis *)data)->followers;

	for (unsigned i = 0; i < followers->len; i++) {
		Observer *observer = followers->pdata[i];

		observer->connection(observer, connection, phase);
	}
}

/* Detectors alone: where there are embryos no report reads segments, transitions or phases as they
 * come. */
static void on_embryo(void *data, const Segment *syn, const FlowPlace *place, EmbryoMemo *memo)
{
	const GPtrArray *followers = ((Analysis *)data)->embryo_followers;

	for (unsigned i = 0; i < followers->len; i++) {
		Observer *observer = followers->pdata[i];

		observer->embryo(observer, syn, place, memo);
	}
}

static void on_answered(void *data, const Segment *syn_ack)
{
	listeners_add(((Analysis *)data)->listeners, &syn_ack->src, syn_ack->time);
}

static bool on_opened(void *data, const Segment *ack, const FlowPlace *place,
		      const EmbryoMemo *memo)
{
	const GPtrArray *followers = ((Analysis *)data)->opened_followers;

	for (unsigned i = 0; i < followers->len; i++) {
		Observer *observer = followers->pdata[i];

		if (!observer->opened(observer, ack, place, memo))
			return false;
	}
	return true;
}

static void on_waits(void *data, const TimeWaitEvent *event)
{
	const GPtrArray *followers = ((Analysis *)data)->waits_followers;

	for (unsigned i = 0; i < followers->len; i++) {
		Observer *observer = followers->pdata[i];

		observer->waits(observer, event);
	}
}

/* Reports that can be told late; transitions none of them wants. */
static void on_reread(void *data, const SegmentEvent *event)
{
	const Analysis *analysis = data;

	for (unsigned i = 0; analysis->reads_segments && i < analysis->reports->len; i++) {
		Observer *observer = analysis->reports->pdata[i];

		if (observer->segment)
			observer->segment(observer, event);
	}
}

static void on_hatched(void *data, const SegmentEvent *event)
{
	Analysis *analysis = data;
	unsigned raised = analysis->raised->len;

	if (event)
		analysis_detect_segment(analysis, event);
	analysis_detect_transitions(analysis);
	g_assert(analysis->raised->len == raised);
	if (event)
		on_reread(data, event);
	analysis->changes = 0;
}

static bool on_awaits(void *data, const FlowKey *key)
{
	const Analysis *analysis = data;

	for (unsigned i = 0; analysis->reads_segments && i < analysis->reports->len; i++) {
		Observer *observer = analysis->reports->pdata[i];

		if (observer->awaits && observer->awaits(observer, key))
			return true;
	}
	return false;
}

static void on_done(void *data)
{
	analysis_report_events(data, NULL);
}

static NsTime on_due(void *data, Connection *connection, NsTime now)
{
	Analysis *analysis = data;
	NsTime next = NSTIME_NEVER;

	for (unsigned left = connection_interest(connection)->timed; left; left &= left - 1) {
		Observer *observer = analysis->detectors->pdata[__builtin_ctz(left)];

		next = nstime_earlier(next, observer->due(observer, connection, now));
	}
	return next;
}

static void on_fired(void *data)
{
	analysis_detect_transitions(data);
}

TrackerHooks analysis_hooks(Analysis *analysis)
{
	return (TrackerHooks){
		.data = analysis,
		.transition = on_transition,
		.phase = on_phase,
		.embryo = on_embryo,
		.answered = on_answered,
		.opened = on_opened,
		.waits = on_waits,
		.anew = keep_transition,
		.hatched = on_hatched,
		.reread = on_reread,
		.awaits = on_awaits,
		.fired = on_fired,
		.due = on_due,
		.done = on_done,
	};
}
