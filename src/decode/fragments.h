/* Fragments of IP packets until all of them are there. Knows RFC 791 3.2 and RFC 8200 4.5; knows
 * nothing of what the packets carry. */
#ifndef WIRESTATE_DECODE_FRAGMENTS_H
#define WIRESTATE_DECODE_FRAGMENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "capture/frame.h"

/* The most that is kept: packets, bytes of all of them, and how long, as in Linux. The oldest go
 * first. */
#define FRAGMENTS_PACKETS_MAX 1024u
#define FRAGMENTS_BYTES_MAX   (4u << 20)
#define FRAGMENTS_TIME        (30 * NSTIME_SECOND)

/* The longest IP header with what stands before an IPv6 fragment header. */
#define FRAGMENTS_HEADER_MAX 320u

typedef struct FragmentTable FragmentTable;

/* What a fragment belongs to. No padding. */
typedef struct {
	Address src, dst; /* as in the header */
	uint32_t id;      /* its identification */
	uint32_t scope;   /* Segment.scope: the same addresses may be in several tunnels */
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* IPv4: what it carries; IPv6: 0 */
	uint8_t zero[2];  /* always 0 */
} FragmentKey;

/* One fragment, borrowed for the call. */
typedef struct {
	FragmentKey key;        /* its packet */
	const uint8_t *header;  /* the IP header, and what stands before IPv6's fragment header */
	uint32_t header_length; /* its bytes, all of them captured */
	uint32_t next_at;       /* IPv6: where in the header the number of the fragment header is */
	uint8_t next;           /* IPv6: what to put there instead */
	uint32_t offset;        /* of its data in the packet's, a multiple of 8 */
	uint32_t length;        /* bytes of data by its header */
	const uint8_t *data;    /* those of them that were captured */
	uint32_t captured;      /* how many these are */
	bool more;              /* it is not the last */
} Fragment;

/* Counts over the whole input. */
typedef struct {
	uint64_t packets;     /* put together */
	uint64_t incomplete;  /* given up: what was missing did not come, or lengths that lie */
	uint64_t overlapping; /* fragments with bytes that were there already, repetitions too */
} FragmentCounts;

FragmentTable *fragments_new(void);
void fragments_free(FragmentTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FragmentTable, fragments_free)

/* Adds a fragment that is in @frame. False when it makes no sense: its data would end behind the
 * longest packet, or it is not the last and no multiple of 8. */
bool fragments_add(FragmentTable *table, const Frame *frame, const Fragment *fragment);

/* Whether the last one added made its packet complete: then @packet is made a frame of raw IP that
 * holds it, with number and time of the fragment that came last. What was not captured of a
 * fragment ends it. Valid until the next packet is complete. */
bool fragments_take(FragmentTable *table, Frame *packet);

/* The packet that was last taken. */
const Frame *fragments_packet(const FragmentTable *table);

/* The counts so far; packets that are not complete by now count as incomplete. */
FragmentCounts fragments_counts(const FragmentTable *table);

#endif
