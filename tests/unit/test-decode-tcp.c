/* The TCP header and its options, with what tcpdump says of the same bytes. */
#include <pcap/dlt.h>

#include "decode-case.h"

/* Options as bytes and as values. A member of @expected counts when its bit is in present. */
typedef struct {
	const char *name;    /* the test's */
	const char *hex;     /* a multiple of 4 bytes */
	TcpOptions expected; /* what comes out */
} OptionsCase;

/* clang-format off */
static const OptionsCase cases[] = {
	/* length 0 */
	{ "none", "", { 0 } },
	/* options [mss 1460] */
	{ "mss", "020405b4", { .present = TCP_OPT_MSS, .mss = 1460 } },
	/* options [mss 1460,nop,wscale 14] */
	{ "wscale", "020405b4 01 03030e",
	  { .present = TCP_OPT_MSS | TCP_OPT_WSCALE, .mss = 1460, .wscale = 14 } },
	/* options [wscale 0,eol] */
	{ "wscale-0", "030300 00", { .present = TCP_OPT_WSCALE, .wscale = 0 } },
	/* options [mss 1460,sackOK,TS val 7000 ecr 0,nop,wscale 7] */
	{ "linux-syn", "020405b4 0402 080a00001b5800000000 01 030307",
	  { .present = TCP_OPT_MSS | TCP_OPT_SACK_PERMITTED | TCP_OPT_TIMESTAMP | TCP_OPT_WSCALE,
	    .mss = 1460, .tsval = 7000, .tsecr = 0, .wscale = 7 } },
	/* Nearly that. options [mss 1460,sackOK,TS val 7000 ecr 0,wscale 7,nop] */
	{ "linux-syn-wscale-first", "020405b4 0402 080a00001b5800000000 030307 01",
	  { .present = TCP_OPT_MSS | TCP_OPT_SACK_PERMITTED | TCP_OPT_TIMESTAMP | TCP_OPT_WSCALE,
	    .mss = 1460, .tsval = 7000, .tsecr = 0, .wscale = 7 } },
	/* options [mss 1460,nop,nop,TS val 7000 ecr 0,nop,wscale 7] */
	{ "linux-syn-no-sack", "020405b4 0101 080a00001b5800000000 01 030307",
	  { .present = TCP_OPT_MSS | TCP_OPT_TIMESTAMP | TCP_OPT_WSCALE, .mss = 1460, .tsval = 7000,
	    .tsecr = 0, .wscale = 7 } },
	/* options [mss 1460,sackOK,TS val 7000 ecr 0,eol] */
	{ "linux-syn-ends", "020405b4 0402 080a00001b5800000000 00 030307",
	  { .present = TCP_OPT_MSS | TCP_OPT_SACK_PERMITTED | TCP_OPT_TIMESTAMP, .mss = 1460,
	    .tsval = 7000, .tsecr = 0 } },
	/* options [mss 1460,sackOK,TS val 7000 ecr 0,nop,[bad opt]] */
	{ "linux-syn-wscale-long", "020405b4 0402 080a00001b5800000000 01 030407",
	  { .present = TCP_OPT_MSS | TCP_OPT_SACK_PERMITTED | TCP_OPT_TIMESTAMP | TCP_OPT_DAMAGED,
	    .mss = 1460, .tsval = 7000, .tsecr = 0 } },
	/* options [nop,nop,nop,eol] */
	{ "nothing", "01010100", { 0 } },
	/* options [nop,nop,TS val 4294967295 ecr 1] */
	{ "timestamp", "0101 080affffffff00000001",
	  { .present = TCP_OPT_TIMESTAMP, .tsval = 0xffffffff, .tsecr = 1 } },
	/* options [TS val 7000 ecr 6000,nop,nop] */
	{ "timestamp-first", "080a00001b5800001770 0101",
	  { .present = TCP_OPT_TIMESTAMP, .tsval = 7000, .tsecr = 6000 } },
	/* options [nop,nop,sack 1 {8:264}], where tcpdump subtracts the acknowledgement number */
	{ "sack-1", "0101 050a0000000100000101",
	  { .present = TCP_OPT_SACK, .sack_count = 1, .sack = { { 1, 257 } } } },
	/* options [nop,nop,TS val 7000 ecr 6000,nop,nop,sack 2 {8:264}{520:776}] */
	{ "sack-2", "0101 080a00001b5800001770 0101 051200000001000001010000020100000301",
	  { .present = TCP_OPT_TIMESTAMP | TCP_OPT_SACK, .tsval = 7000, .tsecr = 6000, .sack_count = 2,
	    .sack = { { 1, 257 }, { 513, 769 } } } },
	/* options [nop,nop,TS val 7000 ecr 6000,sack 3 {8:9}{10:11}{12:13},nop,nop] */
	{ "sack-3",
	  "0101 080a00001b5800001770 051a000000010000000200000003000000040000000500000006 0101",
	  { .present = TCP_OPT_TIMESTAMP | TCP_OPT_SACK, .tsval = 7000, .tsecr = 6000, .sack_count = 3,
	    .sack = { { 1, 2 }, { 3, 4 }, { 5, 6 } } } },
	/* options [sack 4 {8:9}{10:11}{12:13}{14:15},nop,nop] */
	{ "sack-4", "05220000000100000002000000030000000400000005000000060000000700000008 0101",
	  { .present = TCP_OPT_SACK, .sack_count = 4,
	    .sack = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } } } },
	/* options [mss 1460,tfo  cookiereq,nop,nop] */
	{ "fast-open-request", "020405b4 2202 0101",
	  { .present = TCP_OPT_MSS | TCP_OPT_FAST_OPEN, .mss = 1460, .cookie_length = 0 } },
	/* options [tfo  cookie 0102030405060708,nop,nop] */
	{ "fast-open-cookie", "220a0102030405060708 0101",
	  { .present = TCP_OPT_FAST_OPEN, .cookie_length = 8 } },
	/* options [tfo  cookie 00112233445566778899aabbccddeeff,nop,nop] */
	{ "fast-open-long-cookie", "221200112233445566778899aabbccddeeff 0101",
	  { .present = TCP_OPT_FAST_OPEN, .cookie_length = 16 } },
	/* options [exp-tfo cookie 0102030405060708] */
	{ "fast-open-experiment", "fe0cf9890102030405060708",
	  { .present = TCP_OPT_FAST_OPEN, .cookie_length = 8 } },
	/* options [exp-tfo cookiereq] */
	{ "fast-open-experiment-request", "fe04f989",
	  { .present = TCP_OPT_FAST_OPEN, .cookie_length = 0 } },
	/* options [exp-1234] */
	{ "other-experiment", "fe041234", { 0 } },
	/* options [unknown-253 0xf989] */
	{ "other-experiment-kind", "fd04f989", { 0 } },
	/* options [md5 ... 00112233445566778899aabbccddeeff,nop,nop] */
	{ "md5", "131200112233445566778899aabbccddeeff 0101", { 0 } },
	/* An experimental option too short for a number. tcpdump: [bad opt] */
	{ "short-experiment", "fe02 0101", { 0 } },
	/* options [eol]: what follows the end is padding */
	{ "after-end", "00 020405b4 000000", { 0 } },
	/* options [nop,mss 1460,eol] */
	{ "end", "01 020405b4 00 0303", { .present = TCP_OPT_MSS, .mss = 1460 } },
	/* The last of two counts, as in Linux' tcp_parse_options(). options [mss 1460,mss 536] */
	{ "twice", "020405b4 02040218", { .present = TCP_OPT_MSS, .mss = 536 } },

	/* A length that the kind cannot have. What follows is read all the same, where the length
	 * says that it begins, as Linux does. tcpdump goes on where the kind's own length ends:
	 * options [mss 1460[len 5],eol] */
	{ "mss-long", "020505b400 030307",
	  { .present = TCP_OPT_DAMAGED | TCP_OPT_WSCALE, .wscale = 7 } },
	/* options [mss 257[len 2]] */
	{ "mss-short", "0202 0101", { .present = TCP_OPT_DAMAGED } },
	/* options [wscale 7[len 4]] */
	{ "wscale-long", "03040701", { .present = TCP_OPT_DAMAGED } },
	/* options [sackOK[len 3],nop] */
	{ "sack-permitted-long", "040300 01", { .present = TCP_OPT_DAMAGED } },
	/* options [TS[bad opt] */
	{ "timestamp-short", "080800001b580000", { .present = TCP_OPT_DAMAGED } },
	/* options [sack 0 ,nop,nop] */
	{ "sack-empty", "0502 0101", { .present = TCP_OPT_DAMAGED } },
	/* options [sack invalid sack,eol] */
	{ "sack-uneven", "050b000000010000000203 00", { .present = TCP_OPT_DAMAGED } },
	/* Only 40 bytes are there, so five blocks cannot be. options [[bad opt] */
	{ "sack-5", "052a0000000100000002 0101", { .present = TCP_OPT_DAMAGED } },
	/* options [[bad opt] */
	{ "length-0", "020005b4", { .present = TCP_OPT_DAMAGED } },
	{ "length-1", "020105b4", { .present = TCP_OPT_DAMAGED } },
	{ "runs-over", "080a00001b58 0101", { .present = TCP_OPT_DAMAGED } },
	/* options [mss 1460,[bad opt]] */
	{ "runs-over-later", "020405b4 08400000",
	  { .present = TCP_OPT_DAMAGED | TCP_OPT_MSS, .mss = 1460 } },
	/* options [nop,nop,nop,[bad opt]] */
	{ "no-length", "010101 02", { .present = TCP_OPT_DAMAGED } },
};
/* clang-format on */

