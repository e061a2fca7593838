/* ICMP errors and the TCP headers that they quote, with tcpdump as judge. */
#include "decode/icmp.h"

#include <pcap/dlt.h>

#include "decode-case.h"

typedef struct {
	const char *name;  /* the test's */
	int linktype;      /* DLT_* */
	const char *hex;   /* what was captured */
	IcmpKind kind;     /* what tcpdump calls it */
	int version;       /* of IP */
	const char *from;  /* who says so */
	const char *src;   /* whose segment it is */
	const char *dst;   /* and to whom */
	uint16_t ports[2]; /* its ports */
	uint32_t seq;      /* its number */
	uint32_t least;    /* so many bytes must be there */
} IcmpCase;

/* clang-format off */
static const IcmpCase cases[] = {
	/* 192.0.2.254 > 192.0.2.1: ICMP host 198.51.100.77 unreachable, length 68; 192.0.2.1.49366 >
	 * 198.51.100.77.80: Flags [S], seq 2282436432. From captures/no-such-host.pcap. */
	{ "v4", DLT_EN10MB,
	  "00005e00530100005e0053fc0800 45c000589b4a00004001599bc00002fec0000201 0301e9af00000000"
	  "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b375000000000a002faf0af7f0000"
	  "020405b40402080af98c36fb000000000103030a",
	  ICMP_HOST_UNREACHABLE, 4, "192.0.2.254", "192.0.2.1", "198.51.100.77", { 49366, 80 },
	  2282436432, 14 + 20 + 8 + 20 + 8 },
	/* The same with the options that a router may put into the quoted header: 24 bytes. */
	{ "v4-options", DLT_RAW,
	  "45c000589b4a00004001599bc00002fec0000201 030de9af00000000"
	  "46000040901f40003f06bf1ac0000201c633644d01010101 c0d60050880b3750",
	  ICMP_PROHIBITED, 4, "192.0.2.254", "192.0.2.1", "198.51.100.77", { 49366, 80 },
	  2282436432, 20 + 8 + 24 + 8 },
	/* 192.0.2.254 > 192.0.2.1: ICMP time exceeded in-transit */
	{ "v4-time-exceeded", DLT_RAW,
	  "45c000589b4a00004001599bc00002fec0000201 0b00e9af00000000"
	  "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b3750",
	  ICMP_TIME_EXCEEDED, 4, "192.0.2.254", "192.0.2.1", "198.51.100.77", { 49366, 80 },
	  2282436432, 20 + 8 + 20 + 8 },
	/* 192.0.2.254 > 192.0.2.1: ICMP 198.51.100.77 unreachable - need to frag (mtu 1400) */
	{ "v4-need-to-frag", DLT_RAW,
	  "45c000589b4a00004001599bc00002fec0000201 0304e9af00000578"
	  "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b3750",
	  ICMP_TOO_BIG, 4, "192.0.2.254", "192.0.2.1", "198.51.100.77", { 49366, 80 },
	  2282436432, 20 + 8 + 20 + 8 },
	/* 2001:db8::c000:202 > 2001:db8::c000:201: ICMP6, destination unreachable, unreachable
	 * address 2001:db8::c000:202 */
	{ "v6", DLT_RAW,
	  "6000000000443a4020010db80000000000000000c000020220010db80000000000000000c0000201"
	  "0103b8cd00000000"
	  "600000000014064020010db80000000000000000c000020120010db80000000000000000c0000202"
	  "9c400050000003e8000000005002faf035030000",
	  ICMP_HOST_UNREACHABLE, 6, "2001:db8::c000:202", "2001:db8::c000:201",
	  "2001:db8::c000:202", { 40000, 80 }, 1000, 40 + 8 + 40 + 8 },
	/* ICMP6, packet too big, mtu 1280 */
	{ "v6-too-big", DLT_RAW,
	  "6000000000443a4020010db80000000000000000c000020220010db80000000000000000c0000201"
	  "0200b8cd00000500"
	  "600000000014064020010db80000000000000000c000020120010db80000000000000000c0000202"
	  "9c400050000003e8000000005002faf035030000",
	  ICMP_TOO_BIG, 6, "2001:db8::c000:202", "2001:db8::c000:201",
	  "2001:db8::c000:202", { 40000, 80 }, 1000, 40 + 8 + 40 + 8 },
};

/* Frames that speak of no segment, each one step away from the first case. */
static const struct {
	const char *name;
	const char *hex;
} others[] = {
	{ "echo", "45c000589b4a00004001599bc00002fec0000201 0801e9af00000000"
		  "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b3750" },
	{ "redirect", "45c000589b4a00004001599bc00002fec0000201 0501e9af00000000"
		      "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b3750" },
	{ "about-udp", "45c000589b4a00004001599bc00002fec0000201 0303e9af00000000"
		       "4500003c901f40003f11bf1ac0000201c633644d c0d60050880b3750" },
	{ "about-a-later-fragment", "45c000589b4a00004001599bc00002fec0000201 0b01e9af00000000"
				    "4500003c901f00103f06bf1ac0000201c633644d c0d60050880b3750" },
	{ "to-somebody-else", "45c000589b4a00004001599bc00002fec0000209 0301e9af00000000"
			      "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b3750" },
	{ "quotes-nothing", "45c0001c9b4a00004001599bc00002fec0000201 0301e9af00000000" },
	{ "is-tcp", "4500003c901f40003f06bf1ac0000201c633644d"
		    "c0d60050880b375000000000a002faf0af7f0000020405b40402080af98c36fb000000000103030a" },
};
/* clang-format on */

