/* SHA-1 of a few bytes: the RFC's example, and GLib's of every length. */
#include "base/sha1.h"

#include <glib.h>
#include <string.h>

/* RFC 3174 7.3, TEST1. */
static void test_published(void)
{
	static const uint8_t expected[SHA1_SIZE] = { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81,
						     0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
						     0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
	uint8_t digest[SHA1_SIZE];

	sha1_short(digest, (const uint8_t *)"abc", 3);
	g_assert_cmpmem(digest, sizeof(digest), expected, sizeof(expected));
}

static void test_lengths(void)
{
	uint8_t bytes[SHA1_SHORT_MAX], digest[SHA1_SIZE], expected[SHA1_SIZE];

	for (size_t count = 0; count <= SHA1_SHORT_MAX; count++) {
		GChecksum *sha1 = g_checksum_new(G_CHECKSUM_SHA1);
		gsize size = sizeof(expected);

		for (size_t i = 0; i < count; i++)
			bytes[i] = (uint8_t)(i * 37 + count);
		g_checksum_update(sha1, bytes, (gssize)count);
		g_checksum_get_digest(sha1, expected, &size);
		sha1_short(digest, bytes, count);
		g_assert_cmpmem(digest, sizeof(digest), expected, size);
		g_checksum_free(sha1);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sha1/published", test_published);
	g_test_add_func("/sha1/lengths", test_lengths);
	return g_test_run();
}
