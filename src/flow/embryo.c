/* A connection that is no more than its SYN, or that and its SYN-ACK, in the least memory. Knows
 * what of them anybody reads later; knows nothing of what follows from it. */
#include "flow/embryo.h"

#include <glib.h>
#include <string.h>

/* What of either segment has few bits, as a number: the window scale, and of the flags TH_ECE,
 * TH_CWR and TH_AE, as the others follow from what it is. */
#define WSCALE_MAX 15u
#define ECN_FLAGS  (TH_ECE | TH_CWR | TH_AE)

/* And what a SYN alone has, beside EMBRYO_LONG and EMBRYO_SCOPED. */
enum {
	BIT_SENDER = 1 << 4,  /* its sender's place in the key */
	BIT_ECE = TH_ECE,     /* to TH_AE */
	BIT_LATE = 1 << 10,   /* its frame has more than 32 bits */
	BIT_MARKED = 1 << 11, /* its memo has marks */
};

G_STATIC_ASSERT(WSCALE_MAX < BIT_SENDER && ECN_FLAGS == 7 * BIT_ECE && EMBRYO_SCOPED < BIT_ECE &&
		EMBRYO_LONG > ECN_FLAGS);

/* The rest of a SYN. Behind it come its timestamp, 16 bits more of its frame and the memo's marks,
 * of these three what it has. */
typedef struct {
	uint32_t seq;
	uint32_t frame; /* the low 32 bits */
	uint16_t ip_id;
	uint8_t ttl;
	uint8_t options; /* TCP_OPT_* */
} PackedSyn;

/* The SYN-ACK, behind all that; and its timestamp if it has one. */
typedef struct {
	uint32_t begun[2]; /* a NsTime, which would align it: when the SYN passed */
	uint32_t after;    /* how much later this did, in nanoseconds */
	uint32_t frames;   /* and how many frames later */
	uint32_t seq;
	uint16_t window, ip_id;
	uint16_t bits;
	uint8_t ttl;
	uint8_t options; /* TCP_OPT_* */
} PackedAnswer;

/* What there is room for. */
#define FRAMES_MAX (UINT64_C(1) << 48)

/* Whether it is a segment with these flags and nothing unusual about it. */
static bool is_plain(const Segment *segment, unsigned flags)
{
	const TcpOptions *options = &segment->options;

	return (segment->flags & ~ECN_FLAGS) == flags && !segment->payload &&
	       !options->sack_count && !options->cookie_length && options->wscale <= WSCALE_MAX;
}

bool embryo_may_be(const Segment *segment)
{
	return is_plain(segment, TH_SYN) && !segment->ack && !segment->options.tsecr &&
	       segment->frame < FRAMES_MAX &&
	       (segment->src.port != segment->dst.port ||
		endpoint_compare(&segment->src, &segment->dst) != 0);
}

bool embryo_may_be_answer(const EmbryoSyn *syn, const Segment *segment)
{
	return is_plain(segment, TH_SYN | TH_ACK) && segment->ack == syn->seq + 1 &&
	       segment->time >= syn->time &&
	       (uint64_t)segment->time - (uint64_t)syn->time <= UINT32_MAX &&
	       segment->frame > syn->frame && segment->frame - syn->frame <= UINT32_MAX;
}

static inline unsigned pack_bits(const Segment *segment)
{
	return (segment->flags & ECN_FLAGS) | (segment->options.wscale & WSCALE_MAX);
}

/* @flags: those that it has in any case. */
static inline void unpack_bits(unsigned bits, unsigned flags, Segment *segment)
{
	segment->flags = (uint16_t)(flags | (bits & ECN_FLAGS));
	segment->options.wscale = (uint8_t)(bits & WSCALE_MAX);
}

/* Returns how many bytes were used. */
static size_t pack_tsval(uint8_t *bytes, const Segment *segment)
{
	if (!(segment->options.present & TCP_OPT_TIMESTAMP))
		return 0;
	memcpy(bytes, &segment->options.tsval, sizeof(segment->options.tsval));
	return sizeof(segment->options.tsval);
}

static size_t unpack_tsval(const uint8_t *bytes, Segment *segment)
{
	if (!(segment->options.present & TCP_OPT_TIMESTAMP))
		return 0;
	memcpy(&segment->options.tsval, bytes, sizeof(segment->options.tsval));
	return sizeof(segment->options.tsval);
}

