/* From a frame to a segment, or to the reason why not. Knows link, IP and TCP headers; knows no
 * connection. */
#ifndef WIRESTATE_DECODE_DECODE_H
#define WIRESTATE_DECODE_DECODE_H

#include <stdbool.h>

#include "capture/frame.h"
#include "decode/fragments.h"
#include "decode/segment.h"
#include "decode/skip.h"
#include "decode/unwrap.h"
#include "decode/wifi-fragments.h"

typedef struct {
	bool vlan_separate;       /* VLAN tags are part of the connection's key (Segment.scope) */
	FragmentTable *fragments; /* where fragments of IP wait for the others; borrowed. NULL: they
				   * are not put together, the first is read as far as it goes */
	WifiFragments *wifi;      /* the same for fragments of 802.11 */
} DecodeOptions;

/* Where decode_part() is in a frame; all 0 before the first. */
typedef struct {
	uint32_t offset; /* behind the part before */
	uint32_t pad;    /* bytes from there to the next one */
} PartPosition;

/* Decodes @frame into @segment. Returns SKIP_NONE when it is a TCP segment, the
 * innermost one if there are tunnels, and else why it is not; then @segment holds nothing of use
 * but Segment.unwrapped, and that only if the frame was not rejected. A capture cut by its snap
 * length behind the first 20 bytes of the TCP header is still a segment (TCP_OPT_CUT tells). Never
 * reads beyond frame->caplen. */
SkipReason decode_frame(const DecodeOptions *options, const Frame *frame, Segment *segment);

/* One after the other, the frames in a @frame for which decode_frame() returned SKIP_SEVERAL (an
 * A-MSDU of 802.11); each is to be given to decode_frame(). False when there is no more. @part is
 * valid as long as @frame. */
bool decode_part(const Frame *frame, PartPosition *position, Frame *part);

/* The frame that the offsets in @segment count in, which decode_frame() made of @frame: another one
 * if it was put together from fragments, of IP or of 802.11 (decode_whole()). Valid until the next
 * call of decode_frame(). */
const Frame *decode_whole(const DecodeOptions *options, const Frame *frame, const Segment *segment);

static inline const Frame *decode_packet(const DecodeOptions *options, const Frame *frame,
					 const Segment *segment)
{
	if (__builtin_expect(segment->reassembled | segment->rejoined, 0))
		return decode_whole(options, frame, segment);
	return frame;
}

/* Whether frames of this link type (DLT_*) can be decoded at all. */
bool decode_knows_linktype(int linktype);

#endif
