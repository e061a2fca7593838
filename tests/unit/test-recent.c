/* A table of those that were used last is the same as a list in the order of use, whatever comes
 * and goes. */
#include "flow/recent.h"

#include <glib.h>
#include <string.h>

/* What is beside a key. */
typedef struct {
	RecentEntry entry;
	uint32_t own; /* the key's number, set when it is first seen */
} Mine;

/* The other way: the numbers of the keys that are there, the one that was used last at the end. */
typedef struct {
	RecentTable *table;
	GArray *order;      /* uint32_t */
	unsigned max, left; /* entries at most; how many made room */
} Twin;

static FlowKey key_of(uint32_t number)
{
	FlowKey key;

	memset(&key, 0, sizeof(key));
	key.end[0].version = 4;
	memcpy(key.end[0].addr.bytes, &number, sizeof(number));
	return key;
}

static bool place_of(const Twin *twin, uint32_t number, unsigned *place)
{
	for (*place = 0; *place < twin->order->len; ++*place)
		if (g_array_index(twin->order, uint32_t, *place) == number)
			return true;
	return false;
}

static void note_leaving(void *data, void *entry, NsTime now)
{
	Twin *twin = data;

	g_assert_cmpint(now, ==, 5);
	g_assert_cmpuint(twin->order->len, ==, twin->max);
	g_assert_cmpuint(((Mine *)entry)->own, ==, g_array_index(twin->order, uint32_t, 0));
	g_array_remove_index(twin->order, 0);
	twin->left++;
}

static void use(Twin *twin, uint32_t number)
{
	FlowKey key = key_of(number);
	unsigned place;
	bool there = place_of(twin, number, &place);
	Mine *mine = recent_use(twin->table, &key, 5);

	g_assert_cmpuint(mine->own, ==, there ? number : 0);
	g_assert_true(flow_key_equal(&mine->entry.key, &key));
	mine->own = number;
	if (there)
		g_array_remove_index(twin->order, place);
	g_array_append_val(twin->order, number);
}

static void look(const Twin *twin, uint32_t number)
{
	FlowKey key = key_of(number);
	unsigned place;
	const Mine *mine = recent_find(twin->table, &key);

	g_assert_true(place_of(twin, number, &place) == (mine != NULL));
	g_assert_true(!mine || mine->own == number);
}

static void take_out(Twin *twin, uint32_t number)
{
	FlowKey key = key_of(number);
	unsigned place;

	if (!place_of(twin, number, &place))
		return;
	recent_remove(twin->table, recent_find(twin->table, &key));
	g_array_remove_index(twin->order, place);
}

static void compare(const Twin *twin)
{
	const Mine *mine = recent_oldest(twin->table);

	g_assert_cmpuint(recent_count(twin->table), ==, twin->order->len);
	for (unsigned i = 0; i < twin->order->len; i++, mine = recent_newer(mine))
		g_assert_cmpuint(mine->own, ==, g_array_index(twin->order, uint32_t, i));
	g_assert_null(mine);
}

/* @keys are in use, @max of them may be there. */
static void try(unsigned max, unsigned keys)
{
	Twin twin = { .order = g_array_new(FALSE, FALSE, sizeof(uint32_t)), .max = max };

	twin.table = recent_new(sizeof(Mine), max, note_leaving, &twin);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t number = 1 + g_test_rand_int() % keys;
		unsigned what = g_test_rand_int() % 64;

		if (what == 0)
			take_out(&twin, number);
		else if (what < 24)
			look(&twin, number);
		else
			use(&twin, number);
		if (i % 100 == 0)
			compare(&twin);
	}
	compare(&twin);
	g_assert_true(!max || max >= keys || twin.left);
	g_array_unref(twin.order);
	recent_free(twin.table);
}

static void test_few(void)
{
	try(1, 3);
	try(3, 10);
	try(16, 20);
}

/* More than some buckets have places for. */
static void test_many(void)
{
	try(256, 300);
	try(256, 5000);
	try(1000, 1100);
}

static void test_without_end(void)
{
	try(0, 10);
	try(0, 2000);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/recent/few", test_few);
	g_test_add_func("/recent/many", test_many);
	g_test_add_func("/recent/without-end", test_without_end);
	return g_test_run();
}
