/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states. */
#ifndef WIRESTATE_FLOW_FLOW_TABLE_H
#define WIRESTATE_FLOW_FLOW_TABLE_H

#include "flow/connection.h"

typedef struct FlowTable FlowTable;

FlowTable *flow_table_new(void);

/* Frees the table, not the connections in it. */
void flow_table_free(FlowTable *table);

/* The present incarnation, or NULL. */
Connection *flow_table_find(const FlowTable *table, const FlowKey *key);

/* Adds a connection whose key is not in the table. */
void flow_table_add(FlowTable *table, Connection *connection);

/* Takes a connection out. */
void flow_table_remove(FlowTable *table, Connection *connection);

/* How many are in it. */
unsigned flow_table_size(const FlowTable *table);

#endif
