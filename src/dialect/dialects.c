/* Other tools' words for our connections. Knows which of their connections ours begins in; knows
 * none of their rules. */
#include "dialect/dialects.h"

#include "dialect/homes.h"

/* In each of our connections. Of a flood most never become more than a SYN, which has one number
 * that matters. */
typedef struct {
	Words *words; /* NULL: nothing came but that SYN, or nothing at all */
	uint32_t syn; /* its number */
	bool has_syn; /* it came */
} Slot;

/* A connection that the table has forgotten, the last one with its key: its own memory is out of
 * reach. */
typedef struct {
	FlowKey key;           /* first: it is looked for by that */
	unsigned number;       /* the connection's */
	unsigned first_sender; /* the same */
	Slot slot;             /* what it has there */
} Retired;

typedef struct {
	Observer observer;   /* first */
	GHashTable *retired; /* Retired, owned, by its key */
	GHashTable *late;    /* Words, borrowed, by the number of their connection, which got them
			      * when it was out of reach already */
	Homes homes;         /* where all Words are */
	Words only_syn;      /* of a connection that is no more than a SYN */
	Dialects syn_says;   /* the same */
	uint64_t frame;      /* the last segment's that was told of */
} DialectsObserver;

static guint key_hash(gconstpointer key)
{
	return flow_key_hash(key);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return flow_key_equal(a, b);
}

/* --- Words ----------------------------------------------------------------------------------- */

/* A SYN of which nothing matters but its number. */
static bool is_only_syn(const Segment *segment)
{
	return (segment->flags & (TH_SYN | TH_ACK | TH_FIN | TH_RST)) == TH_SYN &&
	       !segment->payload && segment->window;
}

/* As if that SYN came now. */
static void take_syn(Words *words, unsigned sender, uint32_t number)
{
	const Segment syn = { .flags = TH_SYN, .seq = number };

	words->zeek = &words->own_zeek;
	words->stream = &words->own_stream;
	zeek_begin_syn(words->zeek, sender, number);
	wireshark_begin(words->stream, sender, &syn, false);
}

/* Those in @slot, made when there are none. */
static Words *words_in(DialectsObserver *dialects, Slot *slot, unsigned first_sender)
{
	if (!slot->words) {
		slot->words = homes_take(&dialects->homes);
		slot->words->holders = 1;
		if (slot->has_syn)
			take_syn(slot->words, first_sender, slot->syn);
	}
	return slot->words;
}

/* The words of a connection, made when there are none. */
static Words *words_of(DialectsObserver *dialects, Connection *connection)
{
	return words_in(dialects, observer_slot(&dialects->observer, connection),
			connection->first_sender);
}

/* --- Those that are over ---------------------------------------------------------------------- */

/* The words of the connection before between the same endpoints; NULL: there was none. */
static Words *words_before(DialectsObserver *dialects, const Connection *connection)
{
	Retired *before;

	if (connection->previous)
		return words_of(dialects, connection->previous);
	if (!g_hash_table_size(dialects->retired))
		return NULL;
	before = g_hash_table_lookup(dialects->retired, &connection->key);
	if (before && !before->slot.words)
		g_hash_table_insert(dialects->late, GUINT_TO_POINTER(before->number),
				    words_in(dialects, &before->slot, before->first_sender));
	return before ? before->slot.words : NULL;
}

static void retire(DialectsObserver *dialects, Connection *connection)
{
	Retired *retired = g_new(Retired, 1);

	*retired = (Retired){ .key = connection->key,
			      .number = connection->number,
			      .first_sender = connection->first_sender,
			      .slot = *(Slot *)observer_slot(&dialects->observer, connection) };
	g_hash_table_replace(dialects->retired, &retired->key, retired);
}

/* Those that it got when it was out of reach. */
static Words *late_words(const DialectsObserver *dialects, const Connection *connection)
{
	return g_hash_table_size(dialects->late)
		       ? g_hash_table_lookup(dialects->late, GUINT_TO_POINTER(connection->number))
		       : NULL;
}

/* The connection's memory goes: it is nobody's relative any more, and its words are not asked for.
 */
static void forget(DialectsObserver *dialects, Connection *connection)
{
	Slot *slot = observer_slot(&dialects->observer, connection);
	Words *words = slot->words ? slot->words : late_words(dialects, connection);
	const Retired *retired;

	slot->words = NULL;
	if (words) {
		family_leave(&dialects->homes, words);
		homes_set_zeek(&dialects->homes, words, &words->zeek, NULL);
		homes_set_stream(&dialects->homes, words, &words->stream, NULL);
		homes_let_go(&dialects->homes, words);
	}
	if (g_hash_table_size(dialects->late))
		g_hash_table_remove(dialects->late, GUINT_TO_POINTER(connection->number));
	if (!g_hash_table_size(dialects->retired))
		return;
	retired = g_hash_table_lookup(dialects->retired, &connection->key);
	if (retired && retired->number == connection->number)
		g_hash_table_remove(dialects->retired, &connection->key);
}

/* Our connection has begun with the provisional SYN, which came as a segment of the one before. */
static void bind_to_syn(DialectsObserver *dialects, Words *words)
{
	const Family *family = words->family;

	homes_set_zeek(&dialects->homes, words, &words->zeek, family->syn_zeek);
	homes_set_stream(&dialects->homes, words, &words->stream, family->syn_stream);
}

