/* What kind of file it is, by its first bytes. Knows the beginnings of formats; reads no frame. */
#ifndef WIRESTATE_CAPTURE_MAGIC_H
#define WIRESTATE_CAPTURE_MAGIC_H

#include <glib.h>
#include <stdbool.h>

#include "capture/stream.h"

/* Whether @stream begins as a capture does that libpcap reads. *nanoseconds says whether its times
 * are finer than a microsecond, which libpcap does not tell: classic by its magic number, pcapng by
 * the if_tsresol of the interfaces that are described before its first frame. False with @error set
 * when it is something else. */
bool magic_recognise(Stream *stream, bool *nanoseconds, GError **error);

#endif
