/* The bytes of a file or of standard input. Knows how to look at the first ones before libpcap
 * reads them; knows no format. */
#ifndef WIRESTATE_CAPTURE_STREAM_H
#define WIRESTATE_CAPTURE_STREAM_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Stream Stream;

/* Opens @path, "-" is standard input. Reading ends, as if the file did, once @stop_fd is readable.
 * NULL with @error set when there is no such file, or when it is a directory. */
Stream *stream_open(const char *path, int stop_fd, GError **error);

/* How messages call the stream: its path, or "standard input". */
const char *stream_name(const Stream *stream);

/* Looks at the first @count bytes without taking them away. Returns how many there are, which is
 * less only when the stream ends before; *bytes is valid until the next call. Not to be called
 * after stream_file(). */
size_t stream_peek(Stream *stream, size_t count, const uint8_t **bytes);

/* The errno of the read that failed, 0 when none has. */
int stream_error(const Stream *stream);

/* The stream from its first byte on, to be read and closed before stream_free(). NULL when memory
 * is out. */
FILE *stream_file(Stream *stream);

void stream_free(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

#endif
