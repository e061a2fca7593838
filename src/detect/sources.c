/* Which addresses something came from, when only whether it is one of them matters. Knows
 * addresses; knows nothing of what came. */
#include "detect/sources.h"

#include <string.h>

/* Far from linear: else it would say no more than the mean. The shifts bring down what the products
 * have moved up, before they are products again. */
static uint64_t spread(uint64_t word)
{
	word = (word ^ word >> 33) * UINT64_C(0x9e3779b97f4a7c15);
	word = (word ^ word >> 29) * UINT64_C(0xd6e8feb86659fd93);
	return word ^ word >> 32;
}

static uint64_t hash(const uint32_t words[static 4])
{
	uint64_t high = (uint64_t)words[0] << 32 | words[1];
	uint64_t low = (uint64_t)words[2] << 32 | words[3];

	/* Each half by itself: a sum of both alone is the same for many that have the same mean. */
	return spread(spread(high) + low);
}

void sources_add(Sources *sources, const Address *address)
{
	uint32_t words[4];

	memcpy(words, address->bytes, sizeof(words));
	for (unsigned i = 0; i < 4; i++)
		sources->words[i] += words[i];
	sources->hashes += hash(words);
}

void sources_remove(Sources *sources, const Address *address)
{
	uint32_t words[4];

	memcpy(words, address->bytes, sizeof(words));
	for (unsigned i = 0; i < 4; i++)
		sources->words[i] -= words[i];
	sources->hashes -= hash(words);
}

bool sources_are_one(const Sources *sources, unsigned count, Address *address)
{
	uint32_t words[4];

	for (unsigned i = 0; i < 4; i++) {
		words[i] = (uint32_t)(sources->words[i] / count);
		if (sources->words[i] != (uint64_t)words[i] * count)
			return false;
	}
	if (sources->hashes != hash(words) * count)
		return false;
	memcpy(address->bytes, words, sizeof(words));
	return true;
}
