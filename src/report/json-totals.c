/* What is counted, as JSON: summary, histogram, hosts. Knows the names of the fields;
 * knows neither the selection nor how things are counted. */
#include "report/json-totals.h"

#include <string.h>

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
