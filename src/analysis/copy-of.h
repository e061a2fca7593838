/* Whether a segment is one that was captured before, or was sent again. Knows what passed on its
 * connection in between; does not know what segments look like, see copies.h. */
#ifndef WIRESTATE_ANALYSIS_COPY_OF_H
#define WIRESTATE_ANALYSIS_COPY_OF_H

#include "analysis/copies.h"
#include "analysis/event.h"

/* The frame in which the segment of @event was captured before; 0: it was not. @match is what
 * copies_match() found for it. @connection is the one that its addresses have, before any mark is
 * moved; NULL: there is none. Of @event only the segment, its sender and its looks are read. */
uint64_t copy_of(Copies *copies, const CopyMatch *match, const SegmentEvent *event,
		 const Connection *connection);

#endif
