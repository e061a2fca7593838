/* Decimal digits, against printf. */
#include "base/digits.h"

#include <inttypes.h>

static void check_put(uint64_t number)
{
	char wanted[DIGITS_MAX + 1], text[2 * DIGITS_MAX];

	g_snprintf(wanted, sizeof(wanted), "%" PRIu64, number);
	*digits_put(text, number) = '\0';
	g_assert_cmpstr(text, ==, wanted);
}

/* Where a digit is gained, and on both sides of it. */
static void test_lengths(void)
{
	for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
		check_put(power - 1);
		check_put(power);
		check_put(power * 9 + 1);
	}
	check_put(UINT32_MAX);
	check_put(UINT64_MAX);
}

/* Each pair of neighbouring digits, in each place of a word. */
static void test_digits(void)
{
	for (uint64_t number = 0; number < DIGITS_EIGHT; number += 9973)
		check_put(number);
	for (unsigned number = 0; number < 100000; number++)
		check_put(number);
}

/* The bits of a 64-bit number, one after the other. */
static void test_bits(void)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		check_put(UINT64_C(1) << bit);
		check_put(~(UINT64_C(1) << bit));
	}
}

static void test_fixed(void)
{
	char wanted[DIGITS_MAX + 1], text[2 * DIGITS_MAX];

	for (uint32_t number = 0; number < DIGITS_EIGHT; number += 99991) {
		g_snprintf(wanted, sizeof(wanted), "%08u", number);
		for (unsigned count = 1; count <= 8; count++) {
			*digits_fixed(text, number, count) = '\0';
			g_assert_cmpstr(text, ==, wanted + 8 - count);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/digits/lengths", test_lengths);
	g_test_add_func("/digits/digits", test_digits);
	g_test_add_func("/digits/bits", test_bits);
	g_test_add_func("/digits/fixed", test_fixed);
	return g_test_run();
}