static uint16_t half_at(const uint8_t *bytes)
{
	uint16_t half;

	memcpy(&half, bytes, sizeof(half));
	return half;
}

static size_t put_half(uint8_t *bytes, uint16_t half)
{
	memcpy(bytes, &half, sizeof(half));
	return sizeof(half);
}

static size_t address_size(unsigned version)
{
	return version == 4 ? 4 : 16;
}

static inline size_t key_size(EmbryoEnds ends)
{
	return sizeof(ends) + 2 * address_size(ends.bits & EMBRYO_LONG ? 6 : 4) +
	       (ends.bits & EMBRYO_SCOPED ? sizeof(uint32_t) : 0);
}

/* @version is that of the key. */
static inline size_t pack_key(uint8_t *bytes, EmbryoEnds ends, unsigned version, const FlowKey *key)
{
	size_t address = address_size(version), at = sizeof(ends);

	memcpy(bytes, &ends, sizeof(ends));
	memcpy(bytes + at, &key->end[0].addr, address);
	memcpy(bytes + at + address, &key->end[1].addr, address);
	at += 2 * address;
	if (!(ends.bits & EMBRYO_SCOPED))
		return at;
	memcpy(bytes + at, &key->scope, sizeof(key->scope));
	return at + sizeof(key->scope);
}

/* Both return how many bytes were read. */
static inline size_t unpack_key(const uint8_t *bytes, EmbryoEnds packed, unsigned version,
				FlowKey *key)
{
	size_t address = address_size(version), at = sizeof(packed);

	key->end[0].version = key->end[1].version = (uint8_t)version;
	key->end[0].port = packed.ports[0];
	key->end[1].port = packed.ports[1];
	memcpy(&key->end[0].addr, bytes + at, address);
	memcpy(&key->end[1].addr, bytes + at + address, address);
	at += 2 * address;
	if (!(packed.bits & EMBRYO_SCOPED))
		return at;
	memcpy(&key->scope, bytes + at, sizeof(key->scope));
	return at + sizeof(key->scope);
}

/* What few SYNs have, behind the rest: the high bits of @frame, and marks. */
static inline size_t unpack_rare(const uint8_t *bytes, EmbryoEnds ends, uint64_t *frame,
				 EmbryoMemo *memo)
{
	size_t at = 0;

	if (ends.bits & BIT_LATE) {
		*frame |= (uint64_t)half_at(bytes) << 32;
		at += sizeof(uint16_t);
	}
	if (ends.bits & BIT_MARKED) {
		memo->marks = half_at(bytes + at);
		at += sizeof(uint16_t);
	}
	return at;
}

static size_t unpack_syn(const uint8_t *bytes, Embryo *embryo)
{
	Segment *syn = &embryo->syn;
	EmbryoEnds ends;
	PackedSyn packed;
	size_t at;

	memset(embryo, 0, sizeof(*embryo));
	memcpy(&ends, bytes, sizeof(ends));
	/* Sizes that are constant need no calls. */
	at = ends.bits & EMBRYO_LONG ? unpack_key(bytes, ends, 6, &embryo->key)
				     : unpack_key(bytes, ends, 4, &embryo->key);
	embryo->sender = (ends.bits & BIT_SENDER) != 0;
	syn->src = embryo->key.end[embryo->sender];
	syn->dst = embryo->key.end[!embryo->sender];
	syn->scope = embryo->key.scope;
	unpack_bits(ends.bits, TH_SYN, syn);
	memcpy(&packed, bytes + at, sizeof(packed));
	syn->seq = packed.seq;
	syn->frame = packed.frame;
	syn->window = ends.window;
	syn->ip_id = packed.ip_id;
	syn->ttl = packed.ttl;
	syn->options.present = packed.options;
	at += sizeof(packed);
	at += unpack_tsval(bytes + at, syn);
	return at + unpack_rare(bytes + at, ends, &syn->frame, &embryo->memo);
}

static size_t pack_answer(uint8_t *bytes, const EmbryoSyn *syn, const Segment *answer)
{
	PackedAnswer packed = {
		.after = (uint32_t)(answer->time - syn->time),
		.frames = (uint32_t)(answer->frame - syn->frame),
		.seq = answer->seq,
		.window = answer->window,
		.ip_id = answer->ip_id,
		.bits = (uint16_t)pack_bits(answer),
		.ttl = answer->ttl,
		.options = answer->options.present,
	};

	memcpy(packed.begun, &syn->time, sizeof(packed.begun));
	memcpy(bytes, &packed, sizeof(packed));
	return sizeof(packed) + pack_tsval(bytes + sizeof(packed), answer);
}

