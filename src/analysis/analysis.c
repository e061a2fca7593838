/* The body of the loop: a frame goes in, events come out. Knows the order of the steps; knows
 * neither where frames come from nor how events are printed. */
#include "analysis/analysis-parts.h"

#include "analysis/count.h"
#include "base/diag.h"

Analysis *analysis_new(const AnalysisOptions *options)
{
	Analysis *analysis = g_new0(Analysis, 1);
	const TrackerHooks hooks = analysis_hooks(analysis);

	analysis->options = *options;
	analysis->patience = NSTIME_NEVER;
	analysis->options.decode.fragments = fragments_new();
	analysis->options.decode.wifi = wifi_fragments_new();
	analysis->tracker = tracker_new(options->msl, &hooks, &analysis->totals);
	analysis->detectors = g_ptr_array_new_with_free_func(observer_free);
	analysis->reports = g_ptr_array_new_with_free_func(observer_free);
	analysis->followers = g_ptr_array_new();
	analysis->embryo_followers = g_ptr_array_new();
	analysis->opened_followers = g_ptr_array_new();
	analysis->waits_followers = g_ptr_array_new();
	analysis->listeners = listeners_new(options->max, &analysis->totals);
	analysis->raised = g_array_new(FALSE, FALSE, sizeof(Anomaly));
	g_array_set_clear_func(analysis->raised, anomaly_clear);
	return analysis;
}

void analysis_free(Analysis *analysis)
{
	if (!analysis)
		return;
	g_ptr_array_unref(analysis->followers);
	g_ptr_array_unref(analysis->embryo_followers);
	g_ptr_array_unref(analysis->opened_followers);
	g_ptr_array_unref(analysis->waits_followers);
	g_ptr_array_unref(analysis->detectors);
	g_ptr_array_unref(analysis->reports);
	tracker_free(analysis->tracker);
	fragments_free(analysis->options.decode.fragments);
	wifi_fragments_free(analysis->options.decode.wifi);
	listeners_free(analysis->listeners);
	g_free(analysis->transitions);
	g_array_unref(analysis->raised);
	g_free(analysis);
}

static void add_observer(Analysis *analysis, GPtrArray *list, Observer *observer)
{
	g_assert(analysis->totals.frames == 0);
	g_ptr_array_add(list, observer);
	analysis->slots_size = interest_place_slots(analysis->detectors, analysis->reports);
	analysis->keep |= observer->needs_connections;
	if (observer->patience)
		analysis->patience = nstime_earlier(analysis->patience, observer->patience);
	tracker_reserve(analysis->tracker,
			&(TrackerMemory){ .slots_size = analysis->slots_size,
					  .keep = analysis->keep,
					  .embryos = !analysis->follows && !diag_trace_mask,
					  .patience = analysis->patience,
					  .max = analysis->options.max });
	if (observer->connection)
		g_ptr_array_add(analysis->followers, observer);
	if (observer->embryo)
		g_ptr_array_add(analysis->embryo_followers, observer);
	if (observer->opened)
		g_ptr_array_add(analysis->opened_followers, observer);
	if (observer->waits)
		g_ptr_array_add(analysis->waits_followers, observer);
}

void analysis_add_detector(Analysis *analysis, Observer *observer)
{
	g_assert(analysis->detectors->len < DETECTORS_MAX);
	observer->id = analysis->detectors->len;
	if (observer->rings) {
		g_assert(!analysis->ringing);
		analysis->ringing = observer;
	}
	interest_add(&analysis->interest, observer);
	add_observer(analysis, analysis->detectors, observer);
}

