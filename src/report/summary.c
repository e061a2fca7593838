/* --summary: what an operator should look at first, then what the capture holds. Knows counts and
 * anomalies; knows no segment. */
#include <string.h>

#include "report/findings.h"
#include "report/histogram.h"
#include "report/tally.h"
#include "report/text.h"

/* So many of a kind are named. */
#define EXAMPLES 5
/* Where the words begin that follow a label. */
#define LABEL_WIDTH 10

typedef struct {
	Observer observer;            /* first */
	const ReportContext *context; /* borrowed */
	Findings *findings;           /* the first few of each kind */
} Summary;

static void summary_anomaly(Observer *observer, const Anomaly *anomaly)
{
	findings_add(((Summary *)observer)->findings, anomaly);
}

/* "FILE: 12 frames, 10 TCP segments, 1 connection, 1.20s". */
static void append_title(GString *text, const ReportContext *context, const Tally *tally,
			 const AnalysisTotals *totals)
{
	g_autoptr(GString) title = g_string_new(NULL);

	if (context->input) {
		g_string_append(title, context->input);
		g_string_append(title, ": ");
	}
	text_count(title, totals->frames, "frame", NULL);
	g_string_append(title, ", ");
	text_count(title, tally->segments, "TCP segment", NULL);
	g_string_append(title, ", ");
	if (tally_needs_connections(context->selection)) {
		text_number(title, tally->connections);
		g_string_append(title, " of ");
		text_count(title, totals->connections, "connection", NULL);
	} else {
		text_count(title, tally->connections, "connection", NULL);
	}
	if (tally->has_times) {
		g_string_append(title, ", ");
		text_duration(title, tally->last - tally->first);
	}
	text_wrap(text, title->str, 0, 0, (size_t)context->width);
}

/* "  error half-open, 2 times: #3 #7", and under it the first in full. */
static void append_group(GString *text, const ReportContext *context, const FindingGroup *group)
{
	const Finding *first =
		group->findings->len ? &g_array_index(group->findings, Finding, 0) : NULL;
	Style style = style_of_severity(group->severity);

	g_string_append(text, style_begin(context->colour, style));
	g_string_append(text, severity_name(group->severity));
	g_string_append_c(text, ' ');
	g_string_append(text, anomaly_kind_name(group->kind));
	g_string_append(text, style_end(context->colour, style));
	if (group->count > 1) {
		g_string_append(text, ", ");
		text_number(text, group->count);
		g_string_append(text, " times");
		for (unsigned at = 0; first && first->number != 0 && at < group->findings->len;
		     at++) {
			g_string_append(text, at == 0 ? ": #" : " #");
			text_number(text, g_array_index(group->findings, Finding, at).number);
		}
		if (first && first->number != 0 && group->count > group->findings->len)
			g_string_append(text, " ...");
	}
	g_string_append_c(text, '\n');
	if (!first)
		return;
	if (first->number != 0) {
		g_string_append(text, "    #");
		text_number(text, first->number);
		g_string_append_c(text, ' ');
		text_ends(text, &first->client, &first->server);
		findings_append_frames(text, first);
		g_string_append_c(text, '\n');
	}
	text_wrap(text, first->message, 4, 0, (size_t)context->width);
}

/* "info: 3 keep-alive, 1 syn-retransmitted": all that is routine, in one line. */
static void append_routine(GString *text, const ReportContext *context, const GPtrArray *groups)
{
	g_autoptr(GString) sentence = g_string_new("info:");
	uint64_t counts[ANOMALY_KIND_COUNT] = { 0 };
	bool any = false;

	for (unsigned at = 0; at < groups->len; at++) {
		const FindingGroup *group = groups->pdata[at];

		if (group->severity == SEVERITY_INFO)
			counts[group->kind] += group->count;
	}
	for (unsigned at = 0; at < groups->len; at++) {
		const FindingGroup *group = groups->pdata[at];

		if (group->severity != SEVERITY_INFO || !counts[group->kind])
			continue;
		g_string_append(sentence, any ? ", " : " ");
		text_number(sentence, counts[group->kind]);
		g_string_append_c(sentence, ' ');
		g_string_append(sentence, anomaly_kind_name(group->kind));
		counts[group->kind] = 0;
		any = true;
	}
	if (any)
		text_wrap(text, sentence->str, 0, 0, (size_t)context->width);
}

