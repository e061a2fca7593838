/* Why a RST came: what it tells beyond that it came. Knows one connection's recent exchange, the
 * TTLs and IP IDs of its sides, and the idle limits of well-known devices; does not know which
 * RSTs count, see reset.c. */
#ifndef WIRESTATE_DETECT_RST_CAUSE_H
#define WIRESTATE_DETECT_RST_CAUSE_H

#include <stdbool.h>

#include "detect/rst-memory.h"

/* Whether the RST has not been made by the side in whose name it comes, as its IP header says. */
bool rst_is_foreign(const RstMemory *memory, const SegmentEvent *event);

/* Of what passed twice the second capture alone may have been taken, so that a RST with a TTL that
 * only copies of its side's segments have is that side's. Remembers that the RST was excused this
 * way, when it was; rst_note_silence() is to be called then. @half_open: half-open is raised of it,
 * else abortive-close. */
void rst_excuse(RstMemory *memory, const SegmentEvent *event, bool half_open);

/* A segment was captured once more, of which note is taken. When it is the RST that was excused,
 * and it now has a TTL that no segment of its side has, it was somebody else's: raises
 * middlebox-reset, which takes back what was raised of it. That it has such a TTL at a later copy
 * tells nothing any more. @silence may be NULL when no RST was excused. */
void rst_judge_copy(Analysis *analysis, RstMemory *memory, const RstSilence *silence,
		    const SegmentEvent *event);

/* What an abort by @side cost, as far as passed; completes a sentence. */
const char *rst_loss(const TcpSide *side);

/* Whether nobody notices that it ended the connection in this stage. @all: nothing was outstanding.
 */
bool rst_is_harmless(const RstMemory *memory, const SegmentEvent *event, ResetStage stage,
		     bool all);

/* For how long nothing had passed before what the RST answers; 0: for no long time, of which
 * @silence may be NULL. */
NsTime rst_silence(const RstSilence *silence, const SegmentEvent *event);

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
