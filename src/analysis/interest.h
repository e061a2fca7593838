/* Which detectors want which events. Knows what each asked for at its registration; knows nothing
 * of what they do with it.
 *
 * Most segments say nothing to most detectors, so nobody is asked: a look at a table says who is to
 * be told. */
#ifndef WIRESTATE_ANALYSIS_INTEREST_H
#define WIRESTATE_ANALYSIS_INTEREST_H

#include <glib.h>

#include "analysis/event.h"

/* SegmentClass has fewer bits. */
#define INTEREST_CLASSES 32

/* A set of detectors is a bit for each, by its id. */
typedef struct {
	uint16_t flags[TH_ALL + 1];       /* who wants a segment with these flags */
	uint16_t class[INTEREST_CLASSES]; /* one with this SegmentClass bit */
	unsigned classes;                 /* the bits that anybody wants */
	uint16_t enter[TCP_STATE_COUNT];  /* a transition into this state */
	uint16_t leave[TCP_STATE_COUNT];  /* or out of it */
} Interest;

/* Enters what a detector wants, which has its id. */
void interest_add(Interest *interest, const Observer *detector);

/* Gives each observer's slot its place behind the analysis's own: those that get every segment have
 * the first, so that what a segment touches lies together. Returns the bytes of all. */
size_t interest_place_slots(const GPtrArray *detectors, const GPtrArray *reports);

/* Who wants the segment. */
static inline unsigned interest_segment(const Interest *interest, const SegmentEvent *event)
{
	unsigned who = connection_interest(event->connection)->watched |
		       interest->flags[event->segment->flags & TH_ALL];

	for (unsigned left = event->class & interest->classes; left; left &= left - 1)
		who |= interest->class[__builtin_ctz(left)];
	return who;
}

/* Who wants the transition. */
static inline unsigned interest_transition(const Interest *interest, const Transition *transition)
{
	return interest->enter[transition->to] | interest->leave[transition->from];
}

/* Takes the first of @who, which is not empty, out of it: detectors are told in the order of their
 * registration. */
static inline unsigned interest_next(unsigned *who)
{
	unsigned id = (unsigned)__builtin_ctz(*who);

	*who &= *who - 1;
	return id;
}

#endif
