/* Files as the input reads them: formats, order, filter, and every way to be no capture or a
 * damaged one. */
#include <pcap/dlt.h>

#include "capture-file.h"
#include "capture/input.h"

static void check_nanoseconds(const char *path, bool expected)
{
	g_autoptr(Input) input = open_all(path, NULL, NULL, NULL);
	InputStats stats;

	input_stats(input, &stats);
	g_assert_cmpint(stats.nanoseconds, ==, expected);
	g_assert_false(stats.live);
}

static void test_classic(void)
{
	for (int i = 0; i < 4; i++) {
		bool fine = i & 1;
		CaptureFile file = classic_new(fine ? NANOSECONDS : MICROSECONDS, i & 2, 1);
		g_autofree char *path = NULL;
		g_autoptr(Input) input = NULL;

		classic_record(&file, 1700000000, fine ? 1 : 0);
		classic_record(&file, 1700000000, fine ? 999999999 : 999999);
		path = save(&file, "classic.pcap");
		check_nanoseconds(path, fine);
		input = open_all(path, NULL, NULL, NULL);
		check_frame(input, 1, INT64_C(1700000000000000000) + fine, DLT_EN10MB);
		check_frame(input, 2, INT64_C(1700000000999999000) + (fine ? 999 : 0), DLT_EN10MB);
		check_end(input);
	}
}

static void test_pcapng(void)
{
	static const struct {
		int resolution; /* if_tsresol */
		bool fine;      /* below a microsecond */
		uint64_t time;  /* in its units */
		NsTime expected;
	} resolutions[] = {
		{ -1, false, 1700000000000001, INT64_C(1700000000000001000) },
		{ 6, false, 1700000000000001, INT64_C(1700000000000001000) },
		{ 3, false, 1700000000001, INT64_C(1700000000001000000) },
		{ 0, false, 1700000000, INT64_C(1700000000000000000) },
		{ 7, true, 17000000000000001, INT64_C(1700000000000000100) },
		{ 9, true, 1700000000000000001, INT64_C(1700000000000000001) },
		/* Powers of two: 2^-19 s is 1.9 us, 2^-20 s is 0.95 us. */
		{ 0x80 | 19, false, UINT64_C(1700000000) << 19, INT64_C(1700000000000000000) },
		{ 0x80 | 20, true, (UINT64_C(1700000000) << 20) + (1 << 19),
		  INT64_C(1700000000500000000) },
	};

	for (size_t i = 0; i < 2 * G_N_ELEMENTS(resolutions); i++) {
		size_t r = i / 2;
		CaptureFile file = pcapng_new(i & 1);
		g_autofree char *path = NULL;
		g_autoptr(Input) input = NULL;

		pcapng_interface(&file, 1, resolutions[r].resolution);
		pcapng_record(&file, 0, resolutions[r].time);
		path = save(&file, "one.pcapng");
		check_nanoseconds(path, resolutions[r].fine);
		input = open_all(path, NULL, NULL, NULL);
		check_frame(input, 1, resolutions[r].expected, DLT_EN10MB);
		check_end(input);
	}
}

/* One fine interface of several is enough, also behind a block that nobody knows. */
static void test_pcapng_interfaces(void)
{
	for (int i = 0; i < 3; i++) {
		CaptureFile file = pcapng_new(false);
		g_autofree char *path = NULL;

		pcapng_interface(&file, 1, i == 1 ? 9 : -1);
		put_u32(&file, 0x0bad0bad);
		put_u32(&file, 16);
		put_u32(&file, 0);
		put_u32(&file, 16);
		pcapng_interface(&file, 1, i == 2 ? 9 : 6);
		pcapng_record(&file, 0, 1700000000000001);
		path = save(&file, "interfaces.pcapng");
		check_nanoseconds(path, i != 0);
	}
}

static void test_merge(void)
{
	CaptureFile a = classic_new(MICROSECONDS, false, 1);
	CaptureFile b = classic_new(NANOSECONDS, true, LINKTYPE_RAW);
	CaptureFile c = pcapng_new(false);
	g_autofree char *path_a = NULL, *path_b = NULL, *path_c = NULL;
	g_autoptr(Input) input = NULL;

	classic_record(&a, 10, 0);
	classic_record(&a, 12, 0);
	/* A file's own frames stay in their order, even when it has them so. */
	classic_record(&a, 11, 500000);
	classic_record(&a, 14, 0);
	classic_record(&b, 9, 999999999);
	classic_record(&b, 12, 0);
	classic_record(&b, 12, 1);
	pcapng_interface(&c, 1, 6);
	pcapng_record(&c, 0, 12000000);
	pcapng_record(&c, 0, 20000000);
	path_a = save(&a, "a.pcap");
	path_b = save(&b, "b.pcap");
	path_c = save(&c, "c.pcapng");
	input = open_all(path_a, path_b, path_c, NULL);

	check_frame(input, 1, INT64_C(9999999999), DLT_RAW);
	check_frame(input, 2, INT64_C(10000000000), DLT_EN10MB);
	/* Equal times go in the order of the files. */
	check_frame(input, 3, INT64_C(12000000000), DLT_EN10MB);
	check_frame(input, 4, INT64_C(11500000000), DLT_EN10MB);
	check_frame(input, 5, INT64_C(12000000000), DLT_RAW);
	check_frame(input, 6, INT64_C(12000000000), DLT_EN10MB);
	check_frame(input, 7, INT64_C(12000000001), DLT_RAW);
	check_frame(input, 8, INT64_C(14000000000), DLT_EN10MB);
	check_frame(input, 9, INT64_C(20000000000), DLT_EN10MB);
	check_end(input);
}

