/* Handshakes that were begun within the last seconds. Knows when each began and asks again after
 * fixed times; knows not what their fate means.
 *
 * What a SYN comes to shows after a second or two, mostly in that nothing came. A timer of each
 * connection for that would have to find the connection again, among a million in a flood. So
 * attempts stand in the order of their times, with what is to be said of them, until they are old.
 */
#ifndef WIRESTATE_DETECT_ATTEMPTS_H
#define WIRESTATE_DETECT_ATTEMPTS_H

#include "analysis/analysis.h"

/* A connection that began with a SYN. */
typedef struct {
	NsTime begun;       /* when its SYN passed */
	uint64_t frame;     /* and in which frame */
	FlowKey key;        /* the connection's */
	uint8_t client : 1; /* which end of the key sent it */
	bool open : 1;      /* the scan's: not completed, failed or refused so far */
	bool failed : 1;    /* the scan's: judged as failed */
	bool review : 1;    /* the scan's, set when it is judged: its endpoint is looked at again */
	bool flooded : 1; /* the scan's, set when it is judged: it belongs to a flood; when @review
			   * is done: to one that was said */
	bool pending : 1; /* the survey's: it is not known what becomes of it */
} Attempt;

/* Something to be done with each attempt at a fixed time after its SYN. */
typedef enum {
	ATTEMPT_JUDGED,   /* for the scan */
	ATTEMPT_REVIEWED, /* for the scan, if it has @review then */
	ATTEMPT_SILENT,   /* for the survey, if it is @pending then and not @flooded */
	ATTEMPT_STAGES,
} AttemptStage;

typedef void (*AttemptFunction)(Observer *observer, Attempt *attempt, NsTime now);

/* Registered before those that ask it. @recall is detect_recall_new()'s. */
Observer *detect_attempts_new(Analysis *analysis, const Observer *recall);

/* Has @stage done by @function for @observer, @after the SYN; each is longer than the one before.
 */
void attempts_set_stage(Observer *attempts, AttemptStage stage, NsTime after,
			AttemptFunction function, Observer *observer);

/* The attempt that @connection is, or NULL when it is none or nothing more is to be done with it.
 */
Attempt *attempts_of(Observer *attempts, const Connection *connection);

/* The same of a connection that is kept as its segments: by what was noted of it. */
Attempt *attempts_noted(Observer *attempts, const EmbryoMemo *memo);

/* At the end of the capture: calls @function with each for which @stage has not been done. */
void attempts_each(Observer *attempts, AttemptStage stage, AttemptFunction function,
		   Observer *observer, NsTime now);

#endif
