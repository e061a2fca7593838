/* The bytes of a file or of standard input, as they are stored. Knows descriptors; knows no format.
 * Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_STREAM_H
#define WIRESTATE_CAPTURE_STREAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/wakeup.h"

typedef struct Stream Stream;

/* Opens @path, "-" is standard input. Reading ends, as if the file did, once @wakeup (borrowed)
 * says so. NULL with @error set when there is no such file, or when it is a directory. */
Stream *stream_open(const char *path, Wakeup *wakeup, GError **error);

/* How messages call the stream: its path, or "standard input". */
const char *stream_name(const Stream *stream);

/* Whether it can be closed and opened again where it was left: a regular file that has a name. */
bool stream_can_reopen(const Stream *stream);

/* Gives the descriptor back. */
void stream_close(Stream *stream);

/* Opens it again, @offset bytes behind its beginning. False with @error set when it is not there
 * any more, or another file is in its place. */
bool stream_reopen(Stream *stream, uint64_t offset, GError **error);

/* As read(2), waiting for the first byte: 0 at the end; -1 with errno set. */
ssize_t stream_read(Stream *stream, void *bytes, size_t count);

/* Whether it is a regular file, in which reading waits for nobody. */
bool stream_is_regular(const Stream *stream);

/* How many bytes of the file have been read, and how many it had when it was opened first; a pipe
 * has 0. May be asked while another thread reads. */
void stream_progress(const Stream *stream, uint64_t *read, uint64_t *size);

void stream_free(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

#endif
