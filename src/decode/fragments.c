/* Fragments of IP packets until all of them are there. Knows RFC 791 3.2 and RFC 8200 4.5; knows
 * nothing of what the packets carry.
 *
 * Bytes that come twice: the first copy counts in IPv4, where stacks differ; in IPv6 the packet is
 * abandoned, as RFC 8200 4.5 demands, unless the fragment is one that is there already. */
#include "decode/fragments.h"

#include <pcap/dlt.h>
#include <string.h>

#include "decode/cursor.h"

#define BUCKETS 1024u

/* The longest that offsets can reach is less (RFC 791 3.1); data is kept in units of 8 bytes. */
#define DATA_MAX   65535u
#define UNITS_MAX  8192u
#define UNIT_WORDS (UNITS_MAX / 64)

typedef struct Packet Packet;

/* A packet of which something is missing. */
struct Packet {
	FragmentKey key;            /* see above */
	Packet *chain;              /* the next in its bucket */
	Packet *older, *newer;      /* by when the first fragment came */
	NsTime since;               /* when that was */
	uint64_t here[UNIT_WORDS];  /* units that have come */
	uint64_t known[UNIT_WORDS]; /* those whose bytes were captured, too */
	uint32_t units;             /* how many have come */
	uint32_t length;            /* bytes of data; valid if @has_last */
	uint32_t end;               /* behind the last byte that has come */
	bool has_first, has_last;   /* the first and the last fragment have come */
	bool abandoned;             /* it makes no sense: later fragments of it are ignored */
	uint32_t header_length;     /* of the first fragment's header; valid if @has_first */
	uint32_t room;              /* bytes at @bytes */
	uint8_t *bytes; /* FRAGMENTS_HEADER_MAX bytes whose end is the header, then the data */
};

G_STATIC_ASSERT(sizeof(FragmentKey) == 44);

struct FragmentTable {
	Packet *buckets[BUCKETS];
	Packet *oldest, *newest; /* the ends of the queue */
	unsigned packets;        /* in the table */
	uint64_t bytes;          /* at Packet.bytes of all of them */
	uint32_t seed;           /* so that a crafted capture cannot aim at one bucket */
	uint8_t *done;           /* bytes of the packet that was complete last; owned */
	bool complete;           /* the last fragment added completed @packet */
	Frame packet;            /* the packet in @done */
	FragmentCounts counts;   /* see the header */
};

FragmentTable *fragments_new(void)
{
	FragmentTable *table = g_new0(FragmentTable, 1);

	table->seed = g_random_int();
	return table;
}

static unsigned bucket_of(const FragmentTable *table, const FragmentKey *key)
{
	uint32_t words[sizeof(*key) / 4];
	uint64_t hash = table->seed;

	memcpy(words, key, sizeof(*key));
	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return (unsigned)(hash >> 32) % BUCKETS;
}

/* Takes a packet out of bucket and queue; it is the caller's then. */
static void unlink_packet(FragmentTable *table, Packet *packet)
{
	Packet **at = &table->buckets[bucket_of(table, &packet->key)];

	while (*at != packet)
		at = &(*at)->chain;
	*at = packet->chain;
	*(packet->older ? &packet->older->newer : &table->oldest) = packet->newer;
	*(packet->newer ? &packet->newer->older : &table->newest) = packet->older;
	table->packets--;
	table->bytes -= packet->room;
}

static void give_up(FragmentTable *table, Packet *packet)
{
	unlink_packet(table, packet);
	table->counts.incomplete++;
	g_free(packet->bytes);
	g_free(packet);
}

void fragments_free(FragmentTable *table)
{
	if (!table)
		return;
	while (table->oldest)
		give_up(table, table->oldest);
	g_free(table->done);
	g_free(table);
}

static Packet *find_packet(FragmentTable *table, const FragmentKey *key, NsTime now)
{
	unsigned bucket = bucket_of(table, key);
	Packet *packet;

	while (table->oldest && now - table->oldest->since > FRAGMENTS_TIME)
		give_up(table, table->oldest);
	for (packet = table->buckets[bucket]; packet; packet = packet->chain) {
		if (memcmp(&packet->key, key, sizeof(*key)) == 0)
			return packet;
	}
	if (table->packets == FRAGMENTS_PACKETS_MAX)
		give_up(table, table->oldest);
	packet = g_new0(Packet, 1);
	packet->key = *key;
	packet->since = now;
	packet->chain = table->buckets[bucket];
	table->buckets[bucket] = packet;
	packet->older = table->newest;
	*(table->newest ? &table->newest->newer : &table->oldest) = packet;
	table->newest = packet;
	table->packets++;
	return packet;
}

/* Room for @end bytes of data, at the cost of older packets. */
static void make_room(FragmentTable *table, Packet *packet, uint32_t end)
{
	uint32_t room = FRAGMENTS_HEADER_MAX + end;

	if (room <= packet->room)
		return;
	room = MIN(room * 2, FRAGMENTS_HEADER_MAX + DATA_MAX + 8);
	packet->bytes = g_realloc(packet->bytes, room);
	table->bytes += room - packet->room;
	packet->room = room;
	while (table->bytes > FRAGMENTS_BYTES_MAX && table->oldest != packet)
		give_up(table, table->oldest);
}

