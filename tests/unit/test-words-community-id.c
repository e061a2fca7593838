/* Community ID against the vectors of its specification, and against tshark's. */
#include "dialect/community-id.h"

#include <arpa/inet.h>
#include <string.h>

static Endpoint endpoint(const char *address, uint16_t port)
{
	Endpoint end = { .port = port, .version = strchr(address, ':') ? 6 : 4 };

	g_assert_cmpint(inet_pton(end.version == 4 ? AF_INET : AF_INET6, address, end.addr.bytes),
			==, 1);
	return end;
}

/* Either way round. */
static void check(const char *address_a, uint16_t port_a, const char *address_b, uint16_t port_b,
		  const char *expected)
{
	Endpoint end[2] = { endpoint(address_a, port_a), endpoint(address_b, port_b) };
	char text[COMMUNITY_ID_TEXT_MAX];

	if (endpoint_compare(&end[0], &end[1]) > 0) {
		end[0] = endpoint(address_b, port_b);
		end[1] = endpoint(address_a, port_a);
	}
	community_id_format(text, end);
	g_assert_cmpstr(text, ==, expected);
}

/* The specification's. */
static void test_published(void)
{
	check("128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	check("66.35.250.204", 80, "128.232.110.120", 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
	check("2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25,
	      "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=");
}

/* What tshark 4.0 says (--enable-protocol communityid), where the specification has no vector. */
static void test_tshark(void)
{
	check("2001:db8::2", 443, "2001:db8::1", 50000, "1:YXqXufkGr4i6TbJJYF83fvyDLZ8=");
	check("10.0.0.1", 1, "9.255.0.1", 65535, "1:N42cJLuZNfgrRYhg1bmUpb0g4+U=");
	/* One address: the ports decide. */
	check("192.0.2.1", 40003, "192.0.2.1", 40002, "1:S3iaTXTveW/6fbN2hDzk3DCEspQ=");
	check("::1", 256, "::1", 255, "1:KsC5Z4nbs1NDEUa4y7TVpe0ngUk=");
	/* A socket that is connected to itself. */
	check("192.0.2.1", 40002, "192.0.2.1", 40002, "1:jWgJO5MNR9Pl+3/QOd6LuMOrDgs=");
}

/* Each of a batch beside others of either version, against its own alone. */
static void test_batch(void)
{
	Endpoint ends[COMMUNITY_ID_BATCH][2];
	char texts[COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX], alone[COMMUNITY_ID_TEXT_MAX];

	for (unsigned count = 0; count <= COMMUNITY_ID_BATCH; count++) {
		for (unsigned i = 0; i < count; i++) {
			bool wide = (i * 5 + count) % 3 == 0;

			ends[i][0] = endpoint(wide ? "2001:db8::1" : "192.0.2.1",
					      (uint16_t)(i * 4001 + count));
			ends[i][1] =
				endpoint(wide ? "2001:db8::2" : "198.51.100.7", (uint16_t)(i + 77));
		}
		community_ids_format(texts, (const Endpoint(*)[2])ends, count);
		for (unsigned i = 0; i < count; i++) {
			community_id_format(alone, ends[i]);
			g_assert_cmpstr(texts[i], ==, alone);
			g_assert_cmpuint(strlen(alone), ==, COMMUNITY_ID_LENGTH);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/words-community-id/published", test_published);
	g_test_add_func("/words-community-id/tshark", test_tshark);
	g_test_add_func("/words-community-id/batch", test_batch);
	return g_test_run();
}