static void append_findings(GString *text, const ReportContext *context, const GPtrArray *groups,
			    const Tally *tally)
{
	bool wrong = false;

	for (unsigned at = 0; at < groups->len; at++) {
		const FindingGroup *group = groups->pdata[at];

		if (group->severity == SEVERITY_INFO)
			continue;
		append_group(text, context, group);
		wrong = true;
	}
	if (!wrong)
		g_string_append(text, tally->connections == 0
					      ? "No TCP connection.\n"
					      : "Nothing wrong: no errors, no warnings.\n");
	append_routine(text, context, groups);
	if (wrong)
		text_styled_wrap(text, context, STYLE_QUIET,
				 "(--anomalies shows each of them and says what to do)", 0);
}

static void begin_label(GString *text, const char *label)
{
	size_t before = text->len;

	text_spaces(text, LABEL_WIDTH);
	memcpy(text->str + before, label, strlen(label));
}

/* "Opened    3 handshake, 1 refused": what there was of it and has a name. */
static void append_counts(GString *text, const ReportContext *context, const char *label,
			  const uint64_t *counts, size_t count, const char *(*name)(unsigned))
{
	g_autoptr(GString) sentence = g_string_new(NULL);

	for (unsigned at = 0; at < count; at++) {
		if (counts[at] == 0 || !name(at))
			continue;
		if (sentence->len > 0)
			g_string_append(sentence, ", ");
		text_number(sentence, counts[at]);
		g_string_append_c(sentence, ' ');
		g_string_append(sentence, name(at));
	}
	if (sentence->len == 0)
		return;
	begin_label(text, label);
	text_wrap(text, sentence->str, LABEL_WIDTH, LABEL_WIDTH, (size_t)context->width);
}

static const char *open_name(unsigned kind)
{
	return open_kind_name((OpenKind)kind);
}

/* What did not close is no way to close; it stands under the states. */
static const char *close_name(unsigned kind)
{
	return kind == CLOSE_NONE ? NULL : close_kind_name((CloseKind)kind);
}

static const char *kind_name(unsigned kind)
{
	return anomaly_kind_name((AnomalyKind)kind);
}

static const char *skip_text(unsigned reason)
{
	return skip_reason_text((SkipReason)reason);
}

static const char *unwrapped_text(unsigned kind)
{
	return unwrap_text((Unwrap)kind);
}

/* The bars, beside their label. */
static void append_states(GString *text, const ReportContext *context, const Tally *tally)
{
	size_t before = text->len;

	histogram_append(text, context, tally->states, LABEL_WIDTH, false);
	if (text->len > before)
		memcpy(text->str + before, "States", strlen("States"));
}

static void append_span(GString *text, const ReportContext *context, const Tally *tally)
{
	int digits = context->line->nanoseconds ? 9 : 6;

	if (!tally->has_times)
		return;
	begin_label(text, "Time");
	text_stamp(text, STAMP_DATE, tally->first, 0, digits);
	g_string_append(text, " to ");
	text_stamp(text, STAMP_DATE, tally->last, 0, digits);
	g_string_append_c(text, '\n');
}

/* "Fragments 3 packets put together, 1 incomplete, 2 fragments overlapping". */
static void append_fragments(GString *text, const FragmentCounts *counts)
{
	if (counts->packets == 0 && counts->incomplete == 0)
		return;
	begin_label(text, "Fragments");
	text_count(text, counts->packets, "packet", NULL);
	g_string_append(text, " put together");
	if (counts->incomplete > 0) {
		g_string_append(text, ", ");
		text_number(text, counts->incomplete);
		g_string_append(text, " incomplete");
	}
	if (counts->overlapping > 0) {
		g_string_append(text, ", ");
		text_count(text, counts->overlapping, "fragment", NULL);
		g_string_append(text, " overlapping");
	}
	g_string_append_c(text, '\n');
}

/* "Checksums 2 wrong in TCP, 1 in IP". */
static void append_checksums(GString *text, const AnalysisTotals *totals)
{
	const char *separator = " wrong";

	if (totals->wrong_ip == 0 && totals->wrong_tcp == 0)
		return;
	begin_label(text, "Checksums");
	if (totals->wrong_tcp > 0) {
		text_number(text, totals->wrong_tcp);
		g_string_append(text, " wrong in TCP");
		separator = "";
	}
	if (totals->wrong_ip > 0) {
		g_string_append(text, totals->wrong_tcp > 0 ? ", " : "");
		text_number(text, totals->wrong_ip);
		g_string_append(text, separator);
		g_string_append(text, " in IP");
	}
	g_string_append_c(text, '\n');
}

