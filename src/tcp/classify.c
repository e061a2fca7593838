/* What a segment is to the two sides. Knows the marks before the segment moves them; moves none. */
#include "tcp/classify.h"

#include <glib.h>

#include "base/seq.h"

/* Numbers further away than this from where they should be belong to something else: four times the
 * largest window that RFC 7323 2.3 allows would be all of the circle's half. */
#define FAR_AWAY (1u << 30)

/* Whether the side's own segments leave open that it is in SYN_SENT or SYN_RCVD. */
static bool in_handshake(const TcpSide *side)
{
	return side->has_iss && !side->syn_acked && seq_leq(side->una_proven, side->iss);
}

/* Whether its SYN was not answered yet, as far as passed. */
static bool in_syn_sent(const TcpSide *side)
{
	return side->has_iss && !side->syn_acked && !side->rcv_known;
}

/* Past the handshake and before the end. */
static bool in_synchronised_state(const TcpSide *side)
{
	return side->state >= TCP_STATE_ESTABLISHED && side->state <= TCP_STATE_LAST_ACK;
}

static unsigned classify_syn(const TcpSide *sender, const TcpSide *receiver, const Segment *segment)
{
	bool answers = segment->flags & TH_ACK;
	unsigned class = 0;

	if (segment->payload && !answers)
		class |= SEGMENT_FAST_OPEN;
	if (!answers && receiver != sender && receiver->has_iss && !receiver->acked_known &&
	    !sender->has_iss)
		class |= SEGMENT_SIMULTANEOUS;
	/* RFC 9293 3.10.7.4, fourth: in a synchronised state a SYN-ACK with another number is
	 * challenged, and changes nothing. */
	if (answers && in_synchronised_state(sender) && in_synchronised_state(receiver) &&
	    (sender->syn_acked ? sender->seen : seq_gt(sender->una_proven, sender->iss)) &&
	    !(sender->has_iss && segment->seq == sender->iss))
		class |= SEGMENT_OUTSIDE;
	if (!sender->has_iss) {
		if (sender->implied && !sender->seen && segment->seq + 1 == sender->snd_una)
			class |= SEGMENT_SYN_LATE;
		if (sender->reset_sent && answers && segment->seq + 1 == sender->snd_nxt)
			class |= SEGMENT_SYN_LATE;
		return class | SEGMENT_NEW;
	}
	if (segment->seq != sender->iss)
		return class | SEGMENT_SYN_OTHER;
	/* In a simultaneous open a side's first SYN-ACK carries the number of its SYN and is no
	 * repetition. */
	if (answers && !sender->acked_known)
		return class;
	return class | SEGMENT_SYN_AGAIN;
}

/* RFC 5961 3.2 and, in SYN_SENT, RFC 9293 3.10.7.3: does the receiver have to believe this RST? */
static bool rst_closes(const TcpSide *receiver, const Segment *segment)
{
	uint32_t seq = segment->seq;
	bool covers_syn = (segment->flags & TH_ACK) && receiver->has_iss &&
			  seq_gt(segment->ack, receiver->iss) &&
			  seq_leq(segment->ack, receiver->snd_nxt);

	if (!receiver->seen)
		return true;
	if (in_syn_sent(receiver))
		return covers_syn;
	/* The SYN-ACK is on its way: it may have arrived or not. */
	if (in_handshake(receiver) && !receiver->acked_known && covers_syn)
		return true;
	if (!receiver->rcv_known)
		return true;
	/* What it expects next is known to lie between what it has acknowledged and what has
	 * passed. */
	if (seq == receiver->rcv_nxt)
		return true;
	if (!receiver->acked_known)
		return false;
	if (seq_geq(seq, receiver->rcv_acked) && seq_lt(seq, receiver->rcv_nxt))
		return true;
	/* Linux, tcp_reset_check(): a peer that has sent its FIN and was closed may count without
	 * it. */
	if ((receiver->state == TCP_STATE_CLOSE_WAIT || receiver->state == TCP_STATE_CLOSING ||
	     receiver->state == TCP_STATE_LAST_ACK) &&
	    seq == receiver->rcv_nxt - 1)
		return true;
	/* Linux, tcp_validate_incoming(): the end of the right-most SACK block. */
	if (receiver->has_sack && seq == receiver->sack_max)
		return true;
	/* Linux, tcp_timewait_state_process(): an orphan in FIN_WAIT_2 believes any RST in its
	 * window. If it is no orphan, its challenge ACK will tell. */
	return receiver->state == TCP_STATE_FIN_WAIT_2 && seq_geq(seq, receiver->rcv_nxt) &&
	       seq_lt(seq, receiver->rcv_adv);
}

