/* All connections of a flow store, one after the other. Knows their numbers; knows not why somebody
 * looks at them. */
#include <string.h>

#include "flow/flow-store-parts.h"
#include "flow/turns.h"

static int by_number(gconstpointer a, gconstpointer b)
{
	const Connection *x = *(Connection *const *)a;
	const Connection *y = *(Connection *const *)b;

	return x->number < y->number ? -1 : x->number > y->number;
}

const GPtrArray *flow_store_list(FlowStore *store)
{
	if (store->disordered) {
		store->disordered = false;
		g_ptr_array_sort(store->awake, by_number);
		for (unsigned i = 0; i < store->awake->len; i++)
			((Connection *)store->awake->pdata[i])->place = i;
	}
	return store->awake;
}

/* Those that are to have a turn. */
typedef struct {
	Turns turns;  /* so far */
	bool awaited; /* only those that are so */
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
	if (record->frozen)
		let_in(data, record);
}

/* What rests goes on resting, unless its slots were changed. */
static void lend(FlowStore *store, Frozen *frozen, Connection *room, void *slots,
		 void (*visit)(void *data, Connection *connection), void *data)
{
	bool embryo = ((const FlowRecord *)frozen)->embryo;
	struct ConnectionExtra *extras;

	flow_store_restore(store, frozen, room);
	/* What was made for an embryo only now is nobody's yet. */
	extras = embryo ? NULL : room->extras;
	memcpy(slots, room->slots, store->options.slots_size);
	visit(data, room);
	if (room->extras != extras || memcmp(slots, room->slots, store->options.slots_size) != 0) {
		Frozen *changed = frozen_new(store->freezer, room);

		flow_store_hand_over(store, (FlowRecord *)frozen, (FlowRecord *)changed);
		frozen_free(store->embryos, frozen);
	}
}

void flow_store_each(FlowStore *store, bool awaited,
		     void (*visit)(void *data, Connection *connection), void *data)
{
	g_autofree Connection *room = g_malloc(sizeof(*room) + store->options.slots_size);
	g_autofree void *slots = g_malloc(store->options.slots_size);
	Visitors visitors = { .awaited = awaited };
	const Turns *turns = &visitors.turns;

	if (!store->options.keep)
		flow_table_each(store->table, let_frozen_in, &visitors);
	for (unsigned i = 0; i < store->awake->len; i++)
		let_in(&visitors, store->awake->pdata[i]);
	turns_sort(&visitors.turns);
	for (size_t i = 0; i < turns->count; i++) {
		FlowRecord *record = turns->turn[i].record;

		if (record->frozen)
			lend(store, (Frozen *)record, room, slots, visit, data);
		else
			visit(data, awake_of(record));
	}
	turns_clear(&visitors.turns);
}