static void on_connection(Observer *observer, Connection *connection, ConnectionPhase phase)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;
	Words *before, *words;

	if (phase == CONNECTION_RETIRED) {
		retire(dialects, connection);
		return;
	}
	if (phase == CONNECTION_EVICTED) {
		forget(dialects, connection);
		return;
	}
	before = words_before(dialects, connection);
	if (!before)
		return;
	words = words_of(dialects, connection);
	family_leave(&dialects->homes, words);
	family_join(words, family_of(&dialects->homes, before));
	if (connection->report->first_frame <= dialects->frame)
		bind_to_syn(dialects, words);
}

/* A connection that has a relative joins its family at once. */
static bool awaits_connection(Observer *observer, const FlowKey *key)
{
	const DialectsObserver *dialects = (DialectsObserver *)observer;

	return g_hash_table_size(dialects->retired) &&
	       g_hash_table_contains(dialects->retired, key);
}

/* --- Segments -------------------------------------------------------------------------------- */

static void take_zeek(ZeekConnection *zeek, const SegmentEvent *event)
{
	zeek_segment(zeek, event->sender, event->segment, segment_event_is_cut(event));
}

/* A new one of Zeek's lives in our connection if that begins with the same segment, else by itself.
 */
static ZeekConnection *new_zeek(DialectsObserver *dialects, Words *words, const SegmentEvent *event)
{
	ZeekConnection *zeek =
		words->zeek ? &homes_take(&dialects->homes)->own_zeek : &words->own_zeek;

	zeek_begin(zeek, event->sender, event->segment);
	return zeek;
}

static WiresharkStream *new_stream(DialectsObserver *dialects, Words *words,
				   const SegmentEvent *event)
{
	WiresharkStream *stream =
		words->stream ? &homes_take(&dialects->homes)->own_stream : &words->own_stream;

	wireshark_begin(stream, event->sender, event->segment, true);
	return stream;
}

/* The first segment of a connection that is alone. */
static void begin_alone(Words *words, const SegmentEvent *event)
{
	words->zeek = &words->own_zeek;
	words->stream = &words->own_stream;
	zeek_begin(words->zeek, event->sender, event->segment);
	take_zeek(words->zeek, event);
	wireshark_begin(words->stream, event->sender, event->segment, false);
}

static void take_in_family(DialectsObserver *dialects, Words *words, const SegmentEvent *event)
{
	Family *family = words->family;
	const Segment *provisional = event->connection->provisional;

	if (zeek_begins_anew(family->zeek, event->segment))
		homes_set_zeek(&dialects->homes, NULL, &family->zeek,
			       new_zeek(dialects, words, event));
	take_zeek(family->zeek, event);
	if (wireshark_begins_anew(family->stream, event->sender, event->segment))
		homes_set_stream(&dialects->homes, NULL, &family->stream,
				 new_stream(dialects, words, event));
	else
		wireshark_segment(family->stream, event->sender, event->segment);
	if (!words->zeek) {
		homes_set_zeek(&dialects->homes, words, &words->zeek, family->zeek);
		homes_set_stream(&dialects->homes, words, &words->stream, family->stream);
	}
	if (provisional && provisional->frame == event->segment->frame) {
		homes_set_zeek(&dialects->homes, NULL, &family->syn_zeek, family->zeek);
		homes_set_stream(&dialects->homes, NULL, &family->syn_stream, family->stream);
	}
}

static void on_segment(Observer *observer, const SegmentEvent *event)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;
	Slot *slot = observer_slot(observer, event->connection);
	Words *words;

	dialects->frame = MAX(dialects->frame, event->segment->frame);
	if (!slot->words && !slot->has_syn && is_only_syn(event->segment)) {
		slot->has_syn = true;
		slot->syn = event->segment->seq;
		return;
	}
	words = slot->words ? slot->words : words_of(dialects, event->connection);
	if (!words->family) {
		if (!words->zeek) {
			begin_alone(words, event);
			return;
		}
		if (!event->connection->provisional &&
		    !zeek_begins_anew(words->zeek, event->segment) &&
		    !wireshark_begins_anew(words->stream, event->sender, event->segment)) {
			take_zeek(words->zeek, event);
			wireshark_segment(words->stream, event->sender, event->segment);
			return;
		}
		family_of(&dialects->homes, words);
	}
	take_in_family(dialects, words, event);
}

static Dialects said_in(const Words *words)
{
	return (Dialects){
		.conn_state = zeek_conn_state(words->zeek),
		.history = zeek_history(words->zeek),
		.completeness = words->stream->completeness,
	};
}

Dialects dialects_of(const Observer *observer, const Connection *connection)
{
	const DialectsObserver *dialects = (const DialectsObserver *)observer;
	const Slot *slot = observer_slot(observer, (Connection *)connection);
	const Words *words = slot->words ? slot->words : late_words(dialects, connection);

	return words ? said_in(words) : dialects->syn_says;
}

/* --- Life ------------------------------------------------------------------------------------ */

static void dialects_free(Observer *observer)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;

	homes_clear(&dialects->homes);
	g_hash_table_unref(dialects->retired);
	g_hash_table_unref(dialects->late);
	g_free(dialects);
}

Observer *dialects_new(void)
{
	DialectsObserver *dialects = g_new0(DialectsObserver, 1);

	dialects->retired = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
	dialects->late = g_hash_table_new(NULL, NULL);
	homes_init(&dialects->homes);
	take_syn(&dialects->only_syn, 0, 0);
	dialects->syn_says = said_in(&dialects->only_syn);
	dialects->observer = (Observer){
		.slot_size = sizeof(Slot),
		/* Words are as long in memory as their connections. */
		.needs_connections = true,
		.segment = on_segment,
		.connection = on_connection,
		.awaits = awaits_connection,
		.free = dialects_free,
	};
	return &dialects->observer;
}
