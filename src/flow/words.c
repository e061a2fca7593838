/* Words of 32 bits in few bytes, when most are zero and others small. Knows numbers; knows not what
 * they are of.
 *
 * Words that are not zero come low bytes first, in as many as each needs. Behind them stand two
 * bits for the length of each, then a byte for each group that is not zero as a whole, with a bit
 * for each of its words that is not. Last come bits that say which groups those are. */
#include "flow/words.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define GROUPS_MAX (WORDS_COUNT_MAX / WORDS_GROUP)

/* Bits for the length of a word. */
#define CODE_BITS 2u

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* The words that a code has. */
static const uint32_t masks[4] = { UINT8_MAX, UINT16_MAX, 0xffffff, UINT32_MAX };

/* With a code and a group's byte these are three bytes at least behind the last word, and behind
 * the last code: more is read than is needed, and no more than there is. */
static size_t bits_size(unsigned count)
{
	return MAX((count / WORDS_GROUP + 7) / 8, 2);
}

static ALWAYS_INLINE uint32_t load(const uint8_t *from)
{
	uint32_t bytes;

	memcpy(&bytes, from, sizeof(bytes));
	return GUINT32_FROM_LE(bytes);
}

static ALWAYS_INLINE void store(uint8_t *to, uint32_t value)
{
	uint32_t bytes = GUINT32_TO_LE(value);

	memcpy(to, &bytes, sizeof(bytes));
}

/* --- Packing --------------------------------------------------------------------------------- */

typedef struct {
	uint8_t *at;                                           /* where the next word is written */
	unsigned count;                                        /* codes */
	uint8_t codes[WORDS_COUNT_MAX / 4 + sizeof(uint32_t)]; /* of all words until now */
	uint8_t *present;                                      /* the next group's byte */
	uint8_t groups[GROUPS_MAX];                            /* those bytes */
	uint8_t bits[GROUPS_MAX / 8];                          /* one for each group that has one */
} Packer;

/* A bit for each word that is not zero. */
static ALWAYS_INLINE unsigned present_of(const uint32_t *words)
{
	uint64_t pairs[WORDS_GROUP / 2];
	unsigned present = 0;

	memcpy(pairs, words, sizeof(pairs));
	if (!(pairs[0] | pairs[1] | pairs[2] | pairs[3]))
		return 0;
#pragma GCC unroll 8
	for (unsigned i = 0; i < WORDS_GROUP; i++)
		present |= (unsigned)(words[i] != 0) << i;
	return present;
}

/* One of one byte at least. Four are written whatever the length. */
static ALWAYS_INLINE unsigned write_word(Packer *packer, uint32_t value)
{
	unsigned code = (31u - (unsigned)__builtin_clz(value)) / 8;

	store(packer->at, value);
	packer->at += code + 1;
	return code;
}

/* Of up to three bytes the lowest bit says whether the others are the word or by how much it is
 * more or less than the last one. */
static ALWAYS_INLINE unsigned write_close(Packer *packer, uint32_t value, uint32_t before)
{
	uint32_t change = value - before;
	bool less;

	change = change << 1 ^ -(change >> 31);
	less = change < value;
	change = MIN(change, value);
	if (change <= masks[2] >> 1)
		return write_word(packer, change << 1 | less);
	store(packer->at, value);
	packer->at += sizeof(value);
	return 3;
}

static ALWAYS_INLINE void pack(Packer *packer, const uint32_t *words, unsigned from, unsigned to,
			       bool close)
{
	uint32_t before = 0;

	for (unsigned group = from; group < to; group++, words += WORDS_GROUP) {
		unsigned present = present_of(words);
		unsigned at = packer->count * CODE_BITS, shift = at % 8;
		uint32_t codes = 0;

		if (!present)
			continue;
		*packer->present++ = (uint8_t)present;
		packer->bits[group / 8] = (uint8_t)(packer->bits[group / 8] | 1u << group % 8);
		for (unsigned left = present; left; left &= left - 1) {
			uint32_t word = words[__builtin_ctz(left)];

			codes |= (close ? write_close(packer, word, before)
					: write_word(packer, word))
				 << shift;
			shift += CODE_BITS;
			packer->count++;
			before = word;
		}
		store(packer->codes + at / 8, packer->codes[at / 8] | codes);
	}
}

size_t words_pack(uint8_t *to, const uint32_t *words, unsigned plain, unsigned count)
{
	Packer packer = { .at = to };
	size_t bits = bits_size(count), codes, groups;

	g_assert(count <= WORDS_COUNT_MAX);
	packer.present = packer.groups;
	pack(&packer, words, 0, plain / WORDS_GROUP, false);
	pack(&packer, words + plain, plain / WORDS_GROUP, count / WORDS_GROUP, true);
	codes = (packer.count * CODE_BITS + 7) / 8;
	groups = (size_t)(packer.present - packer.groups);
	memcpy(packer.at, packer.codes, codes);
	memcpy(packer.at + codes, packer.groups, groups);
	memcpy(packer.at + codes + groups, packer.bits, bits);
	return (size_t)(packer.at - to) + codes + groups + bits;
}

/* --- Unpacking ------------------------------------------------------------------------------- */

typedef struct {
	const uint8_t *at;      /* the next word */
	const uint8_t *codes;   /* of all words */
	unsigned count;         /* codes that were read */
	const uint8_t *present; /* the next group's byte */
	const uint8_t *bits;    /* one for each group that has one */
} Unpacker;

/* Reads the groups from @from on and before @to; @words is the first of them. */
static ALWAYS_INLINE void unpack(Unpacker *unpacker, uint32_t *words, unsigned from, unsigned to,
				 bool close)
{
	uint32_t before = 0;

	for (unsigned group = from; group < to; group++, words += WORDS_GROUP) {
		unsigned at = unpacker->count * CODE_BITS;
		uint32_t codes;

		if (!(unpacker->bits[group / 8] >> group % 8 & 1))
			continue;
		codes = load(unpacker->codes + at / 8) >> at % 8;
		for (unsigned left = *unpacker->present++; left; left &= left - 1) {
			unsigned code = codes & 3;
			uint32_t value = load(unpacker->at) & masks[code];

			unpacker->at += code + 1;
			codes >>= CODE_BITS;
			unpacker->count++;
			if (close && code < 3) {
				bool less = value & 1;

				value >>= 1;
				if (less)
					value = before + (value >> 1 ^ -(value & 1));
			}
			before = value;
			words[__builtin_ctz(left)] = value;
		}
	}
}

void words_unpack(uint32_t *words, unsigned wanted, unsigned plain, unsigned count,
		  const uint8_t *from, size_t size)
{
	size_t bits = bits_size(count);
	const uint8_t *end = from + size - bits;
	Unpacker unpacker = { .at = from, .codes = end, .present = end, .bits = end };
	unsigned codes = 0;

	for (size_t i = 0; i < bits; i++)
		unpacker.present -= __builtin_popcount(end[i]);
	for (const uint8_t *present = unpacker.present; present < end; present++)
		codes += (unsigned)__builtin_popcount(*present);
	unpacker.codes = unpacker.present - (codes * CODE_BITS + 7) / 8;
	memset(words, 0, wanted * sizeof(*words));
	unpack(&unpacker, words, 0, MIN(wanted, plain) / WORDS_GROUP, false);
	if (wanted > plain)
		unpack(&unpacker, words + plain, plain / WORDS_GROUP, wanted / WORDS_GROUP, true);
}
