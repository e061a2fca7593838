/* A capture's bytes in one large buffer, decompressed where that is needed. Knows how many are
 * there; knows no capture format. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_BYTES_H
#define WIRESTATE_CAPTURE_BYTES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/decompress.h"
#include "capture/read-ahead.h"
#include "capture/stream.h"

/* A reader takes bytes by moving @at on. */
typedef struct {
	const uint8_t *at;     /* the next byte */
	const uint8_t *end;    /* behind the last that is there */
	const uint8_t *record; /* where the present frame's record begins; NULL before the first */
	uint8_t *buffer;       /* owned; NULL while closed */
	size_t size;           /* of @buffer */
	uint64_t offset; /* of @buffer's first byte in the capture; while closed, where to go on */
	Stream *stream;  /* owned: where bytes come from */
	Decompressor *decompressor; /* owned: what they go through; NULL when not compressed */
	ReadAhead *ahead;           /* owned: what calls @decompressor; NULL when there is none */
	bool ended;                 /* nothing comes behind @end */
	char *failure;              /* why, when it was not the end of the file; NULL otherwise */
} Bytes;

/* Opens a file, "-" is standard input, and looks whether it is compressed; see stream_open(). False
 * with @error set when that fails, or when it is compressed in a way that this build cannot undo.
 * @bytes is to be cleared in any case. */
bool bytes_open(Bytes *bytes, const char *path, Wakeup *wakeup, GError **error);

/* What bytes_need() does when they are not there. */
bool bytes_fill(Bytes *bytes, size_t count);

/* Whether @count bytes are there at @at, reading more if need be. The buffer may move then: what
 * pointed into it is gone, but for @at, @end and @record. More memory than the buffer had is taken
 * only as bytes really come. */
static inline bool bytes_need(Bytes *bytes, size_t count)
{
	return __builtin_expect((size_t)(bytes->end - bytes->at) >= count, 1) ||
	       bytes_fill(bytes, count);
}

/* Moves @at on by @count, which may be more than any buffer holds. False when the file ends
 * before. */
bool bytes_skip(Bytes *bytes, uint64_t count);

/* How many bytes of the capture (decompressed) lie before @at. */
static inline uint64_t bytes_offset(const Bytes *bytes)
{
	return bytes->offset + (uint64_t)(bytes->at - bytes->buffer);
}

/* Gives descriptor and memory back; bytes_reopen() goes on at the present record, or at @at when
 * there is none yet. */
void bytes_close(Bytes *bytes);

/* False with @error set when the file is not there any more, or is another one. */
bool bytes_reopen(Bytes *bytes, GError **error);

static inline bool bytes_are_open(const Bytes *bytes)
{
	return bytes->buffer;
}

void bytes_clear(Bytes *bytes);

#endif