/* "Forgotten 900 connections, idle for longest (--max-connections)". */
static void append_forgotten(GString *text, const AnalysisTotals *totals)
{
	bool any = false;

	if (totals->evicted > 0 || totals->forgotten[FORGOTTEN_LISTENERS] > 0) {
		begin_label(text, "Forgotten");
		if (totals->evicted > 0)
			text_count(text, totals->evicted, "connection", NULL);
		if (totals->evicted > 0 && totals->forgotten[FORGOTTEN_LISTENERS] > 0)
			g_string_append(text, ", ");
		if (totals->forgotten[FORGOTTEN_LISTENERS] > 0)
			text_count(text, totals->forgotten[FORGOTTEN_LISTENERS],
				   forgotten_text(FORGOTTEN_LISTENERS), NULL);
		g_string_append(text, ", idle for longest (--max-connections)\n");
	}
	for (unsigned what = 0; what < FORGOTTEN_LISTENERS; what++) {
		if (totals->forgotten[what] == 0)
			continue;
		if (any)
			g_string_append(text, ", ");
		else
			begin_label(text, "Unwatched");
		text_count(text, totals->forgotten[what], forgotten_text((Forgotten)what), NULL);
		any = true;
	}
	if (any)
		g_string_append(text,
				", too many at once: a scan, flood or probe may be missing\n");
}

/* What frames were unwrapped from, and what of the input did not become a segment, and why. */
static void append_losses(GString *text, const ReportContext *context, const AnalysisTotals *totals)
{
	append_counts(text, context, "Unwrapped", totals->unwrapped, UNWRAP_COUNT, unwrapped_text);
	append_counts(text, context, "Skipped", totals->skipped, SKIP_REASON_COUNT, skip_text);
	append_fragments(text, &totals->fragments);
	append_checksums(text, totals);
	append_forgotten(text, totals);
	if (totals->backward > 0) {
		begin_label(text, "Order");
		text_count(text, totals->backward, "frame", NULL);
		g_string_append(text, " earlier than the one before\n");
	}
	if (totals->input.dropped_kernel > 0 || totals->input.dropped_interface > 0) {
		begin_label(text, "Dropped");
		text_number(text, totals->input.dropped_kernel);
		g_string_append(text, " by the kernel, ");
		text_number(text, totals->input.dropped_interface);
		g_string_append(text, " by the interface\n");
	}
}

/* All below the heading. Without @findings anomalies are counted and no more. */
static void append_summary(GString *text, const ReportContext *context, const Tally *tally,
			   const AnalysisTotals *totals, Findings *findings)
{
	g_autoptr(GPtrArray) groups = NULL;

	append_title(text, context, tally, totals);
	g_string_append_c(text, '\n');
	if (findings) {
		groups = findings_groups(findings);
		append_findings(text, context, groups, tally);
		g_string_append_c(text, '\n');
	} else {
		append_counts(text, context, "Anomalies", totals->anomalies, ANOMALY_KIND_COUNT,
			      kind_name);
	}
	append_counts(text, context, "Opened", tally->open, OPEN_KIND_COUNT, open_name);
	append_counts(text, context, "Closed", tally->close, CLOSE_KIND_COUNT, close_name);
	append_states(text, context, tally);
	append_span(text, context, tally);
	append_losses(text, context, totals);
}

char *report_summary_so_far(const ReportContext *context, const Observer *summary,
			    const AnalysisTotals *totals)
{
	const Selection all = { 0 };
	ReportContext whole = *context;
	GString *text = g_string_new(NULL);
	Tally tally;

	whole.selection = &all;
	tally_count(&whole, NULL, &tally);
	append_summary(text, &whole, &tally, totals,
		       summary && selection_is_all(context->selection)
			       ? ((const Summary *)summary)->findings
			       : NULL);
	return g_string_free(text, FALSE);
}

static void summary_finish(Observer *observer, const AnalysisTotals *totals)
{
	Summary *summary = (Summary *)observer;
	const ReportContext *context = summary->context;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Selected) selected = NULL;
	Tally tally;

	if (observer->needs_connections)
		selected = selected_new(context, context->selection, totals->now);
	tally_count(context, selected, &tally);
	findings_finish(summary->findings, selected);
	text_heading(context, text, VIEW_SUMMARY, "Summary");
	append_summary(text, context, &tally, totals, summary->findings);
	text_write(context, text);
}

static void summary_free(Observer *observer)
{
	Summary *summary = (Summary *)observer;

	findings_free(summary->findings);
	g_free(summary);
}

Observer *report_summary_new(const ReportContext *context)
{
	Summary *summary = g_new0(Summary, 1);

	summary->observer.needs_connections =
		tally_needs_connections(context->selection) || findings_need_connections(context);
	summary->observer.anomaly = summary_anomaly;
	summary->observer.finish = summary_finish;
	summary->observer.free = summary_free;
	summary->context = context;
	summary->findings = findings_new(context, EXAMPLES);
	return &summary->observer;
}
