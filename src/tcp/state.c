/* The states of RFC 9293 3.3.2 and the edges between them. Knows the figure; knows no segment. */
#include "tcp/state.h"

#include <glib.h>

#define BIT(state) (1u << TCP_STATE_##state)

#define STATE_NAME(member, name, ss, netstat)    [member] = name,
#define STATE_SS(member, name, ss, netstat)      [member] = ss,
#define STATE_NETSTAT(member, name, ss, netstat) [member] = netstat,

static const char *const names[TCP_STATE_COUNT] = { TCP_STATE_LIST(STATE_NAME) };
static const char *const ss_names[TCP_STATE_COUNT] = { TCP_STATE_LIST(STATE_SS) };
static const char *const netstat_names[TCP_STATE_COUNT] = { TCP_STATE_LIST(STATE_NETSTAT) };

/* RFC 9293 figure 5, with its notes: the edge from FIN-WAIT-1 to TIME-WAIT that the figure leaves
 * out (note 2), and CLOSED after a reset or an abort from everywhere (3.10.5, 3.10.7.4). */
static const unsigned edges[TCP_STATE_COUNT] = {
	[TCP_STATE_CLOSED] = BIT(LISTEN) | BIT(SYN_SENT),
	[TCP_STATE_LISTEN] = BIT(SYN_RCVD) | BIT(SYN_SENT) | BIT(CLOSED),
	[TCP_STATE_SYN_SENT] = BIT(SYN_RCVD) | BIT(ESTABLISHED) | BIT(CLOSED),
	[TCP_STATE_SYN_RCVD] = BIT(ESTABLISHED) | BIT(FIN_WAIT_1) | BIT(LISTEN) | BIT(CLOSED),
	[TCP_STATE_ESTABLISHED] = BIT(FIN_WAIT_1) | BIT(CLOSE_WAIT) | BIT(CLOSED),
	[TCP_STATE_FIN_WAIT_1] = BIT(FIN_WAIT_2) | BIT(CLOSING) | BIT(TIME_WAIT) | BIT(CLOSED),
	[TCP_STATE_FIN_WAIT_2] = BIT(TIME_WAIT) | BIT(CLOSED),
	[TCP_STATE_CLOSE_WAIT] = BIT(LAST_ACK) | BIT(CLOSED),
	[TCP_STATE_CLOSING] = BIT(TIME_WAIT) | BIT(CLOSED),
	[TCP_STATE_LAST_ACK] = BIT(CLOSED),
	[TCP_STATE_TIME_WAIT] = BIT(CLOSED),
	[TCP_STATE_UNKNOWN] = (1u << TCP_STATE_COUNT) - 1,
};

const char *tcp_state_name(TcpState state)
{
	return names[state];
}

const char *tcp_state_ss_name(TcpState state)
{
	return ss_names[state];
}

/* Equal but for case, with '-' and '_' alike. */
static bool same_spelling(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '-' ? '_' : g_ascii_toupper(*a);
		char y = *b == '-' ? '_' : g_ascii_toupper(*b);

		if (x != y)
			return false;
	}
	return *a == *b;
}

bool tcp_state_parse(const char *text, TcpState *state)
{
	for (int i = 0; i < TCP_STATE_COUNT; i++) {
		if (same_spelling(text, names[i]) || same_spelling(text, ss_names[i]) ||
		    same_spelling(text, netstat_names[i])) {
			*state = i;
			return true;
		}
	}
	/* What ss(8) takes as the argument of its "state" filter, where it differs from what it
	 * prints. */
	if (same_spelling(text, "LISTENING")) {
		*state = TCP_STATE_LISTEN;
		return true;
	}
	return false;
}

bool tcp_state_may_follow(TcpState from, TcpState to)
{
	return edges[from] & (1u << to);
}

bool tcp_state_reaches(TcpState from, TcpState to)
{
	unsigned reached = edges[from];
	unsigned grown = 0;

	if (tcp_state_may_follow(from, to))
		return true;
	/* A path does not lead on through CLOSED or LISTEN: what follows them is another
	 * incarnation. */
	while (grown != reached) {
		grown = reached;
		for (int i = TCP_STATE_SYN_SENT; i < TCP_STATE_UNKNOWN; i++)
			if (grown & (1u << i))
				reached |= edges[i];
	}
	return reached & (1u << to);
}
