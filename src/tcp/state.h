/* The states of RFC 9293 3.3.2 and the edges between them. Knows the figure; knows no segment. */
#ifndef WIRESTATE_TCP_STATE_H
#define WIRESTATE_TCP_STATE_H

#include <stdbool.h>

#include "base/listmacro.h"

/* Member, our name (RFC 9293 with underscores), ss(8)'s, netstat(8)'s. UNKNOWN is a side of which
 * nothing on the wire says anything; it is no state of the figure. */
#define TCP_STATE_LIST(X)                                                                          \
	X(TCP_STATE_CLOSED, "CLOSED", "UNCONN", "CLOSE")                                           \
	X(TCP_STATE_LISTEN, "LISTEN", "LISTEN", "LISTEN")                                          \
	X(TCP_STATE_SYN_SENT, "SYN_SENT", "SYN-SENT", "SYN_SENT")                                  \
	X(TCP_STATE_SYN_RCVD, "SYN_RCVD", "SYN-RECV", "SYN_RECV")                                  \
	X(TCP_STATE_ESTABLISHED, "ESTABLISHED", "ESTAB", "ESTABLISHED")                            \
	X(TCP_STATE_FIN_WAIT_1, "FIN_WAIT_1", "FIN-WAIT-1", "FIN_WAIT1")                           \
	X(TCP_STATE_FIN_WAIT_2, "FIN_WAIT_2", "FIN-WAIT-2", "FIN_WAIT2")                           \
	X(TCP_STATE_CLOSE_WAIT, "CLOSE_WAIT", "CLOSE-WAIT", "CLOSE_WAIT")                          \
	X(TCP_STATE_CLOSING, "CLOSING", "CLOSING", "CLOSING")                                      \
	X(TCP_STATE_LAST_ACK, "LAST_ACK", "LAST-ACK", "LAST_ACK")                                  \
	X(TCP_STATE_TIME_WAIT, "TIME_WAIT", "TIME-WAIT", "TIME_WAIT")                              \
	X(TCP_STATE_UNKNOWN, "UNKNOWN", "UNKNOWN", "UNKNOWN")

typedef enum { TCP_STATE_LIST(LIST_ENUM_MEMBER) TCP_STATE_COUNT } TcpState;

/* "FIN_WAIT_1". */
const char *tcp_state_name(TcpState state);

/* "FIN-WAIT-1": as ss(8) prints it. */
const char *tcp_state_ss_name(TcpState state);

/* Reads a state in our spelling, ss's or netstat's, in either case and with '-' or '_' alike;
 * "CLOSE" and "UNCONN" are CLOSED. False, with nothing written, when it is none. */
bool tcp_state_parse(const char *text, TcpState *state);

/* Whether the figure has an edge from one state to the other (RFC 9293 figure 5 with its notes). A
 * side that was UNKNOWN may become anything: its past was not captured. */
bool tcp_state_may_follow(TcpState from, TcpState to);

/* Whether a path of the figure leads from one state to the other: what may have happened while the
 * capture did not look. */
bool tcp_state_reaches(TcpState from, TcpState to);

#endif
