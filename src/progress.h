/* How far the reading of files has come, as a line on a terminal. Knows the terminal; knows nothing
 * of what is read. */
#ifndef WIRESTATE_PROGRESS_H
#define WIRESTATE_PROGRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/nstime.h"
#include "capture/input.h"

typedef struct {
	const Input *input; /* borrowed; NULL: no line is wanted */
	uint64_t frames;    /* that were read */
	NsTime begin;       /* when reading began, by a clock that only moves forward */
	NsTime next;        /* when the line is due again */
	size_t width;       /* columns of the line that stands on the terminal; 0: none does */
} Progress;

/* Begins. The line is shown on standard error if that is a terminal, and @out is not one on which
 * lines come as frames are read (@streams), nor a pipe whose reader might show them there. */
void progress_begin(Progress *progress, const Input *input, FILE *out, bool streams);

/* Looks at the clock, and draws the line when it is due. */
void progress_look(Progress *progress);

/* To be called for all frames; looks at the clock once in many. */
static inline void progress_frames(Progress *progress, unsigned count)
{
	uint64_t before = progress->frames / 4096;

	progress->frames += count;
	if (progress->frames / 4096 > before && progress->input)
		progress_look(progress);
}

/* Takes the line away: before anything else is written to the terminal, and at the end. */
void progress_erase(Progress *progress);

#endif
