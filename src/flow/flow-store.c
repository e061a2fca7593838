/* Where connections are kept: which are present, in which form they are in memory, and which one
 * has been idle for longest. Knows keys and memory; knows no marks. */
#include "flow/flow-store-parts.h"

/* So many connections that are awake stay in a processor's cache. */
#define AWAKE_FEW 1024u

static bool matches(const void *data, const FlowRecord *record, const FlowKey *key)
{
	const FlowStore *store = data;

	if (record->frozen)
		return frozen_has_key(store->freezer, (const Frozen *)record, key);
	return flow_key_equal(&((const Connection *)record)->key, key);
}

FlowStore *flow_store_new(Clock *clock, const FlowStoreOptions *options)
{
	FlowStore *store = g_new0(FlowStore, 1);

	store->clock = clock;
	store->options = *options;
	room_init(&store->room);
	g_assert(options->slots_size % sizeof(void *) == 0);
	store->freezes = options->slots_size <= FROZEN_SLOTS_MAX;
	store->table = flow_table_new(matches, store);
	store->freezer = freezer_new(store->freezes ? options->slots_size : 0);
	store->pool = pool_new(sizeof(Connection) + options->slots_size +
			       (options->ordered ? sizeof(FlowLinks) : 0));
	store->embryos = pools_new();
	store->awake = g_ptr_array_new();
	store->kept = g_ptr_array_new();
	return store;
}

/* --- Awake and frozen ------------------------------------------------------------------------ */

static void wake_up(FlowStore *store, Connection *connection)
{
	flow_store_changed(store);
	connection->place = store->awake->len;
	g_ptr_array_add(store->awake, connection);
}

Pool *flow_store_pool(const FlowStore *store)
{
	return store->pool;
}

/* Those beside it, or the ends of the order, point to @to. */
static void link_up(FlowStore *store, FlowLinks links, FlowRecord *older, FlowRecord *newer)
{
	*(links.older ? &flow_store_links(store, links.older)->newer : &store->oldest) = newer;
	*(links.newer ? &flow_store_links(store, links.newer)->older : &store->newest) = older;
}

void flow_store_hand_over(FlowStore *store, FlowRecord *from, FlowRecord *to)
{
	flow_store_changed(store);
	timer_move(store->clock, &from->timer, &to->timer);
	if (from->linked) {
		*flow_store_links(store, to) = *flow_store_links(store, from);
		link_up(store, *flow_store_links(store, to), to, to);
	}
	if (!from->kept)
		flow_table_replace(store->table, from, to);
}

/* Makes of an embryo the connection that it is. */
static void hatch(FlowStore *store, const Frozen *frozen, Connection *room,
		  ConnectionReport *report)
{
	const FlowRecord *record = (const FlowRecord *)frozen;
	RegularReader reader;
	Embryo embryo;

	frozen_read(frozen, &embryo, &reader);
	connection_init(room, &embryo.key, embryo.sender, &embryo.syn, store->options.slots_size);
	room->record.timer.deadline = record->timer.deadline;
	room->record.hash = record->hash;
	room->record.linked = record->linked;
	room->number = frozen_number(frozen);
	room->present = true;
	if (store->options.keep)
		connection_begin_report(room, &embryo.syn, report);
	store->options.hatch(store->options.data, room, &embryo, &reader);
}

void flow_store_restore(FlowStore *store, const Frozen *frozen, Connection *room,
			ConnectionReport *report)
{
	if (((const FlowRecord *)frozen)->embryo)
		hatch(store, frozen, room, report);
	else
		frozen_thaw(store->freezer, frozen, room);
}

static Connection *thaw(FlowStore *store, Frozen *frozen)
{
	Connection *connection = pool_take(store->pool);

	flow_store_restore(store, frozen, connection, NULL);
	flow_store_hand_over(store, (FlowRecord *)frozen, &connection->record);
	frozen_free(store->embryos, frozen);
	wake_up(store, connection);
	return connection;
}

static Connection *awaken(FlowStore *store, FlowRecord *record)
{
	return record->frozen ? thaw(store, (Frozen *)record) : awake_of(record);
}

