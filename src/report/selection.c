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

/* One that was chosen, and what the order is made by. */
typedef struct {
	Endpoint endpoint; /* SORT_CLIENT and SORT_SERVER: that of this end */
	int64_t key;       /* the others: less comes first */
	unsigned number;   /* equal ones stand in the order of these */
} Chosen;

struct Choice {
	const Selection *selection; /* the key, and which ends count; borrowed */
	NsTime now;                 /* ages are as of now */
	GArray *numbers;            /* unsigned: the result, if there is no other order */
	GArray *chosen;             /* Chosen: what is to be put in order; NULL: nothing is */
};

static uint64_t sum(const uint64_t count[2])
{
	return count[0] + count[1];
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* States in the order of a connection's life; those that have ended last. */
static int64_t state_rank(const Choice *choice, const Connection *connection)
{
	int64_t rank = TCP_STATE_COUNT;

	for (unsigned end = 0; end < 2; end++) {
		TcpState state = connection_state(connection, end);

		if (selection_end_matches(choice->selection, connection, end, choice->now) &&
		    state != TCP_STATE_CLOSED)
			rank = MIN(rank, (int64_t)state);
	}
	return rank;
}

static int64_t longest_age(const Choice *choice, const Connection *connection)
{
	int64_t longest = 0;

	for (unsigned end = 0; end < 2; end++) {
		if (selection_end_matches(choice->selection, connection, end, choice->now))
			longest = MAX(longest, end_age(connection, end, choice->now));
	}
	return longest;
}

/* The sort key as a number, less first. What is measured goes the other way: the largest first, for
 * --top. */
static int64_t sort_key(const Choice *choice, const Connection *connection)
{
	const ConnectionReport *report = connection->report;

	switch (choice->selection->sort) {
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
		return state_rank(choice, connection);
	case SORT_AGE:
		return -longest_age(choice, connection);
	case SORT_NUMBER:
	case SORT_CLIENT:
	case SORT_SERVER:
	case SORT_KIND_COUNT:
		break;
	}
	return 0;
}

static int compare_chosen(const void *first, const void *second, void *data)
{
	const Choice *choice = data;
	const Chosen *a = first, *b = second;
	SortKind sort = choice->selection->sort;
	int difference;

	if (sort == SORT_CLIENT || sort == SORT_SERVER)
		difference = endpoint_compare(&a->endpoint, &b->endpoint);
	else
		difference = compare(a->key, b->key);
	return difference != 0 ? difference : compare(a->number, b->number);
}

Choice *choice_new(const Selection *selection, NsTime now)
{
	Choice *choice = g_new0(Choice, 1);

	choice->selection = selection;
	choice->now = now;
	choice->numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
	if (selection->sort != SORT_NUMBER)
		choice->chosen = g_array_new(FALSE, FALSE, sizeof(Chosen));
	return choice;
}

void choice_offer(void *data, const Connection *connection)
{
	Choice *choice = data;
	SortKind sort = choice->selection->sort;
	Chosen chosen = { .number = connection->number };

	if (!selection_matches(choice->selection, connection, choice->now))
		return;
	if (!choice->chosen) {
		g_array_append_val(choice->numbers, chosen.number);
		return;
	}
	if (sort == SORT_CLIENT || sort == SORT_SERVER)
		chosen.endpoint = connection->key.end[connection->client ^ (sort == SORT_SERVER)];
	else
		chosen.key = sort_key(choice, connection);
	g_array_append_val(choice->chosen, chosen);
}

GArray *choice_finish(Choice *choice)
{
	GArray *numbers = choice->numbers;
	unsigned top = choice->selection->top;

	if (choice->chosen) {
		g_array_sort_with_data(choice->chosen, compare_chosen, choice);
		for (unsigned at = 0; at < choice->chosen->len; at++)
			g_array_append_val(numbers,
					   g_array_index(choice->chosen, Chosen, at).number);
		g_array_unref(choice->chosen);
	}
	if (top > 0 && numbers->len > top)
		g_array_set_size(numbers, top);
	g_free(choice);
	return numbers;
}
