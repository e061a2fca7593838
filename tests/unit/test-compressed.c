/* Compressed captures: each way of compressing, files of several pieces, damage and padding. What
 * this build has no library for is refused. */
#include <fcntl.h>
#include <pcap/dlt.h>
#include <unistd.h>

#include "capture-file.h"

#ifdef HAVE_ZLIB
#include <zlib.h>

static void compress_gzip(GByteArray *out, const GByteArray *in)
{
	z_stream stream = { .next_in = in->data, .avail_in = in->len };
	guint before = out->len;

	g_assert_cmpint(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), ==,
			Z_OK);
	g_byte_array_set_size(out, before + (guint)deflateBound(&stream, in->len));
	stream.next_out = out->data + before;
	stream.avail_out = out->len - before;
	g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
	g_byte_array_set_size(out, before + (guint)stream.total_out);
	deflateEnd(&stream);
}
#else
#define compress_gzip NULL
#endif

#ifdef HAVE_ZSTD
#include <zstd.h>

static void compress_zstd(GByteArray *out, const GByteArray *in)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	guint before = out->len;
	size_t length;

	/* As zstd itself does. */
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	g_byte_array_set_size(out, before + (guint)ZSTD_compressBound(in->len));
	length = ZSTD_compress2(context, out->data + before, out->len - before, in->data, in->len);
	g_assert_false(ZSTD_isError(length));
	g_byte_array_set_size(out, before + (guint)length);
	ZSTD_freeCCtx(context);
}
#else
#define compress_zstd NULL
#endif

#ifdef HAVE_LZMA
#include <lzma.h>

static void compress_xz(GByteArray *out, const GByteArray *in)
{
	guint before = out->len;
	size_t length = 0;

	g_byte_array_set_size(out, before + (guint)lzma_stream_buffer_bound(in->len));
	g_assert_cmpint(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, in->data, in->len,
						out->data + before, &length, out->len - before),
			==, LZMA_OK);
	g_byte_array_set_size(out, before + (guint)length);
}
#else
#define compress_xz NULL
#endif

#ifdef HAVE_LZ4
#include <lz4frame.h>

static void compress_lz4(GByteArray *out, const GByteArray *in)
{
	const LZ4F_preferences_t preferences = {
		.frameInfo = { .contentChecksumFlag = LZ4F_contentChecksumEnabled },
	};
	guint before = out->len;
	size_t length;

	g_byte_array_set_size(out, before + (guint)LZ4F_compressFrameBound(in->len, &preferences));
	length = LZ4F_compressFrame(out->data + before, out->len - before, in->data, in->len,
				    &preferences);
	g_assert_false(LZ4F_isError(length));
	g_byte_array_set_size(out, before + (guint)length);
}
#else
#define compress_lz4 NULL
#endif

static const struct {
	const char *name;    /* as messages call it */
	const char *program; /* that they recommend */
	const char *magic;   /* the beginning of such a file */
	guint magic_length;
	void (*compress)(GByteArray *out, const GByteArray *in); /* NULL: not in this build */
} ways[] = {
	{ "gzip", "zcat", "\x1f\x8b\x08", 3, compress_gzip },
	{ "zstd", "zstdcat", "\x28\xb5\x2f\xfd", 4, compress_zstd },
	{ "xz", "xzcat",
	  "\xfd"
	  "7zXZ",
	  6, compress_xz },
	{ "lz4", "lz4cat", "\x04\x22\x4d\x18", 4, compress_lz4 },
};

/* More than a buffer holds, and nothing that a compressor finds easy. */
#define RECORDS 30000u

static GByteArray *sample_of(uint32_t records)
{
	CaptureFile file = classic_new(NANOSECONDS, true, 1);
	uint32_t random = 1;

	for (uint32_t i = 1; i <= records; i++) {
		random = random * 1664525 + 1013904223;
		classic_record(&file, i, random % 1000000000);
	}
	return file.bytes;
}

static GByteArray *sample(void)
{
	return sample_of(RECORDS);
}

static void check_frames(const char *path)
{
	g_autoptr(Input) input = open_all(path, NULL, NULL, NULL);
	Frame frame;

	for (uint32_t i = 1; i <= RECORDS; i++) {
		g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
		g_assert_cmpuint(frame.number, ==, i);
		g_assert_cmpint(frame.time / NSTIME_SECOND, ==, i);
		g_assert_cmpmem(frame.data, frame.caplen, RECORD_DATA, RECORD_LENGTH);
	}
	check_end(input);
}