void analysis_add_report(Analysis *analysis, Observer *observer)
{
	analysis->reads_segments |= observer->segment != NULL;
	g_assert(!observer->awaits || !observer->transition);
	analysis->follows |= !observer->awaits &&
			     (observer->segment || observer->transition || observer->connection);
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

/* --- The way of a frame ---------------------------------------------------------------------- */

/* Timers that are due before an alarm come before it. */
static G_GNUC_NO_INLINE void ring_until(Analysis *analysis, NsTime now)
{
	Observer *ringing = analysis->ringing;

	while (ringing->alarm <= now) {
		tracker_advance(analysis->tracker, ringing->alarm);
		ringing->rings(ringing, ringing->alarm);
		if (analysis->raised->len)
			analysis_report_events(analysis, NULL);
	}
}

void analysis_advance(Analysis *analysis, NsTime now)
{
	if (analysis->ringing && analysis->ringing->alarm <= now)
		ring_until(analysis, now);
	tracker_advance(analysis->tracker, now);
}

static void skip_frame(Analysis *analysis, const Frame *frame, SkipReason reason)
{
	analysis->totals.skipped[reason]++;
	for (unsigned i = 0; i < analysis->reports->len; i++) {
		Observer *observer = analysis->reports->pdata[i];

		if (observer->skipped)
			observer->skipped(observer, frame, reason);
	}
}

/* An ICMP error about a segment may end its connection. */
static void take_icmp(Analysis *analysis, const Frame *frame)
{
	IcmpError error;
	IcmpEvent event = { .error = &error };

	if (!decode_icmp_error(&analysis->options.decode, frame, &error) ||
	    !tracker_icmp(analysis->tracker, &event))
		return;
	for (unsigned i = 0; i < analysis->detectors->len; i++) {
		Observer *observer = analysis->detectors->pdata[i];

		if (observer->icmp)
			observer->icmp(observer, &event);
	}
	analysis_detect_transitions(analysis);
	tracker_arm(analysis->tracker, event.connection);
	analysis_report_events(analysis, NULL);
}

/* Takes the segment that was @decoded of @frame, which is @captured or a part of it, when its turn
 * has come. */
static void take_segment(Analysis *analysis, const Frame *captured, const Frame *frame,
			 const Decoded *decoded)
{
	const Segment *segment = &decoded->segment;
	/* Each member by itself: to clear all of it first is waited for. */
	SegmentEvent event = {
		.captured = captured,
		.frame = decode_packet(&analysis->options.decode, frame, segment),
		.segment = segment,
		.connection = NULL,
		.sender = 0,
		.class = 0,
		.before = { TCP_STATE_UNKNOWN, TCP_STATE_UNKNOWN },
		.steady = false,
		.idle = 0,
		.looks = decoded->looks,
		.copy_of = 0,
		.memo = NULL,
		.cut = false,
	};

	analysis->totals.segments++;
	if (segment->wrong_sums)
		count_wrong_sums(&analysis->totals, segment->wrong_sums);
	tracker_segment(analysis->tracker, &event, &decoded->place);
	if (!event.connection) {
		analysis_report_events(analysis, NULL);
		return;
	}
	if (event.copy_of)
		analysis_detect_copy(analysis, &event);
	else
		analysis_detect_segment(analysis, &event);
	analysis_detect_transitions(analysis);
	if (!event.steady || connection_interest(event.connection)->timed)
		tracker_arm(analysis->tracker, event.connection);
	analysis_report_events(analysis, &event);
}

/* Takes all parts of a frame. It is skipped when none of them is a segment, for the first's reason.
 * Adds to @unwrapped what they were in; @icmp is made the last of them that is ICMP. */
static SkipReason take_parts(Analysis *analysis, const Frame *frame, unsigned *unwrapped,
			     Frame *icmp)
{
	PartPosition position = { 0 };
	SkipReason result = SKIP_SEVERAL;
	Decoded decoded;
	Frame part;

	while (decode_part(frame, &position, &part)) {
		ahead_decode_one(&decoded, &analysis->options.decode, analysis->tracker, &part);
		*unwrapped |= decoded.segment.unwrapped;
		if (decoded.reason == SKIP_NONE)
			take_segment(analysis, frame, &part, &decoded);
		if (result == SKIP_SEVERAL || decoded.reason == SKIP_NONE)
			result = decoded.reason;
		if (decoded.reason == SKIP_ICMP)
			*icmp = part;
	}
	if (result != SKIP_SEVERAL)
		return result;
	return frame->caplen < frame->len ? SKIP_TRUNCATED : SKIP_BAD_LINK;
}

/* A frame that is no segment, or more than one. Returns what it was in. */
static G_GNUC_NO_INLINE unsigned take_other(Analysis *analysis, const Frame *frame,
					    const Decoded *decoded)
{
	unsigned unwrapped = decoded->segment.unwrapped;
	SkipReason reason = decoded->reason;
	Frame icmp = { .data = NULL };

	if (reason == SKIP_SEVERAL)
		reason = take_parts(analysis, frame, &unwrapped, &icmp);
	else if (reason == SKIP_ICMP)
		icmp = *frame;
	if (reason != SKIP_NONE)
		skip_frame(analysis, frame, reason);
	if (icmp.data)
		take_icmp(analysis, &icmp);
	return unwrapped;
}

/* A frame's turn: all that comes before it is done. */
static void take_frame(Analysis *analysis, const Frame *frame, const Decoded *decoded)
{
	unsigned unwrapped = decoded->segment.unwrapped;

	count_frame(&analysis->totals, frame);
	analysis_advance(analysis, frame->time);
	if (decoded->reason == SKIP_NONE)
		take_segment(analysis, frame, frame, decoded);
	else
		unwrapped = take_other(analysis, frame, decoded);
	if (unwrapped)
		count_unwrapped(&analysis->totals, unwrapped);
}

void analysis_frames(Analysis *analysis, const Frame *frames, unsigned count)
{
	while (count > 0) {
		unsigned decoded = ahead_decode(&analysis->ahead, &analysis->options.decode,
						analysis->tracker, frames, count);

		for (unsigned i = 0; i < decoded; i++)
			take_frame(analysis, &frames[i],
				   ahead_turn(&analysis->ahead, analysis->tracker, i));
		frames += decoded;
		count -= decoded;
	}
}

/* --- The end -------------------------------------------------------------------------------- */

void analysis_read(Analysis *analysis, const unsigned *numbers, size_t count, ConnectionVisit visit,
		   void *data)
{
	tracker_read(analysis->tracker, numbers, count, visit, data);
}

/* A visit to all connections. */
typedef struct {
	Analysis *analysis;
	bool (*wants)(void *data, const Embryo *embryo);
	void (*visit)(void *data, Connection *connection);
	void *data; /* for both */
} Visit;

static bool wants_one(void *data, const Embryo *embryo)
{
	const Visit *visit = data;

	return visit->wants(visit->data, embryo);
}

/* What is raised names the connection, which is lent: it goes to the reports before the next. */
static void visit_one(void *data, Connection *connection)
{
	Visit *visit = data;

	visit->visit(visit->data, connection);
	if (visit->analysis->raised->len)
		analysis_report_events(visit->analysis, NULL);
}

void analysis_each_awaited(Analysis *analysis, bool (*wants)(void *data, const Embryo *embryo),
			   void (*visit)(void *data, Connection *connection), void *data)
{
	Visit each = { analysis, wants, visit, data };

	tracker_each(analysis->tracker,
		     &(FlowVisit){ true, wants ? wants_one : NULL, visit_one, &each });
}

GPtrArray *analysis_listeners(Analysis *analysis)
{
	return listeners_list(analysis->listeners);
}

bool analysis_found_severity(const Analysis *analysis, Severity severity)
{
	for (unsigned at = severity; at < SEVERITY_COUNT; at++)
		if (analysis->totals.severities[at])
			return true;
	return false;
}

const AnalysisTotals *analysis_totals_so_far(Analysis *analysis, const InputStats *input)
{
	AnalysisTotals *totals = &analysis->totals;

	tracker_settle(analysis->tracker);
	totals->input = *input;
	count_fragments(totals, &analysis->options.decode);
	totals->states[TCP_STATE_LISTEN] = listeners_count(analysis->listeners);
	return totals;
}

void analysis_finish(Analysis *analysis, const InputStats *input)
{
	const AnalysisTotals *totals = analysis_totals_so_far(analysis, input);

	for (unsigned i = 0; i < analysis->detectors->len; i++) {
		Observer *observer = analysis->detectors->pdata[i];

		if (observer->finish)
			observer->finish(observer, totals);
	}
	analysis_report_events(analysis, NULL);
	for (unsigned i = 0; i < analysis->reports->len; i++) {
		Observer *observer = analysis->reports->pdata[i];

		if (observer->finish)
			observer->finish(observer, totals);
	}
}
