/* A table that holds so many entries at most: the one that was used least recently makes room for
 * another. Knows keys and the order of use; knows nothing of what is in an entry. */
#include "flow/recent.h"

struct RecentTable {
	GHashTable *entries;          /* RecentEntry by its key, owned */
	RecentEntry *oldest, *newest; /* the ends of the order of use */
	size_t size;                  /* bytes of an entry */
	unsigned max;                 /* entries; 0: any number */
	RecentLeave leave;            /* see the header */
	void *data;                   /* for @leave */
};

static guint key_hash(gconstpointer key)
{
	return flow_key_hash(key);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return flow_key_equal(a, b);
}

RecentTable *recent_new(size_t size, unsigned max, RecentLeave leave, void *data)
{
	RecentTable *table = g_new(RecentTable, 1);

	g_assert(size >= sizeof(RecentEntry));
	/* The key is the entry's first member. */
	*table = (RecentTable){
		.entries = g_hash_table_new_full(key_hash, key_equal, g_free, NULL),
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
	g_hash_table_unref(table->entries);
	g_free(table);
}

void *recent_find(const RecentTable *table, const FlowKey *key)
{
	return g_hash_table_lookup(table->entries, key);
}

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

void *recent_use(RecentTable *table, const FlowKey *key, NsTime now)
{
	RecentEntry *entry = recent_find(table, key);

	if (entry && entry == table->newest)
		return entry;
	if (entry) {
		take_out(table, entry);
		put_last(table, entry);
		return entry;
	}
	if (table->max && recent_count(table) >= table->max) {
		if (table->leave)
			table->leave(table->data, table->oldest, now);
		recent_remove(table, table->oldest);
	}
	entry = g_malloc0(table->size);
	entry->key = *key;
	put_last(table, entry);
	g_hash_table_add(table->entries, entry);
	return entry;
}

void recent_remove(RecentTable *table, void *entry)
{
	take_out(table, entry);
	g_hash_table_remove(table->entries, &((RecentEntry *)entry)->key);
}

unsigned recent_count(const RecentTable *table)
{
	return g_hash_table_size(table->entries);
}

void *recent_oldest(const RecentTable *table)
{
	return table->oldest;
}

void *recent_newer(const void *entry)
{
	return ((const RecentEntry *)entry)->newer;
}
