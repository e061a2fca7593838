/* pcapng as no single libpcap handle reads it: interfaces that differ, sections, time stamps of any
 * resolution, statistics; and blocks that lie. */
#include <pcap/dlt.h>

#include "capture-file.h"

/* An interface with options: pairs of code and length, each value padded. */
static void put_interface(CaptureFile *file, uint16_t linktype, uint32_t snaplen,
			  const uint8_t *options, uint32_t length)
{
	put_u32(file, 1);
	put_u32(file, 20 + length);
	put_u16(file, linktype);
	put_u16(file, 0);
	put_u32(file, snaplen);
	g_byte_array_append(file->bytes, options, length);
	put_u32(file, 20 + length);
}

static void put_section(CaptureFile *file, bool big_endian)
{
	CaptureFile section = pcapng_new(big_endian);

	g_byte_array_append(file->bytes, section.bytes->data, section.bytes->len);
	file->big_endian = big_endian;
	g_byte_array_unref(section.bytes);
}

static void put_statistics(CaptureFile *file, uint32_t interface, uint32_t ifdrop, uint32_t osdrop)
{
	put_u32(file, 5);
	put_u32(file, 52);
	put_u32(file, interface);
	put_u32(file, 0);
	put_u32(file, 0);
	for (int i = 0; i < 2; i++) {
		uint32_t value = i == 0 ? ifdrop : osdrop;

		put_u16(file, i == 0 ? 5 : 7);
		put_u16(file, 8);
		put_u32(file, file->big_endian ? 0 : value);
		put_u32(file, file->big_endian ? value : 0);
	}
	put_u32(file, 0);
	put_u32(file, 52);
}

static void put_block(CaptureFile *file, uint32_t type, uint32_t zeros)
{
	put_u32(file, type);
	put_u32(file, 12 + zeros);
	g_byte_array_set_size(file->bytes, file->bytes->len + zeros);
	memset(file->bytes->data + file->bytes->len - zeros, 0, zeros);
	put_u32(file, 12 + zeros);
}

/* Ethernet and raw IP in one section, then one of the other byte order with its own interfaces. */
static void test_interfaces(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL, *text = NULL, *expected = NULL;
	g_autoptr(Input) input = NULL;
	InputStats stats;

	pcapng_interface(&file, 1, -1);
	put_interface(&file, LINKTYPE_RAW, 96, NULL, 0);
	pcapng_record(&file, 1, 1000000);
	pcapng_record(&file, 0, 2000000);
	put_section(&file, true);
	pcapng_interface(&file, LINKTYPE_RAW, 9);
	/* Names, 100 KiB of an unknown block, and one without a body. */
	put_block(&file, 4, 4);
	put_block(&file, 0x7ff, 100 * 1024);
	put_block(&file, 0x800, 0);
	pcapng_record(&file, 0, 3000000001);
	pcapng_interface(&file, 1, 0);
	pcapng_record(&file, 1, 4);
	path = save(&file, "interfaces.pcapng");
	input = open_all(path, NULL, NULL, NULL);
	text = input_describe(input);
	expected = g_strconcat("reading from file ", path,
			       ", link-type EN10MB (Ethernet), snapshot length 65535, link-type "
			       "RAW (Raw IP), snapshot length 96",
			       NULL);
	g_assert_cmpstr(text, ==, expected);
	check_frame(input, 1, NSTIME_SECOND, DLT_RAW);
	check_frame(input, 2, 2 * NSTIME_SECOND, DLT_EN10MB);
	check_frame(input, 3, 3 * NSTIME_SECOND + 1, DLT_RAW);
	check_frame(input, 4, 4 * NSTIME_SECOND, DLT_EN10MB);
	check_end(input);
	input_stats(input, &stats);
	g_assert_true(stats.nanoseconds);
	g_assert_false(stats.counts_drops);
}

/* The expression means each link type's own frames: 16 bytes that are no Ethernet are IPv4. */
static void test_filter(void)
{
	static const uint8_t ip[RECORD_LENGTH] = { 0x45, 0, 0, 40, [9] = 6 };
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;
	Frame frame;

	pcapng_interface(&file, 1, -1);
	pcapng_interface(&file, LINKTYPE_RAW, -1);
	for (uint32_t i = 0; i < 4; i++) {
		pcapng_record(&file, i % 2, i);
		memcpy(file.bytes->data + file.bytes->len - 4 - RECORD_LENGTH, ip, sizeof(ip));
	}
	path = save(&file, "filter.pcapng");
	input = open_all(path, NULL, NULL, "ip");
	for (int i = 0; i < 4; i++) {
		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
		g_assert_cmpint(frame.rejected, ==, i % 2 == 0);
	}
	check_end(input);
}

/* An expression that one of two link types cannot have: its frames are rejected, and that is said.
 */
