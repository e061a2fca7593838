/* Why a RST came: what it tells beyond that it came. Knows one connection's recent exchange, the
 * TTLs and IP IDs of its sides, and the idle limits of well-known devices; does not know which
 * RSTs count, see reset.c. */
#ifndef WIRESTATE_DETECT_RST_CAUSE_H
#define WIRESTATE_DETECT_RST_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"

/* New data of one side that begins an exchange: the data before it was the peer's. */
typedef struct {
	uint64_t frame; /* of its first segment; 0: none yet */
	NsTime time;    /* when that passed */
	NsTime idle;    /* how long nothing had passed before it */
	uint32_t ack;   /* what its first segment acknowledges */
	uint32_t seq;   /* the number of its first byte */
} RstRequest;

/* The IP headers of one side's segments other than RSTs. */
typedef struct {
	uint16_t id_last;   /* the last IP ID that was not 0; see id_known */
	uint8_t id_steps;   /* how often it grew a little from one segment to the next; 255: or more
			     */
	bool id_known : 1;  /* id_last is valid */
	bool id_by_one : 1; /* all of those steps were 1: the socket's own counter */
	bool id_erratic : 1; /* it did something else at least once: nothing follows from it */
	bool ttl_known : 1;  /* ttl_low and ttl_high are valid */
	uint8_t ttl_low, ttl_high; /* the range of TTLs, or of hop limits */
} RstOrigin;

/* Per connection, all zero at first. */
typedef struct {
	RstRequest request[2];   /* each side's last exchange */
	NsTime gap;              /* the last time without a segment that was long */
	NsTime gap_end;          /* when it ended */
	uint64_t fin[2];         /* frame of each side's FIN; 0: none */
	NsTime fin_time[2];      /* when that passed */
	uint64_t data[2];        /* frame of each side's last new data; 0: none */
	uint32_t data_bytes[2];  /* how much that was */
	RstOrigin origin[2];     /* what each side's segments look like */
	uint8_t data_last : 2;   /* the side whose data was last, plus one; 0: there was none */
	bool foreign_raised : 1; /* middlebox-reset */
	bool race_raised : 1;    /* close-race */
	bool abort_raised : 1;   /* abortive-close */
} RstMemory;

/* Takes note of a segment, after it was judged. */
void rst_note(RstMemory *memory, const SegmentEvent *event);

/* Both sides have closed: what could explain a RST is not needed any more. */
void rst_forget(RstMemory *memory);

/* Whether the RST has not been made by the side in whose name it comes, as its IP header says. */
bool rst_is_foreign(const RstMemory *memory, const SegmentEvent *event);

/* What an abort by @side cost, as far as passed; completes a sentence. */
const char *rst_loss(const TcpSide *side);

/* For how long nothing had passed before what the RST answers; 0: for no long time. */
NsTime rst_silence(const RstMemory *memory, const SegmentEvent *event);

/* Whether the RST answers a request that the client sent although it had acknowledged the FIN of
 * the server: nobody reads it. Then @anomaly, reset.c's own, is a warning with a hint. */
bool rst_loses_request(const RstMemory *memory, const SegmentEvent *event, Anomaly *anomaly);

/* What to do about a RST that breaks a connection in this stage; NULL: the kind's own hint. */
const char *rst_hint(const SegmentEvent *event, ResetStage stage);

/* How a RST is accounted for by reset.c, which decides what can explain it. */
typedef enum {
	RST_BREAKS,  /* it ends a live connection */
	RST_CLOSED,  /* its sender had closed, or its receiver had */
	RST_IGNORED, /* its receiver has to ignore it */
} RstRole;

/* Raises what explains the RST: close-race, idle-timeout, middlebox-reset or abortive-close. The
 * first that applies has its usual severity, others are info. @anomaly is the one that reset.c
 * makes of it: stage, idle and evidence are taken from there. Returns whether there was one. */
bool rst_explain(Analysis *analysis, RstMemory *memory, const SegmentEvent *event,
		 const Anomaly *anomaly, RstRole role);

#endif
