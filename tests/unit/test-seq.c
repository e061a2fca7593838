/* Sequence numbers against RFC 9293 3.4: comparisons modulo 2^32. */
#include "base/seq.h"

#include <glib.h>

/* Pairs (a, b) with a before b, among them the wrap itself and the longest distance that has an
 * order. */
static const struct {
	uint32_t a, b;
} ordered[] = {
	{ 0, 1 },
	{ 1, 2 },
	{ 0xffffffff, 0 },
	{ 0xfffffff0, 0x10 },
	{ 0x7fffffff, 0x80000000 },
	{ 0, 0x7fffffff },
	{ 0x80000001, 0 },
	{ 0xc0000000, 0x3fffffff },
};

static void test_order(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ordered); i++) {
		uint32_t a = ordered[i].a, b = ordered[i].b;

		g_assert_true(seq_lt(a, b));
		g_assert_true(seq_leq(a, b));
		g_assert_true(seq_gt(b, a));
		g_assert_true(seq_geq(b, a));
		g_assert_false(seq_lt(b, a));
		g_assert_false(seq_leq(b, a));
		g_assert_false(seq_gt(a, b));
		g_assert_false(seq_geq(a, b));
	}
}

static void test_equal(void)
{
	static const uint32_t numbers[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		uint32_t n = numbers[i];

		g_assert_true(seq_leq(n, n));
		g_assert_true(seq_geq(n, n));
		g_assert_false(seq_lt(n, n));
		g_assert_false(seq_gt(n, n));
		g_assert_cmpuint(seq_max(n, n), ==, n);
		g_assert_cmpuint(seq_min(n, n), ==, n);
	}
}

static void test_extremes(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ordered); i++) {
		uint32_t a = ordered[i].a, b = ordered[i].b;

		g_assert_cmpuint(seq_max(a, b), ==, b);
		g_assert_cmpuint(seq_max(b, a), ==, b);
		g_assert_cmpuint(seq_min(a, b), ==, a);
		g_assert_cmpuint(seq_min(b, a), ==, a);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/seq/wrap", test_order);
	g_test_add_func("/seq/equal", test_equal);
	g_test_add_func("/seq/max-min", test_extremes);
	return g_test_run();
}
