/* A connection whose life so far is the regular one, as its segments in few bytes each. Knows which
 * segment is the next of such a life, and what of it anybody reads later; knows nothing else that
 * follows from it. */
#include "flow/regular.h"

#include <glib.h>
#include <string.h>

#include "base/seq.h"

/* The first byte of a segment says what is as it is in most, and so is not kept. */
enum {
	PUT_SERVER = 1 << 0,  /* the server sent it */
	PUT_PUSH = 1 << 1,    /* TH_PUSH */
	PUT_FIN = 1 << 2,     /* TH_FIN */
	PUT_PAYLOAD = 1 << 3, /* it has some: how much */
	PUT_BEHIND = 1 << 4,  /* it acknowledges less than all that passed: how much less */
	PUT_WINDOW = 1 << 5,  /* another window than the last one: which */
	PUT_IP_ID = 1 << 6,   /* not the next IP ID, or 0 again: how far from that it is */
	PUT_TTL = 1 << 7,     /* another TTL than the last one: which */
};

/* Nanoseconds between two segments, some 36 years: shorten() needs one of the bits. */
#define APART_MAX (INT64_C(1) << 60)

static void set_frame(RegularLife *life, uint64_t frame)
{
	life->frame = (uint32_t)frame;
	life->frame_high = (uint16_t)(frame >> 32);
}

static uint64_t frame_of(const RegularLife *life)
{
	return life->frame | (uint64_t)life->frame_high << 32;
}

static void note(RegularLife *life, unsigned side, const Segment *segment)
{
	life->last = segment->time;
	set_frame(life, segment->frame);
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
	life->odd = ((either ^ both) & (TCP_OPT_WSCALE | TCP_OPT_TIMESTAMP)) != 0;
	life->client = embryo->sender & 1;
	life->phase = REGULAR_ANSWERED;
}

/* Whether it is the next of its sender's and has nothing unusual about it. */
static bool is_next(const RegularLife *life, unsigned side, const Segment *segment)
{
	unsigned flags = segment->flags & ~(TH_PUSH | TH_FIN);
	unsigned options = life->timestamps ? TCP_OPT_TIMESTAMP : 0;

	return flags == TH_ACK && segment->seq == life->nxt[side] &&
	       segment->options.present == options && !life->odd &&
	       (!life->timestamps || seq_geq(segment->options.tsval, life->tsval[side])) &&
	       segment->time >= life->last && segment->time - life->last < APART_MAX &&
	       segment->frame > frame_of(life) && segment->frame >> 48 == 0;
}

/* Whether its receiver takes it, and what it acknowledges has passed and was not before (RFC
 * 9293 3.10.7.4). */
