/* Frames that are decoded before their turn comes. Knows which of them may be; knows nothing of
 * what is made of them. */
#ifndef WIRESTATE_ANALYSIS_AHEAD_H
#define WIRESTATE_ANALYSIS_AHEAD_H

#include "analysis/tracker.h"
#include "decode/decode.h"

/* So many frames are decoded ahead: enough that the memory has brought what the table says of each.
 */
#define AHEAD_MAX 64u

/* Connections that are on their way from the memory while others are tracked. */
#define AHEAD_NEXT 8u

/* What decoding has made of a frame. */
typedef struct {
	SkipReason reason; /* SKIP_NONE: it is a segment */
	FlowPlace place;   /* of a segment */
	uint64_t looks;    /* the same: tracker_looks()'s */
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

/* Asks the memory for the connection of frame @at, 0 being the first, if there is one. */
static inline void ahead_expect_next(const Ahead *ahead, const Tracker *tracker, unsigned at)
{
	if (at < ahead->count && ahead->frames[at].reason == SKIP_NONE)
		tracker_expect_next(tracker, &ahead->frames[at].place);
}

/* To be called before the turn of frame @at, and then it is there: asks for what those need that
 * come soon after it. */
static inline const Decoded *ahead_turn(const Ahead *ahead, const Tracker *tracker, unsigned at)
{
	ahead_expect_next(ahead, tracker, at + AHEAD_NEXT);
	return &ahead->frames[at];
}

#endif
