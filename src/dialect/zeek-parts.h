/* What the files about Zeek's words share: the history and the holes. Knows Zeek's letters; knows
 * no state machine. */
#ifndef WIRESTATE_DIALECT_ZEEK_PARTS_H
#define WIRESTATE_DIALECT_ZEEK_PARTS_H

#include <glib.h>

#include "dialect/zeek.h"
#include "tcp/ranges.h"

/* What each side has written, in ZeekConnection.written. S and H share a bit. */
enum {
	WRITTEN_SYN = 1 << 0,
	WRITTEN_FIN = 1 << 1,
	WRITTEN_RST = 1 << 2,
	WRITTEN_FIN_RST = 1 << 3,
	WRITTEN_DATA = 1 << 4,
	WRITTEN_ACK = 1 << 5,
	WRITTEN_MULTI = 1 << 6,
};

struct ZeekExtra {
	char *history;    /* the whole of it with its NUL; NULL: it fits. Owned */
	unsigned room;    /* bytes at @history */
	Ranges *holes[2]; /* relative numbers of each end's data beyond a hole; NULL: none. Owned */
};

/* The extra part, made when there is none. */
ZeekExtra *zeek_extra(ZeekConnection *zeek);

/* Whether that end is orig. */
static inline bool zeek_is_orig(const ZeekConnection *zeek, unsigned end)
{
	return end == zeek->orig;
}

/* The letters that are counted (T, W, G) are written at the 1st, 10th, 100th ... time. */
void zeek_write_counted(ZeekConnection *zeek, unsigned end, char letter, uint32_t *counter);

/* Writes what a segment's flags and payload say. @relative is its relative number. */
void zeek_write_segment(ZeekConnection *zeek, unsigned sender, const Segment *segment,
			uint32_t relative);

/* The roles change: ^. */
void zeek_flip(ZeekConnection *zeek);

/* Data of @sender at @relative: delivered, or kept beyond a hole. */
void zeek_data(ZeekConnection *zeek, unsigned sender, uint32_t relative, uint32_t length);

/* @relative of @owner's numbers was acknowledged: what was not delivered up to there is a gap. */
void zeek_acked(ZeekConnection *zeek, unsigned owner, uint32_t relative);

#endif
