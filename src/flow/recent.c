/* A table that holds so many entries at most: the one that was used least recently makes room for
 * another. Knows keys and the order of use; knows nothing of what is in an entry.
 *
 * Chains of entries by their hash. In a full table the memory of the one that leaves is that of the
 * one that comes. */
#include "flow/recent.h"

#include <string.h>

#define CHAINS_MIN 16u

/* So many chains there are for each entry at least: most keys that are not there are then not
 * compared with any, each of which would be waited for. */
#define CHAINS_EACH 4u

/* Bytes of a cache's line. */
#define LINE 64u

struct RecentTable {
	RecentEntry **chains;         /* by hash */
	unsigned mask;                /* number of chains less one; they are a power of two */
	unsigned count;               /* entries; CHAINS_EACH times as many chains are enough */
	RecentEntry *oldest, *newest; /* the ends of the order of use */
	size_t size;                  /* bytes of an entry */
	unsigned max;                 /* entries; 0: any number */
	RecentLeave leave;            /* see the header */
	void *data;                   /* for @leave */
};

RecentTable *recent_new(size_t size, unsigned max, RecentLeave leave, void *data)
{
	RecentTable *table = g_new(RecentTable, 1);

	g_assert(size >= sizeof(RecentEntry));
	*table = (RecentTable){
		.chains = g_new0(RecentEntry *, CHAINS_MIN),
		.mask = CHAINS_MIN - 1,
		.size = size,
		.max = max,
		.leave = leave,
		.data = data,
	};
	return table;
}

void recent_free(RecentTable *table)
{
	if (!table)
		return;
	while (table->oldest) {
		RecentEntry *newer = table->oldest->newer;

		g_free(table->oldest);
		table->oldest = newer;
	}
	g_free(table->chains);
	g_free(table);
}

/* --- The chains ------------------------------------------------------------------------------ */

static RecentEntry **chain_of(const RecentTable *table, uint32_t hash)
{
	return &table->chains[hash & table->mask];
}

static RecentEntry *find(const RecentTable *table, const FlowKey *key, uint32_t hash)
{
	RecentEntry *entry = *chain_of(table, hash);

	while (entry && !(entry->hash == hash && flow_key_equal(&entry->key, key)))
		entry = entry->next;
	return entry;
}

static void add(RecentTable *table, RecentEntry *entry)
{
	RecentEntry **chain = chain_of(table, entry->hash);

	entry->next = *chain;
	*chain = entry;
}

static void grow(RecentTable *table)
{
	g_free(table->chains);
	table->mask = table->mask * 2 + 1;
	table->chains = g_new0(RecentEntry *, (gsize)table->mask + 1);
	for (RecentEntry *entry = table->oldest; entry; entry = entry->newer)
		add(table, entry);
}

/* --- The order of use ------------------------------------------------------------------------ */

static void take_out(RecentTable *table, RecentEntry *entry)
{
	*(entry->older ? &entry->older->newer : &table->oldest) = entry->newer;
	*(entry->newer ? &entry->newer->older : &table->newest) = entry->older;
}

static void put_last(RecentTable *table, RecentEntry *entry)
{
	entry->older = table->newest;
	entry->newer = NULL;
	*(entry->older ? &entry->older->newer : &table->oldest) = entry;
	table->newest = entry;
}

/* --- Both ------------------------------------------------------------------------------------ */

static void leave_table(RecentTable *table, RecentEntry *entry)
{
	RecentEntry **link = chain_of(table, entry->hash);

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	take_out(table, entry);
	table->count--;
}

void *recent_find(const RecentTable *table, const FlowKey *key)
{
	return find(table, key, flow_key_hash(key));
}

/* In a full table the oldest is the next to go. It is there, as it was asked for before; then it is
 * the turn of the one behind it, and of what points to it. */
static void expect_to_go(const RecentTable *table)
{
	const RecentEntry *next = table->oldest;

	if (!next || !next->newer)
		return;
	__builtin_prefetch(chain_of(table, next->hash), 1);
	for (size_t at = 0; at < table->size; at += LINE)
		__builtin_prefetch((const char *)next->newer + at, 1);
}

/* One that is not the newest: apart, so that the newest costs little. */
static G_GNUC_NO_INLINE RecentEntry *use_other(RecentTable *table, const FlowKey *key, NsTime now)
{
	uint32_t hash = flow_key_hash(key);
	RecentEntry *entry = find(table, key, hash);

	if (entry) {
		take_out(table, entry);
		put_last(table, entry);
		return entry;
	}
	if (table->max && table->count >= table->max) {
		if (table->leave)
			table->leave(table->data, table->oldest, now);
		entry = table->oldest;
		leave_table(table, entry);
		expect_to_go(table);
	} else {
		entry = g_malloc(table->size);
	}
	memset(entry, 0, table->size);
	entry->key = *key;
	entry->hash = hash;
	put_last(table, entry);
	if (++table->count * CHAINS_EACH > table->mask + 1)
		grow(table);
	else
		add(table, entry);
	return entry;
}

void *recent_use(RecentTable *table, const FlowKey *key, NsTime now)
{
	RecentEntry *newest = table->newest;

	if (newest && flow_key_equal(&newest->key, key))
		return newest;
	return use_other(table, key, now);
}

void recent_remove(RecentTable *table, void *entry)
{
	leave_table(table, entry);
	g_free(entry);
}

void recent_clear(const RecentTable *table, void *entry)
{
	memset((RecentEntry *)entry + 1, 0, table->size - sizeof(RecentEntry));
}

unsigned recent_count(const RecentTable *table)
{
	return table->count;
}

void *recent_oldest(const RecentTable *table)
{
	return table->oldest;
}

void *recent_newer(const void *entry)
{
	return ((const RecentEntry *)entry)->newer;
}
