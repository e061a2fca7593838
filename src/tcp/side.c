/* The marks of one side: what a segment says of its sender. Knows sequence numbers; knows neither
 * time nor the flow table. What it will mean to its receiver is in side-arrived.c. */
#include "tcp/side.h"

#include <glib.h>

#include "base/seq.h"
#include "tcp/classify.h"
#include "tcp/side-bytes.h"

void tcp_side_init(TcpSide *side)
{
	*side = (TcpSide){ .state = TCP_STATE_UNKNOWN };
}

void tcp_side_clear(TcpSide *side)
{
	g_clear_pointer(&side->beyond, g_free);
}

/* The receiver of the peer's bytes turns out to have got only those before @hole, and then what is
 * beyond the first lost one: the rest was not lost as far as can be told, so it counts as soon as
 * the hole is filled. */
static void withdraw_received(TcpSide *side, uint32_t hole)
{
	uint32_t passed = side->rcv_nxt;

	side->rcv_nxt = hole;
	side_keep_beyond(side, hole + 1, passed);
}

/* The acknowledgement of @unacked and what follows turns out not to have arrived. */
static void withdraw_acked(TcpSide *side, uint32_t unacked)
{
	if (side->una_known && seq_gt(side->snd_una, unacked) && seq_leq(side->una_proven, unacked))
		side->snd_una = unacked;
}

/* Starts the numbers of @side at a SYN: nothing that was known of it before holds. What it has
 * received, the SYN's own acknowledgement tells. */
static void begin_at_syn(TcpSide *side, const Segment *segment)
{
	TcpState state = side->state;
	bool has_wscale = segment->options.present & TCP_OPT_WSCALE;

	tcp_side_clear(side);
	*side = (TcpSide){
		.iss = segment->seq,
		.has_iss = true,
		.spoke = true,
		.una_known = true,
		.snd_una = segment->seq,
		.una_proven = segment->seq,
		.snd_nxt = segment_end(segment),
		.snd_seen = segment_end(segment),
		.wscale = has_wscale ? MIN(segment->options.wscale, 14) : 0,
		.sack_ok = segment->options.present & TCP_OPT_SACK_PERMITTED,
		.ts_known = side->ts_known,
		.ts_recent = side->ts_recent,
		.state = state,
	};
}

/* A side goes on after a RST, an ICMP error or a clock that ended it: it did not believe or not
 * send it, or has more patience. */
static void revive(TcpSide *side)
{
	side->revived |= side->reset && !side->reset_sent;
	side->reset = false;
	side->reset_sent = false;
	side->expired = false;
	side->unreachable = false;
}

static void sent_syn(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class)
{
	bool answers = segment->flags & TH_ACK;
	bool has_wscale = segment->options.present & TCP_OPT_WSCALE;

	if ((class & SEGMENT_SYN_LATE) && (sender->reset_sent || !(class & SEGMENT_ANSWERS_ACK))) {
		/* What acknowledged it, or its sender's RST, has passed already: all that is known
		 * of its sender holds. */
		if (!sender->una_known)
			sender->snd_una = segment->seq;
		sender->una_known = true;
		sender->has_iss = true;
		sender->iss = segment->seq;
		sender->una_proven = segment->seq;
		sender->syn_acked = false;
		sender->spoke = true;
		sender->wscale = has_wscale ? MIN(segment->options.wscale, 14) : 0;
		sender->sack_ok = segment->options.present & TCP_OPT_SACK_PERMITTED;
		sender->syn_rcvd |= answers;
		return;
	}
	if (!sender->has_iss || ((class & SEGMENT_SYN_OTHER) && answers)) {
		/* Also a request that outlived its listener: its SYN-ACK comes again with another
		 * number (Linux makes it afresh), and nobody holds anything of the first. */
		bool renewed = sender->has_iss;

		begin_at_syn(sender, segment);
		/* Its clock may be another's, too. */
		if (renewed)
			receiver->ts_known = false;
		if (renewed && !receiver->acked_known)
			receiver->rcv_known = false;
	} else if ((class & SEGMENT_SYN_AGAIN) && seq_leq(sender->una_proven, sender->iss)) {
		/* A repetition that left before the RST could have come shows nothing of what
		 * became of its sender. RFC 6069 3.2: an ICMP error makes Linux send its SYN once
		 * more at once, before it ends the attempt; a later one shows that it goes on. */
		if ((sender->reset || sender->unreachable) && (class & SEGMENT_ANSWERS))
			revive(sender);
		/* The ACK may still be on its way to it: it sent this before. Lower the mark
		 * anyway, the peer will acknowledge the repetition and raise it again. */
		withdraw_acked(sender, sender->iss);
	}
	sender->syn_rcvd |= answers;
	receiver->syn_rcvd |= !answers;
	/* RFC 7323 2.2: windows are scaled only when both SYNs said so. */
	if (answers && !(segment->options.present & TCP_OPT_WSCALE))
		receiver->wscale = 0;
	/* A bare SYN, repeated or not, proves that it had received nothing. */
	if (!answers && !sender->acked_known)
		sender->rcv_known = false;
	if (answers && receiver->has_iss && receiver != sender &&
	    segment->ack - receiver->iss > 1 && seq_leq(segment->ack, receiver->snd_nxt))
		sender->fast_open = true;
}

