/* Fragments of 802.11 data frames until all of them are there. Knows IEEE 802.11 10.4 and 10.5;
 * knows nothing of what the frames carry. */
#ifndef WIRESTATE_DECODE_WIFI_FRAGMENTS_H
#define WIRESTATE_DECODE_WIFI_FRAGMENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/frame.h"

/* The most that is kept: frames, bytes of each, and how long. The oldest go first. */
#define WIFI_FRAGMENTS_FRAMES_MAX 64u
#define WIFI_FRAGMENTS_BYTES_MAX  12288u
#define WIFI_FRAGMENTS_TIME       (2 * NSTIME_SECOND)

/* The longest header: four addresses, QoS and HT control. */
#define WIFI_HEADER_MAX 36u

typedef struct WifiFragments WifiFragments;

/* One fragment, borrowed for the call. */
typedef struct {
	const uint8_t *header;  /* its 802.11 header, all of it captured */
	uint32_t header_length; /* at least 24, at most WIFI_HEADER_MAX */
	const uint8_t *data;    /* what is behind it, as far as it was captured */
	uint32_t captured;      /* bytes at @data */
	uint32_t length;        /* bytes that were on the wire, the check sequence not counted */
} WifiFragment;

/* Counts over the whole input. */
typedef struct {
	uint64_t frames;     /* put together */
	uint64_t incomplete; /* given up: what was missing did not come */
} WifiCounts;

WifiFragments *wifi_fragments_new(void);
void wifi_fragments_free(WifiFragments *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WifiFragments, wifi_fragments_free)

/* Whether the header at @header, of at least 24 bytes, is that of a fragment. */
bool wifi_is_fragment(const uint8_t *header);

/* Adds a fragment that is in @frame. Fragments are sent in order, and one that is not the next is
 * ignored if it is there already and ends what there is if it is not. */
void wifi_fragments_add(WifiFragments *table, const Frame *frame, const WifiFragment *fragment);

/* Whether the last one added made its frame complete: then @whole is made a plain 802.11 frame that
 * holds it, with number and time of the fragment that came last. What was not captured of a
 * fragment ends it. Valid until the next frame is complete. */
bool wifi_fragments_take(WifiFragments *table, Frame *whole);

/* The frame that was last taken. */
const Frame *wifi_fragments_frame(const WifiFragments *table);

/* The counts so far; frames that are not complete by now count as incomplete. */
WifiCounts wifi_fragments_counts(const WifiFragments *table);

#endif
