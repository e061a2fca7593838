/* Community ID, version 1: a name for a connection that several tools write alike. Knows the hash
 * of two endpoints (https://github.com/corelight/community-id-spec); knows no connection. */
#ifndef WIRESTATE_DIALECT_COMMUNITY_ID_H
#define WIRESTATE_DIALECT_COMMUNITY_ID_H

#include <glib.h>

#include "base/address.h"

/* "1:" and 28 characters of base64; and room to make it in, with its NUL. */
#define COMMUNITY_ID_LENGTH   30
#define COMMUNITY_ID_TEXT_MAX 34

/* So many are made at once. */
#define COMMUNITY_ID_BATCH 8

/* Writes the id, with seed 0, of TCP between @end[0] and @end[1], the lesser one first as
 * endpoint_compare() has it. */
void community_id_format(char text[static COMMUNITY_ID_TEXT_MAX], const Endpoint end[2]);

/* The same of @count connections, COMMUNITY_ID_BATCH at most. */
void community_ids_format(char texts[static COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX],
			  const Endpoint ends[static COMMUNITY_ID_BATCH][2], unsigned count);

#endif
