/* --connections: a table, one connection a line; both ends of it. Knows connections at the end;
 * knows no segment. With --local, sockets.c has the table. */
#include "report/columns.h"
#include "report/final-view.h"
#include "report/sockets.h"

/* Whether the mark is worth showing: a side that is gone is not worth a doubt, and UNKNOWN says it
 * already. */
static bool has_doubt(const Connection *connection, unsigned end)
{
	TcpState state = connection_state(connection, end);

	return state != TCP_STATE_CLOSED && state != TCP_STATE_UNKNOWN &&
	       !connection_state_proven(connection, end);
}

static const Connection *connection_of(const void *row)
{
	return row;
}

static Style print_number(GString *cell, const void *row, void *data)
{
	(void)data;
	text_number(cell, connection_of(row)->number);
	return STYLE_PLAIN;
}

static Style print_endpoint(GString *cell, const Connection *connection, unsigned end)
{
	char text[ENDPOINT_TEXT_MAX];

	endpoint_format(text, &connection->key.end[end]);
	g_string_append(cell, text);
	return STYLE_PLAIN;
}

static Style print_client(GString *cell, const void *row, void *data)
{
	const Connection *connection = connection_of(row);

	(void)data;
	return print_endpoint(cell, connection, connection->client);
}

static Style print_server(GString *cell, const void *row, void *data)
{
	const Connection *connection = connection_of(row);

	(void)data;
	return print_endpoint(cell, connection, !connection->client);
}

/* @doubt is made true when there is one. */
static Style print_state(GString *cell, const Connection *connection, unsigned end, bool *doubt)
{
	TcpState state = connection_state(connection, end);

	g_string_append(cell, tcp_state_name(state));
	if (has_doubt(connection, end)) {
		g_string_append_c(cell, '?');
		*doubt = true;
	}
	return state == TCP_STATE_CLOSED || state == TCP_STATE_UNKNOWN ? STYLE_QUIET : STYLE_PLAIN;
}

static Style print_client_state(GString *cell, const void *row, void *data)
{
	const Connection *connection = connection_of(row);

	return print_state(cell, connection, connection->client, data);
}

static Style print_server_state(GString *cell, const void *row, void *data)
{
	const Connection *connection = connection_of(row);

	return print_state(cell, connection, !connection->client, data);
}

static Style print_open(GString *cell, const void *row, void *data)
{
	OpenKind open = connection_of(row)->open;

	(void)data;
	g_string_append(cell, open_kind_name(open));
	return open == OPEN_REFUSED || open == OPEN_UNANSWERED || open == OPEN_INCOMPLETE
		       ? STYLE_WARNING
		       : STYLE_PLAIN;
}

static Style print_close(GString *cell, const void *row, void *data)
{
	CloseKind close = connection_of(row)->close;

	(void)data;
	if (close == CLOSE_NONE) {
		g_string_append_c(cell, '-');
		return STYLE_QUIET;
	}
	g_string_append(cell, close_kind_name(close));
	return close == CLOSE_RESET ? STYLE_WARNING : STYLE_PLAIN;
}

static Style print_rtt(GString *cell, const void *row, void *data)
{
	const ConnectionReport *report = connection_of(row)->report;

	(void)data;
	if (!report || report->handshake_rtt < 0) {
		g_string_append_c(cell, '-');
		return STYLE_QUIET;
	}
	text_duration(cell, report->handshake_rtt);
	return STYLE_PLAIN;
}

static Style print_lasted(GString *cell, const void *row, void *data)
{
	const Connection *connection = connection_of(row);

	(void)data;
	text_duration(cell, connection_last(connection) - connection->first);
	return STYLE_PLAIN;
}

static Style print_packets(GString *cell, const void *row, void *data)
{
	const ConnectionReport *report = connection_of(row)->report;

	(void)data;
	text_number(cell, report->packets[0] + report->packets[1]);
	return STYLE_PLAIN;
}

static Style print_bytes(GString *cell, const void *row, void *data)
{
	const ConnectionReport *report = connection_of(row)->report;

	(void)data;
	text_number(cell, report->bytes[0] + report->bytes[1]);
	return STYLE_PLAIN;
}

/* Each end is followed by its state. */
static const Column both_ends[] = {
	{ .header = "#", .right = true, .print = print_number },
	{ .header = "Client", .print = print_client },
	{ .header = "State", .print = print_client_state },
	{ .header = "Server", .print = print_server },
	{ .header = "State", .print = print_server_state },
	{ .header = "Open", .print = print_open },
	{ .header = "Close", .print = print_close },
	{ .header = "RTT", .right = true, .print = print_rtt },
	{ .header = "Lasted", .right = true, .print = print_lasted },
	{ .header = "Segs", .right = true, .optional = true, .print = print_packets },
	{ .header = "Bytes", .right = true, .optional = true, .print = print_bytes },
};

/* What is done with a row, for selected_each(). */
typedef struct {
	RowVisit visit;
	void *data; /* for @visit */
} Visit;

static void visit_row(void *data, const Connection *connection)
{
	const Visit *visit = data;

	visit->visit(visit->data, connection);
}

static void each_selected(const void *source, RowVisit visit, void *data)
{
	Visit each = { visit, data };

	selected_each(source, visit_row, &each);
}

static void append_connections(GString *text, const ReportContext *context,
			       const Selected *selected)
{
	const Rows rows = { each_selected, selected };
	bool doubt = false;

	columns_append(text, context, both_ends, G_N_ELEMENTS(both_ends), rows, &doubt);
	if (doubt)
		text_styled_wrap(text, context, STYLE_QUIET,
				 "? assumed: seen on its way to that side, not yet known to have "
				 "arrived",
				 0);
}

static void connections_finish(Observer *observer, const AnalysisTotals *totals)
{
	const ReportContext *context = ((FinalView *)observer)->context;
	g_autoptr(Selected) selected = selected_new(context, context->selection, totals->now);
	g_autoptr(GString) text = g_string_new(NULL);

	text_heading(context, text, VIEW_CONNECTIONS, "Connections");
	text_as_of(context, text, totals->now);
	if (context->selection->local)
		sockets_append(text, context, selected, totals->now);
	else
		append_connections(text, context, selected);
	text_write(context, text);
}

Observer *report_connections_new(const ReportContext *context)
{
	return final_view_new(context, true, connections_finish);
}
