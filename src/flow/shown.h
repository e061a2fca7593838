/* A connection as readers see it, from the segments of a regular life. Knows what follows from such
 * a life; moves nothing that a segment or a clock could go on from. */
#ifndef WIRESTATE_FLOW_SHOWN_H
#define WIRESTATE_FLOW_SHOWN_H

#include "flow/connection.h"
#include "flow/regular.h"

/* To make a connection that goes on of its segments costs a thousand instructions for each, and
 * most are only asked how they stand. So that is read off the life: times, counts, states, how it
 * opened and closed, and of the marks those that say what is proven. Each scenario and the fuzz
 * target hold it against the long way. */

/* @connection, which is new, as it stands after the SYN, and the SYN-ACK if there was one. */
void shown_begin(Connection *connection, const Embryo *embryo);

/* And after the segment that @reader has read last, before which the phase was @before. */
void shown_segment(Connection *connection, const RegularReader *reader, RegularPhase before);

/* After the last of them; @msl as in ConnectionRules. */
void shown_end(Connection *connection, const RegularReader *reader, NsTime msl);

#endif
