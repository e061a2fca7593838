/* The libraries that decompress. Knows how each is called; knows no file. Memory that a library
 * needs is bounded by its own limits: 128 MiB of history for zstd, LZMA_MEMORY for xz. */
#include "capture/codec.h"

#include <glib.h>
#include <stdbool.h>

#ifdef HAVE_ZLIB
#include <zlib.h>

static void *gzip_begin(void)
{
	z_stream *stream = g_new0(z_stream, 1);

	/* 16 more than the window's bits: with the header of gzip. */
	if (inflateInit2(stream, 15 + 16) != Z_OK)
		g_clear_pointer(&stream, g_free);
	return stream;
}

static CodecResult gzip_run(void *state, CodecBuffers *buffers)
{
	z_stream *stream = state;
	int status;

	stream->next_in = (Bytef *)buffers->in;
	stream->avail_in = (uInt)MIN(buffers->in_left, G_MAXINT);
	stream->next_out = buffers->out;
	stream->avail_out = (uInt)MIN(buffers->out_left, G_MAXINT);
	status = inflate(stream, Z_NO_FLUSH);
	buffers->in_left -= (size_t)(stream->next_in - buffers->in);
	buffers->in = stream->next_in;
	buffers->out_left -= (size_t)(stream->next_out - buffers->out);
	buffers->out = stream->next_out;
	switch (status) {
	case Z_OK:
	case Z_BUF_ERROR:
		return CODEC_MORE;
	case Z_STREAM_END:
		inflateReset(stream);
		return CODEC_DONE;
	default:
		buffers->why = stream->msg;
		return CODEC_BAD;
	}
}

static void gzip_end(void *state)
{
	inflateEnd(state);
	g_free(state);
}
#else
#define gzip_begin NULL
#define gzip_run   NULL
#define gzip_end   NULL
#endif

#if defined(HAVE_ZSTD) || defined(HAVE_LZ4)
/* libzstd and liblz4 forget what they have decompressed in the call that finds damage, and given
 * everything at once they would decompress everything in that call. So they get in a call what they
 * asked for in the one before, which is one block. */
typedef struct {
	void *library; /* its state */
	size_t first;  /* what it wants of a frame's beginning, in bytes */
	size_t next;   /* what it wants now */
	bool full;     /* it may have more to give than there was room for */
} Pieces;

/* A call of the library: *in and *out are the bytes at hand and the room, and become those that
 * were taken and given. Returns what it wants next, 0 behind a frame; buffers->why is set when the
 * data are damaged. */
typedef size_t (*PieceFunc)(void *library, CodecBuffers *buffers, size_t *in, size_t *out);

static CodecResult pieces_run(Pieces *pieces, CodecBuffers *buffers, PieceFunc piece)
{
	bool was_full;
	size_t in, out, next;

	do {
		/* What is left of the block before comes first, and alone. */
		was_full = pieces->full;
		in = was_full ? 0 : MIN(buffers->in_left, pieces->next);
		out = buffers->out_left;
		next = piece(pieces->library, buffers, &in, &out);
		if (buffers->why)
			return CODEC_BAD;
		pieces->next = next ? next : pieces->first;
		pieces->full = next && out == buffers->out_left;
		buffers->in += in;
		buffers->in_left -= in;
		buffers->out += out;
		buffers->out_left -= out;
	} while (was_full && out == 0);
	return next == 0 ? CODEC_DONE : CODEC_MORE;
}
#endif

#ifdef HAVE_ZSTD
#include <zstd.h>

static void *zstd_begin(void)
{
	Pieces *pieces = g_new0(Pieces, 1);

	pieces->library = ZSTD_createDCtx();
	pieces->first = pieces->next = ZSTD_initDStream(pieces->library);
	return pieces;
}

static size_t zstd_piece(void *library, CodecBuffers *buffers, size_t *in, size_t *out)
{
	ZSTD_inBuffer input = { buffers->in, *in, 0 };
	ZSTD_outBuffer output = { buffers->out, *out, 0 };
	size_t status = ZSTD_decompressStream(library, &output, &input);

	*in = input.pos;
	*out = output.pos;
	if (ZSTD_isError(status))
		buffers->why = ZSTD_getErrorName(status);
	return status;
}