static void sent_rst(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class)
{
	/* It answers a segment as one without a socket does (RFC 9293 3.10.7.1): at SEG.ACK, or a
	 * SYN with its ACK. */
	bool answers_ack =
		!(segment->flags & TH_ACK) && receiver->seen && segment->seq == receiver->ack_last;
	bool answers_syn = (segment->flags & TH_ACK) && segment->seq == 0 && receiver->has_iss &&
			   segment->ack == receiver->iss + 1;
	bool at_the_end = sender->seen && segment->seq == sender->snd_nxt;
	/* At what its receiver expects next when the rest was lost. */
	bool repeats = (class & SEGMENT_RST_CLOSES) &&
		       (!sender->seen || seq_lt(segment->seq, sender->snd_nxt));

	if (class & SEGMENT_RST_ANSWERS)
		return;
	/* Any other number is a guess by somebody else, and says nothing of the side in whose name
	 * it comes. */
	if (!answers_ack && !answers_syn && !at_the_end && !repeats)
		return;
	/* It has overtaken the SYN-ACK, or that was not captured. */
	if (!sender->seen && !answers_ack && !answers_syn) {
		sender->snd_nxt = segment->seq;
		sender->snd_seen = segment->seq;
	}
	sender->seen = true;
	sender->reset = true;
	sender->reset_sent = true;
}

static void sent_ack(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class)
{
	uint32_t ack = segment->ack;
	uint32_t edge = ack + ((uint32_t)segment->window
			       << ((segment->flags & TH_SYN) ? 0 : sender->wscale));

	if (class & SEGMENT_ACK_BAD)
		return;
	/* The peer must have sent what is acknowledged here, though it did not pass the tap. */
	if (receiver->una_known && seq_gt(ack, receiver->snd_nxt))
		receiver->snd_nxt = ack;
	if ((class & SEGMENT_ANSWERS_TEXT) && tcp_side_fin_received(sender, receiver) &&
	    seq_leq(ack, receiver->fin_seq))
		withdraw_received(sender, ack);
	if (segment->options.sack_count && seq_gt(segment->options.sack[0].left, ack) &&
	    sender->rcv_known && seq_lt(ack, sender->rcv_nxt) && (class & SEGMENT_ANSWERS_TEXT)) {
		/* RFC 2018: it has a hole at its acknowledgement. */
		withdraw_received(sender, ack);
	}
	if (!sender->acked_known || seq_gt(ack, sender->rcv_acked)) {
		if (!sender->rcv_known || seq_gt(ack, sender->rcv_nxt))
			side_receive_up_to(sender, ack);
		sender->rcv_acked = ack;
	}
	if (!sender->acked_known || seq_gt(edge, sender->rcv_adv))
		sender->rcv_adv = edge;
	sender->acked_known = true;
	sender->has_sack = segment->options.sack_count > 0;
	for (unsigned i = 0; i < segment->options.sack_count; i++)
		sender->sack_max = i ? seq_max(sender->sack_max, segment->options.sack[i].right)
				     : segment->options.sack[i].right;
	/* From here on everything that passes acknowledges the peer's FIN. When the FIN, or what
	 * came before it, had to come again, the first ACK may have been lost; if it was, a D-SACK
	 * says so (RFC 2883): beyond a FIN there is nothing that any other block could tell of. */
	if (receiver->fin_sent && !receiver->fin_acked_seen && seq_gt(ack, receiver->fin_seq)) {
		receiver->fin_acked_seen = true;
		receiver->fin_acked_at = (class & SEGMENT_FIRST)
						 ? segment->seq
						 : seq_max(segment->seq, sender->snd_nxt);
		receiver->fin_ack_first =
			!segment->options.sack_count &&
			(!receiver->fin_again || (sender->sack_ok && receiver->sack_ok));
	}
	/* What was sent before that ACK, and overtaken by it, did not. */
	if (receiver->fin_acked_seen && seq_leq(ack, receiver->fin_seq))
		receiver->fin_acked_at = seq_max(receiver->fin_acked_at, segment_end(segment));
	/* Everything of the peer from there on acknowledged its FIN: who has that, has the ACK. */
	if (sender->fin_acked_seen && seq_gt(ack, sender->fin_acked_at)) {
		sender->una_proven = seq_max(sender->una_proven, sender->fin_seq + 1);
		sender->snd_una = seq_max(sender->snd_una, sender->una_proven);
	}
}

