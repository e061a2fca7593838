/* Other tools' words for our connections. Knows which of their connections ours begins in; knows
 * none of their rules. */
#include "dialect/dialects.h"

#include <string.h>

#include "dialect/wireshark.h"
#include "dialect/zeek.h"

/* What all of our connections between the same endpoints have in common. Most pairs of endpoints
 * have one connection, and no family. */
typedef struct {
	unsigned members;            /* connections in memory that are of it */
	ZeekConnection *zeek;        /* the one to which segments go */
	WiresharkStream *stream;     /* the same */
	ZeekConnection *syn_zeek;    /* that took the provisional SYN; NULL: there was none */
	WiresharkStream *syn_stream; /* the same */
} Family;

/* What is kept of a connection that is more than a SYN; or, with no connection of ours, where one
 * of the others' lives. It stays as long as its connection is in memory, or what lives in it is
 * pointed to by others. */
typedef struct Words {
	unsigned holders;        /* its connection, and pointers to what lives in it from outside */
	ZeekConnection own_zeek; /* used unless another one holds its first segment */
	WiresharkStream own_stream; /* the same */
	ZeekConnection *zeek;       /* that holds its first segment; NULL: that is still to come */
	WiresharkStream *stream;    /* the same */
	Family *family;     /* NULL: it is alone, and what holds its first segment is present */
	struct Words *free; /* the next one that is free */
} Words;

/* In each of our connections. Of a flood most never become more than a SYN, which has one number
 * that matters. */
typedef struct {
	Words *words; /* NULL: nothing came but that SYN, or nothing at all */
	uint32_t syn; /* its number */
	bool has_syn; /* it came */
} Slot;

#define WORDS_PER_CHUNK 256

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
	GPtrArray *chunks;   /* Words, WORDS_PER_CHUNK each; owned */
	unsigned used;       /* of the last chunk */
	Words *free;         /* those among them that nobody holds any more */
	Words only_syn;      /* of a connection that is no more than a SYN */
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
static void take_syn(Words *words, unsigned sender, const FlowKey *key, uint32_t number)
{
	const Segment syn = { .src = key->end[sender],
			      .dst = key->end[!sender],
			      .flags = TH_SYN,
			      .seq = number,
			      .window = 1 };

	words->zeek = &words->own_zeek;
	words->stream = &words->own_stream;
	zeek_begin(words->zeek, sender, &syn);
	zeek_segment(words->zeek, sender, &syn, false);
	wireshark_begin(words->stream, sender, &syn, false);
}

static Words *new_words(DialectsObserver *dialects)
{
	Words *chunk = dialects->free;

	if (chunk) {
		dialects->free = chunk->free;
		memset(chunk, 0, sizeof(Words));
		return chunk;
	}
	if (dialects->used == WORDS_PER_CHUNK || !dialects->chunks->len) {
		g_ptr_array_add(dialects->chunks, g_new(Words, WORDS_PER_CHUNK));
		dialects->used = 0;
	}
	chunk = dialects->chunks->pdata[dialects->chunks->len - 1];
	memset(&chunk[dialects->used], 0, sizeof(Words));
	return &chunk[dialects->used++];
}

/* Those in @slot of a connection with this key, made when there are none. */
static Words *words_in(DialectsObserver *dialects, Slot *slot, unsigned first_sender,
		       const FlowKey *key)
{
	if (!slot->words) {
		slot->words = new_words(dialects);
		slot->words->holders = 1;
		if (slot->has_syn)
			take_syn(slot->words, first_sender, key, slot->syn);
	}
	return slot->words;
}

/* The words of a connection, made when there are none. */
static Words *words_of(DialectsObserver *dialects, Connection *connection)
{
	return words_in(dialects, observer_slot(&dialects->observer, connection),
			connection->first_sender, &connection->key);
}

static Words *home_of_zeek(ZeekConnection *zeek)
{
	return zeek ? (Words *)((char *)zeek - G_STRUCT_OFFSET(Words, own_zeek)) : NULL;
}

static Words *home_of_stream(WiresharkStream *stream)
{
	return stream ? (Words *)((char *)stream - G_STRUCT_OFFSET(Words, own_stream)) : NULL;
}

static void let_go(DialectsObserver *dialects, Words *words)
{
	if (--words->holders)
		return;
	zeek_clear(&words->own_zeek);
	words->free = dialects->free;
	dialects->free = words;
}

/* A pointer in @from (NULL: in a family) that led to something in @old leads to something in @home
 * now; who points to what lives in himself does not hold it. */
static void hold(DialectsObserver *dialects, const Words *from, Words *old, Words *home)
{
	if (home && home != from)
		home->holders++;
	if (old && old != from)
		let_go(dialects, old);
}

static void set_zeek(DialectsObserver *dialects, const Words *from, ZeekConnection **at,
		     ZeekConnection *zeek)
{
	ZeekConnection *old = *at;

	*at = zeek;
	hold(dialects, from, home_of_zeek(old), home_of_zeek(zeek));
}

static void set_stream(DialectsObserver *dialects, const Words *from, WiresharkStream **at,
		       WiresharkStream *stream)
{
	WiresharkStream *old = *at;

	*at = stream;
	hold(dialects, from, home_of_stream(old), home_of_stream(stream));
}

/* --- Families -------------------------------------------------------------------------------- */

