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

/* Each of those that are hashed at once, of every length beside others of any. */
static void test_lanes(void)
{
	uint8_t bytes[SHA1_LANES][SHA1_SHORT_MAX], digests[SHA1_LANES][SHA1_SIZE];
	uint8_t expected[SHA1_SIZE];
	Sha1Text texts[SHA1_LANES];

	for (size_t count = 0; count <= SHA1_SHORT_MAX; count++) {
		for (unsigned lane = 0; lane < SHA1_LANES; lane++) {
			for (size_t i = 0; i < SHA1_SHORT_MAX; i++)
				bytes[lane][i] = (uint8_t)(i * 41 + count * 7 + lane * 83);
			texts[lane] = (Sha1Text){ bytes[lane],
						  (count + lane * 17) % (SHA1_SHORT_MAX + 1) };
		}
		sha1_lanes(digests, texts);
		for (unsigned lane = 0; lane < SHA1_LANES; lane++) {
			GChecksum *sha1 = g_checksum_new(G_CHECKSUM_SHA1);
			gsize size = sizeof(expected);

			g_checksum_update(sha1, texts[lane].bytes, (gssize)texts[lane].count);
			g_checksum_get_digest(sha1, expected, &size);
			g_assert_cmpmem(digests[lane], SHA1_SIZE, expected, size);
			g_checksum_free(sha1);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sha1/published", test_published);
	g_test_add_func("/sha1/lengths", test_lengths);
	g_test_add_func("/sha1/lanes", test_lanes);
	return g_test_run();
}
