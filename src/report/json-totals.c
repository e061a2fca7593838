/* What is counted, as JSON: summary, connections, histogram, hosts. Knows the names of the fields;
 * knows neither the selection nor how things are counted. */
#include "report/json-totals.h"

#include <string.h>

#include "dialect/community-id.h"
#include "report/json-writer.h"

/* Sides in each state: all names, zeros included. */
static void member_states(JsonWriter *writer, const uint64_t states[static TCP_STATE_COUNT])
{
	json_key(writer, "states");
	json_object_begin(writer);
	for (unsigned state = 0; state < TCP_STATE_COUNT; state++)
		json_member_number(writer, tcp_state_name((TcpState)state), states[state]);
	json_object_end(writer);
}

/* By kind: only those that there were. */
static void member_anomalies(JsonWriter *writer, const uint64_t counts[static ANOMALY_KIND_COUNT])
{
	json_key(writer, "anomalies");
	json_object_begin(writer);
	for (unsigned kind = 0; kind < ANOMALY_KIND_COUNT; kind++) {
		if (counts[kind] > 0)
			json_member_number(writer, anomaly_kind_name((AnomalyKind)kind),
					   counts[kind]);
	}
	json_object_end(writer);
}

static void member_skipped(JsonWriter *writer, const AnalysisTotals *totals)
{
	json_key(writer, "skipped");
	json_object_begin(writer);
	for (unsigned reason = 0; reason < SKIP_REASON_COUNT; reason++) {
		if (totals->skipped[reason] > 0)
			json_member_number(writer, skip_reason_name((SkipReason)reason),
					   totals->skipped[reason]);
	}
	json_object_end(writer);
}

/* What frames were in: only what there was. */
static void member_unwrapped(JsonWriter *writer, const AnalysisTotals *totals)
{
	json_key(writer, "unwrapped");
	json_object_begin(writer);
	for (unsigned kind = 0; kind < UNWRAP_COUNT; kind++) {
		if (totals->unwrapped[kind] > 0)
			json_member_number(writer, unwrap_name((Unwrap)kind),
					   totals->unwrapped[kind]);
	}
	json_object_end(writer);
}

/* What was watched and had to make room: only what there was. */
static void member_forgotten(JsonWriter *writer, const AnalysisTotals *totals)
{
	json_key(writer, "forgotten");
	json_object_begin(writer);
	for (unsigned what = 0; what < FORGOTTEN_COUNT; what++) {
		if (totals->forgotten[what] > 0)
			json_member_number(writer, forgotten_name((Forgotten)what),
					   totals->forgotten[what]);
	}
	json_object_end(writer);
}

static void member_fragments(JsonWriter *writer, const FragmentCounts *counts)
{
	json_key(writer, "fragments");
	json_object_begin(writer);
	json_member_number(writer, "packets", counts->packets);
	json_member_number(writer, "incomplete", counts->incomplete);
	json_member_number(writer, "overlapping", counts->overlapping);
	json_object_end(writer);
}

static void member_wrong_checksums(JsonWriter *writer, const AnalysisTotals *totals)
{
	json_key(writer, "wrong_checksums");
	json_object_begin(writer);
	json_member_number(writer, "ip", totals->wrong_ip);
	json_member_number(writer, "tcp", totals->wrong_tcp);
	json_object_end(writer);
}

/* What a file does not tell is null. */
static void member_dropped(JsonWriter *writer, const AnalysisTotals *totals)
{
	json_key(writer, "dropped");
	if (!totals->input.live && !totals->input.counts_drops) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_member_number(writer, "kernel", totals->input.dropped_kernel);
	json_member_number(writer, "interface", totals->input.dropped_interface);
	json_object_end(writer);
}

static void member_instant(JsonWriter *writer, const char *key, bool known, NsTime time, int digits)
{
	json_key(writer, key);
	if (known)
		json_time(writer, time, digits);
	else
		json_null(writer);
}

