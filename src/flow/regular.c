/* The segments of a regular life as bytes. Knows what of a segment follows from those before; knows
 * not whether it is regular, nor where the bytes are kept. */
#include "flow/regular.h"

#include <glib.h>
#include <string.h>

/* A segment is a byte, a second one when any of its bits are needed, and numbers one behind the
 * other, the lowest byte first, each in as many as it needs. Codes say how many, so that there is
 * little to decide: a number is stored in 8 bytes, and the next one over those that it did not
 * need. What is as it is in most segments takes none. */
enum {
	PUT_SERVER = 1 << 0,   /* the server sent it */
	PUT_LAPSE_SHIFT = 1,   /* 3 bits: time and frames since the last one, see lapses */
	PUT_PAYLOAD_SHIFT = 4, /* 2 bits: bytes of data, see payload_lengths; PAYLOAD_CUT */
	PUT_NEAR_ID = 1 << 6,  /* not the next IP ID, or 0 again: how far from that, in a byte */
	PUT_MORE = 1 << 7,     /* the second byte is there; of that: */
	PUT_PUSH = 1 << 8,     /* TH_PUSH without data, or data without it */
	PUT_FIN = 1 << 9,      /* TH_FIN */
	PUT_WINDOW = 1 << 10,  /* another window than the last one: which */
	PUT_BEHIND_SHIFT = 11, /* 2 bits: how much less than all that passed it acknowledges, see
				  far_lengths */
	PUT_FAR_ID = 1 << 13,  /* as PUT_NEAR_ID, in two bytes; both: and its TTL is another one */
	PUT_TSVAL_SHIFT = 14,  /* 2 bits: of a timestamp: how far it is from what its side's
				  last one and a tick of a millisecond would make it, see
				  far_lengths */
};

/* The code of data that were not captured whole. */
#define PAYLOAD_CUT 3u

/* Bytes of numbers, by their codes. */
static const uint8_t payload_lengths[4] = { 0, 1, 2, 2 };
static const uint8_t far_lengths[4] = { 0, 1, 2, 4 };

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
static uint32_t fold(int32_t number)
{
	return (uint32_t)number << 1 ^ (uint32_t)(number >> 31);
}

static uint32_t unfold(uint32_t folded)
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

/* RFC 7323 5.4: ticks are of 1 ms to 1 s; most are of a millisecond. */
static uint32_t expected_tsval(const RegularLife *life, unsigned side, NsTime time)
{
	return life->tsval[side] + (regular_ticks(time) - life->ticks[side]);
}

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

size_t regular_put(const RegularLife *life, unsigned sender, const Segment *segment, bool cut,
		   uint8_t bytes[REGULAR_SEGMENT_MAX])
{
	unsigned side = sender ^ life->client;
	uint64_t time = (uint64_t)(segment->time - life->last);
	uint64_t frames = segment->frame - life->frame;
	unsigned lapse = lapse_code(life, frames, &time);
	unsigned ip_id = fold((int16_t)(segment->ip_id - next_ip_id(life, side)));
	unsigned id_length = length_of(ip_id);
	unsigned payload = cut ? PAYLOAD_CUT : length_of(segment->payload);
	Rest rest;
	bool has_rest = find_rest(life, side, segment, &rest);
	unsigned put = side | lapse << PUT_LAPSE_SHIFT | payload << PUT_PAYLOAD_SHIFT |
		       (id_length & 1) * PUT_NEAR_ID | id_length / 2 * PUT_FAR_ID |
		       (segment->flags / TH_PUSH % 2 ^ (payload > 0)) * PUT_PUSH |
		       (segment->flags & TH_FIN) * (PUT_FIN / TH_FIN);
	uint8_t *at;

	if (has_rest)
		put |= rest_codes(&rest);
	put |= (put >> 8 != 0) * PUT_MORE;
	at = put_number(bytes, put, 1 + (put >> 8 != 0));
	at = put_number(at, time, lapses[lapse].time[life->fine]);
	at = put_number(at, frames, lapses[lapse].frames);
	at = put_number(at, segment->payload, payload_lengths[payload]);
	at = put_number(at, ip_id, rest.ttl ? 2 : id_length);
	if (has_rest)
		at = put_rest(at, &rest, segment);
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
	unsigned payload = field(put, PUT_PAYLOAD_SHIFT, 3);
	uint64_t time = get_number(&reader->at, lapses[lapse].time[life->fine]);
	bool in_nanoseconds = life->fine || lapse >= LAPSE_NANOSECONDS;

	segment->time = life->last + (NsTime)(in_nanoseconds ? time : time * NSTIME_MICROSECOND);
	segment->frame = life->frame + get_number(&reader->at, lapses[lapse].frames);
	segment->payload = (uint32_t)get_number(&reader->at, payload_lengths[payload]);
	reader->cut = payload == PAYLOAD_CUT;
	segment->flags |= (segment->payload != 0) != ((put & PUT_PUSH) != 0) ? TH_PUSH : 0;
	segment->ip_id = (uint16_t)(segment->ip_id +
				    unfold((uint32_t)get_number(&reader->at, ip_id_length(put))));
	segment->ack -=
		(uint32_t)get_number(&reader->at, far_lengths[field(put, PUT_BEHIND_SHIFT, 3)]);
	if (life->timestamps) {
		unsigned length = far_lengths[field(put, PUT_TSVAL_SHIFT, 3)];
		uint32_t tsval = unfold((uint32_t)get_number(&reader->at, length));

		segment->options.present = TCP_OPT_TIMESTAMP;
		segment->options.tsval = expected_tsval(life, side, segment->time) + tsval;
	}
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
