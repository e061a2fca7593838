/* What other detectors ask about health checks. Knows who opens and closes at once, again and
 * again. */
#ifndef WIRESTATE_DETECT_PROBE_H
#define WIRESTATE_DETECT_PROBE_H

#include <stdbool.h>

#include "analysis/event.h"

/* Whether @connection is one of those that were reported as probes of its client: how each of them
 * ends is not reported again. @probe is the observer that detect_probe_new() made; NULL: nobody
 * watches. */
bool probe_is_known(Observer *probe, const Connection *connection);

/* What was raised of @connection, reset or abortive-close, is taken back if it turns out to be one
 * of many. */
void probe_note(Observer *probe, const Connection *connection, const Anomaly *raised);

#endif
