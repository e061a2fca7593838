/* Decompressing as it is read. Knows files made of several compressed pieces, padding between them
 * and files that end too early; knows no library (see codec.h) and nothing of captures. */
#include "capture/decompress.h"

#include <errno.h>
#include <string.h>

#include "capture/input.h"
#include "capture/record.h"

struct Decompressor {
	const Codec *codec;              /* how it is compressed */
	void *state;                     /* the library's */
	Stream *stream;                  /* borrowed: compressed bytes */
	CodecBuffers buffers;            /* what of @input is left */
	bool input_ended;                /* the stream has no more */
	bool between;                    /* one piece has ended and no other has begun */
	char *failed;                    /* what went wrong, once it has; NULL before */
	uint8_t input[DECOMPRESS_INPUT]; /* compressed bytes */
};

/* zstd and lz4: a frame that carries something else, of the length that follows (RFC 8878 3.1.2).
 * pzstd begins its files with one. */
static bool is_skippable(const uint8_t *bytes)
{
	return (GUINT32_FROM_LE(number_u32(bytes, false)) & 0xfffffff0) == 0x184d2a50;
}

const Codec *decompress_recognise(const uint8_t *bytes, size_t length, size_t *wanted)
{
	size_t at = 0;

	*wanted = length;
	while (length - at >= 8 && is_skippable(bytes + at)) {
		uint64_t next =
			at + 8 + (uint64_t)GUINT32_FROM_LE(number_u32(bytes + at + 4, false));

		if (next > DECOMPRESS_INPUT - 8)
			return NULL;
		if (next + 8 > length) {
			*wanted = next + 8;
			if (next + 4 > length)
				return NULL;
		}
		at = next;
	}
	for (const Codec *codec = codecs; codec->name; codec++)
		if (length - at >= codec->length &&
		    memcmp(bytes + at, codec->magic, codec->length) == 0)
			return codec;
	return NULL;
}

Decompressor *decompressor_new(const Codec *codec, Stream *stream, const uint8_t *bytes,
			       size_t length, GError **error)
{
	const char *name = stream_name(stream);
	Decompressor *decompressor;
	void *state = codec->begin ? codec->begin() : NULL;

	if (!state) {
		g_set_error(error, INPUT_ERROR, INPUT_ERROR_OPEN,
			    "%s: compressed with %s, which this wirestate was built without; "
			    "decompress it first: %s %s | wirestate -r -",
			    name, codec->name, codec->program,
			    strcmp(name, "standard input") == 0 ? "FILE" : name);
		return NULL;
	}
	g_assert(length <= DECOMPRESS_INPUT);
	decompressor = g_new(Decompressor, 1);
	decompressor->codec = codec;
	decompressor->state = state;
	decompressor->stream = stream;
	decompressor->input_ended = false;
	decompressor->between = false;
	decompressor->failed = NULL;
	memcpy(decompressor->input, bytes, length);
	decompressor->buffers = (CodecBuffers){ .in = decompressor->input, .in_left = length };
	return decompressor;
}

/* Reads compressed bytes when there are none. False when that fails. */
static bool refill(Decompressor *decompressor)
{
	ssize_t got;

	if (decompressor->buffers.in_left > 0 || decompressor->input_ended)
		return true;
	got = stream_read(decompressor->stream, decompressor->input, DECOMPRESS_INPUT);
	if (got < 0)
		return false;
	decompressor->input_ended = got == 0;
	decompressor->buffers.in = decompressor->input;
	decompressor->buffers.in_left = (size_t)got;
	return true;
}

/* Zeros between pieces and behind the last: gzip's files may end in them, and xz's pieces have them
 * between them. */
static void skip_padding(CodecBuffers *buffers)
{
	while (buffers->in_left > 0 && *buffers->in == 0) {
		buffers->in++;
		buffers->in_left--;
	}
}

/* One call of the library. Sets @failed when the data are damaged or cut off. */
static void run(Decompressor *decompressor)
{
	CodecBuffers *buffers = &decompressor->buffers;
	const char *name = decompressor->codec->name;
	size_t in_before = buffers->in_left, out_before = buffers->out_left;
	CodecResult result;

	buffers->why = NULL;
	result = decompressor->codec->run(decompressor->state, buffers);
	decompressor->between = result == CODEC_DONE;
	if (result == CODEC_BAD)
		decompressor->failed = buffers->why
					       ? g_strdup_printf("the %s data are damaged (%s)",
								 name, buffers->why)
					       : g_strdup_printf("the %s data are damaged", name);
	else if (result == CODEC_MORE && buffers->in_left == in_before &&
		 buffers->out_left == out_before)
		decompressor->failed = g_strdup_printf("the %s data are cut off", name);
}

ssize_t decompressor_read(Decompressor *decompressor, uint8_t *out, size_t count, char **failure)
{
	CodecBuffers *buffers = &decompressor->buffers;

	buffers->out = out;
	buffers->out_left = count;
	while (!decompressor->failed && buffers->out_left == count) {
		if (!refill(decompressor)) {
			decompressor->failed = g_strdup(g_strerror(errno));
			break;
		}
		if (decompressor->between)
			skip_padding(buffers);
		if (!decompressor->between || buffers->in_left > 0)
			run(decompressor);
		else if (decompressor->input_ended)
			return 0;
	}
	/* What was there before it failed comes first. */
	if (buffers->out_left < count)
		return (ssize_t)(count - buffers->out_left);
	*failure = g_strdup(decompressor->failed);
	return -1;
}

const char *decompressor_name(const Decompressor *decompressor)
{
	return decompressor->codec->name;
}

void decompressor_free(Decompressor *decompressor)
{
	if (!decompressor)
		return;
	decompressor->codec->end(decompressor->state);
	g_free(decompressor->failed);
	g_free(decompressor);
}
