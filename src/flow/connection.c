/* One incarnation of a 4-tuple: two sides, and time. Knows when states end by a clock; knows no other connection. */
#include "flow/connection.h"

#include <glib.h>

#include "base/diag.h"
#include "base/seq.h"

/* Linux sends a SYN-ACK again five times (tcp_synack_retries) and then forgets the request. */
#define SYN_ACK_REPEATS_MAX 5

/* From the second repetition on crossing timers do not explain it: the ACK is not taken. */
#define SYN_ACK_REPEATS_HELD 2

/* What moves a connection at the moment. */
typedef struct {
	Connection *connection;
	const ConnectionRules *rules;
	const Segment *segment; /* NULL: a clock */
	unsigned class;         /* of @segment */
	NsTime time;            /* of the segment or the deadline */
	uint64_t frame;         /* of the segment; 0 for a clock */
} Move;

/* Where what is kept for each side stands: a self-connect has one. */
static inline unsigned index_of(const Connection *connection, unsigned end)
{
	return connection->self ? 0 : end;
}

bool connection_state_proven(const Connection *connection, unsigned end)
{
	const TcpSide *side = connection_side(connection, end);
	const TcpSide *peer = connection_side(connection, !end);

	if (side->state == TCP_STATE_UNKNOWN || side->held || side->expired || side->replaced)
		return false;
	/* Picked up in mid-stream: either may have sent its FIN before, unless it was heard to send data since. */
	if (side->syn_acked && side->state == TCP_STATE_ESTABLISHED && !(side->spoke && peer->spoke))
		return false;
	return tcp_side_proven_state(side, peer) == side->state;
}

bool connection_is_over(const Connection *connection)
{
	TcpState a = connection_state(connection, 0);
	TcpState b = connection_state(connection, 1);

	if (a == TCP_STATE_CLOSED)
		return b == TCP_STATE_CLOSED || b == TCP_STATE_UNKNOWN;
	return b == TCP_STATE_CLOSED && a == TCP_STATE_UNKNOWN;
}

Connection *connection_new(const FlowKey *key, unsigned sender, const Segment *segment,
			   size_t slots_size, bool with_report)
{
	Connection *connection = g_malloc0(sizeof(*connection) + slots_size);
	bool syn = segment->flags & TH_SYN;
	bool answers = segment->flags & TH_ACK;

	connection->key = *key;
	connection->first_sender = sender;
	connection->self = flow_key_is_self(key);
	connection->first = segment->time;
	connection->last = segment->time;
	/* Who sent the SYN is the client; else who is answered by a SYN-ACK; else the higher port. */
	if (syn)
		connection->client = answers ? !sender : sender;
	else if (segment->src.port != segment->dst.port)
		connection->client = segment->src.port > segment->dst.port ? sender : !sender;
	else
		connection->client = sender;
	connection->open = syn && !answers ? OPEN_UNANSWERED : OPEN_MIDSTREAM;
	tcp_side_init(&connection->side[0]);
	tcp_side_init(&connection->side[1]);
	if (with_report) {
		connection->report = g_new0(ConnectionReport, 1);
		connection->report->handshake_rtt = -1;
		connection->report->first_frame = segment->frame;
	}
	return connection;
}

void connection_free(Connection *connection)
{
	if (!connection)
		return;
	tcp_side_clear(&connection->side[0]);
	tcp_side_clear(&connection->side[1]);
	g_free(connection->provisional);
	g_free(connection->report);
	g_free(connection);
}

/* --- Settling ------------------------------------------------------------------------------- */

