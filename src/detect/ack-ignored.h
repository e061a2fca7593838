/* Servers that ignore the ACK of a handshake. Knows such handshakes and what comes after them; does
 * not know which SYN-ACKs count, see opening.c, nor what follows from it all, see ack-cause.c. */
#ifndef WIRESTATE_DETECT_ACK_IGNORED_H
#define WIRESTATE_DETECT_ACK_IGNORED_H

#include "analysis/analysis.h"

/* A handshake whose SYN-ACK came again although its ACK had passed. */
typedef struct {
	uint64_t syn_ack;    /* frame of the first SYN-ACK */
	uint64_t ack;        /* frame that acknowledged it */
	NsTime syn_ack_time; /* when the first SYN-ACK passed */
	NsTime ack_time;     /* when that ACK did */
	NsTime crossing;     /* what passed so long before a SYN-ACK or less may have crossed it */
	unsigned repeats;    /* SYN-ACKs since the first, all of them */
	uint8_t ttl;         /* of the first SYN-ACK */
	bool no_window;      /* it offered none */
} IgnoredAck;

/* Takes note of the segment at hand: a SYN-ACK that crossing timers do not explain. The first of a
 * connection raises handshake-ack-ignored; when the later ones, and all that comes after them,
 * speak for another cause, that is raised once more and takes the first back. @observer is
 * detect_ack_ignored_new()'s. */
void ack_ignored_note(Observer *observer, const SegmentEvent *event, const IgnoredAck *ignored);

#endif
