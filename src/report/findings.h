/* Anomalies, put together by severity, kind and what to do. Knows the selection; prints nothing. */
#ifndef WIRESTATE_REPORT_FINDINGS_H
#define WIRESTATE_REPORT_FINDINGS_H

#include <glib.h>
#include <stdint.h>

#include "report/final-view.h"

/* One anomaly, as it was raised. */
typedef struct {
	unsigned number;         /* of the connection; 0: about a host or the whole capture */
	Endpoint client, server; /* of the connection, if any: it may be gone by now */
	Address initiator;       /* whose segment was the first of it: mostly the client */
	const char *side;        /* "client", "server"; NULL: neither */
	NsTime time;             /* when it was noticed */
	uint64_t frames[ANOMALY_FRAMES_MAX]; /* evidence; unused ones are 0 */
	char *message;                       /* owned */
} Finding;

/* All of one kind, severity and hint. */
typedef struct FindingGroup {
	AnomalyKind kind;          /* the same for all */
	Severity severity;         /* the same for all */
	uint64_t count;            /* how many there were */
	char *hint;                /* what to do: the same for all. Owned */
	struct FindingGroup *next; /* of the same kind and severity, with another hint; borrowed */
	GArray *findings; /* Finding, in the order of time; at most as many as were asked for, and
			     fewer when the first ones were taken back */
} FindingGroup;

typedef struct Findings Findings;

/* Keeps the first @keep of each group (0: all); all, until findings_finish(), when the selection
 * needs the end. It reads connections at the end when findings_need_connections() says so. */
Findings *findings_new(const ReportContext *context, unsigned keep);
void findings_free(Findings *findings);

bool findings_need_connections(const ReportContext *context);

/* What the anomaly folds is left out from then on. */
void findings_add(Findings *findings, const Anomaly *anomaly);

/* After the last anomaly: only those of selected connections stay. @selected are the view's; they
 * are not looked at, and may be NULL, when findings_need_connections() says no. */
void findings_finish(Findings *findings, const Selected *selected);

/* The groups that are not empty: FindingGroup pointers, the gravest first, then those about a host
 * or the capture, then by how many they are and by the time of their first. The caller unrefs the
 * array. */
GPtrArray *findings_groups(Findings *findings);

/* Appends "  frame 4" or "  frames 4 7 9", and nothing when the evidence is the absence of any. */
void findings_append_frames(GString *text, const Finding *finding);

#endif
