/* The buffer that captures are read from. Knows reading ahead and moving what is left to the front;
 * knows no capture format.
 *
 * A buffer that stays in the processor's cache and is filled by few system calls is what makes
 * reading cheap. A mapping would count as memory and fault page by page. */
#include "capture/bytes.h"

#include <errno.h>
#include <string.h>

/* Much larger ones are slower, and smaller ones no faster. */
#define BUFFER_SIZE DECOMPRESS_INPUT

/* What is at hand begins the capture's @offset byte. */
static void start(Bytes *bytes, uint64_t offset, const uint8_t *end)
{
	bytes->at = bytes->buffer;
	bytes->end = end;
	bytes->record = NULL;
	bytes->offset = offset;
	bytes->ended = false;
	g_clear_pointer(&bytes->failure, g_free);
}

static void allocate(Bytes *bytes)
{
	bytes->size = BUFFER_SIZE;
	bytes->buffer = g_malloc(bytes->size);
	start(bytes, 0, bytes->buffer);
}

/* ReadAheadFunc. Decompressing takes as long as all the rest, so that another thread does it. To
 * read ahead what is not compressed was seen to save little time, and to take more of the
 * processors: the kernel does it. */
static ssize_t decompress(void *data, uint8_t *out, size_t room, char **failure)
{
	return decompressor_read(data, out, room, failure);
}

/* Reads behind @end as much as there is room for, or comes at once. */
static bool read_more(Bytes *bytes)
{
	uint8_t *end = bytes->buffer + (bytes->end - bytes->buffer);
	size_t room = bytes->size - (size_t)(end - bytes->buffer);
	ssize_t got;

	if (bytes->ended)
		return false;
	if (bytes->ahead) {
		got = read_ahead_read(bytes->ahead, end, room, &bytes->failure);
	} else {
		got = stream_read(bytes->stream, end, room);
		if (got < 0)
			bytes->failure = g_strdup(g_strerror(errno));
	}
	bytes->ended = got <= 0;
	if (got > 0)
		bytes->end += got;
	return got > 0;
}

/* Makes room behind what is left. */
static void make_room(Bytes *bytes)
{
	/* The record may lie before @at only when it has been delivered, and then it can go. */
	size_t left = (size_t)(bytes->end - bytes->at);

	bytes->offset = bytes_offset(bytes);
	if (left < bytes->size) {
		memmove(bytes->buffer, bytes->at, left);
	} else {
		bytes->size *= 2;
		bytes->buffer = g_realloc(bytes->buffer, bytes->size);
	}
	bytes->at = bytes->buffer;
	bytes->end = bytes->buffer + left;
	bytes->record = NULL;
}

bool bytes_fill(Bytes *bytes, size_t count)
{
	if (bytes->ended)
		return false;
	while ((size_t)(bytes->end - bytes->at) < count) {
		if (bytes->at > bytes->buffer || bytes->end == bytes->buffer + bytes->size)
			make_room(bytes);
		if (!read_more(bytes))
			return false;
	}
	return true;
}

bool bytes_skip(Bytes *bytes, uint64_t count)
{
	for (;;) {
		size_t there = MIN(count, (size_t)(bytes->end - bytes->at));

		bytes->at += there;
		count -= there;
		if (count == 0)
			return true;
		make_room(bytes);
		if (!read_more(bytes))
			return false;
	}
}

/* Puts a decompressor between when the first bytes say so. */
static bool recognise(Bytes *bytes, GError **error)
{
	size_t wanted = 8, length;
	const Codec *codec;

	do {
		bytes_need(bytes, wanted);
		length = MIN((size_t)(bytes->end - bytes->at), DECOMPRESS_INPUT);
		codec = decompress_recognise(bytes->at, length, &wanted);
	} while (!codec && wanted > length && !bytes->ended);
	if (!codec)
		return true;
	/* All that was read goes through it. */
	bytes->decompressor = decompressor_new(codec, bytes->stream, bytes->at,
					       (size_t)(bytes->end - bytes->at), error);
	if (!bytes->decompressor)
		return false;
	/* A pipe may have to be waited for. */
	bytes->ahead =
		read_ahead_new(decompress, bytes->decompressor, stream_is_regular(bytes->stream));
	start(bytes, 0, bytes->buffer);
	return true;
}

bool bytes_open(Bytes *bytes, const char *path, Wakeup *wakeup, GError **error)
{
	*bytes = (Bytes){ .stream = stream_open(path, wakeup, error) };
	if (!bytes->stream)
		return false;
	allocate(bytes);
	return recognise(bytes, error);
}

void bytes_close(Bytes *bytes)
{
	const uint8_t *go_on = bytes->record ? bytes->record : bytes->at;

	if (!bytes->buffer)
		return;
	bytes->offset += (uint64_t)(go_on - bytes->buffer);
	g_clear_pointer(&bytes->ahead, read_ahead_free);
	g_clear_pointer(&bytes->buffer, g_free);
	bytes->at = bytes->end = bytes->record = NULL;
	stream_close(bytes->stream);
}

bool bytes_reopen(Bytes *bytes, GError **error)
{
	uint64_t offset = bytes->offset;
	bool compressed = bytes->decompressor;

	/* Compressed data can only be read from the beginning. */
	if (!stream_reopen(bytes->stream, compressed ? 0 : offset, error))
		return false;
	allocate(bytes);
	if (!compressed) {
		bytes->offset = offset;
		return true;
	}
	g_clear_pointer(&bytes->decompressor, decompressor_free);
	/* Where it ends earlier than before, what comes next says so. */
	return recognise(bytes, error) && (bytes_skip(bytes, offset) || true);
}

void bytes_clear(Bytes *bytes)
{
	g_free(bytes->buffer);
	g_free(bytes->failure);
	read_ahead_free(bytes->ahead);
	decompressor_free(bytes->decompressor);
	if (bytes->stream)
		stream_free(bytes->stream);
	*bytes = (Bytes){ 0 };
}