static bool is_acceptable(const RegularLife *life, unsigned side, const Segment *segment)
{
	return seq_leq(segment->seq + segment->payload, life->adv[!side]) &&
	       segment->payload <= UINT16_MAX && seq_geq(segment->ack, life->acked[side]) &&
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

RegularStep regular_step(const RegularLife *life, unsigned sender, const Segment *segment)
{
	unsigned side = sender != life->client;
	bool fin = segment->flags & TH_FIN;
	bool acks_all = segment->ack == life->nxt[!side];

	if (!is_next(life, side, segment))
		return REGULAR_NOT;
	switch (life->phase) {
	case REGULAR_ANSWERED:
		return !side && !fin && acks_all && !segment->payload ? REGULAR_OPENS : REGULAR_NOT;
	case REGULAR_OPEN:
		if (!is_acceptable(life, side, segment))
			return REGULAR_NOT;
		/* Who closes without a word may be a probe. */
		if (fin)
			return life->data ? REGULAR_CLOSES : REGULAR_NOT;
		return REGULAR_GOES_ON;
	case REGULAR_CLOSING:
	case REGULAR_HALF_CLOSED:
		if (!is_acceptable(life, side, segment))
			return REGULAR_NOT;
		if (side == life->closer)
			return fin || segment->payload ? REGULAR_NOT : REGULAR_GOES_ON;
		return acks_all ? step_of_other(life, segment) : REGULAR_NOT;
	case REGULAR_LAST_ACK:
		return side == life->closer && !fin && acks_all && !segment->payload ? REGULAR_ENDS
										     : REGULAR_NOT;
	default:
		return REGULAR_NOT;
	}
}

static void move(RegularLife *life, unsigned side, const Segment *segment, RegularStep step)
{
	uint32_t edge = segment->ack + ((uint32_t)segment->window << life->shift[side]);

	note(life, side, segment);
	life->nxt[side] = segment_end(segment);
	life->acked[side] = segment->ack;
	if (step != REGULAR_ENDS)
		life->adv[side] = seq_max(life->adv[side], edge);
	life->data |= segment->payload != 0;
	switch (step) {
	case REGULAR_OPENS:
		life->phase = REGULAR_OPEN;
		break;
	case REGULAR_CLOSES:
		life->phase = REGULAR_CLOSING;
		life->closer = side & 1;
		break;
	case REGULAR_FIN_ACKED:
		life->phase = REGULAR_HALF_CLOSED;
		break;
	case REGULAR_CLOSES_TOO:
		life->phase = REGULAR_LAST_ACK;
		life->waits = segment->time;
		break;
	case REGULAR_ENDS:
		life->phase = REGULAR_ENDED;
		break;
	default:
		break;
	}
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static uint8_t *put_number(uint8_t *at, uint64_t number)
{
	while (number > 0x7f) {
		*at++ = (uint8_t)(number | 0x80);
		number >>= 7;
	}
	*at++ = (uint8_t)number;
	return at;
}

static uint64_t get_number(const uint8_t **at)
{
	uint64_t number = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte = *(*at)++;

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return number;
	}
}

/* Small whether it is above 0 or below. */
static uint64_t fold(int32_t number)
{
	return number < 0 ? ~(uint64_t)number << 1 | 1 : (uint64_t)number << 1;
}

static int32_t unfold(uint64_t folded)
{
	return (int32_t)(folded & 1 ? ~(folded >> 1) : folded >> 1);
}

/* Most captures have whole microseconds. */
static uint64_t shorten(NsTime time)
{
	NsTime microseconds = time / NSTIME_MICROSECOND;

	return microseconds * NSTIME_MICROSECOND == time ? (uint64_t)microseconds << 1
							 : (uint64_t)time << 1 | 1;
}

static NsTime lengthen(uint64_t time)
{
	return time & 1 ? (NsTime)(time >> 1) : (NsTime)(time >> 1) * NSTIME_MICROSECOND;
}

/* RFC 6864: many count up for each segment, and many do not care. */
static uint16_t next_ip_id(const RegularLife *life, unsigned side)
{
	return life->ip_id[side] ? (uint16_t)(life->ip_id[side] + 1) : 0;
}

static unsigned kept_of(const RegularLife *life, unsigned side, const Segment *segment)
{
	return (side ? PUT_SERVER : 0u) | (segment->flags & TH_PUSH ? PUT_PUSH : 0u) |
	       (segment->flags & TH_FIN ? PUT_FIN : 0u) | (segment->payload ? PUT_PAYLOAD : 0u) |
	       (segment->ack != life->nxt[!side] ? PUT_BEHIND : 0u) |
	       (segment->window != life->window[side] ? PUT_WINDOW : 0u) |
	       (segment->ip_id != next_ip_id(life, side) ? PUT_IP_ID : 0u) |
	       (segment->ttl != life->ttl[side] ? PUT_TTL : 0u);
}

size_t regular_put(RegularLife *life, unsigned sender, const Segment *segment, RegularStep step,
		   uint8_t bytes[REGULAR_SEGMENT_MAX])
{
	unsigned side = sender != life->client;
	unsigned kept = kept_of(life, side, segment);
	uint8_t *at = bytes;

	*at++ = (uint8_t)kept;
	at = put_number(at, shorten(segment->time - life->last));
	at = put_number(at, segment->frame - frame_of(life));
	if (kept & PUT_PAYLOAD)
		at = put_number(at, segment->payload);
	if (kept & PUT_BEHIND)
		at = put_number(at, life->nxt[!side] - segment->ack);
	if (kept & PUT_WINDOW)
		at = put_number(at, segment->window);
	if (kept & PUT_IP_ID)
		at = put_number(at, fold((int16_t)(segment->ip_id - next_ip_id(life, side))));
	if (kept & PUT_TTL)
		*at++ = segment->ttl;
	if (life->timestamps)
		at = put_number(at, segment->options.tsval - life->tsval[side]);
	move(life, side, segment, step);
	return (size_t)(at - bytes);
}

void regular_read(RegularReader *reader, const Embryo *embryo, const uint8_t *bytes, size_t size)
{
	g_assert(size <= sizeof(reader->bytes));
	if (size)
		memcpy(reader->bytes, bytes, size);
	reader->at = reader->bytes;
	reader->end = reader->bytes + size;
	reader->over = false;
	reader->embryo = embryo;
	if (embryo->answered)
		regular_begin(&reader->life, embryo);
}

bool regular_next(RegularReader *reader)
{
	const Embryo *embryo = reader->embryo;
	RegularLife *life = &reader->life;
	Segment *segment = &reader->segment;
	unsigned kept, side;

	if (reader->at == reader->end)
		return false;
	kept = *reader->at++;
	side = kept & PUT_SERVER ? 1 : 0;
	reader->sender = life->client ^ side;
	*segment = (Segment){
		.src = side ? embryo->syn.dst : embryo->syn.src,
		.dst = side ? embryo->syn.src : embryo->syn.dst,
		.scope = embryo->syn.scope,
		.seq = life->nxt[side],
		.ack = life->nxt[!side],
		.flags = (uint16_t)(TH_ACK | (kept & PUT_PUSH ? TH_PUSH : 0) |
				    (kept & PUT_FIN ? TH_FIN : 0)),
		.window = life->window[side],
		.ip_id = next_ip_id(life, side),
		.ttl = life->ttl[side],
	};
	segment->time = life->last + lengthen(get_number(&reader->at));
	segment->frame = frame_of(life) + get_number(&reader->at);
	if (kept & PUT_PAYLOAD)
		segment->payload = (uint32_t)get_number(&reader->at);
	if (kept & PUT_BEHIND)
		segment->ack -= (uint32_t)get_number(&reader->at);
	if (kept & PUT_WINDOW)
		segment->window = (uint16_t)get_number(&reader->at);
	if (kept & PUT_IP_ID)
		segment->ip_id =
			(uint16_t)(segment->ip_id + (unsigned)unfold(get_number(&reader->at)));
	if (kept & PUT_TTL)
		segment->ttl = *reader->at++;
	if (life->timestamps) {
		segment->options.present = TCP_OPT_TIMESTAMP;
		segment->options.tsval = life->tsval[side] + (uint32_t)get_number(&reader->at);
	}
	move(life, side, segment, regular_step(life, reader->sender, segment));
	return true;
}