Connection *flow_store_wake(FlowStore *store, Timer *timer)
{
	return awaken(store, (FlowRecord *)timer);
}

/* --- Idleness -------------------------------------------------------------------------------- */

static void leave_order(FlowStore *store, FlowRecord *record)
{
	FlowLinks links;

	if (!record->linked)
		return;
	links = *flow_store_links(store, record);
	link_up(store, links, links.older, links.newer);
	record->linked = false;
}

static void come_last(FlowStore *store, FlowRecord *record)
{
	*flow_store_links(store, record) = (FlowLinks){ .older = store->newest };
	record->linked = true;
	link_up(store, *flow_store_links(store, record), record, record);
}

/* A segment of it has come. */
static void move_last(FlowStore *store, FlowRecord *record)
{
	if (!store->options.ordered || store->newest == record)
		return;
	leave_order(store, record);
	come_last(store, record);
}

void flow_store_touch(FlowStore *store, Connection *connection)
{
	connection->touched = true;
	move_last(store, &connection->record);
}

FlowRecord *flow_store_oldest_record(const FlowStore *store)
{
	return store->oldest;
}

Connection *flow_store_oldest(FlowStore *store)
{
	return store->oldest ? awaken(store, store->oldest) : NULL;
}

/* --- Coming and going ------------------------------------------------------------------------ */

FlowRecord *flow_store_look(const FlowStore *store, const FlowKey *key, uint32_t hash)
{
	return flow_table_find(store->table, key, hash);
}

Connection *flow_store_awaken(FlowStore *store, FlowRecord *record)
{
	room_found(&store->room, record->frozen && !record->embryo);
	return awaken(store, record);
}

void flow_store_expect(const FlowStore *store, uint32_t hash)
{
	flow_table_expect(store->table, hash);
}

void flow_store_expect_record(const FlowStore *store, uint32_t hash)
{
	/* Where few are awake it is hardly one of them, and if it is it is in the cache. */
	flow_table_expect_record(store->table, hash, store->awake->len > AWAKE_FEW);
}

void flow_store_add(FlowStore *store, Connection *connection, uint32_t hash)
{
	connection->record.hash = hash;
	connection->present = true;
	wake_up(store, connection);
	flow_table_add(store->table, &connection->record);
	store->size++;
}

void flow_store_add_embryo(FlowStore *store, const EmbryoParts *parts, uint32_t hash,
			   unsigned number)
{
	FlowRecord record = { .hash = hash, .linked = store->options.ordered };
	FlowRecord *made = (FlowRecord *)frozen_embryo_new(store->embryos, &record, number, parts);

	timer_arm(store->clock, &made->timer, parts->syn->time + CONNECTION_HANDSHAKE_PATIENCE);
	if (made->linked)
		come_last(store, made);
	flow_table_add(store->table, made);
	flow_store_changed(store);
	store->size++;
}

void flow_store_handshake(const FlowRecord *record, EmbryoHandshake *handshake)
{
	frozen_handshake((const Frozen *)record, handshake);
}

/* @made is what @record is from now on. */
static FlowRecord *become(FlowStore *store, FlowRecord *record, Frozen *made)
{
	flow_store_hand_over(store, record, (FlowRecord *)made);
	frozen_free(store->embryos, (Frozen *)record);
	return (FlowRecord *)made;
}

/* Both sides have sent their SYN, and somebody may wait for what comes of that. */
void flow_store_answer_embryo(FlowStore *store, FlowRecord *record, const EmbryoSyn *syn,
			      const Segment *answer, NsTime deadline)
{
	FlowRecord *made =
		become(store, record,
		       frozen_embryo_answered(store->embryos, (const Frozen *)record, syn, answer));

	timer_arm(store->clock, &made->timer, deadline);
	move_last(store, made);
}

const RegularLife *flow_store_life(const FlowRecord *record)
{
	return frozen_life((const Frozen *)record);
}

