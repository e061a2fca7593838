/* A connection that is no more than its SYN, or that and its SYN-ACK, in the least memory. Knows
 * what of them anybody reads later; knows nothing of what follows from it. */
#include "flow/embryo.h"

#include <glib.h>
#include <string.h>

/* What of either segment has few bits. */
typedef struct {
	uint16_t flags : 9;
	uint16_t wscale : 4;
	uint16_t sender : 1;         /* of a SYN: its sender's place in the key */
	uint16_t long_addresses : 1; /* of a SYN */
	uint16_t scoped : 1;         /* of a SYN */
} PackedBits;

/* What comes first, and behind it the addresses, and the scope if there is one: a key as it is, so
 * that who looks for one reads no more. */
typedef struct {
	PackedBits bits;
	uint16_t ports[2]; /* of the key's ends */
} PackedEnds;

/* The rest of a SYN, and behind it its timestamp if it has one. */
typedef struct {
	uint32_t seq;
	uint32_t frame; /* the low 32 bits */
	uint16_t frame_high;
	uint16_t window, ip_id;
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
	PackedBits bits;
	uint8_t ttl;
	uint8_t options; /* TCP_OPT_* */
} PackedAnswer;

/* What there is room for. */
#define FRAMES_MAX (UINT64_C(1) << 48)
#define WSCALE_MAX 15u

/* Whether it is a segment with these flags and nothing unusual about it. */
static bool is_plain(const Segment *segment, unsigned flags)
{
	const TcpOptions *options = &segment->options;

	return (segment->flags & ~(TH_ECE | TH_CWR | TH_AE)) == flags && !segment->payload &&
	       !options->sack_count && !options->cookie_length && options->wscale <= WSCALE_MAX;
}

bool embryo_may_be(const Segment *segment)
{
	return is_plain(segment, TH_SYN) && !segment->ack && !segment->options.tsecr &&
	       segment->frame < FRAMES_MAX && endpoint_compare(&segment->src, &segment->dst) != 0;
}

bool embryo_may_be_answer(const Segment *syn, const Segment *segment)
{
	return is_plain(segment, TH_SYN | TH_ACK) && segment->ack == syn->seq + 1 &&
	       segment->time >= syn->time &&
	       (uint64_t)segment->time - (uint64_t)syn->time <= UINT32_MAX &&
	       segment->frame > syn->frame && segment->frame - syn->frame <= UINT32_MAX;
}

static PackedBits pack_bits(const Segment *segment)
{
	return (PackedBits){ .flags = segment->flags & TH_ALL,
			     .wscale = segment->options.wscale & WSCALE_MAX };
}

