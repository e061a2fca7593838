/* A table that holds so many entries at most: the one that was used least recently makes room for
 * another. Knows keys and the order of use; knows nothing of what is in an entry.
 *
 * Most keys that are asked for are not there, or were not for a while: what is looked at is not in
 * the cache. So a bucket is one line of it, and tells by a part of their hashes which entries may
 * be the one; those that find no place in it are in a list. In a full table the memory of the one
 * that leaves is that of the one that comes. */
#include "flow/recent.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 4u

/* Entries for each bucket, at most: few buckets overflow then. */
#define BUCKET_LOAD 4u

/* Bytes of a cache's line. */
#define LINE 64u

/* Of a bucket; the last one has the head of the list of those that found none. */
#define PLACES 8u
#define LIST   (PLACES - 1)

/* What is in a place: nothing, the list, or an entry, whose tag is odd. */
#define TAG_FREE 0u
#define TAG_LIST 2u

/* An address has six bytes. */
typedef struct {
	uint16_t tags[PLACES];
	uint16_t high[PLACES];
	uint32_t low[PLACES];
} __attribute__((aligned(LINE))) Bucket;

G_STATIC_ASSERT(sizeof(Bucket) == LINE);

struct RecentTable {
	Bucket *buckets;              /* by hash */
	unsigned mask;                /* number of buckets less one; they are a power of two */
	unsigned count;               /* entries */
	RecentEntry *oldest, *newest; /* the ends of the order of use */
	size_t size;                  /* bytes of an entry */
	unsigned max;                 /* entries; 0: any number */
	RecentLeave leave;            /* see the header */
	void *data;                   /* for @leave */
};

/* @count empty ones. */
static Bucket *buckets_new(size_t count)
{
	Bucket *buckets = aligned_alloc(LINE, count * sizeof(Bucket));

	if (!buckets)
		g_error("no memory for %zu bytes", count * sizeof(Bucket));
	memset(buckets, 0, count * sizeof(Bucket));
	return buckets;
}

