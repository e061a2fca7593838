/* Which of a side's data Zeek has delivered, and the gaps that acknowledgements show. Knows
 * relative numbers; knows no flag. */
#include "base/seq.h"
#include "dialect/zeek-parts.h"

void zeek_clear(ZeekConnection *zeek)
{
	if (!zeek->extra)
		return;
	g_free(zeek->extra->history);
	g_free(zeek->extra->holes[0]);
	g_free(zeek->extra->holes[1]);
	g_free(g_steal_pointer(&zeek->extra));
}

static Ranges *holes_of(const ZeekConnection *zeek, unsigned end)
{
	return zeek->extra ? zeek->extra->holes[end] : NULL;
}

void zeek_data(ZeekConnection *zeek, unsigned sender, uint32_t relative, uint32_t length)
{
	ZeekEnd *end = &zeek->end[sender];
	uint32_t first = seq_max(relative, seq_max(end->ack - end->start, end->trimmed));
	uint32_t after = relative + length;
	Ranges *holes = holes_of(zeek, sender);

	if (!seq_lt(first, after))
		return;
	if (seq_leq(first, end->delivered)) {
		end->delivered = seq_max(end->delivered, after);
		if (holes)
			end->delivered = ranges_advance(holes, end->delivered);
		return;
	}
	if (!holes)
		holes = zeek_extra(zeek)->holes[sender] = g_new0(Ranges, 1);
	ranges_add(holes, first, after);
}

/* An end that was opened and, if at all, closed as it should be. */
static bool is_clean(const ZeekEnd *end)
{
	return end->state == ZEEK_ESTABLISHED ||
	       (end->state == ZEEK_CLOSED && end->before == ZEEK_ESTABLISHED);
}

/* Everything of @owner's up to @limit counts as delivered; each hole on the way is a gap. */
static void give_up(ZeekConnection *zeek, unsigned owner, uint32_t limit)
{
	ZeekEnd *end = &zeek->end[owner];
	Ranges *holes = holes_of(zeek, owner);
	bool clean = is_clean(end) && is_clean(&zeek->end[!owner]);

	while (seq_lt(end->delivered, limit)) {
		if (clean)
			zeek_write_counted(zeek, owner, 'G', &end->gaps);
		if (!holes || !holes->count || seq_geq(holes->range[0].left, limit))
			end->delivered = limit;
		else
			end->delivered = holes->range[0].left;
		if (holes)
			end->delivered = ranges_advance(holes, end->delivered);
	}
}

void zeek_acked(ZeekConnection *zeek, unsigned owner, uint32_t relative)
{
	ZeekEnd *end = &zeek->end[owner];

	/* The ACK of a FIN is one of the data before it. */
	if (end->fin_placed && seq_geq(relative, end->fin_end))
		relative = end->fin_end - 1;
	if (seq_leq(relative, end->trimmed))
		return;
	/* In mid-stream the first numbers are a guess: one may be missing, two after a keep-alive.
	 */
	if (!(zeek->partial && relative <= 2))
		give_up(zeek, owner, relative);
	end->trimmed = relative;
}
