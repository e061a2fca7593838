/* Reads the segments of a regular life. Knows how they are written; knows not where they are kept.
 */
#include <glib.h>
#include <string.h>

#include "flow/regular-form.h"

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

void regular_read(RegularReader *reader, const Embryo *embryo, const uint8_t *bytes, size_t size)
{
	const EmbryoHandshake handshake = embryo_handshake_of(embryo);

	g_assert(size <= REGULAR_KEPT_MAX);
	if (size)
		memcpy(reader->bytes, bytes, size);
	memset(reader->bytes + size, 0, sizeof(reader->bytes) - REGULAR_KEPT_MAX);
	reader->at = reader->bytes;
	reader->end = reader->bytes + size;
	reader->over = false;
	reader->embryo = embryo;
	if (embryo->answered)
		regular_begin(&reader->life, &handshake);
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