static void test_filter_fails(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;
	g_autoptr(GError) error = NULL;
	Frame frame;

	pcapng_interface(&file, 1, -1);
	pcapng_interface(&file, LINKTYPE_RAW, -1);
	pcapng_record(&file, 0, 1000000);
	pcapng_record(&file, 1, 2000000);
	pcapng_record(&file, 0, 3000000);
	path = save(&file, "filter.pcapng");
	input = open_all(path, NULL, NULL, "not ether host 1:2:3:4:5:6");
	check_frame(input, 1, NSTIME_SECOND, DLT_EN10MB);
	g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
	g_assert_true(frame.rejected);
	check_frame(input, 3, 3 * NSTIME_SECOND, DLT_EN10MB);
	g_assert_cmpint(input_next(input, &frame, &error), ==, INPUT_FAIL);
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_FILTER);
	g_assert_nonnull(strstr(error->message, "frame 2: "));
	check_end(input);
}

/* What asks the kernel is refused for files, as tcpdump does, and not answered with no. */
static void test_filter_of_kernel(void)
{
	CaptureFile file = classic_new(MICROSECONDS, false, 1);
	g_autofree char *path = save(&file, "inbound.pcap");
	const char *const files[] = { path, NULL };
	const InputOptions options = { .filter = "inbound", .optimise = true };
	g_autoptr(GError) error = NULL;

	g_assert_null(input_open_files(files, &options, &error));
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_FILTER);
}

/* A frame of a link type that nobody decodes is delivered, so that it is counted. */
static void test_unknown_linktype(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;

	pcapng_interface(&file, 189, -1);
	pcapng_interface(&file, 1, -1);
	pcapng_record(&file, 0, 1000000);
	pcapng_record(&file, 1, 2000000);
	path = save(&file, "usb.pcapng");
	input = open_all(path, NULL, NULL, "len == 1500");
	check_frame(input, 1, NSTIME_SECOND, 189);
	check_frame(input, 2, 2 * NSTIME_SECOND, DLT_EN10MB);
	check_end(input);
}

