/* 802.11 data frames, with a radiotap header or without. Knows IEEE 802.11 9.2, 9.3 and
 * radiotap.org; knows nothing of what is in the frames that control and manage a network. */
#include <pcap/dlt.h>

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

/* In the QoS field: the payload is an A-MSDU (9.2.4.5.9), frames that each have two addresses and a
 * length (9.3.2.2). */
#define QOS_AGGREGATE   0x80
#define SUBFRAME_HEADER 14u

/* Radiotap's present words and flags. */
enum {
	RADIOTAP_TSFT = 1u << 0,  /* 8 bytes, aligned to 8 */
	RADIOTAP_FLAGS = 1u << 1, /* one byte */
	RADIOTAP_MORE = 1u << 31, /* another present word follows */
	RADIOTAP_FCS = 0x10,      /* among the flags: the frame check sequence comes last */
	RADIOTAP_PADDED = 0x20,   /* too: the payload begins at a multiple of 4 */
};

static uint32_t load_little_u32(const uint8_t *bytes)
{
	return __builtin_bswap32(load_u32(bytes));
}

/* A fragment waits for the others. */
static SkipReason keep_fragment(WifiFragments *table, const Frame *frame, const Cursor *cursor,
				const uint8_t *header, uint32_t length, uint32_t trailer)
{
	uint32_t left = frame->len - (uint32_t)(cursor->at - frame->data);
	size_t captured = cursor_left(cursor);
	WifiFragment fragment = { .header = header, .header_length = length, .data = cursor->at };

	fragment.length = left > trailer ? left - trailer : 0;
	fragment.captured = captured < fragment.length ? (uint32_t)captured : fragment.length;
	wifi_fragments_add(table, frame, &fragment);
	return SKIP_FRAGMENT;
}

SkipReason wifi_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       bool padded, uint32_t trailer, NetworkProtocol *protocol, Segment *segment)
{
	const uint8_t *header = cursor_take(cursor, 2);
	uint32_t length = 24;
	bool four;

	if (!header)
		return short_reason(frame, SKIP_BAD_LINK);
	if ((header[0] & (FRAME_VERSION | FRAME_TYPE)) != FRAME_TYPE_DATA ||
	    header[0] & FRAME_NO_DATA)
		return SKIP_NOT_IP;
	if (header[1] & FRAME_PROTECTED)
		return SKIP_WIFI_ENCRYPTED;
	/* Between two access points there are four addresses instead of three. */
	four = header[1] & FRAME_TO_DS && header[1] & FRAME_FROM_DS;
	if (four)
		length += 6;
	if (header[0] & FRAME_QOS)
		length += header[1] & FRAME_ORDER ? 6 : 2;
	cursor_skip(cursor, length - 2);
	if (padded)
		cursor_skip(cursor, -length & 3);
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);
	if (wifi_is_fragment(header) && options->wifi)
		return keep_fragment(options->wifi, frame, cursor, header, length, trailer);
	/* 9.2.4.4: the LLC header is in the fragment with the number 0. */
	if (header[22] & 15)
		return SKIP_FRAGMENT;
	if (header[0] & FRAME_QOS && header[four ? 30 : 24] & QOS_AGGREGATE)
		return SKIP_SEVERAL;
	/* An LLC header comes next, as where Ethernet has a length. */
	return ethertype_decode(options, frame, cursor, 0, protocol, segment);
}

bool wifi_part(const Frame *frame, uint32_t *offset, uint32_t *pad, Frame *part)
{
	Cursor cursor = cursor_new(frame->data, frame->caplen);
	const uint8_t *header;
	uint32_t length;

	cursor_skip(&cursor, *offset);
	cursor_skip(&cursor, *pad);
	header = cursor_take(&cursor, SUBFRAME_HEADER);
	if (!header)
		return false;
	length = load_u16(header + 12);
	*offset = (uint32_t)(cursor.at - frame->data);
	/* A frame check sequence, or a length that lies. */
	if (length == 0 || length > frame->len - *offset)
		return false;
	*part = *frame;
	part->linktype = DLT_ATM_RFC1483;
	part->data = cursor.at;
	part->len = length;
	part->caplen = length < cursor_left(&cursor) ? length : (uint32_t)cursor_left(&cursor);
	*offset += part->caplen;
	*pad = -(SUBFRAME_HEADER + length) & 3;
	return true;
}

/* The flags in the radiotap header of @length bytes; 0 when it has none. */
static uint8_t radiotap_flags(const uint8_t *header, uint32_t length)
{
	uint32_t present = load_little_u32(header + 4), at = 8;

	for (uint32_t word = present; word & RADIOTAP_MORE; at += 4) {
		if (length - at < 4)
			return 0;
		word = load_little_u32(header + at);
	}
	if (!(present & RADIOTAP_FLAGS))
		return 0;
	if (present & RADIOTAP_TSFT)
		at = (at + 7) / 8 * 8 + 8;
	return at < length ? header[at] : 0;
}

SkipReason radiotap_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			   NetworkProtocol *protocol, Segment *segment)
{
	const uint8_t *header = cursor->at;
	uint32_t length;
	uint8_t flags;

	if (cursor_left(cursor) < 8)
		return short_reason(frame, SKIP_BAD_LINK);
	length = (uint32_t)header[2] | (uint32_t)header[3] << 8;
	if (header[0] != 0 || length < 8)
		return SKIP_BAD_LINK;
	if (!cursor_take(cursor, length))
		return short_reason(frame, SKIP_BAD_LINK);
	flags = radiotap_flags(header, length);
	return wifi_decode(options, frame, cursor, flags & RADIOTAP_PADDED,
			   flags & RADIOTAP_FCS ? 4 : 0, protocol, segment);
}
