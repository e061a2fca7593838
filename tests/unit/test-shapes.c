/* Words are the same when they were packed, whatever came before them; those that are alike take
 * their own bytes and one more, and no others make that worse for long. */
#include "flow/shapes.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define COUNT 80u
#define PLAIN 16u

/* Bytes that are too many for any shape that is kept. */
#define WASTE 24u

/* What one was packed to. */
typedef struct {
	uint32_t words[COUNT];
	uint8_t *packed;
	size_t size;
} Kept;

static Kept *keep(Shapes *shapes, unsigned class, const uint32_t *words)
{
	uint8_t room[SHAPES_PACKED_MAX(COUNT)];
	Kept *kept = g_new(Kept, 1);

	memcpy(kept->words, words, sizeof(kept->words));
	kept->size = shapes_pack(shapes, class, room, words);
	g_assert_cmpuint(kept->size, <=, sizeof(room));
	/* No byte more than it takes: a sanitizer sees what is read behind them. */
	kept->packed = memcpy(g_malloc(kept->size), room, kept->size);
	return kept;
}

/* All of it and its beginnings. */
static void check(const Shapes *shapes, const Kept *kept)
{
	for (unsigned wanted = WORDS_GROUP; wanted <= COUNT; wanted += WORDS_GROUP) {
		g_autofree uint32_t *out = g_new(uint32_t, wanted);

		memset(out, 0xa5, wanted * sizeof(*out));
		shapes_unpack(shapes, out, wanted, kept->packed, kept->size);
		g_assert_cmpmem(out, wanted * sizeof(*out), kept->words, wanted * sizeof(*out));
	}
}

static void kept_free(void *data)
{
	Kept *kept = data;

	g_free(kept->packed);
	g_free(kept);
}

/* Packs one and unpacks it at once: its bytes. */
static size_t size_of(Shapes *shapes, unsigned class, const uint32_t *words)
{
	Kept *kept = keep(shapes, class, words);
	size_t size = kept->size;

	check(shapes, kept);
	kept_free(kept);
	return size;
}

/* Of up to @bits bits, @full of a hundred. */
static void fill(uint32_t *words, GRand *rand, unsigned bits, unsigned full)
{
	for (unsigned i = 0; i < COUNT; i++) {
		bool some = (unsigned)g_rand_int_range(rand, 0, 100) < full;

		words[i] = some ? g_rand_int(rand) >> (32 - bits) : 0;
	}
}

/* No more bits than each of @most has, and mostly as many bytes. */
static void fill_like(uint32_t *words, GRand *rand, const uint32_t *most)
{
	for (unsigned i = 0; i < COUNT; i++)
		words[i] = most[i] & g_rand_int(rand);
}

/* Those that were packed long ago, too, and by shapes that are used no more. What is not like any
 * is packed by itself, which is known by its first byte, and takes words_pack()'s bytes then. */
static void test_any(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(kept_free);
	Shapes *shapes = shapes_new(PLAIN, COUNT);
	unsigned alone = 0;
	uint32_t most[COUNT];

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t room[WORDS_PACKED_MAX(COUNT)];
		uint32_t words[COUNT];
		Kept *kept;

		/* After a while others come, and all the time some that are like none. */
		if (round % 2500 == 0)
			fill(most, rand, (unsigned)g_rand_int_range(rand, 1, 33),
			     (unsigned)g_rand_int_range(rand, 0, 101));
		if (g_rand_int_range(rand, 0, 10) == 0)
			fill(words, rand, (unsigned)g_rand_int_range(rand, 1, 33), 50);
		else
			fill_like(words, rand, most);
		kept = keep(shapes, round % 3, words);
		g_ptr_array_add(all, kept);
		if (*kept->packed)
			continue;
		alone++;
		g_assert_cmpuint(kept->size, ==, 1 + words_pack(room, words, PLAIN, COUNT));
	}
	g_assert_cmpuint(alone, >, 1000);
	g_assert_cmpuint(alone, <, 10000);
	for (unsigned i = 0; i < all->len; i++)
		check(shapes, all->pdata[i]);
	shapes_free(shapes);
}

/* Of each word as many bytes as it is told, those that are to be full with their highest bit. */
static void words_of(uint32_t *words, GRand *rand, const uint8_t *lengths)
{
	for (unsigned i = 0; i < COUNT; i++)
		words[i] = lengths[i] ? (g_rand_int(rand) | 1u << 31) >> 8 * (4 - lengths[i]) : 0;
}

static void test_alike(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);
	Shapes *shapes = shapes_new(PLAIN, COUNT);
	uint8_t lengths[COUNT];
	unsigned own = 0;

	for (unsigned i = 0; i < COUNT; i++)
		own += lengths[i] = i % 5;
	for (unsigned round = 0; round < 100; round++) {
		uint32_t words[COUNT];

		words_of(words, rand, lengths);
		g_assert_cmpuint(size_of(shapes, 7, words), ==, 1 + own);
		/* One that needs less fits as well. */
		words[4] = 0;
		g_assert_cmpuint(size_of(shapes, 7, words), ==, 1 + own);
	}
	shapes_free(shapes);
}

/* Once in a while there comes one that needs much more: the others take what they took. When there
 * are enough of those, they are as well off; and so are small ones that come then. */
static void test_others(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4);
	Shapes *shapes = shapes_new(PLAIN, COUNT);
	uint8_t lengths[3][COUNT] = { 0 };
	size_t size[3] = { 1, 1, 1 };
	uint32_t words[COUNT];

	for (unsigned i = 0; i < COUNT; i++) {
		size[0] += lengths[0][i] = i % 2;
		size[1] += lengths[1][i] = 4 * (i % 3 == 0);
		size[2] += lengths[2][i] = i == 3;
	}
	/* The first one is not like those that follow. */
	words_of(words, rand, lengths[1]);
	size_of(shapes, 0, words);
	for (unsigned round = 0; round < 2000; round++) {
		bool odd = round % 50 == 0;

		words_of(words, rand, lengths[odd]);
		if (round > 20 && !odd)
			g_assert_cmpuint(size_of(shapes, 0, words), <=, size[0] + WASTE);
		else
			size_of(shapes, 0, words);
	}
	for (unsigned like = 1; like < 3; like++) {
		size_t after = 0;

		for (unsigned round = 0; round < 500; round++) {
			words_of(words, rand, lengths[like]);
			after = size_of(shapes, 0, words);
		}
		g_assert_cmpuint(after, <=, size[like] + WASTE);
	}
	shapes_free(shapes);
}

/* When there are no shapes left to learn, all take no more than they do by themselves and what
 * shapes may waste. */
static void test_many(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(5);
	Shapes *shapes = shapes_new(PLAIN, COUNT);
	size_t shaped = 0, most = 0;

	for (unsigned round = 0; round < 50; round++) {
		for (unsigned class = 0; class < SHAPES_CLASSES; class ++) {
			uint8_t room[WORDS_PACKED_MAX(COUNT)];
			uint32_t words[COUNT];

			fill(words, rand, 32, 5 + class % 90);
			shaped += size_of(shapes, class, words);
			most += 1 + words_pack(room, words, PLAIN, COUNT) + WASTE;
		}
	}
	g_assert_cmpuint(shaped, <=, most);
	shapes_free(shapes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/shapes/any", test_any);
	g_test_add_func("/shapes/alike", test_alike);
	g_test_add_func("/shapes/others", test_others);
	g_test_add_func("/shapes/many", test_many);
	return g_test_run();
}