static CodecResult zstd_run(void *state, CodecBuffers *buffers)
{
	return pieces_run(state, buffers, zstd_piece);
}

static void zstd_end(void *state)
{
	Pieces *pieces = state;

	ZSTD_freeDCtx(pieces->library);
	g_free(pieces);
}
#else
#define zstd_begin NULL
#define zstd_run   NULL
#define zstd_end   NULL
#endif

#ifdef HAVE_LZMA
#include <lzma.h>

/* xz -9 needs 65 MiB. */
#define LZMA_MEMORY (256 * 1024 * 1024)

static void *xz_begin(void)
{
	lzma_stream *stream = g_new0(lzma_stream, 1);

	if (lzma_stream_decoder(stream, LZMA_MEMORY, 0) != LZMA_OK)
		g_clear_pointer(&stream, g_free);
	return stream;
}

static CodecResult xz_run(void *state, CodecBuffers *buffers)
{
	lzma_stream *stream = state;
	lzma_ret status;

	stream->next_in = buffers->in;
	stream->avail_in = buffers->in_left;
	stream->next_out = buffers->out;
	stream->avail_out = buffers->out_left;
	status = lzma_code(stream, LZMA_RUN);
	buffers->in = stream->next_in;
	buffers->in_left = stream->avail_in;
	buffers->out = stream->next_out;
	buffers->out_left = stream->avail_out;
	switch (status) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return CODEC_MORE;
	case LZMA_STREAM_END:
		return lzma_stream_decoder(stream, LZMA_MEMORY, 0) == LZMA_OK ? CODEC_DONE
									      : CODEC_BAD;
	case LZMA_MEMLIMIT_ERROR:
		buffers->why = "it needs more than 256 MiB of memory";
		return CODEC_BAD;
	case LZMA_OPTIONS_ERROR:
		buffers->why = "its options are not known";
		return CODEC_BAD;
	default:
		return CODEC_BAD;
	}
}

static void xz_end(void *state)
{
	lzma_end(state);
	g_free(state);
}
#else
#define xz_begin NULL
#define xz_run   NULL
#define xz_end   NULL
#endif

#ifdef HAVE_LZ4
#include <lz4frame.h>

/* The shortest header of a frame. */
#define LZ4_FIRST 7

static void *lz4_begin(void)
{
	LZ4F_dctx *context;
	Pieces *pieces;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
		return NULL;
	pieces = g_new0(Pieces, 1);
	pieces->library = context;
	pieces->first = pieces->next = LZ4_FIRST;
	return pieces;
}

static size_t lz4_piece(void *library, CodecBuffers *buffers, size_t *in, size_t *out)
{
	size_t status = LZ4F_decompress(library, buffers->out, out, buffers->in, in, NULL);

	if (LZ4F_isError(status))
		buffers->why = LZ4F_getErrorName(status);
	return status;
}

static CodecResult lz4_run(void *state, CodecBuffers *buffers)
{
	return pieces_run(state, buffers, lz4_piece);
}

static void lz4_end(void *state)
{
	Pieces *pieces = state;

	LZ4F_freeDecompressionContext(pieces->library);
	g_free(pieces);
}
#else
#define lz4_begin NULL
#define lz4_run   NULL
#define lz4_end   NULL
#endif

/* RFC 1952, RFC 8878, the .xz file format 1.1, the LZ4 frame format 1.6. */
const Codec codecs[] = {
	{ "gzip", "zcat", 2, { 0x1f, 0x8b }, gzip_begin, gzip_run, gzip_end },
	{ "zstd", "zstdcat", 4, { 0x28, 0xb5, 0x2f, 0xfd }, zstd_begin, zstd_run, zstd_end },
	{ "xz", "xzcat", 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 }, xz_begin, xz_run, xz_end },
	{ "lz4", "lz4cat", 4, { 0x04, 0x22, 0x4d, 0x18 }, lz4_begin, lz4_run, lz4_end },
	{ "bzip2", "bzcat", 3, { 'B', 'Z', 'h' }, NULL, NULL, NULL },
	{ .name = NULL },
};
