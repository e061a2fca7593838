/* The body of the loop: a frame goes in, events come out. Knows the order of the steps; knows
 * neither where frames come from nor how events are printed. */
#ifndef WIRESTATE_ANALYSIS_ANALYSIS_H
#define WIRESTATE_ANALYSIS_ANALYSIS_H

#include <glib.h>
#include <stdbool.h>

#include "analysis/event.h"
#include "decode/decode.h"

typedef struct Analysis Analysis;

typedef struct {
	NsTime msl;           /* --msl */
	NsTime stuck;         /* --stuck */
	unsigned max;         /* --max-connections: how many are kept in memory; 0: all */
	DecodeOptions decode; /* how frames are decoded */
} AnalysisOptions;

#define ANALYSIS_DEFAULT_MSL   (30 * NSTIME_SECOND)
#define ANALYSIS_DEFAULT_STUCK (60 * NSTIME_SECOND)

/* What a live capture, which may last for months, keeps unless told otherwise. */
#define ANALYSIS_LIVE_MAX 1000000u

Analysis *analysis_new(const AnalysisOptions *options);
void analysis_free(Analysis *analysis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Analysis, analysis_free)

/* Registers an observer, owned from now on. All are registered before the first frame. Detectors
 * are called before reports and may raise; reports get what was raised. */
void analysis_add_detector(Analysis *analysis, Observer *observer);
void analysis_add_report(Analysis *analysis, Observer *observer);

/* Takes @count frames, one after the other. Step by step: the clock moves to the frame's time, due
 * timers fire, the frame is decoded, its connection found, the segment classified, the marks moved,
 * states settled, detectors and then reports called. Frames are decoded some way ahead, so that
 * what is known of their connections is on its way from the memory when it is needed; nothing that
 * comes out depends on how many come at once. */
void analysis_frames(Analysis *analysis, const Frame *frames, unsigned count);

/* The same for one. */
static inline void analysis_frame(Analysis *analysis, const Frame *frame)
{
	analysis_frames(analysis, frame, 1);
}

/* Moves the clock without a frame: --at, and a live capture in which nothing comes. */
void analysis_advance(Analysis *analysis, NsTime now);

/* After the last frame: finish() of every observer. Offline nothing is invented after the last
 * frame: the clock stays. */
void analysis_finish(Analysis *analysis, const InputStats *input);

/* Called by detectors. The anomaly reaches the reports after the transitions of the segment at
 * hand. The message is copied. */
void analysis_raise(Analysis *analysis, const Anomaly *anomaly);

/* Called by detectors that had to let something go before it was time: it is counted. */
void analysis_forget(Analysis *analysis, Forgotten what);

/* For reports in finish(), when some observer needs_connections: lends to @visit those with the
 * @count @numbers that are not forgotten, in that order; @numbers NULL: every one, in the order of
 * their numbers. */
void analysis_read(Analysis *analysis, const unsigned *numbers, size_t count, ConnectionVisit visit,
		   void *data);

/* For detectors in finish(): calls @visit with @data for every connection that is not forgotten and
 * that some detector awaits, see observer_await(), in the order of their numbers. It is lent for
 * the call, in which its slot may be changed and anomalies about it be raised. Of one that is no
 * more than an embryo @wants, if there is such, says first whether there is anything to see, so
 * that it need not be made for the visit. */
void analysis_each_awaited(Analysis *analysis, bool (*wants)(void *data, const Embryo *embryo),
			   void (*visit)(void *data, Connection *connection), void *data);

/* The clocks that are in force, for detectors. */
const AnalysisOptions *analysis_options(const Analysis *analysis);

/* The counters as they stand; those of the input, of fragments and of LISTEN only at the end. */
const AnalysisTotals *analysis_totals(const Analysis *analysis);

/* The same while frames are still read, with all of them. */
const AnalysisTotals *analysis_totals_so_far(Analysis *analysis, const InputStats *input);

/* Whether an anomaly of this kind has been raised, and not been taken back (anomaly_count()), for
 * --fail-on. */
static inline bool analysis_found(const Analysis *analysis, AnomalyKind kind)
{
	return analysis_totals(analysis)->anomalies[kind] > 0;
}
/* The same of any of at least this severity. */
bool analysis_found_severity(const Analysis *analysis, Severity severity);

/* Distinct endpoints that have sent a SYN-ACK: what ss -l would list. Endpoint pointers, owned by
 * the analysis. */
GPtrArray *analysis_listeners(Analysis *analysis);

#endif
