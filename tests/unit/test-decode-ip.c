/* IP headers of both versions and their extension headers, with tcpdump as judge where it can be.
 */
#include <pcap/dlt.h>

#include "decode-case.h"

/* clang-format off */
static const DecodeCase cases[] = {
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "v4-options", DLT_RAW,
	  "47000040123440004006a447c0000201c63364029404000001010100"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 0, 28, 4, 0, false },
	/* IP 192.0.2.1 > 198.51.100.2:
	 * AH(spi=0x00001234,seq=0x1,icv=0xaaaaaaaaaaaaaaaaaaaaaaaa): 49152 > 80: Flags [P.],
	 * seq 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "v4-ah", DLT_RAW,
	  "450000501234400040333c10c0000201c6336402060400000000123400000001aaaaaaaaaaaaaaaa"
	  "aaaaaaaa"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 0, 44, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "v4-first-fragment", DLT_RAW,
	  "450000381234200040065c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 0, 20, 4, 0, false },
	/* Debian's tcpdump: "IP bad-len 0". A frame that is still to be cut up by the interface (TSO). */
	{ "v4-tso", DLT_EN10MB,
	  "0200000000020200000000010800"
	  "450000001234400040063c8dc0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 14, 20, 4, 0, false },
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000008960, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 8960 */
	{ "v4-jumbo-frame", DLT_EN10MB,
	  "0200000000020200000000010800"
	  "450023341234400040061959c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5309e00000101080a00001b58000017707878787878787878",
	  9026, 4, 14, 20, 8960, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2: HBH 49152 > 80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "v6-hop-by-hop", DLT_RAW,
	  "60000000002c004020010db800000000000000000000000120010db8000000010000000000000002"
	  "0600010400000000"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 48, 4, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2: RT6 (len=2, type=4, segleft=0, last-entry=0,
	 * tag=0, [0]2001:db8:0:1::2) 49152 > 80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "v6-routing", DLT_RAW,
	  "60000000003c2b4020010db800000000000000000000000120010db8000000010000000000000002"
	  "060204000000000020010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 64, 4, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2: DSTOPT 49152 > 80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "v6-destination", DLT_RAW,
	  "6000000000343c4020010db800000000000000000000000120010db8000000010000000000000002"
	  "0601010c000000000000000000000000"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 56, 4, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2: frag (0|36) 49152 > 80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "v6-first-fragment", DLT_RAW,
	  "60000000002c2c4020010db800000000000000000000000120010db8000000010000000000000002"
	  "060000010000004d"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 48, 4, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2: frag (0|36) 49152 > 80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "v6-atomic-fragment", DLT_RAW,
	  "60000000002c2c4020010db800000000000000000000000120010db8000000010000000000000002"
	  "060000000000004d"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 48, 4, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2:
	 * AH(spi=0x00001234,seq=0x1,icv=0xaaaaaaaaaaaaaaaaaaaaaaaa): 49152 > 80: Flags [P.],
	 * seq 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "v6-ah", DLT_RAW,
	  "60000000003c334020010db800000000000000000000000120010db8000000010000000000000002"
	  "060400000000123400000001aaaaaaaaaaaaaaaaaaaaaaaa"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 64, 4, 0, false },
	/* tcpdump stops at the second destination header ("AH(...):  ip-proto-60 44"); RFC 8200
	 * 4.1 has all of these in this order. */
	{ "v6-all", DLT_RAW,
	  "600000000064004020010db800000000000000000000000120010db8000000010000000000000002"
	  "3c000104000000002b000104000000002c00040000000000330000000000004d3c04000000001234"
	  "00000001aaaaaaaaaaaaaaaaaaaaaaaa0600010400000000"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 104, 4, 0, false },
	/* tcpdump: "[|tcp]". A frame that is still to be cut up by the interface. */
	{ "v6-length-0", DLT_RAW,
	  "600000000000064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 40, 4, 0, false },
	/* IP6 2001:db8::1 > 2001:db8:0:1::2: HBH 49152 > 80: Flags [.], seq
	 * 1000000000:1000070000, ack 4294967290, win 501, length 70000 */
	{ "v6-jumbogram", DLT_RAW,
	  "600000000000004020010db800000000000000000000000120010db8000000010000000000000002"
	  "0600c2040001118c"
	  "c00000503b9aca00fffffffa501001f58c830000",
	  70068, 6, 0, 48, 70000, 0, false },
};

/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack 4294967290, win
 * 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
#define V4_TCP                                                                      \
	"450000381234400040063c55c0000201c6336402"                                  \
	"c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420"
/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: the same */
#define V6_TCP                                                                              \
	"600000000024064020010db800000000000000000000000120010db8000000010000000000000002"  \
	"c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420"
/* clang-format on */

/* One of the two frames above with some of its bytes changed. */
typedef struct {
	const char *name; /* the test's */
	int version;      /* which of the two */
	struct {
		uint8_t at, value;
	} change[6];       /* up to the first whose @at is 0, unless it is the very first */
	uint32_t caplen;   /* 0: all */
	uint32_t len;      /* 0: all */
	SkipReason reason; /* what comes out */
} ChangeCase;

/* Offsets in an IPv4 header: 0 version and header length, 2 total length, 6 flags and fragment
 * offset, 9 protocol; in an IPv6 header: 0 version, 4 payload length, 6 next header, 40 the first
 * extension header. */
static const ChangeCase changes[] = {
	{ "v4/version", 4, { { 0, 0x65 } }, 0, 0, SKIP_BAD_IP },
	{ "v6/version", 6, { { 0, 0x45 } }, 0, 0, SKIP_BAD_IP },
	{ "v4/header-length-4", 4, { { 0, 0x44 } }, 0, 0, SKIP_BAD_IP },
	{ "v4/header-longer-than-packet", 4, { { 0, 0x4f } }, 0, 0, SKIP_BAD_IP },
	{ "v4/header-longer-than-frame", 4, { { 0, 0x4f }, { 3, 60 } }, 0, 0, SKIP_BAD_IP },
	{ "v4/header-beyond-snap-length", 4, { { 0, 0x4f }, { 3, 60 } }, 56, 60, SKIP_TRUNCATED },
	{ "v4/total-length-19", 4, { { 3, 19 } }, 0, 0, SKIP_BAD_IP },
	{ "v4/no-room-for-tcp", 4, { { 3, 39 } }, 0, 0, SKIP_BAD_TCP },
	{ "v4/no-room-for-options", 4, { { 3, 51 } }, 0, 0, SKIP_BAD_TCP },
	{ "v4/frame-shorter-than-packet", 4, { { 3, 200 } }, 39, 39, SKIP_TRUNCATED },
	{ "v4/later-fragment", 4, { { 6, 0x20 }, { 7, 1 } }, 0, 0, SKIP_FRAGMENT },
	{ "v4/last-fragment", 4, { { 6, 0x1f }, { 7, 0xff } }, 0, 0, SKIP_FRAGMENT },
	{ "v4/udp", 4, { { 9, 17 } }, 0, 0, SKIP_UDP },
	{ "v4/icmp", 4, { { 9, 1 } }, 0, 0, SKIP_ICMP },
	{ "v4/esp", 4, { { 9, 50 } }, 0, 0, SKIP_EXTENSION },
	{ "v4/sctp", 4, { { 9, 132 } }, 0, 0, SKIP_NOT_TCP },
	{ "v4/hop-by-hop-is-no-ipv4", 4, { { 9, 0 } }, 0, 0, SKIP_NOT_TCP },
	/* The TCP header's first bytes as an authentication header. */
	{ "v4/ah-too-short", 4, { { 9, 51 }, { 21, 0 } }, 0, 0, SKIP_BAD_IP },
	{ "v4/ah-too-long", 4, { { 9, 51 }, { 21, 8 } }, 0, 0, SKIP_BAD_IP },
	{ "v4/ah-then-udp", 4, { { 9, 51 }, { 20, 17 }, { 21, 4 } }, 0, 0, SKIP_UDP },
	{ "v4/ah-cut", 4, { { 9, 51 }, { 20, 17 }, { 21, 4 } }, 43, 56, SKIP_TRUNCATED },
	{ "v6/payload-19", 6, { { 5, 19 } }, 0, 0, SKIP_BAD_TCP },
	{ "v6/udp", 6, { { 6, 17 } }, 0, 0, SKIP_UDP },
	{ "v6/icmp", 6, { { 6, 58 } }, 0, 0, SKIP_ICMP },
	{ "v6/esp", 6, { { 6, 50 } }, 0, 0, SKIP_EXTENSION },
	{ "v6/shim6", 6, { { 6, 140 } }, 0, 0, SKIP_EXTENSION },
	{ "v6/experiment", 6, { { 6, 253 } }, 0, 0, SKIP_EXTENSION },
	{ "v6/no-next-header", 6, { { 6, 59 } }, 0, 0, SKIP_NOT_TCP },
	{ "v6/hop-by-hop-too-long", 6, { { 6, 0 }, { 40, 6 }, { 41, 4 } }, 0, 0, SKIP_BAD_IP },
	{ "v6/hop-by-hop-cut", 6, { { 6, 0 }, { 40, 6 }, { 41, 2 } }, 63, 76, SKIP_TRUNCATED },
	{ "v6/hop-by-hop-then-udp", 6, { { 6, 0 }, { 40, 17 }, { 41, 3 } }, 0, 0, SKIP_UDP },
	{ "v6/later-fragment",
	  6,
	  { { 6, 44 }, { 40, 6 }, { 42, 0 }, { 43, 9 } },
	  0,
	  0,
	  SKIP_FRAGMENT },
	{ "v6/no-room-for-extension", 6, { { 5, 7 }, { 6, 60 } }, 0, 0, SKIP_BAD_IP },
	/* RFC 2675 3: a jumbo option with a length below 65536, or beside a payload length. */
	{ "v6/jumbo-too-small",
	  6,
	  { { 5, 0 }, { 6, 0 }, { 42, 0xc2 }, { 43, 4 }, { 44, 0 }, { 45, 0 } },
	  0,
	  0,
	  SKIP_BAD_IP },
};

static void check_change(gconstpointer data)
{
	const ChangeCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = hex_read(test->version == 4 ? V4_TCP : V6_TCP, bytes);
	Segment segment;

	for (size_t i = 0; i < G_N_ELEMENTS(test->change); i++) {
		if (i == 0 || test->change[i].at != 0)
			bytes[test->change[i].at] = test->change[i].value;
	}
	g_assert_cmpint(decode_bytes(test->version == 4 ? DLT_IPV4 : DLT_IPV6, bytes,
				     test->caplen ? test->caplen : length,
				     test->len ? test->len : length, &segment),
			==, test->reason);
}

/* The other fields of an IPv4 header. */
static void test_v4_fields(void)
{
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = hex_read(V4_TCP, bytes);
	Segment segment;

	g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, length, length, &segment), ==, SKIP_NONE);
	g_assert_true(segment.dont_fragment);
	bytes[6] = 0;
	bytes[8] = 255;
	g_assert_cmpint(decode_bytes(DLT_IPV4, bytes, length, length, &segment), ==, SKIP_NONE);
	g_assert_false(segment.dont_fragment);
	g_assert_cmpuint(segment.ttl, ==, 255);
}

