/* IPv4 and IPv6 headers, options and extension headers. Knows where the packet ends by its own
 * word; knows no TCP. */
#include <string.h>

#include "decode/headers.h"

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER     40

/* IANA's registry of protocol numbers, as far as they matter here. */
enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_ESP = 50,
	PROTOCOL_AH = 51,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_DESTINATION = 60,
	PROTOCOL_IPCOMP = 108,
	PROTOCOL_MOBILITY = 135,
	PROTOCOL_HIP = 139,
	PROTOCOL_SHIM6 = 140,
	PROTOCOL_EXPERIMENT_1 = 253,
	PROTOCOL_EXPERIMENT_2 = 254,
};

/* The bytes that were on the wire from the cursor on. */
static uint32_t wire_left(const Frame *frame, const Cursor *cursor)
{
	uint32_t wire = frame->len > frame->caplen ? frame->len : frame->caplen;

	return wire - (uint32_t)(cursor->at - frame->data);
}

/* Takes @count of the packet's @left bytes, an extension header or a part of one. */
static SkipReason packet_take(Cursor *cursor, uint32_t *left, uint32_t count, const uint8_t **taken)
{
	if (count > *left)
		return SKIP_BAD_IP;
	*taken = cursor_take(cursor, count);
	if (!*taken)
		return SKIP_TRUNCATED;
	*left -= count;
	return SKIP_NONE;
}

/* What a header chain ends with. */
static SkipReason protocol_reason(uint8_t protocol, Segment *segment)
{
	segment->protocol = protocol;
	switch (protocol) {
	case PROTOCOL_TCP:
		return SKIP_NONE;
	case PROTOCOL_UDP:
		return SKIP_UDP;
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMPV6:
		return SKIP_ICMP;
	case PROTOCOL_ESP:
	case PROTOCOL_IPCOMP:
	case PROTOCOL_MOBILITY:
	case PROTOCOL_HIP:
	case PROTOCOL_SHIM6:
	case PROTOCOL_EXPERIMENT_1:
	case PROTOCOL_EXPERIMENT_2:
		return SKIP_EXTENSION;
	default:
		return SKIP_NOT_TCP;
	}
}

/* RFC 4302 2: the authentication header of either version counts in words of 4 bytes, less 2. */
static SkipReason ah_decode(Cursor *cursor, uint32_t *left, uint8_t *protocol)
{
	const uint8_t *header, *rest;
	SkipReason reason = packet_take(cursor, left, 8, &header);

	if (reason != SKIP_NONE)
		return reason;
	*protocol = header[0];
	/* Its sequence number makes 3 words the least. */
	if (header[1] < 1)
		return SKIP_BAD_IP;
	return packet_take(cursor, left, 4 * header[1], &rest);
}

/* What the headers behind are without those that were cut off has to wait for the other fragments,
 * if somebody keeps them; else they are read as far as the first one goes. */
static SkipReason keep_fragment(FragmentTable *fragments, const Frame *frame, Fragment *fragment,
				const Segment *segment, const Cursor *cursor, uint32_t left)
{
	size_t captured = cursor_left(cursor);

	fragment->key.src = segment->src.addr;
	fragment->key.dst = segment->dst.addr;
	fragment->key.version = segment->src.version;
	fragment->key.scope = segment->scope;
	fragment->header = frame->data + segment->ip_offset;
	fragment->length = left;
	fragment->data = cursor->at;
	fragment->captured = captured < left ? (uint32_t)captured : left;
	return fragments_add(fragments, frame, fragment) ? SKIP_FRAGMENT : SKIP_BAD_IP;
}

