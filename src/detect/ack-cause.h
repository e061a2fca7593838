/* Why a server sends its SYN-ACK again although its ACK has passed. Knows what speaks for which
 * cause; knows no connection. */
#ifndef WIRESTATE_DETECT_ACK_CAUSE_H
#define WIRESTATE_DETECT_ACK_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nstime.h"

/* What it may be: bits. */
typedef enum {
	ACK_CAUSE_PROXY = 1,    /* a device answers in the server's name */
	ACK_CAUSE_QUEUE = 2,    /* its accept queue is full */
	ACK_CAUSE_DEFERRED = 4, /* it accepts with the first data */
	ACK_CAUSE_LOSS = 8,     /* the ACK did not get there */
} AckCause;

/* What the capture has so far. */
typedef struct {
	NsTime wait;           /* from the first SYN-ACK to the first one that counts */
	unsigned count;        /* SYN-ACKs that crossing timers do not explain */
	unsigned repeats;      /* SYN-ACKs after the first, all of them */
	unsigned others;       /* other handshakes that the server ignored at that time */
	unsigned others_taken; /* and that it took, while it went on to ignore this one */
	unsigned asked;        /* that it took within the time in which it ignored any, with data
				  of the client before it said anything */
	uint8_t ttl;           /* of the first SYN-ACK; a hop limit for IPv6 */
	uint8_t ttl_again;     /* how far the TTL of a later SYN-ACK is from that */
	uint8_t ttl_of_others; /* and that of the server's first other segment */
	bool no_window;        /* it offered a window of 0 */
	bool data_ignored;     /* data of the client had passed before a SYN-ACK that counts, and
				  did not just cross it */
	bool data_at_once;     /* its first data came after them all, and were answered at once */
	bool only_silent;      /* nobody whom the server ignored had sent data or was asked twice */
	bool others_eager;     /* somebody else whom it ignored had, or was */
	bool speaks_first;     /* the server sends data to clients that have sent none */
	bool shown;            /* the server has sent something else since */
	bool rst;              /* and that is a RST that answers the client */
} AckEvidence;

/* What is thought of it. */
typedef struct {
	unsigned causes; /* of AckCause, those that are left: one at least */
	char why[320];   /* a sentence without its beginning and end, that names them */
} AckVerdict;

AckVerdict ack_cause_weigh(const AckEvidence *evidence);

#endif
