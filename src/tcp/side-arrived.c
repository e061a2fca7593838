/* The marks of one side: what a segment will mean to its receiver if it is delivered. Knows
 * sequence numbers; knows neither time nor the flow table. */
#include "base/seq.h"
#include "tcp/classify.h"
#include "tcp/side-bytes.h"

/* RFC 9293 3.10.7.4, first check: what is not acceptable is dropped whole, its ACK with it. */
#define NOT_ACCEPTABLE                                                                             \
	(SEGMENT_OLD | SEGMENT_OUTSIDE | SEGMENT_PAWS | SEGMENT_ACK_BAD | SEGMENT_NO_ACK)

void tcp_side_arrived_ack(TcpSide *receiver, const Segment *segment, unsigned class)
{
	if ((segment->flags & TH_RST) || (class & (NOT_ACCEPTABLE | SEGMENT_SYN_AGAIN)))
		receiver->provoked = true;
	if (segment->flags & TH_RST) {
		if ((class & SEGMENT_RST_CLOSES) && !(class & SEGMENT_TO_CLOSED)) {
			receiver->reset = true;
			/* Elsewhere one that is not exact here may be for its receiver. */
			receiver->reset_near = receiver->state == TCP_STATE_FIN_WAIT_2 &&
					       receiver->rcv_known &&
					       seq_gt(segment->seq, receiver->rcv_nxt);
		}
		return;
	}
	if (!(segment->flags & TH_ACK) || (class & NOT_ACCEPTABLE))
		return;
	if (!receiver->una_known) {
		/* Its peer is synchronised with it: it exists, and has sent up to there. */
		receiver->una_known = true;
		receiver->snd_una = segment->ack;
		receiver->una_proven = segment->ack;
		receiver->snd_nxt = segment->ack;
		receiver->implied = true;
		receiver->syn_acked = true;
		receiver->wscale = 14;
	} else if (seq_gt(segment->ack, receiver->snd_una) &&
		   seq_leq(segment->ack, receiver->snd_nxt)) {
		receiver->snd_una = segment->ack;
	}
}

void tcp_side_arrived_data(TcpSide *receiver, TcpSide *sender, const Segment *segment,
			   unsigned class)
{
	uint32_t end = segment_end(segment);

	if ((segment->flags & TH_RST) || (class & NOT_ACCEPTABLE))
		return;
	side_arrived_timestamp(receiver, segment);
	if (segment->flags & TH_SYN) {
		/* Data in a SYN counts when the SYN-ACK acknowledges it (RFC 7413 4.2). */
		if (!receiver->rcv_known)
			side_receive_up_to(receiver, segment->seq + 1);
		return;
	}
	if (!receiver->rcv_known) {
		/* RFC 9293 3.10.7.3: a side in SYN_SENT takes nothing before the peer's SYN. */
		if (receiver->has_iss && !receiver->syn_acked)
			return;
		side_receive_up_to(receiver, segment->seq);
	}
	/* RFC 9293 3.10.7.4, seventh: what comes after the FIN is not looked at. */
	if (class & SEGMENT_AFTER_FIN)
		end = seq_min(end, sender->fin_seq + 1);
	/* A FIN that is not its sender's own was not taken note of and is not received either. */
	if ((segment->flags & TH_FIN) && !(sender->fin_sent && sender->fin_seq == end - 1))
		end--;
	if (seq_leq(segment->seq, receiver->rcv_nxt)) {
		if (seq_gt(end, receiver->rcv_nxt))
			side_receive_up_to(receiver, end);
	} else {
		side_keep_beyond(receiver, segment->seq, end);
	}
}

void tcp_side_arrived_icmp(TcpSide *side, uint32_t seq, bool final)
{
	if (!side->has_iss || seq != side->iss)
		return;
	if (side->state == TCP_STATE_SYN_SENT || (side->state == TCP_STATE_SYN_RCVD && final))
		side->unreachable = true;
}
