/* A connection whose life so far is the regular one. Knows which segment is the next of such a
 * life, and writes it as bytes; knows not where those are kept. */
#include "flow/regular.h"

#include <glib.h>
#include <string.h>

#include "base/seq.h"
#include "flow/regular-form.h"

/* Nanoseconds between two segments and numbers of frames have so many bits: there is no room for
 * more. */
#define LAPSE_BITS 48

/* And the ticks between two timestamps of a side so many. What of them a receiver remembers may be
 * the first one's (RFC 7323 4.3): all that a life has room for, of two bytes at least, are no half
 * of the circle, so that none is before that for being so far behind it. */
#define TICKS_BITS 24
G_STATIC_ASSERT((uint64_t)REGULAR_KEPT_MAX / 2 << TICKS_BITS < UINT64_C(1) << 31);

static inline void note(RegularLife *life, unsigned side, const Segment *segment)
{
	life->last = segment->time;
	life->frame = segment->frame;
	life->window[side] = segment->window;
	life->ip_id[side] = segment->ip_id;
	life->ttl[side] = segment->ttl;
	if (life->timestamps) {
		life->tsval[side] = segment->options.tsval;
		life->base[side] = segment->options.tsval - ticks_of(segment->time);
	}
}

static void note_syn(RegularLife *life, unsigned side, const EmbryoSyn *syn)
{
	life->last = syn->time;
	life->frame = syn->frame;
	life->window[side] = syn->window;
	life->ip_id[side] = syn->ip_id;
	life->ttl[side] = syn->ttl;
	if (life->timestamps) {
		life->tsval[side] = syn->tsval;
		life->base[side] = syn->tsval - ticks_of(syn->time);
	}
}

void regular_begin(RegularLife *life, const EmbryoHandshake *handshake)
{
	const EmbryoSyn *syn = &handshake->syn, *answer = &handshake->answer;
	unsigned either = syn->options | answer->options;
	unsigned both = syn->options & answer->options;

	memset(life, 0, sizeof(*life));
	life->timestamps = (both & TCP_OPT_TIMESTAMP) != 0;
	note_syn(life, 0, syn);
	note_syn(life, 1, answer);
	life->nxt[0] = syn->seq + 1;
	life->nxt[1] = answer->seq + 1;
	life->acked[0] = life->nxt[1];
	life->acked[1] = life->nxt[0];
	/* RFC 7323 2.2: the window of a SYN is not scaled; the client's comes with its ACK. */
	life->adv[0] = life->nxt[1];
	life->adv[1] = life->nxt[0] + answer->window;
	if (both & TCP_OPT_WSCALE) {
		life->shift[0] = MIN(syn->wscale, 14);
		life->shift[1] = MIN(answer->wscale, 14);
	}
	life->options = both & TCP_OPT_TIMESTAMP;
	if ((either ^ both) & (TCP_OPT_WSCALE | TCP_OPT_TIMESTAMP))
		life->options = REGULAR_NONE;
	life->fine = (answer->time - syn->time) % NSTIME_MICROSECOND != 0;
	life->client = handshake->sender & 1;
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
		return life->phase == REGULAR_HALF_CLOSED ? REGULAR_CLOSES_TOO
							  : REGULAR_CLOSES_BOTH;
	/* Data after the peer's FIN is a half-close. */
	return segment->payload || life->phase == REGULAR_HALF_CLOSED ? REGULAR_NOT
								      : REGULAR_FIN_ACKED;
}

/* Before the handshake is complete, or once a FIN was sent. */
static G_GNUC_NO_INLINE RegularStep step_at_ends(const RegularLife *life, unsigned side,
						 const Segment *segment)
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

