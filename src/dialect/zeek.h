/* Zeek's words for a connection: conn_state and history, as Zeek 6 and later write them to
 * conn.log. Knows the rules of Zeek's TCP analysis; knows nothing of our own states.
 *
 * Zeek looks at flags, not at whether a number is acceptable, and its idea of when a connection
 * begins is its own. So this follows its rules from the segments alone, mistakes included: people
 * feed these words to programs that know them. The names below are Zeek's where it has one
 * (TCPSessionAdapter.cc, TCP_Endpoint.cc, TCP_Reassembler.cc, base/protocols/conn/main.zeek). */
#ifndef WIRESTATE_DIALECT_ZEEK_H
#define WIRESTATE_DIALECT_ZEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/segment.h"

/* What Zeek thinks of one end. */
typedef enum {
	ZEEK_INACTIVE,     /* nothing of it was seen that counts */
	ZEEK_SYN_SENT,     /* the originator sent a SYN */
	ZEEK_SYN_ACK_SENT, /* the originator sent a SYN-ACK, and no SYN was seen */
	ZEEK_PARTIAL,      /* it spoke, and no SYN of it was seen */
	ZEEK_ESTABLISHED,  /* SYN and SYN-ACK were seen */
	ZEEK_CLOSED,       /* it sent a FIN */
	ZEEK_RESET,        /* it sent a RST */
} ZeekState;

/* One end. "Relative" numbers count from @start, so the first byte after a SYN is 1; they are kept
 * modulo 2^32, which is enough to compare those that are near each other. */
typedef struct {
	uint32_t start;     /* number of its SYN, or one below the first number seen */
	uint32_t last;      /* the first number after the highest that it sent */
	uint32_t ack;       /* the highest number of it that was acknowledged */
	uint16_t wraps;     /* how often @last passed 2^32 */
	uint16_t ackwraps;  /* how often @ack did */
	uint32_t hist_syn;  /* relative number of its last SYN, for the history */
	uint32_t hist_fin;  /* of its last FIN: the end of the data */
	uint32_t hist_rst;  /* of its last RST */
	uint32_t fin_end;   /* relative number after its last FIN; see fin_placed */
	uint32_t delivered; /* relative number up to which its data were there, or given up */
	uint32_t trimmed;   /* relative number up to which acknowledgements were looked at */
	uint32_t repeats;   /* segments with payload that were sent again: T */
	uint32_t zeros;     /* windows of 0: W */
	uint32_t gaps;      /* holes in what was acknowledged: G */
	uint8_t state;      /* ZeekState */
	uint8_t before;     /* ZeekState before @state */
	bool fin_seen;      /* it sent a FIN */
	bool fin_placed;    /* fin_end is valid: that FIN was not below @start */
} ZeekEnd;

/* Letters that fit without memory of their own; most histories have 8 to 12. */
#define ZEEK_HISTORY_INLINE 19
/* Longer histories end here: Zeek's are unbounded, and a hostile capture could fill memory. */
#define ZEEK_HISTORY_MAX 1023

/* What few connections need. */
typedef struct ZeekExtra ZeekExtra;

typedef struct {
	ZeekEnd end[2];     /* indexed as the sender is given */
	ZeekExtra *extra;   /* NULL until it is needed; owned, see zeek_clear() */
	uint16_t length;    /* letters in the history */
	uint8_t written[2]; /* letters that orig (0) and resp (1) have, a bit each */
	uint8_t orig;       /* which end is Zeek's orig */
	uint8_t spoke;      /* bit 0: orig's first segment was seen, bit 1: resp's */
	bool partial;       /* picked up in mid-stream, as Zeek has it */
	char history[ZEEK_HISTORY_INLINE + 1]; /* with its NUL, until it does not fit any more */
} ZeekConnection;

/* A connection that begins with @segment, sent by @sender (0 or 1). The segment itself is still to
 * be given to zeek_segment(). @zeek need not be initialised. */
void zeek_begin(ZeekConnection *zeek, unsigned sender, const Segment *segment);

/* The same with a SYN that has nothing but a @number and a window, which is given to it at once. */
void zeek_begin_syn(ZeekConnection *zeek, unsigned sender, uint32_t number);

/* Frees what hangs off it. Nothing does while @extra is NULL. */
void zeek_clear(ZeekConnection *zeek);

/* Whether @segment, with the same addresses and ports, begins a new connection for Zeek (IsReuse in
 * its source). */
bool zeek_begins_anew(const ZeekConnection *zeek, const Segment *segment);

/* Takes the next segment. @cut: its payload was not captured whole, so Zeek does not deliver it. */
void zeek_segment(ZeekConnection *zeek, unsigned sender, const Segment *segment, bool cut);

/* S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR or OTH. */
const char *zeek_conn_state(const ZeekConnection *zeek);

/* Letters of orig are upper case, those of resp lower case, ^ is neither's. Valid until the next
 * segment. */
const char *zeek_history(const ZeekConnection *zeek);

#endif
