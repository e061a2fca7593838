/* The states and their edges against RFC 9293 figure 5, and their names against ss(8) and
 * netstat(8). */
#include "tcp/state.h"

#include <glib.h>

/* Every edge of the figure, and those its notes add, written down once more from the RFC. */
static const TcpState figure[][2] = {
	{ TCP_STATE_CLOSED, TCP_STATE_LISTEN },
	{ TCP_STATE_CLOSED, TCP_STATE_SYN_SENT },
	{ TCP_STATE_LISTEN, TCP_STATE_CLOSED },
	{ TCP_STATE_LISTEN, TCP_STATE_SYN_RCVD },
	{ TCP_STATE_LISTEN, TCP_STATE_SYN_SENT },
	{ TCP_STATE_SYN_SENT, TCP_STATE_CLOSED },
	{ TCP_STATE_SYN_SENT, TCP_STATE_SYN_RCVD },
	{ TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED },
	{ TCP_STATE_SYN_RCVD, TCP_STATE_LISTEN },
	{ TCP_STATE_SYN_RCVD, TCP_STATE_ESTABLISHED },
	{ TCP_STATE_SYN_RCVD, TCP_STATE_FIN_WAIT_1 },
	{ TCP_STATE_SYN_RCVD, TCP_STATE_CLOSED },
	{ TCP_STATE_ESTABLISHED, TCP_STATE_FIN_WAIT_1 },
	{ TCP_STATE_ESTABLISHED, TCP_STATE_CLOSE_WAIT },
	{ TCP_STATE_ESTABLISHED, TCP_STATE_CLOSED },
	{ TCP_STATE_FIN_WAIT_1, TCP_STATE_FIN_WAIT_2 },
	{ TCP_STATE_FIN_WAIT_1, TCP_STATE_CLOSING },
	{ TCP_STATE_FIN_WAIT_1, TCP_STATE_TIME_WAIT },
	{ TCP_STATE_FIN_WAIT_1, TCP_STATE_CLOSED },
	{ TCP_STATE_FIN_WAIT_2, TCP_STATE_TIME_WAIT },
	{ TCP_STATE_FIN_WAIT_2, TCP_STATE_CLOSED },
	{ TCP_STATE_CLOSE_WAIT, TCP_STATE_LAST_ACK },
	{ TCP_STATE_CLOSE_WAIT, TCP_STATE_CLOSED },
	{ TCP_STATE_CLOSING, TCP_STATE_TIME_WAIT },
	{ TCP_STATE_CLOSING, TCP_STATE_CLOSED },
	{ TCP_STATE_LAST_ACK, TCP_STATE_CLOSED },
	{ TCP_STATE_TIME_WAIT, TCP_STATE_CLOSED },
};

static bool in_figure(TcpState from, TcpState to)
{
	for (size_t i = 0; i < G_N_ELEMENTS(figure); i++)
		if (figure[i][0] == from && figure[i][1] == to)
			return true;
	return false;
}

static void test_edges(void)
{
	for (int from = 0; from < TCP_STATE_UNKNOWN; from++)
		for (int to = 0; to < TCP_STATE_UNKNOWN; to++)
			g_assert_cmpint(tcp_state_may_follow(from, to), ==, in_figure(from, to));
}

static void test_paths(void)
{
	g_assert_true(tcp_state_reaches(TCP_STATE_ESTABLISHED, TCP_STATE_TIME_WAIT));
	g_assert_true(tcp_state_reaches(TCP_STATE_SYN_SENT, TCP_STATE_LAST_ACK));
	g_assert_false(tcp_state_reaches(TCP_STATE_CLOSE_WAIT, TCP_STATE_CLOSING));
	g_assert_false(tcp_state_reaches(TCP_STATE_CLOSE_WAIT, TCP_STATE_ESTABLISHED));
	g_assert_false(tcp_state_reaches(TCP_STATE_FIN_WAIT_2, TCP_STATE_FIN_WAIT_1));
	/* A path does not lead on through CLOSED: what follows is another incarnation. */
	g_assert_false(tcp_state_reaches(TCP_STATE_ESTABLISHED, TCP_STATE_SYN_SENT));
	for (int to = 0; to < TCP_STATE_COUNT; to++)
		g_assert_true(tcp_state_reaches(TCP_STATE_UNKNOWN, to));
}

static void test_names(void)
{
	static const struct {
		const char *text;
		TcpState state;
	} spellings[] = {
		{ "FIN_WAIT_1", TCP_STATE_FIN_WAIT_1 }, { "FIN-WAIT-1", TCP_STATE_FIN_WAIT_1 },
		{ "fin_wait1", TCP_STATE_FIN_WAIT_1 },  { "SYN-RECV", TCP_STATE_SYN_RCVD },
		{ "SYN_RECV", TCP_STATE_SYN_RCVD },     { "syn-rcvd", TCP_STATE_SYN_RCVD },
		{ "ESTAB", TCP_STATE_ESTABLISHED },     { "established", TCP_STATE_ESTABLISHED },
		{ "close", TCP_STATE_CLOSED },          { "UNCONN", TCP_STATE_CLOSED },
		{ "time-wait", TCP_STATE_TIME_WAIT },   { "close-wait", TCP_STATE_CLOSE_WAIT },
	};
	TcpState state = TCP_STATE_COUNT;

	for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
		g_assert_true(tcp_state_parse(spellings[i].text, &state));
		g_assert_cmpint(state, ==, spellings[i].state);
	}
	for (int i = 0; i < TCP_STATE_COUNT; i++) {
		g_assert_true(tcp_state_parse(tcp_state_name(i), &state));
		g_assert_cmpint(state, ==, i);
		g_assert_true(tcp_state_parse(tcp_state_ss_name(i), &state));
		g_assert_cmpint(state, ==, i);
	}
	g_assert_false(tcp_state_parse("", &state));
	g_assert_false(tcp_state_parse("FIN_WAIT", &state));
	g_assert_false(tcp_state_parse("ESTABLISHEDX", &state));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/state/edges", test_edges);
	g_test_add_func("/state/paths", test_paths);
	g_test_add_func("/state/names", test_names);
	return g_test_run();
}
