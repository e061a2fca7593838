/* MPLS labels, PPPoE and PPP: what stands between a link header and an IP header. Knows no IP. */
#include "decode/headers.h"
#include "decode/scope.h"

/* IANA's registry of PPP protocol numbers, as far as they matter here. */
enum {
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,
};

SkipReason mpls_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       NetworkProtocol *protocol, Segment *segment)
{
	uint32_t entry;

	segment->unwrapped |= UNWRAP_BIT(UNWRAP_MPLS);
	/* Labels are the next router's, so the two directions have different ones: they are no part
	 * of a connection. The bottom of the stack has its bit set (RFC 3032 2.1). */
	do {
		entry = cursor_u32(cursor);
		if (cursor->failed)
			return short_reason(frame, SKIP_BAD_LINK);
	} while (!(entry & 0x100));
	if (cursor_left(cursor) == 0)
		return short_reason(frame, SKIP_BAD_LINK);

	/* Nothing says what is behind it but its first four bits (RFC 4928 3). */
	switch (cursor->at[0] >> 4) {
	case 4:
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case 6:
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	case 0:
		/* RFC 4448 4.6: the control word of a pseudowire that carries Ethernet. */
		segment->tunnelled = true;
		cursor_skip(cursor, 4);
		return ethernet_decode(options, frame, cursor, protocol, segment);
	default:
		return SKIP_NOT_IP;
	}
}

SkipReason ppp_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		      NetworkProtocol *protocol, Segment *segment)
{
	uint16_t number;

	/* RFC 1662 3.1: "all stations" and "unnumbered information", unless they were agreed to be
	 * left out; pppd's captures have the direction in place of the first. No protocol has such
	 * a number. */
	if (cursor_left(cursor) > 0 && (cursor->at[0] == 0xff || cursor->at[0] <= 1) &&
	    (cursor_left(cursor) == 1 || cursor->at[1] == 0x03))
		cursor_skip(cursor, 2);
	/* RFC 1661 2: numbers are odd in their last byte only, which tells how many bytes. */
	number = cursor_u8(cursor);
	if (!(number & 1))
		number = (uint16_t)(number << 8 | cursor_u8(cursor));
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);

	switch (number) {
	case PPP_IPV4:
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case PPP_IPV6:
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return mpls_decode(options, frame, cursor, protocol, segment);
	default:
		return SKIP_NOT_IP;
	}
}

SkipReason pppoe_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			NetworkProtocol *protocol, Segment *segment)
{
	const uint8_t *header = cursor_take(cursor, 6);

	if (!header)
		return short_reason(frame, SKIP_BAD_LINK);
	/* RFC 2516 4: version and type 1; code 0 is the session stage. */
	if (header[0] != 0x11 || header[1] != 0)
		return SKIP_NOT_IP;
	scope_add(segment, UNWRAP_PPPOE, load_u16(header + 2));
	return ppp_decode(options, frame, cursor, protocol, segment);
}
