/* The line that tcpdump 4.99 prints for a segment. Knows tcpdump's options and its own table of first numbers; knows no state. */
#ifndef WIRESTATE_REPORT_TCPDUMP_LINE_H
#define WIRESTATE_REPORT_TCPDUMP_LINE_H

#include <glib.h>

#include "capture/frame.h"
#include "decode/segment.h"
#include "report/report.h"

/* What lives from line to line: the previous time stamp, the first numbers of each address and port pair, resolved names. */
typedef struct TcpdumpLine TcpdumpLine;

TcpdumpLine *tcpdump_line_new(const LineOptions *options);
void tcpdump_line_free(TcpdumpLine *line);

/* Appends what tcpdump prints for this frame up to and including "length N" (-q: "tcp N"; -v: both lines), with the final newline.
 * To be called for every segment in order, since relative numbers depend on those before. A segment that is not to be shown still has
 * to be passed: NULL for @text then. */
void tcpdump_line_append(TcpdumpLine *line, const Frame *frame, const Segment *segment, GString *text);

#endif
