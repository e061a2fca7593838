/* Every way to be no capture, or a damaged one: what could be read is delivered, and the message
 * says the rest. */
#include "capture-file.h"

static void check_open_fails(const char *path, const char *filter, int code, const char *message)
{
	const char *const files[] = { path, NULL };
	const InputOptions options = { .filter = filter,
				       .optimise = true,
				       .knows_linktype = knows_ethernet_and_raw };
	g_autofree char *expected = g_strconcat(filter ? "" : path, message, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(input_open_files(files, &options, &error));
	g_assert_error(error, INPUT_ERROR, code);
	g_assert_cmpstr(error->message, ==, expected);
}

static void check_fail(Input *input, const char *path, const char *message)
{
	g_autofree char *expected = g_strconcat(path, message, NULL);
	g_autoptr(GError) error = NULL;
	Frame frame;

	g_assert_cmpint(input_next(input, &frame, &error), ==, INPUT_FAIL);
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_READ);
	g_assert_cmpstr(error->message, ==, expected);
}

/* A file cut at every byte: the records before the cut are delivered, and the message names the one
 * that is not. */
static void test_cut(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_autoptr(GByteArray) bytes = file.bytes;
	const guint header = 24, record = 16 + RECORD_LENGTH;

	for (int i = 0; i < 3; i++)
		classic_record(&file, 1 + (uint32_t)i, 0);
	g_assert_cmpuint(bytes->len, ==, header + 3 * record);
	for (guint length = header; length <= bytes->len; length++) {
		g_autofree char *path = save_bytes("cut.pcap", bytes->data, length);
		g_autoptr(Input) input = open_all(path, NULL, NULL, NULL);
		guint whole = (length - header) / record;
		g_autofree char *message =
			g_strdup_printf(": frame %u (byte %u): cut off in the middle of the "
					"record; what came before it has been read",
					whole + 1, header + whole * record);

		for (guint i = 1; i <= whole; i++)
			check_frame(input, i, i * NSTIME_SECOND, DLT_EN10MB);
		if ((length - header) % record != 0)
			check_fail(input, path, message);
		check_end(input);
	}
}

static void test_cut_pcapng(void)
{
	CaptureFile file = pcapng_new(false);
	guint first;

	pcapng_interface(&file, 1, 6);
	pcapng_record(&file, 0, 1000000);
	first = file.bytes->len;
	pcapng_record(&file, 0, 2000000);
	for (guint length = first; length <= file.bytes->len; length++) {
		g_autofree char *path = save_bytes("cut.pcapng", file.bytes->data, length);
		g_autoptr(Input) input = open_all(path, NULL, NULL, NULL);

		check_frame(input, 1, NSTIME_SECOND, DLT_EN10MB);
		if (length == file.bytes->len)
			check_frame(input, 2, 2 * NSTIME_SECOND, DLT_EN10MB);
		else if (length > first)
			/* 28 bytes of section, 40 of interface, 48 of frame. */
			check_fail(input, path,
				   ": frame 2 (byte 116): cut off in the middle of the record; "
				   "what came before it has been read");
		check_end(input);
	}
	g_byte_array_unref(file.bytes);
}

static void test_gigabytes(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;

	classic_record(&file, 1, 0);
	put_u32(&file, 2);
	put_u32(&file, 0);
	put_u32(&file, 0xc0000000);
	put_u32(&file, 0xc0000000);
	classic_record(&file, 3, 0);
	path = save(&file, "gigabytes.pcap");
	input = open_all(path, NULL, NULL, NULL);
	check_frame(input, 1, NSTIME_SECOND, DLT_EN10MB);
	check_fail(input, path,
		   ": frame 2 (byte 56): the record claims 3221225472 bytes, more than any capture "
		   "holds; what came before it has been read");
	check_end(input);
}

/* Two damaged files between good ones: all that can be read comes first, then what is wrong with
 * each. */