/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [.], ack 4294967290, win 501, options [...], length
 * 4, and returns how many bytes there are. */
static uint32_t make_frame(const char *options_hex, uint8_t bytes[static GUARDED_MAX])
{
	uint32_t options, length;
	uint8_t option_bytes[GUARDED_MAX];

	options = hex_read(options_hex, option_bytes);
	g_assert_cmpuint(options % 4, ==, 0);
	length = hex_read("450000001234400040060000c0000201c6336402"
			  "c00000503b9aca00fffffffa001001f500000000",
			  bytes);
	memcpy(bytes + length, option_bytes, options);
	length += options;
	memcpy(bytes + length, "GET ", 4);
	length += 4;
	bytes[3] = (uint8_t)length;
	bytes[32] = (uint8_t)((20 + options) / 4 << 4);
	return length;
}

static void check_options(const TcpOptions *options, const TcpOptions *expected)
{
	g_assert_cmphex(options->present, ==, expected->present);
	if (expected->present & TCP_OPT_MSS)
		g_assert_cmpuint(options->mss, ==, expected->mss);
	if (expected->present & TCP_OPT_WSCALE)
		g_assert_cmpuint(options->wscale, ==, expected->wscale);
	if (expected->present & TCP_OPT_TIMESTAMP) {
		g_assert_cmpuint(options->tsval, ==, expected->tsval);
		g_assert_cmpuint(options->tsecr, ==, expected->tsecr);
	}
	if (expected->present & TCP_OPT_FAST_OPEN)
		g_assert_cmpuint(options->cookie_length, ==, expected->cookie_length);
	g_assert_cmpuint(options->sack_count, ==, expected->sack_count);
	for (unsigned i = 0; i < expected->sack_count; i++) {
		g_assert_cmpuint(options->sack[i].left, ==, expected->sack[i].left);
		g_assert_cmpuint(options->sack[i].right, ==, expected->sack[i].right);
	}
}