/* What is not there follows from the SYN. */
static size_t unpack_answer(const uint8_t *bytes, Embryo *embryo)
{
	Segment *answer = &embryo->answer;
	PackedAnswer packed;

	memcpy(&packed, bytes, sizeof(packed));
	embryo->answered = true;
	memcpy(&embryo->syn.time, packed.begun, sizeof(packed.begun));
	answer->src = embryo->syn.dst;
	answer->dst = embryo->syn.src;
	answer->scope = embryo->syn.scope;
	answer->ack = embryo->syn.seq + 1;
	answer->time = embryo->syn.time + packed.after;
	answer->frame = embryo->syn.frame + packed.frames;
	answer->seq = packed.seq;
	answer->window = packed.window;
	answer->ip_id = packed.ip_id;
	answer->ttl = packed.ttl;
	answer->options.present = packed.options;
	unpack_bits(packed.bits, TH_SYN | TH_ACK, answer);
	return sizeof(packed) + unpack_tsval(bytes + sizeof(packed), answer);
}

static size_t tsval_size(const Segment *segment)
{
	return segment->options.present & TCP_OPT_TIMESTAMP ? sizeof(uint32_t) : 0;
}

static bool is_late(const Segment *syn)
{
	return syn->frame > UINT32_MAX;
}

size_t embryo_size(const EmbryoParts *parts)
{
	const Segment *syn = parts->syn;

	return sizeof(EmbryoEnds) + 2 * address_size(syn->src.version) +
	       (syn->scope ? sizeof(syn->scope) : 0) + sizeof(PackedSyn) + tsval_size(syn) +
	       (is_late(syn) ? sizeof(uint16_t) : 0) + (parts->memo.marks ? sizeof(uint16_t) : 0) +
	       (parts->answer ? sizeof(PackedAnswer) + tsval_size(parts->answer) : 0) +
	       EMBRYO_MEMO_SIZE;
}

void embryo_pack(uint8_t *bytes, const EmbryoParts *parts)
{
	const Segment *syn = parts->syn;
	const FlowKey *key = parts->key;
	const EmbryoSyn begun = embryo_syn_of(syn);
	const PackedSyn packed = {
		.seq = syn->seq,
		.frame = (uint32_t)syn->frame,
		.ip_id = syn->ip_id,
		.ttl = syn->ttl,
		.options = syn->options.present,
	};
	const EmbryoEnds ends = {
		.bits = (uint16_t)(pack_bits(syn) | (parts->sender ? BIT_SENDER : 0) |
				   (syn->scope ? EMBRYO_SCOPED : 0) |
				   (syn->src.version != 4 ? EMBRYO_LONG : 0) |
				   (is_late(syn) ? BIT_LATE : 0) |
				   (parts->memo.marks ? BIT_MARKED : 0)),
		.ports = { key->end[0].port, key->end[1].port },
		.window = syn->window,
	};
	size_t at;

	G_STATIC_ASSERT(sizeof(EmbryoEnds) == 8 && sizeof(PackedSyn) == 12 &&
			sizeof(PackedAnswer) == 28);
	G_STATIC_ASSERT(sizeof(EmbryoEnds) + 2 * 4 + sizeof(PackedSyn) + EMBRYO_MEMO_SIZE ==
			EMBRYO_PACKED_LEAST);
	G_STATIC_ASSERT(sizeof(EmbryoEnds) + 2 * sizeof(Address) + sizeof(syn->scope) +
				sizeof(PackedSyn) + 2 * sizeof(uint16_t) + sizeof(PackedAnswer) +
				2 * sizeof(syn->options.tsval) + EMBRYO_MEMO_SIZE <=
			EMBRYO_PACKED_MAX);
	/* Sizes that are constant need no calls. */
	at = ends.bits & EMBRYO_LONG ? pack_key(bytes, ends, 6, key)
				     : pack_key(bytes, ends, 4, key);
	memcpy(bytes + at, &packed, sizeof(packed));
	at += sizeof(packed);
	at += pack_tsval(bytes + at, syn);
	if (ends.bits & BIT_LATE)
		at += put_half(bytes + at, (uint16_t)(syn->frame >> 32));
	if (ends.bits & BIT_MARKED)
		at += put_half(bytes + at, parts->memo.marks);
	if (parts->answer)
		at += pack_answer(bytes + at, &begun, parts->answer);
	memcpy(bytes + at, &parts->memo.number, sizeof(parts->memo.number));
}

