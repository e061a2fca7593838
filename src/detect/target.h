/* An endpoint that handshakes are begun with. Knows how many of them failed and how many were
 * completed, when that makes a flood, and how a flood is told; knows no connection. */
#ifndef WIRESTATE_DETECT_TARGET_H
#define WIRESTATE_DETECT_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "detect/sources.h"
#include "flow/recent.h"

/* Seconds over which handshakes are counted. */
#define TARGET_WINDOW 10

/* When a handshake is judged, after its SYN: before that or its answer is repeated. */
#define TARGET_JUDGED_AFTER (900 * NSTIME_MILLISECOND)

/* How long after it was noticed a flood is reported, if it still is one. */
#define TARGET_RAISED_AFTER (1 * NSTIME_SECOND)

/* The last floods whose times are remembered: what they did to connections is seen later. */
#define TARGET_FLOODS 2

/* A flood. */
typedef struct {
	bool noticed;       /* the rest is valid */
	NsTime from, until; /* handshakes begun in between belong to it */
} TargetFlood;

/* An endpoint; all zero at first but for its entry. */
typedef struct {
	RecentEntry entry; /* first: its key is the endpoint in end[0], the rest is zero */
	bool begun;        /* the next two are valid */
	NsTime second;     /* the second that is counted now, from the epoch */
	NsTime ends;       /* when it is over, or what was counted has to be looked at again */
	unsigned failed[TARGET_WINDOW];      /* handshakes judged as failed, by second */
	unsigned completed[TARGET_WINDOW];   /* handshakes completed, by second */
	bool flooded;                        /* now */
	bool raised;                         /* and it was said */
	NsTime noticed;                      /* when it began to be so */
	TargetFlood floods[TARGET_FLOODS];   /* the present or last one first */
	unsigned raised_at;                  /* failed handshakes when it was raised */
	unsigned total;                      /* failed handshakes since it began to be noticed */
	Sources sources;                     /* where these came from */
	uint64_t frames[ANOMALY_FRAMES_MAX]; /* SYNs of the first ones; from @shown on 0 */
	unsigned shown;                      /* how many these are */
} Target;

/* A handshake with the endpoint. */
typedef struct {
	NsTime begun, judged;  /* when it began, and when it was judged, or is */
	uint64_t frame;        /* of its SYN */
	const Address *source; /* where that came from; borrowed */
} TargetHandshake;

/* Moves the window on to the second of @now; comes before all that follows. What ends with it is
 * told. */
void target_move_on(Analysis *analysis, Target *target, NsTime now);

static inline void target_advance(Analysis *analysis, Target *target, NsTime now)
{
	if (!target->begun || now >= target->ends)
		target_move_on(analysis, target, now);
}

/* Whether any handshake failed within the window. */
bool target_has_failed(const Target *target);

/* Whether any was completed within it. */
bool target_has_completed(const Target *target);

/* One is judged as failed. Where times run backwards that was due before @now; at the latest now.
 */
void target_fail(Target *target, const TargetHandshake *handshake, NsTime now);

/* One that was judged as failed had not. */
void target_take_back(Target *target, const TargetHandshake *handshake);

/* One was completed. */
void target_complete(Target *target);

/* Says that a flood is on when it lasts, or when the capture ends (@last), and takes it back when
 * it does not. */
void target_review(Analysis *analysis, Target *target, NsTime now, bool last);

/* The flood is over, or the capture is. */
void target_end_flood(Analysis *analysis, Target *target, NsTime now);

/* Whether a handshake that was begun at @first belongs to a flood. */
bool target_was_flooded(const Target *target, NsTime first);

#endif
