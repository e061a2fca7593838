/* A connection as readers see it, from the segments of a regular life. Knows what follows from such
 * a life; moves nothing that a segment or a clock could go on from. */
#include "flow/shown.h"

#include <glib.h>

static void count(Connection *connection, unsigned end, const Segment *segment)
{
	ConnectionReport *report = connection->report;

	connection->last = segment->time;
	if (report) {
		report->packets[end]++;
		report->bytes[end] += segment->payload;
		report->last = segment->time;
	}
}

static void enter(Connection *connection, unsigned end, TcpState state, NsTime time)
{
	connection->side[end].state = state;
	connection->since[end] = time;
}

/* A side that has sent its SYN, which nothing has shown it to have the ACK of. */
static void begin_side(Connection *connection, unsigned end, const Segment *segment)
{
	TcpSide *side = &connection->side[end];

	side->seen = true;
	side->has_iss = true;
	side->iss = segment->seq;
	side->una_known = true;
	side->snd_una = segment->seq;
	side->una_proven = segment->seq;
	count(connection, end, segment);
}

void shown_begin(Connection *connection, const Embryo *embryo)
{
	unsigned client = embryo->sender, server = !client;

	begin_side(connection, client, &embryo->syn);
	enter(connection, client, TCP_STATE_SYN_SENT, embryo->syn.time);
	if (!embryo->answered)
		return;
	begin_side(connection, server, &embryo->answer);
	connection->side[server].acked_known = true;
	connection->side[server].rcv_acked = embryo->answer.ack;
	connection->side[client].snd_una = embryo->answer.ack;
	enter(connection, server, TCP_STATE_SYN_RCVD, embryo->answer.time);
	enter(connection, client, TCP_STATE_ESTABLISHED, embryo->answer.time);
	connection->open = OPEN_INCOMPLETE;
}

/* With the segment the life came into another phase. */
static void move_on(Connection *connection, const RegularLife *life, NsTime time)
{
	unsigned closer = life->client ^ life->closer;

	switch (life->phase) {
	case REGULAR_OPEN:
		enter(connection, !life->client, TCP_STATE_ESTABLISHED, time);
		connection->open = OPEN_HANDSHAKE;
		if (connection->report)
			connection->report->handshake_rtt = time - connection->first;
		break;
	case REGULAR_CLOSING:
		enter(connection, closer, TCP_STATE_FIN_WAIT_1, time);
		enter(connection, !closer, TCP_STATE_CLOSE_WAIT, time);
		connection->close = CLOSE_HALF_CLOSED;
		break;
	case REGULAR_HALF_CLOSED:
		enter(connection, closer, TCP_STATE_FIN_WAIT_2, time);
		break;
	case REGULAR_LAST_ACK:
		enter(connection, closer, TCP_STATE_TIME_WAIT, time);
		enter(connection, !closer, TCP_STATE_LAST_ACK, time);
		connection->close = CLOSE_FIN;
		break;
	case REGULAR_ENDED:
		enter(connection, !closer, TCP_STATE_CLOSED, time);
		break;
	default:
		break;
	}
}

void shown_segment(Connection *connection, const RegularReader *reader, RegularPhase before)
{
	TcpSide *side = &connection->side[reader->sender];

	count(connection, reader->sender, &reader->segment);
	/* Who speaks past its SYN has the ACK of that. */
	side->una_proven = side->iss + 1;
	if (reader->life.phase != before)
		move_on(connection, &reader->life, reader->segment.time);
}

/* The marks of a side of a life in which everything came in order. */
static void mark(Connection *connection, const RegularLife *life, unsigned which)
{
	TcpSide *side = &connection->side[life->client ^ which];
	bool closes = which == life->closer;

	side->acked_known = true;
	side->rcv_acked = life->acked[which];
	side->snd_una = life->acked[!which];
	side->fin_sent = life->phase >= (closes ? REGULAR_CLOSING : REGULAR_LAST_ACK);
	side->fin_seq = life->nxt[which] - 1;
	side->fin_second = side->fin_sent && !closes;
	/* Its ACK of the other FIN acknowledges what showed that its own was acknowledged. */
	if (closes && life->phase == REGULAR_ENDED)
		side->una_proven = side->fin_seq + 1;
}

void shown_end(Connection *connection, const RegularReader *reader, NsTime msl)
{
	const RegularLife *life = &reader->life;
	unsigned client = reader->embryo->sender;
	unsigned waits = client;

	if (reader->embryo->answered && life->phase >= REGULAR_OPEN) {
		mark(connection, life, 0);
		mark(connection, life, 1);
		waits = life->client ^ life->closer;
	}
	if (!reader->over)
		return;
	connection->side[waits].expired = true;
	enter(connection, waits, TCP_STATE_CLOSED,
	      reader->embryo->answered ? life->waits + 2 * msl
				       : reader->embryo->syn.time + CONNECTION_HANDSHAKE_PATIENCE);
}
