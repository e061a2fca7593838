/* One end of a simulated connection, after RFC 9293 3.10. Knows nothing of who watches, and shares
 * no line with the inference. */
#include "end.h"

#include <string.h>

#include "base/seq.h"

#define RTO_FIRST        1000000 /* microseconds */
#define TIME_WAIT_LENGTH (60 * (int64_t)1000000)
#define CHUNK            100u

void end_init(End *end, uint32_t iss, EndOutput output, void *data)
{
	memset(end, 0, sizeof(*end));
	end->state = TCP_STATE_CLOSED;
	end->iss = iss;
	end->snd_una = iss;
	end->snd_nxt = iss;
	end->deadline = -1;
	end->rto = RTO_FIRST;
	end->output = output;
	end->data = data;
}

static void emit(End *end, uint16_t flags, uint32_t seq, uint32_t payload)
{
	Segment segment = {
		.seq = seq,
		.flags = flags,
		.payload = payload,
		.window = END_WINDOW,
	};

	if (flags & TH_ACK)
		segment.ack = end->rcv_nxt;
	end->output(end->data, &segment);
}

static void emit_ack(End *end)
{
	emit(end, TH_ACK, end->snd_nxt, 0);
}

static void start_timer(End *end)
{
	end->deadline = end->now + end->rto;
}

static void become(End *end, TcpState state)
{
	end->state = state;
	if (state == TCP_STATE_CLOSED)
		end->deadline = -1;
	if (state == TCP_STATE_TIME_WAIT)
		end->deadline = end->now + TIME_WAIT_LENGTH;
}

static bool synchronised(const End *end)
{
	return end->state >= TCP_STATE_ESTABLISHED && end->state < TCP_STATE_UNKNOWN;
}

/* Sends what is written and the FIN, as soon as the state allows. */
static void push(End *end)
{
	uint32_t last = end->iss + 1 + end->queued;

	if (end->state != TCP_STATE_ESTABLISHED && end->state != TCP_STATE_CLOSE_WAIT)
		return;
	while (seq_lt(end->snd_nxt, last)) {
		uint32_t length = last - end->snd_nxt < CHUNK ? last - end->snd_nxt : CHUNK;

		end->snd_nxt += length;
		emit(end, TH_ACK | TH_PUSH, end->snd_nxt - length, length);
	}
	if (end->closing && !end->fin_sent) {
		end->fin_sent = true;
		end->fin_seq = end->snd_nxt++;
		become(end, end->state == TCP_STATE_ESTABLISHED ? TCP_STATE_FIN_WAIT_1
								: TCP_STATE_LAST_ACK);
		emit(end, TH_FIN | TH_ACK, end->fin_seq, 0);
	}
	if (end->deadline < 0 && end->snd_una != end->snd_nxt)
		start_timer(end);
}

void end_listen(End *end)
{
	become(end, TCP_STATE_LISTEN);
}

void end_connect(End *end)
{
	if (end->state != TCP_STATE_CLOSED)
		return;
	end->firewalled = false;
	become(end, TCP_STATE_SYN_SENT);
	end->snd_nxt = end->iss + 1;
	emit(end, TH_SYN, end->iss, 0);
	start_timer(end);
}

void end_write(End *end, uint32_t bytes)
{
	if (end->closing || end->queued + bytes > END_BYTES)
		return;
	end->queued += bytes;
	push(end);
}

void end_close(End *end)
{
	if (end->closing)
		return;
	if (end->state == TCP_STATE_LISTEN || end->state == TCP_STATE_SYN_SENT) {
		end->silent = true;
		become(end, TCP_STATE_CLOSED);
		return;
	}
	end->closing = true;
	push(end);
}

void end_abort(End *end)
{
	uint32_t seq = end->snd_nxt;

	switch (end->state) {
	case TCP_STATE_SYN_RCVD:
	case TCP_STATE_ESTABLISHED:
	case TCP_STATE_FIN_WAIT_1:
	case TCP_STATE_FIN_WAIT_2:
	case TCP_STATE_CLOSE_WAIT:
		become(end, TCP_STATE_CLOSED);
		emit(end, TH_RST | TH_ACK, seq, 0);
		break;
	case TCP_STATE_SYN_SENT:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		end->silent = true;
		become(end, TCP_STATE_CLOSED);
		break;
	default:
		break;
	}
}

