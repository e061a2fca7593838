/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states.
 *
 * Open addressing: a place holds a part of the hash beside the record, so that a search that passes
 * over others does not touch them. Both are in eight bytes, of which an address needs six. */
#include "flow/flow-table.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLOTS_MIN 1024u
#define HUGE_PAGE ((size_t)2 << 20)
/* So many lines of the cache are asked for ahead: what the first look at a record reads of it, at
 * least, and when it may be a Connection. */
enum { EXPECTED_LEAST = 4, EXPECTED_MOST = 10 };
/* So many places ahead records are asked for when all are looked at. */
#define LOOK_AHEAD 16u

/* One place of the table: the address of a record, and above it a tag, which are two bytes of its
 * hash; 0: the place is free. The low byte says how far the record stands behind the place that its
 * hash would have, the other one tells it from others, and has the bits that count when a large
 * table grows. */
typedef uint64_t Slot;

#define ADDRESS_BITS 48
#define NEAR         256u /* so far the low byte reaches */
#define OTHER_BYTE   18u  /* the bit of the hash at which the other one begins */

struct FlowTable {
	FlowTableMatch match; /* compares keys */
	const void *data;     /* for @match */
	Slot *slots;          /* a search ends at the first free one */
	unsigned mask;        /* number of slots less one; they are a power of two */
	unsigned size;        /* records in the table */
	bool far;             /* some may stand NEAR or further behind their place */
};

static inline uint64_t tag_of(uint32_t hash)
{
	return (uint64_t)((hash >> OTHER_BYTE & 0xff) << 8 | (hash & 0xff)) << ADDRESS_BITS;
}

static inline FlowRecord *record_of(Slot slot)
{
	return (FlowRecord *)(uintptr_t)(slot & ((UINT64_C(1) << ADDRESS_BITS) - 1));
}

static inline bool has_tag(Slot slot, uint64_t tag)
{
	return (slot ^ tag) >> ADDRESS_BITS == 0;
}

/* How far a place with this in it is behind the one that its record's hash would have. It is less
 * than NEAR. */
static inline unsigned near_distance(Slot slot, unsigned place)
{
	return (place - (unsigned)(slot >> ADDRESS_BITS)) & (NEAR - 1);
}

/* The same of any place that is not free. */
static unsigned distance(const FlowTable *table, unsigned place)
{
	Slot slot = table->slots[place];

	if (table->far)
		return (place - record_of(slot)->hash) & table->mask;
	return near_distance(slot, place);
}

/* @count free ones. A large table is used at random, all of it: huge pages waste nothing there, and
 * save most misses of the TLB. Where there are none, nothing is lost. */
static Slot *slots_new(size_t count)
{
	size_t size = count * sizeof(Slot);
	Slot *slots = aligned_alloc(MIN(size, HUGE_PAGE), size);

	if (!slots)
		g_error("no memory for %zu bytes", size);
	if (size >= HUGE_PAGE)
		madvise(slots, size, MADV_HUGEPAGE);
	memset(slots, 0, size);
	return slots;
}

FlowTable *flow_table_new(FlowTableMatch match, const void *data)
{
	FlowTable *table = g_new0(FlowTable, 1);

	table->match = match;
	table->data = data;
	table->slots = slots_new(SLOTS_MIN);
	table->mask = SLOTS_MIN - 1;
	return table;
}

void flow_table_free(FlowTable *table)
{
	if (!table)
		return;
	free(table->slots);
	g_free(table);
}

void flow_table_expect(const FlowTable *table, uint32_t hash)
{
	__builtin_prefetch(&table->slots[hash & table->mask]);
}

/* Each line of it would be waited for in turn; asked for together they come in the time of one. */
void flow_table_expect_record(const FlowTable *table, uint32_t hash, bool large)
{
	uint64_t tag = tag_of(hash);
	unsigned i = hash & table->mask;
	const char *record;

	while (table->slots[i] && !has_tag(table->slots[i], tag))
		i = (i + 1) & table->mask;
	if (!table->slots[i])
		return;
	record = (const char *)record_of(table->slots[i]);
#pragma GCC unroll EXPECTED_LEAST
	for (unsigned line = 0; line < EXPECTED_LEAST; line++)
		__builtin_prefetch(record + line * 64, 1);
#pragma GCC unroll EXPECTED_MOST
	for (unsigned line = EXPECTED_LEAST; large && line < EXPECTED_MOST; line++)
		__builtin_prefetch(record + line * 64, 1);
}

