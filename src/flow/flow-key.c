/* What tells one connection's segments from another's. Knows addresses and ports; knows no state.
 */
#include "flow/flow-key.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

G_STATIC_ASSERT(sizeof(Endpoint) == 20);
G_STATIC_ASSERT(sizeof(FlowKey) == 44);
G_STATIC_ASSERT(offsetof(FlowKey, scope) == 40);

/* Whether the segment's sender is the greater end. Every segment comes here; of most, the ends
 * differ in the first four bytes. */
static inline bool comes_from_greater(const Segment *segment)
{
	uint32_t src, dst;

	memcpy(&src, segment->src.addr.bytes, sizeof(src));
	memcpy(&dst, segment->dst.addr.bytes, sizeof(dst));
	if (segment->src.version != segment->dst.version || src == dst)
		return endpoint_compare(&segment->src, &segment->dst) > 0;
	return GUINT32_FROM_BE(src) > GUINT32_FROM_BE(dst);
}

/* The index of the end that sent the segment. */
static inline unsigned fill_key(FlowKey *key, const Segment *segment)
{
	unsigned sender = comes_from_greater(segment);

	key->end[sender] = segment->src;
	key->end[!sender] = segment->dst;
	key->scope = segment->scope;
	return sender;
}

FlowKey flow_key(const Segment *segment, unsigned *sender)
{
	FlowKey key;

	*sender = fill_key(&key, segment);
	return key;
}

/* A multiplication folded to 64 bits mixes every bit of both operands into the result. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t seed[2];

static G_GNUC_NO_INLINE void make_seed(void)
{
	seed[0] = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
	seed[1] = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
}

static inline uint32_t hash_of(const FlowKey *key)
{
	uint64_t words[5];
	uint64_t hash;

	if (G_UNLIKELY(!seed[0]))
		make_seed();
	memcpy(words, key, sizeof(words));
	hash = mix(words[0] ^ seed[0], words[1] ^ seed[1]);
	hash = mix(words[2] ^ hash, words[3] ^ seed[1]);
	hash = mix(words[4] ^ hash, key->scope ^ seed[0]);
	return (uint32_t)(hash ^ hash >> 32);
}

uint32_t flow_key_hash(const FlowKey *key)
{
	return hash_of(key);
}

/* Odd numbers without a pattern: digits of pi. */
static uint32_t spread_of(const FlowKey *key)
{
	const uint64_t a = UINT64_C(0x243f6a8885a308d3), b = UINT64_C(0x13198a2e03707345);
	uint64_t spread = mix(flow_key_word(key, 0) ^ a, flow_key_word(key, 1) ^ b);

	spread = mix(flow_key_word(key, 2) ^ spread, flow_key_word(key, 3) ^ b);
	spread = mix(flow_key_word(key, 4) ^ spread, key->scope ^ a);
	return (uint32_t)(spread ^ spread >> 32);
}

void flow_place(FlowPlace *place, const Segment *segment)
{
	place->sender = fill_key(&place->key, segment);
	place->hash = hash_of(&place->key);
	place->spread = spread_of(&place->key);
}

bool flow_key_is_self(const FlowKey *key)
{
	return endpoint_compare(&key->end[0], &key->end[1]) == 0;
}