static bool bit_get(const uint64_t *bits, uint32_t at)
{
	return bits[at / 64] >> at % 64 & 1;
}

static void bit_set(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= UINT64_C(1) << at % 64;
}

/* Copies the units of a fragment that are not there yet. Returns how many were there. */
static uint32_t take_data(Packet *packet, const Fragment *fragment)
{
	uint32_t repeated = 0;

	for (uint32_t at = 0; at < fragment->length; at += 8) {
		uint32_t unit = (fragment->offset + at) / 8;
		uint32_t count = MIN(fragment->length - at, 8);

		if (bit_get(packet->here, unit)) {
			repeated++;
			continue;
		}
		bit_set(packet->here, unit);
		packet->units++;
		if (fragment->captured < at + count)
			continue;
		bit_set(packet->known, unit);
		memcpy(packet->bytes + FRAGMENTS_HEADER_MAX + fragment->offset + at,
		       fragment->data + at, count);
	}
	return repeated;
}

static void take_header(Packet *packet, const Fragment *fragment)
{
	uint8_t *header = packet->bytes + FRAGMENTS_HEADER_MAX - fragment->header_length;

	memcpy(header, fragment->header, fragment->header_length);
	if (packet->key.version == 6)
		header[fragment->next_at] = fragment->next;
	packet->header_length = fragment->header_length;
	packet->has_first = true;
}

/* The header as it was before the packet was cut up. */
static void mend_header(Packet *packet)
{
	uint8_t *header = packet->bytes + FRAGMENTS_HEADER_MAX - packet->header_length;
	bool v4 = packet->key.version == 4;
	uint32_t length = packet->length + packet->header_length - (v4 ? 0 : 40);
	uint8_t *field = header + (v4 ? 2 : 4);
	uint32_t sum = 0;

	field[0] = (uint8_t)(length >> 8);
	field[1] = (uint8_t)length;
	if (!v4)
		return;
	header[6] &= 0xc0;
	header[7] = 0;
	header[10] = header[11] = 0;
	for (uint32_t at = 0; at < packet->header_length; at += 2)
		sum += load_u16(header + at);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

/* All of it has come: its bytes are handed on. */
static void finish_packet(FragmentTable *table, const Frame *frame, Packet *packet)
{
	uint32_t known = 0;

	mend_header(packet);
	while (known < packet->units && bit_get(packet->known, known))
		known++;
	unlink_packet(table, packet);
	g_free(table->done);
	table->done = packet->bytes;
	table->packet = *frame;
	table->packet.linktype = DLT_RAW;
	table->packet.data = table->done + FRAGMENTS_HEADER_MAX - packet->header_length;
	table->packet.len = packet->header_length + packet->length;
	table->packet.caplen = packet->header_length + MIN(known * 8, packet->length);
	table->complete = true;
	table->counts.packets++;
	g_free(packet);
}

/* What cannot be: an end before bytes that have come, or two of them; a packet too long for its
 * length field, which counts the first one's header, whenever that comes. */
static bool contradicts(const Packet *packet, const Fragment *fragment)
{
	uint32_t end = fragment->offset + fragment->length;
	uint32_t header = packet->has_first ? packet->header_length : fragment->header_length;
	uint32_t counted = packet->key.version == 4 ? header : header - 40;

	return (packet->has_last && end > packet->length) ||
	       (!fragment->more && (packet->end > end || packet->has_last) &&
		!(packet->has_last && packet->length == end)) ||
	       MAX(end, packet->end) + counted > 65535;
}

bool fragments_add(FragmentTable *table, const Frame *frame, const Fragment *fragment)
{
	uint32_t end = fragment->offset + fragment->length;
	uint32_t repeated;
	Packet *packet;

	table->complete = false;
	if (end > DATA_MAX || fragment->header_length > FRAGMENTS_HEADER_MAX ||
	    fragment->length == 0 || (fragment->more && fragment->length % 8 != 0))
		return false;
	packet = find_packet(table, &fragment->key, frame->time);
	if (packet->abandoned)
		return true;
	if (contradicts(packet, fragment)) {
		packet->abandoned = true;
		return true;
	}
	make_room(table, packet, end);
	repeated = take_data(packet, fragment);
	if (repeated > 0) {
		table->counts.overlapping++;
		packet->abandoned =
			packet->key.version == 6 && repeated < (fragment->length + 7) / 8;
	}
	if (fragment->offset == 0 && !packet->has_first)
		take_header(packet, fragment);
	packet->end = MAX(packet->end, end);
	if (!fragment->more) {
		packet->has_last = true;
		packet->length = end;
	}
	if (!packet->abandoned && packet->has_first && packet->has_last &&
	    packet->units == (packet->length + 7) / 8)
		finish_packet(table, frame, packet);
	return true;
}

bool fragments_take(FragmentTable *table, Frame *packet)
{
	if (!table->complete)
		return false;
	table->complete = false;
	*packet = table->packet;
	return true;
}

const Frame *fragments_packet(const FragmentTable *table)
{
	return &table->packet;
}

FragmentCounts fragments_counts(const FragmentTable *table)
{
	FragmentCounts counts = table->counts;

	counts.incomplete += table->packets;
	return counts;
}
