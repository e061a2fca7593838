/* Other tools' words for our connections. Knows which of their connections ours begins in; knows
 * none of their rules. */
#include "dialect/dialects.h"

#include <string.h>

#include "dialect/wireshark.h"
#include "dialect/zeek.h"

/* What all of our connections between the same endpoints have in common. Most pairs of endpoints
 * have one connection, and no family. */
typedef struct {
	ZeekConnection *zeek;        /* the one to which segments go */
	WiresharkStream *stream;     /* the same */
	ZeekConnection *syn_zeek;    /* that took the provisional SYN; NULL: there was none */
	WiresharkStream *syn_stream; /* the same */
} Family;

/* What is kept of a connection that is more than a SYN. */
typedef struct {
	ZeekConnection own_zeek;    /* used unless another one holds its first segment */
	WiresharkStream own_stream; /* the same */
	ZeekConnection *zeek;       /* that holds its first segment; NULL: that is still to come */
	WiresharkStream *stream;    /* the same */
	Family *family; /* NULL: it is alone, and what holds its first segment is present */
} Words;

/* In each of our connections. Of a flood most never become more than a SYN, which has one number
 * that matters. */
typedef struct {
	Words *words; /* NULL: nothing came but that SYN, or nothing at all */
	uint32_t syn; /* its number */
	bool has_syn; /* it came */
} Slot;

#define WORDS_PER_CHUNK 256

typedef struct {
	Observer observer;   /* first */
	GHashTable *retired; /* FlowKey of a connection that the table has forgotten */
	GPtrArray *chunks;   /* Words, WORDS_PER_CHUNK each; owned */
	unsigned used;       /* of the last chunk */
	Words only_syn;      /* of a connection that is no more than a SYN */
	GPtrArray *families; /* owned */
	GPtrArray *zeeks;    /* those that have no connection of ours to live in; owned */
	GPtrArray *streams;  /* the same */
	GPtrArray *grown;    /* ZeekConnection that own memory; wherever they live */
	uint64_t frame;      /* the last segment's */
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
	Words *chunk;

	if (dialects->used == WORDS_PER_CHUNK || !dialects->chunks->len) {
		g_ptr_array_add(dialects->chunks, g_new(Words, WORDS_PER_CHUNK));
		dialects->used = 0;
	}
	chunk = dialects->chunks->pdata[dialects->chunks->len - 1];
	memset(&chunk[dialects->used], 0, sizeof(Words));
	return &chunk[dialects->used++];
}

/* The words of a connection, made when there are none. */
static Words *words_of(DialectsObserver *dialects, Connection *connection)
{
	Slot *slot = observer_slot(&dialects->observer, connection);

	if (!slot->words) {
		slot->words = new_words(dialects);
		if (slot->has_syn)
			take_syn(slot->words, connection->first_sender, &connection->key,
				 slot->syn);
	}
	return slot->words;
}

/* --- Families -------------------------------------------------------------------------------- */

static Family *family_of(DialectsObserver *dialects, Words *words)
{
	if (!words->family) {
		words->family = g_new0(Family, 1);
		words->family->zeek = words->zeek;
		words->family->stream = words->stream;
		g_ptr_array_add(dialects->families, words->family);
	}
	return words->family;
}

/* The connection before between the same endpoints, if there was one. */
static Connection *relative_of(const DialectsObserver *dialects, const Connection *connection)
{
	FlowKey *key;

	if (connection->previous)
		return connection->previous;
	if (!g_hash_table_size(dialects->retired))
		return NULL;
	key = g_hash_table_lookup(dialects->retired, &connection->key);
	return key ? (Connection *)((char *)key - G_STRUCT_OFFSET(Connection, key)) : NULL;
}

/* The connection's memory goes: it is nobody's relative any more. */
static void forget(const DialectsObserver *dialects, const Connection *connection)
{
	if (g_hash_table_lookup(dialects->retired, &connection->key) == &connection->key)
		g_hash_table_remove(dialects->retired, &connection->key);
}

/* Our connection has begun with the provisional SYN, which came as a segment of the one before. */
static void bind_to_syn(Words *words)
{
	const Family *family = words->family;

	words->zeek = family->syn_zeek;
	words->stream = family->syn_stream;
}

static void on_connection(Observer *observer, Connection *connection, ConnectionPhase phase)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;
	Connection *relative;
	Words *words;

	if (phase == CONNECTION_RETIRED) {
		g_hash_table_add(dialects->retired, &connection->key);
		return;
	}
	if (phase == CONNECTION_EVICTED) {
		forget(dialects, connection);
		return;
	}
	relative = relative_of(dialects, connection);
	if (!relative)
		return;
	words = words_of(dialects, connection);
	words->family = family_of(dialects, words_of(dialects, relative));
	if (connection->report->first_frame <= dialects->frame)
		bind_to_syn(words);
}

/* --- Segments -------------------------------------------------------------------------------- */

