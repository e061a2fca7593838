/* A connection that is no more than its SYN, or that and its SYN-ACK, in the least memory. Knows
 * what of them anybody reads later; knows nothing of what follows from it. */
#include "flow/embryo.h"

#include <glib.h>
#include <string.h>

/* What each has. Behind it come the addresses of the sender and of its peer, and the scope if there
 * is one. */
typedef struct {
	uint32_t seq, tsval;
	uint32_t frame; /* the low 32 bits */
	uint32_t number;
	uint16_t frame_high;
	uint16_t marks;
	uint16_t window, ip_id;
	uint16_t ports[2]; /* the sender's, its peer's */
	uint16_t flags : 9;
	uint16_t sender : 1; /* the sender's place in the key */
	uint16_t long_addresses : 1;
	uint16_t scoped : 1;
	uint16_t wscale : 4;
	uint8_t ttl;
	uint8_t options; /* TCP_OPT_* */
} Packed;

/* The SYN-ACK, behind all that. */
typedef struct {
	NsTime begun;        /* when the SYN passed */
	uint32_t after;      /* how much later this did, in nanoseconds */
	uint32_t frames;     /* and how many frames later */
	uint32_t seq, tsval; /* its own */
	uint16_t window, ip_id;
	uint16_t flags : 9;
	uint16_t wscale : 4;
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

static size_t pack_answer(uint8_t *bytes, const Embryo *embryo)
{
	const Segment *answer = &embryo->answer;
	const PackedAnswer packed = {
		.begun = embryo->syn.time,
		.after = (uint32_t)(answer->time - embryo->syn.time),
		.frames = (uint32_t)(answer->frame - embryo->syn.frame),
		.seq = answer->seq,
		.tsval = answer->options.tsval,
		.window = answer->window,
		.ip_id = answer->ip_id,
		.flags = answer->flags & TH_ALL,
		.wscale = answer->options.wscale & WSCALE_MAX,
		.ttl = answer->ttl,
		.options = answer->options.present,
	};

	memcpy(bytes, &packed, sizeof(packed));
	return sizeof(packed);
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
	answer->seq = packed.seq;
	answer->flags = packed.flags;
	answer->window = packed.window;
	answer->ip_id = packed.ip_id;
	answer->ttl = packed.ttl;
	answer->options.present = packed.options;
	answer->options.wscale = packed.wscale;
	answer->options.tsval = packed.tsval;
}

static size_t address_size(unsigned version)
{
	return version == 4 ? 4 : 16;
}

size_t embryo_pack(uint8_t bytes[EMBRYO_PACKED_MAX], const Embryo *embryo)
{
	const Segment *syn = &embryo->syn;
	Packed packed = {
		.seq = syn->seq,
		.tsval = syn->options.tsval,
		.frame = (uint32_t)syn->frame,
		.number = embryo->memo.number,
		.frame_high = (uint16_t)(syn->frame >> 32),
		.marks = embryo->memo.marks,
		.window = syn->window,
		.ip_id = syn->ip_id,
		.ports = { syn->src.port, syn->dst.port },
		.flags = syn->flags & TH_ALL,
		.sender = embryo->sender & 1,
		.long_addresses = syn->src.version != 4,
		.scoped = syn->scope != 0,
		.ttl = syn->ttl,
		.options = syn->options.present,
		.wscale = syn->options.wscale & WSCALE_MAX,
	};
	size_t address = address_size(syn->src.version);
	size_t at = sizeof(packed);

	G_STATIC_ASSERT(sizeof(packed) + 2 * 4 == EMBRYO_PACKED_USUAL);
	G_STATIC_ASSERT(sizeof(packed) + 2 * sizeof(Address) + sizeof(syn->scope) +
				sizeof(PackedAnswer) <=
			EMBRYO_PACKED_MAX);
	memcpy(bytes, &packed, sizeof(packed));
	memcpy(bytes + at, &syn->src.addr, address);
	memcpy(bytes + at + address, &syn->dst.addr, address);
	at += 2 * address;
	if (packed.scoped) {
		memcpy(bytes + at, &syn->scope, sizeof(syn->scope));
		at += sizeof(syn->scope);
	}
	return at + (embryo->answered ? pack_answer(bytes + at, embryo) : 0);
}

/* Fills in what tells it from others; all else of @syn is zero. Returns how many bytes were read.
 */
static size_t unpack_ends(const uint8_t *bytes, const Packed *packed, Segment *syn)
{
	size_t address = address_size(packed->long_addresses ? 6 : 4);

	syn->src.version = syn->dst.version = packed->long_addresses ? 6 : 4;
	syn->src.port = packed->ports[0];
	syn->dst.port = packed->ports[1];
	memcpy(&syn->src.addr, bytes + sizeof(*packed), address);
	memcpy(&syn->dst.addr, bytes + sizeof(*packed) + address, address);
	if (!packed->scoped)
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
	syn->frame = packed.frame | (uint64_t)packed.frame_high << 32;
	syn->time = time;
	syn->seq = packed.seq;
	syn->flags = packed.flags;
	syn->window = packed.window;
	syn->ip_id = packed.ip_id;
	syn->ttl = packed.ttl;
	syn->options.present = packed.options;
	syn->options.wscale = packed.wscale;
	syn->options.tsval = packed.tsval;
	embryo->key = flow_key(syn, &embryo->sender);
	embryo->memo = (EmbryoMemo){ packed.number, packed.marks };
	if (answered)
		unpack_answer(bytes + at, embryo);
}

/* A look at what is cheap to compare comes first. */
bool embryo_has_key(const uint8_t *bytes, const FlowKey *key)
{
	Segment syn;
	Packed packed;
	FlowKey own;
	unsigned sender;

	memcpy(&packed, bytes, sizeof(packed));
	if (key->end[packed.sender].port != packed.ports[0] ||
	    key->end[!packed.sender].port != packed.ports[1])
		return false;
	memset(&syn.src, 0, sizeof(syn.src));
	memset(&syn.dst, 0, sizeof(syn.dst));
	syn.scope = 0;
	unpack_ends(bytes, &packed, &syn);
	own = flow_key(&syn, &sender);
	return flow_key_equal(&own, key);
}
