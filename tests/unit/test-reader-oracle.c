/* Files as our reader reads them against libpcap's own: every capture of the tree, captures of
 * every variant of the format, and damaged ones. Whatever frames libpcap delivers we deliver, too,
 * with the same time, lengths, link type and bytes; and where it reads to the end, so do we. */
#include <pcap/pcap.h>

#include "capture-file.h"

/* libpcap 1.10 takes the seconds of the classic format for signed, and its arithmetic of time
 * stamps wraps: beyond 2038 the two may differ. */
static void check_time(const struct pcap_pkthdr *header, NsTime time)
{
	if (header->ts.tv_sec < 0 || header->ts.tv_sec > G_MAXINT32 || header->ts.tv_usec < 0)
		return;
	g_assert_cmpint(header->ts.tv_sec * NSTIME_SECOND + header->ts.tv_usec, ==, time);
}

static bool knows_all(int linktype G_GNUC_UNUSED)
{
	return true;
}

/* Reads a file both ways. Returns how many frames libpcap read; *whole says whether it came to the
 * end. */
static unsigned compare(const char *path, bool *whole)
{
	const char *const files[] = { path, NULL };
	const InputOptions options = { .knows_linktype = knows_all };
	g_autoptr(GError) error = NULL;
	g_autoptr(Input) input = input_open_files(files, &options, &error);
	char message[PCAP_ERRBUF_SIZE];
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, message);
	struct pcap_pkthdr *header;
	const uint8_t *data;
	unsigned count = 0;
	Frame frame;
	int status;

	*whole = false;
	if (!pcap)
		return 0;
	g_assert_no_error(error);
	while ((status = pcap_next_ex(pcap, &header, &data)) == 1) {
		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
		g_assert_cmpuint(frame.number, ==, ++count);
		check_time(header, frame.time);
		g_assert_cmpuint(frame.len, ==, header->len);
		g_assert_cmpint(frame.linktype, ==, pcap_datalink(pcap));
		g_assert_cmpmem(frame.data, frame.caplen, data, header->caplen);
	}
	*whole = status == PCAP_ERROR_BREAK;
	if (*whole)
		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_END);
	pcap_close(pcap);
	return count;
}

static void compare_whole(const char *path, unsigned least)
{
	bool whole;
	unsigned count = compare(path, &whole);

	g_test_message("%s: %u frames", path, count);
	g_assert_true(whole);
	g_assert_cmpuint(count, >=, least);
}

/* All captures under a folder. Returns how many there were. */
static unsigned compare_folder(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	unsigned count = 0;
	const char *name;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			count += compare_folder(path);
		} else if (g_str_has_suffix(name, ".pcap") || g_str_has_suffix(name, ".pcapng")) {
			compare_whole(path, 1);
			count++;
		}
	}
	g_dir_close(dir);
	return count;
}

static void test_captures(void)
{
	g_autofree char *captures = g_test_build_filename(G_TEST_DIST, "..", "captures", NULL);

	g_assert_cmpuint(compare_folder(captures), >, 30);
}

/* A classic capture of any magic number and version, with lengths in either order. */
static CaptureFile variant_new(uint32_t magic, bool big_endian, uint16_t minor, uint32_t linktype,
			       uint32_t snaplen)
{
	CaptureFile file = { g_byte_array_new(), big_endian };

	put_u32(&file, magic);
	put_u16(&file, 2);
	put_u16(&file, minor);
	put_u32(&file, 0);
	put_u32(&file, 0);
	put_u32(&file, snaplen);
	put_u32(&file, linktype);
	for (unsigned i = 0; i < 5; i++) {
		uint8_t data[64];

		for (unsigned j = 0; j < sizeof(data); j++)
			data[j] = (uint8_t)(i * 64 + j);
		put_u32(&file, 1700000000 + i);
		put_u32(&file, 100 * i);
		put_u32(&file, i % 2 ? 64 : 60 + i);
		put_u32(&file, i % 2 ? 60 + i : 64);
		if (magic == 0xa1b2cd34) {
			put_u32(&file, 1);
			put_u32(&file, 2);
		}
		/* Whichever of the lengths it is. */
		g_byte_array_append(file.bytes, data, 64);
	}
	return file;
}