/* RFC 791 3.1 */
static SkipReason ipv4_decode(FragmentTable *fragments, const Frame *frame, Cursor *cursor,
			      uint32_t *left, Segment *segment)
{
	const uint8_t *header = cursor_take(cursor, IPV4_HEADER_MIN);
	uint32_t header_length, total;
	uint16_t fragment;
	uint8_t protocol;

	if (!header)
		return short_reason(frame, SKIP_BAD_IP);
	header_length = (header[0] & 15) * 4u;
	if (header[0] >> 4 != 4 || header_length < IPV4_HEADER_MIN)
		return SKIP_BAD_IP;
	total = load_u16(header + 2);
	/* A packet that the interface is to cut up (TSO) can be longer than the field can say, and
	 * is handed to it with 0: what is known of its length is the frame's. */
	if (total == 0)
		total = wire_left(frame, cursor) + IPV4_HEADER_MIN;
	if (total < header_length)
		return SKIP_BAD_IP;
	cursor_skip(cursor, header_length - IPV4_HEADER_MIN);
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_IP);

	fragment = load_u16(header + 6);
	segment->dont_fragment = fragment & 0x4000;
	segment->ip_id = load_u16(header + 4);
	segment->ttl = header[8];
	segment->ip_length = total;
	segment->src = (Endpoint){ .version = 4 };
	segment->dst = (Endpoint){ .version = 4 };
	memcpy(segment->src.addr.bytes, header + 12, 4);
	memcpy(segment->dst.addr.bytes, header + 16, 4);

	*left = total - header_length;
	protocol = header[9];
	segment->protocol = protocol;
	/* More fragments follow, or this is not the first; offsets count 8 bytes each. */
	if (fragment & 0x3fff && fragments) {
		Fragment part = { .key = { .id = segment->ip_id, .protocol = protocol },
				  .header_length = header_length,
				  .offset = (fragment & 0x1fff) * 8u,
				  .more = fragment & 0x2000 };

		return keep_fragment(fragments, frame, &part, segment, cursor, *left);
	}
	/* The TCP header is in the first fragment (RFC 1858 2). */
	if (fragment & 0x1fff)
		return SKIP_FRAGMENT;
	while (protocol == PROTOCOL_AH) {
		SkipReason reason = ah_decode(cursor, left, &protocol);

		if (reason != SKIP_NONE)
			return reason;
	}
	return protocol_reason(protocol, segment);
}

/* RFC 2675 2: the length of a packet beyond 65535 bytes stands in an option of its hop-by-hop
 * header, whose
 * @length option bytes begin at @option. False when there is none. */
static bool jumbo_length(const uint8_t *option, uint32_t length, uint32_t *payload)
{
	uint32_t at = 0;

	while (at < length) {
		/* Pad1 has no length. */
		if (option[at] == 0) {
			at++;
			continue;
		}
		if (length - at < 2 || length - at - 2 < option[at + 1])
			return false;
		if (option[at] == 0xc2 && option[at + 1] == 4) {
			*payload = load_u32(option + at + 2);
			return true;
		}
		at += 2u + option[at + 1];
	}
	return false;
}

/* RFC 8200 4.3, 4.4 and 4.6: one header of those that all begin with the next header's number and
 * their own length in units of 8 bytes beyond the first. */
static SkipReason options_header_decode(Cursor *cursor, uint32_t *left, uint8_t *protocol,
					uint16_t payload_field, Segment *segment)
{
	bool jumbo_allowed = *protocol == PROTOCOL_HOP_BY_HOP && payload_field == 0;
	const uint8_t *header, *rest;
	uint32_t rest_length, payload;
	SkipReason reason = packet_take(cursor, left, 8, &header);

	if (reason != SKIP_NONE)
		return reason;
	*protocol = header[0];
	rest_length = 8u * header[1];
	reason = packet_take(cursor, left, rest_length, &rest);
	if (reason != SKIP_NONE)
		return reason;
	if (jumbo_allowed && jumbo_length(header + 2, 6 + rest_length, &payload)) {
		uint32_t taken = segment->ip_length - IPV6_HEADER - *left;

		/* RFC 2675 3: an error below 65536; and what has been read has to fit. */
		if (payload < 65536 || payload > UINT32_MAX - IPV6_HEADER)
			return SKIP_BAD_IP;
		segment->ip_length = payload + IPV6_HEADER;
		*left = payload - taken;
	}
	return SKIP_NONE;
}

