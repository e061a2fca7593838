/* Frames that are decoded before their turn comes. Knows which of them may be; knows nothing of
 * what is made of them.
 *
 * A segment needs its place in the flow table and its connection. In tables larger than the caches
 * each would be waited for when its turn has come; asked for ahead they are there then. */
#include "analysis/ahead.h"

#include "base/diag.h"

static inline void decode(Decoded *decoded, const DecodeOptions *options, const Frame *frame)
{
	decoded->segment.unwrapped = 0;
	decoded->reason = decode_frame(options, frame, &decoded->segment);
}

/* Works out where the segment in @frame belongs, if it holds one. */
static inline void place(Decoded *decoded, const DecodeOptions *options, const Tracker *tracker,
			 const Frame *frame)
{
	const Segment *segment = &decoded->segment;

	if (decoded->reason != SKIP_NONE)
		return;
	flow_place(&decoded->place, segment);
	tracker_expect(tracker, &decoded->place);
	decoded->looks = tracker_looks(tracker, &decoded->place,
				       decode_packet(options, frame, segment), segment);
}

void ahead_decode_one(Decoded *decoded, const DecodeOptions *options, const Tracker *tracker,
		      const Frame *frame)
{
	decode(decoded, options, frame);
	place(decoded, options, tracker, frame);
}

/* Whether a frame has to have its turn before the next is decoded: a packet that was put together
 * is there only until then, parts of a frame and what ICMP quotes are decoded in its turn, and a
 * trace tells one frame after the other. */
static bool has_to_go_first(const Decoded *decoded)
{
	if (decoded->reason == SKIP_NONE)
		return diag_trace_mask || decoded->segment.reassembled || decoded->segment.rejoined;
	return diag_trace_mask || decoded->reason == SKIP_SEVERAL || decoded->reason == SKIP_ICMP;
}

unsigned ahead_decode(Ahead *ahead, const DecodeOptions *options, const Tracker *tracker,
		      const Frame *frames, unsigned count)
{
	const Decoded *end = ahead->frames + MIN(count, AHEAD_MAX);
	const Frame *frame = frames;
	Decoded *next = ahead->frames;

	do
		decode(next, options, frame++);
	while (++next < end && !has_to_go_first(next - 1));
	ahead->count = (unsigned)(next - ahead->frames);
	/* What was written byte by byte a moment ago can be read word by word only when it has come
	 * to the cache; that of many frames has, meanwhile. */
	end = next;
	for (next = ahead->frames, frame = frames; next < end; next++)
		place(next, options, tracker, frame++);
	for (unsigned i = 0; i < AHEAD_NEXT; i++)
		ahead_expect_next(ahead, tracker, i);
	return ahead->count;
}
