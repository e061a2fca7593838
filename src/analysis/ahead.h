/* Frames that are decoded before their turn comes. Knows which of them may be; knows nothing of
 * what is made of them. */
#ifndef WIRESTATE_ANALYSIS_AHEAD_H
#define WIRESTATE_ANALYSIS_AHEAD_H

#include "analysis/tracker.h"
#include "decode/decode.h"

/* So many frames are decoded ahead: enough that the memory has brought what the table says of each.
 */
#define AHEAD_MAX 64u

/* What decoding has made of a frame. */
typedef struct {
	SkipReason reason; /* SKIP_NONE: it is a segment */
	FlowPlace place;   /* of a segment */
	uint64_t looks;    /* the same: tracker_expect()'s */
	Segment segment;   /* see decode_frame(); of a frame that was rejected @unwrapped is 0 */
} Decoded;

typedef struct {
	Decoded frames[AHEAD_MAX]; /* in their order */
	unsigned count;            /* of them */
} Ahead;

/* Decodes the first of @count frames, at least one, and as many behind it as can be decoded before
 * the first has had its turn. Returns how many. */
unsigned ahead_decode(Ahead *ahead, const DecodeOptions *options, const Tracker *tracker,
		      const Frame *frames, unsigned count);

/* Decodes a frame that is not one of them. */
void ahead_decode_one(Decoded *decoded, const DecodeOptions *options, const Tracker *tracker,
		      const Frame *frame);

/* To be called before the turn of frame @at, 0 being the first, and then it is there: asks the
 * memory for what those need that come soon after it. */
const Decoded *ahead_turn(const Ahead *ahead, const Tracker *tracker, unsigned at);

#endif
