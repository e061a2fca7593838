/* A connection whose life so far is the regular one (RFC 9293 3.5, 3.6: SYN, SYN-ACK, ACK, data in
 * order, FIN, FIN, ACK), as its segments in few bytes each. Knows which segment is the next of such
 * a life, and what of it anybody reads later; knows nothing else that follows from it.
 *
 * Most connections of a capture are of this kind, and nobody ever asks for them. So the segments
 * are kept, behind the embryo that they began as (embryo.h), and the connection is made of them
 * when one comes that is anything else. Whether a segment is regular is decided strictly: what is
 * not needs no rule here. */
#ifndef WIRESTATE_FLOW_REGULAR_H
#define WIRESTATE_FLOW_REGULAR_H

#include <stddef.h>

#include "flow/embryo.h"

/* What a segment is in such a life. The client is who sent the SYN; who sends the first FIN closes.
 */
typedef enum {
	REGULAR_NOT,         /* it is not part of one */
	REGULAR_OPENS,       /* the client's ACK of the SYN-ACK */
	REGULAR_GOES_ON,     /* data in order, or an acknowledgement: changes no state */
	REGULAR_CLOSES,      /* the first FIN */
	REGULAR_FIN_ACKED,   /* its ACK alone */
	REGULAR_CLOSES_TOO,  /* the other FIN, behind that */
	REGULAR_CLOSES_BOTH, /* the other FIN, which itself acknowledges the first */
	REGULAR_ENDS,        /* its ACK */
} RegularStep;

/* How far it is: the step that led there. */
typedef enum {
	REGULAR_ANSWERED, /* SYN and SYN-ACK */
	REGULAR_OPEN,
	REGULAR_CLOSING,     /* one side has sent its FIN */
	REGULAR_HALF_CLOSED, /* and has its ACK */
	REGULAR_LAST_ACK,    /* so has the other */
	REGULAR_ENDED,       /* and has its ACK: one waits in TIME_WAIT */
} RegularPhase;

/* What has to be known of the life so far to judge the next segment. Of each side: [0] the client,
 * [1] the server. */
typedef struct {
	NsTime last; /* time of its last segment */
	union {
		uint32_t adv[2]; /* before that: right edge of the window that each has offered */
		NsTime waits;    /* from REGULAR_LAST_ACK on: when TIME_WAIT began */
	};
	uint32_t nxt[2];        /* the number that each sends next */
	uint32_t acked[2];      /* the acknowledgement that each sent last */
	uint32_t tsval[2];      /* RFC 7323 3.2: of each one's last segment; see timestamps */
	uint32_t base[2];       /* what that is beyond milliseconds of the same one's time */
	uint64_t frame;         /* its last segment's, which has 48 bits */
	uint16_t window[2];     /* of each one's last segment, as sent */
	uint16_t ip_id[2];      /* the same */
	uint8_t ttl[2];         /* the same */
	uint8_t shift[2];       /* RFC 7323 2.2: of each one's window */
	uint16_t options;       /* TCP_OPT_*, which its segments have; none has REGULAR_NONE */
	uint8_t phase;          /* RegularPhase */
	uint8_t client : 1;     /* which end of the key the client is */
	uint8_t closer : 1;     /* from REGULAR_CLOSING on: whose FIN was first, 1: the server's */
	uint8_t timestamps : 1; /* both SYNs had the option */
	uint8_t data : 1;       /* it has carried data */
	uint8_t fine : 1;       /* its SYNs were not a whole number of microseconds apart */
} RegularLife;

/* One SYN alone had timestamps or a window scale: nothing that follows is regular. */
#define REGULAR_NONE 0x100u

/* Bytes that a segment needs at most, with some that are written behind it. */
#define REGULAR_SEGMENT_MAX 40

/* Bytes that all may have, and with how many no more can follow: who sends more is better awake. */
#define REGULAR_KEPT_MAX 224
#define REGULAR_FULL     (REGULAR_KEPT_MAX - 32)

/* The life of an embryo that was answered. */
void regular_begin(RegularLife *life, const EmbryoHandshake *handshake);

/* What the segment, of the key's end @sender, is in this life. */
RegularStep regular_step(const RegularLife *life, unsigned sender, const Segment *segment);

/* Moves @life by a segment for which that gave @step. */
void regular_move(RegularLife *life, unsigned sender, const Segment *segment, RegularStep step);

/* What regular_add() has done. */
typedef struct {
	RegularStep step; /* what the segment is; REGULAR_NOT: nothing was done */
	unsigned size;    /* bytes that it took */
} RegularAdded;

/* Both, and puts the segment into @bytes, of which some behind it may be written, too. @cut: it has
 * data, which were not captured whole. */
RegularAdded regular_add(RegularLife *life, unsigned sender, const Segment *segment, bool cut,
			 uint8_t bytes[REGULAR_SEGMENT_MAX]);

/* Reads the segments that were put one behind the other. */
typedef struct {
	uint8_t bytes[REGULAR_KEPT_MAX + 8]; /* all of them, and some that are read with the last */
	const uint8_t *at, *end;             /* what is left */
	bool over;            /* after the last one a clock has ended it; the caller's to set */
	RegularLife life;     /* before it */
	Segment segment;      /* the last one read; what is not kept of it is zero */
	unsigned sender;      /* which end of the key sent that */
	bool cut;             /* and whether its data were not captured whole */
	const Embryo *embryo; /* whose life it is; borrowed */
} RegularReader;

/* @embryo stays there while it is read; one that was not answered has no segments. @bytes are
 * copied. */
void regular_read(RegularReader *reader, const Embryo *embryo, const uint8_t *bytes, size_t size);

/* The next one; false: there are no more. */
bool regular_next(RegularReader *reader);

#endif
