/* Fragments of 802.11 data frames until all of them are there. Knows IEEE 802.11 10.4 and 10.5;
 * knows nothing of what the frames carry.
 *
 * A fragment does not say where its bytes belong, only its number. But they are sent one behind the
 * other, each acknowledged before the next (10.5), so a capture that has them all has them in
 * order. */
#include "decode/wifi-fragments.h"

#include <pcap/dlt.h>
#include <string.h>

/* Receiver and transmitter, the sequence number, and the traffic identifier where there is one. */
#define KEY_LENGTH 15u

/* The first two bytes of the header (9.2.4.1). */
enum {
	FRAME_QOS = 0x80,
	FRAME_DS = 0x03, /* of the second byte: to and from the distribution system */
	FRAME_MORE = 0x04,
};

/* A frame of which the end is missing. */
typedef struct {
	uint8_t key[KEY_LENGTH]; /* whose fragments these are */
	uint8_t next;            /* the number of the fragment that is to come */
	bool cut;                /* some byte was not captured: what comes behind it is not kept */
	NsTime since;            /* when its first fragment came */
	uint32_t header_length;  /* of the first fragment's header */
	uint32_t captured;       /* bytes of data that are kept */
	uint32_t length;         /* and how many there were on the wire */
	uint8_t *bytes;          /* that header, then the data; owned */
} Part;

struct WifiFragments {
	Part parts[WIFI_FRAGMENTS_FRAMES_MAX]; /* the oldest first */
	unsigned count;                        /* how many there are */
	uint8_t *done;                         /* the frame that was complete last; owned */
	bool complete;                         /* the last fragment added completed @whole */
	Frame whole;                           /* the frame in @done */
	WifiCounts counts;                     /* see the header */
};

WifiFragments *wifi_fragments_new(void)
{
	return g_new0(WifiFragments, 1);
}

void wifi_fragments_free(WifiFragments *table)
{
	if (!table)
		return;
	for (unsigned i = 0; i < table->count; i++)
		g_free(table->parts[i].bytes);
	g_free(table->done);
	g_free(table);
}

bool wifi_is_fragment(const uint8_t *header)
{
	return header[1] & FRAME_MORE || header[22] & 15;
}

static void drop_part(WifiFragments *table, unsigned number)
{
	Part *part = &table->parts[number];

	g_free(part->bytes);
	table->count--;
	memmove(part, part + 1, (table->count - number) * sizeof(*part));
}

static void give_up(WifiFragments *table, unsigned number)
{
	drop_part(table, number);
	table->counts.incomplete++;
}

static void make_key(uint8_t key[static KEY_LENGTH], const uint8_t *header)
{
	uint32_t qos_at = (header[1] & FRAME_DS) == FRAME_DS ? 30 : 24;

	memcpy(key, header + 4, 12);
	key[12] = header[22] & 0xf0;
	key[13] = header[23];
	key[14] = header[0] & FRAME_QOS ? header[qos_at] & 15 : 16;
}

/* The number of a part for the first fragment of a frame. */
static unsigned begin_part(WifiFragments *table, const uint8_t *key, const WifiFragment *fragment,
			   NsTime now)
{
	Part *part;

	if (table->count == WIFI_FRAGMENTS_FRAMES_MAX)
		give_up(table, 0);
	part = &table->parts[table->count++];
	*part = (Part){ .since = now, .header_length = fragment->header_length };
	memcpy(part->key, key, KEY_LENGTH);
	part->bytes = g_malloc(WIFI_HEADER_MAX + WIFI_FRAGMENTS_BYTES_MAX);
	memcpy(part->bytes, fragment->header, fragment->header_length);
	/* The frame is whole again. */
	part->bytes[1] &= (uint8_t)~FRAME_MORE;
	return table->count - 1;
}

/* The number of the part with this key; @count when there is none. */
static unsigned find_part(WifiFragments *table, const uint8_t *key)
{
	unsigned number = 0;

	while (number < table->count && memcmp(table->parts[number].key, key, KEY_LENGTH) != 0)
		number++;
	return number;
}

static void append(Part *part, const WifiFragment *fragment)
{
	part->next++;
	part->length += fragment->length;
	if (part->cut)
		return;
	memcpy(part->bytes + part->header_length + part->captured, fragment->data,
	       fragment->captured);
	part->captured += fragment->captured;
	part->cut = fragment->captured < fragment->length;
}

static void finish_part(WifiFragments *table, unsigned number, const Frame *frame)
{
	Part *part = &table->parts[number];

	g_free(table->done);
	table->done = g_steal_pointer(&part->bytes);
	table->whole = *frame;
	table->whole.linktype = DLT_IEEE802_11;
	table->whole.data = table->done;
	table->whole.caplen = part->header_length + part->captured;
	table->whole.len = part->header_length + part->length;
	table->complete = true;
	table->counts.frames++;
	drop_part(table, number);
}

void wifi_fragments_add(WifiFragments *table, const Frame *frame, const WifiFragment *fragment)
{
	unsigned fragment_number = fragment->header[22] & 15, number;
	uint8_t key[KEY_LENGTH];
	Part *part;

	table->complete = false;
	while (table->count > 0 && frame->time - table->parts[0].since > WIFI_FRAGMENTS_TIME)
		give_up(table, 0);
	make_key(key, fragment->header);
	number = find_part(table, key);
	/* The same numbers again, from the beginning: a repetition while the second is to come,
	 * else another frame. */
	if (fragment_number == 0 && number < table->count && table->parts[number].next > 1) {
		give_up(table, number);
		number = table->count;
	}
	if (number == table->count) {
		if (fragment_number > 0)
			return;
		number = begin_part(table, key, fragment, frame->time);
	}
	part = &table->parts[number];
	if (fragment_number < part->next)
		return;
	if (fragment_number > part->next ||
	    fragment->length > WIFI_FRAGMENTS_BYTES_MAX - part->length) {
		give_up(table, number);
		return;
	}
	append(part, fragment);
	if (!(fragment->header[1] & FRAME_MORE))
		finish_part(table, number, frame);
}

bool wifi_fragments_take(WifiFragments *table, Frame *whole)
{
	if (!table->complete)
		return false;
	table->complete = false;
	*whole = table->whole;
	return true;
}

const Frame *wifi_fragments_frame(const WifiFragments *table)
{
	return &table->whole;
}

WifiCounts wifi_fragments_counts(const WifiFragments *table)
{
	WifiCounts counts = table->counts;

	counts.incomplete += table->count;
	return counts;
}
