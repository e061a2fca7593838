/* Which segments were captured twice. Knows what the last segments looked like; knows no
 * connection.
 *
 * A mirror port that copies what comes in and what goes out, or Linux's `any` interface on a host
 * that forwards, captures one packet twice within microseconds to milliseconds. That is no
 * repetition: no sender has sent it twice. What tells the two apart, from the surest on:
 *
 * - The IP ID. A copy has the same, and a host that counts its packets gives that to no other for a
 *   long time. But IPv6 has none, and Linux gives 0 to what it sends without a socket.
 * - The TTL or hop limit. Between the two captures the packet was forwarded, or it was not; what
 *   one host sends to another twice within a moment has the same. That goes for what takes up
 *   numbers: a device may send a bare ACK or a RST in a host's name, and the host another.
 * - The time, and timestamps, which have to be equal. No timer repeats within two milliseconds.
 * - What came in between. An ACK makes a sender repeat what it does not cover, and a segment draws
 *   an answer: these come after it. What it does cover nobody repeats. The caller can see that.
 *
 * Some segments are sent twice alike all the same: what takes up no numbers, RSTs, and SYN-ACKs,
 * one for the SYN that came again and one for the timer that had just run out. With nothing else to
 * tell them these are taken for copies only where copies are usual, and a RST, which always answers
 * something, only when nothing came between that it may answer; elsewhere only what can answer but
 * one segment. Usual are copies where the capture holds many and what this side sent just before
 * was captured twice, too: in a capture that holds but some, of this side or of others, an ACK that
 * is repeated tells that the peer's segment did not arrive. Even there, what was captured twice and
 * comes for a third time behind a segment of its peer, or later, is an answer or a timer's. */
#include "analysis/copies.h"

#include <glib.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Segments that are remembered, a power of two. Each has two places, by its low bits, and takes
 * that of the earlier one: the memory is bounded, nothing is searched, and it takes three segments
 * of a moment with the same bits for one to be forgotten. */
#define PLACES 4096u

/* How long after the first a copy may come that something tells, and one that nothing does. */
#define WITHIN       (20 * NSTIME_MILLISECOND)
#define WITHIN_NO_ID (2 * NSTIME_MILLISECOND)

/* A capture holds copies when it has had so many, and one in so many segments was one. */
#define KNOWN_COUNT 3
#define KNOWN_SHARE 20

/* Of so few segments of a side nothing follows unless one in so many of the capture was a copy. */
#define FEW       8
#define FEW_SHARE 5

/* Sides that are remembered, a power of two, and after how many segments of one the older ones
 * count half. */
#define SIDES      16384u
#define SIDE_COUNT 64

/* Frames are kept in 48 bits. */
#define FRAME_MASK ((UINT64_C(1) << 48) - 1)

/* Every segment looks so. */
#define LOOKS_TAKEN (UINT64_C(1) << 63)

/* Payload bytes that are compared. */
#define BYTES 16

typedef struct {
	uint64_t digest;     /* what it looked like; 0: the place is free */
	NsTime time;         /* when it was first captured */
	NsTime last;         /* and when once more, the last time; the same: never */
	uint64_t frame : 48; /* its first frame */
	uint64_t ttl : 8;    /* its TTL or hop limit then */
	uint64_t copied : 1; /* it was captured once more */
	uint64_t alike : 1;  /* another like it passed, copy or not: SideCount.again has it */
} Place;

#define PAIR_SIZE (2 * sizeof(Place))
G_STATIC_ASSERT(PAIR_SIZE == 64);

/* What one side of a connection sent lately. Whether what comes twice is a copy may not be known of
 * any single one: that half of them do tells. */
typedef struct {
	uint16_t tag;   /* which of the sides that have this place */
	uint8_t passed; /* segments, each counted once */
	uint8_t again;  /* of which another like it passed within a moment */
} SideCount;

