/* Compressed files: recognised by their first bytes, decompressed as they are read. Knows
 * compression; knows nothing of captures. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_DECOMPRESS_H
#define WIRESTATE_CAPTURE_DECOMPRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/codec.h"
#include "capture/stream.h"

/* The fuzz targets are built with less, so that little input is more than fits. */
#ifndef DECOMPRESS_INPUT
#define DECOMPRESS_INPUT (256 * 1024)
#endif

typedef struct Decompressor Decompressor;

/* How it is compressed that begins with these bytes; NULL when it is not. *wanted is set to more
 * than @length when only so many bytes can tell. */
const Codec *decompress_recognise(const uint8_t *bytes, size_t length, size_t *wanted);

/* Begins decompressing; @bytes are those that were read of the file already, at most
 * DECOMPRESS_INPUT of them. NULL with @error set when this build has not the library. */
Decompressor *decompressor_new(const Codec *codec, Stream *stream, const uint8_t *bytes,
			       size_t length, GError **error);

/* The next bytes, at least one and at most @count; 0 at the end. -1 when the data are damaged or
 * the file cannot be read: then *failure says what is wrong and is to be freed. */
ssize_t decompressor_read(Decompressor *decompressor, uint8_t *out, size_t count, char **failure);

/* "gzip" */
const char *decompressor_name(const Decompressor *decompressor);

void decompressor_free(Decompressor *decompressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Decompressor, decompressor_free)

#endif
