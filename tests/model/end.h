/* One end of a simulated connection: the control part of RFC 9293, that knows its own state. Knows
 * nothing of who watches. */
#ifndef WIRESTATE_TESTS_MODEL_END_H
#define WIRESTATE_TESTS_MODEL_END_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"
#include "tcp/state.h"

#define END_WINDOW  65535u
#define END_BYTES   512u /* the most that one end sends in its life */
#define END_RETRIES 5    /* repetitions before it gives up */

/* What an end hands to the net. */
typedef void (*EndOutput)(void *data, const Segment *segment);

typedef struct {
	TcpState state;
	uint32_t iss, snd_una, snd_nxt; /* as in RFC 9293 3.3.1 */
	uint32_t irs, rcv_nxt;          /* the same; see has_peer */
	bool has_peer;                  /* the peer's SYN has arrived */
	uint32_t queued;                /* bytes that the application has written */
	bool closing;                   /* the application has closed: a FIN follows the bytes */
	bool fin_sent;                  /* it has been on the wire */
	uint32_t fin_seq;               /* its number */
	bool peer_fin;                  /* the peer's FIN has arrived, in order or beyond a hole */
	uint32_t peer_fin_seq;          /* its number */
	uint8_t arrived[END_BYTES + 8]; /* which of the peer's bytes have arrived, from irs + 1 */
	int64_t deadline;               /* when it repeats, or TIME_WAIT ends; -1: never */
	int64_t rto;                    /* present wait before a repetition */
	unsigned retries;               /* repetitions of what is outstanding */
	bool firewalled;  /* what arrives is dropped until it connects, as in front of a NAT */
	bool silent;      /* it is CLOSED without a word: too many of them, or no RST is due */
	EndOutput output; /* where segments go */
	void *data;       /* for @output */
	int64_t now;      /* set before each call */
} End;

void end_init(End *end, uint32_t iss, EndOutput output, void *data);

/* What the application does. */
void end_listen(End *end);
void end_connect(End *end);
void end_write(End *end, uint32_t bytes);
void end_close(End *end);
void end_abort(End *end);

/* A segment arrives. */
void end_input(End *end, const Segment *segment);

/* The deadline has come. */
void end_timer(End *end);

#endif
