/* Which connections are shown, and in what order, over connections made by hand. */
#include "report/report.h"

#include <stdlib.h>

#define CONNECTIONS 4

static Connection *connections[CONNECTIONS];

static Endpoint endpoint(unsigned last_byte, unsigned port)
{
	const Endpoint made = { .addr = { { 192, 0, 2, (uint8_t)last_byte } },
				.port = (uint16_t)port,
				.version = 4 };

	return made;
}

/* Times are in seconds. */
static void make(unsigned at, TcpState client, TcpState server, NsTime first, NsTime last,
		 NsTime client_since, NsTime server_since, uint64_t bytes)
{
	Connection *connection = g_new0(Connection, 1);

	connection->number = at + 1;
	connection->key.end[0] = endpoint(10 - at, 40000);
	connection->key.end[1] = endpoint(100, 80);
	connection->side[0].state = client;
	connection->side[1].state = server;
	connection->first = first * NSTIME_SECOND;
	connection->last = last * NSTIME_SECOND;
	connection->since[0] = client_since * NSTIME_SECOND;
	connection->since[1] = server_since * NSTIME_SECOND;
	connection->report = g_new0(ConnectionReport, 1);
	connection->report->last = connection->last;
	connection->report->bytes[1] = bytes;
	connection->report->packets[0] = CONNECTIONS - at;
	connection->report->handshake_rtt = at == 0 ? -1 : (NsTime)at * NSTIME_MILLISECOND;
	connections[at] = connection;
}

static void make_all(void)
{
	make(0, TCP_STATE_SYN_SENT, TCP_STATE_UNKNOWN, 10, 20, 10, 0, 0);
	make(1, TCP_STATE_FIN_WAIT_2, TCP_STATE_CLOSE_WAIT, 20, 50, 40, 45, 500);
	make(2, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED, 30, 90, 31, 32, 900);
	make(3, TCP_STATE_TIME_WAIT, TCP_STATE_CLOSED, 40, 60, 60, 60, 900);
}

/* Compares with the numbers that @expected lists, in its order; 0 ends it. */
static void check(const Selection *selection, const unsigned expected[])
{
	Choice *choice = choice_new(selection, 100 * NSTIME_SECOND);
	g_autoptr(GArray) chosen = NULL;
	unsigned count = 0;

	for (unsigned at = 0; at < CONNECTIONS; at++)
		choice_offer(choice, connections[at]);
	chosen = choice_finish(choice);
	while (expected[count] != 0)
		count++;
	g_assert_cmpuint(chosen->len, ==, count);
	for (unsigned at = 0; at < count; at++)
		g_assert_cmpuint(g_array_index(chosen, unsigned, at), ==, expected[at]);
}

#define CHECK(selection, ...)                                                                      \
	check(&(selection), (const unsigned[]){ __VA_ARGS__ __VA_OPT__(, ) 0 })

static void test_everything(void)
{
	const Selection selection = { 0 };

	g_assert_true(selection_is_all(&selection));
	g_assert_false(selection_needs_end(&selection));
	CHECK(selection, 1, 2, 3, 4);
}

static void test_numbers(void)
{
	const unsigned some[] = { 2, 4, 9 }, none[] = { 7 };
	const Selection selection = { .numbers = some, .number_count = 3 };
	const Selection nothing = { .numbers = none, .number_count = 1 };

	g_assert_false(selection_is_all(&selection));
	g_assert_false(selection_needs_end(&selection));
	CHECK(selection, 2, 4);
	CHECK(nothing);
}

static void test_states(void)
{
	const Selection either = { .states =
					   1u << TCP_STATE_CLOSE_WAIT | 1u << TCP_STATE_SYN_SENT };
	const Selection listen = { .states = 1u << TCP_STATE_LISTEN };

	g_assert_true(selection_needs_end(&either));
	CHECK(either, 1, 2);
	CHECK(listen);
}

/* At second 100: the server of 1 is UNKNOWN since second 10, 2 is 60 and 55 s old, 3 is 69 and 68,
 * 4 is 40. */
static void test_older(void)
{
	const Selection sixty = { .older = 60 * NSTIME_SECOND };
	const Selection more = { .older = 60 * NSTIME_SECOND + 1 };
	/* The age is that of the side in that state, not of the other. */
	const Selection waiting = { .states = 1u << TCP_STATE_CLOSE_WAIT,
				    .older = 60 * NSTIME_SECOND };

	g_assert_true(selection_needs_end(&sixty));
	CHECK(sixty, 1, 2, 3);
	CHECK(more, 1, 3);
	CHECK(waiting);
}

