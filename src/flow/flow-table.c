/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states.
 *
 * Open addressing: a slot holds the hash beside the connection, so that a search that passes over
 * other connections does not touch them. What a segment is going to need of its own connection is
 * asked of the memory all at once. */
#include "flow/flow-table.h"

#include <glib.h>

#define SLOTS_MIN 1024u

/* One place of the table. */
typedef struct {
	Connection *connection; /* NULL: the place is free */
	uint32_t hash;          /* of its key */
} Slot;

struct FlowTable {
	Slot *slots;   /* a search ends at the first free one */
	unsigned mask; /* number of slots less one; they are a power of two */
	unsigned size; /* connections in the table */
};

FlowTable *flow_table_new(void)
{
	FlowTable *table = g_new0(FlowTable, 1);

	table->slots = g_new0(Slot, SLOTS_MIN);
	table->mask = SLOTS_MIN - 1;
	return table;
}

void flow_table_free(FlowTable *table)
{
	if (!table)
		return;
	g_free(table->slots);
	g_free(table);
}

/* A segment reads and writes most of its connection. In a table that is larger than the caches each
 * line of it would be waited for in turn; asked for together they come in the time of one. */
static inline void prefetch_connection(const Connection *connection)
{
	const char *at = (const char *)connection;

	for (unsigned offset = 0; offset < sizeof(*connection) + 6 * 64; offset += 64)
		__builtin_prefetch(at + offset, 1);
}

Connection *flow_table_find(const FlowTable *table, const FlowKey *key)
{
	uint32_t hash = flow_key_hash(key);

	for (unsigned i = hash & table->mask; table->slots[i].connection;
	     i = (i + 1) & table->mask) {
		Connection *connection = table->slots[i].connection;

		if (table->slots[i].hash != hash)
			continue;
		prefetch_connection(connection);
		if (flow_key_equal(&connection->key, key))
			return connection;
	}
	return NULL;
}

static void put(FlowTable *table, Slot slot)
{
	unsigned i = slot.hash & table->mask;

	while (table->slots[i].connection)
		i = (i + 1) & table->mask;
	table->slots[i] = slot;
}

static void grow(FlowTable *table)
{
	Slot *old = table->slots;
	unsigned count = table->mask + 1;

	table->slots = g_new0(Slot, (gsize)count * 2);
	table->mask = count * 2 - 1;
	for (unsigned i = 0; i < count; i++) {
		if (old[i].connection)
			put(table, old[i]);
	}
	g_free(old);
}

void flow_table_add(FlowTable *table, Connection *connection)
{
	/* Linear probing wants a quarter of the slots to be free. */
	if (table->size >= table->mask / 4 * 3)
		grow(table);
	put(table, (Slot){ connection, flow_key_hash(&connection->key) });
	connection->present = true;
	table->size++;
}

void flow_table_remove(FlowTable *table, Connection *connection)
{
	unsigned gap = flow_key_hash(&connection->key) & table->mask;

	if (!connection->present)
		return;
	connection->present = false;
	while (table->slots[gap].connection != connection)
		gap = (gap + 1) & table->mask;
	table->size--;
	/* Those behind the gap that a search would look for at the gap or before it move up. */
	for (unsigned i = (gap + 1) & table->mask; table->slots[i].connection;
	     i = (i + 1) & table->mask) {
		unsigned home = table->slots[i].hash & table->mask;

		if (((i - home) & table->mask) >= ((i - gap) & table->mask)) {
			table->slots[gap] = table->slots[i];
			gap = i;
		}
	}
	table->slots[gap].connection = NULL;
}

unsigned flow_table_size(const FlowTable *table)
{
	return table->size;
}