static unsigned classify_rst(const TcpSide *sender, const TcpSide *receiver, const Segment *segment)
{
	bool was_opening =
		sender->seen && in_handshake(sender) &&
		(sender->state == TCP_STATE_SYN_SENT || sender->state == TCP_STATE_SYN_RCVD ||
		 sender->state == TCP_STATE_ESTABLISHED);
	unsigned class = 0;

	/* It answers an unacceptable ACK at that ACK's number (RFC 9293 3.10.7.3). At the number
	 * that acknowledges its SYN the ACK was good, and the RST says that the socket is gone. */
	if (was_opening && !(segment->flags & TH_ACK) && receiver->seen &&
	    segment->seq == receiver->ack_last &&
	    !(seq_gt(segment->seq, sender->iss) && seq_leq(segment->seq, sender->snd_nxt)))
		class |= SEGMENT_RST_ANSWERS;
	if (receiver->state == TCP_STATE_CLOSED)
		return class;
	if (rst_closes(receiver, segment))
		return class | SEGMENT_RST_CLOSES;
	return class ? class : SEGMENT_RST_IGNORED;
}

/* The acknowledgement against what its receiver can have sent. */
static unsigned classify_ack(const TcpSide *sender, const TcpSide *receiver, const Segment *segment)
{
	if (!receiver->una_known)
		return 0;
	/* In SYN_SENT and SYN_RCVD an ACK of anything but the SYN is unacceptable (RFC
	 * 9293 3.10.7.3, 3.10.7.4). But a sender that has acknowledged the SYN before, or is
	 * further on than was seen, shows that it is the capture that lags behind. */
	if (in_handshake(receiver)) {
		bool beyond = seq_gt(segment->ack, receiver->snd_nxt);
		bool lags = (sender->acked_known && seq_gt(sender->rcv_acked, receiver->iss)) ||
			    (sender->seen && seq_gt(segment->seq, sender->snd_nxt));

		if (seq_leq(segment->ack, receiver->iss) || (beyond && receiver->seen && !lags))
			return SEGMENT_ACK_BAD;
	}
	if (receiver->fin_sent && seq_gt(segment->ack, receiver->fin_seq + 1))
		return SEGMENT_ACK_BAD;
	if (seq_gt(segment->ack, receiver->snd_nxt)) {
		if (segment->ack - receiver->snd_nxt > FAR_AWAY)
			return SEGMENT_ACK_BAD;
		return receiver->seen ? SEGMENT_ACK_UNSEEN : 0;
	}
	/* RFC 5961 5: older than any window that its sender has offered. */
	if (sender->acked_known && receiver->snd_una - segment->ack > FAR_AWAY &&
	    seq_lt(segment->ack, receiver->snd_una))
		return SEGMENT_ACK_BAD;
	return 0;
}

/* The sequence space against what its receiver takes (RFC 9293 3.10.7.4, RFC 7323 5.3). */
static unsigned classify_window(const TcpSide *receiver, const Segment *segment, unsigned class)
{
	uint32_t end = segment_end(segment);
	uint32_t data_end = segment->seq + segment->payload;
	const TcpOptions *options = &segment->options;

	if (receiver->rcv_known && segment_seq_len(segment) &&
	    seq_gt(segment->seq, receiver->rcv_nxt))
		class |= SEGMENT_BEYOND_HOLE;
	if (receiver->acked_known) {
		if (seq_lt(end, receiver->rcv_acked) && !(class & SEGMENT_GOES_ON))
			class |= SEGMENT_OLD;
		else if (seq_gt(segment->seq, receiver->rcv_adv) ||
			 seq_gt(data_end, receiver->rcv_adv))
			class |= SEGMENT_OUTSIDE;
	}
	/* One tick of tolerance, and bare ACKs exempt, as in Linux: their disorder is harmless. */
	if (receiver->ts_known && (options->present & TCP_OPT_TIMESTAMP) &&
	    segment_seq_len(segment) && seq_gt(receiver->ts_recent, options->tsval + 1))
		class |= SEGMENT_PAWS;
	return class;
}