/* Jumbo options that do not count: beside a payload length (RFC 2675 3), and behind an option whose
 * length lies. */
static void test_v6_jumbo_ignored(void)
{
	const char *tcp = "c00000503b9aca00fffffffa501001f500000000";
	const char *addresses = "20010db800000000000000000000000120010db8000000010000000000000002";
	static const struct {
		const char *field;  /* payload length */
		const char *option; /* of 6 bytes */
		uint32_t payload;
	} packets[] = {
		{ "001c", "c204 00011170", 0 }, { "0000", "0104 00000000", 0 },
		{ "0000", "01ff c2040001", 0 }, { "0000", "c205 00011170", 0 },
		{ "0000", "0000 000000c2", 0 }, { "0000", "c204 00011170", 70000 - 28 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(packets); i++) {
		g_autofree char *hex = g_strconcat("60000000", packets[i].field, "0040", addresses,
						   "0600", packets[i].option, tcp, NULL);
		uint8_t bytes[GUARDED_MAX];
		uint32_t length = hex_read(hex, bytes);
		Segment segment;

		g_test_message("%s %s", packets[i].field, packets[i].option);
		g_assert_cmpint(decode_bytes(DLT_IPV6, bytes, length, length, &segment), ==,
				SKIP_NONE);
		g_assert_cmpuint(segment.payload, ==, packets[i].payload);
		g_assert_cmpuint(segment.ip_length, ==, 40 + 28 + packets[i].payload);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add_cases("ip", cases, G_N_ELEMENTS(cases));
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autofree char *path = g_strconcat("/ip/skip/", changes[i].name, NULL);

		g_test_add_data_func(path, &changes[i], check_change);
	}
	g_test_add_func("/ip/v4-fields", test_v4_fields);
	g_test_add_func("/ip/v6-jumbo-ignored", test_v6_jumbo_ignored);
	return g_test_run();
}
