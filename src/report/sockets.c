/* --connections --local: the table that ss -tan prints on that host. Knows one end of each
 * connection; knows no segment. */
#include "report/sockets.h"

#include <string.h>

#include "report/columns.h"
#include "report/tally.h"

/* A socket as ss lists it. */
typedef struct {
	TcpState state; /* of this end */
	Endpoint local; /* this end */
	Endpoint peer;  /* the other; its version is 0: it listens */
} Socket;

static Style print_socket_state(GString *cell, const void *row, void *data)
{
	(void)data;
	g_string_append(cell, tcp_state_ss_name(((const Socket *)row)->state));
	return STYLE_PLAIN;
}

/* The queues are in the host's memory and not on the wire; their columns stay, so that whoever
 * takes the fourth and fifth word of a line gets the addresses as from ss. */
static Style print_queue(GString *cell, const void *row, void *data)
{
	(void)row;
	(void)data;
	g_string_append_c(cell, '-');
	return STYLE_QUIET;
}

/* The address up to the colon and what follows it are columns of their own, as in ss. */
static void split_endpoint(GString *cell, const Endpoint *endpoint, bool port)
{
	char text[ENDPOINT_TEXT_MAX];
	char *colon;

	endpoint_format(text, endpoint);
	colon = strrchr(text, ':');
	g_string_append_len(cell, port ? colon : text, port ? -1 : colon - text);
}

static Style print_local(GString *cell, const void *row, void *data)
{
	(void)data;
	split_endpoint(cell, &((const Socket *)row)->local, false);
	return STYLE_PLAIN;
}

static Style print_local_port(GString *cell, const void *row, void *data)
{
	(void)data;
	split_endpoint(cell, &((const Socket *)row)->local, true);
	return STYLE_PLAIN;
}

static Style print_peer(GString *cell, const void *row, void *data)
{
	const Socket *socket = row;

	(void)data;
	if (socket->peer.version)
		split_endpoint(cell, &socket->peer, false);
	else
		g_string_append(cell, socket->local.version == 4 ? "0.0.0.0" : "[::]");
	return STYLE_PLAIN;
}

static Style print_peer_port(GString *cell, const void *row, void *data)
{
	const Socket *socket = row;

	(void)data;
	if (socket->peer.version)
		split_endpoint(cell, &socket->peer, true);
	else
		g_string_append(cell, ":*");
	return STYLE_PLAIN;
}

static const Column one_end[] = {
	{ .header = "State", .print = print_socket_state },
	{ .header = "Recv-Q", .print = print_queue },
	{ .header = "Send-Q", .print = print_queue },
	{ .header = "Local Address", .right = true, .print = print_local },
	{ .header = ":Port", .glued = true, .print = print_local_port },
	{ .header = "Peer Address", .right = true, .print = print_peer },
	{ .header = ":Port", .glued = true, .print = print_peer_port },
};

/* What has ended, and what nothing is known of, is no line of ss; --state asks for it. */
static bool is_listed(const Selection *selection, TcpState state)
{
	return selection->states != 0 || (state != TCP_STATE_CLOSED && state != TCP_STATE_UNKNOWN);
}

/* Endpoints that listen have no connection of their own: they are found through those that they
 * have answered, in whatever state these are now. */
static void add_listeners(GArray *sockets, const ReportContext *context, const Selected *selected,
			  NsTime now)
{
	Selection everything = *context->selection;
	g_autoptr(Selected) connections = NULL;
	g_autoptr(GPtrArray) listeners = NULL;

	/* How long they have been listening nobody knows. */
	if (everything.older > 0)
		return;
	if (everything.states != 0) {
		if (!(everything.states & 1u << TCP_STATE_LISTEN))
			return;
		everything.states = 0;
		connections = selected_new(context, &everything, now);
		selected = connections;
	}
	listeners = tally_listeners(context, selected);
	for (unsigned at = 0; at < listeners->len; at++) {
		Socket socket = { .state = TCP_STATE_LISTEN,
				  .local = *(const Endpoint *)listeners->pdata[at] };

		g_array_append_val(sockets, socket);
	}
}

/* The table so far. */
typedef struct {
	const Selection *selection; /* which ends are listed */
	NsTime now;                 /* ages are as of now */
	GArray *sockets;            /* Socket */
} Listing;

static void add_ends(void *data, const Connection *connection)
{
	const Listing *listing = data;

	for (unsigned end = 0; end < (connection->self ? 1 : 2); end++) {
		Socket socket = { .state = connection_state(connection, end),
				  .local = connection->key.end[end],
				  .peer = connection->key.end[!end] };

		if (selection_end_matches(listing->selection, connection, end, listing->now) &&
		    is_listed(listing->selection, socket.state))
			g_array_append_val(listing->sockets, socket);
	}
}

/* Listening ones first, as in ss. */
static GArray *collect_sockets(const ReportContext *context, const Selected *selected, NsTime now)
{
	GArray *sockets = g_array_new(FALSE, FALSE, sizeof(Socket));
	Listing listing = { context->selection, now, sockets };

	add_listeners(sockets, context, selected, now);
	selected_each(selected, add_ends, &listing);
	return sockets;
}

void sockets_append(GString *text, const ReportContext *context, const Selected *selected,
		    NsTime now)
{
	g_autoptr(GArray) sockets = collect_sockets(context, selected, now);

	columns_append(text, context, one_end, G_N_ELEMENTS(one_end), rows_of_array(sockets), NULL);
}
