/* A connection that is no more than its SYN, or that and its SYN-ACK, in the least memory. Knows
 * what of them anybody reads later; knows nothing of what follows from it. */
#include "flow/embryo.h"

#include <glib.h>
#include <string.h>

/* What either segment has of its own. */
typedef struct {
	uint32_t seq;
	uint16_t window, ip_id;
	uint16_t flags : 9;
	uint16_t wscale : 4;
	uint16_t sender : 1;         /* of a SYN: its sender's place in the key */
	uint16_t long_addresses : 1; /* of a SYN */
	uint16_t scoped : 1;         /* of a SYN */
	uint8_t ttl;
	uint8_t options; /* TCP_OPT_* */
} PackedSegment;

/* What each has. Behind it come the addresses of the sender and of its peer, the scope if there is
 * one, and the timestamp if it has one. */
typedef struct {
	PackedSegment syn;
	uint32_t frame; /* the low 32 bits */
	uint32_t number;
	uint16_t frame_high;
	uint16_t marks;
	uint16_t ports[2]; /* the sender's, its peer's */
} Packed;

/* The SYN-ACK, behind all that; and its timestamp if it has one. */
typedef struct {
	NsTime begun;    /* when the SYN passed */
	uint32_t after;  /* how much later this did, in nanoseconds */
	uint32_t frames; /* and how many frames later */
	PackedSegment answer;
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

static PackedSegment pack_segment(const Segment *segment)
{
	return (PackedSegment){
		.seq = segment->seq,
		.window = segment->window,
		.ip_id = segment->ip_id,
		.flags = segment->flags & TH_ALL,
		.wscale = segment->options.wscale & WSCALE_MAX,
		.ttl = segment->ttl,
		.options = segment->options.present,
	};
}

static void unpack_segment(const PackedSegment *packed, Segment *segment)
{
	segment->seq = packed->seq;
	segment->flags = packed->flags;
	segment->window = packed->window;
	segment->ip_id = packed->ip_id;
	segment->ttl = packed->ttl;
	segment->options.present = packed->options;
	segment->options.wscale = packed->wscale;
}

static bool has_tsval(const PackedSegment *packed)
{
	return packed->options & TCP_OPT_TIMESTAMP;
}

/* Returns how many bytes were used. */
static size_t pack_tsval(uint8_t *bytes, const PackedSegment *packed, const Segment *segment)
{
	if (!has_tsval(packed))
		return 0;
	memcpy(bytes, &segment->options.tsval, sizeof(segment->options.tsval));
	return sizeof(segment->options.tsval);
}

static size_t unpack_tsval(const uint8_t *bytes, const PackedSegment *packed, Segment *segment)
{
	if (!has_tsval(packed))
		return 0;
	memcpy(&segment->options.tsval, bytes, sizeof(segment->options.tsval));
	return sizeof(segment->options.tsval);
}

static size_t pack_answer(uint8_t *bytes, const Embryo *embryo)
{
	const PackedAnswer packed = {
		.begun = embryo->syn.time,
		.after = (uint32_t)(embryo->answer.time - embryo->syn.time),
		.frames = (uint32_t)(embryo->answer.frame - embryo->syn.frame),
		.answer = pack_segment(&embryo->answer),
	};

	memcpy(bytes, &packed, sizeof(packed));
	return sizeof(packed) + pack_tsval(bytes + sizeof(packed), &packed.answer, &embryo->answer);
}

/* The rest follows from the SYN. */
static void unpack_answer(const uint8_t *bytes, Embryo *embryo)
{
	Segment *answer = &embryo->answer;
	PackedAnswer packed;

	memcpy(&packed, bytes, sizeof(packed));
	embryo->answered = true;
	embryo->syn.time = packed.begun;
	answer->src = embryo->syn.dst;
	answer->dst = embryo->syn.src;
	answer->scope = embryo->syn.scope;
	answer->ack = embryo->syn.seq + 1;
	answer->time = packed.begun + packed.after;
	answer->frame = embryo->syn.frame + packed.frames;
	unpack_segment(&packed.answer, answer);
	unpack_tsval(bytes + sizeof(packed), &packed.answer, answer);
}

static size_t address_size(unsigned version)
{
	return version == 4 ? 4 : 16;
}

size_t embryo_pack(uint8_t bytes[EMBRYO_PACKED_MAX], const Embryo *embryo)
{
	const Segment *syn = &embryo->syn;
	Packed packed = {
		.syn = pack_segment(syn),
		.frame = (uint32_t)syn->frame,
		.number = embryo->memo.number,
		.frame_high = (uint16_t)(syn->frame >> 32),
		.marks = embryo->memo.marks,
		.ports = { syn->src.port, syn->dst.port },
	};
	size_t address = address_size(syn->src.version);
	size_t at = sizeof(packed);

	G_STATIC_ASSERT(sizeof(packed) + 2 * 4 == EMBRYO_PACKED_LEAST);
	G_STATIC_ASSERT(sizeof(packed) + 2 * sizeof(Address) + sizeof(syn->scope) +
				sizeof(PackedAnswer) + 2 * sizeof(syn->options.tsval) <=
			EMBRYO_PACKED_MAX);
	packed.syn.sender = embryo->sender & 1;
	packed.syn.long_addresses = syn->src.version != 4;
	packed.syn.scoped = syn->scope != 0;
	memcpy(bytes, &packed, sizeof(packed));
	memcpy(bytes + at, &syn->src.addr, address);
	memcpy(bytes + at + address, &syn->dst.addr, address);
	at += 2 * address;
	if (packed.syn.scoped) {
		memcpy(bytes + at, &syn->scope, sizeof(syn->scope));
		at += sizeof(syn->scope);
	}
	at += pack_tsval(bytes + at, &packed.syn, syn);
	return at + (embryo->answered ? pack_answer(bytes + at, embryo) : 0);
}

/* Fills in what tells it from others; all else of @syn is zero. Returns how many bytes were read.
 */
static size_t unpack_ends(const uint8_t *bytes, const Packed *packed, Segment *syn)
{
	size_t address = address_size(packed->syn.long_addresses ? 6 : 4);

	syn->src.version = syn->dst.version = packed->syn.long_addresses ? 6 : 4;
	syn->src.port = packed->ports[0];
	syn->dst.port = packed->ports[1];
	memcpy(&syn->src.addr, bytes + sizeof(*packed), address);
	memcpy(&syn->dst.addr, bytes + sizeof(*packed) + address, address);
	if (!packed->syn.scoped)
		return sizeof(*packed) + 2 * address;
	memcpy(&syn->scope, bytes + sizeof(*packed) + 2 * address, sizeof(syn->scope));
	return sizeof(*packed) + 2 * address + sizeof(syn->scope);
}

void embryo_unpack(const uint8_t *bytes, bool answered, NsTime time, Embryo *embryo)
{
	Segment *syn = &embryo->syn;
	Packed packed;
	size_t at;

	memcpy(&packed, bytes, sizeof(packed));
	memset(embryo, 0, sizeof(*embryo));
	at = unpack_ends(bytes, &packed, syn);
	at += unpack_tsval(bytes + at, &packed.syn, syn);
	syn->frame = packed.frame | (uint64_t)packed.frame_high << 32;
	syn->time = time;
	unpack_segment(&packed.syn, syn);
	embryo->key = flow_key(syn, &embryo->sender);
	embryo->memo = (EmbryoMemo){ packed.number, packed.marks };
	if (answered)
		unpack_answer(bytes + at, embryo);
}

size_t embryo_packed_size(const uint8_t *bytes, bool answered)
{
	PackedAnswer answer;
	Packed packed;
	size_t size;

	memcpy(&packed, bytes, sizeof(packed));
	size = sizeof(packed) + 2 * address_size(packed.syn.long_addresses ? 6 : 4) +
	       (packed.syn.scoped ? sizeof(((Segment *)NULL)->scope) : 0) +
	       (has_tsval(&packed.syn) ? sizeof(uint32_t) : 0);
	if (!answered)
		return size;
	memcpy(&answer, bytes + size, sizeof(answer));
	return size + sizeof(answer) + (has_tsval(&answer.answer) ? sizeof(uint32_t) : 0);
}

void embryo_forget_memo(uint8_t *bytes)
{
	Packed packed;

	memcpy(&packed, bytes, sizeof(packed));
	packed.number = 0;
	packed.marks = 0;
	memcpy(bytes, &packed, sizeof(packed));
}

/* Whether the end of a key is this one; @size bytes of the address are there, the others are zero.
 */
static inline bool is_end(const Endpoint *end, const uint8_t *address, size_t size, uint16_t port)
{
	Endpoint own;

	memset(&own, 0, sizeof(own));
	memcpy(&own.addr, address, size);
	own.port = port;
	own.version = size == 4 ? 4 : 6;
	return memcmp(&own, end, sizeof(own)) == 0;
}

static inline bool are_ends(const FlowKey *key, const Packed *packed, const uint8_t *addresses,
			    size_t size)
{
	return is_end(&key->end[packed->syn.sender], addresses, size, packed->ports[0]) &&
	       is_end(&key->end[!packed->syn.sender], addresses + size, size, packed->ports[1]);
}

bool embryo_has_key(const uint8_t *bytes, const FlowKey *key)
{
	const uint8_t *addresses = bytes + sizeof(Packed);
	uint32_t scope = 0;
	Packed packed;
	size_t size;

	memcpy(&packed, bytes, sizeof(packed));
	/* Sizes that are constant make it a few comparisons. */
	if (!(packed.syn.long_addresses ? are_ends(key, &packed, addresses, sizeof(Address))
					: are_ends(key, &packed, addresses, 4)))
		return false;
	size = 2 * address_size(packed.syn.long_addresses ? 6 : 4);
	if (packed.syn.scoped)
		memcpy(&scope, addresses + size, sizeof(scope));
	return key->scope == scope;
}
