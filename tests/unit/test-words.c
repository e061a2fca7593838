/* Words are the same when they were packed, in as few bytes as they need. */
#include "flow/words.h"

#include <glib.h>
#include <string.h>

#define COUNT 80u
#define PLAIN 16u

/* Packs @words and holds what comes out against them, all of it and its beginnings. Returns the
 * bytes that they took. */
static size_t round_trip(const uint32_t *words, unsigned plain, unsigned count)
{
	g_autofree uint8_t *room = g_malloc(WORDS_PACKED_MAX(count));
	size_t size = words_pack(room, words, plain, count);
	/* No byte more than it takes: a sanitizer sees what is read behind them. */
	g_autofree uint8_t *packed = g_malloc(size);

	memcpy(packed, room, size);
	g_assert_cmpuint(size, <=, WORDS_PACKED_MAX(count));
	for (unsigned wanted = WORDS_GROUP; wanted <= count; wanted += WORDS_GROUP) {
		g_autofree uint32_t *out = g_new(uint32_t, wanted);

		memset(out, 0xa5, wanted * sizeof(*out));
		words_unpack(out, wanted, plain, count, packed, size);
		g_assert_cmpmem(out, wanted * sizeof(*out), words, wanted * sizeof(*words));
	}
	return size;
}

static void test_any(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (unsigned round = 0; round < 20000; round++) {
		unsigned plain = (unsigned)g_rand_int_range(rand, 0, 5) * WORDS_GROUP;
		unsigned count = plain + (unsigned)g_rand_int_range(rand, 0, 7) * WORDS_GROUP;
		unsigned full = (unsigned)g_rand_int_range(rand, 0, 101);
		uint32_t words[COUNT] = { 0 };

		if (!count)
			continue;
		for (unsigned i = 0; i < count; i++)
			if ((unsigned)g_rand_int_range(rand, 0, 100) < full)
				words[i] = g_rand_int(rand) >> g_rand_int_range(rand, 0, 32);
		/* Some close to another. */
		for (unsigned i = 1; i < count; i++)
			if (g_rand_boolean(rand))
				words[i] =
					words[i - 1] + (uint32_t)g_rand_int_range(rand, -200, 200);
		round_trip(words, plain, count);
	}
}

static void test_limits(void)
{
	static const uint32_t values[] = { 1,          UINT8_MAX,      UINT8_MAX + 1,
					   UINT16_MAX, UINT16_MAX + 1, 0x7fffff,
					   0x800000,   0xffffff,       0x1000000,
					   INT32_MAX,  INT32_MAX + 1u, UINT32_MAX };
	uint32_t words[COUNT];

	for (unsigned a = 0; a < G_N_ELEMENTS(values); a++) {
		for (unsigned b = 0; b < G_N_ELEMENTS(values); b++) {
			for (unsigned i = 0; i < COUNT; i++)
				words[i] = values[i % 2 ? a : b];
			round_trip(words, PLAIN, COUNT);
		}
	}
}

static void test_most(void)
{
	g_autofree uint32_t *words = g_new(uint32_t, WORDS_COUNT_MAX);

	memset(words, 0xff, WORDS_COUNT_MAX * sizeof(*words));
	round_trip(words, WORDS_COUNT_MAX, WORDS_COUNT_MAX);
	memset(words, 0, WORDS_COUNT_MAX * sizeof(*words));
	g_assert_cmpuint(round_trip(words, 0, WORDS_COUNT_MAX), ==,
			 WORDS_COUNT_MAX / WORDS_GROUP / 8);
}

/* There are two bytes of bits at least. The first word of a group is its bytes, one for its length,
 * and one for the group; others need no more than their own, but a fifth; one that is close to
 * another is a byte. */
static void test_size(void)
{
	uint32_t words[COUNT] = { 0 };

	g_assert_cmpuint(round_trip(words, PLAIN, COUNT), ==, 2);
	words[3] = 200;
	g_assert_cmpuint(round_trip(words, PLAIN, COUNT), ==, 2 + 1 + 1 + 1);
	words[5] = 70000;
	g_assert_cmpuint(round_trip(words, PLAIN, COUNT), ==, 5 + 3);
	words[PLAIN] = 10000000;
	g_assert_cmpuint(round_trip(words, PLAIN, COUNT), ==, 8 + 1 + 4);
	words[PLAIN + 2] = 10000001;
	g_assert_cmpuint(round_trip(words, PLAIN, COUNT), ==, 13 + 1);
	words[PLAIN + 5] = 10000001;
	g_assert_cmpuint(round_trip(words, PLAIN, COUNT), ==, 14 + 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/words/any", test_any);
	g_test_add_func("/words/limits", test_limits);
	g_test_add_func("/words/most", test_most);
	g_test_add_func("/words/size", test_size);
	return g_test_run();
}