static void check_case(gconstpointer data)
{
	const OptionsCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = make_frame(test->hex, bytes);
	Segment segment;

	g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, length, length, &segment), ==, SKIP_NONE);
	g_assert_cmpuint(segment.payload, ==, 4);
	check_options(&segment.options, &test->expected);
}

/* Cut at every byte, the segment is what it is, the options before the cut are valid, and
 * TCP_OPT_CUT is set as soon as one is missing. */
static void check_case_cut(gconstpointer data)
{
	const OptionsCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = make_frame(test->hex, bytes);
	uint8_t before = 0;
	Segment whole, segment;

	g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, length, length, &whole), ==, SKIP_NONE);
	for (uint32_t caplen = 40; caplen <= length; caplen++) {
		uint8_t found, rest;

		g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, caplen, length, &segment), ==,
				SKIP_NONE);
		g_assert_cmpuint(segment.payload, ==, 4);
		g_assert_cmpuint(segment.seq, ==, 1000000000);
		/* What has been found stays, and is the same as in the whole one, if it is there
		 * once. */
		found = segment.options.present & (uint8_t)~TCP_OPT_CUT;
		rest = whole.options.present & (uint8_t)~found;
		g_assert_cmphex(found & before, ==, before);
		g_assert_cmphex(found & (uint8_t)~whole.options.present, ==, 0);
		if (rest != 0 && rest != TCP_OPT_DAMAGED)
			g_assert_cmphex(segment.options.present & TCP_OPT_CUT, ==, TCP_OPT_CUT);
		if (caplen >= length - 4)
			check_options(&segment.options, &test->expected);
		before = found;
	}
}

