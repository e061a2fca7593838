/* --anomalies: what was noticed, where, why it is thought so, and what to do. Knows anomalies;
 * knows nothing of how they are found. */
#include "report/findings.h"
#include "report/text.h"

/* So many of a group are shown, and the others counted: nobody reads more, and a capture that goes
 * on for months has a place to keep them. */
#define SHOWN 100000u

typedef struct {
	Observer observer;            /* first */
	const ReportContext *context; /* borrowed */
	Findings *findings;           /* the first ones of each group */
} Anomalies;

static void anomalies_anomaly(Observer *observer, const Anomaly *anomaly)
{
	findings_add(((Anomalies *)observer)->findings, anomaly);
}

/* "error half-open: 2", and what it usually means. */
static void append_group(GString *text, const ReportContext *context, const FindingGroup *group)
{
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
	}
	g_string_append_c(text, '\n');
	text_styled_wrap(text, context, STYLE_QUIET, group->hint, 2);
}

/* The time as the timeline shows it, so that it can be found there; where that one has none or one
 * that counts from the line before, the time of day. */
static void append_time(GString *text, const ReportContext *context, NsTime time)
{
	StampKind stamp = context->line->stamp;

	if (stamp == STAMP_NONE || stamp == STAMP_DELTA)
		stamp = STAMP_TIME;
	text_stamp(text, stamp, time, analysis_totals(context->analysis)->first,
		   context->line->nanoseconds ? 9 : 6);
}

static void append_finding(GString *text, const ReportContext *context, const Finding *finding)
{
	g_string_append(text, "    ");
	append_time(text, context, finding->time);
	if (finding->number != 0) {
		g_string_append(text, "  #");
		text_number(text, finding->number);
		g_string_append_c(text, ' ');
		text_ends(text, &finding->client, &finding->server);
	}
	findings_append_frames(text, finding);
	g_string_append_c(text, '\n');
	text_wrap(text, finding->message, 6, 0, (size_t)context->width);
}

/* "    and 12 more, which --json shows". */
static void append_rest(GString *text, const FindingGroup *group)
{
	if (group->count == group->findings->len)
		return;
	g_string_append(text, "    and ");
	text_number(text, group->count - group->findings->len);
	g_string_append(text, " more, which --json shows\n");
}

static void anomalies_finish(Observer *observer, const AnalysisTotals *totals)
{
	Anomalies *anomalies = (Anomalies *)observer;
	const ReportContext *context = anomalies->context;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(Selected) selected = NULL;
	g_autoptr(GPtrArray) groups = NULL;

	if (findings_need_connections(context))
		selected = selected_new(context, context->selection, totals->now);
	findings_finish(anomalies->findings, selected);
	groups = findings_groups(anomalies->findings);
	text_heading(context, text, VIEW_ANOMALIES, "Anomalies");
	if (groups->len == 0)
		g_string_append(text, "No anomalies.\n");
	for (unsigned at = 0; at < groups->len; at++) {
		const FindingGroup *group = groups->pdata[at];

		if (at > 0)
			g_string_append_c(text, '\n');
		append_group(text, context, group);
		for (unsigned finding = 0; finding < group->findings->len; finding++) {
			append_finding(text, context,
				       &g_array_index(group->findings, Finding, finding));
			if (text->len > TEXT_WRITE_SIZE)
				text_write(context, text);
		}
		append_rest(text, group);
	}
	text_write(context, text);
}

static void anomalies_free(Observer *observer)
{
	Anomalies *anomalies = (Anomalies *)observer;

	findings_free(anomalies->findings);
	g_free(anomalies);
}

Observer *report_anomalies_new(const ReportContext *context)
{
	Anomalies *anomalies = g_new0(Anomalies, 1);

	anomalies->observer.needs_connections = findings_need_connections(context);
	anomalies->observer.anomaly = anomalies_anomaly;
	anomalies->observer.finish = anomalies_finish;
	anomalies->observer.free = anomalies_free;
	anomalies->context = context;
	anomalies->findings = findings_new(context, SHOWN);
	return &anomalies->observer;
}
