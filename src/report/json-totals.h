/* What is counted, as JSON. Knows the names of the fields; knows neither the selection nor how
 * things are counted. */
#ifndef WIRESTATE_REPORT_JSON_TOTALS_H
#define WIRESTATE_REPORT_JSON_TOTALS_H

#include <glib.h>
#include <stdint.h>

#include "report/hosts.h"
#include "report/tally.h"

/* Each appends one line. @digits of fraction, 6 or 9, are those of the input's times. */

/* @anomalies are counts by kind. */
void json_total_summary(GString *text, const AnalysisTotals *totals, const Tally *tally,
			const uint64_t anomalies[static ANOMALY_KIND_COUNT], int digits);

void json_total_histogram(GString *text, const AnalysisTotals *totals, const Tally *tally,
			  const Selection *selection, int digits);

void json_total_host(GString *text, const Host *host);

#endif
