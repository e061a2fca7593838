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
	Timer timer;       /* the one deadline that it waits for; first */
	uint32_t hash;     /* flow_key_hash() of its key */
	uint16_t size;     /* of a Frozen: bytes of its number and of what stands behind it */
	bool frozen : 1;   /* it is a Frozen, else a Connection */
	bool owner : 1;    /* of a Frozen: it owns more than its own memory */
	bool linked : 1;   /* it has a place in the order of idleness */
	bool embryo : 1;   /* of a Frozen: it is an Embryo, see embryo.h, and its segments since */
	bool answered : 1; /* of an embryo: Embryo.answered */
	bool grows : 1;    /* of one that was answered: its life goes on, see regular.h */
	bool sealed : 1;   /* of one that was answered: its life has ended, see frozen_seal() */
	bool over : 1;     /* of one that is sealed, or was not answered: a clock has ended it */
	bool kept : 1; /* of a Frozen: it was let go, and is kept for those who read at the end */
	bool gone : 1; /* of an embryo: the same, and its key still leads to it */
	bool awaited : 1; /* somebody will ask for it at the end: see flow_store_each() */
};

/* That place. In a Connection it stands behind the slots, if the store keeps the order; in a Frozen
 * behind the record, but only when it is linked. */
typedef struct {
	FlowRecord *older, *newer; /* those idle for longer and for less long; NULL: none */
} FlowLinks;

#endif
