/* What is remembered of a connection for all detectors: which frames showed what, kept once and
 * small. Knows what passed; knows not what it means.
 *
 * Every connection has one, so it holds what may become evidence in an ordinary life and cannot be
 * read off the connection afterwards. What only an odd one needs is in the detectors' rare slots. A
 * frame is kept by its low 32 bits: those that passed lie behind the present one by less. */
#ifndef WIRESTATE_DETECT_RECALL_H
#define WIRESTATE_DETECT_RECALL_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"

/* What was raised of a connection and is not raised again. SIDES: two bits, one for each side. */
typedef enum {
	MARK_HANDSHAKE_KNOWN,        /* not raised, and first, as most have it: what became of the
				      * handshake; see scan.c */
	MARK_GAP,                    /* capture-gap */
	MARK_BAD_FLAGS,              /* bad-flags */
	MARK_HALF_CLOSED,            /* half-closed */
	MARK_STUCK_SIDES,            /* stuck-..., in its present state */
	MARK_FIN_AGAIN_SIDES = 6,    /* fin-retransmitted */
	MARK_AFTER_FIN_SIDES = 8,    /* data-after-fin */
	MARK_ICMP_SIDES = 10,        /* icmp-unreachable */
	MARK_RST_IGNORED_SIDES = 12, /* reset-ignored */
	MARK_RST_AFTER_SIDES = 14,   /* reset-after-close */
	MARK_CHALLENGE_SIDES = 16,   /* challenge-ack */
	MARK_FOREIGN = 18,           /* middlebox-reset */
	MARK_RACE,                   /* close-race */
	MARK_REFUSED,                /* connection-refused */
	MARK_SIMULTANEOUS_OPEN,      /* simultaneous-open */
	MARK_ACK_IGNORED,            /* handshake-ack-ignored */
	MARK_SYN_AGAIN_SIDES,        /* syn-retransmitted or syn-ack-retransmitted */
	MARK_PROBE = 25,             /* it was counted as a probe */
	MARK_SIMULTANEOUS_CLOSE,     /* simultaneous-close */
} RecallMark;

/* A frame as it is kept; 0: none. */
typedef uint32_t RecallFrame;

/* Per connection. */
typedef struct {
	uint32_t marks;         /* a bit for each RecallMark */
	uint32_t attempt;       /* attempts.c's: its number among them; 0: none */
	RecallFrame first;      /* its first segment, strays aside */
	RecallFrame last[2];    /* each side's last segment */
	RecallFrame entered[2]; /* at which each side came into its present state; a clock: none */
	RecallFrame fin[2];     /* each side's first FIN */
	/* A bit for each side, which has: */
	uint8_t synchronised : 2; /* sent something that is neither SYN nor RST */
	uint8_t payload : 2;      /* sent data with its last segment */
	uint8_t fin_outside : 2;  /* sent its first FIN far outside of the window, or with an old
				     timestamp: segment_is_foreign() */
	uint8_t odd; /* survey.c's: how it was begun with a segment that no TCP sends; 0: not so */
} Recall;

/* The first of all detectors to be made, and the last to be registered: others see what was before
 * the segment at hand. */
Observer *detect_recall_new(void);

/* What @recall, detect_recall_new()'s, keeps of the connection. */
static inline Recall *recall_of(const Observer *recall, const Connection *connection)
{
	return observer_slot(recall, (Connection *)connection);
}

/* The low bits of a frame's number. One in four billions is given another's. */
static inline RecallFrame recall_keep(uint64_t frame)
{
	return frame && !(uint32_t)frame ? 1 : (uint32_t)frame;
}

/* The number of a frame that was kept and is not later than @now; 0 for none. */
uint64_t recall_number(RecallFrame frame, uint64_t now);

/* The same, with the last frame that passed for now. */
uint64_t recall_frame(const Observer *recall, RecallFrame frame);

static inline bool recall_has(const Recall *recall, unsigned mark)
{
	return recall->marks >> mark & 1;
}

/* Sets the mark; returns whether that is new. */
static inline bool recall_mark(Recall *recall, unsigned mark)
{
	uint32_t bit = UINT32_C(1) << mark;
	bool first = !(recall->marks & bit);

	recall->marks |= bit;
	return first;
}

static inline void recall_unmark(Recall *recall, unsigned mark)
{
	recall->marks &= ~(UINT32_C(1) << mark);
}

#endif
