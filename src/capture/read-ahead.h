/* Reading ahead, in a thread of its own, while what was read before is used. Knows chunks of memory
 * and whose turn it is; knows neither files nor formats. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_READ_AHEAD_H
#define WIRESTATE_CAPTURE_READ_AHEAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ReadAhead ReadAhead;

/* Reads at most @room bytes: how many, 0 at the end, -1 with @failure set to why, which the caller
 * frees. */
typedef ssize_t (*ReadAheadFunc)(void *data, uint8_t *bytes, size_t room, char **failure);

/* Begins to read with @read, which is called with @data in another thread from now on, until
 * read_ahead_free(), and must not wait for anything that may never come. NULL when there is no
 * processor to spare, when as many as there are processors read ahead already, or when no thread is
 * to be had. */
ReadAhead *read_ahead_new(ReadAheadFunc read, void *data);

/* What @read would have given, waiting for it: at the end and after a failure nothing more is
 * read. */
ssize_t read_ahead_read(ReadAhead *ahead, uint8_t *bytes, size_t room, char **failure);

/* Stops reading: waits for the call of @read at hand. NULL is allowed. */
void read_ahead_free(ReadAhead *ahead);

#endif
