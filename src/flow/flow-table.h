/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states. */
#ifndef WIRESTATE_FLOW_FLOW_TABLE_H
#define WIRESTATE_FLOW_FLOW_TABLE_H

#include "flow/flow-key.h"
#include "flow/flow-record.h"

typedef struct FlowTable FlowTable;

/* Whether a record has the key; called with the table's data. */
typedef bool (*FlowTableMatch)(const void *data, const FlowRecord *record, const FlowKey *key);

FlowTable *flow_table_new(FlowTableMatch match, const void *data);

/* Frees the table, not the records in it. */
void flow_table_free(FlowTable *table);

/* The record with the key, whose flow_key_hash() is @hash, or NULL. */
FlowRecord *flow_table_find(const FlowTable *table, const FlowKey *key, uint32_t hash);

/* What has this hash is going to be looked for: has the memory bring the place in the table and,
 * with the second call some time after the first, the record, of which more is brought when it may
 * be @large. Neither changes anything. */
void flow_table_expect(const FlowTable *table, uint32_t hash);
void flow_table_expect_record(const FlowTable *table, uint32_t hash, bool large);

/* Adds a record whose key is not in the table, by its hash. */
void flow_table_add(FlowTable *table, FlowRecord *record);

/* Takes a record out that is in it. */
void flow_table_remove(FlowTable *table, FlowRecord *record);

/* Puts @with in the place of @record, which is in it and has the same hash. */
void flow_table_replace(FlowTable *table, FlowRecord *record, FlowRecord *with);

/* How many are in it. */
unsigned flow_table_size(const FlowTable *table);

/* Calls @visit with @data for each record, in no order. The table must not be changed. */
void flow_table_each(const FlowTable *table, void (*visit)(void *data, FlowRecord *record),
		     void *data);

/* The same, of those only that were awaited (FlowRecord) when they came into the table or took the
 * place of another; a Connection may be so since, or not any more. */
void flow_table_each_awaited(const FlowTable *table, void (*visit)(void *data, FlowRecord *record),
			     void *data);

/* The most lines of the cache that a search reads now, for a test of the hash. */
unsigned flow_table_longest_search(const FlowTable *table);

#endif
