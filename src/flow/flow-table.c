/* From a 4-tuple to its present incarnation. Knows keys; knows nothing of states.
 *
 * Open addressing in buckets, each a line of the cache: a look at one tells whether what is
 * searched may be there, without a loop whose end nobody can foresee. A place holds a part of the
 * hash beside the record, so that a search that passes over others does not touch them. Both are in
 * eight bytes, of which an address needs six. */
#include "flow/flow-table.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SSE2__) && !defined(FLOW_TABLE_PLAIN)
#include <emmintrin.h>
#endif

#define BUCKETS_MIN 128u
#define HUGE_PAGE   ((size_t)2 << 20)
/* So many lines of the cache are asked for ahead: what the first look at a record reads of it, at
 * least, and when it may be a Connection. */
enum { EXPECTED_LEAST = 4, EXPECTED_MOST = 10 };
/* So many buckets ahead records are asked for when all are looked at. */
#define LOOK_AHEAD 2u

/* Places in a bucket. */
#define PLACES 8u

/* A tag says that the place is taken, and in its low bits how far the record stands behind the
 * bucket that its hash would have; others of the hash tell it from others, and are those that count
 * when a large table grows. */
#define FREE         0u
#define TAKEN        0x8000u
#define NEAR         16u /* so many buckets behind its own the low bits reach */
#define OTHER_FIRST  15u /* the first bit of the hash that is above them, */
#define OTHER_COUNT  11u /* and how many are */
#define OTHER_SHIFT  4u  /* where in the tag they begin */
#define ADDRESS_BITS 48

/* Added to an address: the record is awaited. So those that are not need not be looked at. */
#define AWAITED UINT64_C(1)

/* A record goes into the first bucket from its own on that has a place free, which is where a
 * search for it ends. */
typedef struct {
	uint16_t tags[PLACES]; /* FREE, or a tag of the record's hash */
	uint16_t high[PLACES]; /* of its address, which is even: see AWAITED */
	uint32_t low[PLACES];
} __attribute__((aligned(64))) Bucket;

G_STATIC_ASSERT(sizeof(Bucket) == 64);

struct FlowTable {
	FlowTableMatch match; /* compares keys */
	const void *data;     /* for @match */
	Bucket *buckets;      /* a quarter of all places is free, at least */
	unsigned mask;        /* number of buckets less one; they are a power of two */
	unsigned size;        /* records in the table */
	bool far;             /* some may stand NEAR or further behind their bucket */
};

static inline uint16_t tag_of(uint32_t hash)
{
	uint32_t other = hash >> OTHER_FIRST & ((1u << OTHER_COUNT) - 1);

	return (uint16_t)(TAKEN | other << OTHER_SHIFT | (hash & (NEAR - 1)));
}

/* The places of @bucket with this tag, a bit each. */
static inline unsigned places_with(const Bucket *bucket, uint16_t tag)
{
#if defined(__SSE2__) && !defined(FLOW_TABLE_PLAIN)
	__m128i tags = _mm_load_si128((const __m128i *)bucket->tags);
	__m128i same = _mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag));

	return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(same, _mm_setzero_si128()));
#else
	unsigned places = 0;

	for (unsigned i = 0; i < PLACES; i++)
		places |= (unsigned)(bucket->tags[i] == tag) << i;
	return places;
#endif
}

static inline bool is_full(const Bucket *bucket)
{
	return !places_with(bucket, FREE);
}

/* The places in which a record is. */
static inline unsigned places_taken(const Bucket *bucket)
{
	return ~places_with(bucket, FREE) & ((1u << PLACES) - 1);
}

/* The first of @places, of which there are some; and what is left behind it. */
static inline unsigned first_of(unsigned places)
{
	return (unsigned)__builtin_ctz(places);
}

static inline unsigned behind_first(unsigned places)
{
	return places & (places - 1);
}

/* A record's address, and whether it is awaited. */
static inline uint64_t what_is_at(const Bucket *bucket, unsigned place)
{
	return (uint64_t)bucket->high[place] << 32 | bucket->low[place];
}

static inline uint64_t what_of(const FlowRecord *record)
{
	uint64_t address = (uintptr_t)record;

	g_assert(address >> ADDRESS_BITS == 0 && !(address & AWAITED));
	return record->awaited ? address | AWAITED : address;
}

static inline FlowRecord *record_at(const Bucket *bucket, unsigned place)
{
	return (FlowRecord *)(uintptr_t)(what_is_at(bucket, place) & ~AWAITED);
}

static inline void set(Bucket *bucket, unsigned place, uint16_t tag, uint64_t what)
{
	bucket->tags[place] = tag;
	bucket->high[place] = (uint16_t)(what >> 32);
	bucket->low[place] = (uint32_t)what;
}

