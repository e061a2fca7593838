/* --json: every view as one object a line. Knows the names of the fields; knows nothing of how text
 * looks.
 *
 * What comes with the capture (segments, transitions, anomalies) is written as it comes, unless the
 * selection is known only at the end; what is counted follows, in the order of the views:
 * json-totals.c, and json-connection.c for connections. */
#include <string.h>

#include "report/findings.h"
#include "report/hosts.h"
#include "report/json-connection.h"
#include "report/json-totals.h"
#include "report/json-writer.h"
#include "report/lines.h"
#include "report/tally.h"
#include "report/text.h"

/* The version of the objects' shape; it changes when a program that reads them has to. */
#define SCHEMA 1

typedef struct {
	Observer observer;            /* first */
	const ReportContext *context; /* borrowed */
	unsigned views;               /* a bit (1 << View) each */
	Lines *lines;                 /* where what comes with the capture goes */
	Findings *findings;           /* the summary's, when it is about selected connections */
	const Observer *dialects;     /* other tools' words, for connections; borrowed */
	JsonConnections list;         /* connections, at the end */
} Json;

static bool has_view(const Json *json, View view)
{
	return json->views & 1u << view;
}

static int digits_of(const Json *json)
{
	return json->context->nanoseconds ? 9 : 6;
}

/* The capture's frame, or null when a timer did it. */
static void member_frame(JsonWriter *writer, uint64_t frame)
{
	json_key(writer, "frame");
	if (frame == 0)
		json_null(writer);
	else
		json_number(writer, frame);
}

/* The letters of tcpdump 4.99 (print-tcp.c, tcp_flag_values), in its order. */
static void member_flags(JsonWriter *writer, unsigned flags)
{
	static const char letters[8] = "FSRP.UEW";
	char text[sizeof(letters) + 1];
	size_t length = 0;

	for (unsigned bit = 0; bit < sizeof(letters); bit++) {
		if (flags & 1u << bit)
			text[length++] = letters[bit];
	}
	text[length] = '\0';
	json_member_name(writer, "flags", length > 0 ? text : "none");
}

static void member_state(JsonWriter *writer, const char *key, const Connection *connection,
			 unsigned end)
{
	json_member_name(writer, key, tcp_state_name(connection_state(connection, end)));
}

static void json_segment(Observer *observer, const SegmentEvent *event)
{
	Json *json = (Json *)observer;
	const Segment *segment = event->segment;
	const Connection *connection = event->connection;
	JsonWriter writer;

	if (!lines_want(json->lines, connection))
		return;
	writer = json_line_begin(lines_text(json->lines), "segment");
	json_member_time(&writer, "time", event->frame->time, digits_of(json));
	member_frame(&writer, event->frame->number);
	json_member_number(&writer, "connection", connection->number);
	json_member_name(&writer, "side", connection_side_name(connection, event->sender));
	json_member_address(&writer, "src", &segment->src);
	json_member_number(&writer, "sport", segment->src.port);
	json_member_address(&writer, "dst", &segment->dst);
	json_member_number(&writer, "dport", segment->dst.port);
	member_flags(&writer, segment->flags);
	json_member_number(&writer, "seq", segment->seq);
	json_key(&writer, "ack");
	if (segment->flags & TH_ACK)
		json_number(&writer, segment->ack);
	else
		json_null(&writer);
	json_member_number(&writer, "win", segment->window);
	json_member_number(&writer, "len", segment->payload);
	member_state(&writer, "client_state", connection, connection->client);
	member_state(&writer, "server_state", connection, !connection->client);
	json_line_end(&writer);
	lines_put(json->lines, connection);
}

static void json_transition(Observer *observer, const Transition *transition)
{
	Json *json = (Json *)observer;
	const Connection *connection = transition->connection;
	JsonWriter writer;

	if (!lines_want(json->lines, connection))
		return;
	writer = json_line_begin(lines_text(json->lines), "transition");
	json_member_time(&writer, "time", transition->time, digits_of(json));
	member_frame(&writer, transition->frame);
	json_member_number(&writer, "connection", connection->number);
	json_member_name(&writer, "side", connection_side_name(connection, transition->side));
	json_member_name(&writer, "from", tcp_state_name(transition->from));
	json_member_name(&writer, "to", tcp_state_name(transition->to));
	json_member_name(&writer, "basis", basis_name(transition->basis));
	json_member_name(&writer, "reason", cause_text(transition->cause));
	json_line_end(&writer);
	lines_put(json->lines, connection);
}

/* Which connection and side; both null when it is about a host or the whole capture. */
static void member_about(JsonWriter *writer, const Anomaly *anomaly)
{
	json_key(writer, "connection");
	if (anomaly->connection)
		json_number(writer, anomaly->connection->number);
	else
		json_null(writer);
	json_key(writer, "side");
	if (anomaly->connection && anomaly->side != ANOMALY_NO_SIDE)
		json_name(writer, connection_side_name(anomaly->connection, anomaly->side));
	else
		json_null(writer);
}

