/* A table that holds so many entries at most: the one that was used least recently makes room for
 * another. Knows keys and the order of use; knows nothing of what is in an entry. */
#ifndef WIRESTATE_FLOW_RECENT_H
#define WIRESTATE_FLOW_RECENT_H

#include <glib.h>
#include <stddef.h>

#include "base/nstime.h"
#include "flow/flow-key.h"

typedef struct RecentTable RecentTable;
typedef struct RecentEntry RecentEntry;

/* What an entry begins with. What follows is the user's, and zero at first. */
struct RecentEntry {
	FlowKey key;                /* whose entry it is */
	uint32_t hash;              /* of @key; the table's, as is all that follows */
	RecentEntry *older, *newer; /* by last use */
	RecentEntry *next;          /* in a list of a bucket; valid in one */
};

/* Told of an entry that has to make room at @now; it is gone after the call. */
typedef void (*RecentLeave)(void *data, void *entry, NsTime now);

/* For entries of @size bytes each, @max of them (0: any number); @leave, with @data, may be NULL.
 */
RecentTable *recent_new(size_t size, unsigned max, RecentLeave leave, void *data);

/* Frees all entries; none is told to leave. */
void recent_free(RecentTable *table);

/* The entry with the key, or NULL. That it was asked for is no use of it. */
void *recent_find(const RecentTable *table, const FlowKey *key);

/* The entry with the key, made when there is none; it is now the one that was used last. Other
 * entries may be gone. */
void *recent_use(RecentTable *table, const FlowKey *key, NsTime now);

/* Frees an entry, which is not told to leave. */
void recent_remove(RecentTable *table, void *entry);

/* Makes an entry what it was at first, zero, and leaves it in its place. */
void recent_clear(const RecentTable *table, void *entry);

unsigned recent_count(const RecentTable *table);

/* The entry that was used least recently, and the one that was used next after @entry; NULL: there
 * is none. */
void *recent_oldest(const RecentTable *table);
void *recent_newer(const void *entry);

/* The entry that was used last; NULL: there is none. */
void *recent_newest(const RecentTable *table);

#endif
