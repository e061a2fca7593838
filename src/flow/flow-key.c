/* What tells one connection's segments from another's. Knows addresses and ports; knows no state.
 */
#include "flow/flow-key.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

G_STATIC_ASSERT(sizeof(Endpoint) == 20);
G_STATIC_ASSERT(sizeof(FlowKey) == 44);
G_STATIC_ASSERT(offsetof(FlowKey, scope) == 40);
G_STATIC_ASSERT(offsetof(Endpoint, port) == 16);

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

/* One end of the segment, 0 being its sender. Which is wanted cannot be foreseen: nothing branches
 * by it. */
static inline const Endpoint *end_of(const Segment *segment, unsigned end)
{
	return (const Endpoint *)((const char *)segment + offsetof(Segment, src) +
				  end * (offsetof(Segment, dst) - offsetof(Segment, src)));
}

/* The ends of the segment in the key's order. Returns the index of the one that sent it. */
static inline unsigned order_ends(const Segment *segment, const Endpoint *ends[2])
{
	unsigned sender = comes_from_greater(segment);

	ends[0] = end_of(segment, sender);
	ends[1] = end_of(segment, !sender);
	return sender;
}

static inline void fill_key(FlowKey *key, const Endpoint *const ends[2], uint32_t scope)
{
	key->end[0] = *ends[0];
	key->end[1] = *ends[1];
	key->scope = scope;
}

FlowKey flow_key(const Segment *segment, unsigned *sender)
{
	const Endpoint *ends[2];
	FlowKey key;

	*sender = order_ends(segment, ends);
	fill_key(&key, ends, segment->scope);
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

/* What is mixed of a key: its addresses, its ports and versions, its scope. */
enum { WORDS = 6 };

/* They are read from where the ends are: a key that was just put together of them has not yet come
 * to the cache, and would be waited for. */
static inline void load_words(uint64_t words[WORDS], const Endpoint *const ends[2], uint32_t scope)
{
	uint32_t ports[2];

	for (unsigned i = 0; i < 2; i++) {
		memcpy(&words[2 * i], ends[i]->addr.bytes, sizeof(*words));
		memcpy(&words[2 * i + 1], ends[i]->addr.bytes + sizeof(*words), sizeof(*words));
		memcpy(&ports[i], (const char *)ends[i] + offsetof(Endpoint, port),
		       sizeof(ports[i]));
	}
	words[4] = (uint64_t)ports[1] << 32 | ports[0];
	words[5] = scope;
}

static inline uint64_t mix_words(const uint64_t words[WORDS], uint64_t a, uint64_t b)
{
	uint64_t mixed = mix(words[0] ^ a, words[1] ^ b);

	mixed = mix(words[2] ^ mixed, words[3] ^ b);
	return mix(words[4] ^ mixed, words[5] ^ a);
}

static inline bool are_v4(const Endpoint *const ends[2])
{
	return ends[0]->version == 4 && ends[1]->version == 4;
}

/* All of them in two words, when both ends have IPv4. */
enum { WORDS_V4 = 2 };

static inline void load_words_v4(uint64_t words[WORDS_V4], const Endpoint *const ends[2],
				 uint32_t scope)
{
	uint32_t addresses[2];

	for (unsigned i = 0; i < 2; i++)
		memcpy(&addresses[i], ends[i]->addr.bytes, sizeof(addresses[i]));
	words[0] = (uint64_t)addresses[1] << 32 | addresses[0];
	words[1] = (uint64_t)scope << 32 | (uint32_t)ends[1]->port << 16 | ends[0]->port;
}

static inline uint64_t mix_words_v4(const uint64_t words[WORDS_V4], uint64_t a, uint64_t b)
{
	return mix(words[0] ^ a, words[1] ^ b);
}

static inline uint32_t fold(uint64_t mixed)
{
	return (uint32_t)(mixed ^ mixed >> 32);
}

/* The hash of both words, by the seed. */
static inline uint32_t hash_words_v4(const uint64_t words[WORDS_V4])
{
	return fold(mix(mix_words_v4(words, seed[0], seed[1]), seed[0]));
}

uint32_t flow_key_hash(const FlowKey *key)
{
	const Endpoint *const ends[2] = { &key->end[0], &key->end[1] };
	uint64_t words[WORDS];

	if (G_UNLIKELY(!seed[0]))
		make_seed();
	if (are_v4(ends)) {
		load_words_v4(words, ends, key->scope);
		return hash_words_v4(words);
	}
	load_words(words, ends, key->scope);
	return fold(mix_words(words, seed[0], seed[1]));
}

/* For a hash that is the same in every run: odd numbers without a pattern, digits of pi. */
#define SPREAD_A UINT64_C(0x243f6a8885a308d3)
#define SPREAD_B UINT64_C(0x13198a2e03707345)

void flow_place(FlowPlace *place, const Segment *segment)
{
	const Endpoint *ends[2];
	uint64_t words[WORDS];

	if (G_UNLIKELY(!seed[0]))
		make_seed();
	place->sender = order_ends(segment, ends);
	fill_key(&place->key, ends, segment->scope);
	if (are_v4(ends)) {
		load_words_v4(words, ends, segment->scope);
		place->hash = hash_words_v4(words);
		place->spread = fold(mix_words_v4(words, SPREAD_A, SPREAD_B));
		return;
	}
	load_words(words, ends, segment->scope);
	place->hash = fold(mix_words(words, seed[0], seed[1]));
	place->spread = fold(mix_words(words, SPREAD_A, SPREAD_B));
}

bool flow_key_is_self(const FlowKey *key)
{
	return endpoint_compare(&key->end[0], &key->end[1]) == 0;
}
