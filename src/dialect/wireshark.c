/* Wireshark's tcp.completeness. Knows the bits and Wireshark's idea of a stream; knows no state. */
#include "dialect/wireshark.h"

#include <string.h>

/* A SYN, and neither an ACK nor the answer to one. */
static bool is_pure_syn(const Segment *segment)
{
	return (segment->flags & (TH_SYN | TH_ACK)) == TH_SYN;
}

/* What a segment sets wherever it stands; the SYN counts only where a stream begins. */
static unsigned bits_of(const Segment *segment)
{
	unsigned flags = segment->flags;
	unsigned bits = 0;

	if ((flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK))
		bits |= COMPLETENESS_SYN_ACK;
	if ((flags & (TH_SYN | TH_ACK)) == TH_ACK)
		bits |= segment->payload ? COMPLETENESS_DATA : COMPLETENESS_ACK;
	if ((flags & (TH_FIN | TH_ACK)) == (TH_FIN | TH_ACK))
		bits |= COMPLETENESS_FIN;
	if (flags & TH_RST)
		bits |= COMPLETENESS_RST;
	return bits;
}

static void take_base(WiresharkStream *stream, unsigned end, uint32_t number)
{
	stream->base[end] = number;
	stream->has_base |= 1u << end;
}

/* An end's numbers begin at its SYN or SYN-ACK, else with what is seen first of it. */
static void take_numbers(WiresharkStream *stream, unsigned sender, const Segment *segment)
{
	unsigned flags = segment->flags;

	if (!(stream->has_base & 1u << sender) || (flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK))
		take_base(stream, sender, flags & TH_SYN ? segment->seq : segment->seq - 1);
	if (!(stream->has_base & 1u << !sender) && (flags & TH_ACK))
		take_base(stream, !sender, segment->ack - 1);
}

void wireshark_begin(WiresharkStream *stream, unsigned sender, const Segment *segment, bool again)
{
	memset(stream, 0, sizeof(*stream));
	take_numbers(stream, sender, segment);
	if (is_pure_syn(segment))
		stream->completeness |= COMPLETENESS_SYN;
	if (again) {
		stream->completeness |= bits_of(segment);
		return;
	}
	if (is_pure_syn(segment) && segment->payload)
		stream->completeness |= COMPLETENESS_DATA;
	/* The first pass takes of the first segment only what stands above; the second one shows a
	 * frame before it counts it. */
	stream->held = bits_of(segment);
}

bool wireshark_begins_anew(const WiresharkStream *stream, unsigned sender, const Segment *segment)
{
	if (!is_pure_syn(segment))
		return false;
	if ((stream->completeness | stream->held) & (COMPLETENESS_FIN | COMPLETENESS_RST))
		return true;
	return (stream->has_base & 1u << sender) && segment->seq != stream->base[sender];
}

void wireshark_segment(WiresharkStream *stream, unsigned sender, const Segment *segment)
{
	unsigned bit = segment->payload ? COMPLETENESS_DATA : COMPLETENESS_ACK;

	/* Most segments only go on. */
	if ((segment->flags & (TH_SYN | TH_FIN | TH_RST | TH_ACK)) == TH_ACK &&
	    stream->completeness & bit && !stream->held && stream->has_base == 3)
		return;
	take_numbers(stream, sender, segment);
	stream->completeness |= stream->held | bits_of(segment);
	stream->held = 0;
}
