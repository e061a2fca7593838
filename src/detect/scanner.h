/* A host that tries one endpoint after the other. Knows what it tried, when that makes a scan, and
 * how a scan is told; knows no connection. */
#ifndef WIRESTATE_DETECT_SCANNER_H
#define WIRESTATE_DETECT_SCANNER_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "detect/attempts.h"
#include "flow/recent.h"

/* How an endpoint is tried. */
typedef enum {
	SCAN_BY_SYN,
	SCAN_BY_FIN,
	SCAN_BY_NULL,
	SCAN_BY_XMAS,
	SCANNER_WAYS,
	SCAN_BY_NONE = SCANNER_WAYS,
} ScanWay;

/* What one try can be called: by its answer. */
#define SCANNER_CALLED 2

/* Of the hash of what was tried. */
#define SCANNER_BITS 256

/* What a host tried in one way. */
typedef struct {
	uint64_t ports[SCANNER_BITS / 64], hosts[SCANNER_BITS / 64]; /* hashed */
	Endpoint target;    /* what was tried last; the only host if @hosts has one */
	unsigned total;     /* attempts */
	unsigned raised_at; /* @total when it was raised; 0: not yet */
	NsTime first, last; /* when the first and the last one were made */
	uint64_t frames[ANOMALY_FRAMES_MAX]; /* of the first ones; 0: fewer */
	AnomalyFold raised[SCANNER_CALLED];  /* what was raised of them one by one */
} ScannerTries;

/* The first endpoint that a host tried in vain. */
typedef struct {
	NsTime begun, seen; /* when it was tried, and when that showed to be in vain */
	uint64_t frame;     /* that tried it */
	Endpoint target;    /* which it was */
	uint8_t way;        /* ScanWay */
	bool done;          /* all of this is so */
} ScannerTry;

/* A host that tries endpoints; all zero at first but for its entry. The sources of a flood try one
 * each and are not heard of again, so that more is kept only of those that go on. */
typedef struct {
	RecentEntry entry;   /* first: its key is the address in end[0], the rest is zero */
	unsigned completed;  /* handshakes that it completed since the first one in vain */
	ScannerTry first;    /* see above; not there when @tries is */
	ScannerTries *tries; /* SCANNER_WAYS of them, owned; NULL: there is no more than @first */
} Scanner;

/* Frees what it owns, before its entry goes or is cleared. */
void scanner_clear(Scanner *scanner);

/* Whether it has tried anything in vain. */
static inline bool scanner_has_tried(const Scanner *scanner)
{
	return scanner->tries || scanner->first.done;
}

/* When it last tried something in vain. */
NsTime scanner_last(const Scanner *scanner);

/* It tried an endpoint in vain, as showed at @now. Returns whether that makes a scan of which
 * nothing was said yet. */
bool scanner_try(Scanner *scanner, const Attempt *attempt, ScanWay way, NsTime now);

/* Says so. @frame: at which it shows; 0: that nothing came does. */
void scanner_raise(Analysis *analysis, Scanner *scanner, ScanWay way, NsTime now, uint64_t frame);

/* One more line for each scan that was far more than what was said. */
void scanner_raise_totals(Analysis *analysis, const Scanner *scanner, NsTime now);

/* Whether a scan by it was raised. */
bool scanner_is_known(const Scanner *scanner);

/* Where attempts are counted that are told as @kind one by one, until the next scanner_clear();
 * NULL: such a thing is none. */
AnomalyFold *scanner_fold(Scanner *scanner, ScanWay way, AnomalyKind kind);

#endif
