/* A frame's way through link, IP and TCP header. Knows their order; knows no header itself. */
#include "decode/decode.h"

#include <inttypes.h>

#include "base/diag.h"
#include "decode/checksum.h"
#include "decode/headers.h"

/* IP packets that may be in each other. */
#define PACKETS_MAX 8

SkipReason packet_decode(const DecodeOptions *options, Frame *frame, Cursor *cursor,
			 NetworkProtocol *protocol, uint32_t *left, Segment *segment)
{
	SkipReason reason = link_decode(options, frame, cursor, protocol, segment);

	if (reason == SKIP_FRAGMENT && options->wifi && wifi_fragments_take(options->wifi, frame)) {
		*cursor = cursor_new(frame->data, frame->caplen);
		reason = link_decode(options, frame, cursor, protocol, segment);
		segment->rejoined = true;
	}
	for (unsigned packets = 0; reason == SKIP_NONE; packets++) {
		if (packets == PACKETS_MAX)
			return SKIP_NESTED;
		reason = ip_decode(options->fragments, frame, *protocol, cursor, left, segment);
		if (reason == SKIP_FRAGMENT && options->fragments &&
		    fragments_take(options->fragments, frame)) {
			*cursor = cursor_new(frame->data, frame->caplen);
			segment->reassembled = true;
			reason = SKIP_NONE;
			continue;
		}
		if (reason != SKIP_UDP && reason != SKIP_NOT_TCP)
			return reason;
		reason = tunnel_decode(options, frame, cursor, *left, reason, protocol, segment);
		segment->tunnelled = true;
	}
	return reason;
}

SkipReason headers_decode(const DecodeOptions *options, const Frame *frame, Segment *segment)
{
	Cursor cursor = cursor_new(frame->data, frame->caplen);
	Frame packet = *frame;
	NetworkProtocol protocol;
	uint32_t left;
	SkipReason reason;

	reason = packet_decode(options, &packet, &cursor, &protocol, &left, segment);
	if (reason != SKIP_NONE)
		return reason;
	segment->tcp_offset = (uint32_t)(cursor.at - packet.data);
	reason = tcp_header_decode(&cursor, left, segment);
	if (reason == SKIP_NONE)
		segment->wrong_sums = checksum_wrong(&packet, segment);
	return reason;
}

static inline void note_frame(Segment *segment, const Frame *frame)
{
	segment->frame = frame->number;
	segment->time = frame->time;
}

/* What is not as in most captures. */
static G_GNUC_NO_INLINE SkipReason decode_other(const DecodeOptions *options, const Frame *frame,
						Segment *segment)
{
	SkipReason reason = SKIP_FILTERED;

	if (!frame->rejected)
		reason = headers_decode(options, frame, segment);
	if (reason == SKIP_NONE)
		note_frame(segment, frame);
	else if (reason != SKIP_SEVERAL)
		trace(DECODE, "frame %" PRIu64 ": %s", frame->number, skip_reason_text(reason));
	return reason;
}

SkipReason decode_frame(const DecodeOptions *options, const Frame *frame, Segment *segment)
{
	if (frame->rejected || !plain_decode(frame, segment))
		return decode_other(options, frame, segment);
	segment->wrong_sums = checksum_wrong(frame, segment);
	note_frame(segment, frame);
	return SKIP_NONE;
}

const Frame *decode_whole(const DecodeOptions *options, const Frame *frame, const Segment *segment)
{
	if (segment->reassembled)
		return fragments_packet(options->fragments);
	return segment->rejoined ? wifi_fragments_frame(options->wifi) : frame;
}

bool decode_part(const Frame *frame, PartPosition *position, Frame *part)
{
	if (position->offset == 0) {
		const DecodeOptions options = { 0 };
		Cursor cursor = cursor_new(frame->data, frame->caplen);
		NetworkProtocol protocol;
		Segment segment;

		if (link_decode(&options, frame, &cursor, &protocol, &segment) != SKIP_SEVERAL)
			return false;
		position->offset = (uint32_t)(cursor.at - frame->data);
	}
	return wifi_part(frame, &position->offset, &position->pad, part);
}

bool decode_knows_linktype(int linktype)
{
	return link_known(linktype);
}
