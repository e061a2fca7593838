/* The detectors, one family a file. Knows their constructors only. */
#ifndef WIRESTATE_DETECT_DETECT_H
#define WIRESTATE_DETECT_DETECT_H

#include "analysis/analysis.h"

/* Each returns an observer that raises its kinds through analysis_raise(); owned by the caller
 * until it is registered. @scan is the observer of detect_scan_new(), which those ask who must not
 * repeat what is said of a host; NULL: there is none. */
Observer *detect_opening_new(Analysis *analysis, Observer *scan);
Observer *detect_closing_new(Analysis *analysis);
Observer *detect_time_wait_new(Analysis *analysis);
Observer *detect_dwell_new(Analysis *analysis, Observer *scan);
Observer *detect_reset_new(Analysis *analysis);
Observer *detect_liveness_new(Analysis *analysis);
Observer *detect_scan_new(Analysis *analysis);
Observer *detect_icmp_new(Analysis *analysis);
Observer *detect_capture_new(Analysis *analysis);

/* Registers all of them. */
void detect_add_all(Analysis *analysis);

#endif
