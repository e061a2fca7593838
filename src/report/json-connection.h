/* Connections as JSON. Knows the names of their fields; knows not which are shown. */
#ifndef WIRESTATE_REPORT_JSON_CONNECTION_H
#define WIRESTATE_REPORT_JSON_CONNECTION_H

#include <glib.h>

#include "base/digits.h"
#include "dialect/community-id.h"
#include "dialect/dialects.h"

/* Where lines of connections are made. Their Community IDs follow later, as some are made at once.
 */
typedef struct {
	GString *text;                        /* borrowed */
	unsigned unnamed;                     /* lines that have no Community ID yet */
	size_t at[COMMUNITY_ID_BATCH];        /* where those are to stand in @text */
	Endpoint ends[COMMUNITY_ID_BATCH][2]; /* whose they are */
	NsTime second;                        /* the last time's, when @second_length is not 0 */
	size_t second_length;                 /* of its text with the point behind it */
	char second_text[DIGITS_MAX + 1];     /* without NUL: many times share it */
} JsonConnections;

/* Appends a line. @connection has a report; @words are what other tools say of it; @digits of
 * fraction, 6 or 9, are those of the input's times. Nothing is complete until the last line is, so
 * that the text must not be written unless this returns true. */
bool json_connection(JsonConnections *list, const Connection *connection, const Dialects *words,
		     int digits);

/* Completes all lines. */
void json_connections_complete(JsonConnections *list);

#endif
