/* Frames that are decoded before their turn comes. Knows which of them may be; knows nothing of
 * what is made of them.
 *
 * A segment needs its place in the flow table and its connection. In tables larger than the caches
 * each would be waited for when its turn has come; asked for ahead they are there then. */
#include "analysis/ahead.h"

#include "base/diag.h"

/* Connections that are on their way from the memory while others are tracked. */
#define NEXT 8u

/* Whether a frame has to have its turn before the next is decoded: a packet that was put together
 * is there only until then, parts of a frame and what ICMP quotes are decoded in its turn, and a
 * trace tells one frame after the other. */
static bool has_to_go_first(const DecodeOptions *options, const Frame *frame,
			    const Decoded *decoded)
{
	if (decoded->reason == SKIP_NONE)
		return diag_trace_mask || decode_packet(options, frame, &decoded->segment) != frame;
	return diag_trace_mask || decoded->reason == SKIP_SEVERAL || decoded->reason == SKIP_ICMP;
}

unsigned ahead_decode(Ahead *ahead, const DecodeOptions *options, const Tracker *tracker,
		      const Frame *frames, unsigned count)
{
	const Frame *frame;
	Decoded *decoded;

	ahead->count = 0;
	do {
		frame = &frames[ahead->count];
		decoded = &ahead->frames[ahead->count++];
		decoded->reason = SKIP_FILTERED;
		decoded->segment.unwrapped = 0;
		if (!frame->rejected)
			decoded->reason = decode_frame(options, frame, &decoded->segment);
		if (decoded->reason == SKIP_NONE) {
			decoded->place = flow_place(&decoded->segment);
			tracker_expect(tracker, &decoded->place);
		}
	} while (ahead->count < MIN(count, AHEAD_MAX) && !has_to_go_first(options, frame, decoded));
	for (unsigned i = 0; i < MIN(ahead->count, NEXT); i++)
		if (ahead->frames[i].reason == SKIP_NONE)
			tracker_expect_next(tracker, &ahead->frames[i].place);
	return ahead->count;
}

const Decoded *ahead_turn(const Ahead *ahead, const Tracker *tracker, unsigned at)
{
	if (at + NEXT < ahead->count && ahead->frames[at + NEXT].reason == SKIP_NONE)
		tracker_expect_next(tracker, &ahead->frames[at + NEXT].place);
	return &ahead->frames[at];
}