/* 3.10.7.1: nobody is there. */
static void answer_reset(End *end, const Segment *segment)
{
	Segment reset = { .flags = TH_RST };

	if (segment->flags & TH_RST)
		return;
	if (segment->flags & TH_ACK) {
		reset.seq = segment->ack;
	} else {
		reset.flags |= TH_ACK;
		reset.ack = segment_end(segment);
	}
	end->output(end->data, &reset);
}

static void take_syn(End *end, const Segment *segment)
{
	end->irs = segment->seq;
	end->rcv_nxt = segment->seq + 1;
	end->has_peer = true;
}

static void input_syn_sent(End *end, const Segment *segment)
{
	bool acked = (segment->flags & TH_ACK) && segment->ack == end->snd_nxt;

	if ((segment->flags & TH_ACK) && !acked) {
		answer_reset(end, segment);
		return;
	}
	if (segment->flags & TH_RST) {
		if (acked)
			become(end, TCP_STATE_CLOSED);
		return;
	}
	if (!(segment->flags & TH_SYN))
		return;
	take_syn(end, segment);
	if (acked) {
		end->snd_una = segment->ack;
		end->deadline = -1;
		end->retries = 0;
		end->rto = RTO_FIRST;
		become(end, TCP_STATE_ESTABLISHED);
		emit_ack(end);
		push(end);
	} else {
		become(end, TCP_STATE_SYN_RCVD);
		emit(end, TH_SYN | TH_ACK, end->iss, 0);
		start_timer(end);
	}
}

/* What the ACK of new bytes does to the state. */
static void input_acked(End *end)
{
	bool fin_acked = end->fin_sent && seq_gt(end->snd_una, end->fin_seq);

	end->retries = 0;
	end->rto = RTO_FIRST;
	end->deadline = -1;
	if (end->snd_una != end->snd_nxt)
		start_timer(end);
	if (end->state == TCP_STATE_SYN_RCVD)
		become(end, TCP_STATE_ESTABLISHED);
	if (!fin_acked)
		return;
	if (end->state == TCP_STATE_FIN_WAIT_1)
		become(end, TCP_STATE_FIN_WAIT_2);
	else if (end->state == TCP_STATE_CLOSING)
		become(end, TCP_STATE_TIME_WAIT);
	else if (end->state == TCP_STATE_LAST_ACK)
		become(end, TCP_STATE_CLOSED);
}

/* Takes the bytes and the FIN in order. */
static void input_text(End *end, const Segment *segment)
{
	uint32_t from = segment->seq - (end->irs + 1);

	for (uint32_t i = 0; i < segment->payload; i++)
		if (from + i < END_BYTES)
			end->arrived[from + i] = 1;
	if (segment->flags & TH_FIN) {
		end->peer_fin = true;
		end->peer_fin_seq = segment->seq + segment->payload;
	}
	while (end->rcv_nxt - (end->irs + 1) < END_BYTES &&
	       end->arrived[end->rcv_nxt - (end->irs + 1)])
		end->rcv_nxt++;
	if (end->peer_fin && end->rcv_nxt == end->peer_fin_seq) {
		end->rcv_nxt++;
		if (end->state == TCP_STATE_ESTABLISHED)
			become(end, TCP_STATE_CLOSE_WAIT);
		else if (end->state == TCP_STATE_FIN_WAIT_1)
			become(end, TCP_STATE_CLOSING);
		else if (end->state == TCP_STATE_FIN_WAIT_2)
			become(end, TCP_STATE_TIME_WAIT);
	}
}

