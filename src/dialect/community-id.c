/* Community ID, version 1. Knows the hash of two endpoints; knows no connection. */
#include "dialect/community-id.h"

#include <string.h>

#include "base/sha1.h"

#define PROTOCOL_TCP 6
#define SEED         0

/* Sixteen digits of base64, or the letters that they are written as. */
typedef int8_t Letters __attribute__((vector_size(16)));

/* RFC 4648 4: each digit and what its letter is beyond it, which changes at "a", "0", "+", "/". */
static inline Letters letters_of(Letters digits)
{
	return digits +
	       ('A' + ((digits > 25) & ('a' - 'A' - 26)) - ((digits > 51) & ('a' + 26 - '0')) -
		((digits > 61) & ('0' + 10 - '+')) + ((digits > 62) & ('/' - '+' - 1)));
}

/* 48 bits as the values of eight bytes, the first digit in the lowest: halves, then quarters, then
 * digits, each step in all parts of the word at once. */
static inline uint64_t digits_of(uint64_t bits)
{
	uint64_t halves = bits >> 24 | (bits & 0xffffff) << 32;
	uint64_t quarters = (halves >> 12 & UINT64_C(0x00000fff00000fff)) |
			    (halves & UINT64_C(0x00000fff00000fff)) << 16;
	uint64_t digits = (quarters >> 6 & UINT64_C(0x003f003f003f003f)) |
			  (quarters & UINT64_C(0x003f003f003f003f)) << 8;

	return GUINT64_TO_LE(digits);
}

/* 20 bytes are 27 digits and a sign that fills up. */
static inline void write_base64(char text[static 32], const Sha1Hashes *hashes, unsigned lane)
{
	const uint32_t(*word)[SHA1_LANES] = hashes->word;
	uint64_t first = (uint64_t)word[0][lane] << 32 | word[1][lane];
	uint64_t last = (uint64_t)word[3][lane] << 32 | word[4][lane];
	const uint64_t digits[4] = {
		digits_of(first >> 16),
		digits_of((first & 0xffff) << 32 | word[2][lane]),
		digits_of(last >> 16),
		digits_of((last & 0xffff) << 32),
	};

	for (unsigned half = 0; half < 2; half++) {
		Letters letters;

		memcpy(&letters, &digits[2 * half], sizeof(letters));
		letters = letters_of(letters);
		memcpy(text + 16 * half, &letters, sizeof(letters));
	}
	memcpy(text + 27, "=", 2);
}

static uint32_t word_at(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return GUINT32_FROM_BE(word);
}

/* What is hashed: the seed, both addresses of @size bytes, the protocol and a zero, both ports. The
 * seed has half a word, so that each word has half of two words of the addresses. */
static inline void put_ends(Sha1Blocks *blocks, unsigned lane, const Endpoint end[2], unsigned size)
{
	uint32_t before = SEED;
	unsigned t = 0;

	for (unsigned at = 0; at < 2 * size; at += sizeof(before)) {
		uint32_t word = word_at(end[at / size].addr.bytes + at % size);

		blocks->word[t++][lane] = before << 16 | word >> 16;
		before = word;
	}
	blocks->word[t++][lane] = before << 16 | PROTOCOL_TCP << 8;
	blocks->word[t++][lane] = (uint32_t)end[0].port << 16 | end[1].port;
	sha1_end(blocks, lane, t * (unsigned)sizeof(before));
}

void community_ids_format(char texts[static COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX],
			  const Endpoint ends[static COMMUNITY_ID_BATCH][2], unsigned count)
{
	Sha1Blocks blocks = { { { 0 } } };
	Sha1Hashes hashes;

	G_STATIC_ASSERT(COMMUNITY_ID_BATCH == SHA1_LANES);
	g_assert(count <= COMMUNITY_ID_BATCH);
	for (unsigned i = 0; i < count; i++) {
		/* Sizes that are constant need no loop. */
		if (ends[i][0].version == 4)
			put_ends(&blocks, i, ends[i], 4);
		else
			put_ends(&blocks, i, ends[i], 16);
	}
	sha1_lanes(&hashes, &blocks);
	for (unsigned i = 0; i < count; i++) {
		memcpy(texts[i], "1:", 2);
		write_base64(texts[i] + 2, &hashes, i);
	}
}

void community_id_format(char text[static COMMUNITY_ID_TEXT_MAX], const Endpoint end[2])
{
	char texts[COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX];
	const Endpoint ends[COMMUNITY_ID_BATCH][2] = { { end[0], end[1] } };

	community_ids_format(texts, ends, 1);
	memcpy(text, texts[0], sizeof(texts[0]));
}
