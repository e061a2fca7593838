/* --hosts: connections by host. Knows addresses and states; knows no time. */
#include "report/hosts.h"

#include <string.h>

#include "report/columns.h"
#include "report/final-view.h"
#include "report/tally.h"

/* The address of one end as a key of its own, hashed by the flow's seeded hash. */
static FlowKey key_of(const Endpoint *endpoint)
{
	FlowKey key = { 0 };

	key.end[0].addr = endpoint->addr;
	key.end[0].version = endpoint->version;
	return key;
}

static unsigned hash_key(const void *key)
{
	return flow_key_hash(key);
}

static int keys_equal(const void *a, const void *b)
{
	return flow_key_equal(a, b);
}

/* What the table maps to is the host's place in the array plus one. */
static Host *find_host(GHashTable *table, GArray *hosts, const Endpoint *endpoint)
{
	FlowKey key = key_of(endpoint);
	size_t place = GPOINTER_TO_SIZE(g_hash_table_lookup(table, &key));

	if (place == 0) {
		Host host = { .addr = endpoint->addr, .version = endpoint->version };
		FlowKey *owned = g_new(FlowKey, 1);

		*owned = key;
		g_array_append_val(hosts, host);
		place = hosts->len;
		g_hash_table_insert(table, owned, GSIZE_TO_POINTER(place));
	}
	return &g_array_index(hosts, Host, place - 1);
}

/* The hosts so far. */
typedef struct {
	const Selection *selection; /* which ends count */
	GHashTable *table;          /* find_host()'s */
	GArray *hosts;              /* Host */
} Count;

static void count_connection(void *data, const Connection *connection)
{
	const Count *count = data;
	const Endpoint *ends = connection->key.end;
	bool both = ends[0].version == ends[1].version &&
		    memcmp(&ends[0].addr, &ends[1].addr, sizeof(ends[0].addr)) == 0;

	for (unsigned end = 0; end < 2; end++) {
		Host *host;

		if (!selection_end_is_local(count->selection, connection, end))
			continue;
		host = find_host(count->table, count->hosts, &ends[end]);
		if (end == 0 || !both)
			host->connections++;
		if (connection_is_client(connection, end))
			host->as_client++;
		else
			host->as_server++;
		if (end == 0 || !connection->self)
			host->states[connection_state(connection, end)]++;
	}
}

static int compare_hosts(const void *first, const void *second)
{
	const Host *a = first, *b = second;
	Endpoint left = { .addr = a->addr, .version = a->version };
	Endpoint right = { .addr = b->addr, .version = b->version };

	if (a->connections != b->connections)
		return a->connections > b->connections ? -1 : 1;
	return endpoint_compare(&left, &right);
}

GArray *hosts_collect(const ReportContext *context, const Selected *selected)
{
	g_autoptr(GHashTable) table = g_hash_table_new_full(hash_key, keys_equal, g_free, NULL);
	g_autoptr(GPtrArray) listeners = tally_listeners(context, selected);
	GArray *hosts = g_array_new(FALSE, TRUE, sizeof(Host));
	Count count = { context->selection, table, hosts };

	selected_each(selected, count_connection, &count);
	for (unsigned at = 0; at < listeners->len; at++)
		find_host(table, hosts, listeners->pdata[at])->states[TCP_STATE_LISTEN]++;
	g_array_sort(hosts, compare_hosts);
	return hosts;
}

static Style print_address(GString *cell, const void *row, void *data)
{
	const Host *host = row;
	char text[ADDRESS_TEXT_MAX];

	(void)data;
	address_format(text, &host->addr, host->version);
	g_string_append(cell, text);
	return STYLE_PLAIN;
}

static Style print_connections(GString *cell, const void *row, void *data)
{
	(void)data;
	text_number(cell, ((const Host *)row)->connections);
	return STYLE_PLAIN;
}

static Style print_as_client(GString *cell, const void *row, void *data)
{
	(void)data;
	text_number(cell, ((const Host *)row)->as_client);
	return STYLE_PLAIN;
}

static Style print_as_server(GString *cell, const void *row, void *data)
{
	(void)data;
	text_number(cell, ((const Host *)row)->as_server);
	return STYLE_PLAIN;
}

/* "2 ESTABLISHED, 1 TIME_WAIT": those that there are. */
static Style print_states(GString *cell, const void *row, void *data)
{
	const Host *host = row;

	(void)data;
	for (unsigned state = 0; state < TCP_STATE_COUNT; state++) {
		if (host->states[state] == 0)
			continue;
		if (cell->len > 0)
			g_string_append(cell, ", ");
		text_number(cell, host->states[state]);
		g_string_append_c(cell, ' ');
		g_string_append(cell, tcp_state_name((TcpState)state));
	}
	return STYLE_PLAIN;
}

static const Column columns[] = {
	{ .header = "Host", .print = print_address },
	{ .header = "Connections", .right = true, .print = print_connections },
	{ .header = "Client", .right = true, .print = print_as_client },
	{ .header = "Server", .right = true, .print = print_as_server },
	{ .header = "States", .print = print_states },
};

static void hosts_finish(Observer *observer, const AnalysisTotals *totals)
{
	const ReportContext *context = ((FinalView *)observer)->context;
	g_autoptr(Selected) selected = selected_new(context, context->selection, totals->now);
	g_autoptr(GArray) hosts = hosts_collect(context, selected);
	g_autoptr(GString) text = g_string_new(NULL);

	text_heading(context, text, VIEW_HOSTS, "Hosts");
	text_as_of(context, text, totals->now);
	columns_append(text, context, columns, G_N_ELEMENTS(columns), rows_of_array(hosts), NULL);
	text_write(context, text);
}

Observer *report_hosts_new(const ReportContext *context)
{
	return final_view_new(context, true, hosts_finish);
}
