/* Numbers as decimal digits. Knows digits; knows nothing of what they mean, nor where they go.
 *
 * A line of text has about twenty numbers, and there is a line for each segment. So digits are made
 * eight at a time, in one word and without asking how many there are: a branch on that is guessed
 * wrong about as often as a number changes its length. */
#ifndef WIRESTATE_BASE_DIGITS_H
#define WIRESTATE_BASE_DIGITS_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* The digits of the largest number, and the room that one needs, however short it is. */
#define DIGITS_MAX 20

/* How many numbers eight digits can tell apart. */
#define DIGITS_EIGHT 100000000u

/* The eight digits of a number below DIGITS_EIGHT as the values of eight bytes, the first digit in
 * the lowest: halves, then quarters, then digits, each step in all parts of the word at once. A
 * product with 10486 / 2^20 is the part's hundredth, one with 103 / 2^10 its tenth. */
static inline uint64_t digits_word(uint32_t number)
{
	uint64_t halves = number / 10000 | (uint64_t)(number % 10000) << 32;
	uint64_t hundredths = halves * 10486 >> 20 & UINT64_C(0x0000007f0000007f);
	uint64_t quarters = hundredths + ((halves - 100 * hundredths) << 16);
	uint64_t tenths = quarters * 103 >> 10 & UINT64_C(0x000f000f000f000f);

	return tenths + ((quarters - 10 * tenths) << 8);
}

/* Stores a digits_word() without its first @skip digits. */
static inline char *digits_store(char *at, uint64_t word, unsigned skip)
{
	uint64_t text = GUINT64_TO_LE((word | UINT64_C(0x3030303030303030)) >> 8 * skip);

	memcpy(at, &text, sizeof(text));
	return at + (8 - skip);
}

/* These write at @at, where there must be room for DIGITS_MAX bytes, and return where the number
 * ends; there is no NUL. */

/* A number without leading zeros that may have more than eight digits. */
char *digits_large(char *at, uint64_t number);

/* A number without leading zeros. */
static inline char *digits_put(char *at, uint64_t number)
{
	uint64_t word;

	if (number < 10) {
		*at = (char)('0' + number);
		return at + 1;
	}
	if (number >= DIGITS_EIGHT)
		return digits_large(at, number);
	word = digits_word((uint32_t)number);
	return digits_store(at, word, (unsigned)__builtin_ctzll(word) / 8);
}

/* The last @count digits of @number, at most eight, with leading zeros. */
static inline char *digits_fixed(char *at, uint64_t number, unsigned count)
{
	return digits_store(at, digits_word((uint32_t)(number % DIGITS_EIGHT)), 8 - count);
}

#endif