struct Copies {
	uint64_t seed[8];   /* so that no capture can be crafted to hide one segment by another */
	uint64_t segments;  /* that were looked at */
	uint64_t confirmed; /* that were copies */
	/* The last ones, see place_of(); the two of each in one line of the cache. */
	Place places[PLACES] __attribute__((aligned(PAIR_SIZE)));
	SideCount sides[SIDES]; /* by the low bits of FlowPlace.spread */
};

Copies *copies_new(void)
{
	Copies *copies = aligned_alloc(PAIR_SIZE, sizeof(Copies));

	if (!copies)
		g_error("no memory for %zu bytes", sizeof(Copies));
	memset(copies, 0, sizeof(*copies));
	for (unsigned i = 0; i < G_N_ELEMENTS(copies->seed); i++)
		copies->seed[i] = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
	return copies;
}

void copies_free(Copies *copies)
{
	free(copies);
}

/* A multiplication folded to 64 bits mixes every bit of both operands into the result. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Members of a segment that stand side by side in 64 bits. */
G_STATIC_ASSERT(offsetof(Segment, ack) == offsetof(Segment, seq) + 4);
G_STATIC_ASSERT(offsetof(Segment, window) == offsetof(Segment, flags) + 2);
G_STATIC_ASSERT(offsetof(Segment, payload) == offsetof(Segment, flags) + 4);
G_STATIC_ASSERT(offsetof(TcpOptions, tsecr) == offsetof(TcpOptions, tsval) + 4);
G_STATIC_ASSERT(offsetof(FlowPlace, spread) == offsetof(FlowPlace, hash) + 4);

static inline uint64_t two_words(const void *from, size_t at)
{
	uint64_t words;

	memcpy(&words, (const char *)from + at, sizeof(words));
	return words;
}

/* From a number of bytes on, a mask that leaves as many of the last BYTES ones. */
static const uint64_t last_bytes[4] = { [2] = UINT64_MAX, UINT64_MAX };

G_STATIC_ASSERT(sizeof(last_bytes) == 2 * BYTES);

/* The first captured bytes of the payload, as the last of BYTES that end with them: headers are
 * longer than that. How many there are cannot be foreseen, and nothing branches by it. */
static inline void load_bytes(uint64_t words[2], const Frame *frame, const Segment *segment)
{
	uint32_t at, count;
	const uint8_t *mask, *bytes;

	words[0] = words[1] = 0;
	if (!frame)
		return;
	at = segment->tcp_offset + (frame->data[segment->tcp_offset + 12] >> 4) * 4u;
	at = MIN(at, frame->caplen);
	count = MIN(segment->payload, BYTES);
	count = MIN(count, frame->caplen - at);
	bytes = frame->data + at + count - BYTES;
	mask = (const uint8_t *)last_bytes + count;
	words[0] = two_words(bytes, 0) & two_words(mask, 0);
	words[1] = two_words(bytes, 8) & two_words(mask, 8);
}

static unsigned side_place(const FlowPlace *where)
{
	return (where->spread << 1 | where->sender) & (SIDES - 1);
}

/* What a segment looks like: words of 64 bits that are to be the same in another. */
enum {
	LOOK_NUMBERS, /* seq and ack */
	LOOK_FLAGS,   /* flags, window and the payload's length */
	LOOK_TIMES,   /* timestamps */
	LOOK_SACK,    /* the first block */
	LOOK_WHERE,   /* FlowPlace.hash and .spread, which stand for addresses and ports: who finds
		       * a match looks at its own connection's */
	LOOK_REST,    /* the IP ID, who sent it, which options there are and how many blocks */
	LOOK_BYTES,   /* the payload's first ones, in two words */
	LOOK_WORDS = LOOK_BYTES + BYTES / 8,
};

static inline uint64_t options_word(const TcpOptions *options)
{
	return (uint64_t)options->sack_count << 8 | options->present;
}

