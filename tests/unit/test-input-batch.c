/* Several frames at once: the same that come one by one, all of their bytes there together, and no
 * waiting for more than the first. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture-file.h"

#define ROOM    64u
#define RECORDS 4000u
#define FILES   12u

/* What frame @number holds: lengths and bytes that differ from those of its neighbours. */
static uint32_t make_data(uint8_t data[static 3000], uint32_t number)
{
	uint32_t length = number * 7919 % 2900 + 4;

	memset(data, (int)(number & 0xff), length);
	memcpy(data, &number, sizeof(number));
	return length;
}

static void put_record(CaptureFile *file, uint32_t number)
{
	uint8_t data[3000];
	uint32_t length = make_data(data, number);

	classic_data(file, number, 0, data, length, length);
}

static void check_record(const Frame *frame, uint32_t number)
{
	uint8_t data[3000];
	uint32_t length = make_data(data, number);

	g_assert_cmpuint(frame->number, ==, number);
	g_assert_cmpuint(frame->accepted, ==, number);
	g_assert_cmpmem(frame->data, frame->caplen, data, length);
}

static Input *open_files(char **paths)
{
	const InputOptions options = { .knows_linktype = knows_ethernet_and_raw };
	g_autoptr(GError) error = NULL;
	Input *input = input_open_files((const char *const *)paths, &options, &error);

	g_assert_no_error(error);
	return input;
}

/* Reads all of @paths, which hold @count records with rising numbers. Returns how many batches held
 * more than one. */
static unsigned check_all(char **paths, unsigned count)
{
	g_autoptr(Input) input = open_files(paths);
	g_autoptr(GError) error = NULL;
	Frame frames[ROOM];
	unsigned got = 0, seen = 0, several = 0;

	while (input_next_batch(input, frames, ROOM, &got, &error) == INPUT_FRAME) {
		g_assert_cmpuint(got, >, 0);
		g_assert_cmpuint(got, <=, ROOM);
		/* Only when all are there they are looked at. */
		for (unsigned i = 0; i < got; i++)
			check_record(&frames[i], ++seen);
		several += got > 1;
	}
	g_assert_no_error(error);
	g_assert_cmpuint(got, ==, 0);
	g_assert_cmpuint(seen, ==, count);
	return several;
}

/* One file that is much longer than any buffer. */
static void test_one(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_auto(GStrv) paths = g_new0(char *, 2);

	for (uint32_t number = 1; number <= RECORDS; number++)
		put_record(&file, number);
	paths[0] = save(&file, "one");
	g_assert_cmpuint(check_all(paths, RECORDS), >=, RECORDS / ROOM);
}

/* Several that take turns, @data of them: so many that some are closed and opened again. */
static void test_merged(gconstpointer data)
{
	unsigned count = GPOINTER_TO_UINT(data);
	g_auto(GStrv) paths = g_new0(char *, count + 1);

	for (unsigned i = 0; i < count; i++) {
		CaptureFile file = classic_new(MICROSECONDS, i & 1, 1);
		g_autofree char *name = g_strdup_printf("merged-%u-%u", count, i);

		/* Now one by one, now some of a file in a row. */
		for (uint32_t number = 1; number <= RECORDS; number++) {
			if ((number < RECORDS / 2 ? number : number / 100) % count == i)
				put_record(&file, number);
		}
		paths[i] = save(&file, name);
	}
	g_assert_cmpuint(check_all(paths, RECORDS), >, 0);
}

