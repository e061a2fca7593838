/* The endpoints that have sent a SYN-ACK, and so listen. Knows endpoints; knows no state. */
#include "analysis/listeners.h"

#include "flow/recent.h"

struct Listeners {
	RecentTable *table;     /* RecentEntry: the endpoint is the key's end[0], the rest zero */
	AnalysisTotals *totals; /* where those are counted that are forgotten */
};

static void leave(void *data, void *entry, NsTime now)
{
	Listeners *listeners = data;

	(void)entry;
	(void)now;
	listeners->totals->forgotten[FORGOTTEN_LISTENERS]++;
}

Listeners *listeners_new(unsigned max, AnalysisTotals *totals)
{
	Listeners *listeners = g_new(Listeners, 1);

	listeners->table = recent_new(sizeof(RecentEntry), max, leave, listeners);
	listeners->totals = totals;
	return listeners;
}

void listeners_free(Listeners *listeners)
{
	recent_free(listeners->table);
	g_free(listeners);
}

void listeners_add(Listeners *listeners, const Endpoint *endpoint, NsTime time)
{
	const FlowKey key = { .end = { *endpoint } };

	recent_use(listeners->table, &key, time);
}

unsigned listeners_count(const Listeners *listeners)
{
	return recent_count(listeners->table);
}

GPtrArray *listeners_list(const Listeners *listeners)
{
	GPtrArray *list = g_ptr_array_new();
	RecentEntry *entry;

	for (entry = recent_oldest(listeners->table); entry; entry = recent_newer(entry))
		g_ptr_array_add(list, &entry->key.end[0]);
	return list;
}