/* Where it is remembered: one place for all that look so. Which segments make room for which is the
 * same in every run, so that what is taken for a copy is, too. Repeated ACKs in a burst differ in
 * little: all that does differ counts, or they would make room for each other. Nor is either
 * factor small where the numbers are: what scans and floods may send 0 in all its SYNs. */
static inline unsigned place_by(const uint64_t looks[LOOK_WORDS], const FlowPlace *where)
{
	const uint64_t a = UINT64_C(0xa4093822299f31d1), b = UINT64_C(0x082efa98ec4e6c89);
	uint64_t who = (uint64_t)where->spread << 32 | (uint32_t)looks[LOOK_REST];
	uint64_t when = looks[LOOK_TIMES] + looks[LOOK_SACK] * b;

	return mix(looks[LOOK_NUMBERS] ^ ~when * a, looks[LOOK_FLAGS] ^ who * b) & (PLACES - 1);
}

/* Products of sums with secret numbers, added up (NH, of UMAC: RFC 4418 5.2.2): nobody who does not
 * know these finds two segments with one digest. */
static inline uint64_t digest_of(const Copies *copies, const uint64_t looks[LOOK_WORDS])
{
	unsigned __int128 sum = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < LOOK_WORDS; i += 2)
		sum += (unsigned __int128)(looks[i] + copies->seed[i]) *
		       (looks[i + 1] + copies->seed[i + 1]);
	return (uint64_t)sum ^ (uint64_t)(sum >> 64);
}

uint64_t copies_expect(const Copies *copies, const FlowPlace *where, const Frame *frame,
		       const Segment *segment)
{
	const TcpOptions *options = &segment->options;
	uint64_t looks[LOOK_WORDS] = {
		[LOOK_NUMBERS] = two_words(segment, offsetof(Segment, seq)),
		[LOOK_FLAGS] = two_words(segment, offsetof(Segment, flags)),
		[LOOK_TIMES] = two_words(options, offsetof(TcpOptions, tsval)),
		[LOOK_SACK] = two_words(options, offsetof(TcpOptions, sack)),
		[LOOK_WHERE] = two_words(where, offsetof(FlowPlace, hash)),
		[LOOK_REST] = options_word(options) << 32 | where->sender << 16 | segment->ip_id,
	};
	uint64_t digest;
	unsigned place;

	load_bytes(&looks[LOOK_BYTES], frame, segment);
	place = place_by(looks, where);
	__builtin_prefetch(&copies->places[place], 1);
	__builtin_prefetch(&copies->sides[side_place(where)], 1);
	digest = digest_of(copies, looks);
	return (digest & ~(uint64_t)(PLACES - 1)) | LOOKS_TAKEN | place;
}

static SideCount *side_of(Copies *copies, const FlowPlace *where)
{
	SideCount *side = &copies->sides[side_place(where)];
	uint16_t tag = (uint16_t)(where->spread >> 16);
	/* All bits, or none when it was another's. Where there are many sides nobody can foresee
	 * which: nothing branches by it. */
	unsigned keep = (unsigned)(side->tag != tag) - 1;

	side->tag = tag;
	side->passed &= (uint8_t)keep;
	side->again &= (uint8_t)keep;
	return side;
}

static void count_passed(SideCount *side)
{
	if (++side->passed < SIDE_COUNT)
		return;
	side->passed /= 2;
	side->again /= 2;
}

/* Whether half of what the side sent lately came twice. What was just sent may be about to. Of few
 * segments that says little: then much of what others sent must have come twice, too. */
static bool comes_twice(const Copies *copies, const SideCount *side)
{
	if (side->passed < FEW && copies->confirmed * FEW_SHARE < copies->segments)
		return false;
	return side->again && side->again * 2 + 1 >= side->passed;
}

/* Whether nothing makes its sender send it twice within a moment. */
static bool is_sent_once(const Segment *segment)
{
	return segment_seq_len(segment) && !(segment->flags & TH_RST) &&
	       (segment->flags & (TH_SYN | TH_ACK)) != (TH_SYN | TH_ACK);
}

