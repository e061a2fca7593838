/* 802.11 data frames, with a radiotap header or without. Knows IEEE 802.11 9.2 and radiotap.org;
 * knows nothing of what is in the frames that control and manage a network. */
#include "decode/headers.h"

/* The first byte of an 802.11 header (IEEE 802.11 9.2.4.1). */
enum {
	FRAME_VERSION = 0x03,
	FRAME_TYPE = 0x0c,
	FRAME_TYPE_DATA = 0x08,
	FRAME_NO_DATA = 0x40, /* of a data frame: it carries none */
	FRAME_QOS = 0x80,     /* of a data frame: a QoS field follows the addresses */
};

/* The second one. */
enum {
	FRAME_TO_DS = 0x01,
	FRAME_FROM_DS = 0x02,
	FRAME_PROTECTED = 0x40,
	FRAME_ORDER = 0x80, /* with QoS: an HT control field follows */
};

/* In the QoS field: the payload is an A-MSDU (9.2.4.5.9). */
#define QOS_AGGREGATE 0x80

/* Radiotap's present words and flags. */
enum {
	RADIOTAP_TSFT = 1u << 0,  /* 8 bytes, aligned to 8 */
	RADIOTAP_FLAGS = 1u << 1, /* one byte */
	RADIOTAP_MORE = 1u << 31, /* another present word follows */
	RADIOTAP_PADDED = 0x20,   /* among the flags: the payload begins at a multiple of 4 */
};

static uint32_t load_little_u32(const uint8_t *bytes)
{
	return __builtin_bswap32(load_u32(bytes));
}

SkipReason wifi_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       bool padded, NetworkProtocol *protocol, Segment *segment)
{
	const uint8_t *header = cursor_take(cursor, 2);
	uint32_t length = 24;

	if (!header)
		return short_reason(frame, SKIP_BAD_LINK);
	if ((header[0] & (FRAME_VERSION | FRAME_TYPE)) != FRAME_TYPE_DATA ||
	    header[0] & FRAME_NO_DATA)
		return SKIP_NOT_IP;
	if (header[1] & FRAME_PROTECTED)
		return SKIP_WIFI_ENCRYPTED;
	/* Between two access points there are four addresses instead of three. */
	if (header[1] & FRAME_TO_DS && header[1] & FRAME_FROM_DS)
		length += 6;
	if (header[0] & FRAME_QOS)
		length += header[1] & FRAME_ORDER ? 6 : 2;
	cursor_skip(cursor, length - 2);
	if (padded)
		cursor_skip(cursor, -length & 3);
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);
	/* 9.2.4.4: the number of the fragment; they are put together nowhere here. */
	if (header[22] & 15)
		return SKIP_FRAGMENT;
	if (header[0] & FRAME_QOS &&
	    header[header[1] & FRAME_TO_DS && header[1] & FRAME_FROM_DS ? 30 : 24] & QOS_AGGREGATE)
		return SKIP_WIFI_AGGREGATE;
	/* An LLC header comes next, as where Ethernet has a length. */
	return ethertype_decode(options, frame, cursor, 0, protocol, segment);
}

/* Whether the radiotap header of @length bytes says that the 802.11 header is padded. */
static bool radiotap_padded(const uint8_t *header, uint32_t length)
{
	uint32_t present = load_little_u32(header + 4), at = 8;

	for (uint32_t word = present; word & RADIOTAP_MORE; at += 4) {
		if (length - at < 4)
			return false;
		word = load_little_u32(header + at);
	}
	if (!(present & RADIOTAP_FLAGS))
		return false;
	if (present & RADIOTAP_TSFT)
		at = (at + 7) / 8 * 8 + 8;
	return at < length && header[at] & RADIOTAP_PADDED;
}

SkipReason radiotap_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			   NetworkProtocol *protocol, Segment *segment)
{
	const uint8_t *header = cursor->at;
	uint32_t length;

	if (cursor_left(cursor) < 8)
		return short_reason(frame, SKIP_BAD_LINK);
	length = (uint32_t)header[2] | (uint32_t)header[3] << 8;
	if (header[0] != 0 || length < 8)
		return SKIP_BAD_LINK;
	if (!cursor_take(cursor, length))
		return short_reason(frame, SKIP_BAD_LINK);
	return wifi_decode(options, frame, cursor, radiotap_padded(header, length), protocol,
			   segment);
}