static Family *family_of(DialectsObserver *dialects, Words *words)
{
	if (!words->family) {
		words->family = g_new0(Family, 1);
		words->family->members = 1;
		set_zeek(dialects, NULL, &words->family->zeek, words->zeek);
		set_stream(dialects, NULL, &words->family->stream, words->stream);
	}
	return words->family;
}

static void join_family(Words *words, Family *family)
{
	words->family = family;
	family->members++;
}

static void leave_family(DialectsObserver *dialects, Words *words)
{
	Family *family = g_steal_pointer(&words->family);

	if (!family || --family->members)
		return;
	set_zeek(dialects, NULL, &family->zeek, NULL);
	set_zeek(dialects, NULL, &family->syn_zeek, NULL);
	set_stream(dialects, NULL, &family->stream, NULL);
	set_stream(dialects, NULL, &family->syn_stream, NULL);
	g_free(family);
}

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
		g_hash_table_insert(
			dialects->late, GUINT_TO_POINTER(before->number),
			words_in(dialects, &before->slot, before->first_sender, &before->key));
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
	const Retired *retired = g_hash_table_size(dialects->retired)
					 ? g_hash_table_lookup(dialects->retired, &connection->key)
					 : NULL;

	slot->words = NULL;
	if (words) {
		leave_family(dialects, words);
		set_zeek(dialects, words, &words->zeek, NULL);
		set_stream(dialects, words, &words->stream, NULL);
		let_go(dialects, words);
	}
	if (g_hash_table_size(dialects->late))
		g_hash_table_remove(dialects->late, GUINT_TO_POINTER(connection->number));
	if (retired && retired->number == connection->number)
		g_hash_table_remove(dialects->retired, &connection->key);
}

/* Our connection has begun with the provisional SYN, which came as a segment of the one before. */
static void bind_to_syn(DialectsObserver *dialects, Words *words)
{
	const Family *family = words->family;

	set_zeek(dialects, words, &words->zeek, family->syn_zeek);
	set_stream(dialects, words, &words->stream, family->syn_stream);
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
	leave_family(dialects, words);
	join_family(words, family_of(dialects, before));
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
	const Segment *segment = event->segment;
	/* What is told late has no payload. */
	bool cut = event->frame && segment->ip_offset + segment->ip_length > event->frame->caplen;

	zeek_segment(zeek, event->sender, segment, cut);
}

/* A new one of Zeek's lives in our connection if that begins with the same segment, else by itself.
 */
static ZeekConnection *new_zeek(DialectsObserver *dialects, Words *words, const SegmentEvent *event)
{
	ZeekConnection *zeek = words->zeek ? &new_words(dialects)->own_zeek : &words->own_zeek;

	zeek_begin(zeek, event->sender, event->segment);
	return zeek;
}

static WiresharkStream *new_stream(DialectsObserver *dialects, Words *words,
				   const SegmentEvent *event)
{
	WiresharkStream *stream =
		words->stream ? &new_words(dialects)->own_stream : &words->own_stream;

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
		set_zeek(dialects, NULL, &family->zeek, new_zeek(dialects, words, event));
	take_zeek(family->zeek, event);
	if (wireshark_begins_anew(family->stream, event->sender, event->segment))
		set_stream(dialects, NULL, &family->stream, new_stream(dialects, words, event));
	else
		wireshark_segment(family->stream, event->sender, event->segment);
	if (!words->zeek) {
		set_zeek(dialects, words, &words->zeek, family->zeek);
		set_stream(dialects, words, &words->stream, family->stream);
	}
	if (provisional && provisional->frame == event->segment->frame) {
		set_zeek(dialects, NULL, &family->syn_zeek, family->zeek);
		set_stream(dialects, NULL, &family->syn_stream, family->stream);
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
	words = words_of(dialects, event->connection);
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
		family_of(dialects, words);
	}
	take_in_family(dialects, words, event);
}

Dialects dialects_of(const Observer *observer, const Connection *connection)
{
	const DialectsObserver *dialects = (const DialectsObserver *)observer;
	const Slot *slot = observer_slot(observer, (Connection *)connection);
	const Words *words = slot->words ? slot->words : late_words(dialects, connection);
	Dialects all;

	if (!words)
		words = &dialects->only_syn;

	all.conn_state = zeek_conn_state(words->zeek);
	all.history = zeek_history(words->zeek);
	all.completeness = words->stream->completeness;
	return all;
}

/* --- Life ------------------------------------------------------------------------------------ */

static void dialects_free(Observer *observer)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;

	for (unsigned at = 0; at < dialects->chunks->len; at++) {
		Words *chunk = dialects->chunks->pdata[at];
		bool last = at == dialects->chunks->len - 1;

		for (unsigned i = 0; i < (last ? dialects->used : WORDS_PER_CHUNK); i++) {
			zeek_clear(&chunk[i].own_zeek);
			if (chunk[i].family && !--chunk[i].family->members)
				g_free(chunk[i].family);
		}
	}
	g_ptr_array_unref(dialects->chunks);
	g_hash_table_unref(dialects->retired);
	g_hash_table_unref(dialects->late);
	g_free(dialects);
}

Observer *dialects_new(void)
{
	DialectsObserver *dialects = g_new0(DialectsObserver, 1);
	const FlowKey any = { .scope = 0 };

	dialects->retired = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
	dialects->late = g_hash_table_new(NULL, NULL);
	dialects->chunks = g_ptr_array_new_with_free_func(g_free);
	take_syn(&dialects->only_syn, 0, &any, 0);
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
