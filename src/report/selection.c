/* Which connections are shown, and in what order. Knows states, times and addresses; prints
 * nothing. */
#include <string.h>

#include "report/report.h"

static const char *const sort_names[] = { SORT_KIND_LIST(LIST_NAME) };

bool sort_kind_parse(const char *text, SortKind *kind)
{
	for (unsigned at = 0; at < SORT_KIND_COUNT; at++) {
		if (strcmp(text, sort_names[at]) == 0) {
			*kind = (SortKind)at;
			return true;
		}
	}
	return false;
}

bool selection_needs_end(const Selection *selection)
{
	return selection->states != 0 || selection->older > 0 || selection->top > 0 ||
	       selection->sort != SORT_NUMBER;
}

bool selection_is_all(const Selection *selection)
{
	return !selection->numbers && selection->states == 0 && selection->older <= 0 &&
	       selection->top == 0 && !selection->local;
}

bool selection_hosts_match(const Selection *selection, const Anomaly *anomaly)
{
	if (selection_is_all(selection))
		return true;
	if (selection->numbers || selection->states != 0 || selection->older > 0 ||
	    selection->top > 0)
		return false;
	for (unsigned i = 0; i < ANOMALY_HOSTS_MAX; i++) {
		const Endpoint *host = &anomaly->hosts[i];

		if (host->version != 0 &&
		    address_prefix_contains(selection->local, &host->addr, host->version))
			return true;
	}
	return false;
}

bool selection_end_is_local(const Selection *selection, const Connection *connection, unsigned end)
{
	const Endpoint *endpoint = &connection->key.end[end];

	return !selection->local ||
	       address_prefix_contains(selection->local, &endpoint->addr, endpoint->version);
}

static bool number_is_chosen(const Selection *selection, unsigned number)
{
	size_t low = 0, high = selection->number_count;

	if (!selection->numbers)
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (selection->numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < selection->number_count && selection->numbers[low] == number;
}

/* How long the end has been in its present state. One that never had any has been UNKNOWN from the
 * connection's first segment on. */
static NsTime end_age(const Connection *connection, unsigned end, NsTime now)
{
	NsTime since = connection_since(connection, end);

	return now - (since != 0 ? since : connection->first);
}

bool selection_end_matches(const Selection *selection, const Connection *connection, unsigned end,
			   NsTime now)
{
	if (!selection_end_is_local(selection, connection, end))
		return false;
	if (selection->states != 0 &&
	    !(selection->states & 1u << connection_state(connection, end)))
		return false;
	return selection->older <= 0 || end_age(connection, end, now) >= selection->older;
}

bool selection_matches(const Selection *selection, const Connection *connection, NsTime now)
{
	return number_is_chosen(selection, connection->number) &&
	       (selection_end_matches(selection, connection, 0, now) ||
		selection_end_matches(selection, connection, 1, now));
}

/* What the order is made by. */
typedef struct {
	const Selection *selection; /* the key, and which ends count */
	NsTime now;                 /* ages are as of now */
} Order;

static uint64_t sum(const uint64_t count[2])
{
	return count[0] + count[1];
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* States in the order of a connection's life; those that have ended last. */
static int64_t state_rank(const Order *order, const Connection *connection)
{
	int64_t rank = TCP_STATE_COUNT;

	for (unsigned end = 0; end < 2; end++) {
		TcpState state = connection_state(connection, end);

		if (selection_end_matches(order->selection, connection, end, order->now) &&
		    state != TCP_STATE_CLOSED)
			rank = MIN(rank, (int64_t)state);
	}
	return rank;
}

static int64_t longest_age(const Order *order, const Connection *connection)
{
	int64_t longest = 0;

	for (unsigned end = 0; end < 2; end++) {
		if (selection_end_matches(order->selection, connection, end, order->now))
			longest = MAX(longest, end_age(connection, end, order->now));
	}
	return longest;
}

/* The sort key as a number, less first. What is measured goes the other way: the largest first, for
 * --top. */
static int64_t sort_key(const Order *order, const Connection *connection)
{
	const ConnectionReport *report = connection->report;

	switch (order->selection->sort) {
	case SORT_FIRST:
		return connection->first;
	case SORT_LAST:
		return connection_last(connection);
	case SORT_DURATION:
		return -(connection_last(connection) - connection->first);
	case SORT_BYTES:
		return report ? -(int64_t)sum(report->bytes) : 0;
	case SORT_PACKETS:
		return report ? -(int64_t)sum(report->packets) : 0;
	case SORT_RTT:
		return report ? -report->handshake_rtt : 0;
	case SORT_STATE:
		return state_rank(order, connection);
	case SORT_AGE:
		return -longest_age(order, connection);
	case SORT_NUMBER:
	case SORT_CLIENT:
	case SORT_SERVER:
	case SORT_KIND_COUNT:
		break;
	}
	return 0;
}

/* Equal ones stand in the order of their numbers. */
static int compare_connections(const void *first, const void *second, void *data)
{
	const Order *order = data;
	const Connection *a = *(const Connection *const *)first;
	const Connection *b = *(const Connection *const *)second;
	SortKind sort = order->selection->sort;
	int difference;

	if (sort == SORT_CLIENT)
		difference = endpoint_compare(&a->key.end[a->client], &b->key.end[b->client]);
	else if (sort == SORT_SERVER)
		difference = endpoint_compare(&a->key.end[!a->client], &b->key.end[!b->client]);
	else
		difference = compare(sort_key(order, a), sort_key(order, b));
	return difference != 0 ? difference : compare(a->number, b->number);
}

GPtrArray *selection_apply(const Selection *selection, const GPtrArray *connections, NsTime now)
{
	Order order = { .selection = selection, .now = now };
	GPtrArray *selected = g_ptr_array_new();

	for (unsigned at = 0; at < connections->len; at++) {
		if (selection_matches(selection, connections->pdata[at], now))
			g_ptr_array_add(selected, connections->pdata[at]);
	}
	if (selection->sort != SORT_NUMBER)
		g_ptr_array_sort_with_data(selected, compare_connections, &order);
	if (selection->top > 0 && selected->len > selection->top)
		g_ptr_array_set_size(selected, (int)selection->top);
	return selected;
}