static void write_anomaly(Json *json, const Anomaly *anomaly)
{
	JsonWriter writer = json_line_begin(lines_text(json->lines), "anomaly");

	json_member_time(&writer, "time", anomaly->time, digits_of(json));
	member_frame(&writer, anomaly->frame);
	member_about(&writer, anomaly);
	json_member_name(&writer, "kind", anomaly_kind_name(anomaly->kind));
	json_member_name(&writer, "severity", severity_name(anomaly->severity));
	json_key(&writer, "frames");
	json_array_begin(&writer);
	for (unsigned at = 0; at < ANOMALY_FRAMES_MAX && anomaly->frames[at] != 0; at++)
		json_number(&writer, anomaly->frames[at]);
	json_array_end(&writer);
	json_member_string(&writer, "message", anomaly->message);
	json_member_string(&writer, "hint",
			   anomaly->hint ? anomaly->hint : anomaly_kind_hint(anomaly->kind));
	if (anomaly->stage != STAGE_NONE) {
		json_member_name(&writer, "stage", reset_stage_name(anomaly->stage));
		json_member_time(&writer, "idle", anomaly->idle, digits_of(json));
	}
	json_line_end(&writer);
	lines_put(json->lines, anomaly->connection);
}

static void json_anomaly(Observer *observer, const Anomaly *anomaly)
{
	Json *json = (Json *)observer;

	if (json->findings)
		findings_add(json->findings, anomaly);
	if (!has_view(json, VIEW_TIMELINE) && !has_view(json, VIEW_ANOMALIES))
		return;
	if (lines_want_anomaly(json->lines, anomaly))
		write_anomaly(json, anomaly);
}

/* Anomalies by kind: of the selected connections, or all. */
static void count_anomalies(Json *json, const AnalysisTotals *totals,
			    uint64_t counts[static ANOMALY_KIND_COUNT])
{
	g_autoptr(GPtrArray) groups = NULL;

	if (!json->findings) {
		memcpy(counts, totals->anomalies, sizeof(totals->anomalies));
		return;
	}
	memset(counts, 0, sizeof(totals->anomalies));
	groups = findings_groups(json->findings);
	for (unsigned at = 0; at < groups->len; at++) {
		const FindingGroup *group = groups->pdata[at];

		counts[group->kind] += group->count;
	}
}

static void write_summary(Json *json, const Tally *tally, const AnalysisTotals *totals)
{
	uint64_t anomalies[ANOMALY_KIND_COUNT];

	count_anomalies(json, totals, anomalies);
	json_total_summary(json->context->stream, totals, tally, anomalies, digits_of(json));
}

static void write_hosts(Json *json, const Selected *selected)
{
	g_autoptr(GArray) hosts = hosts_collect(json->context, selected);

	for (unsigned at = 0; at < hosts->len; at++) {
		json_total_host(json->context->stream, &g_array_index(hosts, Host, at));
		text_stream(json->context);
	}
}

static void write_connection(void *data, const Connection *connection)
{
	Json *json = data;
	const Dialects words = dialects_of(json->dialects, connection);

	if (json_connection(&json->list, connection, &words, digits_of(json)))
		text_stream(json->context);
}

static void write_connections(Json *json, const Selected *selected)
{
	selected_each(selected, write_connection, json);
	json_connections_complete(&json->list);
	text_stream(json->context);
}

static void json_finish(Observer *observer, const AnalysisTotals *totals)
{
	Json *json = (Json *)observer;
	const ReportContext *context = json->context;
	g_autoptr(Selected) selected = NULL;
	Tally tally;

	lines_finish(json->lines, totals->now);
	if (observer->needs_connections)
		selected = selected_new(context, context->selection, totals->now);
	if (json->findings)
		findings_finish(json->findings, selected);
	if (has_view(json, VIEW_SUMMARY) || has_view(json, VIEW_HISTOGRAM))
		tally_count(context, selected, &tally);
	if (has_view(json, VIEW_SUMMARY))
		write_summary(json, &tally, totals);
	if (has_view(json, VIEW_CONNECTIONS))
		write_connections(json, selected);
	if (has_view(json, VIEW_HISTOGRAM))
		json_total_histogram(json->context->stream, totals, &tally, context->selection,
				     digits_of(json));
	if (has_view(json, VIEW_HOSTS))
		write_hosts(json, selected);
	text_stream(context);
}

static void json_free(Observer *observer)
{
	Json *json = (Json *)observer;

	lines_free(json->lines);
	findings_free(json->findings);
	g_free(json);
}

static void write_header(Json *json)
{
	JsonWriter writer = json_line_begin(json->context->stream, "header");

	json_member_string(&writer, "program", PACKAGE_NAME);
	json_member_string(&writer, "version", PACKAGE_VERSION);
	json_member_number(&writer, "schema", SCHEMA);
	json_line_end(&writer);
	text_stream(json->context);
}

/* Whether a view reads connections at the end. */
static bool needs_connections(const Json *json)
{
	const Selection *selection = json->context->selection;

	if (has_view(json, VIEW_CONNECTIONS) || has_view(json, VIEW_HOSTS) ||
	    selection_needs_end(selection))
		return true;
	return (has_view(json, VIEW_SUMMARY) || has_view(json, VIEW_HISTOGRAM)) &&
	       tally_needs_connections(selection);
}

Observer *report_json_new(const ReportContext *context, unsigned views)
{
	Json *json = g_new0(Json, 1);

	json->context = context;
	json->views = views;
	json->lines = lines_new(context);
	json->list.text = context->stream;
	if (has_view(json, VIEW_SUMMARY) && !selection_is_all(context->selection))
		json->findings = findings_new(context, 1);
	if (has_view(json, VIEW_CONNECTIONS)) {
		Observer *dialects = dialects_new();

		analysis_add_report(context->analysis, dialects);
		json->dialects = dialects;
	}
	if (has_view(json, VIEW_TIMELINE)) {
		json->observer.segment = json_segment;
		json->observer.transition = json_transition;
	}
	json->observer.anomaly = json_anomaly;
	json->observer.needs_connections = needs_connections(json);
	json->observer.finish = json_finish;
	json->observer.free = json_free;
	write_header(json);
	return &json->observer;
}
