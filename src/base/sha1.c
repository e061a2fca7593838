/* SHA-1 of a few bytes, by RFC 3174 6.1. Knows one block of the hash; knows nothing of what is
 * hashed. */
#include "base/sha1.h"

#include <glib.h>
#include <string.h>

/* A word of each text that is hashed: the steps are the same for all, and no word of one depends on
 * one of another. */
typedef uint32_t Lanes __attribute__((vector_size(SHA1_LANES * sizeof(uint32_t))));

#define ALL(word) ((Lanes){ word, word, word, word })

static inline Lanes rotate(Lanes words, unsigned bits)
{
	return words << bits | words >> (32 - bits);
}

/* RFC 3174 4: a bit that is set, zeros, and how many bits there were. */
static void pad(uint32_t block[static 16], const uint8_t *bytes, size_t count)
{
	uint8_t padded[64] = { 0 };

	g_assert(count <= SHA1_SHORT_MAX);
	if (count)
		memcpy(padded, bytes, count);
	padded[count] = 0x80;
	padded[62] = (uint8_t)(8 * count >> 8);
	padded[63] = (uint8_t)(8 * count);
	memcpy(block, padded, sizeof(padded));
	for (unsigned t = 0; t < 16; t++)
		block[t] = GUINT32_FROM_BE(block[t]);
}

/* One of the 80 steps: @f is its function of @b, @c and @d, @k its constant. Instead of moving each
 * word to the next one's place, the next step is called with the names turned by one. */
#define STEP(a, b, c, d, e, f, k, t)                                                               \
	do {                                                                                       \
		(e) += rotate(a, 5) + f(b, c, d) + ALL(k) + w[t];                                  \
		(b) = rotate(b, 30);                                                               \
	} while (0)

/* Twenty steps with the same function. */
#define ROUND(f, k, first)                                                                         \
	for (unsigned t = (first); t < (first) + 20; t += 5) {                                     \
		STEP(a, b, c, d, e, f, k, t);                                                      \
		STEP(e, a, b, c, d, f, k, t + 1);                                                  \
		STEP(d, e, a, b, c, f, k, t + 2);                                                  \
		STEP(c, d, e, a, b, f, k, t + 3);                                                  \
		STEP(b, c, d, e, a, f, k, t + 4);                                                  \
	}

static inline Lanes choose(Lanes b, Lanes c, Lanes d)
{
	return d ^ (b & (c ^ d));
}

static inline Lanes parity(Lanes b, Lanes c, Lanes d)
{
	return b ^ c ^ d;
}

static inline Lanes majority(Lanes b, Lanes c, Lanes d)
{
	return (b & c) | (d & (b | c));
}

void sha1_lanes(uint8_t digests[static SHA1_LANES][SHA1_SIZE],
		const Sha1Text texts[static SHA1_LANES])
{
	static const uint32_t begin[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
					   0xc3d2e1f0 };
	Lanes a = ALL(begin[0]), b = ALL(begin[1]), c = ALL(begin[2]), d = ALL(begin[3]),
	      e = ALL(begin[4]);
	uint32_t blocks[SHA1_LANES][16];
	Lanes w[80], hash[5];

	for (unsigned lane = 0; lane < SHA1_LANES; lane++)
		pad(blocks[lane], texts[lane].bytes, texts[lane].count);
	for (unsigned t = 0; t < 16; t++)
		w[t] = (Lanes){ blocks[0][t], blocks[1][t], blocks[2][t], blocks[3][t] };
	for (unsigned t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	ROUND(choose, 0x5a827999, 0)
	ROUND(parity, 0x6ed9eba1, 20)
	ROUND(majority, 0x8f1bbcdc, 40)
	ROUND(parity, 0xca62c1d6, 60)
	hash[0] = a + ALL(begin[0]);
	hash[1] = b + ALL(begin[1]);
	hash[2] = c + ALL(begin[2]);
	hash[3] = d + ALL(begin[3]);
	hash[4] = e + ALL(begin[4]);
	for (unsigned lane = 0; lane < SHA1_LANES; lane++) {
		for (unsigned i = 0; i < 5; i++) {
			uint32_t word = GUINT32_TO_BE(hash[i][lane]);

			memcpy(digests[lane] + i * sizeof(word), &word, sizeof(word));
		}
	}
}

void sha1_short(uint8_t digest[static SHA1_SIZE], const uint8_t *bytes, size_t count)
{
	const Sha1Text texts[SHA1_LANES] = { { bytes, count } };
	uint8_t digests[SHA1_LANES][SHA1_SIZE];

	sha1_lanes(digests, texts);
	memcpy(digest, digests[0], SHA1_SIZE);
}
