/* The TCP header and its options. Knows RFC 9293 3.1; knows no connection. */
#include "decode/headers.h"

/* IANA's registry of TCP option kinds, as far as they matter here. */
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8,
	OPTION_FAST_OPEN = 34,
	OPTION_EXPERIMENT = 254,
};

/* RFC 6994: what follows the length of an experimental option; this number is Fast Open's (RFC 7413
 * appendix A). */
#define EXPERIMENT_FAST_OPEN 0xf989

/* See linux_syn_decode(): how many bytes they have, and what stands before the MSS, between it and
 * the timestamps, and before the shift count. */
#define LINUX_SYN_LENGTH 20u
#define LINUX_SYN_MSS    0x0204u
#define LINUX_SYN_MIDDLE 0x0402080au
#define LINUX_SYN_WSCALE 0x010303u

/* RFC 2018 3: pairs of numbers. */
static void sack_decode(const uint8_t *option, uint8_t length, TcpOptions *options)
{
	uint8_t blocks = (uint8_t)((length - 2) / 8);

	if (length % 8 != 2 || blocks == 0 || blocks > TCP_SACK_BLOCKS_MAX) {
		options->present |= TCP_OPT_DAMAGED;
		return;
	}
	for (unsigned i = 0; i < blocks; i++) {
		options->sack[i].left = load_u32(option + 2 + 8 * i);
		options->sack[i].right = load_u32(option + 6 + 8 * i);
	}
	options->sack_count = blocks;
	options->present |= TCP_OPT_SACK;
}

/* One option, all of which is there: @length bytes with the kind and the length itself. A kind that
 * is known with a length that it cannot have is damaged, one that is not known is left alone. */
static void option_decode(const uint8_t *option, uint8_t length, TcpOptions *options)
{
	bool fits = true;

	switch (option[0]) {
	case OPTION_MSS:
		fits = length == 4;
		if (fits) {
			options->mss = load_u16(option + 2);
			options->present |= TCP_OPT_MSS;
		}
		break;
	case OPTION_WSCALE:
		fits = length == 3;
		if (fits) {
			options->wscale = option[2];
			options->present |= TCP_OPT_WSCALE;
		}
		break;
	case OPTION_SACK_PERMITTED:
		fits = length == 2;
		if (fits)
			options->present |= TCP_OPT_SACK_PERMITTED;
		break;
	case OPTION_SACK:
		sack_decode(option, length, options);
		break;
	case OPTION_TIMESTAMP:
		fits = length == 10;
		if (fits)
			tcp_timestamp_decode(option, options);
		break;
	case OPTION_FAST_OPEN:
		options->cookie_length = (uint8_t)(length - 2);
		options->present |= TCP_OPT_FAST_OPEN;
		break;
	case OPTION_EXPERIMENT:
		if (length >= 4 && load_u16(option + 2) == EXPERIMENT_FAST_OPEN) {
			options->cookie_length = (uint8_t)(length - 4);
			options->present |= TCP_OPT_FAST_OPEN;
		}
		break;
	}
	if (!fits)
		options->present |= TCP_OPT_DAMAGED;
}

/* Returns 0, or the bit that says why not all options could be read: see tcp_options_decode(). */
static uint8_t options_decode(const uint8_t *option, uint32_t length, uint32_t captured,
			      TcpOptions *options)
{
	while (length > 0) {
		uint8_t taken = 1;

		if (captured == 0)
			return TCP_OPT_CUT;
		if (option[0] == OPTION_END)
			return 0;
		if (option[0] != OPTION_NOP) {
			if (length < 2)
				return TCP_OPT_DAMAGED;
			if (captured < 2)
				return TCP_OPT_CUT;
			taken = option[1];
			if (taken < 2 || taken > length)
				return TCP_OPT_DAMAGED;
			if (taken > captured)
				return TCP_OPT_CUT;
			option_decode(option, taken, options);
		}
		option += taken;
		length -= taken;
		captured -= taken;
	}
	return 0;
}

/* The options that Linux sends in a SYN, and in the answer to one, in one go: MSS, SACK permitted,
 * timestamps, NOP, window scale. False when they are others. */
static inline bool linux_syn_decode(const uint8_t *option, TcpOptions *options)
{
	if (load_u16(option) != LINUX_SYN_MSS || load_u32(option + 4) != LINUX_SYN_MIDDLE ||
	    load_u32(option + 16) >> 8 != LINUX_SYN_WSCALE)
		return false;
	options->mss = load_u16(option + 2);
	options->wscale = option[19];
	options->present |= TCP_OPT_MSS | TCP_OPT_SACK_PERMITTED | TCP_OPT_WSCALE;
	tcp_timestamp_decode(option + 6, options);
	return true;
}

void tcp_options_decode(const uint8_t *option, uint32_t length, uint32_t captured,
			TcpOptions *options)
{
	uint8_t trouble;

	if (length == LINUX_SYN_LENGTH && captured == length && linux_syn_decode(option, options))
		return;
	trouble = options_decode(option, length, captured, options);
	options->present |= trouble;
}

SkipReason tcp_header_decode(Cursor *cursor, uint32_t left, Segment *segment)
{
	const uint8_t *header;
	uint32_t header_length;
	size_t captured;

	if (left < TCP_HEADER_MIN)
		return SKIP_BAD_TCP;
	header = cursor_take(cursor, TCP_HEADER_MIN);
	if (!header)
		return SKIP_TRUNCATED;
	header_length = (header[12] >> 4) * 4u;
	if (header_length < TCP_HEADER_MIN || header_length > left)
		return SKIP_BAD_TCP;

	captured = cursor_left(cursor) + TCP_HEADER_MIN;
	tcp_fields_decode(header, header_length,
			  captured < header_length ? (uint32_t)captured : header_length, left,
			  segment);
	return SKIP_NONE;
}
