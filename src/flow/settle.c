/* From marks to reported states: the only writer of TcpSide.state. Knows why a state changed; moves
 * no mark. */
#include "flow/settle.h"

#include "base/diag.h"

/* The states of a side that has received its peer's FIN. */
static bool has_peers_fin(TcpState state)
{
	return state == TCP_STATE_CLOSE_WAIT || state == TCP_STATE_CLOSING ||
	       state == TCP_STATE_LAST_ACK || state == TCP_STATE_TIME_WAIT;
}

static Cause cause_of_revision(const TcpSide *side, const ConnectionMove *move, TcpState from,
			       TcpState to, bool sent)
{
	unsigned class = move->class;

	if (from == TCP_STATE_CLOSED && class & SEGMENT_SYN_AGAIN)
		return CAUSE_TRIES_AGAIN;
	if (from == TCP_STATE_CLOSED && !(class & SEGMENT_FIN_AGAIN))
		return CAUSE_GOES_ON;
	if (class & SEGMENT_SYN_AGAIN)
		return to == TCP_STATE_SYN_SENT ? CAUSE_SYN_REPEATED : CAUSE_SYN_ACK_REPEATED;
	if ((class & SEGMENT_FIN_AGAIN) || (sent && side->fin_sent && (class & SEGMENT_AGAIN)))
		return sent ? CAUSE_FIN_REPEATED : CAUSE_PEER_FIN_REPEATED;
	if (sent && (from == TCP_STATE_CLOSE_WAIT) && side->fin_sent)
		return CAUSE_FIN_CROSSED;
	if (sent && has_peers_fin(from) && !has_peers_fin(to))
		return CAUSE_FIN_NOT_COVERED;
	return CAUSE_EVIDENCE;
}

static Cause cause_of_sending(const ConnectionMove *move, TcpState to)
{
	switch (to) {
	case TCP_STATE_SYN_SENT:
		return CAUSE_SYN_SENT;
	case TCP_STATE_SYN_RCVD:
		return CAUSE_SYN_ACK_SENT;
	case TCP_STATE_ESTABLISHED:
		return CAUSE_SPOKE;
	case TCP_STATE_CLOSED:
		return move->segment->flags & TH_RST ? CAUSE_RST_SENT : CAUSE_EVIDENCE;
	default:
		return move->segment->flags & TH_FIN ? CAUSE_FIN_SENT : CAUSE_FIN_SHOWN;
	}
}

static Cause cause_of_arrival(const ConnectionMove *move, TcpState from, TcpState to)
{
	if (!move->segment)
		return CAUSE_ICMP_ARRIVED;
	switch (to) {
	case TCP_STATE_SYN_RCVD:
		return CAUSE_SYN_ARRIVED;
	case TCP_STATE_ESTABLISHED:
		if (from == TCP_STATE_SYN_RCVD)
			return CAUSE_ACK_ARRIVED;
		return from == TCP_STATE_SYN_SENT ? CAUSE_SYN_ACK_ARRIVED : CAUSE_SPOKEN_TO;
	case TCP_STATE_FIN_WAIT_2:
		return CAUSE_FIN_ACKED;
	case TCP_STATE_TIME_WAIT:
		return from == TCP_STATE_CLOSING ? CAUSE_FIN_ACKED : CAUSE_FIN_ARRIVED;
	case TCP_STATE_CLOSED:
		if (move->segment->flags & TH_RST)
			return CAUSE_RST_ARRIVED;
		return CAUSE_FIN_ACKED;
	case TCP_STATE_CLOSE_WAIT:
	case TCP_STATE_CLOSING:
		return CAUSE_FIN_ARRIVED;
	default:
		return CAUSE_EVIDENCE;
	}
}

static Cause cause_of_clock(const Connection *connection, unsigned end, TcpState from, TcpState to)
{
	if (from == TCP_STATE_TIME_WAIT)
		return CAUSE_TIME_WAIT_OVER;
	if (from >= TCP_STATE_FIN_WAIT_1)
		return CAUSE_FIN_QUIET;
	if (to != TCP_STATE_CLOSED)
		return CAUSE_SYN_ACK_QUIET;
	return connection->syn_ack_tries[end] >= SYN_ACK_REPEATS_MAX ? CAUSE_SYN_ACK_GAVE_UP
								     : CAUSE_HANDSHAKE_OVER;
}

