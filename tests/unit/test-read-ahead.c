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

static void check_all(size_t length, size_t piece, size_t taken, const char *failure, bool thread)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1), own = g_rand_new_with_seed(2);
	Numbers numbers = { .end = length, .piece = piece, .failure = failure, .random = random };
	ReadAhead *ahead = read_ahead_new(read_numbers, &numbers, thread);
	g_autofree uint8_t *bytes = g_malloc(taken);
	ssize_t expected = failure ? -1 : 0;
	size_t at = 0;

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

static void test_all(gconstpointer thread)
{
	const size_t lengths[] = { 0, 1, 1000, 128 << 10, (128 << 10) + 1, 3000001 };

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		check_all(lengths[i], 0, 256 << 10, NULL, thread != NULL);
		check_all(lengths[i], 5000, 256 << 10, "it broke", thread != NULL);
		check_all(lengths[i], 0, 3000, "it broke", thread != NULL);
		check_all(lengths[i], 500000, 70000, NULL, thread != NULL);
	}
}

/* What is asked for: with the same pieces it is always the same. */
typedef struct {
	Numbers numbers;
	size_t rooms[1000];
	unsigned count;
} Asked;

static ssize_t read_asked(void *data, uint8_t *bytes, size_t room, char **failure)
{
	Asked *asked = data;

	g_assert_cmpuint(asked->count, <, G_N_ELEMENTS(asked->rooms));
	asked->rooms[asked->count++] = room;
	return read_numbers(&asked->numbers, bytes, room, failure);
}

static void read_all(Asked *asked, size_t taken, bool thread)
{
	ReadAhead *ahead = read_ahead_new(read_asked, asked, thread);
	g_autofree uint8_t *bytes = g_malloc(taken);
	g_autofree char *why = NULL;

	while (read_ahead_read(ahead, bytes, taken, &why) > 0)
		;
	read_ahead_free(ahead);
}

static void test_same(void)
{
	g_autoptr(GRand) first = g_rand_new_with_seed(1), second = g_rand_new_with_seed(1);
	Asked alone = { .numbers = { .end = 3000001, .piece = 20000, .random = first } };
	Asked ahead = { .numbers = { .end = 3000001, .piece = 20000, .random = second } };

	read_all(&alone, 1000, false);
	read_all(&ahead, 77777, true);
	g_assert_cmpuint(alone.count, >, 100);
	g_assert_cmpmem(alone.rooms, alone.count * sizeof(size_t), ahead.rooms,
			ahead.count * sizeof(size_t));
}

/* Whether nothing was read, or some of it. */
static void test_left(void)
{
	const size_t lengths[] = { 0, 1, 100 << 10, 100 << 20 };
	uint8_t bytes[1000];

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		for (unsigned reads = 0; reads < 1000; reads += 333) {
			Numbers numbers = { .end = lengths[i], .failure = "it broke" };
			ReadAhead *ahead = read_ahead_new(read_numbers, &numbers, true);

			for (unsigned k = 0; k < reads; k++) {
				g_autofree char *why = NULL;

				read_ahead_read(ahead, bytes, sizeof(bytes), &why);
			}
			read_ahead_free(ahead);
			/* Nobody reads any more, and nobody has read more than there was room for.
			 */
			g_assert_cmpuint(numbers.at, <=, 2 << 20);
		}
	}
	read_ahead_free(NULL);
}

/* Reads beyond a chunk, where a thread begins. */
static ReadAhead *begin(Numbers *numbers)
{
	ReadAhead *ahead = read_ahead_new(read_numbers, numbers, true);
	uint8_t bytes[1000];

	for (size_t got = 0; got <= 128 << 10;)
		got += (size_t)read_ahead_read(ahead, bytes, sizeof(bytes), NULL);
	return ahead;
}

/* No more than there are processors, and none where there is but one. */
static void test_limit(void)
{
	guint processors = g_get_num_processors(), most = processors < 2 ? 0 : processors;
	g_autofree ReadAhead **ahead = g_new0(ReadAhead *, most + 1);
	g_autofree Numbers *numbers = g_new0(Numbers, most + 2);

	for (guint i = 0; i < most + 2; i++)
		numbers[i].end = 100 << 20;
	for (guint i = 0; i < most + 1; i++) {
		ahead[i] = begin(&numbers[i]);
		g_assert_cmpint(read_ahead_is_ahead(ahead[i]), ==, i < most);
	}
	read_ahead_free(ahead[0]);
	ahead[0] = begin(&numbers[most + 1]);
	g_assert_cmpint(read_ahead_is_ahead(ahead[0]), ==, most > 0);
	for (guint i = 0; i < most + 1; i++)
		read_ahead_free(ahead[i]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/read-ahead/thread", GINT_TO_POINTER(true), test_all);
	g_test_add_data_func("/read-ahead/no-thread", NULL, test_all);
	g_test_add_func("/read-ahead/same", test_same);
	g_test_add_func("/read-ahead/left", test_left);
	g_test_add_func("/read-ahead/limit", test_limit);
	return g_test_run();
}
