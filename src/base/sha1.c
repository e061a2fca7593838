/* SHA-1 of a few bytes, by RFC 3174 6.1. Knows one block of the hash; knows nothing of what is
 * hashed. */
#include "base/sha1.h"

#include <glib.h>
#include <string.h>

static inline uint32_t rotate(uint32_t word, unsigned bits)
{
	return word << bits | word >> (32 - bits);
}

/* RFC 3174 4: a bit that is set, zeros, and how many bits there were. */
static void pad(uint32_t block[static 16], const uint8_t *bytes, size_t count)
{
	uint8_t padded[64] = { 0 };

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
		(e) += rotate(a, 5) + f(b, c, d) + (k) + w[t];                                     \
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

static inline uint32_t choose(uint32_t b, uint32_t c, uint32_t d)
{
	return d ^ (b & (c ^ d));
}

static inline uint32_t parity(uint32_t b, uint32_t c, uint32_t d)
{
	return b ^ c ^ d;
}

static inline uint32_t majority(uint32_t b, uint32_t c, uint32_t d)
{
	return (b & c) | (d & (b | c));
}

void sha1_short(uint8_t digest[static SHA1_SIZE], const uint8_t *bytes, size_t count)
{
	static const uint32_t begin[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
					   0xc3d2e1f0 };
	uint32_t a = begin[0], b = begin[1], c = begin[2], d = begin[3], e = begin[4];
	uint32_t w[80], hash[5];

	g_assert(count <= SHA1_SHORT_MAX);
	pad(w, bytes, count);
	for (unsigned t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	ROUND(choose, 0x5a827999, 0)
	ROUND(parity, 0x6ed9eba1, 20)
	ROUND(majority, 0x8f1bbcdc, 40)
	ROUND(parity, 0xca62c1d6, 60)
	hash[0] = GUINT32_TO_BE(begin[0] + a);
	hash[1] = GUINT32_TO_BE(begin[1] + b);
	hash[2] = GUINT32_TO_BE(begin[2] + c);
	hash[3] = GUINT32_TO_BE(begin[3] + d);
	hash[4] = GUINT32_TO_BE(begin[4] + e);
	memcpy(digest, hash, SHA1_SIZE);
}
