/* The endpoints that have sent a SYN-ACK, and so listen. Knows endpoints; knows no state. */
#include "analysis/listeners.h"

#include "flow/flow-key.h"

static unsigned endpoint_hash(gconstpointer key)
{
	FlowKey both = { .end = { *(const Endpoint *)key } };

	return flow_key_hash(&both);
}

static gboolean endpoint_equal(gconstpointer a, gconstpointer b)
{
	return endpoint_compare(a, b) == 0;
}

GHashTable *listeners_new(void)
{
	return g_hash_table_new_full(endpoint_hash, endpoint_equal, g_free, NULL);
}

void listeners_add(GHashTable *listeners, const Endpoint *end)
{
	Endpoint *copy;

	if (g_hash_table_contains(listeners, end))
		return;
	copy = g_new(Endpoint, 1);
	*copy = *end;
	g_hash_table_add(listeners, copy);
}

GPtrArray *listeners_list(GHashTable *listeners)
{
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	void *end;

	g_hash_table_iter_init(&iter, listeners);
	while (g_hash_table_iter_next(&iter, &end, NULL))
		g_ptr_array_add(list, end);
	return list;
}