/* Many files with random times come out sorted, and none is lost. */
static void test_merge_many(void)
{
	enum {
		FILES = 40,
		RECORDS = 50,
	};
	const InputOptions options = { 0 };
	char *paths[FILES + 1] = { NULL };
	g_autoptr(Input) input = NULL;
	NsTime last = 0;
	uint64_t count = 0;
	Frame frame;

	for (int i = 0; i < FILES; i++) {
		CaptureFile file = classic_new(MICROSECONDS, false, 1);
		g_autofree char *name = g_strdup_printf("many-%d.pcap", i);
		uint32_t time = 0;

		/* Some files are shorter than others, and one has nothing. */
		for (int j = 0; j < RECORDS * i / FILES; j++) {
			time += (uint32_t)g_test_rand_int_range(0, 100);
			classic_record(&file, time, 0);
		}
		paths[i] = save(&file, name);
	}
	input = input_open_files((const char *const *)paths, &options, NULL);
	g_assert_nonnull(input);
	while (input_next(input, &frame, NULL) == INPUT_FRAME) {
		g_assert_cmpuint(frame.number, ==, ++count);
		g_assert_cmpint(frame.time, >=, last);
		last = frame.time;
	}
	/* 50 times 0/40, 1/40 ... 39/40, each rounded down. */
	g_assert_cmpuint(count, ==, 960);
	for (int i = 0; i < FILES; i++)
		g_free(paths[i]);
}

static void test_filter(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	/* Frames of 60 bytes are accepted. */
	static const uint32_t lengths[] = { 60, 61, 60, 59, 60 };
	static const uint64_t accepted[] = { 1, 1, 2, 2, 3 };
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;
	InputStats stats;

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
		classic_data(&file, 1, 0, RECORD_DATA, RECORD_LENGTH, lengths[i]);
	path = save(&file, "filter.pcap");
	input = open_all(path, NULL, NULL, "len == 60");
	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		Frame frame;

		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
		g_assert_cmpuint(frame.number, ==, i + 1);
		g_assert_cmpuint(frame.accepted, ==, accepted[i]);
		g_assert_cmpint(frame.rejected, ==, lengths[i] != 60);
	}
	check_end(input);
	input_stats(input, &stats);
	g_assert_cmpuint(stats.frames, ==, 5);
}

/* Times that no clock shows. They are kept as far as 64 bits of nanoseconds go. */
static void test_absurd_times(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;

	pcapng_interface(&file, 1, 0);
	pcapng_record(&file, 0, INT64_MAX);
	pcapng_record(&file, 0, 0);
	path = save(&file, "absurd.pcapng");
	input = open_all(path, NULL, NULL, NULL);
	check_frame(input, 1, NSTIME_LATEST, DLT_EN10MB);
	check_frame(input, 2, 0, DLT_EN10MB);
	check_end(input);
}

/* The words are those of: tcpdump -r FILE */
static void test_describe(void)
{
	CaptureFile a = classic_new(MICROSECONDS, false, 1);
	CaptureFile b = classic_new(MICROSECONDS, false, LINKTYPE_RAW);
	g_autofree char *path_a = save(&a, "a.pcap"), *path_b = save(&b, "b.pcap");
	g_autoptr(Input) input = open_all(path_a, path_b, NULL, NULL);
	g_autofree char *text = input_describe(input);
	g_autofree char *expected = g_strconcat(
		"reading from file ", path_a,
		", link-type EN10MB (Ethernet), snapshot length 65535\n", "reading from file ",
		path_b, ", link-type RAW (Raw IP), snapshot length 65535", NULL);

	g_assert_cmpstr(text, ==, expected);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/input/classic", test_classic);
	g_test_add_func("/input/pcapng", test_pcapng);
	g_test_add_func("/input/pcapng-interfaces", test_pcapng_interfaces);
	g_test_add_func("/input/merge", test_merge);
	g_test_add_func("/input/merge-many", test_merge_many);
	g_test_add_func("/input/filter", test_filter);
	g_test_add_func("/input/absurd-times", test_absurd_times);
	g_test_add_func("/input/describe", test_describe);
	status = g_test_run();
	folder_remove();
	return status;
}