FlowRecord *flow_table_find(const FlowTable *table, const FlowKey *key, uint32_t hash)
{
	uint64_t tag = tag_of(hash);

	for (unsigned i = hash & table->mask; table->slots[i]; i = (i + 1) & table->mask) {
		Slot slot = table->slots[i];

		if (has_tag(slot, tag) && table->match(table->data, record_of(slot), key))
			return record_of(slot);
	}
	return NULL;
}

static Slot slot_of(const FlowRecord *record, uint32_t hash)
{
	g_assert((uint64_t)(uintptr_t)record >> ADDRESS_BITS == 0);
	return (uint64_t)(uintptr_t)record | tag_of(hash);
}

/* Of @hash the bits up to the table's size count. */
static void put(FlowTable *table, Slot slot, uint32_t hash)
{
	unsigned home = hash & table->mask;
	unsigned i = home;

	while (table->slots[i])
		i = (i + 1) & table->mask;
	table->slots[i] = slot;
	if (((i - home) & table->mask) >= NEAR)
		table->far = true;
}

/* Puts all of them into a table of twice the size by what the places tell: all bits of the hash but
 * one, which is in the tag at @shift. No record is looked at. */
static void move_by_tag(FlowTable *table, const Slot *old, unsigned count, unsigned shift)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned low = (i - near_distance(old[i], i)) & (count - 1);

		if (old[i])
			put(table, old[i], low + (old[i] >> shift & 1) * count);
	}
}

/* The same by the hash as a whole, which is in the records. They are asked for some way ahead. */
static void move_by_record(FlowTable *table, const Slot *old, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (i + LOOK_AHEAD < count)
			__builtin_prefetch(record_of(old[i + LOOK_AHEAD]));
		if (old[i])
			put(table, old[i], record_of(old[i])->hash);
	}
}

static void grow(FlowTable *table)
{
	Slot *old = table->slots;
	unsigned count = table->mask + 1;
	unsigned bit = (unsigned)__builtin_ctz(count); /* the one that counts from now on */
	bool by_tag = !table->far && bit >= OTHER_BYTE && bit < OTHER_BYTE + 8;

	table->slots = slots_new((size_t)count * 2);
	table->mask = count * 2 - 1;
	table->far = false;
	if (by_tag)
		move_by_tag(table, old, count, ADDRESS_BITS + 8 + bit - OTHER_BYTE);
	else
		move_by_record(table, old, count);
	free(old);
}

void flow_table_add(FlowTable *table, FlowRecord *record)
{
	/* Linear probing wants a quarter of the slots to be free. */
	if (table->size >= table->mask / 4 * 3)
		grow(table);
	put(table, slot_of(record, record->hash), record->hash);
	table->size++;
}

static unsigned place_of(const FlowTable *table, const FlowRecord *record)
{
	unsigned i = record->hash & table->mask;

	while (record_of(table->slots[i]) != record) {
		g_assert(table->slots[i]);
		i = (i + 1) & table->mask;
	}
	return i;
}

void flow_table_remove(FlowTable *table, FlowRecord *record)
{
	unsigned gap = place_of(table, record);

	table->size--;
	/* Those behind the gap that a search would look for at the gap or before it move up. */
	for (unsigned i = (gap + 1) & table->mask; table->slots[i]; i = (i + 1) & table->mask) {
		if (distance(table, i) >= ((i - gap) & table->mask)) {
			table->slots[gap] = table->slots[i];
			gap = i;
		}
	}
	table->slots[gap] = 0;
}

void flow_table_replace(FlowTable *table, FlowRecord *record, FlowRecord *with)
{
	table->slots[place_of(table, record)] = slot_of(with, record->hash);
}

unsigned flow_table_size(const FlowTable *table)
{
	return table->size;
}

void flow_table_each(const FlowTable *table, void (*visit)(void *data, FlowRecord *record),
		     void *data)
{
	for (unsigned i = 0; i <= table->mask; i++) {
		if (i + LOOK_AHEAD <= table->mask)
			__builtin_prefetch(record_of(table->slots[i + LOOK_AHEAD]));
		if (table->slots[i])
			visit(data, record_of(table->slots[i]));
	}
}

unsigned flow_table_longest_search(const FlowTable *table)
{
	unsigned longest = 0;

	for (unsigned i = 0; i <= table->mask; i++) {
		if (table->slots[i])
			longest = MAX(longest, distance(table, i) + 1);
	}
	return longest;
}
