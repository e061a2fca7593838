/* Pieces of one size: none lies in another, what was given back last is taken first, and a chunk of
 * which nothing is in use goes back to the system. */
#include "base/pool.h"

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define BY_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BY_MALLOC 1
#endif
#endif
#ifndef BY_MALLOC
#define BY_MALLOC 0
#endif

/* So many are more than a chunk. */
#define MANY 30000u

/* A piece has its number in all of its bytes' words. */
static void mark(const Pool *pool, uint64_t *piece, uint64_t number)
{
	for (size_t i = 0; i < pool_piece_size(pool) / sizeof(*piece); i++)
		piece[i] = number;
}

static void check(const Pool *pool, const uint64_t *piece, uint64_t number)
{
	for (size_t i = 0; i < pool_piece_size(pool) / sizeof(*piece); i++)
		g_assert_cmpuint(piece[i], ==, number);
}

static void test_size(void)
{
	Pool *pool = pool_new(1);

	g_assert_cmpuint(pool_piece_size(pool), ==, 8);
	pool_free(pool);
	pool = pool_new(664);
	g_assert_cmpuint(pool_piece_size(pool), ==, 664);
	pool_free(pool);
	pool_free(NULL);
}

/* Taken and given back in any order, again and again, each keeps what is written to it. */
static void test_apart(void)
{
	static const size_t sizes[] = { 8, 72, 664, 5000, 65536 };

	for (unsigned s = 0; s < G_N_ELEMENTS(sizes); s++) {
		Pool *pool = pool_new(sizes[s]);
		unsigned many = (unsigned)MIN(MANY, (16u << 20) / sizes[s]);
		g_autofree uint64_t **pieces = g_new0(uint64_t *, many);
		g_autoptr(GRand) random = g_rand_new_with_seed(s + 1);

		for (unsigned step = 0; step < 8 * many; step++) {
			unsigned i = (unsigned)g_rand_int_range(random, 0, (int)many);

			if (pieces[i]) {
				check(pool, pieces[i], i);
				pool_give(pool, g_steal_pointer(&pieces[i]));
				continue;
			}
			pieces[i] = pool_take(pool);
			g_assert_cmpuint((uintptr_t)pieces[i] % 8, ==, 0);
			mark(pool, pieces[i], i);
		}
		for (unsigned i = 0; i < many; i++) {
			if (pieces[i])
				check(pool, pieces[i], i);
			pool_give(pool, pieces[i]);
		}
		pool_free(pool);
	}
}

static void test_last_first(void)
{
	Pool *pool = pool_new(100);
	void *pieces[3];

	if (BY_MALLOC) {
		g_test_skip("under the address sanitizer pieces are malloc()'s");
		pool_free(pool);
		return;
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++)
		pieces[i] = pool_take(pool);
	for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++)
		pool_give(pool, pieces[i]);
	for (unsigned i = G_N_ELEMENTS(pieces); i-- > 0;)
		g_assert_true(pool_take(pool) == pieces[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++)
		pool_give(pool, pieces[i]);
	pool_free(pool);
}

/* Resident memory of this process. */
static size_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!file || fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* After a burst, what is left holds a chunk or two; and few hold no more than their pages. */
static void test_burst(void)
{
	enum { BURST = 300000, SIZE = 400 };
	g_autofree void **pieces = memset(g_new(void *, BURST), 0, BURST * sizeof(*pieces));
	size_t before = resident(), few = 0, many, after;
	Pool *pool = pool_new(SIZE);

	if (BY_MALLOC || !before) {
		g_test_skip(BY_MALLOC ? "under the address sanitizer pieces are malloc()'s"
				      : "no /proc");
		pool_free(pool);
		return;
	}
	for (unsigned i = 0; i < BURST; i++) {
		pieces[i] = memset(pool_take(pool), 1, SIZE);
		if (i == 100)
			few = resident();
	}
	many = resident();
	for (unsigned i = 100; i < BURST; i++)
		pool_give(pool, pieces[i]);
	after = resident();
	g_assert_cmpuint(few, <, before + (1u << 20));
	g_assert_cmpuint(many, >=, before + (size_t)BURST * SIZE);
	g_assert_cmpuint(after, <, before + (12u << 20));
	for (unsigned i = 0; i < 100; i++)
		pool_give(pool, pieces[i]);
	pool_free(pool);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pool/size", test_size);
	g_test_add_func("/pool/apart", test_apart);
	g_test_add_func("/pool/last-first", test_last_first);
	g_test_add_func("/pool/burst", test_burst);
	return g_test_run();
}