/* RFC 8200 4: from the header's next-header number to the last of the chain. */
static SkipReason extensions_decode(FragmentTable *fragments, const Frame *frame, Cursor *cursor,
				    uint32_t *left, uint8_t protocol, uint16_t payload_field,
				    Segment *segment)
{
	const uint8_t *header, *ip = frame->data + segment->ip_offset;
	/* Where the number of the header at the cursor stands. */
	uint32_t next_at = 6;
	SkipReason reason;

	/* Each turn takes at least 8 of the captured bytes. */
	for (;;) {
		uint32_t start = (uint32_t)(cursor->at - ip);

		switch (protocol) {
		case PROTOCOL_HOP_BY_HOP:
		case PROTOCOL_ROUTING:
		case PROTOCOL_DESTINATION:
			reason = options_header_decode(cursor, left, &protocol, payload_field,
						       segment);
			break;
		case PROTOCOL_FRAGMENT:
			reason = packet_take(cursor, left, 8, &header);
			if (reason != SKIP_NONE)
				return reason;
			protocol = header[0];
			/* RFC 6946: a packet can be its only fragment. */
			if (load_u16(header + 2) & 0xfff9 && fragments) {
				Fragment part = { .key = { .id = load_u32(header + 4) },
						  .header_length = start,
						  .next_at = next_at,
						  .next = protocol,
						  .offset = load_u16(header + 2) & 0xfff8,
						  .more = header[3] & 1 };

				return keep_fragment(fragments, frame, &part, segment, cursor,
						     *left);
			}
			/* RFC 7112: all headers are in the first fragment. */
			if (load_u16(header + 2) & 0xfff8)
				return SKIP_FRAGMENT;
			break;
		case PROTOCOL_AH:
			reason = ah_decode(cursor, left, &protocol);
			break;
		default:
			return protocol_reason(protocol, segment);
		}
		if (reason != SKIP_NONE)
			return reason;
		next_at = start;
	}
}

/* RFC 8200 3 */
static SkipReason ipv6_decode(FragmentTable *fragments, const Frame *frame, Cursor *cursor,
			      uint32_t *left, Segment *segment)
{
	const uint8_t *header = cursor_take(cursor, IPV6_HEADER);
	uint16_t payload_field;

	if (!header)
		return short_reason(frame, SKIP_BAD_IP);
	if (header[0] >> 4 != 6)
		return SKIP_BAD_IP;
	payload_field = load_u16(header + 4);
	/* 0 is a jumbogram, whose option follows, or a packet that the interface is to cut up. */
	*left = payload_field ? payload_field : wire_left(frame, cursor);
	segment->dont_fragment = false;
	segment->ip_id = 0;
	segment->ttl = header[7];
	segment->ip_length = *left + IPV6_HEADER;
	segment->src = (Endpoint){ .version = 6 };
	segment->dst = (Endpoint){ .version = 6 };
	memcpy(segment->src.addr.bytes, header + 8, 16);
	memcpy(segment->dst.addr.bytes, header + 24, 16);
	/* Most packets have no extension header. */
	segment->protocol = header[6];
	if (header[6] == PROTOCOL_TCP)
		return SKIP_NONE;
	return extensions_decode(fragments, frame, cursor, left, header[6], payload_field, segment);
}

SkipReason ip_decode(FragmentTable *fragments, const Frame *frame, NetworkProtocol protocol,
		     Cursor *cursor, uint32_t *left, Segment *segment)
{
	segment->ip_offset = (uint32_t)(cursor->at - frame->data);
	return protocol == NETWORK_IPV4 ? ipv4_decode(fragments, frame, cursor, left, segment)
					: ipv6_decode(fragments, frame, cursor, left, segment);
}
