/* Counts over all connections or the selected ones. Knows the selection; prints nothing. */
#include "report/tally.h"

#include <stdlib.h>
#include <string.h>

bool tally_needs_connections(const Selection *selection)
{
	return !selection_is_all(selection);
}

static int compare_endpoints(const void *a, const void *b)
{
	return endpoint_compare(*(const Endpoint *const *)a, *(const Endpoint *const *)b);
}

static void mark_listener(const GPtrArray *sorted, bool found[], const Endpoint *endpoint)
{
	void **at = sorted->len == 0 ? NULL
				     : bsearch(&endpoint, sorted->pdata, sorted->len,
					       sizeof(sorted->pdata[0]), compare_endpoints);

	if (at)
		found[at - sorted->pdata] = true;
}

GPtrArray *tally_listeners(const ReportContext *context, const GPtrArray *selected)
{
	g_autoptr(GPtrArray) sorted = analysis_listeners(context->analysis);
	g_autofree bool *found = g_new0(bool, (size_t)sorted->len + 1);
	GPtrArray *listeners = g_ptr_array_new();

	g_ptr_array_sort(sorted, compare_endpoints);
	for (unsigned at = 0; at < selected->len; at++) {
		const Connection *connection = selected->pdata[at];

		for (unsigned end = 0; end < 2; end++) {
			if (selection_end_is_local(context->selection, connection, end))
				mark_listener(sorted, found, &connection->key.end[end]);
		}
	}
	for (unsigned at = 0; at < sorted->len; at++) {
		if (found[at])
			g_ptr_array_add(listeners, sorted->pdata[at]);
	}
	return listeners;
}

static void copy_totals(const AnalysisTotals *totals, Tally *tally)
{
	tally->segments = totals->segments;
	tally->connections = totals->connections;
	tally->has_times = totals->frames > 0;
	tally->first = totals->first;
	tally->last = totals->last;
	memcpy(tally->states, totals->states, sizeof(tally->states));
	memcpy(tally->open, totals->open, sizeof(tally->open));
	memcpy(tally->close, totals->close, sizeof(tally->close));
}

static void add_connection(const ReportContext *context, const Connection *connection, Tally *tally)
{
	tally->connections++;
	tally->segments += connection->report->packets[0] + connection->report->packets[1];
	tally->open[connection->open]++;
	tally->close[connection->close]++;
	tally->first = tally->has_times ? MIN(tally->first, connection->first) : connection->first;
	tally->last = tally->has_times ? MAX(tally->last, connection_last(connection))
				       : connection_last(connection);
	tally->has_times = true;
	for (unsigned end = 0; end < (connection->self ? 1 : 2); end++) {
		if (selection_end_is_local(context->selection, connection, end))
			tally->states[connection_state(connection, end)]++;
	}
}

void tally_count(const ReportContext *context, const GPtrArray *selected, Tally *tally)
{
	g_autoptr(GPtrArray) listeners = NULL;

	memset(tally, 0, sizeof(*tally));
	if (!tally_needs_connections(context->selection)) {
		copy_totals(analysis_totals(context->analysis), tally);
		return;
	}
	for (unsigned at = 0; at < selected->len; at++)
		add_connection(context, selected->pdata[at], tally);
	listeners = tally_listeners(context, selected);
	tally->states[TCP_STATE_LISTEN] = listeners->len;
}