static Cause cause_of_revision(const TcpSide *side, const Move *move, TcpState from, TcpState to,
			       bool sent)
{
	unsigned class = move->class;

	if (from == TCP_STATE_CLOSED && !(class & (SEGMENT_SYN_AGAIN | SEGMENT_FIN_AGAIN)))
		return CAUSE_GOES_ON;
	if (class & SEGMENT_SYN_AGAIN)
		return to == TCP_STATE_SYN_SENT ? CAUSE_SYN_REPEATED : CAUSE_SYN_ACK_REPEATED;
	if ((class & SEGMENT_FIN_AGAIN) || (sent && side->fin_sent && (class & SEGMENT_AGAIN)))
		return sent ? CAUSE_FIN_REPEATED : CAUSE_PEER_FIN_REPEATED;
	if (sent && (from == TCP_STATE_CLOSE_WAIT) && side->fin_sent)
		return CAUSE_FIN_CROSSED;
	return sent ? CAUSE_FIN_NOT_COVERED : CAUSE_EVIDENCE;
}

static Cause cause_of_sending(const Move *move, TcpState to)
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

static Cause cause_of_arrival(const Move *move, TcpState from, TcpState to)
{
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
	if (to != TCP_STATE_CLOSED)
		return CAUSE_SYN_ACK_QUIET;
	return connection->syn_acks[end] >= SYN_ACK_REPEATS_MAX ? CAUSE_SYN_ACK_GAVE_UP :
								  CAUSE_HANDSHAKE_OVER;
}

/* How it opened, as far as is known after this transition. */
static void note_opening(const Move *move, const Transition *transition)
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
		connection->open = connection_side(connection, transition->side)->fast_open ?
					   OPEN_FAST_OPEN :
					   OPEN_HANDSHAKE;
		if (connection->self)
			connection->open = OPEN_SIMULTANEOUS;
		if (connection->report && connection->report->handshake_rtt < 0)
			connection->report->handshake_rtt = move->time - connection->first;
	}
}

static void note_closing(Connection *connection, const Transition *transition)
{
	if (transition->to == TCP_STATE_CLOSED &&
	    (transition->cause == CAUSE_RST_ARRIVED || transition->cause == CAUSE_RST_SENT)) {
		if (transition->counted != TCP_STATE_SYN_SENT &&
		    transition->counted != TCP_STATE_UNKNOWN &&
		    transition->counted != TCP_STATE_TIME_WAIT)
			connection->reset_ended = true;
	} else if (transition->counted == TCP_STATE_CLOSED) {
		connection->reset_ended = false;
	}
}

