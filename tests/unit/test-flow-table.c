/* The table of connections: what is in it is found, and nobody can choose 4-tuples that make a
 * search long. */
#include "flow/flow-table.h"

#include <glib.h>
#include <string.h>

typedef struct {
	FlowRecord record;
	FlowKey key;
} Entry;

static bool matches(const void *data, const FlowRecord *record, const FlowKey *key)
{
	(void)data;
	return flow_key_equal(&((const Entry *)record)->key, key);
}

static FlowKey key_of(uint32_t client, uint16_t port, uint32_t server, uint16_t service)
{
	FlowKey key = { 0 };
	uint32_t addresses[2] = { GUINT32_TO_BE(client), GUINT32_TO_BE(server) };

	for (unsigned i = 0; i < 2; i++) {
		memcpy(key.end[i].addr.bytes, &addresses[i], 4);
		key.end[i].version = 4;
		key.end[i].port = i ? service : port;
	}
	return key;
}

/* The keys that somebody would send who wants them in one place: they differ in a few bits only, in
 * bits that a sum or an exclusive or of the words cancels, or in those of high or low worth. */
static FlowKey crafted(unsigned family, uint32_t i)
{
	switch (family) {
	case 0: /* ports in a row */
		return key_of(0xc0000201, (uint16_t)i, 0xc6336402, (uint16_t)(80 + (i >> 16)));
	case 1: /* addresses in a row */
		return key_of(0x0a000000 + i, 1024, 0xc6336402, 80);
	case 2: /* the high bits of the address */
		return key_of(i << 12, 1024, 0xc6336402, 80);
	case 3: /* client and server change alike */
		return key_of(0x0a000000 ^ i, 1024, 0xac100000 ^ i, 80);
	case 4: /* as much more as the other is less */
		return key_of(0x0a000000 + i, 1024, 0xac200000 - i, 80);
	default: /* port and address together */
		return key_of(0x0a000000 + (i << 4), (uint16_t)(i & 15), 0xc6336402,
			      (uint16_t)(i & 15));
	}
}

#define FAMILIES 6
#define COUNT    200000u

/* With a seed that nobody knows, each family lies like keys at random: linear probing that is three
 * quarters full looks at some dozens of places at the very most. */
static void test_crafted(void)
{
	for (unsigned family = 0; family < FAMILIES; family++) {
		FlowTable *table = flow_table_new(matches, NULL);
		g_autofree Entry *entries = g_new0(Entry, COUNT);

		for (uint32_t i = 0; i < COUNT; i++) {
			entries[i].key = crafted(family, i);
			entries[i].record.hash = flow_key_hash(&entries[i].key);
			flow_table_add(table, &entries[i].record);
		}
		g_test_message("family %u: %u", family, flow_table_longest_search(table));
		g_assert_cmpuint(flow_table_longest_search(table), <, 100);
		for (uint32_t i = 0; i < COUNT; i++)
			g_assert_true(
				flow_table_find(table, &entries[i].key, entries[i].record.hash) ==
				&entries[i].record);
		flow_table_free(table);
	}
}

/* Another process has another seed: what collides here does not collide there. */
static void test_seed(void)
{
	FlowKey key = crafted(0, 1);
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *here = g_strdup_printf("%08x\n", flow_key_hash(&key));
	unsigned differ = 0;

	if (!self) {
		g_test_skip("/proc is not mounted");
		return;
	}
	/* Two seeds give the same 32 bits once in four thousand million times. */
	for (unsigned i = 0; i < 3; i++) {
		g_autofree char *there = NULL;
		const char *argv[] = { self, "--print-hash", NULL };

		g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &there, NULL,
					   NULL, NULL));
		differ += strcmp(here, there) != 0;
	}
	g_assert_cmpuint(differ, >=, 2);
}

/* Removal closes the gap: all others are still found. @mask is of the bits that hashes have. */
static void remove_some(uint32_t mask)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autofree Entry *entries = g_new0(Entry, 3000);
	g_autofree bool *there = g_new0(bool, 3000);
	FlowTable *table = flow_table_new(matches, NULL);

	for (unsigned i = 0; i < 3000; i++) {
		entries[i].key = crafted(1, i);
		entries[i].record.hash = flow_key_hash(&entries[i].key) & mask;
	}
	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = (unsigned)g_rand_int_range(rand, 0, 3000);

		if (there[i])
			flow_table_remove(table, &entries[i].record);
		else if (flow_table_size(table) < 700)
			flow_table_add(table, &entries[i].record);
		else
			continue;
		there[i] = !there[i];
		i = (unsigned)g_rand_int_range(rand, 0, 3000);
		g_assert_true(flow_table_find(table, &entries[i].key, entries[i].record.hash) ==
			      (there[i] ? &entries[i].record : NULL));
	}
	flow_table_free(table);
}

/* Hashes as they are; few different ones, so that runs are long; and one, so that the only run is
 * longer than what the table keeps of a hash can tell, and goes round behind the last place. */
static void test_remove(void)
{
	remove_some(UINT32_MAX);
	remove_some(0xff);
	remove_some(0xf0);
	remove_some(0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--print-hash") == 0) {
		FlowKey key = crafted(0, 1);

		g_print("%08x\n", flow_key_hash(&key));
		return 0;
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/flow-table/crafted", test_crafted);
	g_test_add_func("/flow-table/seed", test_seed);
	g_test_add_func("/flow-table/remove", test_remove);
	return g_test_run();
}
