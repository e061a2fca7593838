/* Pieces of many sizes: none lies in another, whatever was given back before. */
#include "base/pools.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

#define PIECES 2000u

typedef struct {
	uint8_t *bytes;
	size_t size;
	uint8_t mark;
} Piece;

static void check(const Piece *piece)
{
	for (size_t i = 0; i < piece->size; i++)
		g_assert_cmpuint(piece->bytes[i], ==, piece->mark);
}

static void test_apart(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	g_autofree Piece *pieces = g_new0(Piece, PIECES);
	Pools *pools = pools_new();

	for (unsigned i = 0; i < 200000; i++) {
		Piece *piece = &pieces[g_rand_int_range(random, 0, PIECES)];

		if (piece->bytes) {
			check(piece);
			pools_give(pools, piece->bytes, piece->size);
			piece->bytes = NULL;
			continue;
		}
		piece->size = (size_t)g_rand_int_range(random, 1, POOLS_PIECE_MAX + 1);
		piece->mark = (uint8_t)g_rand_int(random);
		piece->bytes = pools_take(pools, piece->size);
		g_assert_cmpuint((uintptr_t)piece->bytes % 8, ==, 0);
		memset(piece->bytes, piece->mark, piece->size);
	}
	for (unsigned i = 0; i < PIECES; i++) {
		if (pieces[i].bytes) {
			check(&pieces[i]);
			pools_give(pools, pieces[i].bytes, pieces[i].size);
		}
	}
	pools_free(pools);
	pools_free(NULL);
}

/* Each size, to its last byte. */
static void test_sizes(void)
{
	Pools *pools = pools_new();

	for (size_t size = 1; size <= POOLS_PIECE_MAX; size++) {
		uint8_t *a = pools_take(pools, size), *b = pools_take(pools, size);

		memset(a, 1, size);
		memset(b, 2, size);
		for (size_t i = 0; i < size; i++)
			g_assert_cmpuint(a[i], ==, 1);
		pools_give(pools, a, size);
		pools_give(pools, b, size);
	}
	pools_free(pools);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pools/apart", test_apart);
	g_test_add_func("/pools/sizes", test_sizes);
	return g_test_run();
}
