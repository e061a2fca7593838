/* The views. Knows their constructors and what they have in common; knows no detector. */
#ifndef WIRESTATE_REPORT_REPORT_H
#define WIRESTATE_REPORT_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "analysis/analysis.h"
#include "base/address.h"
#include "base/listmacro.h"

/* -t and its repetitions, as in tcpdump. */
typedef enum {
	STAMP_TIME,  /* default: local HH:MM:SS.frac */
	STAMP_NONE,  /* -t */
	STAMP_EPOCH, /* -tt */
	STAMP_DELTA, /* -ttt: since the previous line */
	STAMP_DATE,  /* -tttt: date and time */
	STAMP_SINCE, /* -ttttt: since the first line */
} StampKind;

/* How --timeline's lines are written: tcpdump's options. */
typedef struct {
	StampKind stamp;    /* -t ... */
	bool numeric;       /* -n: no names for addresses and ports */
	bool absolute;      /* -S: absolute sequence numbers */
	bool link;          /* -e: the link header */
	bool number;        /* -#: the packet's number, those the expression accepted */
	bool quiet;         /* -q */
	int verbose;        /* -v */
	bool nanoseconds;   /* --nano: nine digits */
	bool line_buffered; /* -l */
} LineOptions;

/* The keys of --sort: times and names go up, what is measured goes down, equal ones stand in the
 * order of their numbers. */
#define SORT_KIND_LIST(X)                                                                          \
	X(SORT_NUMBER, "number", "the order in which they opened; the default")                    \
	X(SORT_FIRST, "first", "time of the first segment")                                        \
	X(SORT_LAST, "last", "time of the last segment: the one idle for longest first")           \
	X(SORT_DURATION, "duration", "from the first to the last segment, longest first")          \
	X(SORT_BYTES, "bytes", "payload of both sides, most first")                                \
	X(SORT_PACKETS, "packets", "segments of both sides, most first")                           \
	X(SORT_STATE, "state", "the earliest in life of its sides' states, CLOSED last")           \
	X(SORT_AGE, "age", "how long a side has been in its present state, longest first")         \
	X(SORT_RTT, "rtt", "round trip time of the handshake, longest first")                      \
	X(SORT_CLIENT, "client", "address and port of the client")                                 \
	X(SORT_SERVER, "server", "address and port of the server")

typedef enum { SORT_KIND_LIST(LIST_ENUM_MEMBER) SORT_KIND_COUNT } SortKind;

/* Reads a --sort key ("number", "first", ...). */
bool sort_kind_parse(const char *text, SortKind *kind);

/* Which connections are shown, in every view. All zero: all of them. */
typedef struct {
	const unsigned *numbers; /* --connection, ascending; NULL: any */
	size_t number_count;
	unsigned states; /* --state: a bit (1 << TcpState) each; 0: any. A connection is selected
			  * when either side (with --local: a local side) is in one of them */
	NsTime older;    /* --older: that side has been in its present state so long; 0: any */
	SortKind sort;   /* --sort */
	unsigned top;    /* --top: so many at the most; 0: all */
	const AddressPrefix *local; /* --local: only sides with such an address; NULL: both sides */
	const char *local_text;     /* as given */
} Selection;

/* Whether the selection can be told only when the capture has been read. */
bool selection_needs_end(const Selection *selection);

/* Whether nothing is left out: no connection, and neither of its ends. */
bool selection_is_all(const Selection *selection);

/* Whether an anomaly about no connection is to be shown: nothing is selected, or only addresses are
 * and it is about a host with such a one. */
bool selection_hosts_match(const Selection *selection, const Anomaly *anomaly);

/* Whether an end of a connection is shown at all: --local. */
bool selection_end_is_local(const Selection *selection, const Connection *connection, unsigned end);

/* Whether this end is why the connection is selected: --local, --state and --older hold for it at
 * @now. */
bool selection_end_matches(const Selection *selection, const Connection *connection, unsigned end,
			   NsTime now);

/* Whether the connection is selected as things stand at @now; sort and top are not looked at. */
bool selection_matches(const Selection *selection, const Connection *connection, NsTime now);

/* The choice of those that are selected, of connections that are offered one by one in the order of
 * their numbers. Borrows @selection. */
typedef struct Choice Choice;
Choice *choice_new(const Selection *selection, NsTime now);

/* A ConnectionVisit for a Choice. */
void choice_offer(void *choice, const Connection *connection);

/* The numbers (unsigned) of those that were chosen, ordered and cut to --top. Frees @choice; the
 * caller unrefs the array. */
GArray *choice_finish(Choice *choice);

typedef enum {
	VIEW_SUMMARY,
	VIEW_TIMELINE,
	VIEW_CONNECTIONS,
	VIEW_ANOMALIES,
	VIEW_HISTOGRAM,
	VIEW_HOSTS,
	VIEW_COUNT
} View;

/* What every view is made with. The structures are borrowed and outlive the view. */
typedef struct {
	Analysis *analysis;
	FILE *out;
	GString *stream; /* what was made while reading and waits until there is more; see
			  * text_stream() */
	bool at_once;    /* somebody looks at @out line by line: nothing waits */
	const Selection *selection;
	const LineOptions *line;
	bool colour;     /* the output is a terminal */
	unsigned views;  /* a bit (1 << View) for each of the run: if several, each says its name */
	View first_view; /* the one that was named first */
	bool nanoseconds;  /* the input's times are finer than a microsecond: JSON has 9 digits; may
			    * become true while reading */
	bool at;           /* --at was given: the view says as of when it is */
	int width;         /* columns of the terminal; 80 when it is none */
	const char *input; /* what was read, for the summary */
} ReportContext;

/* Text. */
Observer *report_summary_new(const ReportContext *context);
Observer *report_timeline_new(const ReportContext *context);
Observer *report_connections_new(const ReportContext *context);
Observer *report_anomalies_new(const ReportContext *context);
Observer *report_histogram_new(const ReportContext *context);
Observer *report_hosts_new(const ReportContext *context);

/* What --summary would say if the input ended here, of all connections whatever is selected.
 * @summary is report_summary_new()'s observer, which has examples of the anomalies, or NULL: then
 * they are counted. The caller frees it. */
char *report_summary_so_far(const ReportContext *context, const Observer *summary,
			    const AnalysisTotals *totals);

/* The same views as JSON, one object a line; a bit (1 << View) for each that is wanted. The header
 * comes first. */
Observer *report_json_new(const ReportContext *context, unsigned views);

#endif