static inline RegularStep judge(const RegularLife *life, unsigned side, const Segment *segment)
{
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

RegularStep regular_step(const RegularLife *life, unsigned sender, const Segment *segment)
{
	return judge(life, sender ^ life->client, segment);
}

/* The phase has changed. */
static G_GNUC_NO_INLINE void move_on(RegularLife *life, unsigned side, RegularStep step)
{
	static const uint8_t led_to[] = {
		[REGULAR_OPENS] = REGULAR_OPEN,
		[REGULAR_CLOSES] = REGULAR_CLOSING,
		[REGULAR_FIN_ACKED] = REGULAR_HALF_CLOSED,
		[REGULAR_CLOSES_TOO] = REGULAR_LAST_ACK,
		[REGULAR_CLOSES_BOTH] = REGULAR_LAST_ACK,
		[REGULAR_ENDS] = REGULAR_ENDED,
	};

	life->phase = led_to[step];
	if (step == REGULAR_CLOSES)
		life->closer = side & 1;
	if (life->phase == REGULAR_LAST_ACK)
		life->waits = life->last;
}

static inline void move(RegularLife *life, unsigned side, const Segment *segment, RegularStep step)
{
	uint32_t edge = segment->ack + ((uint32_t)segment->window << life->shift[side]);

	note(life, side, segment);
	life->nxt[side] += segment->payload + (segment->flags & TH_FIN);
	life->acked[side] = segment->ack;
	life->data |= segment->payload != 0;
	/* The last step's is not asked for any more: see RegularLife.waits. */
	if (step != REGULAR_ENDS)
		life->adv[side] = seq_max(life->adv[side], edge);
	if (step != REGULAR_GOES_ON)
		move_on(life, side, step);
}

void regular_move(RegularLife *life, unsigned sender, const Segment *segment, RegularStep step)
{
	move(life, sender ^ life->client, segment, step);
}

/* --- As bytes -------------------------------------------------------------------------------- */

/* The codes, by the lengths that both need; [1] of a life that is fine. */
static const uint8_t lapse_codes[2][8][8] = {
	{
		{ 0, 0, 2, 5, 7, 7, 7 },
		{ 0, 0, 2, 5, 7, 7, 7 },
		{ 1, 1, 2, 5, 7, 7, 7 },
		{ 3, 3, 4, 5, 7, 7, 7 },
		{ 6, 6, 6, 6, 7, 7, 7 },
		{ 6, 6, 6, 6, 7, 7, 7 },
		{ 6, 6, 6, 6, 7, 7, 7 },
	},
	{
		{ 0, 0, 2, 5, 7, 7, 7 },
		{ 0, 0, 2, 5, 7, 7, 7 },
		{ 0, 0, 2, 5, 7, 7, 7 },
		{ 1, 1, 2, 5, 7, 7, 7 },
		{ 1, 1, 2, 5, 7, 7, 7 },
		{ 6, 6, 6, 6, 7, 7, 7 },
		{ 6, 6, 6, 6, 7, 7, 7 },
	},
};

/* Eight bytes are written, of which @length count. */
static uint8_t *put_number(uint8_t *bytes, uint64_t number, unsigned length)
{
	uint64_t word = GUINT64_TO_LE(number);

	memcpy(bytes, &word, sizeof(word));
	return bytes + length;
}

/* Bytes that a number needs, of 63 bits; 0 needs none. */
static inline unsigned length_of(uint64_t number)
{
	return (7 + (63 ^ (unsigned)__builtin_clzll(number << 1 | 1))) / 8;
}

/* The code, and in @time what is kept then. */
static inline unsigned lapse_code(const RegularLife *life, uint64_t frames, uint64_t *time)
{
	uint64_t micro = *time / NSTIME_MICROSECOND;
	unsigned code;

	if (life->fine)
		return lapse_codes[1][length_of(*time)][length_of(frames)];
	code = lapse_codes[0][length_of(micro)][length_of(frames)];
	if (micro * NSTIME_MICROSECOND != *time)
		code = MAX(code, LAPSE_NANOSECONDS);
	if (code < LAPSE_NANOSECONDS)
		*time = micro;
	return code;
}

/* The codes of IP IDs, by the bytes that they need. */
static const uint16_t id_codes[3] = { 0, PUT_NEAR_ID, PUT_FAR_ID };

/* What is as it was before in many: numbers, 0 if so. */
typedef struct {
	uint32_t behind, tsval;
	bool window, ttl;
} Rest;

/* Whether anything of it is not. */
static inline bool find_rest(const RegularLife *life, unsigned side, const Segment *segment,
			     Rest *rest)
{
	uint32_t tsval = segment->options.tsval - expected_tsval(life, side, segment->time);

	rest->behind = life->nxt[!side] - segment->ack;
	rest->tsval = life->timestamps ? fold((int32_t)tsval) : 0;
	rest->window = segment->window != life->window[side];
	rest->ttl = segment->ttl != life->ttl[side];
	return (rest->behind | rest->tsval | rest->window | rest->ttl) != 0;
}

static unsigned far_code(uint32_t number)
{
	unsigned length = length_of(number);

	return MIN(length, 3);
}

static unsigned rest_codes(const Rest *rest)
{
	return far_code(rest->behind) << PUT_BEHIND_SHIFT |
	       far_code(rest->tsval) << PUT_TSVAL_SHIFT | (rest->window ? PUT_WINDOW : 0) |
	       (rest->ttl ? PUT_NEAR_ID | PUT_FAR_ID : 0);
}

static uint8_t *put_rest(uint8_t *at, const Rest *rest, const Segment *segment)
{
	at = put_number(at, rest->behind, far_lengths[far_code(rest->behind)]);
	at = put_number(at, rest->tsval, far_lengths[far_code(rest->tsval)]);
	if (rest->window)
		at = put_number(at, segment->window, 2);
	if (rest->ttl)
		*at++ = segment->ttl;
	return at;
}

static inline uint8_t *put_segment(const RegularLife *life, unsigned side, const Segment *segment,
				   bool cut, uint8_t *at)
{
	uint64_t time = (uint64_t)(segment->time - life->last);
	uint64_t frames = segment->frame - life->frame;
	unsigned lapse = lapse_code(life, frames, &time);
	unsigned ip_id = fold((int16_t)(segment->ip_id - next_ip_id(life, side)));
	unsigned id_length = length_of(ip_id);
	unsigned payload = cut ? PAYLOAD_CUT : length_of(segment->payload);
	Rest rest;
	bool has_rest = find_rest(life, side, segment, &rest);
	unsigned put = side | lapse << PUT_LAPSE_SHIFT | payload << PUT_PAYLOAD_SHIFT |
		       id_codes[id_length] |
		       (segment->flags / TH_PUSH % 2 ^ (payload > 0)) * PUT_PUSH |
		       (segment->flags & TH_FIN) * (PUT_FIN / TH_FIN);

	if (has_rest)
		put |= rest_codes(&rest);
	put |= (put >> 8 != 0) * PUT_MORE;
	at = put_number(at, put, 1 + (put >> 8 != 0));
	at = put_number(at, time, lapses[lapse].time[life->fine]);
	at = put_number(at, frames, lapses[lapse].frames);
	at = put_number(at, segment->payload, payload_lengths[payload]);
	at = put_number(at, ip_id, rest.ttl ? 2 : id_length);
	if (has_rest)
		at = put_rest(at, &rest, segment);
	return at;
}

/* Whether it only goes on, and nothing about it is new that is as before in most, but for how far
 * time and frames went: is_next(), is_acceptable() and find_rest() in one. */
static inline bool is_plain(const RegularLife *life, unsigned side, const Segment *segment)
{
	uint32_t tsval = segment->options.tsval;
	uint32_t differs;

	if (((segment->flags & ~(unsigned)TH_PUSH) ^ TH_ACK) | (life->phase ^ REGULAR_OPEN))
		return false;
	differs = (life->adv[!side] - segment->seq - segment->payload) >> 31;
	differs |= (segment->seq ^ life->nxt[side]) | (segment->ack ^ life->nxt[!side]) |
		   (segment->options.present ^ life->options) |
		   (segment->window ^ life->window[side]) |
		   (uint32_t)(segment->ttl ^ life->ttl[side]) | segment->payload >> 16;
	if (life->timestamps)
		differs |= (tsval ^ expected_tsval(life, side, segment->time)) |
			   (tsval - life->tsval[side]) >> TICKS_BITS;
	return differs == 0;
}

/* Puts a segment that is plain, unless its numbers are large. Returns how many bytes were used; 0:
 * none. Of lapses two bytes are put each, or three of time, or three of both. */
static inline unsigned put_plain(RegularLife *life, unsigned side, const Segment *segment,
				 uint8_t *at)
{
	uint64_t time = (uint64_t)(segment->time - life->last);
	uint64_t micro = time / NSTIME_MICROSECOND;
	uint64_t frames = segment->frame - life->frame;
	unsigned ip_id = fold((int16_t)(segment->ip_id - next_ip_id(life, side)));
	unsigned longer, far, id_length, length, lapse;

	if ((micro | frames | (frames - 1)) >> 24 | segment->frame >> LAPSE_BITS | ip_id >> 8 |
	    (micro * NSTIME_MICROSECOND ^ time) | life->fine |
	    ((segment->payload > 0) ^ (segment->flags / TH_PUSH)) % 2)
		return 0;
	far = frames > UINT16_MAX;
	longer = (micro | frames) > UINT16_MAX;
	id_length = ip_id > 0;
	length = (segment->payload > 0) + (segment->payload > UINT8_MAX);
	lapse = 2 + 2 * longer + far;
	at = put_number(at,
			side | lapse << PUT_LAPSE_SHIFT | length << PUT_PAYLOAD_SHIFT |
				id_length * PUT_NEAR_ID | micro << 8 | frames << (24 + 8 * longer),
			5 + longer + far);
	put_number(at, segment->payload | ip_id << 8 * length, 0);
	return 5 + longer + far + length + id_length;
}

/* What it does not move is as it was. */
static inline void move_plain(RegularLife *life, unsigned side, const Segment *segment)
{
	uint32_t edge = segment->ack + ((uint32_t)segment->window << life->shift[side]);

	life->last = segment->time;
	life->frame = segment->frame;
	life->ip_id[side] = segment->ip_id;
	life->nxt[side] += segment->payload;
	life->acked[side] = segment->ack;
	life->adv[side] = seq_max(life->adv[side], edge);
	if (life->timestamps)
		life->tsval[side] = segment->options.tsval;
	if (!life->data && segment->payload)
		life->data = true;
}

static G_GNUC_NO_INLINE RegularAdded add_other(RegularLife *life, unsigned side,
					       const Segment *segment, bool cut, uint8_t *bytes)
{
	RegularAdded added = { .step = judge(life, side, segment) };

	if (added.step == REGULAR_NOT)
		return added;
	added.size = (unsigned)(put_segment(life, side, segment, cut, bytes) - bytes);
	move(life, side, segment, added.step);
	return added;
}

RegularAdded regular_add(RegularLife *life, unsigned sender, const Segment *segment, bool cut,
			 uint8_t bytes[REGULAR_SEGMENT_MAX])
{
	unsigned side = sender ^ life->client;
	RegularAdded added = { .step = REGULAR_GOES_ON };

	if (cut || !is_plain(life, side, segment))
		return add_other(life, side, segment, cut, bytes);
	added.size = put_plain(life, side, segment, bytes);
	if (!added.size)
		return add_other(life, side, segment, cut, bytes);
	move_plain(life, side, segment);
	return added;
}
