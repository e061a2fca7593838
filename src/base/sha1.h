/* SHA-1 (RFC 3174) of a few bytes, of several texts at once. Knows one block of the hash; knows
 * nothing of what is hashed. It is no protection against anybody, and nothing here takes it for
 * one. */
#ifndef WIRESTATE_BASE_SHA1_H
#define WIRESTATE_BASE_SHA1_H

#include <glib.h>
#include <stdint.h>

/* So many texts are hashed at once. */
#define SHA1_LANES 8

/* The words of a block and of a hash. */
#define SHA1_BLOCK_WORDS 16
#define SHA1_HASH_WORDS  5

/* As many bytes fit in one block with what is added to them. */
#define SHA1_SHORT_MAX 55

/* A text is a lane: the first words of all texts stand side by side, then the second. A word is
 * four bytes of the text, the first of them the highest. */
typedef struct {
	uint32_t word[SHA1_BLOCK_WORDS][SHA1_LANES];
} Sha1Blocks;

typedef struct {
	uint32_t word[SHA1_HASH_WORDS][SHA1_LANES];
} Sha1Hashes;

/* Ends a text of @count bytes, at most SHA1_SHORT_MAX, in a block that is zero behind them. RFC
 * 3174 4: a bit that is set, zeros, and how many bits there were. */
static inline void sha1_end(Sha1Blocks *blocks, unsigned lane, unsigned count)
{
	blocks->word[count / 4][lane] |= 0x80000000u >> 8 * (count % 4);
	blocks->word[SHA1_BLOCK_WORDS - 1][lane] = 8 * count;
}

/* The hashes of all texts, in little more time than that of one takes. */
void sha1_lanes(Sha1Hashes *hashes, const Sha1Blocks *blocks);

/* The same by what every processor has. */
void sha1_lanes_anywhere(Sha1Hashes *hashes, const Sha1Blocks *blocks);

#endif
