/* What other detectors ask about hosts that try one endpoint after the other. Knows scanners; knows
 * no single connection's fate. */
#ifndef WIRESTATE_DETECT_SURVEY_H
#define WIRESTATE_DETECT_SURVEY_H

#include <stdbool.h>

#include "analysis/event.h"

/* Whether the client of @connection was reported as a scanner: what each of its attempts comes to
 * has one cause, and is not reported again. @survey is the observer that detect_survey_new() made;
 * NULL: nobody watches. */
bool survey_is_scan(Observer *survey, const Connection *connection);

/* The same for what is about to be raised, connection-refused, icmp-unreachable that ends an
 * attempt, or bad-flags: while the client is not known as a scanner, it is counted, and the scan
 * takes it back when it is raised. */
bool survey_takes(Observer *survey, const Connection *connection, const Anomaly *raised);

/* Whether @connection is no more than a segment that no TCP sends, out of nowhere, and its answer.
 */
bool survey_is_odd(Observer *survey, const Connection *connection);

#endif
