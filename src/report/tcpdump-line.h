/* The line that tcpdump 4.99 prints for a segment. Knows tcpdump's options and its own table of
 * first numbers; knows no state. */
#ifndef WIRESTATE_REPORT_TCPDUMP_LINE_H
#define WIRESTATE_REPORT_TCPDUMP_LINE_H

#include <glib.h>

#include "capture/frame.h"
#include "decode/segment.h"
#include "report/report.h"

/* What lives from line to line: times, the first numbers of each address and port pair, resolved
 * names. */
typedef struct TcpdumpLine TcpdumpLine;

/* @options is borrowed and outlives the line. */
TcpdumpLine *tcpdump_line_new(const LineOptions *options);
void tcpdump_line_free(TcpdumpLine *line);

/* Appends what tcpdump prints for the frame @carrier up to and including "length N" (-q: "tcp N";
 * -v: both lines), with the final newline; where tcpdump stops before that, because a header was
 * not captured or makes no sense to it, all that it prints. @segment is what decode_frame() made of
 * @carrier, and counts its offsets in @frame: the same unless it was put together. To be called for
 * every segment in order, since relative numbers and times depend on those before: a segment that
 * is not to be shown is passed with NULL for @text. @pair is memory of the line's for the segment's
 * connection, 0 at first. */
void tcpdump_line_append(TcpdumpLine *line, const Frame *carrier, const Frame *frame,
			 const Segment *segment, uint32_t *pair, GString *text);

#endif
