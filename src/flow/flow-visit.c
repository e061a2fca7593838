/* All connections of a flow store, one after the other. Knows their numbers; knows not why somebody
 * looks at them. */
#include <string.h>

#include "flow/flow-store-parts.h"

/* Those that are to have a turn. */
typedef struct {
	Turns turns;  /* so far */
	bool awaited; /* only those that are so */
	bool kept;    /* those that were let go, too */
} Visitors;

static unsigned number_of(FlowRecord *record)
{
	return record->frozen ? frozen_number((Frozen *)record) : awake_of(record)->number;
}

static void let_in(Visitors *visitors, FlowRecord *record)
{
	if (!visitors->awaited || record->awaited)
		turns_add(&visitors->turns, record, number_of(record));
}

static void let_frozen_in(void *data, FlowRecord *record)
{
	const Visitors *visitors = data;

	if (record->frozen && (visitors->kept || !record->gone))
		let_in(data, record);
}

/* What was made of an embryo, to be lent, is nobody's. @report is not its own. */
static void unhatch(const FlowStore *store, Connection *connection, const ConnectionReport *report)
{
	store->options.unhatch(store->options.data, connection);
	if (connection->report == report)
		connection->report = NULL;
	connection_clear(connection);
}

/* What rests goes on resting, unless its slots were changed, or what is reported of an embryo. */
static void lend(FlowStore *store, Frozen *frozen, Connection *room, void *slots,
		 const FlowVisit *visit)
{
	bool embryo = ((const FlowRecord *)frozen)->embryo;
	struct ConnectionExtra *extras;
	uint64_t anomalies;
	bool touched;

	flow_store_restore(store, frozen, room, NULL);
	/* What was made for an embryo only now is nobody's yet. */
	extras = embryo ? NULL : room->extras;
	memcpy(slots, room->slots, store->options.slots_size);
	anomalies = room->report ? room->report->anomalies : 0;
	visit->visit(visit->data, room);
	touched = room->extras != extras ||
		  memcmp(slots, room->slots, store->options.slots_size) != 0 ||
		  (embryo && room->report && room->report->anomalies != anomalies);
	if (touched) {
		Frozen *changed = frozen_new(store->freezer, room);

		flow_store_hand_over(store, (FlowRecord *)frozen, (FlowRecord *)changed);
		frozen_free(store->embryos, frozen);
	} else if (embryo) {
		unhatch(store, room, NULL);
	}
}

/* All that were not let go, or those of them that somebody awaits; with @kept also those that are
 * so. */
static Turns collect(FlowStore *store, bool awaited, bool kept)
{
	Visitors visitors = { .awaited = awaited, .kept = kept };

	for (FlowRecord *record = kept ? store->oldest : NULL; record;
	     record = flow_store_links(store, record)->newer)
		if (record->kept)
			let_in(&visitors, record);
	for (unsigned i = 0; kept && i < store->kept->len; i++)
		let_in(&visitors, store->kept->pdata[i]);
	(awaited ? flow_table_each_awaited : flow_table_each)(store->table, let_frozen_in,
							      &visitors);
	for (unsigned i = 0; i < store->awake->len; i++)
		let_in(&visitors, store->awake->pdata[i]);
	turns_sort(&visitors.turns);
	return visitors.turns;
}

static Connection *new_room(const FlowStore *store)
{
	return g_malloc(sizeof(Connection) + store->options.slots_size);
}

static bool wants(const FlowVisit *visit, const FlowRecord *record)
{
	Embryo embryo;

	if (!record->embryo || record->grows || record->sealed || !visit->wants)
		return true;
	frozen_embryo((const Frozen *)record, &embryo);
	return visit->wants(visit->data, &embryo);
}

void flow_store_each(FlowStore *store, const FlowVisit *visit)
{
	g_autofree Connection *room = new_room(store);
	g_autofree void *slots = g_malloc(store->options.slots_size);
	Turns turns = collect(store, visit->awaited, false);

	for (size_t i = 0; i < turns.count; i++) {
		FlowRecord *record = turns.turn[i].record;

		if (!record->frozen)
			visit->visit(visit->data, awake_of(record));
		else if (wants(visit, record))
			lend(store, (Frozen *)record, room, slots, visit);
	}
	turns_clear(&turns);
}

/* --- For reading ----------------------------------------------------------------------------- */

/* The roll is called once for all that read. */
static const Turns *roll_of(FlowStore *store)
{
	if (!store->called) {
		turns_clear(&store->roll);
		store->roll = collect(store, false, true);
		store->called = true;
	}
	return &store->roll;
}

static void read_one(FlowStore *store, FlowRecord *record, Connection *room, ConnectionVisit visit,
		     void *data)
{
	ConnectionReport report;

	if (record->frozen) {
		flow_store_restore(store, (const Frozen *)record, room, &report);
		visit(data, room);
		if (record->embryo)
			unhatch(store, room, &report);
	} else {
		visit(data, awake_of(record));
	}
}

/* Where @number stands or would stand. @guess is looked at first. */
static size_t place_of(const Turns *roll, unsigned number, size_t guess)
{
	size_t low = 0, high = roll->count;

	if (guess < high && roll->turn[guess].number == number)
		return guess;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (roll->turn[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void flow_store_read(FlowStore *store, const unsigned *numbers, size_t count, ConnectionVisit visit,
		     void *data)
{
	g_autofree Connection *room = new_room(store);
	const Turns *roll = roll_of(store);
	size_t at = 0;

	if (!numbers)
		count = roll->count;
	for (size_t i = 0; i < count; i++, at++) {
		if (numbers)
			at = place_of(roll, numbers[i], at);
		if (at < roll->count && (!numbers || roll->turn[at].number == numbers[i]))
			read_one(store, roll->turn[at].record, room, visit, data);
	}
}