/* Derives the side's state and, when it has changed, writes it and tells. The only writer of TcpSide.state. */
static void settle(const Move *move, unsigned end, Basis basis)
{
	Connection *connection = move->connection;
	unsigned index = index_of(connection, end);
	TcpSide *side = connection_side(connection, end);
	TcpState from = side->state;
	TcpState to = tcp_side_state(side, connection_side(connection, !end));
	bool sent = basis == BASIS_OBSERVED;
	/* A SYN-ACK for the first time is the answer of a listener, whatever was before. */
	bool afresh = sent && move->segment && (move->segment->flags & TH_SYN) &&
		      !(move->class & SEGMENT_SYN_AGAIN) && to == TCP_STATE_SYN_RCVD &&
		      (from == TCP_STATE_UNKNOWN || from == TCP_STATE_CLOSED);
	Transition transition;

	if (from == to)
		return;
	if (basis != BASIS_TIMER && !afresh &&
	    (from == TCP_STATE_CLOSED || !tcp_state_reaches(from, to)))
		basis = BASIS_REVISED;
	transition = (Transition){
		.connection = connection,
		.side = connection->self ? connection->client : end,
		.from = from,
		.to = to,
		.counted = from,
		.basis = basis,
		.frame = move->frame,
		.time = move->time,
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
	trace(TCP, "#%u %s %s > %s %s: %s", connection->number, connection_side_name(connection, end),
	      tcp_state_name(transition.from), tcp_state_name(to), basis_name(basis),
	      cause_text(transition.cause));
	move->rules->sink(move->rules->data, &transition);
}

/* --- Segments ------------------------------------------------------------------------------- */

/* Takes the times of a segment that its sender's side and the connection keep. */
static void note_times(Connection *connection, unsigned sender, const Segment *segment,
		       unsigned class)
{
	unsigned index = index_of(connection, sender);

	connection->last = MAX(connection->last, segment->time);
	connection->last_sent[index] = segment->time;
	if (segment->payload && (class & SEGMENT_NEW))
		connection->last_payload[index] = segment->time;
	if (connection->report) {
		connection->report->packets[sender]++;
		connection->report->bytes[sender] += segment->payload;
		connection->report->last_frame = segment->frame;
	}
}

/* How long an answer from that side takes to pass the tap: measured once, in the handshake. */
static void measure_rtt(Connection *connection, unsigned sender, const Segment *segment)
{
	const TcpSide *side = connection_side(connection, sender);
	NsTime asked = connection->last_sent[!sender];

	if (connection->self || side->acked_known || !asked || !(segment->flags & TH_ACK) ||
	    (!side->has_iss && !(segment->flags & TH_SYN)))
		return;
	connection->rtt[sender] = MAX(segment->time - asked, 0);
}

/* Whether the segment left its sender late enough to be an answer to what last changed the sender's state. What is on its way to a
 * side when the side sends cannot be answered yet; it takes a round trip from the tap. An eighth less allows for jitter. */
static bool comes_as_answer(const Connection *connection, unsigned sender, const Segment *segment)
{
	unsigned index = index_of(connection, sender);
	NsTime rtt = connection->rtt[index];

	return segment->time - connection->since[index] >= rtt - rtt / 8;
}

/* The SYN-ACK again although its ACK has passed (RFC 9293 3.8.1): the first time both timers may just have crossed; from the second
 * time on the ACK is not believed to arrive until the side proves itself or falls silent. */
static void note_syn_ack(Connection *connection, unsigned sender, const Segment *segment,
			 unsigned class)
{
	TcpSide *side = connection_side(connection, sender);
	const TcpSide *peer = connection_side(connection, !sender);
	unsigned index = index_of(connection, sender);

	if ((segment->flags & (TH_SYN | TH_ACK)) != (TH_SYN | TH_ACK))
		return;
	if ((class & SEGMENT_SYN_AGAIN) && peer->acked_known && !connection->self) {
		connection->syn_ack_gap = segment->time - connection->wait_from[index];
		if (connection->syn_acks[index] < UINT8_MAX)
			connection->syn_acks[index]++;
		if (connection->syn_acks[index] >= SYN_ACK_REPEATS_HELD && !side->fast_open &&
		    seq_leq(side->una_proven, side->iss))
			side->held = true;
	}
	connection->wait_from[index] = segment->time;
}

static void note_close_kind(Connection *connection)
{
	const TcpSide *a = connection_side(connection, 0);
	const TcpSide *b = connection_side(connection, 1);

	if (connection->reset_ended)
		connection->close = CLOSE_RESET;
	else if (a->fin_sent && b->fin_sent)
		connection->close = !a->fin_second && !b->fin_second ? CLOSE_SIMULTANEOUS : CLOSE_FIN;
	else if (a->fin_sent || b->fin_sent)
		connection->close = CLOSE_HALF_CLOSED;
	else
		connection->close = CLOSE_NONE;
}

unsigned connection_segment(Connection *connection, unsigned sender, const Segment *segment,
			    unsigned class, const ConnectionRules *rules)
{
	unsigned receiver = !sender;
	TcpSide *from = connection_side(connection, sender);
	TcpSide *to = connection_side(connection, receiver);
	Move move = {
		.connection = connection,
		.rules = rules,
		.segment = segment,
		.time = segment->time,
		.frame = segment->frame,
	};

	measure_rtt(connection, sender, segment);
	if (comes_as_answer(connection, sender, segment))
		class |= SEGMENT_ANSWERS;
	move.class = class;
	if ((class & SEGMENT_SIMULTANEOUS) && connection->open == OPEN_UNANSWERED)
		connection->open = OPEN_SIMULTANEOUS;
	note_syn_ack(connection, sender, segment, class);

	tcp_side_sent(from, to, segment, class);
	settle(&move, sender, BASIS_OBSERVED);
	if (!connection->self)
		settle(&move, receiver, BASIS_ASSUMED);

	tcp_side_arrived_ack(to, from, segment, class);
	/* The end of the handshake is a step of its own: the same segment may close, too. */
	if (to->state == TCP_STATE_SYN_SENT || to->state == TCP_STATE_SYN_RCVD)
		if (!(segment->flags & TH_SYN))
			settle(&move, receiver, BASIS_ASSUMED);
	tcp_side_arrived_data(to, from, segment, class);
	settle(&move, receiver, BASIS_ASSUMED);

	/* RFC 9293 3.10.7.4, Linux tcp_timewait_state_process(): what acknowledges starts 2 MSL again. */
	if (to->state == TCP_STATE_TIME_WAIT &&
	    (segment->flags & (TH_ACK | TH_RST | TH_SYN)) == TH_ACK)
		connection->wait_from[index_of(connection, receiver)] = segment->time;
	note_times(connection, sender, segment, class);
	note_close_kind(connection);
	return class;
}

void connection_stray(Connection *connection, unsigned sender, const Segment *segment)
{
	note_times(connection, sender, segment, 0);
}

void connection_replace(Connection *connection, const Segment *segment,
			const ConnectionRules *rules)
{
	Move move = {
		.connection = connection,
		.rules = rules,
		.segment = segment,
		.time = segment->time,
		.frame = segment->frame,
	};

	for (unsigned i = 0; i < 2; i++) {
		unsigned end = i ? !connection->client : connection->client;

		connection_side(connection, end)->replaced = true;
		settle(&move, end, BASIS_ASSUMED);
	}
}

/* --- Clocks --------------------------------------------------------------------------------- */

/* When a clock ends the state of the side at @index; NSTIME_NEVER: none does. */
static NsTime side_deadline(const Connection *connection, unsigned index,
			    const ConnectionRules *rules)
{
	const TcpSide *side = &connection->side[index];

	switch (side->state) {
	case TCP_STATE_TIME_WAIT:
		return connection->wait_from[index] + 2 * rules->msl;
	case TCP_STATE_SYN_RCVD:
		/* Linux doubles the wait from one SYN-ACK to the next; an eighth more allows for its jitter. After the
		 * last one it waits as long, and gives up on time. */
		if (side->held)
			return connection->wait_from[index] + 2 * connection->syn_ack_gap +
			       (connection->syn_acks[index] < SYN_ACK_REPEATS_MAX ?
					connection->syn_ack_gap / 8 :
					0);
		/* fall through */
	case TCP_STATE_SYN_SENT:
		return connection->last_sent[index] + CONNECTION_HANDSHAKE_PATIENCE;
	default:
		return NSTIME_NEVER;
	}
}

NsTime connection_deadline(const Connection *connection, const ConnectionRules *rules)
{
	NsTime first = side_deadline(connection, 0, rules);

	if (connection->self)
		return first;
	return MIN(first, side_deadline(connection, 1, rules));
}

void connection_expire(Connection *connection, NsTime now, const ConnectionRules *rules)
{
	Move move = {
		.connection = connection,
		.rules = rules,
		.time = now,
	};

	for (unsigned index = 0; index < (connection->self ? 1 : 2); index++) {
		TcpSide *side = &connection->side[index];

		if (side_deadline(connection, index, rules) > now)
			continue;
		if (side->held && connection->syn_acks[index] < SYN_ACK_REPEATS_MAX)
			side->held = false;
		else
			side->expired = true;
		settle(&move, index, BASIS_TIMER);
	}
}