/* The places in which one is that was awaited when it came there. */
static inline unsigned places_awaited(const Bucket *bucket)
{
	uint64_t places = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < PLACES; i += 2)
		places |= (bucket->low[i] & AWAITED) << i | (bucket->low[i + 1] & AWAITED)
								    << (i + 1);
	return (unsigned)places & places_taken(bucket);
}

static inline unsigned next_of(const FlowTable *table, unsigned at)
{
	return (at + 1) & table->mask;
}

/* How far the bucket at @at is behind the one that the hash of a record with this tag would have.
 * It is less than NEAR. */
static inline unsigned near_distance(uint16_t tag, unsigned at)
{
	return (at - tag) & (NEAR - 1);
}

/* The same of any record, which is there at @place. */
static unsigned distance(const FlowTable *table, unsigned at, unsigned place)
{
	const Bucket *bucket = &table->buckets[at];

	if (table->far)
		return (at - record_at(bucket, place)->hash) & table->mask;
	return near_distance(bucket->tags[place], at);
}

/* @count empty ones. A large table is used at random, all of it: huge pages waste nothing there,
 * and save most misses of the TLB. Where there are none, nothing is lost. */
static Bucket *buckets_new(size_t count)
{
	size_t size = count * sizeof(Bucket);
	Bucket *buckets = aligned_alloc(MIN(size, HUGE_PAGE), size);

	if (!buckets)
		g_error("no memory for %zu bytes", size);
	if (size >= HUGE_PAGE)
		madvise(buckets, size, MADV_HUGEPAGE);
	memset(buckets, 0, size);
	return buckets;
}

FlowTable *flow_table_new(FlowTableMatch match, const void *data)
{
	FlowTable *table = g_new0(FlowTable, 1);

	table->match = match;
	table->data = data;
	table->buckets = buckets_new(BUCKETS_MIN);
	table->mask = BUCKETS_MIN - 1;
	return table;
}

void flow_table_free(FlowTable *table)
{
	if (!table)
		return;
	free(table->buckets);
	g_free(table);
}

void flow_table_expect(const FlowTable *table, uint32_t hash)
{
	__builtin_prefetch(&table->buckets[hash & table->mask]);
}

/* Each line of it would be waited for in turn; asked for together they come in the time of one. */
void flow_table_expect_record(const FlowTable *table, uint32_t hash, bool large)
{
	uint16_t tag = tag_of(hash);
	const Bucket *bucket = &table->buckets[hash & table->mask];
	unsigned places = places_with(bucket, tag);
	const char *record;

	while (!places) {
		if (!is_full(bucket))
			return;
		bucket = &table->buckets[next_of(table, (unsigned)(bucket - table->buckets))];
		places = places_with(bucket, tag);
	}
	record = (const char *)record_at(bucket, first_of(places));
#pragma GCC unroll EXPECTED_LEAST
	for (unsigned line = 0; line < EXPECTED_LEAST; line++)
		__builtin_prefetch(record + line * 64, 1);
#pragma GCC unroll EXPECTED_MOST
	for (unsigned line = EXPECTED_LEAST; large && line < EXPECTED_MOST; line++)
		__builtin_prefetch(record + line * 64, 1);
}

FlowRecord *flow_table_find(const FlowTable *table, const FlowKey *key, uint32_t hash)
{
	uint16_t tag = tag_of(hash);

	for (unsigned at = hash & table->mask;; at = next_of(table, at)) {
		const Bucket *bucket = &table->buckets[at];

		for (unsigned left = places_with(bucket, tag); left; left = behind_first(left)) {
			FlowRecord *record = record_at(bucket, first_of(left));

			if (table->match(table->data, record, key))
				return record;
		}
		if (!is_full(bucket))
			return NULL;
	}
}

/* Of @hash the bits up to the table's size count. */
static void put(FlowTable *table, uint16_t tag, uint64_t what, uint32_t hash)
{
	unsigned own = hash & table->mask, at = own;

	while (is_full(&table->buckets[at]))
		at = next_of(table, at);
	set(&table->buckets[at], first_of(places_with(&table->buckets[at], FREE)), tag, what);
	if (((at - own) & table->mask) >= NEAR)
		table->far = true;
}

/* Puts all of them into a table of twice the size by what the tags tell: all bits of the hash but
 * one, which is in the tag at @shift. No record is looked at. */
static void move_by_tag(FlowTable *table, const Bucket *old, unsigned count, unsigned shift)
{
	for (unsigned at = 0; at < count; at++) {
		const Bucket *bucket = &old[at];

		for (unsigned left = places_taken(bucket); left; left = behind_first(left)) {
			unsigned place = first_of(left);
			uint16_t tag = bucket->tags[place];
			unsigned low = (at - near_distance(tag, at)) & (count - 1);

			put(table, tag, what_is_at(bucket, place),
			    low + (tag >> shift & 1u) * count);
		}
	}
}

