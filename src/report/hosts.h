/* Connections by host. Knows addresses and states; knows no time. */
#ifndef WIRESTATE_REPORT_HOSTS_H
#define WIRESTATE_REPORT_HOSTS_H

#include <glib.h>
#include <stdint.h>

#include "report/final-view.h"

typedef struct {
	Address addr;                     /* the host */
	uint8_t version;                  /* 4 or 6 */
	uint64_t connections;             /* that have an end here, each once */
	uint64_t as_client, as_server;    /* ends here; both when a connection stays on the host */
	uint64_t states[TCP_STATE_COUNT]; /* sides here; LISTEN: distinct endpoints */
} Host;

/* The hosts of the connections in @selected, local ones with --local: the one with the most
 * connections first, equal ones by address. The caller unrefs the array of Host. */
GArray *hosts_collect(const ReportContext *context, const Selected *selected);

#endif