static void test_whole(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autoptr(GByteArray) plain = sample(), out = g_byte_array_new();
	g_autofree char *path = NULL;
	int saved, descriptor;

	ways[way].compress(out, plain);
	path = save_bytes("whole", out->data, out->len);
	check_frames(path);
	/* And from standard input. */
	descriptor = open(path, O_RDONLY);
	saved = dup(STDIN_FILENO);
	dup2(descriptor, STDIN_FILENO);
	close(descriptor);
	check_frames("-");
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* Nobody is left behind who decompresses what is not read. */
static void test_left(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autoptr(GByteArray) plain = sample(), out = g_byte_array_new();
	g_autofree char *path = NULL;

	ways[way].compress(out, plain);
	path = save_bytes("left", out->data, out->len);
	for (uint32_t reads = 0; reads <= RECORDS; reads += RECORDS / 2) {
		g_autoptr(Input) input = open_all(path, NULL, NULL, NULL);
		Frame frame;

		for (uint32_t i = 0; i < reads; i++)
			g_assert_cmpint(input_next(input, &frame, NULL), ==, INPUT_FRAME);
	}
}

/* The capture in three pieces, which are not cut where records are, and zeros behind them. */
static void test_pieces(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autoptr(GByteArray) plain = sample(), out = g_byte_array_new();
	g_autofree char *path = NULL;

	for (guint i = 0; i < 3; i++) {
		guint from = plain->len / 3 * i,
		      to = i == 2 ? plain->len : plain->len / 3 * (i + 1);
		GByteArray *piece = g_byte_array_new();

		g_byte_array_append(piece, plain->data + from, to - from);
		ways[way].compress(out, piece);
		g_byte_array_unref(piece);
	}
	g_byte_array_append(out, (const uint8_t[1024]){ 0 }, 1024);
	path = save_bytes("pieces", out->data, out->len);
	check_frames(path);
}

/* Reads a damaged file to its end and returns the message; the caller frees it. */
static char *failure(const char *path, uint64_t *frames)
{
	g_autoptr(Input) input = open_all(path, NULL, NULL, NULL);
	g_autoptr(GError) error = NULL;
	InputResult result;
	Frame frame;

	for (*frames = 0; (result = input_next(input, &frame, &error)) == INPUT_FRAME;)
		++*frames;
	g_assert_cmpint(result, ==, INPUT_FAIL);
	check_end(input);
	return g_strdup(error->message);
}

static void check_failure(const char *path, const char *name, const char *what, uint64_t least)
{
	uint64_t frames;
	g_autofree char *message = failure(path, &frames);
	g_autofree char *expected =
		g_strdup_printf("frame %" G_GUINT64_FORMAT " (byte %" G_GUINT64_FORMAT
				", decompressed): the %s data are %s",
				frames + 1, 24 + frames * 32, name, what);

	g_test_message("%s", message);
	g_assert_cmpuint(frames, >=, least);
	g_assert_nonnull(strstr(message, expected));
}

/* What could be decompressed before the end is read. */
static void test_cut(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autoptr(GByteArray) plain = sample(), out = g_byte_array_new();

	ways[way].compress(out, plain);
	for (guint cut = 1; cut <= 4; cut += 3) {
		g_autofree char *path = save_bytes("cut", out->data, out->len - cut);

		check_failure(path, ways[way].name, "cut off", 1);
	}
}

static void test_damaged(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autoptr(GByteArray) plain = sample(), out = g_byte_array_new();
	g_autofree char *path = NULL;

	ways[way].compress(out, plain);
	/* Behind it, something else. */
	g_byte_array_append(out, (const uint8_t *)"something else, and more of it", 30);
	path = save_bytes("damaged", out->data, out->len);
	check_failure(path, ways[way].name, "damaged", RECORDS);
}

/* All of these libraries check at the end what they have decompressed; one that finds it wrong then
 * has decompressed it all the same. */
static void test_wrong_at_the_end(gconstpointer data)
{
	const uint32_t records[] = { 3, 1000, RECORDS };
	size_t way = GPOINTER_TO_SIZE(data);

	for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
		g_autoptr(GByteArray) plain = sample_of(records[i]), out = g_byte_array_new();
		g_autofree char *path = NULL;

		ways[way].compress(out, plain);
		out->data[out->len - 1] ^= 1;
		path = save_bytes("wrong", out->data, out->len);
		check_failure(path, ways[way].name, "damaged", records[i]);
	}
}

static void check_refused(const char *path, const char *what)
{
	const char *const files[] = { path, NULL };
	const InputOptions options = { 0 };
	g_autofree char *expected = g_strconcat(path, ": ", what, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(input_open_files(files, &options, &error));
	g_assert_error(error, INPUT_ERROR, INPUT_ERROR_OPEN);
	g_assert_cmpstr(error->message, ==, expected);
}

static void test_no_capture(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autoptr(GByteArray) text = g_byte_array_new(), out = g_byte_array_new();
	g_autofree char *path = NULL, *what = NULL;

	g_byte_array_append(text, (const uint8_t *)"no capture at all", 17);
	ways[way].compress(out, text);
	path = save_bytes("text", out->data, out->len);
	check_refused(path, "is not a capture (pcap or pcapng), also when decompressed");
	/* Only the beginning of one. */
	g_free(path);
	path = save_bytes("magic", ways[way].magic, ways[way].magic_length);
	what = g_strdup_printf("the %s data are cut off", ways[way].name);
	check_refused(path, what);
}

static void test_missing(gconstpointer data)
{
	size_t way = GPOINTER_TO_SIZE(data);
	g_autofree char *path = save_bytes("missing", ways[way].magic, ways[way].magic_length);
	g_autofree char *what =
		g_strdup_printf("compressed with %s, which this wirestate was built "
				"without; decompress it first: %s %s | wirestate "
				"-r -",
				ways[way].name, ways[way].program, path);

	check_refused(path, what);
}

static void add(const char *test, size_t way, GTestDataFunc function)
{
	g_autofree char *name = g_strdup_printf("/compressed/%s/%s", ways[way].name, test);

	g_test_add_data_func(name, GSIZE_TO_POINTER(way), function);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	for (size_t way = 0; way < G_N_ELEMENTS(ways); way++) {
		if (!ways[way].compress) {
			add("missing", way, test_missing);
			continue;
		}
		add("whole", way, test_whole);
		add("left", way, test_left);
		add("pieces", way, test_pieces);
		add("cut", way, test_cut);
		add("damaged", way, test_damaged);
		add("wrong-at-the-end", way, test_wrong_at_the_end);
		add("no-capture", way, test_no_capture);
	}
	status = g_test_run();
	folder_remove();
	return status;
}
