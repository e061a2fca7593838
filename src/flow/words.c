/* Words of 32 bits in few bytes, when most are zero and others small. Knows numbers; knows not what
 * they are of.
 *
 * Words come low bytes first, in as many as each needs: none, one, two or four. Behind them stand
 * control bytes, with two bits for the length of each word of a group, but for groups that are zero
 * as a whole. Last come bits that say which those are. */
#include "flow/words.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define BITS_MAX (WORDS_COUNT_MAX / WORDS_GROUP / 8)

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Where words are written or read. */
typedef struct {
	uint8_t *at;            /* the next word */
	uint8_t *control;       /* the next control byte */
	uint8_t bits[BITS_MAX]; /* one for each group that has a control byte */
} Cursor;

/* Lengths of a word by its two bits, and the bits that it has. */
static const uint8_t lengths[4] = { 0, 1, 2, 4 };
static const uint32_t masks[4] = { 0, UINT8_MAX, UINT16_MAX, UINT32_MAX };

/* With a control byte these are four bytes at least behind the last word. */
static size_t bits_size(unsigned count)
{
	return MAX((count / WORDS_GROUP + 7) / 8, 3);
}

/* Four bytes are written whatever the length. */
static ALWAYS_INLINE unsigned write_word(Cursor *cursor, uint32_t value, unsigned code)
{
	uint32_t bytes = GUINT32_TO_LE(value);

	memcpy(cursor->at, &bytes, sizeof(bytes));
	cursor->at += lengths[code];
	return code;
}

/* And read. */
static ALWAYS_INLINE uint32_t read_word(Cursor *cursor, unsigned code)
{
	uint32_t bytes;

	memcpy(&bytes, cursor->at, sizeof(bytes));
	cursor->at += lengths[code];
	return GUINT32_FROM_LE(bytes) & masks[code];
}

static ALWAYS_INLINE bool is_zero(const uint32_t *words)
{
	uint64_t both[2];

	memcpy(both, words, sizeof(both));
	return !(both[0] | both[1]);
}

/* Closes a group. */
static ALWAYS_INLINE void write_control(Cursor *cursor, unsigned group, unsigned control)
{
	*cursor->control++ = (uint8_t)control;
	cursor->bits[group / 8] = (uint8_t)(cursor->bits[group / 8] | 1u << group % 8);
}

static void pack_plain(Cursor *cursor, const uint32_t *words, unsigned to)
{
	for (unsigned group = 0; group < to; group++, words += WORDS_GROUP) {
		unsigned control = 0;

		if (is_zero(words))
			continue;
		for (unsigned i = 0; i < WORDS_GROUP; i++) {
			unsigned code =
				(words[i] != 0) + (words[i] > UINT8_MAX) + (words[i] > UINT16_MAX);

			control |= write_word(cursor, words[i], code) << 2 * i;
		}
		write_control(cursor, group, control);
	}
}

/* Of one or two bytes the lowest bit says whether the others are the word or by how much it is more
 * or less than the last one. */
static void pack_close(Cursor *cursor, const uint32_t *words, unsigned from, unsigned to)
{
	uint32_t before = 0;

	for (unsigned group = from; group < to; group++, words += WORDS_GROUP) {
		unsigned control = 0;

		if (is_zero(words))
			continue;
		for (unsigned i = 0; i < WORDS_GROUP; i++) {
			uint32_t change = words[i] - before;
			bool less;

			if (!words[i])
				continue;
			change = change << 1 ^ -(change >> 31);
			less = change < words[i];
			change = MIN(change, words[i]);
			if (change <= INT16_MAX)
				control |= write_word(cursor, change << 1 | less,
						      change <= INT8_MAX ? 1 : 2)
					   << 2 * i;
			else
				control |= write_word(cursor, words[i], 3) << 2 * i;
			before = words[i];
		}
		write_control(cursor, group, control);
	}
}

size_t words_pack(uint8_t *to, const uint32_t *words, unsigned plain, unsigned count)
{
	uint8_t controls[WORDS_COUNT_MAX / WORDS_GROUP];
	Cursor cursor = { .at = to, .control = controls };
	size_t bits = bits_size(count), size;

	g_assert(count <= WORDS_COUNT_MAX);
	pack_plain(&cursor, words, plain / WORDS_GROUP);
	pack_close(&cursor, words + plain, plain / WORDS_GROUP, count / WORDS_GROUP);
	size = (size_t)(cursor.control - controls);
	memcpy(cursor.at, controls, size);
	memcpy(cursor.at + size, cursor.bits, bits);
	return (size_t)(cursor.at - to) + size + bits;
}

/* Reads the groups from @from on and before @to; @words is the first of them. */
static ALWAYS_INLINE void unpack(Cursor *cursor, uint32_t *words, unsigned from, unsigned to,
				 bool close)
{
	uint32_t before = 0;

	for (unsigned group = from; group < to; group++, words += WORDS_GROUP) {
		unsigned control;

		if (!(cursor->bits[group / 8] >> group % 8 & 1))
			continue;
		control = *cursor->control++;
		for (unsigned i = 0; i < WORDS_GROUP; i++, control >>= 2) {
			unsigned code = control & 3;
			uint32_t value = read_word(cursor, code);

			if (close && (code == 1 || code == 2)) {
				bool less = value & 1;

				value >>= 1;
				if (less)
					value = before + (value >> 1 ^ -(value & 1));
			}
			if (close && code)
				before = value;
			words[i] = value;
		}
	}
}

void words_unpack(uint32_t *words, unsigned wanted, unsigned plain, unsigned count,
		  const uint8_t *from, size_t size)
{
	size_t bits = bits_size(count);
	/* It is only read. */
	Cursor cursor = { .at = (uint8_t *)from, .control = (uint8_t *)from + size - bits };

	memcpy(cursor.bits, cursor.control, bits);
	for (size_t i = 0; i < bits; i++)
		for (unsigned left = cursor.bits[i]; left; left &= left - 1)
			cursor.control--;
	memset(words, 0, wanted * sizeof(*words));
	unpack(&cursor, words, 0, MIN(wanted, plain) / WORDS_GROUP, false);
	if (wanted > plain)
		unpack(&cursor, words + plain, plain / WORDS_GROUP, wanted / WORDS_GROUP, true);
}
