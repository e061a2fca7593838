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
/* So many that the table grows three times by what it keeps of the hashes. */
#define COUNT_MANY 800000u

static void count_awaited(void *data, FlowRecord *record)
{
	g_assert_true(record->awaited);
	++*(unsigned *)data;
}

/* All that are awaited are visited, and no other. */
static void check_awaited(const FlowTable *table, unsigned expected)
{
	unsigned count = 0;

	flow_table_each_awaited(table, count_awaited, &count);
	g_assert_cmpuint(count, ==, expected);
}

/* With a seed that nobody knows, each family lies like keys at random: what is three quarters full
 * overflows by some buckets at the very most. */
static void test_crafted(void)
{
	for (unsigned family = 0; family < FAMILIES; family++) {
		FlowTable *table = flow_table_new(matches, NULL);
		uint32_t count = family ? COUNT : COUNT_MANY;
		g_autofree Entry *entries = g_new0(Entry, count);

		for (uint32_t i = 0; i < count; i++) {
			entries[i].key = crafted(family, i);
			entries[i].record.hash = flow_key_hash(&entries[i].key);
			entries[i].record.awaited = i % 7 == 0;
			flow_table_add(table, &entries[i].record);
		}
		check_awaited(table, (count + 6) / 7);
		g_test_message("family %u: %u", family, flow_table_longest_search(table));
		g_assert_cmpuint(flow_table_longest_search(table), <, 12);
		for (uint32_t i = 0; i < count; i++)
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

/* Removal closes the gap: all others are still found. Hashes have the bits of @mask as they come,
 * and those of @always. */
static void remove_some(uint32_t mask, uint32_t always)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autofree Entry *entries = g_new0(Entry, 3000);
	g_autofree bool *there = g_new0(bool, 3000);
	FlowTable *table = flow_table_new(matches, NULL);

	for (unsigned i = 0; i < 3000; i++) {
		entries[i].key = crafted(1, i);
		entries[i].record.hash = (flow_key_hash(&entries[i].key) & mask) | always;
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

/* Hashes as they are; few different ones, so that buckets overflow; those of the last two buckets,
 * whose records go round behind the last one; and one, so that they stand further behind their
 * bucket than what the table keeps of a hash can tell. */
static void test_remove(void)
{
	remove_some(UINT32_MAX, 0);
	remove_some(0xff, 0);
	remove_some(0xf0, 0);
	remove_some(0xffff0001, 0x7e);
	remove_some(0, 0);
	remove_some(0, 0x7f);
}

static void count_one(void *data, FlowRecord *record)
{
	GHashTable *seen = data;

	g_assert_true(g_hash_table_add(seen, record));
}

/* It holds the records that GLib's table holds, and no other. */
static void hold_against(const FlowTable *table, GHashTable *expected)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	GHashTableIter iter;
	unsigned awaited = 0;
	gpointer record;

	g_assert_cmpuint(flow_table_size(table), ==, g_hash_table_size(expected));
	flow_table_each(table, count_one, seen);
	g_assert_cmpuint(g_hash_table_size(seen), ==, g_hash_table_size(expected));
	g_hash_table_iter_init(&iter, expected);
	while (g_hash_table_iter_next(&iter, &record, NULL)) {
		const Entry *entry = record;

		g_assert_true(g_hash_table_contains(seen, record));
		awaited += entry->record.awaited;
		g_assert_true(flow_table_find(table, &entry->key, entry->record.hash) == record);
	}
	check_awaited(table, awaited);
}

#define LIVES 30000u

/* The table grows from nothing to @most and is emptied again, some removed and some replaced at any
 * time. */
static void live(uint32_t mask, unsigned most)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);
	g_autoptr(GHashTable) expected = g_hash_table_new(NULL, NULL);
	g_autofree Entry *entries = g_new0(Entry, LIVES);
	g_autofree Entry *others = g_new0(Entry, LIVES); /* with the same keys */
	g_autofree Entry **present = g_new0(Entry *, LIVES);
	FlowTable *table = flow_table_new(matches, NULL);

	for (unsigned i = 0; i < LIVES; i++) {
		entries[i].key = crafted(3, i);
		entries[i].record.hash = flow_key_hash(&entries[i].key) & mask;
		others[i] = entries[i];
		entries[i].record.awaited = i % 3 == 0;
		others[i].record.awaited = i % 5 == 0;
	}
	for (unsigned step = 0; step < 6 * most; step++) {
		unsigned i = (unsigned)g_rand_int_range(rand, 0, (int)most);
		/* More come than go, and then the other way round. */
		bool comes = g_rand_int_range(rand, 0, 4) != 0;

		comes = step < 3 * most ? comes : !comes;
		if (present[i] && g_rand_int_range(rand, 0, 8) == 0) {
			Entry *with = present[i] == &entries[i] ? &others[i] : &entries[i];

			flow_table_replace(table, &present[i]->record, &with->record);
			g_hash_table_remove(expected, present[i]);
			g_hash_table_add(expected, with);
			present[i] = with;
		} else if (present[i] && !comes) {
			flow_table_remove(table, &present[i]->record);
			g_hash_table_remove(expected, present[i]);
			g_assert_null(
				flow_table_find(table, &entries[i].key, entries[i].record.hash));
			present[i] = NULL;
		} else if (!present[i] && comes) {
			flow_table_add(table, &entries[i].record);
			g_hash_table_add(expected, &entries[i]);
			present[i] = &entries[i];
		}
		if (step % most == 0)
			hold_against(table, expected);
	}
	hold_against(table, expected);
	flow_table_free(table);
}

static void test_life(void)
{
	live(UINT32_MAX, LIVES);
	live(0x3ff, 4000);
	live(0xfffff000, 2000);
	live(0, 900);
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
	g_test_add_func("/flow-table/life", test_life);
	return g_test_run();
}
