/* From marks to reported states: the only writer of TcpSide.state. Knows why a state changed; moves
 * no mark. */
#ifndef WIRESTATE_FLOW_SETTLE_H
#define WIRESTATE_FLOW_SETTLE_H

#include "flow/connection.h"

/* Linux sends a SYN-ACK again five times (tcp_synack_retries) and then forgets the request. */
#define SYN_ACK_REPEATS_MAX 5

/* No timer for repeated segments waits longer (Linux: TCP_RTO_MAX is two minutes), and none less
 * than nothing; times in a capture can be any, and run backwards. */
#define REPEAT_WAIT_MAX (3600 * NSTIME_SECOND)

/* What moves a connection at the moment. */
typedef struct {
	Connection *connection;
	const ConnectionRules *rules;
	const Segment *segment; /* NULL: a clock, or an ICMP error */
	unsigned class;         /* of @segment */
	NsTime time;            /* of the segment or the deadline */
	uint64_t frame;         /* of the segment; 0 for a clock */
} ConnectionMove;

/* Where what is kept for each side stands: a self-connect has one. */
static inline unsigned connection_index(const Connection *connection, unsigned end)
{
	return connection->self ? 0 : end;
}

/* Has the side at @end enter @to, which is not its state, by the edges of the figure, and tells a
 * transition for each. For connection_settle() only. */
void connection_move_on(const ConnectionMove *move, unsigned end, TcpState to, Basis basis);

/* Derives the state of the side at @end and enters it when it has changed, by the edges of the
 * figure, with a transition told for each.
 * @basis says whose doing it was: it sent the segment (observed), was to receive it (assumed), or a
 * clock; it becomes revised when the figure has no way from the old state to the new one. */
static inline void connection_settle(const ConnectionMove *move, unsigned end, Basis basis)
{
	const TcpSide *side = connection_side(move->connection, end);
	TcpState to = tcp_side_state(side, connection_side(move->connection, !end));

	if (to != side->state)
		connection_move_on(move, end, to, basis);
}

#endif
