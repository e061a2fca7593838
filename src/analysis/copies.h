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

/* A segment that passed a moment ago and is alike in all that a segment is. */
typedef struct {
	uint64_t frame; /* its frame; 0: there is none */
	NsTime time;    /* and when that was captured */
	bool sure;      /* no sender makes two of that: it is the same one once more */
	bool answer;    /* two of it may answer two segments of the peer */
} CopyMatch;

/* All that makes a segment look like another, in one number. Its options need not be equal beyond
 * timestamps and SACK, nor its TTL: what a router forwards has another. @where is flow_place()'s.
 * @frame may be NULL: no bytes of the payload are compared. The segment is going to be looked for
 * soon: what is known of such is on its way from the memory. */
uint64_t copies_expect(const Copies *copies, const FlowPlace *where, const Frame *frame,
		       const Segment *segment);

/* Looks for an earlier capture of the segment, and keeps it for those to come. @looks is
 * copies_expect()'s. */
CopyMatch copies_match(Copies *copies, uint64_t looks, const Segment *segment);

/* The segment was taken for a copy: captures that hold some hold many, which decides for what
 * cannot be told otherwise. */
void copies_confirm(Copies *copies);

#endif
