/* The table behind the list of anomaly kinds. Knows names, severities and hints; knows no
 * connection. */
#include "analysis/anomaly-kinds.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

#define KIND_ROW(member, name, severity, hint) [member] = { name, hint, severity },

static const struct {
	const char *name;  /* as users write it */
	const char *hint;  /* what it usually means and what to do */
	Severity severity; /* unless the detector knows better */
} kinds[ANOMALY_KIND_COUNT] = { ANOMALY_KIND_LIST(KIND_ROW) };

const char *severity_name(Severity severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	g_assert((size_t)severity < G_N_ELEMENTS(names));
	return names[severity];
}

const char *anomaly_kind_name(AnomalyKind kind)
{
	g_assert(kind < ANOMALY_KIND_COUNT);
	return kinds[kind].name;
}

Severity anomaly_kind_severity(AnomalyKind kind)
{
	g_assert(kind < ANOMALY_KIND_COUNT);
	return kinds[kind].severity;
}

const char *anomaly_kind_hint(AnomalyKind kind)
{
	g_assert(kind < ANOMALY_KIND_COUNT);
	return kinds[kind].hint;
}

bool anomaly_kind_parse(const char *text, AnomalyKind *kind)
{
	for (unsigned i = 0; i < ANOMALY_KIND_COUNT; i++)
		if (!strcmp(text, kinds[i].name)) {
			*kind = i;
			return true;
		}
	return false;
}
