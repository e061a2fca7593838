/* Zeek's history: a letter for each kind of segment in the order in which they came. Knows when a
 * letter is written again; knows no state. */
#include <string.h>

#include "dialect/zeek-parts.h"

static char *letters(ZeekConnection *zeek)
{
	return zeek->extra && zeek->extra->history ? zeek->extra->history : zeek->history;
}

const char *zeek_history(const ZeekConnection *zeek)
{
	return letters((ZeekConnection *)zeek);
}

ZeekExtra *zeek_extra(ZeekConnection *zeek)
{
	if (!zeek->extra)
		zeek->extra = g_new0(ZeekExtra, 1);
	return zeek->extra;
}

/* Makes room for one more letter; false when there are as many as are kept. */
static bool make_room(ZeekConnection *zeek)
{
	ZeekExtra *extra;

	if (zeek->length < ZEEK_HISTORY_INLINE)
		return true;
	if (zeek->length >= ZEEK_HISTORY_MAX)
		return false;
	extra = zeek_extra(zeek);
	if (zeek->length + 1u >= extra->room) {
		extra->room = MIN(2u * (zeek->length + 1u), ZEEK_HISTORY_MAX + 1u);
		if (extra->history) {
			extra->history = g_realloc(extra->history, extra->room);
		} else {
			extra->history = g_malloc(extra->room);
			memcpy(extra->history, zeek->history, sizeof(zeek->history));
		}
	}
	return true;
}

static void write_char(ZeekConnection *zeek, char c)
{
	char *at;

	if (!make_room(zeek))
		return;
	at = letters(zeek) + zeek->length++;
	at[0] = c;
	at[1] = '\0';
}

/* In the case of the side that sent it: lower for resp. */
static void write_letter(ZeekConnection *zeek, unsigned end, char letter)
{
	write_char(zeek, zeek_is_orig(zeek, end) ? letter : g_ascii_tolower(letter));
}

void zeek_flip(ZeekConnection *zeek)
{
	zeek->orig = !zeek->orig;
	zeek->spoke = (zeek->spoke & 1) << 1 | zeek->spoke >> 1;
	zeek->partial = false;
	write_char(zeek, '^');
}

/* Writes the letter unless that side has; returns whether it had (CheckHistory in Zeek's source).
 */
static bool write_once(ZeekConnection *zeek, unsigned end, unsigned bit, char letter)
{
	unsigned role = !zeek_is_orig(zeek, end);

	if (zeek->written[role] & bit)
		return true;
	zeek->written[role] |= bit;
	write_letter(zeek, end, letter);
	return false;
}

/* What has a number of its own is written again when that differs from the last of the kind. */
static void write_numbered(ZeekConnection *zeek, unsigned end, unsigned bit, char letter,
			   uint32_t number, uint32_t *last)
{
	if (write_once(zeek, end, bit, letter) && number != *last)
		write_letter(zeek, end, letter);
	*last = number;
}

void zeek_write_counted(ZeekConnection *zeek, unsigned end, char letter, uint32_t *counter)
{
	uint64_t power = 1;

	if (*counter == UINT32_MAX)
		return;
	++*counter;
	while (power < *counter)
		power *= 10;
	if (power == *counter)
		write_letter(zeek, end, letter);
}

/* A connection of which only a SYN-ACK was seen is turned round when somebody acknowledges or sends
 * data: who only scans with SYN-ACKs gets a RST or nothing. */
static void turn_round(ZeekConnection *zeek)
{
	if (zeek->length != 1 || zeek->history[0] != 'H')
		return;
	zeek_flip(zeek);
	memcpy(zeek->history, "^h", 3);
}

void zeek_write_segment(ZeekConnection *zeek, unsigned sender, const Segment *segment,
			uint32_t relative)
{
	ZeekEnd *end = &zeek->end[sender];
	unsigned flags = segment->flags & (TH_SYN | TH_FIN | TH_RST);
	unsigned bit = segment->payload ? WRITTEN_DATA : WRITTEN_ACK;

	switch (flags) {
	case 0:
		if ((zeek->written[!zeek_is_orig(zeek, sender)] & bit) ||
		    (bit == WRITTEN_ACK && !(segment->flags & TH_ACK)))
			break;
		turn_round(zeek);
		write_once(zeek, sender, bit, bit == WRITTEN_DATA ? 'D' : 'A');
		break;
	case TH_SYN:
		write_numbered(zeek, sender, WRITTEN_SYN, segment->flags & TH_ACK ? 'H' : 'S',
			       relative, &end->hist_syn);
		break;
	case TH_FIN:
		write_numbered(zeek, sender, WRITTEN_FIN, 'F', relative + segment->payload,
			       &end->hist_fin);
		break;
	case TH_RST:
		write_numbered(zeek, sender, WRITTEN_RST, 'R', relative, &end->hist_rst);
		break;
	default:
		if ((flags & (TH_FIN | TH_RST)) == (TH_FIN | TH_RST))
			write_once(zeek, sender, WRITTEN_FIN_RST, 'I');
		else
			write_once(zeek, sender, WRITTEN_MULTI, 'Q');
		break;
	}
}
