/* What the table, the clock and the order of idleness need of a connection, in whichever form it is
 * in memory. Knows nothing of states. */
#ifndef WIRESTATE_FLOW_FLOW_RECORD_H
#define WIRESTATE_FLOW_FLOW_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/clock.h"

typedef struct FlowRecord FlowRecord;

/* The beginning of a Connection, and of a Frozen. */
struct FlowRecord {
	Timer timer;               /* the one deadline that it waits for; first */
	FlowRecord *older, *newer; /* the store's: those idle for longer and for less long */
	uint32_t hash;             /* flow_key_hash() of its key */
	uint16_t size;             /* of a Frozen: bytes of its fields and their lengths */
	bool frozen;               /* it is a Frozen, else a Connection */
	bool owner;                /* of a Frozen: it owns more than its own memory */
};

#endif
