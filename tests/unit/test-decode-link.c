/* Every link header, with tcpdump as judge of what is behind it. */
#include <pcap/dlt.h>

#include "decode-case.h"

/* clang-format off */
static const DecodeCase cases[] = {
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "ethernet", DLT_EN10MB,
	  "0200000000020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 14, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [.], ack 4294967290, win 501, length 0 */
	{ "ethernet-padded", DLT_EN10MB,
	  "0200000000020200000000010800"
	  "450000281234400040063c65c0000201c6336402"
	  "c00000503b9aca00fffffffa501001f5fbc10000000000000000",
	  0, 4, 14, 20, 0, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "ethernet-ipv6", DLT_EN10MB,
	  "02000000000202000000000186dd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 14, 40, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vlan", DLT_EN10MB,
	  "0200000000020200000000018100a0640800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 18, 20, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "qinq", DLT_EN10MB,
	  "02000000000202000000000188a80064810000c886dd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 22, 40, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vlan-deep", DLT_EN10MB,
	  "020000000002020000000001910000019200000288a800038100000481000005810000060800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 38, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vlan-priority", DLT_EN10MB,
	  "0200000000020200000000018100e0000800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 18, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "snap", DLT_EN10MB,
	  "0200000000020200000000010040aaaa030000000800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 22, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "llc", DLT_EN10MB,
	  "020000000002020000000001003b060603"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 17, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "sll", DLT_LINUX_SLL,
	  "00000001000602000000000200000800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 16, 20, 4, 0, false },
	/* ethertype IPv6, IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "sll-loopback-vlan", DLT_LINUX_SLL,
	  "00000304000600000000000000008100006486dd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 20, 40, 4, 0, false },
	/* ifb1  Out IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "sll2", DLT_LINUX_SLL2,
	  "0800000000000003000104060200000000020000"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 20, 20, 4, 0, false },
	/* lo    In  IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "sll2-ipv6", DLT_LINUX_SLL2,
	  "86dd000000000001030400060000000000000000"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 20, 40, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "null-little", DLT_NULL,
	  "02000000"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 4, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "null-big", DLT_NULL,
	  "00000002"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 4, 20, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "null-ipv6-netbsd", DLT_NULL,
	  "18000000"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 4, 40, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "null-ipv6-freebsd", DLT_NULL,
	  "1c000000"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 4, 40, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "null-ipv6-darwin", DLT_NULL,
	  "1e000000"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 4, 40, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "null-ipv6-big", DLT_NULL,
	  "0000001e"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 4, 40, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "loop", DLT_LOOP,
	  "00000002"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 4, 20, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "loop-ipv6", DLT_LOOP,
	  "00000018"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 4, 40, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "raw-ipv4", DLT_RAW,
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 0, 20, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "raw-ipv6", DLT_RAW,
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 40, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "ipv4", DLT_IPV4,
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 0, 20, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "ipv6", DLT_IPV6,
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 40, 4, 0, false },
};
/* clang-format on */

/* The numbers that raw IP has had; libpcap may deliver any of them. */
static void test_raw_numbers(void)
{
	static const int numbers[] = { 12, 14, 101 };
	uint8_t bytes[GUARDED_MAX];
	Segment segment;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		uint32_t length = hex_read(cases[i].hex, bytes);

		if (cases[i].linktype != DLT_RAW)
			continue;
		for (size_t j = 0; j < G_N_ELEMENTS(numbers); j++) {
			g_assert_true(decode_knows_linktype(numbers[j]));
			g_assert_cmpint(decode_bytes(numbers[j], bytes, length, length, &segment),
					==, SKIP_NONE);
			check_segment(&cases[i], &segment);
		}
	}
}

static void test_known(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_true(decode_knows_linktype(cases[i].linktype));
	g_assert_false(decode_knows_linktype(DLT_USB_LINUX));
	g_assert_false(decode_knows_linktype(-1));
}

/* VLAN tags part connections only when asked to, and each of them counts, in its order. */
static void test_vlan_scope(void)
{
	static const struct {
		const char *tags;
		bool same; /* as the one before */
	} tagged[] = {
		{ "", true },
		{ "8100 0000", true }, /* priority only */
		{ "8100 e000", true },
		{ "8100 0064", false },
		{ "8100 e064", true }, /* the priority is no part of the number */
		{ "88a8 0064", true },
		{ "8100 0065", false },
		{ "88a8 0064 8100 0065", false },
		{ "88a8 0065 8100 0064", false },
		{ "88a8 0001 88a8 0065 8100 0064", false },
		{ "88a8 0002 88a8 0065 8100 0064", false },
		{ "88a8 0002 88a8 0001 88a8 0065 8100 0064", false },
		{ "88a8 0003 88a8 0001 88a8 0065 8100 0064", false },
	};
	const DecodeOptions options = { .vlan_separate = true };
	uint32_t before = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(tagged); i++) {
		g_autofree char *hex = g_strconcat("020000000002020000000001", tagged[i].tags,
						   cases[0].hex + 24, NULL);
		uint8_t bytes[GUARDED_MAX];
		uint32_t length = hex_read(hex, bytes);
		Frame frame = {
			.caplen = length, .len = length, .linktype = DLT_EN10MB, .data = bytes
		};
		Segment segment;

		g_assert_cmpint(decode_frame(&options, &frame, &segment), ==, SKIP_NONE);
		g_test_message("'%s': %08x", tagged[i].tags, segment.scope);
		g_assert_cmpint(segment.scope == before, ==, tagged[i].same);
		before = segment.scope;
	}
}