static void test_local(void)
{
	AddressPrefix server, client, other;
	Selection selection = { .local = &server };

	g_assert_true(address_prefix_parse("192.0.2.100", &server));
	g_assert_true(address_prefix_parse("192.0.2.8/31", &client));
	g_assert_true(address_prefix_parse("::/0", &other));
	CHECK(selection, 1, 2, 3, 4);
	g_assert_false(selection_end_is_local(&selection, connections[0], 0));
	g_assert_true(selection_end_is_local(&selection, connections[0], 1));
	/* With --local the state has to be that of a local side. */
	selection.states = 1u << TCP_STATE_FIN_WAIT_2;
	CHECK(selection);
	selection.states = 1u << TCP_STATE_CLOSE_WAIT;
	CHECK(selection, 2);
	selection.states = 0;
	selection.local = &client;
	CHECK(selection, 2, 3);
	selection.local = &other;
	CHECK(selection);
}

/* A connection to itself has one state, kept with its first end. */
static void test_self(void)
{
	const Selection selection = { .states = 1u << TCP_STATE_CLOSING };
	Connection self = { .number = 1, .self = true };

	self.side[0].state = TCP_STATE_CLOSING;
	g_assert_true(selection_matches(&selection, &self, 0));
	self.side[0].state = TCP_STATE_TIME_WAIT;
	self.side[1].state = TCP_STATE_CLOSING;
	g_assert_false(selection_matches(&selection, &self, 0));
}

static void check_order(SortKind sort, const unsigned expected[])
{
	const Selection selection = { .sort = sort };

	g_assert_cmpint(selection_needs_end(&selection), ==, sort != SORT_NUMBER);
	g_assert_true(selection_is_all(&selection));
	check(&selection, expected);
}

#define CHECK_ORDER(sort, ...) check_order(sort, (const unsigned[]){ __VA_ARGS__, 0 })

/* Times and names go up; what is measured goes down; equals stand by their numbers. */
static void test_order(void)
{
	CHECK_ORDER(SORT_NUMBER, 1, 2, 3, 4);
	CHECK_ORDER(SORT_FIRST, 1, 2, 3, 4);
	CHECK_ORDER(SORT_LAST, 1, 2, 4, 3);
	CHECK_ORDER(SORT_DURATION, 3, 2, 4, 1);
	CHECK_ORDER(SORT_BYTES, 3, 4, 2, 1);
	CHECK_ORDER(SORT_PACKETS, 1, 2, 3, 4);
	CHECK_ORDER(SORT_STATE, 1, 3, 2, 4);
	CHECK_ORDER(SORT_AGE, 1, 3, 2, 4);
	CHECK_ORDER(SORT_RTT, 4, 3, 2, 1);
	CHECK_ORDER(SORT_CLIENT, 4, 3, 2, 1);
	CHECK_ORDER(SORT_SERVER, 1, 2, 3, 4);
}

static void test_top(void)
{
	const Selection selection = { .sort = SORT_BYTES, .top = 2 }, many = { .top = 9 };

	g_assert_true(selection_needs_end(&many));
	g_assert_false(selection_is_all(&many));
	CHECK(selection, 3, 4);
	CHECK(many, 1, 2, 3, 4);
}

static void test_keys(void)
{
	SortKind kind = SORT_KIND_COUNT;

	g_assert_true(sort_kind_parse("duration", &kind));
	g_assert_cmpint(kind, ==, SORT_DURATION);
	g_assert_true(sort_kind_parse("number", &kind));
	g_assert_cmpint(kind, ==, SORT_NUMBER);
	g_assert_false(sort_kind_parse("size", &kind));
	g_assert_false(sort_kind_parse("", &kind));
	g_assert_cmpint(kind, ==, SORT_NUMBER);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	make_all();
	g_test_add_func("/selection/everything", test_everything);
	g_test_add_func("/selection/numbers", test_numbers);
	g_test_add_func("/selection/states", test_states);
	g_test_add_func("/selection/older", test_older);
	g_test_add_func("/selection/local", test_local);
	g_test_add_func("/selection/self-connect", test_self);
	g_test_add_func("/selection/order", test_order);
	g_test_add_func("/selection/top", test_top);
	g_test_add_func("/selection/keys", test_keys);
	status = g_test_run();
	for (unsigned at = 0; at < CONNECTIONS; at++) {
		g_free(connections[at]->report);
		g_free(connections[at]);
	}
	return status;
}
