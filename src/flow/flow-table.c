/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states.
 *
 * Open addressing: a slot holds the hash beside the record, so that a search that passes over
 * others does not touch them. */
#include "flow/flow-table.h"

#include <glib.h>

#define SLOTS_MIN 1024u
/* So many lines of the cache are asked for ahead: what the first look at a record reads of it. */
#define EXPECTED_LINES 10u

/* One place of the table. */
typedef struct {
	FlowRecord *record; /* NULL: the place is free */
	uint32_t hash;      /* of its key */
} Slot;

struct FlowTable {
	FlowTableMatch match; /* compares keys */
	const void *data;     /* for @match */
	Slot *slots;          /* a search ends at the first free one */
	unsigned mask;        /* number of slots less one; they are a power of two */
	unsigned size;        /* records in the table */
};

FlowTable *flow_table_new(FlowTableMatch match, const void *data)
{
	FlowTable *table = g_new0(FlowTable, 1);

	table->match = match;
	table->data = data;
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

void flow_table_expect(const FlowTable *table, uint32_t hash)
{
	__builtin_prefetch(&table->slots[hash & table->mask]);
}

/* Each line of it would be waited for in turn; asked for together they come in the time of one. */
void flow_table_expect_record(const FlowTable *table, uint32_t hash)
{
	unsigned i = hash & table->mask;

	while (table->slots[i].record && table->slots[i].hash != hash)
		i = (i + 1) & table->mask;
	if (!table->slots[i].record)
		return;
	for (unsigned line = 0; line < EXPECTED_LINES; line++)
		__builtin_prefetch((const char *)table->slots[i].record + line * 64, 1);
}

FlowRecord *flow_table_find(const FlowTable *table, const FlowKey *key, uint32_t hash)
{
	for (unsigned i = hash & table->mask; table->slots[i].record; i = (i + 1) & table->mask) {
		FlowRecord *record = table->slots[i].record;

		if (table->slots[i].hash == hash && table->match(table->data, record, key))
			return record;
	}
	return NULL;
}

static void put(FlowTable *table, Slot slot)
{
	unsigned i = slot.hash & table->mask;

	while (table->slots[i].record)
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
		if (old[i].record)
			put(table, old[i]);
	}
	g_free(old);
}

void flow_table_add(FlowTable *table, FlowRecord *record)
{
	/* Linear probing wants a quarter of the slots to be free. */
	if (table->size >= table->mask / 4 * 3)
		grow(table);
	put(table, (Slot){ record, record->hash });
	table->size++;
}

static Slot *slot_of(const FlowTable *table, const FlowRecord *record)
{
	unsigned i = record->hash & table->mask;

	while (table->slots[i].record != record) {
		g_assert(table->slots[i].record);
		i = (i + 1) & table->mask;
	}
	return &table->slots[i];
}

void flow_table_remove(FlowTable *table, FlowRecord *record)
{
	unsigned gap = (unsigned)(slot_of(table, record) - table->slots);

	table->size--;
	/* Those behind the gap that a search would look for at the gap or before it move up. */
	for (unsigned i = (gap + 1) & table->mask; table->slots[i].record;
	     i = (i + 1) & table->mask) {
		unsigned home = table->slots[i].hash & table->mask;

		if (((i - home) & table->mask) >= ((i - gap) & table->mask)) {
			table->slots[gap] = table->slots[i];
			gap = i;
		}
	}
	table->slots[gap].record = NULL;
}

void flow_table_replace(FlowTable *table, FlowRecord *record, FlowRecord *with)
{
	slot_of(table, record)->record = with;
}

unsigned flow_table_size(const FlowTable *table)
{
	return table->size;
}

void flow_table_each(const FlowTable *table, void (*visit)(void *data, FlowRecord *record),
		     void *data)
{
	for (unsigned i = 0; i <= table->mask; i++) {
		if (table->slots[i].record)
			visit(data, table->slots[i].record);
	}
}

unsigned flow_table_longest_search(const FlowTable *table)
{
	unsigned longest = 0;

	for (unsigned i = 0; i <= table->mask; i++) {
		unsigned home = table->slots[i].hash & table->mask;

		if (table->slots[i].record)
			longest = MAX(longest, ((i - home) & table->mask) + 1);
	}
	return longest;
}
