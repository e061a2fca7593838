/* What a segment is to the two sides: new, again, a keep-alive, outside the window. Knows the marks
 * before the segment moves them; moves none. Detectors use these bits and do no sequence arithmetic
 * of their own. */
#ifndef WIRESTATE_TCP_CLASSIFY_H
#define WIRESTATE_TCP_CLASSIFY_H

#include "decode/segment.h"
#include "tcp/side.h"

typedef enum {
	SEGMENT_NEW = 1 << 0,   /* takes up numbers that its sender had not used before */
	SEGMENT_AGAIN = 1 << 1, /* takes up only numbers that its sender had used: a repetition */
	SEGMENT_FIRST = 1 << 2, /* the first that was captured of its sender */
	SEGMENT_KEEP_ALIVE = 1 << 3,    /* RFC 9293 3.8.4: one below the next number, no data or one
					   old byte, all acknowledged */
	SEGMENT_BARE_ACK = 1 << 4,      /* takes up no numbers, is no RST */
	SEGMENT_DUPLICATE_ACK = 1 << 5, /* a bare ACK at its sender's next number that acknowledges
					   nothing new, same window */
	SEGMENT_BEYOND_HOLE =
		1 << 6,         /* bytes before it have not passed on their way to the receiver */
	SEGMENT_SKIPS = 1 << 7, /* begins beyond everything its sender was seen to send */
	SEGMENT_OLD = 1 << 8,   /* ends below what the receiver has acknowledged: RFC 9293 3.10.7.4
				   drops it */
	SEGMENT_OUTSIDE = 1 << 9, /* begins or ends beyond the window that the receiver offered:
				     dropped, answered with an ACK */
	SEGMENT_PAWS = 1 << 10, /* RFC 7323 5.3: its timestamp is older than the last one in order:
				   dropped */
	SEGMENT_ACK_UNSEEN = 1 << 11, /* acknowledges bytes that did not pass the tap */
	SEGMENT_ACK_BAD = 1 << 12, /* its acknowledgement is unacceptable to a receiver in SYN_SENT
				      or SYN_RCVD */
	SEGMENT_SYN_AGAIN = 1 << 13,   /* the same SYN or SYN-ACK once more */
	SEGMENT_SYN_OTHER = 1 << 14,   /* a SYN with another number from a side that has sent one */
	SEGMENT_FIN_AGAIN = 1 << 15,   /* the same FIN once more */
	SEGMENT_AFTER_FIN = 1 << 16,   /* data beyond its sender's FIN */
	SEGMENT_TO_CLOSED = 1 << 17,   /* its receiver is CLOSED: nobody is there to take it */
	SEGMENT_RST_CLOSES = 1 << 18,  /* a RST that its receiver has to believe: RFC 5961 3.2 */
	SEGMENT_RST_IGNORED = 1 << 19, /* a RST that its receiver has to ignore or challenge */
	SEGMENT_RST_ANSWERS =
		1 << 20, /* a RST without ACK at the number its peer just acknowledged, from
			  * SYN_SENT or SYN_RCVD: it answers a bad segment and ends neither */
	SEGMENT_SIMULTANEOUS = 1 << 21, /* a SYN that crosses the peer's SYN */
	SEGMENT_FAST_OPEN = 1 << 22,    /* RFC 7413: data in the SYN */
	SEGMENT_WINDOW_PROBE =
		1 << 23, /* RFC 9293 3.8.6.1: no data or one byte against a closed window */
	SEGMENT_ANSWERS = 1 << 24, /* set by connection_segment(): it left its sender late enough to
				    * be an answer to what last changed the sender's state */
	SEGMENT_STRAY = 1 << 25, /* set by the analysis: of an earlier incarnation, or a SYN that is
				    provisional */
	SEGMENT_ANSWERS_TEXT =
		1 << 26, /* the same, and an answer to the last bytes that passed on their way to
			  * its sender: what it does not acknowledge has not arrived */
	SEGMENT_ANSWERS_ACK =
		1 << 27, /* the same, and an answer to the last segment that passed on its way to
			  * its sender: what it sends again has not been acknowledged */
	SEGMENT_SYN_LATE = 1 << 28, /* a SYN or SYN-ACK that passes the tap behind the segment that
				       acknowledges it, or behind a RST of its own sender */
	SEGMENT_NO_ACK = 1 << 29,   /* neither SYN nor RST, and without ACK: RFC 9293 3.10.7.4 drops
				       it, and nobody sends it */
	SEGMENT_GOES_ON = 1 << 30,  /* begins exactly where what was captured of its sender ended,
				       though more is acknowledged */
} SegmentClass;

/* Computed once from the marks before they move; the bits say nothing about time. */
unsigned classify_segment(const TcpSide *sender, const TcpSide *receiver, const Segment *segment);

/* Whether a segment of that class, which is no RST, is not its sender's own, as far as can be told:
 * it moves no mark of it. */
bool segment_is_foreign(const Segment *segment, unsigned class);

#endif
