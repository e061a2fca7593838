/* Connections have their turns in the order of their numbers, whichever these are. */
#include "flow/turns.h"

#include <glib.h>

static int by_number(gconstpointer a, gconstpointer b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

/* Gives each number a turn, in an order of chance, and compares with another way to sort. */
static void check(GArray *numbers)
{
	g_autofree FlowRecord *records = g_new0(FlowRecord, numbers->len);
	Turns turns = { 0 };

	for (unsigned i = 0; i < numbers->len; i++) {
		unsigned number = g_array_index(numbers, unsigned, i);

		records[i].hash = number;
		turns_add(&turns, &records[i], number);
	}
	turns_sort(&turns);
	g_array_sort(numbers, by_number);
	g_assert_cmpuint(turns.count, ==, numbers->len);
	for (unsigned i = 0; i < numbers->len; i++) {
		g_assert_cmpuint(turns.turn[i].number, ==, g_array_index(numbers, unsigned, i));
		g_assert_cmpuint(turns.turn[i].record->hash, ==, turns.turn[i].number);
	}
	turns_clear(&turns);
	g_array_unref(numbers);
}

static GArray *numbers_new(unsigned count, unsigned from, unsigned range)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));

	for (unsigned i = 0; i < count; i++) {
		unsigned number = from + g_test_rand_int() % range;

		g_array_append_val(numbers, number);
	}
	return numbers;
}

static void test_none(void)
{
	check(numbers_new(0, 0, 1));
}

static void test_one(void)
{
	check(numbers_new(1, 4000000000u, 1));
}

/* Of one digit, of two, and of as many as there are. */
static void test_many(void)
{
	check(numbers_new(1000, 0, 2048));
	check(numbers_new(1000, 12345, 2049));
	check(numbers_new(100000, 1, 1000000));
	check(numbers_new(1000, 0, UINT32_MAX));
}

/* Nearly all numbers of a range, each once, and then one of them twice. */
static void test_dense(void)
{
	for (unsigned twice = 0; twice < 2; twice++) {
		GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));

		/* 7919 has no divisor in common with 5000. */
		for (unsigned i = 0; i < 5000; i++) {
			unsigned number = 77 + i * 7919 % 5000;

			if (number % 3 != 0)
				g_array_append_val(numbers, number);
		}
		if (twice)
			g_array_append_val(numbers, g_array_index(numbers, unsigned, 1000));
		check(numbers);
	}
}

static void test_ends(void)
{
	unsigned ends[] = { UINT32_MAX, 1, 0, UINT32_MAX - 1, 1u << 31, 2047, 2048 };
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));

	check(g_array_append_vals(numbers, ends, G_N_ELEMENTS(ends)));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/turns/none", test_none);
	g_test_add_func("/turns/one", test_one);
	g_test_add_func("/turns/many", test_many);
	g_test_add_func("/turns/dense", test_dense);
	g_test_add_func("/turns/ends", test_ends);
	return g_test_run();
}