static void test_variants(void)
{
	static const uint32_t magics[] = { MICROSECONDS, NANOSECONDS, 0xa1b2cd34 };
	static const uint32_t linktypes[] = { 1, 0, 101, 113, 0xf4000001 };
	static const uint32_t snaplens[] = { 65535, 0, 40, 0xffffffff };
	unsigned wholes = 0;

	for (unsigned i = 0; i < 3 * 2 * 5 * 5 * 4; i++) {
		CaptureFile file = variant_new(magics[i % 3], i / 3 % 2, (uint16_t)(i / 6 % 5),
					       linktypes[i / 30 % 5], snaplens[i / 150]);
		g_autofree char *path = save(&file, "variant.pcap");
		bool whole;

		/* Where the length captured is not 64 the records after it are nonsense, to both.
		 */
		g_assert_cmpuint(compare(path, &whole), >=, 1);
		wholes += whole;
		g_unlink(path);
	}
	g_assert_cmpuint(wholes, <, 600);
}

static CaptureFile pcapng_sample(bool big_endian)
{
	CaptureFile file = pcapng_new(big_endian);

	pcapng_interface(&file, 1, 9);
	pcapng_interface(&file, 1, -1);
	/* Statistics, then a block of an unknown type. */
	put_u32(&file, 5);
	put_u32(&file, 24);
	put_u32(&file, 0);
	put_u32(&file, 0);
	put_u32(&file, 0);
	put_u32(&file, 24);
	put_u32(&file, 0x0bad0bad);
	put_u32(&file, 12);
	put_u32(&file, 12);
	pcapng_record(&file, 0, 1700000000000000001);
	pcapng_record(&file, 1, 1700000000000001);
	/* A simple packet: its length is all that is told. */
	put_u32(&file, 3);
	put_u32(&file, 32);
	put_u32(&file, RECORD_LENGTH);
	g_byte_array_append(file.bytes, (const uint8_t *)RECORD_DATA, RECORD_LENGTH);
	put_u32(&file, 32);
	/* An obsolete one. */
	put_u32(&file, 2);
	put_u32(&file, 48);
	put_u16(&file, 1);
	put_u16(&file, 7);
	put_u32(&file, 0x000604f0);
	put_u32(&file, 0x12345678);
	put_u32(&file, RECORD_LENGTH - 3);
	put_u32(&file, 1500);
	g_byte_array_append(file.bytes, (const uint8_t *)RECORD_DATA, RECORD_LENGTH);
	put_u32(&file, 48);
	return file;
}

static void test_blocks(void)
{
	for (int order = 0; order < 2; order++) {
		CaptureFile file = pcapng_sample(order);
		g_autofree char *path = save(&file, "blocks.pcapng");

		compare_whole(path, 4);
	}
}

/* Every byte of a file replaced by some values, in turn. */
static void check_damaged(const CaptureFile *file, const char *name)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	unsigned frames = 0;

	for (guint at = 0; at < file->bytes->len; at++) {
		uint8_t good = file->bytes->data[at];

		for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
			g_autofree char *path = NULL;
			bool whole;

			file->bytes->data[at] = values[i];
			path = save_bytes(name, file->bytes->data, file->bytes->len);
			frames += compare(path, &whole);
			/* GLib would wait for the disk before it writes over a file. */
			g_unlink(path);
		}
		file->bytes->data[at] = good;
	}
	g_assert_cmpuint(frames, >, file->bytes->len);
	g_byte_array_unref(file->bytes);
}

static void test_damaged(void)
{
	for (int order = 0; order < 2; order++) {
		CaptureFile next = pcapng_sample(order);
		CaptureFile classic = classic_new(MICROSECONDS, order, 1);

		classic_record(&classic, 1, 0);
		classic_record(&classic, 2, 0);
		check_damaged(&next, "damaged.pcapng");
		check_damaged(&classic, "damaged.pcap");
	}
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reader/oracle/captures", test_captures);
	g_test_add_func("/reader/oracle/variants", test_variants);
	g_test_add_func("/reader/oracle/blocks", test_blocks);
	g_test_add_func("/reader/oracle/damaged", test_damaged);
	status = g_test_run();
	folder_remove();
	return status;
}
