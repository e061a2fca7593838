/* The endpoints that have sent a SYN-ACK, and so listen. Knows endpoints; knows no state. */
#ifndef WIRESTATE_ANALYSIS_LISTENERS_H
#define WIRESTATE_ANALYSIS_LISTENERS_H

#include <glib.h>

#include "base/address.h"

/* Endpoint -> itself, each once; the table owns them, and is freed with g_hash_table_unref(). */
GHashTable *listeners_new(void);

/* Notes that @end listens; it is copied. */
void listeners_add(GHashTable *listeners, const Endpoint *end);

/* All of them (const Endpoint), in no order; the caller frees the array alone, which is valid until
 * the next one is added. */
GPtrArray *listeners_list(GHashTable *listeners);

#endif
