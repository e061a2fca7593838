/* Whether all addresses that are left are one, against a list of them: they are added and taken
 * out in any order. */
#include "detect/sources.h"

#include <glib.h>
#include <string.h>

/* Neighbours, and such as have another's address for their mean; IPv4 and IPv6. */
static const Address addresses[] = {
	{ { 192, 0, 2, 1 } },
	{ { 192, 0, 2, 2 } },
	{ { 192, 0, 2, 3 } },
	{ { 192, 0, 3, 2 } },
	{ { 0 } },
	{ { 255, 255, 255, 255 } },
	{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } },
	{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 } },
	{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2 } },
};

#define ADDRESSES G_N_ELEMENTS(addresses)

/* Which one is there alone; ADDRESSES: there are others, too. */
static size_t only_one(const unsigned *counts, unsigned count)
{
	for (size_t i = 0; i < ADDRESSES; i++)
		if (counts[i] == count)
			return i;
	return ADDRESSES;
}

static void test_any_order(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	unsigned counts[ADDRESSES] = { 0 }, count = 0, alone = 0;
	Sources sources = { 0 };

	for (unsigned round = 0; round < 100000; round++) {
		/* Few of the addresses for a while, so that one is often alone. */
		size_t pick = (round / 1000 + (size_t)g_rand_int_range(rand, 0, 3)) % ADDRESSES;
		bool takes = g_rand_boolean(rand);
		Address address;
		size_t expected;

		for (size_t i = 0; takes && i < ADDRESSES && !counts[pick]; i++)
			pick = (pick + 1) % ADDRESSES;
		if (takes && counts[pick]) {
			sources_remove(&sources, &addresses[pick]);
			counts[pick]--;
			count--;
		} else {
			sources_add(&sources, &addresses[pick]);
			counts[pick]++;
			count++;
		}
		if (!count)
			continue;
		expected = only_one(counts, count);
		g_assert_true(sources_are_one(&sources, count, &address) == (expected < ADDRESSES));
		if (expected == ADDRESSES)
			continue;
		g_assert_cmpmem(&address, sizeof(address), &addresses[expected], sizeof(address));
		alone++;
	}
	g_assert_cmpuint(alone, >, 100);
}

/* Two with one in the middle, which is there as well. */
static void test_mean(void)
{
	Sources sources = { 0 };
	Address address;

	for (size_t i = 0; i < 3; i++)
		sources_add(&sources, &addresses[i]);
	g_assert_false(sources_are_one(&sources, 3, &address));
	sources_remove(&sources, &addresses[0]);
	g_assert_false(sources_are_one(&sources, 2, &address));
	sources_remove(&sources, &addresses[2]);
	g_assert_true(sources_are_one(&sources, 1, &address));
	g_assert_cmpmem(&address, sizeof(address), &addresses[1], sizeof(address));
}

/* Two whose words have those of another for their mean, and differ from it by a multiple of each
 * other: what is linear does not tell them from that one twice. */
static void test_chosen(void)
{
	static const uint32_t words[][4] = {
		{ 0x7093db8c, 0x3ac6270f, 0xf0debc9a, 0x22221220 },
		{ 0xff8626b4, 0xb5e64115, 0xf0debc9a, 0x22221002 },
	};
	Sources sources = { 0 };
	Address address;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		memcpy(address.bytes, words[i], sizeof(address.bytes));
		sources_add(&sources, &address);
	}
	g_assert_false(sources_are_one(&sources, 2, &address));
}

/* As many as a long flood has. */
static void test_many(void)
{
	Sources sources = { 0 };
	Address address;

	for (unsigned i = 0; i < 3000000; i++)
		sources_add(&sources, &addresses[5]);
	g_assert_true(sources_are_one(&sources, 3000000, &address));
	g_assert_cmpmem(&address, sizeof(address), &addresses[5], sizeof(address));
	sources_add(&sources, &addresses[4]);
	g_assert_false(sources_are_one(&sources, 3000001, &address));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sources/any-order", test_any_order);
	g_test_add_func("/sources/mean", test_mean);
	g_test_add_func("/sources/chosen", test_chosen);
	g_test_add_func("/sources/many", test_many);
	return g_test_run();
}
