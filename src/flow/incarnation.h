/* Whether a segment belongs to the connection at hand, to the one before, or begins a new one.
 * Knows the numbers of both; moves nothing. */
#ifndef WIRESTATE_FLOW_INCARNATION_H
#define WIRESTATE_FLOW_INCARNATION_H

#include "flow/connection.h"

typedef enum {
	INCARNATION_SAME,     /* it is a segment of this connection */
	INCARNATION_PREVIOUS, /* a late segment of the connection before */
	INCARNATION_NEW, /* this one is over, or was never more than a SYN: a new connection begins
			    at once */
	INCARNATION_PROVISIONAL, /* a SYN on a live connection, or a SYN-ACK of a SYN that was not
				  * captured: a stray of it until somebody answers */
	INCARNATION_ANSWERED, /* the answer to the provisional SYN: the new connection is real, the
				 segment is its */
	INCARNATION_CLEARED,  /* a RST of this connection ends it and makes way for the provisional
				 SYN */
} IncarnationVerdict;

/* RFC 9293 3.10.7.4 and RFC 6191. @class is classify_segment()'s for this connection. */
IncarnationVerdict incarnation_judge(const Connection *connection, unsigned sender,
				     const Segment *segment, unsigned class);

#endif