/* Blocks that are no packets stand between those of a pcapng file. */
static void test_blocks(void)
{
	CaptureFile file = pcapng_new(false);
	g_auto(GStrv) paths = g_new0(char *, 2);
	g_autoptr(Input) input = NULL;
	Frame frames[ROOM];
	unsigned got, seen = 0, several = 0;

	pcapng_interface(&file, 1, 6);
	for (unsigned i = 0; i < RECORDS; i++) {
		if (i % 50 == 0)
			pcapng_interface(&file, LINKTYPE_RAW, 0);
		pcapng_record(&file, i % 50 == 49, i);
	}
	paths[0] = save(&file, "blocks");
	input = open_files(paths);
	while (input_next_batch(input, frames, ROOM, &got, NULL) == INPUT_FRAME) {
		for (unsigned i = 0; i < got; i++, seen++) {
			g_assert_cmpint(frames[i].linktype, ==,
					seen % 50 == 49 ? DLT_RAW : DLT_EN10MB);
			g_assert_cmpmem(frames[i].data, frames[i].caplen, RECORD_DATA,
					RECORD_LENGTH);
		}
		several += got > 1;
	}
	g_assert_cmpuint(seen, ==, RECORDS);
	g_assert_cmpuint(several, >, 0);
}

/* A record that is damaged ends the batch before it, whose bytes are still there. */
static void test_damaged(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_auto(GStrv) paths = g_new0(char *, 2);
	g_autoptr(Input) input = NULL;
	g_autoptr(GError) error = NULL;
	Frame frames[ROOM];
	unsigned got;

	for (uint32_t number = 1; number <= 10; number++)
		put_record(&file, number);
	put_u32(&file, 11);
	put_u32(&file, 0);
	put_u32(&file, UINT32_MAX);
	put_u32(&file, UINT32_MAX);
	paths[0] = save(&file, "damaged");
	input = open_files(paths);
	g_assert_cmpint(input_next_batch(input, frames, ROOM, &got, &error), ==, INPUT_FRAME);
	g_assert_cmpuint(got, ==, 10);
	for (unsigned i = 0; i < got; i++)
		check_record(&frames[i], i + 1);
	g_assert_cmpint(input_next_batch(input, frames, ROOM, &got, &error), ==, INPUT_FAIL);
	g_assert_cmpuint(got, ==, 0);
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_READ);
	g_assert_nonnull(strstr(error->message, "frame 11 "));
	g_assert_cmpint(input_next_batch(input, frames, ROOM, &got, NULL), ==, INPUT_END);
}

/* A pipe in which a frame is only begun: those before it are not held back. */
static void test_pipe(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_auto(GStrv) paths = g_new0(char *, 2);
	g_autoptr(Input) input = NULL;
	size_t whole = 0;
	int ends[2];
	Frame frames[ROOM];
	unsigned got, seen = 0;

	for (uint32_t number = 1; number <= 6; number++) {
		put_record(&file, number);
		if (number == 5)
			whole = file.bytes->len + 20;
	}
	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_cmpint(dup2(ends[0], STDIN_FILENO), ==, STDIN_FILENO);
	g_assert_cmpint(write(ends[1], file.bytes->data, whole), ==, (gssize)whole);
	paths[0] = g_strdup("-");
	input = open_files(paths);
	/* It would wait for ever if it asked for the sixth. */
	while (seen < 5) {
		g_assert_cmpint(input_next_batch(input, frames, ROOM, &got, NULL), ==, INPUT_FRAME);
		for (unsigned i = 0; i < got; i++)
			check_record(&frames[i], ++seen);
	}
	g_assert_cmpuint(seen, ==, 5);
	g_assert_cmpint(write(ends[1], file.bytes->data + whole, file.bytes->len - whole), >, 0);
	close(ends[1]);
	g_assert_cmpint(input_next_batch(input, frames, ROOM, &got, NULL), ==, INPUT_FRAME);
	check_record(&frames[0], 6);
	g_assert_cmpint(input_next_batch(input, frames, ROOM, &got, NULL), ==, INPUT_END);
	close(ends[0]);
	g_byte_array_unref(file.bytes);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/input/batch/one-file", test_one);
	g_test_add_data_func("/input/batch/merged", GUINT_TO_POINTER(3), test_merged);
	g_test_add_data_func("/input/batch/parked", GUINT_TO_POINTER(FILES), test_merged);
	g_test_add_func("/input/batch/blocks", test_blocks);
	g_test_add_func("/input/batch/damaged", test_damaged);
	g_test_add_func("/input/batch/pipe", test_pipe);
	status = g_test_run();
	folder_remove();
	return status;
}
