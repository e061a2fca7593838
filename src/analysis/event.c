/* The words for what the analysis tells, copies of anomalies, and the end of who is told. Knows
 * the lists; knows not when anything happens. */
#include "analysis/event.h"

#include <glib.h>

const char *reset_stage_name(ResetStage stage)
{
	static const char *const names[] = { RESET_STAGE_LIST(LIST_NAME) };

	return names[stage];
}

const char *forgotten_name(Forgotten what)
{
	static const char *const names[] = { FORGOTTEN_LIST(LIST_NAME) };

	return names[what];
}

#define FORGOTTEN_TEXT(member, name, text) [member] = text,

const char *forgotten_text(Forgotten what)
{
	static const char *const texts[] = { FORGOTTEN_LIST(FORGOTTEN_TEXT) };

	return texts[what];
}

Anomaly anomaly_copy(const Anomaly *anomaly)
{
	Anomaly copy = *anomaly;
	AnomalyFold *folds = g_new(AnomalyFold, anomaly->fold_count);

	for (unsigned i = 0; i < anomaly->fold_count; i++)
		folds[i] = anomaly->folds[i];
	copy.message = g_strdup(anomaly->message);
	copy.folds = folds;
	return copy;
}

void anomaly_clear(void *anomaly)
{
	const Anomaly *own = anomaly;

	g_free((char *)own->message);
	g_free((AnomalyFold *)own->folds);
}

void anomaly_count(const Anomaly *anomaly, AnalysisTotals *totals)
{
	ConnectionReport *report = anomaly->connection ? anomaly->connection->report : NULL;

	for (unsigned i = 0; i < anomaly->fold_count; i++) {
		const AnomalyFold *fold = &anomaly->folds[i];

		if (!fold->number)
			continue;
		totals->anomalies[fold->kind] -= fold->count;
		totals->severities[fold->severity] -= fold->count;
		if (report)
			report->anomalies &= ~(UINT64_C(1) << fold->kind);
	}
	totals->anomalies[anomaly->kind]++;
	totals->severities[anomaly->severity]++;
	if (report)
		report->anomalies |= UINT64_C(1) << anomaly->kind;
}

void observer_free(void *observer)
{
	Observer *own = observer;

	if (own->free)
		own->free(own);
	else
		g_free(own);
}
