/* The detectors, one family a file. Knows their constructors only. */
#ifndef WIRESTATE_DETECT_DETECT_H
#define WIRESTATE_DETECT_DETECT_H

#include "analysis/analysis.h"

/* Those that others ask: who remembers frames, and those that speak of hosts, so that what is said
 * of a host is not repeated for each of its connections (NULL: nobody watches for that). */
typedef struct {
	Observer *recall;      /* detect_recall_new()'s: what was seen of a connection */
	Observer *attempts;    /* detect_attempts_new()'s: handshakes of the last seconds */
	Observer *scan;        /* detect_scan_new()'s: floods */
	Observer *survey;      /* detect_survey_new()'s: scans */
	Observer *probe;       /* detect_probe_new()'s: health checks */
	Observer *ack_ignored; /* detect_ack_ignored_new()'s: why handshakes are ignored */
} HostDetectors;

/* Each returns an observer that raises its kinds through analysis_raise(); owned by the caller
 * until it is registered. @hosts is copied. */
Observer *detect_scan_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_survey_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_probe_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_capture_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_opening_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_ack_ignored_new(Analysis *analysis);
Observer *detect_icmp_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_closing_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_time_wait_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_reset_new(Analysis *analysis, const HostDetectors *hosts);
Observer *detect_liveness_new(Analysis *analysis);
Observer *detect_dwell_new(Analysis *analysis, const HostDetectors *hosts);

/* Registers all of them. */
void detect_add_all(Analysis *analysis);

#endif