/* Visits those of @count buckets in the places that @which gives. Each is asked for some way ahead.
 */
static inline void each(const Bucket *buckets, unsigned count,
			unsigned (*which)(const Bucket *bucket),
			void (*visit)(void *data, FlowRecord *record), void *data)
{
	for (unsigned at = 0; at < count; at++) {
		const Bucket *ahead = &buckets[at + LOOK_AHEAD];
		unsigned left = at + LOOK_AHEAD < count ? which(ahead) : 0;

		for (; left; left = behind_first(left))
			__builtin_prefetch(record_at(ahead, first_of(left)));
		left = which(&buckets[at]);
		for (; left; left = behind_first(left))
			visit(data, record_at(&buckets[at], first_of(left)));
	}
}

static void put_record(void *table, FlowRecord *record)
{
	put(table, tag_of(record->hash), what_of(record), record->hash);
}

static void grow(FlowTable *table)
{
	Bucket *old = table->buckets;
	unsigned count = table->mask + 1;
	unsigned bit = (unsigned)__builtin_ctz(count); /* the one that counts from now on */
	bool by_tag = !table->far && bit >= OTHER_FIRST && bit < OTHER_FIRST + OTHER_COUNT;

	table->buckets = buckets_new((size_t)count * 2);
	table->mask = count * 2 - 1;
	table->far = false;
	if (by_tag)
		move_by_tag(table, old, count, OTHER_SHIFT + bit - OTHER_FIRST);
	else
		each(old, count, places_taken, put_record, table);
	free(old);
}

void flow_table_add(FlowTable *table, FlowRecord *record)
{
	/* Fuller buckets would overflow too often. */
	if (table->size >= (table->mask + 1) * PLACES / 4 * 3)
		grow(table);
	put_record(table, record);
	table->size++;
}

/* Where a record is that is in the table. */
static Bucket *bucket_of(const FlowTable *table, const FlowRecord *record, unsigned *place)
{
	uint16_t tag = tag_of(record->hash);

	for (unsigned at = record->hash & table->mask;; at = next_of(table, at)) {
		Bucket *bucket = &table->buckets[at];

		for (unsigned left = places_with(bucket, tag); left; left = behind_first(left)) {
			*place = first_of(left);
			if (record_at(bucket, *place) == record)
				return bucket;
		}
		g_assert(is_full(bucket));
	}
}

/* Looks in the buckets behind the one at @gap, which was full, for a record that would be searched
 * there or before. Its bucket is @from then, and its place is returned; PLACES: there is none. */
static unsigned that_may_move(const FlowTable *table, unsigned gap, unsigned *from)
{
	unsigned at = gap;

	do {
		at = next_of(table, at);
		for (unsigned left = places_taken(&table->buckets[at]); left;
		     left = behind_first(left)) {
			if (distance(table, at, first_of(left)) >= ((at - gap) & table->mask)) {
				*from = at;
				return first_of(left);
			}
		}
	} while (is_full(&table->buckets[at]));
	return PLACES;
}

void flow_table_remove(FlowTable *table, FlowRecord *record)
{
	unsigned place, from_place;
	Bucket *bucket = bucket_of(table, record, &place);

	table->size--;
	/* A search went on behind a full bucket: what it would find there moves up. */
	while (is_full(bucket)) {
		unsigned from;

		from_place = that_may_move(table, (unsigned)(bucket - table->buckets), &from);
		if (from_place == PLACES)
			break;
		set(bucket, place, table->buckets[from].tags[from_place],
		    what_is_at(&table->buckets[from], from_place));
		bucket = &table->buckets[from];
		place = from_place;
	}
	bucket->tags[place] = FREE;
}

void flow_table_replace(FlowTable *table, FlowRecord *record, FlowRecord *with)
{
	unsigned place;
	Bucket *bucket = bucket_of(table, record, &place);

	set(bucket, place, bucket->tags[place], what_of(with));
}

unsigned flow_table_size(const FlowTable *table)
{
	return table->size;
}

void flow_table_each(const FlowTable *table, void (*visit)(void *data, FlowRecord *record),
		     void *data)
{
	each(table->buckets, table->mask + 1, places_taken, visit, data);
}

void flow_table_each_awaited(const FlowTable *table, void (*visit)(void *data, FlowRecord *record),
			     void *data)
{
	each(table->buckets, table->mask + 1, places_awaited, visit, data);
}

unsigned flow_table_longest_search(const FlowTable *table)
{
	unsigned longest = 0;

	for (unsigned at = 0; at <= table->mask; at++)
		for (unsigned left = places_taken(&table->buckets[at]); left;
		     left = behind_first(left))
			longest = MAX(longest, distance(table, at, first_of(left)) + 1);
	return longest;
}
