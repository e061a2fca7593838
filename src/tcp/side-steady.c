/* The segments of which most of a connection consists: the next bytes in order, and their
 * acknowledgements, between two sides that know all of each other. Knows sequence numbers; knows
 * neither time nor the flow table.
 *
 * What receivers have had for long as header prediction: for these segments the rules in
 * classify.c, side.c and side-arrived.c come down to a few comparisons and additions, and the
 * states do not change. tests/model holds this short way against the long one. */
#include <glib.h>
#include <stddef.h>
#include <string.h>

#include "base/seq.h"
#include "tcp/classify.h"
#include "tcp/side-bytes.h"

/* Where the bits of a TcpSide that say what is known of it begin; they fill a number. */
#define SIDE_FACTS (offsetof(TcpSide, ts_recent) + sizeof(uint32_t))
G_STATIC_ASSERT(offsetof(TcpSide, wscale) - SIDE_FACTS == sizeof(uint32_t));

/* All of these bits, to be compared at once: one after the other each would be a jump. */
static inline uint32_t facts_of(const TcpSide *side)
{
	uint32_t facts;

	memcpy(&facts, (const char *)side + SIDE_FACTS, sizeof(facts));
	return facts;
}

/* Past its handshake, nothing said of its end, nothing missing of what its peer sent, and nothing
 * outstanding that the next segment could contradict. */
static inline bool is_steady(const TcpSide *side, const TcpSide *peer)
{
	static const TcpSide known = {
		.seen = true, .una_known = true, .rcv_known = true, .acked_known = true
	};
	static const TcpSide unheard = {
		.has_sack = true,
		.fin_sent = true,
		.fin_acked_seen = true,
		.reset = true,
		.reset_sent = true,
		.revived = true,
		.expired = true,
		.unreachable = true,
		.replaced = true,
		.held = true,
	};

	return side->state == TCP_STATE_ESTABLISHED &&
	       (facts_of(side) & (facts_of(&known) | facts_of(&unheard))) == facts_of(&known) &&
	       side->snd_seen == side->snd_nxt && side->rcv_nxt == peer->snd_nxt &&
	       !(side->beyond && side->beyond->count);
}

unsigned tcp_side_steady(TcpSide *sender, TcpSide *receiver, const Segment *segment)
{
	const TcpOptions *options = &segment->options;
	uint32_t end = segment->seq + segment->payload;
	uint32_t ack = segment->ack;
	uint32_t edge = ack + ((uint32_t)segment->window << sender->wscale);
	bool shows = sender->has_iss && seq_leq(sender->una_proven, sender->iss);
	bool is_same;

	if ((segment->flags & (TH_SYN | TH_FIN | TH_RST | TH_ACK)) != TH_ACK ||
	    segment->seq != sender->snd_nxt || options->sack_count ||
	    !is_steady(sender, receiver) || !is_steady(receiver, sender))
		return 0;
	/* Acceptable in both directions: RFC 9293 3.10.7.4, RFC 7323 5.3. */
	if (seq_gt(receiver->rcv_acked, segment->seq) || seq_gt(end, receiver->rcv_adv) ||
	    seq_lt(ack, receiver->snd_una) || seq_gt(ack, receiver->snd_nxt) ||
	    (segment->payload && receiver->ts_known && (options->present & TCP_OPT_TIMESTAMP) &&
	     seq_gt(receiver->ts_recent, options->tsval + 1)))
		return 0;
	/* What shows that its SYN was acknowledged: not all that it sends, see sent_past_syn(). */
	if (shows && (sender->fast_open || (!segment->payload && ack == receiver->iss + 1)))
		return 0;

	if (shows)
		sender->una_proven = sender->iss + 1;
	is_same = ack == sender->rcv_acked && edge == sender->rcv_adv;
	if (seq_gt(ack, sender->rcv_acked))
		sender->rcv_acked = ack;
	if (seq_gt(edge, sender->rcv_adv))
		sender->rcv_adv = edge;
	sender->ack_last = ack;
	receiver->snd_una = ack;
	side_arrived_timestamp(receiver, segment);
	if (!segment->payload)
		return SEGMENT_BARE_ACK | (is_same ? SEGMENT_DUPLICATE_ACK : 0);
	sender->spoke = true;
	sender->snd_nxt = end;
	sender->snd_seen = end;
	receiver->rcv_nxt = end;
	return SEGMENT_NEW;
}