static void take_zeek(DialectsObserver *dialects, ZeekConnection *zeek, const SegmentEvent *event)
{
	const Segment *segment = event->segment;
	bool cut = segment->ip_offset + segment->ip_length > event->frame->caplen;
	bool had_extra = zeek->extra;

	zeek_segment(zeek, event->sender, segment, cut);
	if (zeek->extra && !had_extra)
		g_ptr_array_add(dialects->grown, zeek);
}

/* A new one of Zeek's lives in our connection if that begins with the same segment, else by itself.
 */
static ZeekConnection *new_zeek(DialectsObserver *dialects, Words *words, const SegmentEvent *event)
{
	ZeekConnection *zeek = &words->own_zeek;

	if (words->zeek) {
		zeek = g_new(ZeekConnection, 1);
		g_ptr_array_add(dialects->zeeks, zeek);
	}
	zeek_begin(zeek, event->sender, event->segment);
	return zeek;
}

static WiresharkStream *new_stream(DialectsObserver *dialects, Words *words,
				   const SegmentEvent *event)
{
	WiresharkStream *stream = &words->own_stream;

	if (words->stream) {
		stream = g_new(WiresharkStream, 1);
		g_ptr_array_add(dialects->streams, stream);
	}
	wireshark_begin(stream, event->sender, event->segment, true);
	return stream;
}

/* The first segment of a connection that is alone. */
static void begin_alone(DialectsObserver *dialects, Words *words, const SegmentEvent *event)
{
	words->zeek = &words->own_zeek;
	words->stream = &words->own_stream;
	zeek_begin(words->zeek, event->sender, event->segment);
	take_zeek(dialects, words->zeek, event);
	wireshark_begin(words->stream, event->sender, event->segment, false);
}

static void take_in_family(DialectsObserver *dialects, Words *words, const SegmentEvent *event)
{
	Family *family = words->family;
	const Segment *provisional = event->connection->provisional;

	if (zeek_begins_anew(family->zeek, event->segment))
		family->zeek = new_zeek(dialects, words, event);
	take_zeek(dialects, family->zeek, event);
	if (wireshark_begins_anew(family->stream, event->sender, event->segment))
		family->stream = new_stream(dialects, words, event);
	else
		wireshark_segment(family->stream, event->sender, event->segment);
	if (!words->zeek) {
		words->zeek = family->zeek;
		words->stream = family->stream;
	}
	if (provisional && provisional->frame == event->segment->frame) {
		family->syn_zeek = family->zeek;
		family->syn_stream = family->stream;
	}
}

static void on_segment(Observer *observer, const SegmentEvent *event)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;
	Slot *slot = observer_slot(observer, event->connection);
	Words *words;

	dialects->frame = event->segment->frame;
	if (!slot->words && !slot->has_syn && is_only_syn(event->segment)) {
		slot->has_syn = true;
		slot->syn = event->segment->seq;
		return;
	}
	words = words_of(dialects, event->connection);
	if (!words->family) {
		if (!words->zeek) {
			begin_alone(dialects, words, event);
			return;
		}
		if (!event->connection->provisional &&
		    !zeek_begins_anew(words->zeek, event->segment) &&
		    !wireshark_begins_anew(words->stream, event->sender, event->segment)) {
			take_zeek(dialects, words->zeek, event);
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
	const Words *words = slot->words ? slot->words : &dialects->only_syn;
	Dialects all;

	community_id_format(all.community_id, connection->key.end);
	all.conn_state = zeek_conn_state(words->zeek);
	all.history = zeek_history(words->zeek);
	all.completeness = words->stream->completeness;
	return all;
}

/* --- Life ------------------------------------------------------------------------------------ */

static void dialects_free(Observer *observer)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;

	for (unsigned at = 0; at < dialects->grown->len; at++)
		zeek_clear(dialects->grown->pdata[at]);
	g_ptr_array_unref(dialects->grown);
	g_ptr_array_unref(dialects->chunks);
	g_ptr_array_unref(dialects->zeeks);
	g_ptr_array_unref(dialects->streams);
	g_ptr_array_unref(dialects->families);
	g_hash_table_unref(dialects->retired);
	g_free(dialects);
}

Observer *dialects_new(void)
{
	DialectsObserver *dialects = g_new0(DialectsObserver, 1);
	const FlowKey any = { .scope = 0 };

	dialects->retired = g_hash_table_new(key_hash, key_equal);
	dialects->chunks = g_ptr_array_new_with_free_func(g_free);
	take_syn(&dialects->only_syn, 0, &any, 0);
	dialects->families = g_ptr_array_new_with_free_func(g_free);
	dialects->zeeks = g_ptr_array_new_with_free_func(g_free);
	dialects->streams = g_ptr_array_new_with_free_func(g_free);
	dialects->grown = g_ptr_array_new();
	dialects->observer = (Observer){
		.slot_size = sizeof(Slot),
		/* Keys are pointed to as long as segments come. */
		.needs_connections = true,
		.segment = on_segment,
		.connection = on_connection,
		.free = dialects_free,
	};
	return &dialects->observer;
}
