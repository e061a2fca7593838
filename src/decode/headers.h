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

/* From the frame's first byte to the IP header. Sets Segment.scope to the VLAN tags if @options ask
 * for that. */
SkipReason link_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       NetworkProtocol *protocol, Segment *segment);

/* From the IP header to the TCP header, over any extension headers. Sets all that comes from IP,
 * and @left to the bytes that the IP packet holds from the cursor on, captured or not. */
SkipReason ip_decode(const Frame *frame, NetworkProtocol protocol, Cursor *cursor, uint32_t *left,
		     Segment *segment);

/* The TCP header and its options, the first of @left bytes of IP payload. */
SkipReason tcp_header_decode(Cursor *cursor, uint32_t left, Segment *segment);

#endif
