/* Which segments were captured twice. Knows what the last segments looked like; knows no
 * connection. */
#ifndef WIRESTATE_ANALYSIS_COPIES_H
#define WIRESTATE_ANALYSIS_COPIES_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"
#include "flow/flow-key.h"

typedef struct Copies Copies;

Copies *copies_new(void);
void copies_free(Copies *copies);

/* How sure it is that a segment was captured before, and is not one that was sent again. */
typedef enum {
	COPY_NONE,        /* it was not: never in a CopyMatch */
	COPY_SURE,        /* its IP ID or its TTL says so */
	COPY_USUAL,       /* the capture holds many copies, of what this side sent before as well */
	COPY_USUAL_AGAIN, /* and this would be the third time: unless its peer has spoken since the
			   * second, and not acknowledged all of it */
	COPY_LIKELY,      /* unless its peer has spoken since the first time, and not acknowledged
			   * all of it */
	COPY_ANSWER,      /* unless there is more than one segment of its peer that it may answer */
} CopyProof;

/* A segment that passed a moment ago and is alike in all that a segment is. */
typedef struct {
	uint64_t frame;  /* in which it was captured first */
	NsTime time;     /* when that was */
	NsTime last;     /* when it was captured last */
	CopyProof proof; /* that it is the same segment */
} CopyMatch;

/* All that makes a segment look like another, in one number. Its options need not be equal beyond
 * timestamps and SACK, nor its TTL: what a router forwards has another. @where is flow_place()'s.
 * @frame may be NULL: no bytes of the payload are compared. The segment is going to be looked for
 * soon: what is known of such is on its way from the memory. */
uint64_t copies_expect(const Copies *copies, const FlowPlace *where, const Frame *frame,
		       const Segment *segment);

/* Looks for an earlier capture of the segment. @looks is copies_expect()'s, @where flow_place()'s.
 * False when there is none: the segment is kept for those to come; else @match is set, and the
 * caller decides, with copies_decide(). */
bool copies_match(Copies *copies, uint64_t looks, const FlowPlace *where, const Segment *segment,
		  CopyMatch *match);

/* The segment, for which copies_match() found another just now, is a copy of it, or was sent again.
 * In captures that hold many, this decides for what cannot be told otherwise. */
void copies_decide(Copies *copies, uint64_t looks, const Segment *segment, bool is_copy);

#endif
