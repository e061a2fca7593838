/* One incarnation of a 4-tuple: two sides, and time. Knows what a segment is to them; what a clock
 * does is in deadlines.c. Knows no other connection. */
#include "flow/connection.h"

#include <glib.h>
#include <string.h>

#include "base/seq.h"
#include "flow/answers.h"
#include "flow/settle.h"

/* From the second repetition on crossing timers do not explain it: the ACK is not taken. */
#define SYN_ACK_REPEATS_HELD 2

/* People and programs that are at it pause for less; who pauses for longer may do so for minutes.
 */
#define GOES_ON_WITHIN (10 * NSTIME_SECOND)

/* What its receiver may answer with its ACK as it is, whatever else is on the way (RFC
 * 9293 3.10.7.4, RFC 5681 4.2). */
#define PROVOKES                                                                                   \
	(SEGMENT_AGAIN | SEGMENT_KEEP_ALIVE | SEGMENT_WINDOW_PROBE | SEGMENT_BEYOND_HOLE |         \
	 SEGMENT_OLD | SEGMENT_OUTSIDE | SEGMENT_PAWS | SEGMENT_ACK_BAD | SEGMENT_NO_ACK)

bool connection_state_proven(const Connection *connection, unsigned end)
{
	const TcpSide *side = connection_side(connection, end);
	const TcpSide *peer = connection_side(connection, !end);

	if (!side->seen || side->held)
		return false;
	if (side->expired || side->replaced)
		return side->reset_sent;
	/* What passed on its way from it after a RST to it may have been held up by the net. */
	if (side->revived)
		return false;
	/* A SYN came last in its name: if it is its own, it has forgotten this connection. */
	if (connection->provisional &&
	    endpoint_compare(&connection->provisional->src, &connection->key.end[end]) == 0 &&
	    connection->last_sent[connection_index(connection, end)] <=
		    connection->provisional->time)
		return false;
	/* It sent its SYN or SYN-ACK again, but what answers the first one has passed and may have
	 * arrived since. */
	if (side->state == TCP_STATE_SYN_SENT && peer->seen)
		return false;
	if (side->state == TCP_STATE_SYN_RCVD && peer->acked_known)
		return false;
	/* The same for its FIN. */
	if (side->fin_acked_seen && !tcp_side_fin_acked(side) && side->state != TCP_STATE_CLOSED)
		return false;
	/* Who closed first was read off what its FIN may only have been overtaken by. */
	if (side->fin_late && side->state != TCP_STATE_CLOSED)
		return false;
	/* What would move it on may have come from the half that was not captured. */
	if (!peer->seen &&
	    (side->state == TCP_STATE_SYN_RCVD || side->state == TCP_STATE_FIN_WAIT_1 ||
	     side->state == TCP_STATE_LAST_ACK))
		return false;
	/* Picked up in mid-stream: either may have sent its FIN before, unless it was heard to send
	 * data or the FIN since. */
	if (side->syn_acked && side->state != TCP_STATE_CLOSED &&
	    !((side->spoke || side->fin_sent) && (peer->spoke || peer->fin_sent)))
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

bool connection_goes_on(const Connection *connection, NsTime now)
{
	return connection_state(connection, 0) == TCP_STATE_ESTABLISHED &&
	       connection_state(connection, 1) == TCP_STATE_ESTABLISHED &&
	       now - connection->last < GOES_ON_WITHIN;
}

void connection_init(Connection *connection, const FlowKey *key, unsigned sender,
		     const Segment *segment, size_t slots_size)
{
	bool syn = segment->flags & TH_SYN;
	bool answers = segment->flags & TH_ACK;

	memset(connection, 0, sizeof(*connection) + slots_size);
	connection->key = *key;
	connection->first_sender = sender;
	connection->self = flow_key_is_self(key);
	connection->first = segment->time;
	connection->last = segment->time;
	/* Who sent the SYN is the client; else who is answered by a SYN-ACK; else the higher port.
	 */
	if (syn)
		connection->client = answers ? !sender : sender;
	else if (segment->src.port != segment->dst.port)
		connection->client = segment->src.port > segment->dst.port ? sender : !sender;
	else
		connection->client = sender;
	connection->open = syn && !answers ? OPEN_UNANSWERED : OPEN_MIDSTREAM;
	tcp_side_init(&connection->side[0]);
	tcp_side_init(&connection->side[1]);
}

void connection_begin_report(Connection *connection, const Segment *segment, ConnectionReport *room)
{
	connection->report = room ? room : g_new(ConnectionReport, 1);
	*connection->report = (ConnectionReport){
		.handshake_rtt = -1,
		.first_frame = segment->frame,
		.last = segment->time,
	};
}

Connection *connection_new(Pool *pool, const FlowKey *key, unsigned sender, const Segment *segment,
			   bool with_report)
{
	Connection *connection = pool_take(pool);

	connection_init(connection, key, sender, segment,
			pool_piece_size(pool) - sizeof(*connection));
	if (with_report)
		connection_begin_report(connection, segment, NULL);
	return connection;
}

/* One of the pieces that connection_extra() gave away. */
struct ConnectionExtra {
	struct ConnectionExtra *next; /* the one before it */
	uint64_t owner;               /* who asked for it */
	uint64_t memory[];            /* what was asked for */
};

/* Few connections have any, and those have one or two. */
static struct ConnectionExtra **extra_of(const Connection *connection, unsigned owner)
{
	struct ConnectionExtra **link = (struct ConnectionExtra **)&connection->extras;

	while (*link && (*link)->owner != owner)
		link = &(*link)->next;
	return link;
}

void *connection_extra_find(const Connection *connection, unsigned owner)
{
	struct ConnectionExtra *extra = *extra_of(connection, owner);

	return extra ? extra->memory : NULL;
}

void *connection_extra(Connection *connection, unsigned owner, size_t size)
{
	struct ConnectionExtra *extra = *extra_of(connection, owner);

	if (extra)
		return extra->memory;
	extra = g_malloc0(sizeof(*extra) + size);
	extra->owner = owner;
	extra->next = connection->extras;
	connection->extras = extra;
	return extra->memory;
}

void connection_extra_drop(Connection *connection, unsigned owner)
{
	struct ConnectionExtra **link = extra_of(connection, owner);
	struct ConnectionExtra *extra = *link;

	if (extra) {
		*link = extra->next;
		g_free(extra);
	}
}

static void free_extras(Connection *connection)
{
	while (connection->extras) {
		struct ConnectionExtra *next = connection->extras->next;

		g_free(connection->extras);
		connection->extras = next;
	}
}

void connection_clear(Connection *connection)
{
	free_extras(connection);
	tcp_side_clear(&connection->side[0]);
	tcp_side_clear(&connection->side[1]);
	g_clear_pointer(&connection->provisional, g_free);
	g_clear_pointer(&connection->report, g_free);
}

void connection_free(Pool *pool, Connection *connection)
{
	if (!connection)
		return;
	connection_clear(connection);
	pool_give(pool, connection);
}

/* --- Segments ------------------------------------------------------------------------------- */

/* Takes the times of a segment that its sender's side and the connection keep. */
static void note_times(Connection *connection, unsigned sender, const Segment *segment,
		       unsigned class)
{
	unsigned index = connection_index(connection, sender);

	connection->last = MAX(connection->last, segment->time);
	connection->last_sent[index] = segment->time;
	if (class & SEGMENT_NEW)
		connection->last_new[index] = segment->time;
	if (segment_seq_len(segment)) {
		connection->last_text[index][1] = connection->last_text[index][0];
		connection->last_text[index][0] = segment->time;
	}
	if (segment->payload && (class & SEGMENT_NEW))
		connection->last_payload[index] = segment->time;
	if (connection->report) {
		connection->report->packets[sender]++;
		connection->report->bytes[sender] += segment->payload;
		connection->report->last_before = connection->report->last;
		connection->report->last = MAX(connection->report->last, segment->time);
	}
}

/* The SYN-ACK again although its ACK has passed (RFC 9293 3.8.1): the first time both timers may
 * just have crossed; from the second time on the ACK is not believed to arrive until the side
 * proves itself or falls silent. */
static void note_syn_ack(Connection *connection, unsigned sender, const Segment *segment,
			 unsigned class)
{
	TcpSide *side = connection_side(connection, sender);
	const TcpSide *peer = connection_side(connection, !sender);
	unsigned index = connection_index(connection, sender);

	if ((segment->flags & (TH_SYN | TH_ACK)) != (TH_SYN | TH_ACK))
		return;
	if ((class & SEGMENT_SYN_AGAIN) && !connection->self) {
		connection->syn_ack_gap =
			CLAMP(segment->time - connection->wait_from[index], 0, REPEAT_WAIT_MAX);
		if (connection->syn_ack_tries[index] < UINT8_MAX)
			connection->syn_ack_tries[index]++;
	}
	if ((class & SEGMENT_SYN_AGAIN) && peer->acked_known && !connection->self) {
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
		connection->close =
			!a->fin_second && !b->fin_second ? CLOSE_SIMULTANEOUS : CLOSE_FIN;
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
	ConnectionMove move = {
		.connection = connection,
		.rules = rules,
		.segment = segment,
		.time = segment->time,
		.frame = segment->frame,
	};
	bool was_reset;

	/* A second SYN, as in a simultaneous open, or one that comes again, is not taken either;
	 * nor is it when the first seems not to have arrived, but may be on its way. Bytes that
	 * come again together with new ones are a repetition as well. Who is taken to be gone
	 * answers none of these, but another RST may be the one that ended it. */
	bool provokes =
		(class & PROVOKES) ||
		((segment->flags & TH_SYN) && (to->rcv_known || from->has_iss)) ||
		(segment_seq_len(segment) && from->seen && seq_lt(segment->seq, from->snd_nxt));

	provokes = (segment->flags & TH_RST) || (provokes && !to->reset);
	answers_measure(connection, sender, segment);
	class |= answers_classify(connection, sender, segment, class);
	move.class = class;
	if ((class & SEGMENT_SIMULTANEOUS) && connection->open == OPEN_UNANSWERED)
		connection->open = OPEN_SIMULTANEOUS;
	if ((class & SEGMENT_SYN_LATE) && !(segment->flags & TH_ACK))
		connection->open =
			to->state == TCP_STATE_SYN_RCVD ? OPEN_INCOMPLETE : OPEN_HANDSHAKE;
	note_syn_ack(connection, sender, segment, class);

	tcp_side_sent(from, to, segment, class);
	connection_settle(&move, sender, BASIS_OBSERVED);
	if (class & SEGMENT_SIMULTANEOUS) {
		tcp_side_crossed(from, to);
		connection_settle(&move, sender, BASIS_ASSUMED);
	}
	if (!connection->self)
		connection_settle(&move, receiver, BASIS_ASSUMED);

	was_reset = to->reset;
	tcp_side_arrived_ack(to, segment, class);
	/* The answer to a keep-alive just before the RST that ends it is no challenge ACK. That of
	 * two RSTs is, whichever of them it answers. */
	if (segment->flags & TH_RST && !was_reset && to->reset_near)
		to->reset_near = !answers_are_due(connection, receiver, segment->time);
	/* The end of the handshake is a step of its own: the same segment may close, too. */
	if (to->state == TCP_STATE_SYN_SENT || to->state == TCP_STATE_SYN_RCVD)
		if (!(segment->flags & TH_SYN))
			connection_settle(&move, receiver, BASIS_ASSUMED);
	tcp_side_arrived_data(to, from, segment, class);
	connection_settle(&move, receiver, BASIS_ASSUMED);

	/* RFC 9293 3.10.7.4, Linux tcp_timewait_state_process(): what acknowledges starts 2 MSL
	 * again. */
	if (to->state == TCP_STATE_TIME_WAIT &&
	    (segment->flags & (TH_ACK | TH_RST | TH_SYN)) == TH_ACK)
		connection->wait_from[connection_index(connection, receiver)] = segment->time;
	if (provokes)
		connection->provoked[connection_index(connection, receiver)] = segment->time;
	note_times(connection, sender, segment, class);
	note_close_kind(connection);
	return class;
}

unsigned connection_steady(Connection *connection, unsigned sender, const Segment *segment)
{
	uint32_t acked = connection->side[sender].rcv_acked;
	uint32_t sent = connection->side[!sender].snd_nxt;
	unsigned class;

	if (connection->self || connection->previous || connection->provisional)
		return 0;
	class = tcp_side_steady(&connection->side[sender], &connection->side[!sender], segment);
	if (!class)
		return 0;
	if (segment->ack != acked && segment->ack == sent)
		answers_take(connection, sender, segment->time);
	note_times(connection, sender, segment, class);
	return class;
}

/* Linux, tcp_req_err(): which errors end a request, by the version of IP. */
static bool icmp_ends_request(const IcmpError *error)
{
	switch (error->kind) {
	case ICMP_PARAMETER_PROBLEM:
		return true;
	case ICMP_NET_UNREACHABLE:
	case ICMP_HOST_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
		return error->src.version == 4;
	case ICMP_PORT_UNREACHABLE:
	case ICMP_PROHIBITED:
		return error->src.version == 6;
	default:
		return false;
	}
}

void connection_icmp(Connection *connection, unsigned end, const IcmpError *error,
		     const ConnectionRules *rules)
{
	ConnectionMove move = {
		.connection = connection,
		.rules = rules,
		.time = error->time,
		.frame = error->frame,
	};

	if (error->kind == ICMP_TOO_BIG)
		return;
	tcp_side_arrived_icmp(connection_side(connection, end), error->seq,
			      icmp_ends_request(error));
	connection_settle(&move, end, BASIS_ASSUMED);
}

void connection_stray(Connection *connection, unsigned sender, const Segment *segment)
{
	connection->provoked[connection_index(connection, !sender)] = segment->time;
	note_times(connection, sender, segment, 0);
}

void connection_unstray(Connection *connection, unsigned sender, const Segment *segment)
{
	ConnectionReport *report = connection->report;

	if (!report)
		return;
	report->packets[sender]--;
	report->bytes[sender] -= segment->payload;
	/* Unless something else has followed. */
	if (report->last == segment->time)
		report->last = report->last_before;
}

void connection_replace(Connection *connection, const Segment *segment,
			const ConnectionRules *rules)
{
	ConnectionMove move = {
		.connection = connection,
		.rules = rules,
		.segment = segment,
		.time = segment->time,
		.frame = segment->frame,
	};

	for (unsigned i = 0; i < 2; i++) {
		unsigned end = i ? !connection->client : connection->client;

		connection_side(connection, end)->replaced = true;
		connection_settle(&move, end, BASIS_ASSUMED);
	}
}
