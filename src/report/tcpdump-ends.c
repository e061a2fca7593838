/* Both ends of a segment in numbers, as tcpdump -n prints them. Knows addresses and ports; knows no
 * names.
 *
 * Most segments are of connections that had one not long ago, and to copy a text takes a third of
 * the time of making it. So the last ones are kept, in a table of fixed size. */
#include <glib.h>

#include "report/tcpdump-parts.h"

/* Enough for the connections that are busy at a time, and small enough for the processor's cache.
 */
#define ENTRIES_LOG 9

/* A text, and whose it is; none while the version of an address is 0. */
typedef struct {
	Endpoint src, dst;        /* as in the segment */
	char text[LINE_ENDS_MAX]; /* without NUL */
	size_t length;            /* of the text */
} Entry;

struct LineEnds {
	Entry entries[1 << ENTRIES_LOG];
};

LineEnds *line_ends_new(void)
{
	return g_new0(LineEnds, 1);
}

void line_ends_free(LineEnds *ends)
{
	g_free(ends);
}

static inline uint64_t endpoint_sum(const Endpoint *end)
{
	uint64_t low, high;

	memcpy(&low, end->addr.bytes, 8);
	memcpy(&high, end->addr.bytes + 8, 8);
	return low + 3 * high + ((uint64_t)end->port << 40);
}

/* Who aims at one entry only makes it slower for himself. */
static inline Entry *entry_of(LineEnds *ends, const Segment *segment)
{
	uint64_t sum = endpoint_sum(&segment->src) + 5 * endpoint_sum(&segment->dst);

	return &ends->entries[sum * UINT64_C(0x9e3779b97f4a7c15) >> (64 - ENTRIES_LOG)];
}

static inline bool endpoint_equal(const Endpoint *a, const Endpoint *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static char *put_end(char *at, const Endpoint *end)
{
	at += address_format(at, &end->addr, end->version);
	*at++ = '.';
	return digits_put(at, end->port);
}

static void make_entry(Entry *entry, const Segment *segment)
{
	char *at = entry->text;

	entry->src = segment->src;
	entry->dst = segment->dst;
	at = put_end(at, &segment->src);
	at = put_text(at, " > ");
	at = put_end(at, &segment->dst);
	at = put_text(at, ": ");
	entry->length = (size_t)(at - entry->text);
}

char *line_ends_put(LineEnds *ends, char *at, const Segment *segment)
{
	Entry *entry = entry_of(ends, segment);

	if (!endpoint_equal(&entry->src, &segment->src) ||
	    !endpoint_equal(&entry->dst, &segment->dst))
		make_entry(entry, segment);
	memcpy(at, entry->text, sizeof(entry->text));
	return at + entry->length;
}