static bool decode(int linktype, const uint8_t *bytes, uint32_t caplen, uint32_t len,
		   IcmpError *error)
{
	const DecodeOptions options = { 0 };
	uint8_t *data = guarded_end() - caplen;
	Frame frame = { .number = 7,
			.time = 1234567,
			.caplen = caplen,
			.len = len,
			.linktype = linktype,
			.data = data };

	memcpy(data, bytes, caplen);
	return decode_icmp_error(&options, &frame, error);
}

/* With every number of captured bytes: what is there is read, and nothing beyond. */
static void check_case(gconstpointer data)
{
	const IcmpCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t count = hex_read(test->hex, bytes);
	Endpoint from = { 0 };

	g_assert_cmpuint(count, >=, test->least);
	for (uint32_t caplen = 0; caplen <= count; caplen++) {
		IcmpError error = { .frame = 1 };

		if (caplen < test->least) {
			g_assert_false(decode(test->linktype, bytes, caplen, count, &error));
			g_assert_cmpuint(error.frame, ==, 1);
			continue;
		}
		g_assert_true(decode(test->linktype, bytes, caplen, count, &error));
		g_assert_cmpuint(error.frame, ==, 7);
		g_assert_cmpint(error.time, ==, 1234567);
		g_assert_cmpint(error.kind, ==, test->kind);
		from.addr = error.from;
		from.version = error.src.version;
		check_endpoint(&from, test->version, test->from, 0);
		check_endpoint(&error.src, test->version, test->src, test->ports[0]);
		check_endpoint(&error.dst, test->version, test->dst, test->ports[1]);
		g_assert_cmpuint(error.seq, ==, test->seq);
		g_assert_cmpuint(error.scope, ==, 0);
	}
}

static void check_other(gconstpointer data)
{
	uint8_t bytes[GUARDED_MAX];
	uint32_t count = hex_read(data, bytes);
	IcmpError error;

	g_assert_false(decode(DLT_RAW, bytes, count, count, &error));
}

/* Shorter, for the table. */
#define NET    ICMP_NET_UNREACHABLE
#define HOST   ICMP_HOST_UNREACHABLE
#define PORT   ICMP_PORT_UNREACHABLE
#define BARRED ICMP_PROHIBITED
#define OTHER  ICMP_OTHER_UNREACHABLE

/* What each type and code means, by the registries "ICMP Parameters" and "ICMPv6 Parameters" of
 * IANA. */
static void test_codes(void)
{
	static const struct {
		const char *hex; /* a whole error */
		uint32_t at;     /* where its type is */
		uint8_t type;    /* the type */
		uint8_t codes;   /* how many codes are known, from 0 */
		IcmpKind kinds[16];
	} types[] = {
		{ "45c000589b4a00004001599bc00002fec0000201 0301e9af00000000"
		  "4500003c901f40003f06bf1ac0000201c633644d c0d60050880b3750",
		  20,
		  3,
		  16,
		  { NET, HOST, OTHER, PORT, ICMP_TOO_BIG, OTHER, NET, HOST, OTHER, BARRED, BARRED,
		    NET, HOST, BARRED, OTHER, OTHER } },
		{ NULL, 20, 11, 2, { ICMP_TIME_EXCEEDED, ICMP_TIME_EXCEEDED } },
		{ NULL, 20, 12, 1, { ICMP_PARAMETER_PROBLEM } },
		{ "6000000000443a4020010db80000000000000000c000020220010db80000000000000000c0000201"
		  "0103b8cd00000000"
		  "600000000014064020010db80000000000000000c000020120010db80000000000000000c0000202"
		  "9c400050000003e8000000005002faf035030000",
		  40,
		  1,
		  9,
		  { NET, BARRED, OTHER, HOST, PORT, BARRED, BARRED, OTHER, OTHER } },
		{ NULL, 40, 2, 1, { ICMP_TOO_BIG } },
		{ NULL, 40, 3, 2, { ICMP_TIME_EXCEEDED, ICMP_TIME_EXCEEDED } },
		{ NULL,
		  40,
		  4,
		  3,
		  { ICMP_PARAMETER_PROBLEM, ICMP_PARAMETER_PROBLEM, ICMP_PARAMETER_PROBLEM } },
	};
	uint8_t bytes[GUARDED_MAX];
	uint32_t count = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (types[i].hex)
			count = hex_read(types[i].hex, bytes);
		for (uint8_t code = 0; code < types[i].codes; code++) {
			IcmpError error;

			bytes[types[i].at] = types[i].type;
			bytes[types[i].at + 1] = code;
			g_assert_true(decode(DLT_RAW, bytes, count, count, &error));
			g_assert_cmpint(error.kind, ==, types[i].kinds[code]);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strdup_printf("/decode-icmp/%s", cases[i].name);

		g_test_add_data_func(path, &cases[i], check_case);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *path = g_strdup_printf("/decode-icmp/not/%s", others[i].name);

		g_test_add_data_func(path, others[i].hex, check_other);
	}
	g_test_add_func("/decode-icmp/codes", test_codes);
	return g_test_run();
}