size_t embryo_answered_size(size_t size, const Segment *answer)
{
	return size + sizeof(PackedAnswer) + tsval_size(answer);
}

/* The answer comes before the memo's number. */
void embryo_pack_answered(uint8_t *bytes, const uint8_t *from, size_t size, const EmbryoSyn *syn,
			  const Segment *answer)
{
	size_t at = size - EMBRYO_MEMO_SIZE;

	memcpy(bytes, from, at);
	memcpy(bytes + at + pack_answer(bytes + at, syn, answer), from + at, EMBRYO_MEMO_SIZE);
}

void embryo_unpack(const uint8_t *bytes, bool answered, NsTime time, Embryo *embryo)
{
	size_t at = unpack_syn(bytes, embryo);

	embryo->syn.time = time;
	at += answered ? unpack_answer(bytes + at, embryo) : 0;
	memcpy(&embryo->memo.number, bytes + at, sizeof(embryo->memo.number));
}

static size_t unpack_handshake_tsval(const uint8_t *bytes, EmbryoSyn *syn)
{
	if (!(syn->options & TCP_OPT_TIMESTAMP))
		return 0;
	memcpy(&syn->tsval, bytes, sizeof(syn->tsval));
	return sizeof(syn->tsval);
}

/* Returns how many bytes were read. */
static size_t unpack_handshake_syn(const uint8_t *bytes, EmbryoHandshake *handshake)
{
	EmbryoSyn *syn = &handshake->syn;
	EmbryoEnds ends;
	PackedSyn packed;
	size_t at;

	memcpy(&ends, bytes, sizeof(ends));
	at = key_size(ends);
	memcpy(&packed, bytes + at, sizeof(packed));
	handshake->sender = (ends.bits & BIT_SENDER) != 0;
	handshake->memo.marks = 0;
	*syn = (EmbryoSyn){
		.frame = packed.frame,
		.seq = packed.seq,
		.window = ends.window,
		.ip_id = packed.ip_id,
		.ttl = packed.ttl,
		.options = packed.options,
		.wscale = ends.bits & WSCALE_MAX,
	};
	at += sizeof(packed);
	at += unpack_handshake_tsval(bytes + at, syn);
	return at + unpack_rare(bytes + at, ends, &syn->frame, &handshake->memo);
}

void embryo_unpack_handshake(const uint8_t *bytes, bool answered, NsTime time,
			     EmbryoHandshake *handshake)
{
	EmbryoSyn *syn = &handshake->syn, *answer = &handshake->answer;
	size_t at = unpack_handshake_syn(bytes, handshake);
	PackedAnswer packed;

	syn->time = time;
	if (!answered)
		return;
	memcpy(&packed, bytes + at, sizeof(packed));
	memcpy(&syn->time, packed.begun, sizeof(packed.begun));
	*answer = (EmbryoSyn){
		.time = syn->time + packed.after,
		.frame = syn->frame + packed.frames,
		.seq = packed.seq,
		.window = packed.window,
		.ip_id = packed.ip_id,
		.ttl = packed.ttl,
		.options = packed.options,
		.wscale = packed.bits & WSCALE_MAX,
	};
	at += sizeof(packed);
	at += unpack_handshake_tsval(bytes + at, answer);
	memcpy(&handshake->memo.number, bytes + at, sizeof(handshake->memo.number));
}

size_t embryo_unpack_segments(const uint8_t *bytes, Embryo *embryo)
{
	size_t at = unpack_syn(bytes, embryo);

	return at + unpack_answer(bytes + at, embryo);
}

bool embryo_has_other_key(const uint8_t *bytes, const FlowKey *key)
{
	EmbryoEnds ends;
	FlowKey own;

	memset(&own, 0, sizeof(own));
	memcpy(&ends, bytes, sizeof(ends));
	unpack_key(bytes, ends, ends.bits & EMBRYO_LONG ? 6 : 4, &own);
	return flow_key_equal(&own, key);
}