static void test_damage_and_merge(void)
{
	CaptureFile a = classic_new(MICROSECONDS, false, 1);
	CaptureFile b = classic_new(MICROSECONDS, false, 1);
	CaptureFile c = classic_new(MICROSECONDS, false, 1);
	g_autofree char *path_a = NULL, *path_b = NULL, *path_c = NULL;
	g_autoptr(Input) input = NULL;

	classic_record(&a, 1, 0);
	put_u32(&a, 5);
	classic_record(&b, 2, 0);
	classic_record(&b, 3, 0);
	put_u32(&c, 5);
	path_a = save(&a, "a.pcap");
	path_b = save(&b, "b.pcap");
	path_c = save(&c, "c.pcap");
	input = open_all(path_a, path_b, path_c, NULL);
	for (int i = 1; i <= 3; i++)
		check_frame(input, (uint64_t)i, i * NSTIME_SECOND, DLT_EN10MB);
	check_fail(input, path_c,
		   ": frame 1 (byte 24): cut off in the middle of the record; what came before it "
		   "has been read");
	check_fail(input, path_a,
		   ": frame 2 (byte 56): cut off in the middle of the record; what came before it "
		   "has been read");
	check_end(input);
}

static void test_no_capture(void)
{
	static const struct {
		const char *name, *bytes;
		size_t length;
		const char *message;
	} files[] = {
		{ "empty", "", 0, ": is empty; a capture has at least a header" },
		{ "text", "#!/bin/sh\n", 10, ": is not a capture (pcap or pcapng)" },
		{ "short", "\xd4", 1, ": is not a capture (pcap or pcapng)" },
		{ "header", "\xd4\xc3\xb2\xa1\x02\x00\x04\x00", 8,
		  ": cut off in the middle of its header" },
	};
	CaptureFile file = classic_new(MICROSECONDS, false, 189);
	g_autofree char *path = save(&file, "usb.pcap");

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *saved = save_bytes(files[i].name, files[i].bytes, files[i].length);

		check_open_fails(saved, NULL, INPUT_ERROR_OPEN, files[i].message);
	}
	check_open_fails("/nonexistent/file", NULL, INPUT_ERROR_OPEN,
			 ": No such file or directory");
	check_open_fails("/", NULL, INPUT_ERROR_OPEN, ": is a directory; a capture is a file");
	check_open_fails(path, NULL, INPUT_ERROR_OPEN,
			 ": cannot decode link type USB_LINUX (USB with Linux header)");
	file = classic_new(MICROSECONDS, false, 9999);
	g_free(path);
	path = save(&file, "unknown.pcap");
	check_open_fails(path, NULL, INPUT_ERROR_OPEN, ": unknown link type 9999");
}

/* What no build reads: the message says how else. */
static void test_bzip2(void)
{
	g_autofree char *path = save_bytes("bzip2", "BZh91AY&SY", 10);
	g_autofree char *message =
		g_strdup_printf(": compressed with bzip2, which this wirestate was built without; "
				"decompress it first: bzcat %s | wirestate -r -",
				path);

	check_open_fails(path, NULL, INPUT_ERROR_OPEN, message);
}

static void test_bad_filter(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_autofree char *path = save(&file, "filter.pcap");

	check_open_fails(path, "tcp and", INPUT_ERROR_FILTER,
			 "expression 'tcp and': can't parse filter expression: syntax error");
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/input/cut", test_cut);
	g_test_add_func("/input/cut-pcapng", test_cut_pcapng);
	g_test_add_func("/input/gigabytes", test_gigabytes);
	g_test_add_func("/input/damage-and-merge", test_damage_and_merge);
	g_test_add_func("/input/no-capture", test_no_capture);
	g_test_add_func("/input/bzip2", test_bzip2);
	g_test_add_func("/input/bad-filter", test_bad_filter);
	status = g_test_run();
	folder_remove();
	return status;
}