/* Speaking past its SYN proves that the SYN was acknowledged. */
static void sent_past_syn(TcpSide *sender, TcpSide *receiver, const Segment *segment,
			  unsigned class)
{
	if (!(segment->flags & TH_ACK) || !sender->has_iss || (class & SEGMENT_ACK_BAD) ||
	    seq_gt(sender->una_proven, sender->iss))
		return;
	/* RFC 7413 4.2: a server that took the SYN's data may talk before its SYN is acknowledged.
	 */
	if (sender->fast_open)
		return;
	/* SYN_RCVD answers an unacceptable segment with a bare ACK of just the SYN (RFC
	 * 9293 3.10.7.4); an established side may send the same. */
	if ((class & SEGMENT_BARE_ACK) && sender->syn_rcvd && sender->provoked &&
	    segment->seq == sender->iss + 1 && receiver->has_iss &&
	    segment->ack == receiver->iss + 1)
		return;
	sender->una_proven = sender->iss + 1;
	sender->snd_una = seq_max(sender->snd_una, sender->iss + 1);
	sender->held = false;
}

static void sent_fin(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class)
{
	uint32_t fin_seq = segment_end(segment) - 1;

	if (class & SEGMENT_FIN_AGAIN) {
		sender->fin_again = true;
		/* Nobody has acknowledged it: the first copy did not arrive, or not yet. */
		if (tcp_side_fin_received(receiver, sender) &&
		    (!receiver->acked_known || seq_leq(receiver->rcv_acked, fin_seq)))
			receiver->rcv_nxt = fin_seq;
		/* The first copy may come last: the one that acknowledges least tells who closed
		 * first. */
		if (sender->fin_second && seq_leq(segment->ack, receiver->fin_seq))
			sender->fin_second = false;
		return;
	}
	/* A FIN takes the last number of all that its sender sends (RFC 9293 3.10.4): one below is
	 * not its own. */
	if (sender->fin_sent || seq_lt(fin_seq + 1, sender->snd_nxt))
		return;
	sender->fin_sent = true;
	sender->fin_acked_seen = false;
	sender->fin_ack_first = false;
	sender->fin_seq = fin_seq;
	/* Read off the first copy: did it acknowledge the peer's FIN? A repeated one carries a
	 * newer ACK. When the first copy did not pass, its number was used up all the same, before
	 * the peer's FIN was acknowledged. */
	sender->fin_second = receiver->fin_sent && (segment->flags & TH_ACK) &&
			     seq_gt(segment->ack, receiver->fin_seq);
	/* Or it was overtaken by that acknowledgement. */
	sender->fin_late = sender->fin_second && receiver->fin_acked_seen &&
			   seq_gt(receiver->fin_acked_at, fin_seq);
	if (sender->fin_late && receiver->fin_ack_first)
		sender->fin_second = false;
}

