/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states. */
#include "flow/flow-table.h"

#include <glib.h>

#define BUCKETS_MIN 1024u

struct FlowTable {
	Connection **buckets; /* chains through Connection.table_next */
	unsigned mask;        /* number of buckets less one; they are a power of two */
	unsigned size;        /* connections in the table */
};

FlowTable *flow_table_new(void)
{
	FlowTable *table = g_new0(FlowTable, 1);

	table->buckets = g_new0(Connection *, BUCKETS_MIN);
	table->mask = BUCKETS_MIN - 1;
	return table;
}

void flow_table_free(FlowTable *table)
{
	if (!table)
		return;
	g_free(table->buckets);
	g_free(table);
}

Connection *flow_table_find(const FlowTable *table, const FlowKey *key)
{
	Connection *at = table->buckets[flow_key_hash(key) & table->mask];

	while (at && !flow_key_equal(&at->key, key))
		at = at->table_next;
	return at;
}

static void grow(FlowTable *table)
{
	unsigned mask = table->mask * 2 + 1;
	Connection **buckets = g_new0(Connection *, (gsize)mask + 1);

	for (unsigned i = 0; i <= table->mask; i++) {
		Connection *at = table->buckets[i];

		while (at) {
			Connection *next = at->table_next;
			unsigned bucket = flow_key_hash(&at->key) & mask;

			at->table_next = buckets[bucket];
			buckets[bucket] = at;
			at = next;
		}
	}
	g_free(table->buckets);
	table->buckets = buckets;
	table->mask = mask;
}

void flow_table_add(FlowTable *table, Connection *connection)
{
	unsigned bucket;

	if (table->size > table->mask)
		grow(table);
	bucket = flow_key_hash(&connection->key) & table->mask;
	connection->table_next = table->buckets[bucket];
	table->buckets[bucket] = connection;
	table->size++;
}

void flow_table_remove(FlowTable *table, Connection *connection)
{
	Connection **at = &table->buckets[flow_key_hash(&connection->key) & table->mask];

	while (*at && *at != connection)
		at = &(*at)->table_next;
	if (!*at)
		return;
	*at = connection->table_next;
	connection->table_next = NULL;
	table->size--;
}

unsigned flow_table_size(const FlowTable *table)
{
	return table->size;
}