/* Data on the FIN's own number says that somebody else sent the FIN, but not once the receiver has
 * acknowledged it, and so has it: nobody acknowledges what was not there. */
static bool is_after_fin(const TcpSide *sender, const TcpSide *receiver, const Segment *segment)
{
	if (seq_gt(segment->seq, sender->fin_seq))
		return true;
	return receiver->acked_known && seq_gt(receiver->rcv_acked, sender->fin_seq) &&
	       seq_gt(segment->seq + segment->payload, sender->snd_nxt);
}

/* The sequence space against what its sender has sent before. */
static unsigned classify_sender(const TcpSide *sender, const TcpSide *receiver,
				const Segment *segment)
{
	uint32_t end = segment_end(segment);
	uint32_t length = segment_seq_len(segment);
	bool all_acked = sender->una_known && sender->snd_una == sender->snd_nxt;
	bool closed_window = receiver->acked_known && receiver->rcv_adv == sender->snd_nxt;
	unsigned class = 0;

	if (!sender->seen)
		return length ? SEGMENT_NEW : 0;
	if (!(segment->flags & TH_FIN) && segment->payload <= 1 &&
	    segment->seq == sender->snd_nxt - 1 && (all_acked || !length)) {
		return closed_window ? SEGMENT_WINDOW_PROBE : SEGMENT_KEEP_ALIVE;
	}
	if (closed_window && segment->payload == 1 && segment->seq == sender->snd_nxt)
		class |= SEGMENT_WINDOW_PROBE;
	if (seq_gt(segment->seq, sender->snd_nxt))
		class |= SEGMENT_SKIPS;
	if (length && segment->seq == sender->snd_seen && seq_lt(sender->snd_seen, sender->snd_nxt))
		class |= SEGMENT_GOES_ON | SEGMENT_NEW;
	else if (length)
		class |= seq_gt(end, sender->snd_nxt) ? SEGMENT_NEW : SEGMENT_AGAIN;
	if (sender->fin_sent) {
		if ((segment->flags & TH_FIN) && end - 1 == sender->fin_seq)
			class |= SEGMENT_FIN_AGAIN;
		if (segment->payload && is_after_fin(sender, receiver, segment))
			class |= SEGMENT_AFTER_FIN;
	}
	return class;
}

unsigned classify_segment(const TcpSide *sender, const TcpSide *receiver, const Segment *segment)
{
	unsigned class = sender->seen ? 0 : SEGMENT_FIRST;

	if (receiver->state == TCP_STATE_CLOSED)
		class |= SEGMENT_TO_CLOSED;
	if (segment->flags & TH_RST)
		return class | classify_rst(sender, receiver, segment);
	if (segment->flags & TH_SYN) {
		class |= classify_syn(sender, receiver, segment);
		if (segment->flags & TH_ACK)
			class |= classify_ack(sender, receiver, segment);
		return class;
	}
	class |= classify_sender(sender, receiver, segment);
	class = classify_window(receiver, segment, class);
	if (!(segment->flags & TH_ACK))
		return class | SEGMENT_NO_ACK;
	class |= classify_ack(sender, receiver, segment);
	if (!segment_seq_len(segment)) {
		class |= SEGMENT_BARE_ACK;
		if (sender->acked_known && segment->ack == sender->rcv_acked &&
		    (segment->seq == sender->snd_nxt || segment->seq == sender->snd_seen) &&
		    segment->ack + ((uint32_t)segment->window << sender->wscale) == sender->rcv_adv)
			class |= SEGMENT_DUPLICATE_ACK;
	}
	return class;
}

/* Nobody sends beyond the window or back in time. But who goes on where it was beyond the window
 * has got one that the capture lacks: a blind forger would not know that number (RFC 5961 1.2).
 * Whether it was received, the peer's acknowledgement says. */
bool segment_is_foreign(const Segment *segment, unsigned class)
{
	if (class & SEGMENT_WINDOW_PROBE)
		return false;
	if (class & (SEGMENT_PAWS | SEGMENT_NO_ACK))
		return true;
	return class & SEGMENT_OUTSIDE &&
	       (segment->flags & TH_SYN || class & SEGMENT_FIRST || class & SEGMENT_SKIPS);
}
