/* SHA-1 of a few bytes: the RFC's example, and GLib's of every length, by each way that there is.
 */
#include "base/sha1.h"

#include <glib.h>

typedef void (*Hash)(Sha1Hashes *hashes, const Sha1Blocks *blocks);

/* What the processor is found to have, and what every one has. */
static const Hash hash[] = { sha1_lanes, sha1_lanes_anywhere };

static void put(Sha1Blocks *blocks, unsigned lane, const uint8_t *bytes, unsigned count)
{
	for (unsigned i = 0; i < SHA1_BLOCK_WORDS; i++)
		blocks->word[i][lane] = 0;
	for (unsigned i = 0; i < count; i++)
		blocks->word[i / 4][lane] |= (uint32_t)bytes[i] << (24 - 8 * (i % 4));
	sha1_end(blocks, lane, count);
}

static void check(const Sha1Hashes *hashes, unsigned lane, const uint8_t *bytes, unsigned count)
{
	GChecksum *sha1 = g_checksum_new(G_CHECKSUM_SHA1);
	uint32_t expected[SHA1_HASH_WORDS];
	gsize size = sizeof(expected);

	g_checksum_update(sha1, bytes, (gssize)count);
	g_checksum_get_digest(sha1, (uint8_t *)expected, &size);
	for (unsigned i = 0; i < SHA1_HASH_WORDS; i++)
		g_assert_cmphex(hashes->word[i][lane], ==, GUINT32_FROM_BE(expected[i]));
	g_checksum_free(sha1);
}

/* RFC 3174 7.3, TEST1. */
static void test_published(void)
{
	static const uint32_t expected[SHA1_HASH_WORDS] = { 0xa9993e36, 0x4706816a, 0xba3e2571,
							    0x7850c26c, 0x9cd0d89d };

	for (unsigned way = 0; way < G_N_ELEMENTS(hash); way++) {
		Sha1Blocks blocks = { { { 0 } } };
		Sha1Hashes hashes;

		put(&blocks, 3, (const uint8_t *)"abc", 3);
		hash[way](&hashes, &blocks);
		for (unsigned i = 0; i < SHA1_HASH_WORDS; i++)
			g_assert_cmphex(hashes.word[i][3], ==, expected[i]);
	}
}

static unsigned count_of(unsigned count, unsigned lane)
{
	return (count + lane * 17) % (SHA1_SHORT_MAX + 1);
}

/* Each of those that are hashed at once, of every length beside others of any. */
static void test_lanes(void)
{
	uint8_t bytes[SHA1_LANES][SHA1_SHORT_MAX];
	Sha1Blocks blocks;
	Sha1Hashes hashes;

	for (unsigned count = 0; count <= SHA1_SHORT_MAX; count++) {
		for (unsigned lane = 0; lane < SHA1_LANES; lane++) {
			for (unsigned i = 0; i < SHA1_SHORT_MAX; i++)
				bytes[lane][i] = (uint8_t)(i * 41 + count * 7 + lane * 83);
			put(&blocks, lane, bytes[lane], count_of(count, lane));
		}
		for (unsigned way = 0; way < G_N_ELEMENTS(hash); way++) {
			hash[way](&hashes, &blocks);
			for (unsigned lane = 0; lane < SHA1_LANES; lane++)
				check(&hashes, lane, bytes[lane], count_of(count, lane));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sha1/published", test_published);
	g_test_add_func("/sha1/lanes", test_lanes);
	return g_test_run();
}
