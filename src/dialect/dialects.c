/* Other tools' words for our connections. Knows which of their connections ours begins in; knows
 * none of their rules. */
#include "dialect/dialects.h"

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

/* In each of our connections. */
typedef struct {
	ZeekConnection own_zeek;    /* used unless another one holds its first segment */
	WiresharkStream own_stream; /* the same */
	ZeekConnection *zeek;       /* that holds its first segment; NULL: that is still to come */
	WiresharkStream *stream;    /* the same */
	Family *family; /* NULL: it is alone, and what holds its first segment is present */
} Slot;

typedef struct {
	Observer observer;   /* first */
	GHashTable *retired; /* FlowKey of a connection that the table has forgotten */
	GPtrArray *families; /* owned */
	GPtrArray *zeeks;    /* those that have no connection of ours to live in; owned */
	GPtrArray *streams;  /* the same */
	GPtrArray *grown;    /* ZeekConnection that own memory; wherever they live */
	GChecksum *sha1;     /* for the community ids */
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

/* --- Families -------------------------------------------------------------------------------- */

static Family *family_of(DialectsObserver *dialects, Slot *slot)
{
	if (!slot->family) {
		slot->family = g_new0(Family, 1);
		slot->family->zeek = slot->zeek;
		slot->family->stream = slot->stream;
		g_ptr_array_add(dialects->families, slot->family);
	}
	return slot->family;
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

/* Our connection has begun with the provisional SYN, which came as a segment of the one before. */
static void bind_to_syn(Slot *slot)
{
	const Family *family = slot->family;

	slot->zeek = family->syn_zeek;
	slot->stream = family->syn_stream;
}

static void on_connection(Observer *observer, Connection *connection, ConnectionPhase phase)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;
	Slot *slot = observer_slot(observer, connection);
	Connection *relative;

	if (phase == CONNECTION_RETIRED) {
		g_hash_table_add(dialects->retired, &connection->key);
		return;
	}
	relative = relative_of(dialects, connection);
	if (!relative)
		return;
	slot->family = family_of(dialects, observer_slot(observer, relative));
	if (connection->report->first_frame <= dialects->frame)
		bind_to_syn(slot);
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
static ZeekConnection *new_zeek(DialectsObserver *dialects, Slot *slot, const SegmentEvent *event)
{
	ZeekConnection *zeek = &slot->own_zeek;

	if (slot->zeek) {
		zeek = g_new(ZeekConnection, 1);
		g_ptr_array_add(dialects->zeeks, zeek);
	}
	zeek_begin(zeek, event->sender, event->segment);
	return zeek;
}

static WiresharkStream *new_stream(DialectsObserver *dialects, Slot *slot,
				   const SegmentEvent *event)
{
	WiresharkStream *stream = &slot->own_stream;

	if (slot->stream) {
		stream = g_new(WiresharkStream, 1);
		g_ptr_array_add(dialects->streams, stream);
	}
	wireshark_begin(stream, event->sender, event->segment, true);
	return stream;
}

/* The first segment of a connection that is alone. */
static void begin_alone(DialectsObserver *dialects, Slot *slot, const SegmentEvent *event)
{
	slot->zeek = &slot->own_zeek;
	slot->stream = &slot->own_stream;
	zeek_begin(slot->zeek, event->sender, event->segment);
	take_zeek(dialects, slot->zeek, event);
	wireshark_begin(slot->stream, event->sender, event->segment, false);
}

static void take_in_family(DialectsObserver *dialects, Slot *slot, const SegmentEvent *event)
{
	Family *family = slot->family;
	const Segment *provisional = event->connection->provisional;

	if (zeek_begins_anew(family->zeek, event->segment))
		family->zeek = new_zeek(dialects, slot, event);
	take_zeek(dialects, family->zeek, event);
	if (wireshark_begins_anew(family->stream, event->sender, event->segment))
		family->stream = new_stream(dialects, slot, event);
	else
		wireshark_segment(family->stream, event->sender, event->segment);
	if (!slot->zeek) {
		slot->zeek = family->zeek;
		slot->stream = family->stream;
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

	dialects->frame = event->segment->frame;
	if (!slot->family) {
		if (!slot->zeek) {
			begin_alone(dialects, slot, event);
			return;
		}
		if (!event->connection->provisional &&
		    !zeek_begins_anew(slot->zeek, event->segment) &&
		    !wireshark_begins_anew(slot->stream, event->sender, event->segment)) {
			take_zeek(dialects, slot->zeek, event);
			wireshark_segment(slot->stream, event->sender, event->segment);
			return;
		}
		family_of(dialects, slot);
	}
	take_in_family(dialects, slot, event);
}

Dialects dialects_of(const Observer *observer, const Connection *connection)
{
	const DialectsObserver *dialects = (const DialectsObserver *)observer;
	Slot *slot = observer_slot(observer, (Connection *)connection);
	Dialects words;

	community_id_format(words.community_id, dialects->sha1, connection->key.end);
	words.conn_state = zeek_conn_state(slot->zeek);
	words.history = zeek_history(slot->zeek);
	words.completeness = slot->stream->completeness;
	return words;
}

/* --- Life ------------------------------------------------------------------------------------ */

static void dialects_free(Observer *observer)
{
	DialectsObserver *dialects = (DialectsObserver *)observer;

	for (unsigned at = 0; at < dialects->grown->len; at++)
		zeek_clear(dialects->grown->pdata[at]);
	g_ptr_array_unref(dialects->grown);
	g_ptr_array_unref(dialects->zeeks);
	g_ptr_array_unref(dialects->streams);
	g_ptr_array_unref(dialects->families);
	g_hash_table_unref(dialects->retired);
	g_checksum_free(dialects->sha1);
	g_free(dialects);
}

Observer *dialects_new(void)
{
	DialectsObserver *dialects = g_new0(DialectsObserver, 1);

	dialects->retired = g_hash_table_new(key_hash, key_equal);
	dialects->families = g_ptr_array_new_with_free_func(g_free);
	dialects->zeeks = g_ptr_array_new_with_free_func(g_free);
	dialects->streams = g_ptr_array_new_with_free_func(g_free);
	dialects->grown = g_ptr_array_new();
	dialects->sha1 = g_checksum_new(G_CHECKSUM_SHA1);
	dialects->observer = (Observer){
		.slot_size = sizeof(Slot),
		/* Slots and keys are pointed to as long as segments come. */
		.needs_connections = true,
		.segment = on_segment,
		.connection = on_connection,
		.free = dialects_free,
	};
	return &dialects->observer;
}
