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

/* Those that may listen, and which of them do. */
typedef struct {
	const Selection *selection; /* which ends count */
	const GPtrArray *sorted;    /* Endpoint */
	bool *found;                /* for each: it is an end of a connection */
} Listening;

static void mark_listeners(void *data, const Connection *connection)
{
	const Listening *all = data;
	const GPtrArray *sorted = all->sorted;

	for (unsigned end = 0; end < 2 && sorted->len; end++) {
		const Endpoint *endpoint = &connection->key.end[end];
		void **at = bsearch(&endpoint, sorted->pdata, sorted->len, sizeof(sorted->pdata[0]),
				    compare_endpoints);

		if (at && selection_end_is_local(all->selection, connection, end))
			all->found[at - sorted->pdata] = true;
	}
}

GPtrArray *tally_listeners(const ReportContext *context, const Selected *selected)
{
	g_autoptr(GPtrArray) sorted = analysis_listeners(context->analysis);
	g_autofree bool *found = g_new0(bool, (size_t)sorted->len + 1);
	Listening all = { context->selection, sorted, found };
	GPtrArray *listeners = g_ptr_array_new();

	g_ptr_array_sort(sorted, compare_endpoints);
	selected_each(selected, mark_listeners, &all);
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

/* What is counted for whom. */
typedef struct {
	const Selection *selection; /* which ends count */
	Tally *tally;               /* so far */
} Count;

static void add_connection(void *data, const Connection *connection)
{
	const Count *count = data;
	Tally *tally = count->tally;

	tally->connections++;
	tally->segments += connection->report->packets[0] + connection->report->packets[1];
	tally->open[connection->open]++;
	tally->close[connection->close]++;
	tally->first = tally->has_times ? MIN(tally->first, connection->first) : connection->first;
	tally->last = tally->has_times ? MAX(tally->last, connection_last(connection))
				       : connection_last(connection);
	tally->has_times = true;
	for (unsigned end = 0; end < (connection->self ? 1 : 2); end++) {
		if (selection_end_is_local(count->selection, connection, end))
			tally->states[connection_state(connection, end)]++;
	}
}

void tally_count(const ReportContext *context, const Selected *selected, Tally *tally)
{
	Count count = { context->selection, tally };
	g_autoptr(GPtrArray) listeners = NULL;

	memset(tally, 0, sizeof(*tally));
	if (!tally_needs_connections(context->selection)) {
		copy_totals(analysis_totals(context->analysis), tally);
		return;
	}
	selected_each(selected, add_connection, &count);
	listeners = tally_listeners(context, selected);
	tally->states[TCP_STATE_LISTEN] = listeners->len;
}