static void unpack_bits(PackedBits bits, Segment *segment)
{
	segment->flags = bits.flags;
	segment->options.wscale = bits.wscale;
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

static size_t address_size(unsigned version)
{
	return version == 4 ? 4 : 16;
}

static size_t pack_ends(uint8_t *bytes, const Embryo *embryo)
{
	const Segment *syn = &embryo->syn;
	const Endpoint *end = embryo->key.end;
	PackedEnds packed = { .bits = pack_bits(syn), .ports = { end[0].port, end[1].port } };
	size_t address = address_size(syn->src.version);
	size_t at = sizeof(packed);

	packed.bits.sender = embryo->sender & 1;
	packed.bits.long_addresses = syn->src.version != 4;
	packed.bits.scoped = syn->scope != 0;
	memcpy(bytes, &packed, sizeof(packed));
	memcpy(bytes + at, &end[0].addr, address);
	memcpy(bytes + at + address, &end[1].addr, address);
	at += 2 * address;
	if (!syn->scope)
		return at;
	memcpy(bytes + at, &syn->scope, sizeof(syn->scope));
	return at + sizeof(syn->scope);
}

/* Both return how many bytes were read. */
static inline size_t unpack_key(const uint8_t *bytes, PackedEnds packed, unsigned version,
				FlowKey *key)
{
	size_t address = address_size(version), at = sizeof(packed);

	key->end[0].version = key->end[1].version = (uint8_t)version;
	key->end[0].port = packed.ports[0];
	key->end[1].port = packed.ports[1];
	memcpy(&key->end[0].addr, bytes + at, address);
	memcpy(&key->end[1].addr, bytes + at + address, address);
	at += 2 * address;
	if (!packed.bits.scoped)
		return at;
	memcpy(&key->scope, bytes + at, sizeof(key->scope));
	return at + sizeof(key->scope);
}

static size_t unpack_syn(const uint8_t *bytes, Embryo *embryo)
{
	Segment *syn = &embryo->syn;
	PackedEnds ends;
	PackedSyn packed;
	size_t at;

	memset(embryo, 0, sizeof(*embryo));
	memcpy(&ends, bytes, sizeof(ends));
	/* Sizes that are constant need no calls. */
	at = ends.bits.long_addresses ? unpack_key(bytes, ends, 6, &embryo->key)
				      : unpack_key(bytes, ends, 4, &embryo->key);
	embryo->sender = ends.bits.sender;
	syn->src = embryo->key.end[embryo->sender];
	syn->dst = embryo->key.end[!embryo->sender];
	syn->scope = embryo->key.scope;
	unpack_bits(ends.bits, syn);
	memcpy(&packed, bytes + at, sizeof(packed));
	syn->seq = packed.seq;
	syn->frame = packed.frame | (uint64_t)packed.frame_high << 32;
	syn->window = packed.window;
	syn->ip_id = packed.ip_id;
	syn->ttl = packed.ttl;
	syn->options.present = packed.options;
	at += sizeof(packed);
	return at + unpack_tsval(bytes + at, syn);
}

static size_t pack_answer(uint8_t *bytes, const Embryo *embryo)
{
	const Segment *answer = &embryo->answer;
	PackedAnswer packed = {
		.after = (uint32_t)(answer->time - embryo->syn.time),
		.frames = (uint32_t)(answer->frame - embryo->syn.frame),
		.seq = answer->seq,
		.window = answer->window,
		.ip_id = answer->ip_id,
		.bits = pack_bits(answer),
		.ttl = answer->ttl,
		.options = answer->options.present,
	};

	memcpy(packed.begun, &embryo->syn.time, sizeof(packed.begun));
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
	unpack_bits(packed.bits, answer);
	return sizeof(packed) + unpack_tsval(bytes + sizeof(packed), answer);
}

size_t embryo_pack(uint8_t bytes[EMBRYO_PACKED_MAX], const Embryo *embryo)
{
	const Segment *syn = &embryo->syn;
	const PackedSyn packed = {
		.seq = syn->seq,
		.frame = (uint32_t)syn->frame,
		.frame_high = (uint16_t)(syn->frame >> 32),
		.window = syn->window,
		.ip_id = syn->ip_id,
		.ttl = syn->ttl,
		.options = syn->options.present,
	};
	size_t at = pack_ends(bytes, embryo);

	G_STATIC_ASSERT(sizeof(PackedEnds) == 6 && sizeof(PackedSyn) == 16 &&
			sizeof(PackedAnswer) == 28);
	G_STATIC_ASSERT(sizeof(PackedEnds) + 2 * 4 + sizeof(PackedSyn) + EMBRYO_MEMO_SIZE ==
			EMBRYO_PACKED_LEAST);
	G_STATIC_ASSERT(sizeof(PackedEnds) + 2 * sizeof(Address) + sizeof(syn->scope) +
				sizeof(PackedSyn) + sizeof(PackedAnswer) +
				2 * sizeof(syn->options.tsval) + EMBRYO_MEMO_SIZE <=
			EMBRYO_PACKED_MAX);
	memcpy(bytes + at, &packed, sizeof(packed));
	at += sizeof(packed);
	at += pack_tsval(bytes + at, syn);
	at += embryo->answered ? pack_answer(bytes + at, embryo) : 0;
	memcpy(bytes + at, &embryo->memo.number, sizeof(embryo->memo.number));
	at += sizeof(embryo->memo.number);
	memcpy(bytes + at, &embryo->memo.marks, sizeof(embryo->memo.marks));
	return at + sizeof(embryo->memo.marks);
}

void embryo_unpack(const uint8_t *bytes, bool answered, NsTime time, Embryo *embryo)
{
	size_t at = unpack_syn(bytes, embryo);

	embryo->syn.time = time;
	at += answered ? unpack_answer(bytes + at, embryo) : 0;
	memcpy(&embryo->memo.number, bytes + at, sizeof(embryo->memo.number));
	at += sizeof(embryo->memo.number);
	memcpy(&embryo->memo.marks, bytes + at, sizeof(embryo->memo.marks));
}

size_t embryo_unpack_segments(const uint8_t *bytes, Embryo *embryo)
{
	size_t at = unpack_syn(bytes, embryo);

	return at + unpack_answer(bytes + at, embryo);
}

static inline uint32_t word_at(const void *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint64_t words_at(const void *bytes)
{
	uint64_t words;

	memcpy(&words, bytes, sizeof(words));
	return words;
}

/* 0: the same. Most that are looked at are it, so that nothing is asked before all is compared. */
static inline uint64_t differ_in_port(const Endpoint *end, unsigned version, unsigned port)
{
	return (end->port ^ port) | (end->version ^ version) | end->zero;
}

static inline uint64_t differ_short(const Endpoint *end, const uint8_t *address, unsigned port)
{
	const uint8_t *own = end->addr.bytes;

	return (word_at(own) ^ word_at(address)) | words_at(own + 4) | words_at(own + 8) |
	       differ_in_port(end, 4, port);
}

static inline uint64_t differ_long(const Endpoint *end, const uint8_t *address, unsigned port)
{
	const uint8_t *own = end->addr.bytes;

	return (words_at(own) ^ words_at(address)) | (words_at(own + 8) ^ words_at(address + 8)) |
	       differ_in_port(end, 6, port);
}

bool embryo_has_key(const uint8_t *bytes, const FlowKey *key)
{
	const uint8_t *at = bytes + sizeof(PackedEnds);
	uint32_t scope = 0;
	PackedEnds packed;
	uint64_t differ;

	memcpy(&packed, bytes, sizeof(packed));
	if (packed.bits.long_addresses) {
		differ = differ_long(&key->end[0], at, packed.ports[0]) |
			 differ_long(&key->end[1], at + 16, packed.ports[1]);
		at += 32;
	} else {
		differ = differ_short(&key->end[0], at, packed.ports[0]) |
			 differ_short(&key->end[1], at + 4, packed.ports[1]);
		at += 8;
	}
	if (packed.bits.scoped)
		scope = word_at(at);
	return (differ | (scope ^ key->scope)) == 0;
}