RegularStep flow_store_extend(FlowStore *store, FlowRecord *record, unsigned sender,
			      const Segment *segment, bool cut)
{
	RegularStep step = frozen_extend(store->embryos, (Frozen *)record, sender, segment, cut);

	if (store->options.ordered && step != REGULAR_NOT)
		move_last(store, record);
	return step;
}

FlowRecord *flow_store_grow(FlowStore *store, FlowRecord *record, const RegularLife *life)
{
	return become(store, record, frozen_grow(store->embryos, (Frozen *)record, life));
}

FlowRecord *flow_store_seal(FlowStore *store, FlowRecord *record)
{
	return become(store, record, frozen_seal(store->embryos, (Frozen *)record));
}

void flow_store_whole(const FlowRecord *record, Embryo *embryo, RegularReader *reader)
{
	frozen_read((const Frozen *)record, embryo, reader);
}

void flow_store_arm(FlowStore *store, FlowRecord *record, NsTime deadline)
{
	timer_arm(store->clock, &record->timer, deadline);
}

void flow_store_displace(FlowStore *store, Connection *connection)
{
	if (!connection->present)
		return;
	connection->present = false;
	flow_table_remove(store->table, &connection->record);
}

void flow_store_evict(FlowStore *store, Connection *connection)
{
	flow_store_displace(store, connection);
	leave_order(store, &connection->record);
	store->size--;
	flow_store_fall_asleep(store, connection);
	connection_free(store->pool, connection);
}

void flow_store_drop_embryo(FlowStore *store, FlowRecord *embryo)
{
	flow_table_remove(store->table, embryo);
	flow_store_changed(store);
	timer_disarm(store->clock, &embryo->timer);
	leave_order(store, embryo);
	embryo->linked = store->options.ordered; /* which says how large it is */
	store->size--;
	frozen_free(store->embryos, (Frozen *)embryo);
}

void flow_store_let_embryo_go(FlowStore *store, FlowRecord *embryo)
{
	if (store->options.keep)
		embryo->gone = true;
	else
		flow_store_drop_embryo(store, embryo);
}

static void put_away(FlowStore *store, Connection *connection)
{
	FlowRecord *record = (FlowRecord *)frozen_new(store->freezer, connection);

	g_assert(!connection->previous);
	record->kept = true;
	if (record->linked) {
		*flow_store_links(store, record) = *flow_store_links(store, &connection->record);
		link_up(store, *flow_store_links(store, record), record, record);
	} else {
		g_ptr_array_add(store->kept, record);
	}
	flow_store_fall_asleep(store, connection);
	pool_give(store->pool, connection);
}

void flow_store_let_go(FlowStore *store, Connection *connection)
{
	if (!store->options.keep) {
		flow_store_evict(store, connection);
		return;
	}
	flow_store_displace(store, connection);
	if (store->freezes)
		put_away(store, connection);
}

unsigned flow_store_size(const FlowStore *store)
{
	return store->size;
}

static void free_frozen(void *data, FlowRecord *record)
{
	FlowStore *store = data;

	if (!record->frozen)
		return;
	if (record->owner) {
		Connection *connection = pool_take(store->pool);

		frozen_thaw(store->freezer, (Frozen *)record, connection);
		connection_free(store->pool, connection);
	}
	frozen_free(store->embryos, (Frozen *)record);
}

static void free_kept(FlowStore *store)
{
	for (FlowRecord *record = store->oldest, *newer; record; record = newer) {
		newer = flow_store_links(store, record)->newer;
		if (record->kept)
			free_frozen(store, record);
	}
	for (unsigned i = 0; i < store->kept->len; i++)
		free_frozen(store, store->kept->pdata[i]);
	g_ptr_array_unref(store->kept);
}

void flow_store_free(FlowStore *store)
{
	if (!store)
		return;
	free_kept(store);
	flow_table_each(store->table, free_frozen, store);
	for (unsigned i = 0; i < store->awake->len; i++)
		connection_free(store->pool, store->awake->pdata[i]);
	g_ptr_array_unref(store->awake);
	turns_clear(&store->roll);
	flow_table_free(store->table);
	pool_free(store->pool);
	pools_free(store->embryos);
	freezer_free(store->freezer);
	g_free(store);
}