/* Whether it is sent when a segment comes, and by no timer within a moment. */
static bool is_answer(const Segment *segment)
{
	return segment->flags & TH_RST || (segment->flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK);
}

static bool are_known(const Copies *copies)
{
	return copies->confirmed >= KNOWN_COUNT &&
	       copies->confirmed * KNOWN_SHARE >= copies->segments;
}

/* What speaks for it that a segment which looks like the one at @place is that one once more. */
static CopyProof proof_of(const Copies *copies, const Place *place, const SideCount *side,
			  const Segment *segment)
{
	bool known = are_known(copies), rst = segment->flags & TH_RST;
	/* Files that were merged may be out of order by the distance of their clocks. */
	NsTime apart = ABS(segment->time - place->time);

	if (segment->ip_id || (segment->ttl != place->ttl && segment_seq_len(segment) && !rst))
		return COPY_SURE;
	if (known && comes_twice(copies, side) && !rst) {
		if (!place->copied)
			return COPY_USUAL;
		if (segment->time - place->last <= WITHIN_NO_ID)
			return COPY_USUAL_AGAIN;
	}
	/* The timer of a SYN takes longer than any copy. */
	if (known && segment->flags & TH_SYN && !rst)
		return segment->flags & TH_ACK ? COPY_ANSWER : COPY_USUAL;
	if (apart > WITHIN_NO_ID)
		return COPY_NONE;
	if ((known && rst) || is_sent_once(segment))
		return COPY_LIKELY;
	return is_answer(segment) ? COPY_ANSWER : COPY_NONE;
}

static void keep(Place *place, uint64_t looks, const Segment *segment, bool alike)
{
	*place = (Place){ .digest = looks,
			  .time = segment->time,
			  .last = segment->time,
			  .frame = segment->frame & FRAME_MASK,
			  .ttl = segment->ttl,
			  .alike = alike };
}

/* Where a segment that looks so is remembered, or will be: the first of its two places if that
 * holds it, else the second if it does or is the earlier one. Which it is cannot be foreseen, so
 * that nothing branches by it. */
static inline Place *place_of(Copies *copies, uint64_t looks)
{
	Place *first = &copies->places[looks & (PLACES - 1)];
	Place *second = (Place *)((uintptr_t)first ^ sizeof(Place));
	bool other = (second->digest == looks) | (second->frame < first->frame);

	return (Place *)((uintptr_t)first ^ ((first->digest != looks) & other) * sizeof(Place));
}

/* What becomes of a segment that looks like the one at @place did a moment ago. */
static G_GNUC_NO_INLINE bool judge(Copies *copies, Place *place, SideCount *side,
				   const Segment *segment, CopyMatch *match)
{
	CopyProof proof = proof_of(copies, place, side, segment);

	/* Repeated ACKs come in threes and more; copies make two of each. */
	if (!place->alike && side->again < side->passed)
		side->again++;
	place->alike = true;
	if (proof == COPY_NONE) {
		keep(place, place->digest, segment, true);
		return false;
	}
	*match = (CopyMatch){ place->frame, place->time, place->last, proof };
	return true;
}

bool copies_match(Copies *copies, uint64_t looks, const FlowPlace *where, const Segment *segment,
		  CopyMatch *match)
{
	Place *place = place_of(copies, looks);
	SideCount *side = side_of(copies, where);

	copies->segments++;
	if (G_UNLIKELY(place->digest == looks && ABS(segment->time - place->time) <= WITHIN))
		return judge(copies, place, side, segment, match);
	count_passed(side);
	keep(place, looks, segment, false);
	return false;
}

void copies_decide(Copies *copies, uint64_t looks, const Segment *segment, bool is_copy)
{
	Place *place = place_of(copies, looks);

	if (!is_copy) {
		keep(place, looks, segment, true);
		return;
	}
	copies->confirmed++;
	place->copied = true;
	place->last = MAX(place->last, segment->time);
}
