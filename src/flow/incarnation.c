/* Whether a segment belongs to the connection at hand, to the one before, or begins a new one.
 * Knows the numbers of both; moves nothing. */
#include "flow/incarnation.h"

#include "base/seq.h"

/* How far beyond what was seen a segment of a connection may lie when part of it was not captured.
 */
#define REACH (1u << 24)

/* What a server may have said before its client says anything: no first window is larger (RFC
 * 7323 2.2: those of SYNs are not scaled). */
#define FIRST_WINDOW 65535u

/* Whether the segment's numbers lie where this connection's are. */
static bool fits(const Connection *connection, unsigned sender, const Segment *segment)
{
	const TcpSide *side = connection_side(connection, sender);
	const TcpSide *peer = connection_side(connection, !sender);

	if (side->seen && !(side->has_iss ? seq_geq(segment->seq, side->iss)
					  : seq_geq(segment->seq + REACH, side->snd_nxt)))
		return false;
	if (side->seen && seq_gt(segment->seq, side->snd_nxt + REACH))
		return false;
	if (!(segment->flags & TH_ACK) || !peer->seen)
		return true;
	return seq_leq(segment->ack, peer->snd_nxt + REACH) &&
	       (peer->has_iss ? seq_geq(segment->ack, peer->iss)
			      : seq_geq(segment->ack + REACH, peer->snd_nxt));
}

static IncarnationVerdict judge_syn(const Connection *connection, unsigned sender, unsigned class)
{
	const TcpSide *side = connection_side(connection, sender);

	/* The same SYN again - also when it was refused: some systems try a few times more. */
	if ((class & SEGMENT_SYN_AGAIN) && !side->expired)
		return INCARNATION_SAME;
	/* Frames may pass, or be merged, in another order than they were sent. */
	if (class & SEGMENT_SYN_LATE)
		return INCARNATION_SAME;
	if (connection_is_over(connection))
		return INCARNATION_NEW;
	if (class & SEGMENT_SIMULTANEOUS)
		return INCARNATION_SAME;
	if (side->state == TCP_STATE_SYN_SENT && (class & SEGMENT_SYN_OTHER))
		return INCARNATION_NEW;
	return INCARNATION_PROVISIONAL;
}

/* A SYN-ACK whose SYN was not captured. RFC 9293 3.10.7.4, fourth: a synchronised peer that has not
 * asked for it challenges it, so it takes an answer to believe it. */
static bool is_provisional_answer(const Connection *connection, unsigned sender,
				  const Segment *segment, unsigned class)
{
	const TcpSide *side = connection_side(connection, sender);
	const TcpSide *peer = connection_side(connection, !sender);

	if (connection->self || peer->state == TCP_STATE_SYN_SENT)
		return false;
	/* One that passes late, in mid-stream. */
	if (!side->has_iss)
		return side->seen && !(class & SEGMENT_SYN_LATE) &&
		       !fits(connection, sender, segment);
	/* A listener that came back answers a repeated SYN with another number. */
	return (class & SEGMENT_SYN_OTHER) && seq_gt(side->una_proven, side->iss);
}

/* Who takes part in the handshake acknowledges the SYN-ACK at the number that it acknowledged; the
 * ACK itself may have been lost, and data followed. */
static bool completes(const Segment *syn_ack, const Segment *segment)
{
	return !(segment->flags & (TH_SYN | TH_RST)) && (segment->flags & TH_ACK) &&
	       segment->seq == syn_ack->ack && segment->ack - segment_end(syn_ack) <= FIRST_WINDOW;
}

static IncarnationVerdict judge_answer(const Connection *connection, const Segment *segment,
				       unsigned class)
{
	const Segment *syn = connection->provisional;
	bool from_other = endpoint_compare(&syn->src, &segment->dst) == 0;
	bool covers = (segment->flags & TH_ACK) && seq_gt(segment->ack, syn->seq) &&
		      seq_leq(segment->ack, segment_end(syn));

	if (syn->flags & TH_ACK)
		return from_other && completes(syn, segment) ? INCARNATION_ANSWERED
							     : INCARNATION_SAME;
	if (from_other && covers && (segment->flags & (TH_SYN | TH_RST)))
		return INCARNATION_ANSWERED;
	if ((segment->flags & TH_RST) && (class & SEGMENT_RST_CLOSES))
		return INCARNATION_CLEARED;
	return INCARNATION_SAME;
}

IncarnationVerdict incarnation_judge(const Connection *connection, unsigned sender,
				     const Segment *segment, unsigned class)
{
	if (connection->provisional) {
		IncarnationVerdict verdict = judge_answer(connection, segment, class);

		if (verdict != INCARNATION_SAME)
			return verdict;
	}
	if (connection->previous && !fits(connection, sender, segment) &&
	    fits(connection->previous, sender, segment))
		return INCARNATION_PREVIOUS;
	if ((segment->flags & (TH_SYN | TH_ACK | TH_RST)) == TH_SYN)
		return judge_syn(connection, sender, class);
	if ((segment->flags & (TH_SYN | TH_RST)) != TH_SYN)
		return INCARNATION_SAME;
	/* The SYN of a new incarnation was not captured, its SYN-ACK was. */
	if (connection_is_over(connection) && (class & SEGMENT_SYN_OTHER))
		return INCARNATION_NEW;
	return is_provisional_answer(connection, sender, segment, class) ? INCARNATION_PROVISIONAL
									 : INCARNATION_SAME;
}
