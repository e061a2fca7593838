/* Whether a segment is one that was captured before, or was sent again. Knows what passed on its
 * connection in between; does not know what segments look like, see copies.c. */
#include "analysis/copy-of.h"

#include "base/seq.h"

/* Whether @end has sent a single segment, so that there is but one that its peer may answer. */
static bool has_spoken_once(const Connection *connection, unsigned end)
{
	return connection->first_sender == end && connection->last_sent[end] == connection->first &&
	       !connection->syn_ack_tries[!end];
}

/* Whether the peer's last segments acknowledge all of it, so that nobody sends it again for their
 * sake. */
static bool is_covered(const TcpSide *sender, const Segment *segment)
{
	uint32_t length = segment_seq_len(segment);

	return length && sender->una_known && seq_leq(segment->seq + length, sender->snd_una);
}

/* Whether a SYN-ACK can answer but one SYN, which was sent once: then a timer has sent the second
 * one, and no timer sends two at once. */
static bool answers_one_syn(const Connection *connection, unsigned sender)
{
	const NsTime *syn = connection->last_text[connection->self ? 0 : !sender];

	/* What connects to itself has sent the SYN-ACK itself since. */
	if (connection->self)
		return syn[1] == connection->first;
	return syn[0] && !syn[1];
}

static bool is_copy(const CopyMatch *match, const SegmentEvent *event, const Connection *connection)
{
	const Segment *segment = event->segment;
	unsigned sender = event->sender, peer = connection->self ? 0 : !sender;
	const TcpSide *side = connection_side(connection, sender);
	NsTime spoke = connection->last_sent[peer];

	switch (match->proof) {
	case COPY_SURE:
	case COPY_USUAL:
		return true;
	case COPY_USUAL_AGAIN:
		return spoke <= match->last || is_covered(side, segment);
	case COPY_LIKELY:
		return spoke <= match->time || is_covered(side, segment);
	case COPY_ANSWER:
		if (!(segment->flags & TH_SYN))
			return spoke <= match->time && has_spoken_once(connection, peer);
		return answers_one_syn(connection, sender) &&
		       (spoke <= match->time || is_covered(side, segment));
	default:
		return false;
	}
}

uint64_t copy_of(Copies *copies, const CopyMatch *match, const SegmentEvent *event,
		 const Connection *connection)
{
	bool copy = connection && is_copy(match, event, connection);

	copies_decide(copies, event->looks, event->segment, copy);
	return copy ? match->frame : 0;
}
