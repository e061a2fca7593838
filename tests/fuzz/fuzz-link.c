/* Fuzzes the decoding of one frame, of any link type, and the line that is printed for it.
 *
 * The input: a byte that is an index into the link types, a byte of switches, then the frame. */
#include <string.h>

#include "decode/headers.h"
#include "decode/icmp.h"
#include "fuzz.h"
#include "report/tcpdump-line.h"

/* The second byte. */
enum {
	VLAN_SEPARATE = 1 << 0,  /* --vlan=separate */
	FRAGMENTS = 1 << 1,      /* fragments are put together */
	SNAPPED = 1 << 2,        /* the frame was longer than what was captured */
	SNAPPED_LITTLE = 1 << 3, /* ... by little */
};

static const LineOptions lines[] = {
	{ .stamp = STAMP_NONE, .numeric = true },
	{ .stamp = STAMP_EPOCH, .numeric = true, .link = true, .verbose = 2, .absolute = true },
	{ .stamp = STAMP_DATE, .numeric = true, .link = true, .quiet = true, .number = true },
};

/* What tcpdump would print has no bytes that a terminal takes for orders. */
FUZZ_UNSEEN static void check_text(const GString *text)
{
	g_assert_cmpuint(strlen(text->str), ==, text->len);
	for (gsize i = 0; i < text->len; i++)
		g_assert_true(text->str[i] == '\n' || text->str[i] == '\t' ||
			      (text->str[i] >= ' ' && text->str[i] <= '~'));
}

static void print_lines(const Frame *frame, const Frame *packet, const Segment *segment)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		TcpdumpLine *line = tcpdump_line_new(&lines[i]);
		GString *text = g_string_new(NULL);
		uint32_t pair = 0;

		/* The second time with numbers that are relative to the first. */
		tcpdump_line_append(line, frame, packet, segment, &pair, text);
		tcpdump_line_append(line, frame, packet, segment, &pair, text);
		check_text(text);
		g_string_free(text, TRUE);
		tcpdump_line_free(line);
	}
}

static void check_segment(const DecodeOptions *options, const Frame *frame, const Segment *segment)
{
	const Frame *packet = decode_packet(options, frame, segment);

	g_assert_cmpuint(segment->ip_offset, <, segment->tcp_offset);
	g_assert_cmpuint(segment->tcp_offset + 20, <=, packet->caplen);
	g_assert_cmpuint(segment->options.sack_count, <=, TCP_SACK_BLOCKS_MAX);
	g_assert_cmpuint(segment->options.cookie_length, <=, TCP_OPTION_BYTES_MAX);
	print_lines(frame, packet, segment);
}

/* The frames in one that holds several lie inside it, one behind the other. */
static void check_parts(const DecodeOptions *options, const Frame *frame)
{
	const uint8_t *behind = frame->data;
	PartPosition position = { 0 };
	Segment segment;
	Frame part;

	while (decode_part(frame, &position, &part)) {
		g_assert_true(part.data >= behind);
		behind = part.data + part.caplen;
		g_assert_true(behind <= frame->data + frame->caplen);
		g_assert_cmpuint(part.caplen, <=, part.len);
		if (decode_frame(options, &part, &segment) == SKIP_NONE)
			print_lines(frame, decode_packet(options, &part, &segment), &segment);
	}
}

/* What the short way takes, the long way takes as the same. */
static void check_plain(const DecodeOptions *options, const Frame *frame)
{
	Segment plain, segment;

	memset(&plain, 0, sizeof(plain));
	memset(&segment, 0, sizeof(segment));
	if (!plain_decode(frame, &plain))
		return;
	g_assert_cmpint(headers_decode(options, frame, &segment), ==, SKIP_NONE);
	plain.wrong_sums = segment.wrong_sums;
	g_assert_cmpmem(&plain, sizeof(plain), &segment, sizeof(segment));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DecodeOptions options = { 0 };
	IcmpError icmp;
	Segment segment;
	SkipReason reason;
	Frame frame;

	if (size < 2)
		return 0;
	frame = (Frame){
		.number = 1,
		.accepted = 1,
		.time = 1700000000 * NSTIME_SECOND,
		.caplen = (uint32_t)size - 2,
		.len = (uint32_t)size - 2,
		.linktype = fuzz_linktypes[data[0] % fuzz_linktype_count],
		.data = data + 2,
	};
	if (data[1] & SNAPPED)
		frame.len += data[1] & SNAPPED_LITTLE ? 4 : 1400;
	options.vlan_separate = data[1] & VLAN_SEPARATE;
	if (data[1] & FRAGMENTS) {
		options.fragments = fragments_new();
		options.wifi = wifi_fragments_new();
	}
	reason = decode_frame(&options, &frame, &segment);
	if (reason == SKIP_NONE)
		check_segment(&options, &frame, &segment);
	else
		g_assert_cmpint(reason, <, SKIP_REASON_COUNT);
	g_assert_cmpint(reason == SKIP_LINK_TYPE, ==, !decode_knows_linktype(frame.linktype));
	if (reason == SKIP_ICMP)
		decode_icmp_error(&options, &frame, &icmp);
	if (reason == SKIP_SEVERAL)
		check_parts(&options, &frame);
	check_plain(&options, &frame);
	fragments_free(options.fragments);
	wifi_fragments_free(options.wifi);
	return 0;
}
