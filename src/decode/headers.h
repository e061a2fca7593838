/* The steps of decode_frame(), one for each layer. Knows in which order they hand over; used in
 * this folder only.
 *
 * Each step takes what it needs from the cursor, writes what it found into the segment, and leaves
 * the cursor at the next header. What does not fit is told apart by whose fault it is: bytes that
 * were on the wire and not captured are SKIP_TRUNCATED, bytes that cannot have been there are the
 * SKIP_BAD_ reason of the layer. */
#ifndef WIRESTATE_DECODE_HEADERS_H
#define WIRESTATE_DECODE_HEADERS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"
#include "decode/cursor.h"
#include "decode/decode.h"
#include "decode/segment.h"
#include "decode/skip.h"

/* What the link header says of the packet behind it. */
typedef enum {
	NETWORK_IPV4,
	NETWORK_IPV6,
} NetworkProtocol;

/* Whether link_decode() has a rule for DLT_* @linktype. */
bool link_known(int linktype);

/* From the frame's first byte to the first IP header. Sets Segment.scope to the VLAN tags if
 * @options ask for that, and Segment.unwrapped. */
SkipReason link_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       NetworkProtocol *protocol, Segment *segment);

/* From behind a header that named the EtherType @type (up to 1500: an LLC header follows) to the IP
 * header, over VLAN tags, MPLS labels and PPPoE. */
SkipReason ethertype_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			    uint16_t type, NetworkProtocol *protocol, Segment *segment);

/* The same from an Ethernet header, the frame's own or one in a tunnel. */
SkipReason ethernet_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			   NetworkProtocol *protocol, Segment *segment);

/* The same from a label stack (RFC 3032). */
SkipReason mpls_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       NetworkProtocol *protocol, Segment *segment);

/* The same from a PPPoE header (RFC 2516), and from a PPP frame (RFC 1661, RFC 1662) whose address
 * and control fields may be there or not. */
SkipReason pppoe_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			NetworkProtocol *protocol, Segment *segment);
SkipReason ppp_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		      NetworkProtocol *protocol, Segment *segment);

/* The same from an 802.11 header, whose payload may have been @padded to a multiple of 4 bytes, in
 * a frame with @trailer bytes behind it, and from a radiotap header before one. Fragments are added
 * to DecodeOptions.wifi. Returns SKIP_SEVERAL, with the cursor at the first, when it holds several
 * frames. */
SkipReason wifi_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       bool padded, uint32_t trailer, NetworkProtocol *protocol, Segment *segment);
SkipReason radiotap_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			   NetworkProtocol *protocol, Segment *segment);

/* Makes @part the frame of those several whose header is @pad bytes behind @offset, from its LLC
 * header on, and moves both behind it. False when there is none. */
bool wifi_part(const Frame *frame, uint32_t *offset, uint32_t *pad, Frame *part);

/* From what an IP packet carries that is no TCP to the IP header inside it, when it is a tunnel.
 * Segment.protocol says what it is; the packet holds @left bytes from the cursor on, and @frame and
 * the cursor are made to end where it ends. Returns @otherwise when it is no tunnel. */
SkipReason tunnel_decode(const DecodeOptions *options, Frame *frame, Cursor *cursor, uint32_t left,
			 SkipReason otherwise, NetworkProtocol *protocol, Segment *segment);

/* All of these, from the frame's first byte to what the innermost IP packet carries. @frame is a
 * copy of the caller's: it is made to end where the packet around ends, and becomes a frame of its
 * own if the packet was put together from fragments. Returns SKIP_NONE when that
 * is TCP, and leaves the cursor and @left as ip_decode() does. */
SkipReason packet_decode(const DecodeOptions *options, Frame *frame, Cursor *cursor,
			 NetworkProtocol *protocol, uint32_t *left, Segment *segment);

/* All of it: from the frame's first byte to the end of the TCP header. */
SkipReason headers_decode(const DecodeOptions *options, const Frame *frame, Segment *segment);

/* The same at less expense, when it is one of the frames of which most captures consist. False when
 * it is not, or no segment; then what @segment holds is of no use. */
bool plain_decode(const Frame *frame, Segment *segment);

/* The frame ends inside a header: by the snap length, or on the wire, which is @bad. */
static inline SkipReason short_reason(const Frame *frame, SkipReason bad)
{
	return frame->caplen < frame->len ? SKIP_TRUNCATED : bad;
}

/* From the IP header to the TCP header, over any extension headers. Sets all that comes from IP,
 * and @left to the bytes that the IP packet holds from the cursor on, captured or not. Fragments
 * are added to @fragments and skipped; if that is NULL, the first fragment is read as far as it
 * goes. */
SkipReason ip_decode(FragmentTable *fragments, const Frame *frame, NetworkProtocol protocol,
		     Cursor *cursor, uint32_t *left, Segment *segment);

/* A TCP header without options. */
#define TCP_HEADER_MIN 20u

/* RFC 7323 appendix A: what stands before the timestamps in nearly every segment of an open
 * connection, two NOPs and the option's kind and length; with them it fills a header of such a
 * length. */
#define TCP_USUAL_OPTIONS 0x0101080au
#define TCP_USUAL_LENGTH  (TCP_HEADER_MIN + 12)

/* The TCP header and its options, the first of @left bytes of IP payload. */
SkipReason tcp_header_decode(Cursor *cursor, uint32_t left, Segment *segment);

/* RFC 9293 3.1: @length bytes of options at @option, of which @captured are there. */
void tcp_options_decode(const uint8_t *option, uint32_t length, uint32_t captured,
			TcpOptions *options);

/* RFC 7323 3.2, the option as a whole. */
static inline void tcp_timestamp_decode(const uint8_t *option, TcpOptions *options)
{
	options->tsval = load_u32(option + 2);
	options->tsecr = load_u32(option + 6);
	options->present |= TCP_OPT_TIMESTAMP;
}

/* Sets what tcp_header_decode() sets. The header has @length bytes, no more than @left, of which
 * @captured are there; both are TCP_HEADER_MIN at least. */
static inline void tcp_fields_decode(const uint8_t *header, uint32_t length, uint32_t captured,
				     uint32_t left, Segment *segment)
{
	segment->src.port = load_u16(header);
	segment->dst.port = load_u16(header + 2);
	segment->seq = load_u32(header + 4);
	segment->ack = load_u32(header + 8);
	segment->flags = load_u16(header + 12) & TH_ALL;
	segment->window = load_u16(header + 14);
	segment->payload = left - length;
	segment->options = (TcpOptions){ 0 };
	header += TCP_HEADER_MIN;
	if (length == TCP_USUAL_LENGTH && captured == length &&
	    load_u32(header) == TCP_USUAL_OPTIONS)
		tcp_timestamp_decode(header + 2, &segment->options);
	else if (length > TCP_HEADER_MIN)
		tcp_options_decode(header, length - TCP_HEADER_MIN, captured - TCP_HEADER_MIN,
				   &segment->options);
}

#endif