static void test_times(void)
{
	static const uint8_t offset[] = { 14,   0,    8,    0,    0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const struct {
		uint8_t resolution; /* if_tsresol */
		uint64_t stamp;
		NsTime expected;
	} times[] = {
		/* 1700000.000123456789 s */
		{ 12, 1700000000123456789, INT64_C(1700000000123456) },
		{ 19, UINT64_C(18446744073709551615), 1844674407 },
		{ 20, UINT64_C(18446744073709551615), 184467440 },
		{ 0x7f, UINT64_C(18446744073709551615), 0 },
		/* 2^-63: nearly two seconds. */
		{ 0x80 | 63, UINT64_C(1) << 63, NSTIME_SECOND },
		{ 0x80 | 64, UINT64_C(1) << 63, NSTIME_SECOND / 2 },
		{ 0xff, UINT64_C(18446744073709551615), 0 },
		{ 0x80, 5, 5 * NSTIME_SECOND },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
		CaptureFile file = pcapng_new(false);
		g_autofree char *path = NULL;
		g_autoptr(Input) input = NULL;

		pcapng_interface(&file, 1, times[i].resolution);
		pcapng_record(&file, 0, times[i].stamp);
		path = save(&file, "times.pcapng");
		input = open_all(path, NULL, NULL, NULL);
		check_frame(input, 1, times[i].expected, DLT_EN10MB);
	}
	/* if_tsoffset -1: a second earlier, also than the epoch. */
	for (uint64_t i = 0; i < 2; i++) {
		CaptureFile file = pcapng_new(false);
		g_autofree char *path = NULL;
		g_autoptr(Input) input = NULL;

		put_interface(&file, 1, 0, offset, sizeof(offset));
		pcapng_record(&file, 0, i * 1500000);
		path = save(&file, "offset.pcapng");
		input = open_all(path, NULL, NULL, NULL);
		check_frame(input, 1, i ? NSTIME_SECOND / 2 : -NSTIME_SECOND, DLT_EN10MB);
	}
}

/* The latest statistics of an interface count, those of sections add up. */
static void test_statistics(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;
	InputStats stats;

	pcapng_interface(&file, 1, -1);
	pcapng_interface(&file, 1, -1);
	put_statistics(&file, 0, 1, 2);
	put_statistics(&file, 0, 10, 20);
	put_statistics(&file, 1, 100, 200);
	put_statistics(&file, 9, 5000, 5000);
	put_section(&file, true);
	pcapng_interface(&file, 1, -1);
	put_statistics(&file, 0, 1000, 2000);
	path = save(&file, "statistics.pcapng");
	input = open_all(path, NULL, NULL, NULL);
	check_end(input);
	input_stats(input, &stats);
	g_assert_true(stats.counts_drops);
	g_assert_cmpuint(stats.dropped_interface, ==, 1110);
	g_assert_cmpuint(stats.dropped_kernel, ==, 2220);
}

/* One good frame, then a block that is wrong. */
static void test_damage(void)
{
	static const struct {
		uint32_t words[8]; /* the block, little-endian */
		const char *message;
	} blocks[] = {
		{ { 6, 0 }, "a block of 0 bytes, which no block can have" },
		{ { 6, 8 }, "a block of 8 bytes, which no block can have" },
		{ { 6, 33 }, "a block of 33 bytes, which no block can have" },
		{ { 6, 12, 12 }, "the frame claims 0 bytes in a block of 12" },
		{ { 6, 32, 0, 0, 0, 1, 1, 32 }, "the frame claims 1 bytes in a block of 32" },
		{ { 6, 32, 0, 0, 0, 0xffffffff, 1, 32 },
		  "the frame claims 4294967295 bytes in a block of 32" },
		{ { 6, 32, 7, 0, 0, 0, 1, 32 },
		  "the frame is of interface 7, which the file does not describe" },
		{ { 3, 16, 1, 16 }, "the frame claims 1 bytes in a block of 16" },
		{ { 99, 16, 0, 20 }, "a block of 16 bytes that ends as one of 20" },
		{ { 6, 0xfffffff0 },
		  "the record claims 4294967280 bytes, more than any capture holds" },
		{ { 99, 0xfffffff0 }, "cut off in the middle of the record" },
		{ { 1, 16, 1, 16 }, "a block of 16 bytes, which no block can have" },
		{ { 0x0a0d0d0a, 28, 0x12345678 }, "a section whose byte order is not told" },
		{ { 0x0a0d0d0a, 28, 0x1a2b3c4d, 2, 0, 0, 28 },
		  "version 2.0 of the pcapng format is not known" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
		CaptureFile file = pcapng_new(false);
		g_autofree char *path = NULL, *message = NULL;
		g_autoptr(Input) input = NULL;
		g_autoptr(GError) error = NULL;
		Frame frame;

		pcapng_interface(&file, 1, 6);
		pcapng_record(&file, 0, 1000000);
		for (int j = 0; j < 8; j++)
			put_u32(&file, blocks[i].words[j]);
		path = save(&file, "lies.pcapng");
		input = open_all(path, NULL, NULL, NULL);
		check_frame(input, 1, NSTIME_SECOND, DLT_EN10MB);
		g_assert_cmpint(input_next(input, &frame, &error), ==, INPUT_FAIL);
		/* 28 bytes of section, 40 of interface, 48 of frame. */
		message =
			g_strdup_printf("%s: frame 2 (byte 116): %s; what came before it has been "
					"read",
					path, blocks[i].message);
		g_assert_cmpstr(error->message, ==, message);
		check_end(input);
	}
}

static void check_number(Input *input, uint64_t number, NsTime time)
{
	Frame frame;

	g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
	g_assert_cmpuint(frame.number, ==, number);
	g_assert_cmpint(frame.time, ==, time);
	g_assert_true(frame.rejected);
	g_assert_cmpuint(frame.caplen, ==, 0);
}

/* Custom blocks and the journal's entries have numbers in Wireshark (tshark 4.0 -T fields -e
 * frame.number), and nothing else. */
static void test_numbered(void)
{
	CaptureFile file = pcapng_new(false);
	g_autofree char *path = NULL;
	g_autoptr(Input) input = NULL;

	pcapng_interface(&file, 1, -1);
	put_block(&file, 0xbad, 8);
	put_block(&file, 0x40000bad, 8);
	pcapng_record(&file, 0, 1000000);
	put_block(&file, 9, 20);
	pcapng_interface(&file, 1, -1);
	pcapng_record(&file, 1, 2000000);
	put_block(&file, 0xbad, 4);
	put_u32(&file, 0xbad);
	path = save(&file, "numbered.pcapng");
	input = open_all(path, NULL, NULL, "len == 1500");
	check_number(input, 1, NSTIME_SECOND);
	check_number(input, 2, NSTIME_SECOND);
	check_frame(input, 3, NSTIME_SECOND, DLT_EN10MB);
	check_number(input, 4, 2 * NSTIME_SECOND);
	check_frame(input, 5, 2 * NSTIME_SECOND, DLT_EN10MB);
	check_number(input, 6, 2 * NSTIME_SECOND);
	g_assert_cmpint(input_next(input, &(Frame){ 0 }, NULL), ==, INPUT_FAIL);
	check_end(input);
}

/* Without an interface, a frame or both. */
static void test_bare(void)
{
	CaptureFile file = pcapng_new(true);
	g_autofree char *path = save(&file, "bare.pcapng");
	g_autoptr(Input) input = open_all(path, NULL, NULL, "tcp");

	check_end(input);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pcapng/interfaces", test_interfaces);
	g_test_add_func("/pcapng/filter", test_filter);
	g_test_add_func("/pcapng/filter-fails", test_filter_fails);
	g_test_add_func("/pcapng/filter-of-kernel", test_filter_of_kernel);
	g_test_add_func("/pcapng/unknown-linktype", test_unknown_linktype);
	g_test_add_func("/pcapng/times", test_times);
	g_test_add_func("/pcapng/statistics", test_statistics);
	g_test_add_func("/pcapng/damage", test_damage);
	g_test_add_func("/pcapng/numbered", test_numbered);
	g_test_add_func("/pcapng/bare", test_bare);
	status = g_test_run();
	folder_remove();
	return status;
}
