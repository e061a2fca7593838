/* Reading ahead: everything comes, in order, whatever pieces it is read and taken in; the end and a
 * failure come behind it; it can be left at any time. */
#include <glib.h>
#include <string.h>

#include "capture/read-ahead.h"

/* Bytes that tell where they stand, in pieces of random length. */
typedef struct {
	size_t at, end;      /* what is left */
	size_t piece;        /* the longest piece; 0: as long as there is room */
	const char *failure; /* what comes at the end; NULL: nothing */
	GRand *random;
} Numbers;

static uint8_t number(size_t at)
{
	return (uint8_t)(at * 2654435761u >> 13);
}

static ssize_t read_numbers(void *data, uint8_t *bytes, size_t room, char **failure)
{
	Numbers *numbers = data;
	size_t length = MIN(room, numbers->end - numbers->at);

	if (length > 0 && numbers->piece > 0) {
		size_t piece = 1 + g_rand_int(numbers->random) % numbers->piece;

		length = MIN(length, piece);
	}
	for (size_t i = 0; i < length; i++)
		bytes[i] = number(numbers->at + i);
	numbers->at += length;
	if (length > 0 || !numbers->failure)
		return (ssize_t)length;
	*failure = g_strdup(numbers->failure);
	return -1;
}

static void check_all(size_t length, size_t piece, size_t taken, const char *failure)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1), own = g_rand_new_with_seed(2);
	Numbers numbers = { .end = length, .piece = piece, .failure = failure, .random = random };
	ReadAhead *ahead = read_ahead_new(read_numbers, &numbers);
	g_autofree uint8_t *bytes = g_malloc(taken);
	ssize_t expected = failure ? -1 : 0;
	size_t at = 0;

	g_assert_nonnull(ahead);
	/* The end comes again as often as it is asked for. */
	for (unsigned ends = 0; ends < 3;) {
		g_autofree char *why = NULL;
		size_t room = 1 + g_rand_int(own) % taken;
		ssize_t got = read_ahead_read(ahead, bytes, room, &why);

		if (got <= 0) {
			g_assert_cmpint(got, ==, expected);
			g_assert_cmpstr(why, ==, failure);
			ends++;
			continue;
		}
		g_assert_cmpuint(ends, ==, 0);
		g_assert_cmpuint((size_t)got, <=, room);
		for (size_t i = 0; i < (size_t)got; i++)
			g_assert_cmphex(bytes[i], ==, number(at + i));
		at += (size_t)got;
	}
	g_assert_cmpuint(at, ==, length);
	read_ahead_free(ahead);
}

static void test_all(void)
{
	const size_t lengths[] = { 0, 1, 1000, 128 << 10, (128 << 10) + 1, 3000001 };

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		check_all(lengths[i], 0, 256 << 10, NULL);
		check_all(lengths[i], 5000, 256 << 10, "it broke");
		check_all(lengths[i], 0, 3000, "it broke");
		check_all(lengths[i], 500000, 70000, NULL);
	}
}

/* Whether nothing was read, or some of it. */
static void test_left(void)
{
	const size_t lengths[] = { 0, 1, 100 << 10, 100 << 20 };
	uint8_t bytes[100];

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		for (unsigned reads = 0; reads < 3; reads++) {
			Numbers numbers = { .end = lengths[i], .failure = "it broke" };
			ReadAhead *ahead = read_ahead_new(read_numbers, &numbers);

			for (unsigned k = 0; k < reads; k++) {
				g_autofree char *why = NULL;

				read_ahead_read(ahead, bytes, sizeof(bytes), &why);
			}
			read_ahead_free(ahead);
			/* Nobody reads any more, and nobody has read more than there was room for.
			 */
			g_assert_cmpuint(numbers.at, <=, 1 << 20);
		}
	}
	read_ahead_free(NULL);
}

/* No more than there are processors. */
static void test_limit(void)
{
	guint processors = g_get_num_processors();
	g_autofree ReadAhead **ahead = g_new0(ReadAhead *, processors);
	g_autofree Numbers *numbers = g_new0(Numbers, processors);

	for (guint i = 0; i < processors; i++) {
		ahead[i] = read_ahead_new(read_numbers, &numbers[i]);
		g_assert_nonnull(ahead[i]);
	}
	g_assert_null(read_ahead_new(read_numbers, numbers));
	read_ahead_free(ahead[0]);
	ahead[0] = read_ahead_new(read_numbers, numbers);
	g_assert_nonnull(ahead[0]);
	for (guint i = 0; i < processors; i++)
		read_ahead_free(ahead[i]);
}

static void test_single(void)
{
	Numbers numbers = { 0 };

	g_assert_null(read_ahead_new(read_numbers, &numbers));
	g_test_skip("there is one processor only");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (g_get_num_processors() < 2) {
		g_test_add_func("/read-ahead/single", test_single);
		return g_test_run();
	}
	g_test_add_func("/read-ahead/all", test_all);
	g_test_add_func("/read-ahead/left", test_left);
	g_test_add_func("/read-ahead/limit", test_limit);
	return g_test_run();
}
