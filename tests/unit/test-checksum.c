/* The sum of the Internet checksum, against one that adds pair by pair as RFC 1071 1 says it. */
#include "decode/checksum.h"

#include <glib.h>
#include <string.h>

/* More than any turn of a loop takes, and beginnings on every place of the widest load. */
#define LENGTHS    301
#define BEGINNINGS 17

static uint16_t naive_add(uint16_t sum, const uint8_t *bytes, size_t count)
{
	uint32_t total = sum;

	for (size_t i = 0; i < count; i++) {
		total += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		total = (total & 0xffff) + (total >> 16);
	}
	return (uint16_t)total;
}

/* Each length from each beginning, in a piece of memory of just that size, so that a sanitizer sees
 * a read beyond its end. */
static void check_all(const uint8_t *bytes, uint16_t sum)
{
	for (size_t length = 0; length < LENGTHS; length++) {
		for (size_t begin = 0; begin < BEGINNINGS; begin++) {
			g_autofree uint8_t *exact = g_malloc(begin + length + 1);
			const uint8_t *from = exact + 1 + begin;

			memcpy(exact + 1, bytes, begin + length);
			g_assert_cmphex(checksum_add(sum, from, length), ==,
					naive_add(sum, from, length));
		}
	}
}

static void test_random(void)
{
	uint8_t bytes[LENGTHS + BEGINNINGS];

	for (unsigned round = 0; round < 10; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)g_test_rand_int();
		check_all(bytes, (uint16_t)g_test_rand_int());
	}
}

/* Every addition carries. */
static void test_carries(void)
{
	uint8_t bytes[LENGTHS + BEGINNINGS];

	memset(bytes, 0xff, sizeof(bytes));
	check_all(bytes, 0);
	check_all(bytes, 0xffff);
	for (size_t i = 7; i < sizeof(bytes); i += 8)
		bytes[i] = 1;
	check_all(bytes, 1);
}

/* Nothing adds nothing, which is 0 and not the other nought of ones' complement, 0xffff. */
static void test_nothing(void)
{
	uint8_t bytes[LENGTHS + BEGINNINGS] = { 0 };

	check_all(bytes, 0);
	g_assert_cmphex(checksum_add(0, bytes, 200), ==, 0);
	g_assert_cmphex(checksum_add(0xffff, bytes, 200), ==, 0xffff);
}

/* The example of RFC 1071 3: 0001 f203 f4f5 f6f7 is 2ddf0, and ddf2 with the carry. */
static void test_example(void)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	g_assert_cmphex(checksum_add(0, bytes, sizeof(bytes)), ==, 0xddf2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/checksum/random", test_random);
	g_test_add_func("/checksum/carries", test_carries);
	g_test_add_func("/checksum/nothing", test_nothing);
	g_test_add_func("/checksum/example", test_example);
	return g_test_run();
}
