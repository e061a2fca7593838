/* What other detectors ask about hosts. Knows floods; knows no single connection's fate. */
#ifndef WIRESTATE_DETECT_SCAN_H
#define WIRESTATE_DETECT_SCAN_H

#include <stdbool.h>

#include "analysis/event.h"

/* Whether the server of @connection is in a SYN flood now: what each of its handshakes lacks has
 * one cause, which is reported once and at the endpoint. @scan is the observer that
 * detect_scan_new() made; NULL: nobody watches, nothing is flooded. */
bool scan_is_flooded(Observer *scan, const Connection *connection);

/* The same for the connection with @key that the end @client of it began at @first. */
bool scan_flooded_then(Observer *scan, const FlowKey *key, unsigned client, NsTime first);

#endif