RecentTable *recent_new(size_t size, unsigned max, RecentLeave leave, void *data)
{
	RecentTable *table = g_new(RecentTable, 1);

	g_assert(size >= sizeof(RecentEntry));
	*table = (RecentTable){
		.buckets = buckets_new(BUCKETS_MIN),
		.mask = BUCKETS_MIN - 1,
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
	while (table->oldest) {
		RecentEntry *newer = table->oldest->newer;

		g_free(table->oldest);
		table->oldest = newer;
	}
	free(table->buckets);
	g_free(table);
}

/* --- The buckets ----------------------------------------------------------------------------- */

/* Places of a bucket, a bit each: of place 0 to 3 bits 0, 16, 32 and 48, of the others the bits
 * above these. */
typedef uint64_t Places;

#define PLACES_LIST (UINT64_C(1) << 49)

static inline unsigned first_place(Places places)
{
	unsigned bit = (unsigned)__builtin_ctzll(places);

	return bit / 16 + (bit & 1) * 4;
}

/* Those with this tag. */
static inline Places places_with(const Bucket *bucket, uint16_t tag)
{
	typedef uint16_t Tags __attribute__((vector_size(16)));
	typedef uint64_t Words __attribute__((vector_size(16)));
	Tags tags;
	Words same;

	memcpy(&tags, bucket->tags, sizeof(tags));
	same = (Words)(tags == tag);
	return (GUINT64_FROM_LE(same[0]) & UINT64_C(0x0001000100010001)) |
	       (GUINT64_FROM_LE(same[1]) & UINT64_C(0x0002000200020002));
}

static inline Bucket *bucket_of(const RecentTable *table, uint32_t hash)
{
	return &table->buckets[hash & table->mask];
}

static inline uint16_t tag_of(uint32_t hash)
{
	return (uint16_t)(hash >> 16 | 1u);
}

static inline RecentEntry *entry_at(const Bucket *bucket, unsigned place)
{
	return (RecentEntry *)(uintptr_t)((uint64_t)bucket->high[place] << 32 | bucket->low[place]);
}

static inline void put(Bucket *bucket, unsigned place, uint16_t tag, const RecentEntry *entry)
{
	uint64_t address = (uintptr_t)entry;

	g_assert(address >> 48 == 0);
	bucket->tags[place] = tag;
	bucket->high[place] = (uint16_t)(address >> 32);
	bucket->low[place] = (uint32_t)address;
}

static inline RecentEntry *list_of(const Bucket *bucket)
{
	return bucket->tags[LIST] ? entry_at(bucket, LIST) : NULL;
}

static void put_list(Bucket *bucket, const RecentEntry *first)
{
	put(bucket, LIST, first ? TAG_LIST : TAG_FREE, first);
}

static inline bool is_it(const RecentEntry *entry, const FlowKey *key, uint32_t hash)
{
	return entry->hash == hash && flow_key_equal(&entry->key, key);
}

static inline RecentEntry *find(const Bucket *bucket, const FlowKey *key, uint32_t hash)
{
	RecentEntry *entry;

	for (Places left = places_with(bucket, tag_of(hash)); left; left &= left - 1) {
		entry = entry_at(bucket, first_place(left));
		if (is_it(entry, key, hash))
			return entry;
	}
	for (entry = list_of(bucket); entry && !is_it(entry, key, hash);)
		entry = entry->next;
	return entry;
}

static inline void add(Bucket *bucket, RecentEntry *entry)
{
	Places places = places_with(bucket, TAG_FREE) & ~PLACES_LIST;

	if (places) {
		put(bucket, first_place(places), tag_of(entry->hash), entry);
	} else {
		entry->next = list_of(bucket);
		put_list(bucket, entry);
	}
}

static void leave_list(Bucket *bucket, const RecentEntry *entry)
{
	RecentEntry *before = list_of(bucket);

	if (before == entry) {
		put_list(bucket, entry->next);
		return;
	}
	while (before->next != entry)
		before = before->next;
	before->next = entry->next;
}

static inline void leave_bucket(Bucket *bucket, const RecentEntry *entry)
{
	for (Places left = places_with(bucket, tag_of(entry->hash)); left; left &= left - 1) {
		if (entry_at(bucket, first_place(left)) == entry) {
			bucket->tags[first_place(left)] = TAG_FREE;
			return;
		}
	}
	leave_list(bucket, entry);
}

static void grow(RecentTable *table)
{
	free(table->buckets);
	table->mask = table->mask * 2 + 1;
	table->buckets = buckets_new((size_t)table->mask + 1);
	for (RecentEntry *entry = table->oldest; entry; entry = entry->newer)
		add(bucket_of(table, entry->hash), entry);
}

/* --- The order of use ------------------------------------------------------------------------ */

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

/* --- Both ------------------------------------------------------------------------------------ */

static void leave_table(RecentTable *table, RecentEntry *entry)
{
	leave_bucket(bucket_of(table, entry->hash), entry);
	take_out(table, entry);
	table->count--;
}

void *recent_find(const RecentTable *table, const FlowKey *key)
{
	uint32_t hash = flow_key_hash(key);

	return find(bucket_of(table, hash), key, hash);
}

/* In a full table the oldest is the next to go. It is there, as it was asked for before; then it is
 * the turn of the one behind it, and of what points to it. */
static void expect_to_go(const RecentTable *table)
{
	const RecentEntry *next = table->oldest;

	if (!next || !next->newer)
		return;
	__builtin_prefetch(bucket_of(table, next->hash), 1);
	for (size_t at = 0; at < table->size; at += LINE)
		__builtin_prefetch((const char *)next->newer + at, 1);
}

/* One that is not the newest: apart, so that the newest costs little. */
static G_GNUC_NO_INLINE RecentEntry *use_other(RecentTable *table, const FlowKey *key, NsTime now)
{
	uint32_t hash = flow_key_hash(key);
	RecentEntry *entry = find(bucket_of(table, hash), key, hash);

	if (entry) {
		take_out(table, entry);
		put_last(table, entry);
		return entry;
	}
	if (table->max && table->count >= table->max) {
		if (table->leave)
			table->leave(table->data, table->oldest, now);
		entry = table->oldest;
		leave_table(table, entry);
		expect_to_go(table);
	} else {
		entry = g_malloc(table->size);
	}
	entry->key = *key;
	entry->hash = hash;
	recent_clear(table, entry);
	put_last(table, entry);
	if (++table->count > BUCKET_LOAD * (table->mask + 1))
		grow(table);
	else
		add(bucket_of(table, hash), entry);
	return entry;
}

void *recent_use(RecentTable *table, const FlowKey *key, NsTime now)
{
	RecentEntry *newest = table->newest;

	if (newest && flow_key_equal(&newest->key, key))
		return newest;
	return use_other(table, key, now);
}

void recent_remove(RecentTable *table, void *entry)
{
	leave_table(table, entry);
	g_free(entry);
}

void recent_clear(const RecentTable *table, void *entry)
{
	memset((RecentEntry *)entry + 1, 0, table->size - sizeof(RecentEntry));
}

unsigned recent_count(const RecentTable *table)
{
	return table->count;
}

void *recent_oldest(const RecentTable *table)
{
	return table->oldest;
}

void *recent_newer(const void *entry)
{
	return ((const RecentEntry *)entry)->newer;
}

void *recent_newest(const RecentTable *table)
{
	return table->newest;
}