/* How it opened, as far as is known after this transition. */
static void note_opening(const ConnectionMove *move, const Transition *transition)
{
	Connection *connection = move->connection;
	bool of_client = connection_is_client(connection, transition->side) && !connection->self;
	TcpState to = transition->to;

	if (connection->open == OPEN_MIDSTREAM || connection->open == OPEN_SIMULTANEOUS)
		return;
	if (to == TCP_STATE_CLOSED) {
		if (of_client && connection->open == OPEN_UNANSWERED &&
		    transition->cause == CAUSE_RST_ARRIVED)
			connection->open = OPEN_REFUSED;
		return;
	}
	if (connection->self ? to == TCP_STATE_SYN_SENT : of_client)
		return;
	if (to == TCP_STATE_SYN_RCVD) {
		connection->open = OPEN_INCOMPLETE;
	} else if (to != TCP_STATE_SYN_SENT && connection->open != OPEN_HANDSHAKE &&
		   connection->open != OPEN_FAST_OPEN) {
		connection->open = connection_side(connection, transition->side)->fast_open
					   ? OPEN_FAST_OPEN
					   : OPEN_HANDSHAKE;
		if (connection->self)
			connection->open = OPEN_SIMULTANEOUS;
		if (connection->report && connection->report->handshake_rtt < 0)
			connection->report->handshake_rtt = move->time - connection->first;
	}
}

static void note_closing(Connection *connection, const Transition *transition)
{
	TcpState counted = transition->counted;
	/* More than a SYN, and less than TIME_WAIT; of a connection picked up in mid-stream nothing
	 * was known. */
	bool lived = counted != TCP_STATE_SYN_SENT && counted != TCP_STATE_TIME_WAIT &&
		     (counted != TCP_STATE_UNKNOWN || connection->open == OPEN_MIDSTREAM);

	if (transition->to == TCP_STATE_CLOSED &&
	    (transition->cause == CAUSE_RST_ARRIVED || transition->cause == CAUSE_RST_SENT))
		connection->reset_ended |= lived;
	else if (counted == TCP_STATE_CLOSED)
		connection->reset_ended = false;
}

/* The next state of the figure on the way from one to another that is more than an edge away: what
 * lies between was not captured, or came in one segment. */
static TcpState next_on_the_way(TcpState from, TcpState to)
{
	if (from == TCP_STATE_UNKNOWN || tcp_state_may_follow(from, to))
		return to;
	if (from == TCP_STATE_SYN_SENT || from == TCP_STATE_SYN_RCVD)
		return TCP_STATE_ESTABLISHED;
	if (from == TCP_STATE_ESTABLISHED)
		return to == TCP_STATE_LAST_ACK ? TCP_STATE_CLOSE_WAIT : TCP_STATE_FIN_WAIT_1;
	return to;
}

/* Writes the side's new state and tells. The only writer of TcpSide.state. */
static void enter(const ConnectionMove *move, unsigned end, TcpState to, Basis basis, bool sent,
		  bool afresh)
{
	Connection *connection = move->connection;
	unsigned index = connection_index(connection, end);
	TcpSide *side = connection_side(connection, end);
	TcpState from = side->state;
	Transition transition = {
		.connection = connection,
		.side = connection->self ? connection->client : end,
		.from = from,
		.to = to,
		.counted = from,
		.basis = basis,
		.frame = move->frame,
		.time = move->time,
		.since = connection->since[index],
	};

	if (afresh)
		transition.from = TCP_STATE_LISTEN;
	else if (from == TCP_STATE_UNKNOWN && to == TCP_STATE_SYN_SENT)
		transition.from = TCP_STATE_CLOSED;
	if (side->replaced)
		transition.cause = CAUSE_REPLACED;
	else if (basis == BASIS_TIMER)
		transition.cause = cause_of_clock(connection, index, from, to);
	else if (basis == BASIS_REVISED)
		transition.cause = cause_of_revision(side, move, from, to, sent);
	else if (sent)
		transition.cause = cause_of_sending(move, to);
	else
		transition.cause = cause_of_arrival(move, from, to);

	side->state = to;
	connection->since[index] = move->time;
	if (to == TCP_STATE_TIME_WAIT)
		connection->wait_from[index] = move->time;
	note_opening(move, &transition);
	note_closing(connection, &transition);
	trace(TCP, "#%u %s %s > %s %s: %s", connection->number,
	      connection_side_name(connection, end), tcp_state_name(transition.from),
	      tcp_state_name(to), basis_name(basis), cause_text(transition.cause));
	move->rules->sink(move->rules->data, &transition);
}

void connection_move_on(const ConnectionMove *move, unsigned end, TcpState to, Basis basis)
{
	const TcpSide *side = connection_side(move->connection, end);
	TcpState from = side->state;
	bool sent = basis == BASIS_OBSERVED;
	/* A SYN-ACK for the first time is the answer of a listener, whatever was before. */
	bool afresh = sent && (move->segment->flags & TH_SYN) &&
		      !(move->class & SEGMENT_SYN_AGAIN) && to == TCP_STATE_SYN_RCVD &&
		      (from == TCP_STATE_UNKNOWN || from == TCP_STATE_CLOSED);

	if (basis != BASIS_TIMER && !afresh &&
	    (from == TCP_STATE_CLOSED || !tcp_state_reaches(from, to)))
		basis = BASIS_REVISED;
	while (side->state != to)
		enter(move, end, basis == BASIS_REVISED ? to : next_on_the_way(side->state, to),
		      basis, sent, afresh);
}