/* RFC 9293 3.1 has the bits in this order, RFC 3168 and RFC 9768 the upper three. */
static void test_flags(void)
{
	static const uint16_t flags[] = { TH_FIN, TH_SYN, TH_RST, TH_PUSH, TH_ACK,
					  TH_URG, TH_ECE, TH_CWR, TH_AE };
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = make_frame("", bytes);
	Segment segment;

	for (unsigned bit = 0; bit < 12; bit++) {
		bytes[32] = (uint8_t)(0x50 | 1u << bit >> 8);
		bytes[33] = (uint8_t)(1u << bit);
		g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, length, length, &segment), ==,
				SKIP_NONE);
		/* The three bits between are reserved and no flags. */
		g_assert_cmphex(segment.flags, ==, bit < G_N_ELEMENTS(flags) ? flags[bit] : 0);
	}
}

/* Data offsets: below 5 words no header, beyond the packet none either, whatever was captured. */
static void test_offset(void)
{
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = make_frame("0101080a00001b5800001770", bytes);
	Segment segment;

	for (unsigned offset = 0; offset < 16; offset++) {
		SkipReason expected = offset < 5 || offset > 9 ? SKIP_BAD_TCP : SKIP_NONE;

		bytes[32] = (uint8_t)(offset << 4);
		g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, length, length, &segment), ==,
				expected);
		if (expected == SKIP_NONE)
			g_assert_cmpuint(segment.payload, ==, 36 - 4 * offset);
		g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, 40, length, &segment), ==, expected);
	}
}

static void test_length(void)
{
	Segment segment = { .seq = 0xfffffffe, .payload = 3 };

	g_assert_cmpuint(segment_seq_len(&segment), ==, 3);
	segment.flags = TH_SYN | TH_ACK;
	g_assert_cmpuint(segment_seq_len(&segment), ==, 4);
	segment.flags = TH_FIN | TH_SYN;
	g_assert_cmpuint(segment_seq_len(&segment), ==, 5);
	g_assert_cmpuint(segment_end(&segment), ==, 3);
	segment.flags = TH_RST;
	g_assert_cmpuint(segment_end(&segment), ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *whole = g_strdup_printf("/tcp-options/%s/whole", cases[i].name);
		g_autofree char *cut = g_strdup_printf("/tcp-options/%s/cut", cases[i].name);

		g_test_add_data_func(whole, &cases[i], check_case);
		g_test_add_data_func(cut, &cases[i], check_case_cut);
	}
	g_test_add_func("/tcp-header/flags", test_flags);
	g_test_add_func("/tcp-header/offset", test_offset);
	g_test_add_func("/segment/length", test_length);
	return g_test_run();
}
