/* Reading ahead, in a thread of its own, while what was read before is used. Knows chunks of memory
 * and whose turn it is; knows neither files nor formats. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_READ_AHEAD_H
#define WIRESTATE_CAPTURE_READ_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ReadAhead ReadAhead;

/* Reads at most @room bytes: how many, 0 at the end, -1 with @failure set to why, which the caller
 * frees. */
typedef ssize_t (*ReadAheadFunc)(void *data, uint8_t *bytes, size_t room, char **failure);

/* Reads with @read and @data, in pieces that do not depend on who reads: what a library makes of
 * damaged data does. With @ahead another thread calls @read once there was some of it, until
 * read_ahead_free(), and it must not wait for anything that may never come; but not when there is
 * no processor to spare, when as many as there are processors read ahead already, or when no thread
 * is to be had. */
ReadAhead *read_ahead_new(ReadAheadFunc read, void *data, bool ahead);

/* What @read gives, or part of it. At the end and after a failure nothing more is read. */
ssize_t read_ahead_read(ReadAhead *ahead, uint8_t *bytes, size_t room, char **failure);

/* Whether a thread reads. */
bool read_ahead_is_ahead(const ReadAhead *ahead);

/* Stops reading: waits for the call of @read at hand. NULL is allowed. */
void read_ahead_free(ReadAhead *ahead);

#endif