static void input_synchronised(End *end, const Segment *segment)
{
	uint32_t length = segment_seq_len(segment);
	bool acceptable = seq_geq(segment->seq + (length ? length - 1 : 0), end->rcv_nxt) &&
			  seq_lt(segment->seq, end->rcv_nxt + END_WINDOW);

	if (segment->flags & TH_RST) {
		if (segment->seq == end->rcv_nxt)
			become(end, TCP_STATE_CLOSED);
		else if (acceptable)
			emit_ack(end);
		return;
	}
	if (end->state == TCP_STATE_SYN_RCVD && (segment->flags & TH_SYN) &&
	    segment->seq == end->irs) {
		/* The SYN again, or in a simultaneous open the peer's SYN-ACK. */
		if (!(segment->flags & TH_ACK)) {
			emit(end, TH_SYN | TH_ACK, end->iss, 0);
			return;
		}
	} else if (!acceptable || (segment->flags & TH_SYN)) {
		if (end->state == TCP_STATE_TIME_WAIT)
			end->deadline = end->now + TIME_WAIT_LENGTH;
		emit_ack(end);
		return;
	}
	if (!(segment->flags & TH_ACK))
		return;
	if (end->state == TCP_STATE_SYN_RCVD &&
	    !(seq_gt(segment->ack, end->snd_una) && seq_leq(segment->ack, end->snd_nxt))) {
		answer_reset(end, segment);
		return;
	}
	if (seq_gt(segment->ack, end->snd_nxt)) {
		emit_ack(end);
		return;
	}
	if (seq_gt(segment->ack, end->snd_una)) {
		end->snd_una = segment->ack;
		input_acked(end);
	}
	if (end->state == TCP_STATE_CLOSED)
		return;
	if (end->state == TCP_STATE_TIME_WAIT)
		end->deadline = end->now + TIME_WAIT_LENGTH;
	if (length && !(segment->flags & TH_SYN)) {
		input_text(end, segment);
		emit_ack(end);
	} else if (segment->flags & TH_SYN) {
		emit_ack(end);
	}
	push(end);
}

void end_input(End *end, const Segment *segment)
{
	if (end->firewalled)
		return;
	switch (end->state) {
	case TCP_STATE_CLOSED:
		answer_reset(end, segment);
		break;
	case TCP_STATE_LISTEN:
		if ((segment->flags & (TH_SYN | TH_ACK | TH_RST)) == TH_SYN) {
			take_syn(end, segment);
			end->snd_nxt = end->iss + 1;
			become(end, TCP_STATE_SYN_RCVD);
			emit(end, TH_SYN | TH_ACK, end->iss, 0);
			start_timer(end);
		} else {
			answer_reset(end, segment);
		}
		break;
	case TCP_STATE_SYN_SENT:
		input_syn_sent(end, segment);
		break;
	default:
		input_synchronised(end, segment);
	}
}

/* Sends again what is first of what is outstanding; a FIN goes with the last bytes. */
static void repeat(End *end)
{
	uint32_t last = end->iss + 1 + end->queued;
	uint32_t seq = seq_max(end->snd_una, end->iss + 1);
	uint32_t length = 0;
	uint16_t flags = TH_ACK;

	if (end->state == TCP_STATE_SYN_SENT) {
		emit(end, TH_SYN, end->iss, 0);
		return;
	}
	if (end->state == TCP_STATE_SYN_RCVD) {
		emit(end, TH_SYN | TH_ACK, end->iss, 0);
		return;
	}
	if (seq_lt(seq, last))
		length = last - seq < CHUNK ? last - seq : CHUNK;
	if (end->fin_sent && seq + length == end->fin_seq)
		flags |= TH_FIN;
	emit(end, flags, seq, length);
}

void end_timer(End *end)
{
	end->deadline = -1;
	if (end->state == TCP_STATE_TIME_WAIT) {
		become(end, TCP_STATE_CLOSED);
		return;
	}
	if (!(end->state == TCP_STATE_SYN_SENT || end->state == TCP_STATE_SYN_RCVD ||
	      synchronised(end)) ||
	    end->snd_una == end->snd_nxt)
		return;
	if (end->retries++ == END_RETRIES) {
		end->silent = true;
		become(end, TCP_STATE_CLOSED);
		return;
	}
	repeat(end);
	end->rto = end->rto * 2;
	start_timer(end);
}
