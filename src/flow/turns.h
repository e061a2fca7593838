/* Whose turn it is when connections are gone through in the order of their numbers. Knows numbers;
 * knows nothing of what is done with the connections. */
#ifndef WIRESTATE_FLOW_TURNS_H
#define WIRESTATE_FLOW_TURNS_H

#include <stddef.h>

#include "flow/flow-record.h"

typedef struct {
	FlowRecord *record; /* whose turn it is; borrowed */
	unsigned number;    /* of its connection */
} Turn;

/* All zero: nobody has one. */
typedef struct {
	Turn *turn;               /* in their order after turns_sort(); owned */
	size_t count;             /* how many there are */
	size_t room;              /* and may be before there is more */
	unsigned lowest, highest; /* numbers, when there are any */
} Turns;

void turns_add(Turns *turns, FlowRecord *record, unsigned number);
void turns_sort(Turns *turns);

/* Frees what it owns. */
void turns_clear(Turns *turns);

#endif