/* Bytes, repeated or new. */
static void sent_data(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class)
{
	uint32_t end = segment_end(segment);

	if (segment->payload)
		sender->spoke = true;
	/* Who repeats what was acknowledged has not received that ACK; what matters is that of the
	 * FIN. Crossing repetitions prove nothing: the ACK may be on its way still. */
	if ((class & SEGMENT_AGAIN) && (class & SEGMENT_ANSWERS_ACK) && sender->fin_sent &&
	    seq_leq(segment->seq, sender->fin_seq) && tcp_side_fin_acked(sender))
		withdraw_acked(sender, sender->fin_seq);
	/* New bytes on the number of its FIN: that FIN was not its own. */
	if ((class & SEGMENT_NEW) && !(class & SEGMENT_AFTER_FIN) && sender->fin_sent &&
	    segment->payload && seq_leq(segment->seq, sender->fin_seq) &&
	    seq_gt(segment->seq + segment->payload, sender->fin_seq)) {
		if (tcp_side_fin_received(receiver, sender))
			receiver->rcv_nxt = sender->fin_seq;
		sender->fin_sent = false;
	}
	if (seq_gt(end, sender->snd_nxt) && !(class & SEGMENT_AFTER_FIN))
		sender->snd_nxt = end;
	if (seq_gt(end, sender->snd_seen) && !(class & SEGMENT_AFTER_FIN))
		sender->snd_seen = end;
	if (segment->flags & TH_FIN)
		sent_fin(sender, receiver, segment, class);
}

/* The peer's acknowledgement beyond @end, where what was captured of the sender ended, was of bytes
 * that it never sent (RFC 9293 3.10.7.4: its receiver drops such a segment), and not of bytes that
 * the capture lacks. */
static void withdraw_unsent(TcpSide *sender, TcpSide *receiver, uint32_t end)
{
	sender->snd_nxt = end;
	sender->snd_una = seq_min(sender->snd_una, end);
	sender->una_proven = seq_min(sender->una_proven, end);
	if (receiver->acked_known)
		receiver->rcv_acked = seq_min(receiver->rcv_acked, end);
	if (receiver->rcv_known)
		receiver->rcv_nxt = seq_min(receiver->rcv_nxt, end);
}

/* The first that is seen of a side is not a SYN: it has been there for some time. */
static void begin_midstream(TcpSide *sender, TcpSide *receiver, const Segment *segment,
			    unsigned class)
{
	if (!sender->implied || seq_gt(segment_end(segment), sender->snd_nxt))
		sender->snd_nxt = segment_end(segment);
	sender->snd_seen = segment_end(segment);
	if (!sender->una_known || seq_lt(segment->seq, sender->snd_una))
		sender->snd_una = segment->seq;
	sender->una_known = true;
	sender->una_proven = sender->snd_una;
	sender->syn_acked = true;
	sender->wscale = 14;
	/* Of an incarnation that its peer has forgotten (half-open): what it expects is what it
	 * says. */
	if (class & SEGMENT_ACK_BAD) {
		sender->rcv_known = true;
		sender->acked_known = true;
		sender->rcv_nxt = segment->ack;
		sender->rcv_acked = segment->ack;
		sender->rcv_adv = segment->ack + segment->window;
	}
	/* Who acknowledges more than the peer's SYN shows that the SYN was answered and the answer
	 * acknowledged, between the frames that were captured. Without a SYN an ACK of just that
	 * moves nobody out of SYN_SENT (RFC 9293 3.10.7.3). */
	if (receiver != sender && receiver->has_iss && !receiver->rcv_known &&
	    (segment->flags & TH_ACK) && !(class & SEGMENT_ACK_BAD) &&
	    segment->ack != receiver->iss + 1)
		side_receive_up_to(receiver, segment->seq);
}

void tcp_side_sent(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class)
{
	if (segment->flags & TH_RST) {
		sent_rst(sender, receiver, segment, class);
		return;
	}
	if (segment_is_foreign(segment, class))
		return;
	if (segment->flags & TH_SYN) {
		sent_syn(sender, receiver, segment, class);
	} else if (class & SEGMENT_FIRST) {
		begin_midstream(sender, receiver, segment, class);
	} else if ((class & SEGMENT_ANSWERS) && !(class & SEGMENT_OLD)) {
		sender->revived = false;
		revive(sender);
	}
	sender->seen = true;
	if (segment->flags & TH_ACK) {
		sent_ack(sender, receiver, segment, class);
		sender->ack_last = segment->ack;
	}
	if (!(segment->flags & TH_SYN)) {
		if (class & SEGMENT_GOES_ON)
			withdraw_unsent(sender, receiver, segment->seq);
		sent_past_syn(sender, receiver, segment, class);
		sent_data(sender, receiver, segment, class);
	}
}

void tcp_side_crossed(TcpSide *sender, const TcpSide *receiver)
{
	side_receive_up_to(sender, receiver->iss + 1);
	sender->syn_rcvd = true;
}
