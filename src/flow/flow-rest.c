/* Which of the connections that are awake are frozen, and when. Knows who rests and how much room
 * there is; knows no keys, and nothing of how one is frozen. */
#include "flow/flow-store-parts.h"

/* How many are looked at to freeze one, at a time. */
#define LOOK_AT 8u

void flow_store_fall_asleep(FlowStore *store, Connection *connection)
{
	Connection *last = store->awake->pdata[store->awake->len - 1];

	flow_store_changed(store);
	if (store->resting == connection)
		store->resting = NULL;
	last->place = connection->place;
	store->awake->pdata[connection->place] = last;
	g_ptr_array_set_size(store->awake, (int)store->awake->len - 1);
}

/* Others than the present one are reached through it. */
static bool may_freeze(const FlowStore *store, const Connection *connection)
{
	return store->freezes && connection->present && !connection->previous;
}

static void freeze(FlowStore *store, Connection *connection)
{
	Frozen *frozen;

	connection->touched = false;
	frozen = frozen_new(store->freezer, connection);
	flow_store_hand_over(store, &connection->record, (FlowRecord *)frozen);
	flow_store_fall_asleep(store, connection);
	pool_give(store->pool, connection);
}

void flow_store_rest(FlowStore *store, Connection *connection)
{
	store->resting = connection;
}

/* How many may be awake. */
static inline unsigned room_of(const FlowStore *store)
{
	return store->options.eager ? 0 : store->room.most;
}

/* Looks at some of those that are awake, more of which there are than there is room for. */
static void make_room(FlowStore *store)
{
	unsigned most = room_of(store);

	for (unsigned i = 0; i < LOOK_AT && store->awake->len > most; i++) {
		Connection *connection;
		bool in_use;

		if (store->hand >= store->awake->len)
			store->hand = 0;
		connection = store->awake->pdata[store->hand];
		in_use = most && connection_goes_on(connection, clock_now(store->clock));
		room_looked(&store->room, in_use);
		if (!in_use && !connection->touched && may_freeze(store, connection)) {
			/* The last one takes its place, which is the youngest: it is not next, or
			 * the young would be looked at instead of all. */
			freeze(store, connection);
		} else {
			connection->touched = false;
		}
		store->hand++;
	}
}

static G_GNUC_NO_INLINE void settle(FlowStore *store)
{
	if (!store->freezes)
		return;
	if (store->resting && may_freeze(store, store->resting))
		freeze(store, store->resting);
	store->resting = NULL;
	make_room(store);
}

/* Between most segments there is nothing to do. */
void flow_store_settle(FlowStore *store)
{
	if (G_UNLIKELY(store->resting || store->awake->len > room_of(store)))
		settle(store);
}
