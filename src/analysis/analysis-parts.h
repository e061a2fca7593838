/* What the files of the analysis share: observers, and what they are to be told. For analysis.c and
 * tell.c only. */
#ifndef WIRESTATE_ANALYSIS_ANALYSIS_PARTS_H
#define WIRESTATE_ANALYSIS_ANALYSIS_PARTS_H

#include "analysis/ahead.h"
#include "analysis/analysis.h"
#include "analysis/interest.h"
#include "analysis/listeners.h"
#include "analysis/tracker.h"

struct Analysis {
	AnalysisOptions options;     /* as given */
	Tracker *tracker;            /* the connections */
	GPtrArray *detectors;        /* Observer, owned */
	GPtrArray *reports;          /* Observer, owned */
	Observer *ringing;           /* the detector that has an alarm; NULL: none has */
	Interest interest;           /* what detectors want */
	GPtrArray *followers;        /* Observer: those that want connection() */
	GPtrArray *embryo_followers; /* Observer: those that want embryo() */
	GPtrArray *opened_followers; /* Observer: those that want opened() */
	GPtrArray *waits_followers;  /* Observer: those that want waits() */
	NsTime patience;             /* the least of detectors' */
	size_t slots_size;           /* bytes of all observers' slots: interest_place_slots() */
	bool keep;                   /* some report reads connections at the end */
	bool reads_segments;         /* some report reads segments */
	bool follows;                /* some report has to be told at once of more than what is
					raised: it has no Observer.awaits */
	Listeners *listeners;        /* those that sent a SYN-ACK */
	Transition *transitions;     /* of the segment or clock at hand; owned */
	unsigned changes;            /* how many of them there are */
	unsigned room;               /* and may be before it is made larger */
	GArray *raised;        /* Anomaly: the same; what they point to is owned until delivered */
	AnalysisTotals totals; /* what is counted */
	Ahead ahead;           /* frames at hand that are decoded */
};

/* What the tracker is to call. */
TrackerHooks analysis_hooks(Analysis *analysis);

/* Tells detectors of a segment, those that want it. */
static inline void analysis_detect_segment(Analysis *analysis, const SegmentEvent *event)
{
	unsigned who = interest_segment(&analysis->interest, event);

	while (who) {
		Observer *observer = analysis->detectors->pdata[interest_next(&who)];

		observer->segment(observer, event);
	}
}

/* Tells detectors of a segment that was captured once more. */
void analysis_detect_copy(Analysis *analysis, const SegmentEvent *event);

/* Tells them of the transitions at hand. */
void analysis_detect_transitions(Analysis *analysis);

/* Tells reports of the segment (NULL: a clock), then of transitions and anomalies at hand, which
 * are done with then. */
void analysis_tell_reports(Analysis *analysis, const SegmentEvent *segment);

/* The same when there is anything that they want to be told of. */
static inline void analysis_report_events(Analysis *analysis, const SegmentEvent *segment)
{
	if (analysis->changes || analysis->raised->len || (segment && analysis->reads_segments))
		analysis_tell_reports(analysis, segment);
}

#endif
