/* Registers the detectors. Knows their order: what is said of a host comes before what is said of
 * its connections. */
#include "detect/detect.h"

#include "base/diag.h"
#include "detect/attempts.h"
#include "detect/recall.h"

void detect_add_all(Analysis *analysis)
{
	HostDetectors hosts = { .recall = detect_recall_new() };

	trace(DETECT, "anomalies are looked for");
	hosts.attempts = detect_attempts_new(analysis, hosts.recall);
	hosts.scan = detect_scan_new(analysis, &hosts);
	hosts.survey = detect_survey_new(analysis, &hosts);
	hosts.probe = detect_probe_new(analysis, &hosts);
	hosts.ack_ignored = detect_ack_ignored_new(analysis);
	analysis_add_detector(analysis, hosts.attempts);
	analysis_add_detector(analysis, hosts.scan);
	analysis_add_detector(analysis, hosts.survey);
	analysis_add_detector(analysis, hosts.probe);
	analysis_add_detector(analysis, detect_capture_new(analysis, &hosts));
	analysis_add_detector(analysis, detect_opening_new(analysis, &hosts));
	analysis_add_detector(analysis, hosts.ack_ignored);
	analysis_add_detector(analysis, detect_icmp_new(analysis, &hosts));
	analysis_add_detector(analysis, detect_closing_new(analysis, &hosts));
	analysis_add_detector(analysis, detect_time_wait_new(analysis, &hosts));
	analysis_add_detector(analysis, detect_reset_new(analysis, &hosts));
	analysis_add_detector(analysis, detect_liveness_new(analysis));
	analysis_add_detector(analysis, detect_dwell_new(analysis, &hosts));
	analysis_add_detector(analysis, hosts.recall);
}
