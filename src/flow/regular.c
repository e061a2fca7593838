/* A connection whose life so far is the regular one, as its segments in few bytes each. Knows which
 * segment is the next of such a life, and what of it anybody reads later; knows nothing else that
 * follows from it. */
#include "flow/regular.h"

#include <glib.h>
#include <string.h>

#include "base/seq.h"

/* Nanoseconds between two segments and numbers of frames have so many bits: there is no room for
 * more. */
#define LAPSE_BITS 48

static void note(RegularLife *life, unsigned side, const Segment *segment)
{
	life->last = segment->time;
	life->frame = segment->frame;
	life->window[side] = segment->window;
	life->ip_id[side] = segment->ip_id;
	life->ttl[side] = segment->ttl;
	life->tsval[side] = segment->options.tsval;
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
	int32_t later = (int32_t)(segment->options.tsval - life->tsval[side]);

	/* What is earlier than the last one has all bits. */
	return ((flags ^ TH_ACK) | (segment->seq ^ life->nxt[side]) |
		(segment->options.present ^ life->options) | (life->timestamps & (later < 0))) ==
		       0 &&
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
	unsigned side = sender != life->client;

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
	unsigned side = sender != life->client;
	uint32_t edge = segment->ack + ((uint32_t)segment->window << life->shift[side]);

	note(life, side, segment);
	life->nxt[side] = segment_end(segment);
	life->acked[side] = segment->ack;
	if (step != REGULAR_ENDS)
		life->adv[side] = seq_max(life->adv[side], edge);
	life->data |= segment->payload != 0;
	if (step != REGULAR_GOES_ON)
		move_on(life, side, step);
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* A segment is a byte, a second one when any of its bits are needed, and numbers one behind the
 * other, the lowest byte first, each in as many as it needs. Codes say how many, so that there is
 * little to decide: a number is stored in 8 bytes, and the next one over those that it did not
 * need. What is as it is in most segments takes none. */
enum {
	PUT_SERVER = 1 << 0,   /* the server sent it */
	PUT_LAPSE_SHIFT = 1,   /* 3 bits: time and frames since the last one, see lapses */
	PUT_PAYLOAD_SHIFT = 4, /* 2 bits: bytes of data, see payload_lengths */
	PUT_NEAR_ID = 1 << 6,  /* not the next IP ID, or 0 again: how far from that, in a byte */
	PUT_MORE = 1 << 7,     /* the second byte is there; of that: */
	PUT_PUSH = 1 << 8,     /* TH_PUSH without data, or data without it */
	PUT_FIN = 1 << 9,      /* TH_FIN */
	PUT_WINDOW = 1 << 10,  /* another window than the last one: which */
	PUT_BEHIND_SHIFT = 11, /* 2 bits: how much less than all that passed it acknowledges, see
				  behind_lengths */
	PUT_FAR_ID = 1 << 13,  /* as PUT_NEAR_ID, in two bytes; both: and its TTL is another one */
	PUT_TSVAL_SHIFT = 14,  /* 2 bits: of a timestamp, since its side's last one; a byte more */
};

/* Bytes of numbers, by their codes. One of the payload's is free. */
static const uint8_t payload_lengths[4] = { 0, 1, 2, 2 };
static const uint8_t behind_lengths[4] = { 0, 1, 2, 4 };

/* Time and frames have one code together, which is the least that has room for both. */
static const struct {
	uint8_t time[2]; /* in microseconds; [1] of a life that is fine, in nanoseconds */
	uint8_t frames;
} lapses[8] = {
	{ { 1, 2 }, 1 }, { { 2, 4 }, 1 }, { { 2, 4 }, 2 }, { { 3, 4 }, 1 },
	{ { 3, 4 }, 2 }, { { 3, 4 }, 3 }, { { 6, 6 }, 3 }, { { 6, 6 }, 6 },
};

/* From this code on time is always in nanoseconds. */
#define LAPSE_NANOSECONDS 6u

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

/* So many are read, too; less than all of them count. */
static uint64_t get_number(const uint8_t **bytes, unsigned length)
{
	uint64_t word;

	memcpy(&word, *bytes, sizeof(word));
	*bytes += length;
	return GUINT64_FROM_LE(word) & ((UINT64_C(1) << 8 * length) - 1);
}

static unsigned field(unsigned put, unsigned shift, unsigned mask)
{
	return put >> shift & mask;
}

/* Small whether it is above 0 or below. */
static unsigned fold(int16_t number)
{
	return (uint16_t)((unsigned)number << 1 ^ (number < 0 ? ~0u : 0));
}

static unsigned unfold(unsigned folded)
{
	return folded >> 1 ^ (0u - (folded & 1));
}

static unsigned ip_id_length(unsigned put)
{
	return put & PUT_FAR_ID ? 2 : put & PUT_NEAR_ID ? 1 : 0;
}

static bool has_ttl(unsigned put)
{
	return (~put & (PUT_NEAR_ID | PUT_FAR_ID)) == 0;
}

/* Bytes that a number needs, of 63 bits; 0 needs none. */
static inline unsigned length_of(uint64_t number)
{
	return (7 + (63 ^ (unsigned)__builtin_clzll(number << 1 | 1))) / 8;
}

/* RFC 6864: many count up for each segment, and many do not care. */
static uint16_t next_ip_id(const RegularLife *life, unsigned side)
{
	return life->ip_id[side] ? (uint16_t)(life->ip_id[side] + 1) : 0;
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

/* What most segments have as the one before: how far it acknowledges, window and TTL. */
static unsigned rest_of(const RegularLife *life, unsigned side, const Segment *segment)
{
	unsigned behind = length_of(life->nxt[!side] - segment->ack);

	return MIN(behind, 3) << PUT_BEHIND_SHIFT |
	       (segment->window != life->window[side] ? PUT_WINDOW : 0) |
	       (segment->ttl != life->ttl[side] ? PUT_NEAR_ID | PUT_FAR_ID : 0);
}

static uint8_t *put_rest(uint8_t *at, const RegularLife *life, unsigned side,
			 const Segment *segment, unsigned put)
{
	at = put_number(at, life->nxt[!side] - segment->ack,
			behind_lengths[field(put, PUT_BEHIND_SHIFT, 3)]);
	if (put & PUT_WINDOW)
		at = put_number(at, segment->window, 2);
	if (has_ttl(put))
		*at++ = segment->ttl;
	return at;
}

size_t regular_put(const RegularLife *life, unsigned sender, const Segment *segment,
		   uint8_t bytes[REGULAR_SEGMENT_MAX])
{
	unsigned side = sender != life->client;
	uint64_t time = (uint64_t)(segment->time - life->last);
	uint64_t frames = segment->frame - life->frame;
	unsigned lapse = lapse_code(life, frames, &time);
	unsigned ip_id = fold((int16_t)(segment->ip_id - next_ip_id(life, side)));
	unsigned far = ip_id > 0xff, near = !far & (ip_id > 0);
	unsigned payload = length_of(segment->payload);
	uint32_t tsval = segment->options.tsval - life->tsval[side];
	unsigned tsval_beyond = length_of(tsval | 1) - 1;
	bool has_rest = ((life->nxt[!side] ^ segment->ack) |
			 (uint32_t)(life->window[side] ^ segment->window) |
			 (uint32_t)(life->ttl[side] ^ segment->ttl)) != 0;
	unsigned put = side | lapse << PUT_LAPSE_SHIFT | payload << PUT_PAYLOAD_SHIFT |
		       near * PUT_NEAR_ID | far * PUT_FAR_ID |
		       (unsigned)(!(segment->flags & TH_PUSH) != !payload) * PUT_PUSH |
		       (segment->flags & TH_FIN) * (PUT_FIN / TH_FIN) |
		       life->timestamps * tsval_beyond << PUT_TSVAL_SHIFT;
	uint8_t *at;

	if (has_rest)
		put |= rest_of(life, side, segment);
	put |= (put >> 8 != 0) * PUT_MORE;
	at = put_number(bytes, put, 1 + (put >> 8 != 0));
	at = put_number(at, time, lapses[lapse].time[life->fine]);
	at = put_number(at, frames, lapses[lapse].frames);
	at = put_number(at, segment->payload, payload);
	at = put_number(at, ip_id, ip_id_length(put));
	at = put_number(at, tsval, life->timestamps * (tsval_beyond + 1));
	if (has_rest)
		at = put_rest(at, life, side, segment, put);
	return (size_t)(at - bytes);
}

void regular_read(RegularReader *reader, const Embryo *embryo, const uint8_t *bytes, size_t size)
{
	g_assert(size <= REGULAR_KEPT_MAX);
	if (size)
		memcpy(reader->bytes, bytes, size);
	memset(reader->bytes + size, 0, sizeof(reader->bytes) - REGULAR_KEPT_MAX);
	reader->at = reader->bytes;
	reader->end = reader->bytes + size;
	reader->over = false;
	reader->embryo = embryo;
	if (embryo->answered)
		regular_begin(&reader->life, embryo);
}

/* Adds them to what follows from those before. */
static void read_numbers(RegularReader *reader, unsigned side, unsigned put)
{
	const RegularLife *life = &reader->life;
	Segment *segment = &reader->segment;
	unsigned lapse = field(put, PUT_LAPSE_SHIFT, 7);
	uint64_t time = get_number(&reader->at, lapses[lapse].time[life->fine]);
	bool in_nanoseconds = life->fine || lapse >= LAPSE_NANOSECONDS;

	segment->time = life->last + (NsTime)(in_nanoseconds ? time : time * NSTIME_MICROSECOND);
	segment->frame = life->frame + get_number(&reader->at, lapses[lapse].frames);
	segment->payload = (uint32_t)get_number(&reader->at,
						payload_lengths[field(put, PUT_PAYLOAD_SHIFT, 3)]);
	segment->flags |= (segment->payload != 0) != ((put & PUT_PUSH) != 0) ? TH_PUSH : 0;
	segment->ip_id = (uint16_t)(segment->ip_id +
				    unfold((unsigned)get_number(&reader->at, ip_id_length(put))));
	if (life->timestamps) {
		segment->options.present = TCP_OPT_TIMESTAMP;
		segment->options.tsval =
			life->tsval[side] +
			(uint32_t)get_number(&reader->at, field(put, PUT_TSVAL_SHIFT, 3) + 1);
	}
	segment->ack -=
		(uint32_t)get_number(&reader->at, behind_lengths[field(put, PUT_BEHIND_SHIFT, 3)]);
	if (put & PUT_WINDOW)
		segment->window = (uint16_t)get_number(&reader->at, 2);
	if (has_ttl(put))
		segment->ttl = *reader->at++;
}

bool regular_next(RegularReader *reader)
{
	const Embryo *embryo = reader->embryo;
	RegularLife *life = &reader->life;
	Segment *segment = &reader->segment;
	unsigned put, side;

	if (reader->at == reader->end)
		return false;
	put = *reader->at++;
	if (put & PUT_MORE)
		put |= (unsigned)*reader->at++ << 8;
	side = put & PUT_SERVER;
	reader->sender = life->client ^ side;
	*segment = (Segment){
		.src = side ? embryo->syn.dst : embryo->syn.src,
		.dst = side ? embryo->syn.src : embryo->syn.dst,
		.scope = embryo->syn.scope,
		.seq = life->nxt[side],
		.ack = life->nxt[!side],
		.flags = (uint16_t)(TH_ACK | (put & PUT_FIN ? TH_FIN : 0)),
		.window = life->window[side],
		.ip_id = next_ip_id(life, side),
		.ttl = life->ttl[side],
	};
	read_numbers(reader, side, put);
	regular_move(life, reader->sender, segment, regular_step(life, reader->sender, segment));
	return true;
}
