/* SHA-1 of a few bytes, by RFC 3174 6.1. Knows one block of the hash; knows nothing of what is
 * hashed.
 *
 * The steps are the same for all texts, and no word of one depends on one of another: each variable
 * is a vector of the same word of several texts. */
#include "base/sha1.h"

#include <string.h>

#define ROTATE(words, bits) ((words) << (bits) | (words) >> (32 - (bits)))

#define CHOOSE(b, c, d)   ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d)   ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))

/* One of the 80 steps: @f is its function of @b, @c and @d, @k its constant. Instead of moving each
 * word to the next one's place, the next step is called with the names turned by one. */
#define STEP(a, b, c, d, e, f, k, t)                                                               \
	do {                                                                                       \
		(e) += ROTATE(a, 5) + f(b, c, d) + (w[t] + (k));                                   \
		(b) = ROTATE(b, 30);                                                               \
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

static const uint32_t begin[SHA1_HASH_WORDS] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
						 0xc3d2e1f0 };

/* Hashes as many texts as a vector of type @Words has words, from @lane on. A function of each
 * width, as a vector that is wider than the processor's is slower than two that are not. */
#define HASH(name, Words)                                                                          \
	static void name(Sha1Hashes *hashes, const Sha1Blocks *blocks, unsigned lane)              \
	{                                                                                          \
		const Words zero = { 0 };                                                          \
		Words a = zero + begin[0], b = zero + begin[1], c = zero + begin[2],               \
		      d = zero + begin[3], e = zero + begin[4], w[80], hash[SHA1_HASH_WORDS];      \
                                                                                                   \
		for (unsigned t = 0; t < SHA1_BLOCK_WORDS; t++)                                    \
			memcpy(&w[t], &blocks->word[t][lane], sizeof(w[t]));                       \
		for (unsigned t = SHA1_BLOCK_WORDS; t < 80; t++)                                   \
			w[t] = ROTATE(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);             \
		ROUND(CHOOSE, 0x5a827999, 0)                                                       \
		ROUND(PARITY, 0x6ed9eba1, 20)                                                      \
		ROUND(MAJORITY, 0x8f1bbcdc, 40)                                                    \
		ROUND(PARITY, 0xca62c1d6, 60)                                                      \
		hash[0] = a + begin[0];                                                            \
		hash[1] = b + begin[1];                                                            \
		hash[2] = c + begin[2];                                                            \
		hash[3] = d + begin[3];                                                            \
		hash[4] = e + begin[4];                                                            \
		for (unsigned i = 0; i < SHA1_HASH_WORDS; i++)                                     \
			memcpy(&hashes->word[i][lane], &hash[i], sizeof(hash[i]));                 \
	}

typedef uint32_t Four __attribute__((vector_size(16)));
HASH(hash_four, Four)

void sha1_lanes_anywhere(Sha1Hashes *hashes, const Sha1Blocks *blocks)
{
	for (unsigned lane = 0; lane < SHA1_LANES; lane += 4)
		hash_four(hashes, blocks, lane);
}

#if defined(__x86_64__) || defined(__i386__)

typedef uint32_t Eight __attribute__((vector_size(32)));
__attribute__((target("avx2"))) HASH(hash_eight, Eight)

	void sha1_lanes(Sha1Hashes *hashes, const Sha1Blocks *blocks)
{
	if (__builtin_cpu_supports("avx2"))
		hash_eight(hashes, blocks, 0);
	else
		sha1_lanes_anywhere(hashes, blocks);
}

#else

void sha1_lanes(Sha1Hashes *hashes, const Sha1Blocks *blocks)
{
	sha1_lanes_anywhere(hashes, blocks);
}

#endif
