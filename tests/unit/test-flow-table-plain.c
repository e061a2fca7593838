/* The table of connections, built for a processor that cannot compare a bucket's tags at once: the
 * same tests hold for it. */
#define FLOW_TABLE_PLAIN
#include "flow/flow-table.c"
#include "test-flow-table.c"
