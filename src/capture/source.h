/* One capture file, of any format and compression. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_SOURCE_H
#define WIRESTATE_CAPTURE_SOURCE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/filter.h"
#include "capture/input.h"
#include "capture/wakeup.h"

typedef struct Source Source;

typedef enum {
	SOURCE_FRAME, /* source_head() has the next one */
	SOURCE_END,   /* there is no more */
	SOURCE_FAIL,  /* damaged: the error says how; there is no more */
} SourceResult;

/* Opens a capture, "-" is standard input; checks its link type and compiles the filter (borrowed;
 * NULL: none) for it. Reading ends once @wakeup says so. */
Source *source_open(const char *path, Wakeup *wakeup, const InputOptions *options, Filter *filter,
		    GError **error);

/* Moves on to the next frame. A source that has no more gives descriptor and memory back. */
SourceResult source_next(Source *source, GError **error);

/* Whether source_next() would give a frame now, while the bytes of the present one stay valid. */
bool source_is_ready(const Source *source);

/* Moves on for as long as source_is_ready() says that there is a frame, but by no more than @room,
 * and sets all of @frames but number and accepted, which are not its to give. Returns how many. It
 * may stop before it has to: files with a filter, and pcapng, go by source_next() alone. */
unsigned source_take_ready(Source *source, Frame *frames, unsigned room);

/* Its present frame; number and accepted are not its to give. Its bytes are valid until the next
 * source_next() or source_park(); its time remains. */
const Frame *source_head(const Source *source);

/* Whether it holds a descriptor and memory for reading. */
bool source_is_open(const Source *source);

/* Whether it can be parked: closed, and opened again where it was. */
bool source_can_park(const Source *source);

void source_park(Source *source);

/* Opens it again, so that its present frame has its bytes. False with @error set when that cannot
 * be done; then it has no more. */
bool source_wake(Source *source, GError **error);

/* Adds what it says of times and of lost frames. */
void source_stats(const Source *source, InputStats *stats);

/* Appends "reading from file ..." without a newline. */
void source_describe(const Source *source, GString *text);

/* Adds how many bytes of the file, as it is stored, have been read, and how many it has. False when
 * that is not known: it is a pipe. */
bool source_progress(const Source *source, uint64_t *read, uint64_t *size);

void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)

#endif