void json_total_summary(GString *text, const AnalysisTotals *totals, const Tally *tally,
			const uint64_t anomalies[static ANOMALY_KIND_COUNT], int digits)
{
	JsonWriter writer = json_line_begin(text, "summary");

	json_member_number(&writer, "frames", totals->frames);
	json_member_number(&writer, "segments", tally->segments);
	json_member_number(&writer, "connections", tally->connections);
	member_instant(&writer, "first", tally->has_times, tally->first, digits);
	member_instant(&writer, "last", tally->has_times, tally->last, digits);
	member_unwrapped(&writer, totals);
	member_skipped(&writer, totals);
	member_fragments(&writer, &totals->fragments);
	member_wrong_checksums(&writer, totals);
	member_dropped(&writer, totals);
	json_member_number(&writer, "evicted", totals->evicted);
	member_forgotten(&writer, totals);
	member_states(&writer, tally->states);
	member_anomalies(&writer, anomalies);
	json_key(&writer, "open");
	json_object_begin(&writer);
	for (unsigned kind = 0; kind < OPEN_KIND_COUNT; kind++)
		json_member_number(&writer, open_kind_name((OpenKind)kind), tally->open[kind]);
	json_object_end(&writer);
	json_key(&writer, "close");
	json_object_begin(&writer);
	for (unsigned kind = 0; kind < CLOSE_KIND_COUNT; kind++)
		json_member_number(&writer, close_kind_name((CloseKind)kind), tally->close[kind]);
	json_object_end(&writer);
	json_line_end(&writer);
}

static void member_end(JsonWriter *writer, const char *key, const Connection *connection,
		       unsigned end)
{
	const TcpSide *side = connection_side(connection, end);

	json_key(writer, key);
	json_object_begin(writer);
	json_member_address(writer, "addr", &connection->key.end[end]);
	json_member_number(writer, "port", connection->key.end[end].port);
	json_member_name(writer, "state", tcp_state_name(connection_state(connection, end)));
	json_key(writer, "proven");
	json_bool(writer, connection_state_proven(connection, end));
	json_member_number(writer, "packets", connection->report->packets[end]);
	json_member_number(writer, "bytes", connection->report->bytes[end]);
	json_key(writer, "isn");
	if (side->has_iss)
		json_number(writer, side->iss);
	else
		json_null(writer);
	json_object_end(writer);
}

size_t json_total_connection(GString *text, const Connection *connection, const Dialects *words,
			     int digits)
{
	const ConnectionReport *report = connection->report;
	static const char blanks[] = "                              ";
	JsonWriter writer = json_line_begin(text, "connection");
	size_t community_id;

	G_STATIC_ASSERT(sizeof(blanks) == COMMUNITY_ID_LENGTH + 1);
	json_member_number(&writer, "connection", connection->number);
	json_member_name(&writer, "community_id", blanks);
	community_id = (size_t)(writer.out.at - text->str) - strlen("\"") - strlen(blanks);
	member_end(&writer, "client", connection, connection->client);
	member_end(&writer, "server", connection, !connection->client);
	json_member_time(&writer, "first", connection->first, digits);
	json_member_time(&writer, "last", connection_last(connection), digits);
	json_member_name(&writer, "open", open_kind_name(connection->open));
	json_member_name(&writer, "close", close_kind_name(connection->close));
	member_instant(&writer, "handshake_rtt", report->handshake_rtt >= 0, report->handshake_rtt,
		       digits);
	json_key(&writer, "anomalies");
	json_array_begin(&writer);
	for (unsigned kind = 0; kind < ANOMALY_KIND_COUNT; kind++) {
		if (report->anomalies & (uint64_t)1 << kind)
			json_name(&writer, anomaly_kind_name((AnomalyKind)kind));
	}
	json_array_end(&writer);
	json_member_name(&writer, "conn_state", words->conn_state);
	json_member_name(&writer, "history", words->history);
	json_member_number(&writer, "completeness", words->completeness);
	json_line_end(&writer);
	return community_id;
}

void json_total_histogram(GString *text, const AnalysisTotals *totals, const Tally *tally,
			  const Selection *selection, int digits)
{
	JsonWriter writer = json_line_begin(text, "histogram");

	member_instant(&writer, "time", totals->now != 0, totals->now, digits);
	json_key(&writer, "local");
	if (selection->local)
		json_string(&writer, selection->local_text);
	else
		json_null(&writer);
	member_states(&writer, tally->states);
	json_line_end(&writer);
}

void json_total_host(GString *text, const Host *host)
{
	const Endpoint endpoint = { .addr = host->addr, .version = host->version };
	JsonWriter writer = json_line_begin(text, "host");

	json_member_address(&writer, "addr", &endpoint);
	json_member_number(&writer, "connections", host->connections);
	json_member_number(&writer, "as_client", host->as_client);
	json_member_number(&writer, "as_server", host->as_server);
	member_states(&writer, host->states);
	json_line_end(&writer);
}
