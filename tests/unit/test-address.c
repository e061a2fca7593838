/* Text and order of addresses, with the C library's inet_ntop() as judge. */
#include "base/address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

static void check_text(const Address *addr, int version)
{
	char ours[ADDRESS_TEXT_MAX], theirs[INET6_ADDRSTRLEN];
	size_t length = address_format(ours, addr, version);

	g_assert_nonnull(
		inet_ntop(version == 4 ? AF_INET : AF_INET6, addr->bytes, theirs, sizeof(theirs)));
	g_assert_cmpstr(ours, ==, theirs);
	g_assert_cmpuint(length, ==, strlen(theirs));
}

static void test_format(void)
{
	/* Every pattern of zero and other groups, with groups of each number of digits. */
	static const uint16_t groups[] = { 0x1, 0x12, 0x123, 0x1234, 0xffff };

	for (unsigned pattern = 0; pattern < 256 * G_N_ELEMENTS(groups); pattern++) {
		uint16_t group = groups[pattern / 256];
		Address addr = { 0 };

		for (int i = 0; i < 8; i++) {
			if (pattern >> i & 1) {
				addr.bytes[2 * i] = (uint8_t)(group >> 8);
				addr.bytes[2 * i + 1] = (uint8_t)group;
			}
		}
		check_text(&addr, 6);
	}
	for (unsigned i = 0; i < 256; i++) {
		Address addr = { .bytes = { (uint8_t)i, 0, (uint8_t)(255 - i), (uint8_t)(i / 3) } };

		check_text(&addr, 4);
	}
}

static Endpoint endpoint(const char *text, uint16_t port)
{
	Endpoint made = { .port = port, .version = strchr(text, ':') ? 6 : 4 };

	g_assert_cmpint(inet_pton(made.version == 4 ? AF_INET : AF_INET6, text, made.addr.bytes),
			==, 1);
	return made;
}

static void test_endpoint_format(void)
{
	static const struct {
		const char *addr;
		uint16_t port;
		const char *expected;
	} cases[] = {
		{ "192.0.2.1", 80, "192.0.2.1:80" },
		{ "255.255.255.255", 65535, "255.255.255.255:65535" },
		{ "0.0.0.0", 0, "0.0.0.0:0" },
		{ "2001:db8::1", 443, "[2001:db8::1]:443" },
		{ "::", 1, "[::]:1" },
		{ "1111:2222:3333:4444:5555:6666:7777:8888", 65535,
		  "[1111:2222:3333:4444:5555:6666:7777:8888]:65535" },
		{ "::ffff:255.255.255.255", 65535, "[::ffff:255.255.255.255]:65535" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Endpoint made = endpoint(cases[i].addr, cases[i].port);
		char text[ENDPOINT_TEXT_MAX];

		g_assert_cmpuint(endpoint_format(text, &made), ==, strlen(cases[i].expected));
		g_assert_cmpstr(text, ==, cases[i].expected);
	}
}

static void test_compare(void)
{
	/* In ascending order. */
	const Endpoint sorted[] = {
		endpoint("10.0.0.1", 1),     endpoint("10.0.0.1", 256),
		endpoint("10.0.0.1", 65535), endpoint("10.0.0.2", 0),
		endpoint("200.0.0.1", 80),   endpoint("::", 80),
		endpoint("2001:db8::1", 1),  endpoint("2001:db8::1:0", 0),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(sorted); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(sorted); j++) {
			int order = endpoint_compare(&sorted[i], &sorted[j]);

			g_assert_cmpint((order > 0) - (order < 0), ==, (i > j) - (i < j));
		}
	}
}

static bool contains(const char *prefix_text, const char *addr_text)
{
	AddressPrefix prefix;
	Endpoint member = endpoint(addr_text, 0);

	g_assert_true(address_prefix_parse(prefix_text, &prefix));
	return address_prefix_contains(&prefix, &member.addr, member.version);
}

static void test_prefix(void)
{
	g_assert_true(contains("192.0.2.1", "192.0.2.1"));
	g_assert_false(contains("192.0.2.1", "192.0.2.0"));
	g_assert_true(contains("192.0.2.77/24", "192.0.2.255"));
	g_assert_false(contains("192.0.2.0/24", "192.0.3.0"));
	g_assert_true(contains("192.0.2.128/25", "192.0.2.129"));
	g_assert_false(contains("192.0.2.128/25", "192.0.2.127"));
	g_assert_true(contains("192.0.2.254/31", "192.0.2.255"));
	g_assert_true(contains("0.0.0.0/0", "255.1.2.3"));
	g_assert_false(contains("0.0.0.0/0", "::"));
	g_assert_false(contains("::/0", "0.0.0.0"));
	g_assert_true(contains("::/0", "2001:db8::1"));
	g_assert_true(contains("[2001:db8::1]", "2001:db8::1"));
	g_assert_true(contains("[2001:db8::]/33", "2001:db8:7fff::"));
	g_assert_false(contains("[2001:db8::]/33", "2001:db8:8000::"));
	g_assert_true(contains("2001:db8::1/128", "2001:db8::1"));
	g_assert_false(contains("2001:db8::1/128", "2001:db8::3"));
}

static void test_prefix_masks(void)
{
	AddressPrefix prefix;
	Endpoint expected = endpoint("10.224.0.0", 0);

	g_assert_true(address_prefix_parse("10.255.255.255/11", &prefix));
	g_assert_cmpint(prefix.version, ==, 4);
	g_assert_cmpint(prefix.bits, ==, 11);
	g_assert_cmpmem(prefix.addr.bytes, 16, expected.addr.bytes, 16);
}

static void test_prefix_bad(void)
{
	static const char *const bad[] = {
		"",
		"host",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1/33",
		"192.0.2.1/",
		"192.0.2.1/-1",
		"192.0.2.1/ 8",
		"192.0.2.1/8x",
		"192.0.2.1/8/8",
		"[192.0.2.1]",
		"2001:db8::g",
		"2001:db8::/129",
		"[2001:db8::",
		"2001:db8::]",
		"[]",
		"/8",
		" 192.0.2.1",
		"192.0.2.1:80",
		"[2001:db8::1]:80",
		"192.0.2.1/256",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
		"192.0.2.1/4294967304",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		AddressPrefix prefix = { .bits = 77 };

		g_test_message("'%s'", bad[i]);
		g_assert_false(address_prefix_parse(bad[i], &prefix));
		g_assert_cmpint(prefix.bits, ==, 77);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/address/format", test_format);
	g_test_add_func("/address/endpoint-format", test_endpoint_format);
	g_test_add_func("/address/endpoint-compare", test_compare);
	g_test_add_func("/address/prefix-contains", test_prefix);
	g_test_add_func("/address/prefix-masks", test_prefix_masks);
	g_test_add_func("/address/prefix-bad", test_prefix_bad);
	return g_test_run();
}
