/* Bytes beyond a hole: joining, filling, the wrap, and the bound. */
#include "tcp/ranges.h"

#include <glib.h>

static void test_fill_hole(void)
{
	Ranges ranges = { 0 };

	ranges_add(&ranges, 200, 300);
	g_assert_cmpuint(ranges_advance(&ranges, 100), ==, 100);
	g_assert_cmpuint(ranges_advance(&ranges, 200), ==, 300);
	g_assert_cmpuint(ranges.count, ==, 0);
}

static void test_join(void)
{
	Ranges ranges = { 0 };

	ranges_add(&ranges, 500, 600);
	ranges_add(&ranges, 200, 300);
	ranges_add(&ranges, 300, 400);
	g_assert_cmpuint(ranges.count, ==, 2);
	ranges_add(&ranges, 350, 550);
	g_assert_cmpuint(ranges.count, ==, 1);
	g_assert_cmpuint(ranges.range[0].left, ==, 200);
	g_assert_cmpuint(ranges.range[0].right, ==, 600);
	ranges_add(&ranges, 700, 700);
	g_assert_cmpuint(ranges.count, ==, 1);
}

static void test_two_holes(void)
{
	Ranges ranges = { 0 };

	ranges_add(&ranges, 20, 30);
	ranges_add(&ranges, 40, 50);
	g_assert_cmpuint(ranges_advance(&ranges, 25), ==, 30);
	g_assert_cmpuint(ranges.count, ==, 1);
	g_assert_cmpuint(ranges_advance(&ranges, 45), ==, 50);
}

static void test_wrap(void)
{
	Ranges ranges = { 0 };

	ranges_add(&ranges, 0xfffffff0, 0x10);
	ranges_add(&ranges, 0x10, 0x20);
	g_assert_cmpuint(ranges.count, ==, 1);
	g_assert_cmpuint(ranges_advance(&ranges, 0xffffffe0), ==, 0xffffffe0);
	g_assert_cmpuint(ranges_advance(&ranges, 0xfffffff0), ==, 0x20);
}

/* However many holes there are, what is kept is bounded, and the nearest are kept. */
static void test_bound(void)
{
	Ranges ranges = { 0 };

	for (uint32_t i = 1; i <= 4 * RANGES_MAX; i++)
		ranges_add(&ranges, 10 * i, 10 * i + 5);
	g_assert_cmpuint(ranges.count, ==, RANGES_MAX);
	g_assert_cmpuint(ranges.range[0].left, ==, 10);
	ranges_add(&ranges, 2, 5);
	g_assert_cmpuint(ranges.count, ==, RANGES_MAX);
	g_assert_cmpuint(ranges.range[0].left, ==, 2);
}

static void test_cut(void)
{
	Ranges ranges = { 0 };

	ranges_add(&ranges, 10, 20);
	ranges_add(&ranges, 30, 40);
	ranges_cut(&ranges, 35);
	g_assert_cmpuint(ranges.range[1].right, ==, 35);
	ranges_cut(&ranges, 30);
	g_assert_cmpuint(ranges.count, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ranges/fill-hole", test_fill_hole);
	g_test_add_func("/ranges/join", test_join);
	g_test_add_func("/ranges/two-holes", test_two_holes);
	g_test_add_func("/ranges/wrap", test_wrap);
	g_test_add_func("/ranges/bound", test_bound);
	g_test_add_func("/ranges/cut", test_cut);
	return g_test_run();
}
