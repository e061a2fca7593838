/* More files than may be open at once: rotated ones, one after the other, and such that all have
 * frames of the same time; one that is changed or taken away meanwhile. */
#include <dirent.h>
#include <pcap/dlt.h>
#include <sys/resource.h>

#include "capture-file.h"

#define FILES   200
#define RECORDS 20

/* How many descriptors this process has. */
static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* Files of which each begins @step seconds after the one before, given in an order of their own;
 * every third is pcapng with an interface that is described between its frames. */
static void write_files(char **paths, uint32_t step)
{
	for (uint32_t i = 0; i < FILES; i++) {
		bool next = i % 3 == 0;
		CaptureFile file = next ? pcapng_new(i & 1) : classic_new(MICROSECONDS, i & 1, 1);
		g_autofree char *name = g_strdup_printf("%u-%u", step, i);

		if (next)
			pcapng_interface(&file, 1, 6);
		for (uint32_t j = 0; j < RECORDS; j++) {
			uint32_t time = 1 + i * step + j;

			/* A block of its own kind before the first and the last: it has a number.
			 */
			if (next && (j == 0 || j == RECORDS - 1)) {
				put_u32(&file, 0xbad);
				put_u32(&file, 16);
				put_u32(&file, 1);
				put_u32(&file, 16);
			}
			if (next && j == RECORDS / 2)
				pcapng_interface(&file, LINKTYPE_RAW, 0);
			if (!next)
				classic_record(&file, time, 0);
			else if (j < RECORDS / 2)
				pcapng_record(&file, 0, time * UINT64_C(1000000));
			else
				pcapng_record(&file, 1, time);
		}
		/* 77 and 200 have no common divisor. */
		paths[i * 77 % FILES] = save(&file, name);
	}
}

static Input *open_files(char **paths)
{
	const InputOptions options = { .knows_linktype = knows_ethernet_and_raw,
				       .filter = "len == 1500",
				       .optimise = true };
	g_autoptr(GError) error = NULL;
	Input *input = input_open_files((const char *const *)paths, &options, &error);

	g_assert_no_error(error);
	return input;
}

static void test_many(gconstpointer data)
{
	uint32_t step = GPOINTER_TO_UINT(data);
	g_auto(GStrv) paths = g_new0(char *, FILES + 1);
	g_autoptr(Input) input = NULL;
	g_autoptr(GError) error = NULL;
	unsigned count = 0, raw = 0, none = 0, most = 0;
	NsTime last = 0;
	Frame frame;

	write_files(paths, step);
	input = open_files(paths);
	while (input_next(input, &frame, &error) == INPUT_FRAME) {
		g_assert_cmpuint(frame.number, ==, ++count);
		g_assert_cmpint(frame.time, >=, last);
		none += frame.linktype == FRAME_NONE;
		g_assert_cmpint(frame.rejected, ==, frame.linktype == FRAME_NONE);
		if (frame.linktype != FRAME_NONE)
			g_assert_cmpmem(frame.data, frame.caplen, RECORD_DATA, RECORD_LENGTH);
		raw += frame.linktype == DLT_RAW;
		last = frame.time;
		if (count % 64 == 0)
			most = MAX(most, descriptors());
	}
	g_assert_no_error(error);
	g_assert_cmpuint(none, ==, 2 * 67);
	g_assert_cmpuint(count, ==, FILES * RECORDS + none);
	g_assert_cmpuint(frame.accepted, ==, FILES * RECORDS);
	/* 67 of the files are pcapng, and half of their frames are of the second interface. */
	g_assert_cmpuint(raw, ==, 67 * RECORDS / 2);
	/* Rotated files need one at a time: beside it there are the standard ones, what libraries
	 * have open, and the folder that is being read. */
	if (step >= RECORDS)
		g_assert_cmpuint(most, <, 16);
}

/* A file that is gone when its time comes, and one that another was moved over. */
static void test_changed(void)
{
	g_auto(GStrv) paths = g_new0(char *, FILES + 1);
	g_autoptr(Input) input = NULL;
	unsigned count = 0, failures = 0;
	InputResult result;
	Frame frame;

	write_files(paths, 100);
	input = open_files(paths);
	g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
	g_assert_cmpint(frame.linktype, ==, FRAME_NONE);
	/* The last two in time are not open yet. */
	g_assert_cmpint(g_unlink(paths[199 * 77 % FILES]), ==, 0);
	g_assert_cmpint(g_rename(paths[197 * 77 % FILES], paths[198 * 77 % FILES]), ==, 0);
	for (;;) {
		g_autoptr(GError) error = NULL;

		result = input_next(input, &frame, &error);
		if (result == INPUT_END)
			break;
		if (result == INPUT_FRAME) {
			count += frame.linktype != FRAME_NONE;
			continue;
		}
		g_test_message("%s", error->message);
		failures++;
	}
	g_assert_cmpuint(failures, ==, 3);
	g_assert_cmpuint(count, ==, (FILES - 3) * RECORDS);
}

int main(int argc, char **argv)
{
	struct rlimit limit = { 40, 40 };
	int status;

	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	g_test_add_data_func("/input/many/rotated", GUINT_TO_POINTER(RECORDS), test_many);
	g_test_add_data_func("/input/many/overlapping", GUINT_TO_POINTER(3), test_many);
	g_test_add_data_func("/input/many/same-time", GUINT_TO_POINTER(0), test_many);
	g_test_add_func("/input/many/changed", test_changed);
	status = g_test_run();
	folder_remove();
	return status;
}
