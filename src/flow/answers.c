/* Whether a segment can be an answer to what passed before it. Knows round trips from the tap;
 * moves no mark. */
#include "flow/answers.h"

#include <glib.h>

#include "base/seq.h"
#include "flow/settle.h"

/* What a round trip from the tap is taken for when no handshake shows it. */
#define RTT_UNKNOWN (200 * NSTIME_MILLISECOND)

/* What a host had queued when a RST arrived still passes. The shortest round trip, which is next to
 * nothing at a tap on the host itself, says nothing of a burst. */
#define QUEUE_DRAINED (10 * NSTIME_MILLISECOND)

void answers_take(Connection *connection, unsigned sender, NsTime time)
{
	NsTime rtt = time - connection->last_new[!sender];

	if (connection->last_new[!sender] && rtt >= 0 &&
	    (!(connection->rtt_known & 1u << sender) || rtt < connection->rtt[sender])) {
		connection->rtt[sender] = rtt;
		connection->rtt_known |= 1u << sender;
	}
}

void answers_measure(Connection *connection, unsigned sender, const Segment *segment)
{
	const TcpSide *side = connection_side(connection, sender);
	const TcpSide *peer = connection_side(connection, !sender);

	if (!connection->self && (segment->flags & TH_ACK) && segment->ack == peer->snd_nxt &&
	    !(side->acked_known && segment->ack == side->rcv_acked))
		answers_take(connection, sender, segment->time);
}

/* Whether it acknowledges less than its sender has acknowledged in what passed before. */
static bool acks_less(const TcpSide *side, const Segment *segment)
{
	return (segment->flags & TH_ACK) && side->acked_known &&
	       seq_lt(segment->ack, side->rcv_acked);
}

/* Whether others that its sender sent later have passed before: it acknowledges less, or no more
 * and its clock was earlier (RFC 7323 5.3: TSval never goes back; a tick of tolerance, as in
 * classify.c). A SYN-ACK that comes again has the numbers that it had at first. */
static bool overtaken(const TcpSide *side, const TcpSide *peer, const Segment *segment)
{
	if (segment->flags & TH_SYN)
		return false;
	if ((segment->flags & TH_ACK) && side->acked_known && segment->ack != side->rcv_acked)
		return acks_less(side, segment);
	return peer->ts_known && (segment->options.present & TCP_OPT_TIMESTAMP) &&
	       seq_lt(segment->options.tsval + 1, peer->ts_recent);
}

/* From the tap to @end and back. */
static NsTime round_trip(const Connection *connection, unsigned end)
{
	unsigned index = connection_index(connection, end);

	return connection->rtt_known & 1u << index ? connection->rtt[index] : RTT_UNKNOWN;
}

bool answers_are_due(const Connection *connection, unsigned end, NsTime time)
{
	NsTime provoked = connection->provoked[connection_index(connection, end)];

	return time - provoked <= round_trip(connection, end) + QUEUE_DRAINED;
}

unsigned answers_classify(const Connection *connection, unsigned sender, const Segment *segment,
			  unsigned given)
{
	const TcpSide *side = connection_side(connection, sender);
	unsigned index = connection_index(connection, sender);
	NsTime rtt = round_trip(connection, sender);
	/* An eighth of the round trip for jitter, and what any machine may take to answer. */
	NsTime jitter = MAX(rtt / 8, 100 * NSTIME_MICROSECOND);
	/* A RST that passed after the one that was believed is as good. */
	NsTime ended = side->reset && !side->reset_sent ? connection->provoked[index] : 0;
	NsTime state = segment->time - MAX(connection->since[index], ended);
	const NsTime *texts = connection->last_text[connection_index(connection, !sender)];
	NsTime text = segment->time - MAX(connection->since[index], texts[0]);
	NsTime text_before = segment->time - texts[1];
	NsTime last =
		segment->time - MAX(connection->since[index],
				    connection->last_sent[connection_index(connection, !sender)]);
	/* It repeats its acknowledgement, as one that got something it cannot take (RFC 5961 3.2: a
	 * challenge ACK); a first one of these bytes may have been caused by those just before the
	 * last. */
	bool same_ack =
		!segment_seq_len(segment) && side->acked_known && segment->ack == side->rcv_acked;
	bool repeats = same_ack && (text >= rtt || text_before > rtt + jitter);
	const TcpSide *peer = connection_side(connection, !sender);
	const TcpOptions *options = &segment->options;
	/* RFC 2018: a block that ends where the peer's bytes end was caused by the last of them,
	 * whatever the clock says; unless something has been repeated since. */
	bool sacks_last = options->sack_count && options->sack[0].right == peer->snd_nxt &&
			  texts[0] == connection->last_new[connection_index(connection, !sender)];
	/* RFC 5681 4.2: nothing but a segment that cannot be taken makes a side repeat its ACK as
	 * it was. When no repetition and nothing unacceptable has passed lately, it was one of
	 * those that are not acknowledged, beyond another that is lost. */
	bool refuses = (given & SEGMENT_DUPLICATE_ACK) && seq_lt(segment->ack, peer->snd_seen) &&
		       segment->time - connection->provoked[index] > rtt + RTT_UNKNOWN;
	/* The same of a side that has long acknowledged all that it was sent: its peer's RST is
	 * what makes it repeat that, however soon. */
	bool challenges = side->reset && side->reset_near && given & SEGMENT_DUPLICATE_ACK &&
			  segment->ack == peer->snd_nxt &&
			  segment->time - texts[0] > rtt + QUEUE_DRAINED;
	unsigned class = 0;

	if (overtaken(side, peer, segment))
		return 0;
	if (challenges || state >= (same_ack ? rtt - jitter : MAX(rtt - jitter, QUEUE_DRAINED)))
		class |= SEGMENT_ANSWERS;
	if (last > rtt + jitter)
		class |= SEGMENT_ANSWERS_ACK;
	if (!acks_less(side, segment) &&
	    (sacks_last || refuses || (repeats ? text >= rtt - jitter : text > rtt + jitter)))
		class |= SEGMENT_ANSWERS_TEXT;
	return class;
}