static void test_skip(void)
{
	static const struct {
		const char *hex;
		int linktype;
		SkipReason reason;
	} frames[] = {
		/* ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28 */
		{ "ffffffffffff0200000000010806 0001080006040001020000000001c0000201000000000000"
		  "c0000202",
		  DLT_EN10MB, SKIP_ARP },
		/* STP 802.1d, ... */
		{ "0180c20000000200000000010026 424203000000000000", DLT_EN10MB, SKIP_NOT_IP },
		/* LLDP, length 4 */
		{ "0180c200000e02000000000188cc 00000000", DLT_EN10MB, SKIP_NOT_IP },
		/* A length that is none and an EtherType neither. */
		{ "02000000000202000000000105ff 00000000", DLT_EN10MB, SKIP_NOT_IP },
		/* Another organisation's SNAP. */
		{ "0200000000020200000000010010 aaaa0300000c0800", DLT_EN10MB, SKIP_NOT_IP },
		/* Shorter on the wire than its own header. */
		{ "", DLT_EN10MB, SKIP_BAD_LINK },
		{ "02000000000202000000000108", DLT_EN10MB, SKIP_BAD_LINK },
		{ "0200000000020200000000018100 0064", DLT_EN10MB, SKIP_BAD_LINK },
		{ "0000000100060200000000020000 08", DLT_LINUX_SLL, SKIP_BAD_LINK },
		{ "08000000000000030001040602000000000200", DLT_LINUX_SLL2, SKIP_BAD_LINK },
		{ "020000", DLT_NULL, SKIP_BAD_LINK },
		{ "", DLT_RAW, SKIP_BAD_LINK },
		/* A netlink message, and frame relay. */
		{ "0000033800000000000000000000 0800 450000", DLT_LINUX_SLL, SKIP_NOT_IP },
		{ "0000030200000000000000000000 0800 450000", DLT_LINUX_SLL, SKIP_NOT_IP },
		/* CAN, which has a small number of Linux's own. */
		{ "0000011800000000000000000000 000c 450000", DLT_LINUX_SLL, SKIP_NOT_IP },
		/* AF_APPLETALK */
		{ "10000000 450000", DLT_NULL, SKIP_NOT_IP },
		{ "00000010 450000", DLT_LOOP, SKIP_NOT_IP },
		{ "30000000", DLT_RAW, SKIP_NOT_IP },
		{ "00000000", DLT_USB_LINUX, SKIP_LINK_TYPE },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
		uint8_t bytes[GUARDED_MAX];
		uint32_t length = hex_read(frames[i].hex, bytes);
		Segment segment;

		g_test_message("%s", frames[i].hex);
		g_assert_cmpint(decode_bytes(frames[i].linktype, bytes, length, length, &segment),
				==, frames[i].reason);
	}
}

static void test_rejected(void)
{
	const DecodeOptions options = { 0 };
	Frame frame = { .linktype = DLT_EN10MB, .rejected = true };
	Segment segment;

	g_assert_cmpint(decode_frame(&options, &frame, &segment), ==, SKIP_FILTERED);
}

/* Names are unique, because they are keys of a JSON object. */
static void test_names(void)
{
	for (int i = 0; i < SKIP_REASON_COUNT; i++) {
		g_assert_nonnull(skip_reason_name((SkipReason)i));
		g_assert_nonnull(skip_reason_text((SkipReason)i));
		for (int j = 0; j < i; j++)
			g_assert_cmpstr(skip_reason_name((SkipReason)i), !=,
					skip_reason_name((SkipReason)j));
	}
	g_assert_cmpstr(skip_reason_name(SKIP_FRAGMENT), ==, "fragment");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add_cases("link", cases, G_N_ELEMENTS(cases));
	g_test_add_func("/link/raw-numbers", test_raw_numbers);
	g_test_add_func("/link/known", test_known);
	g_test_add_func("/link/vlan-scope", test_vlan_scope);
	g_test_add_func("/link/skip", test_skip);
	g_test_add_func("/decode/rejected", test_rejected);
	g_test_add_func("/skip/names", test_names);
	return g_test_run();
}
