/* A connection whose life so far is the regular one. Knows which segment is the next of such a
 * life; knows not how it is kept. */
#include "flow/regular.h"

#include <glib.h>
#include <string.h>

#include "base/seq.h"

/* Nanoseconds between two segments and numbers of frames have so many bits: there is no room for
 * more. */
#define LAPSE_BITS 48

/* And the ticks between two timestamps of a side so many. What of them a receiver remembers may be
 * the first one's (RFC 7323 4.3): all that a life has room for, of two bytes at least, are no half
 * of the circle, so that none is before that for being so far behind it. */
#define TICKS_BITS 24
G_STATIC_ASSERT((uint64_t)REGULAR_KEPT_MAX / 2 << TICKS_BITS < UINT64_C(1) << 31);

static void note(RegularLife *life, unsigned side, const Segment *segment)
{
	life->last = segment->time;
	life->frame = segment->frame;
	life->window[side] = segment->window;
	life->ip_id[side] = segment->ip_id;
	life->ttl[side] = segment->ttl;
	life->tsval[side] = segment->options.tsval;
	life->ticks[side] = regular_ticks(segment->time);
}

void regular_begin(RegularLife *life, const Embryo *embryo)
{
	const Segment *syn = &embryo->syn, *answer = &embryo->answer;
	unsigned either = syn->options.present | answer->options.present;
	unsigned both = syn->options.present & answer->options.present;

	memset(life, 0, sizeof(*life));
	note(life, 0, syn);
	note(life, 1, answer);
	life->nxt[0] = syn->seq + 1;
	life->nxt[1] = answer->seq + 1;
	life->acked[0] = life->nxt[1];
	life->acked[1] = life->nxt[0];
	/* RFC 7323 2.2: the window of a SYN is not scaled; the client's comes with its ACK. */
	life->adv[0] = life->nxt[1];
	life->adv[1] = life->nxt[0] + answer->window;
	if (both & TCP_OPT_WSCALE) {
		life->shift[0] = MIN(syn->options.wscale, 14);
		life->shift[1] = MIN(answer->options.wscale, 14);
	}
	life->timestamps = (both & TCP_OPT_TIMESTAMP) != 0;
	life->options = both & TCP_OPT_TIMESTAMP;
	if ((either ^ both) & (TCP_OPT_WSCALE | TCP_OPT_TIMESTAMP))
		life->options = REGULAR_NONE;
	life->fine = (answer->time - syn->time) % NSTIME_MICROSECOND != 0;
	life->client = embryo->sender & 1;
	life->phase = REGULAR_ANSWERED;
}

/* Whether it is the next of its sender's and has nothing unusual about it. Most are, so all is
 * looked at together. */
static inline bool is_next(const RegularLife *life, unsigned side, const Segment *segment)
{
	uint64_t lapse = (uint64_t)segment->time - (uint64_t)life->last;
	uint64_t frames = segment->frame - life->frame - 1;
	unsigned flags = segment->flags & ~(unsigned)(TH_PUSH | TH_FIN);
	uint32_t ticks = segment->options.tsval - life->tsval[side];

	/* What is earlier than the last one has all bits. */
	return ((flags ^ TH_ACK) | (segment->seq ^ life->nxt[side]) |
		(segment->options.present ^ life->options) |
		(life->timestamps & (ticks >> TICKS_BITS != 0))) == 0 &&
	       (lapse | frames | segment->frame) >> LAPSE_BITS == 0;
}

/* Whether its receiver takes it, and what it acknowledges has passed and was not before (RFC
 * 9293 3.10.7.4). */
static inline bool is_acceptable(const RegularLife *life, unsigned side, const Segment *segment)
{
	return seq_leq(segment->seq + segment->payload, life->adv[!side]) &
	       (segment->payload <= UINT16_MAX) & seq_geq(segment->ack, life->acked[side]) &
	       seq_leq(segment->ack, life->nxt[!side]);
}

/* Of a segment that acknowledges all that its peer has sent, the first FIN included. */
static RegularStep step_of_other(const RegularLife *life, const Segment *segment)
{
	if (segment->flags & TH_FIN)
		return REGULAR_CLOSES_TOO;
	/* Data after the peer's FIN is a half-close. */
	return segment->payload || life->phase == REGULAR_HALF_CLOSED ? REGULAR_NOT
								      : REGULAR_FIN_ACKED;
}

/* Before the handshake is complete, or once a FIN was sent. */
static RegularStep step_at_ends(const RegularLife *life, unsigned side, const Segment *segment)
{
	bool acks_all = segment->ack == life->nxt[!side];
	bool bare = !(segment->flags & TH_FIN) && !segment->payload;

	switch (life->phase) {
	case REGULAR_ANSWERED:
		return !side && bare && acks_all ? REGULAR_OPENS : REGULAR_NOT;
	case REGULAR_CLOSING:
	case REGULAR_HALF_CLOSED:
		if (!is_acceptable(life, side, segment))
			return REGULAR_NOT;
		if (side == life->closer)
			return bare ? REGULAR_GOES_ON : REGULAR_NOT;
		return acks_all ? step_of_other(life, segment) : REGULAR_NOT;
	case REGULAR_LAST_ACK:
		return side == life->closer && bare && acks_all ? REGULAR_ENDS : REGULAR_NOT;
	default:
		return REGULAR_NOT;
	}
}

RegularStep regular_step(const RegularLife *life, unsigned sender, const Segment *segment)
{
	unsigned side = sender ^ life->client;

	if (!is_next(life, side, segment))
		return REGULAR_NOT;
	if (life->phase != REGULAR_OPEN)
		return step_at_ends(life, side, segment);
	if (!is_acceptable(life, side, segment))
		return REGULAR_NOT;
	if (!(segment->flags & TH_FIN))
		return REGULAR_GOES_ON;
	/* Who closes without a word may be a probe. */
	return life->data ? REGULAR_CLOSES : REGULAR_NOT;
}

/* The phase has changed. */
static void move_on(RegularLife *life, unsigned side, RegularStep step)
{
	static const uint8_t led_to[] = {
		[REGULAR_OPENS] = REGULAR_OPEN,
		[REGULAR_CLOSES] = REGULAR_CLOSING,
		[REGULAR_FIN_ACKED] = REGULAR_HALF_CLOSED,
		[REGULAR_CLOSES_TOO] = REGULAR_LAST_ACK,
		[REGULAR_ENDS] = REGULAR_ENDED,
	};

	life->phase = led_to[step];
	if (step == REGULAR_CLOSES)
		life->closer = side & 1;
	if (step == REGULAR_CLOSES_TOO)
		life->waits = life->last;
}

void regular_move(RegularLife *life, unsigned sender, const Segment *segment, RegularStep step)
{
	unsigned side = sender ^ life->client;
	uint32_t edge = segment->ack + ((uint32_t)segment->window << life->shift[side]);

	note(life, side, segment);
	life->nxt[side] = segment_end(segment);
	life->acked[side] = segment->ack;
	if (step != REGULAR_ENDS)
		life->adv[side] = seq_max(life->adv[side], edge);
	if (!life->data && segment->payload)
		life->data = true;
	if (step != REGULAR_GOES_ON)
		move_on(life, side, step);
}
