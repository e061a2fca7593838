/* Whether a segment can be an answer to what passed before it. Knows round trips from the tap;
 * moves no mark.
 *
 * What is on its way to a side when that side sends cannot be answered yet: it takes a round trip
 * from the tap. So only a segment that comes late enough, or that nothing else can have caused,
 * contradicts what was assumed. */
#ifndef WIRESTATE_FLOW_ANSWERS_H
#define WIRESTATE_FLOW_ANSWERS_H

#include "flow/connection.h"

/* Learns how long an answer from @sender takes to pass the tap. Who acknowledges all that its peer
 * has sent has received the last of it, so the time since that first passed is never shorter than
 * the round trip; the shortest one seen is kept. */
void answers_measure(Connection *connection, unsigned sender, const Segment *segment);

/* The same of a segment at @time that is known to be the first to acknowledge all. */
void answers_take(Connection *connection, unsigned sender, NsTime time);

/* Whether what was on its way to @end before @time may draw an ACK of nothing new that has not
 * passed yet. */
bool answers_are_due(const Connection *connection, unsigned end, NsTime time);

/* The bits SEGMENT_ANSWERS... of a segment; @given is what classify_segment() said of it. */
unsigned answers_classify(const Connection *connection, unsigned sender, const Segment *segment,
			  unsigned given);

#endif
