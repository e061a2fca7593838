/* Capturing on an interface. Used in this folder only. */
#ifndef WIRESTATE_CAPTURE_LIVE_H
#define WIRESTATE_CAPTURE_LIVE_H

#include <glib.h>

#include "capture/input.h"
#include "capture/wakeup.h"

typedef struct Live Live;

/* As input_open_interface(). live_next() returns INPUT_END once @wakeup (borrowed) says so. */
Live *live_open(const char *interface, Wakeup *wakeup, const InputOptions *options, GError **error);

/* The next frame, which number and accepted are not set in; or INPUT_IDLE, INPUT_END, INPUT_FAIL.
 */
InputResult live_next(Live *live, Frame *frame, GError **error);

/* Adds the kernel's counters. */
void live_stats(const Live *live, InputStats *stats);

/* Appends "listening on ..." without a newline. */
void live_describe(const Live *live, GString *text);

void live_free(Live *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Live, live_free)

/* The name of the interface that -D gives this number, or NULL. The caller frees it. */
char *interface_by_number(const char *number);

#endif
