/* The line that tcpdump prints for a TCP segment: number, time, and the TCP header as text. Knows
 * the order of the parts; link and IP headers, options and names are in the other tcpdump-*.c
 * files. */
#include "report/tcpdump-line.h"

#include <time.h>

#include "report/tcpdump-parts.h"

#define TCP_HEADER_MIN 20

/* Room for "YYYY-MM-DD HH:MM:SS" whatever the year. */
#define CALENDAR_TEXT_MAX 40

struct TcpdumpLine {
	const LineOptions *options; /* tcpdump's flags */
	LineNames *names;           /* names that were looked up */
	LineNumbers *numbers;       /* first numbers of each address and port pair */
	bool begun;                 /* there was a segment: @first and @previous are set */
	NsTime first, previous;     /* times of the first segment and of the one before, cut */
	int64_t calendar_second;    /* the second that @calendar is for */
	char calendar[CALENDAR_TEXT_MAX]; /* that second in local time, the date first */
	size_t calendar_length;           /* its length; 0 before any */
};

TcpdumpLine *tcpdump_line_new(const LineOptions *options)
{
	TcpdumpLine *line = g_new0(TcpdumpLine, 1);

	line->options = options;
	line->names = line_names_new();
	line->numbers = line_numbers_new();
	return line;
}

void tcpdump_line_free(TcpdumpLine *line)
{
	if (!line)
		return;
	line_names_free(line->names);
	line_numbers_free(line->numbers);
	g_free(line);
}

/* tcpdump takes seconds whose bit 31 is set for a time that it cannot convert, in differences too.
 */
static bool seconds_convert(int64_t seconds)
{
	return ((uint64_t)seconds & 0x80000000) == 0;
}

/* The fraction of a second, with the digits that --nano asks for. */
static void stamp_fraction(const TcpdumpLine *line, Writer *out, int64_t nanoseconds)
{
	writer_char(out, '.');
	if (line->options->nanoseconds)
		writer_decimal_wide(out, (uint64_t)nanoseconds, 9, '0');
	else
		writer_decimal_wide(out, (uint64_t)nanoseconds / 1000, 6, '0');
}

/* Local time; segments of the same second share its text. */
static void stamp_local(TcpdumpLine *line, Writer *out, int64_t seconds, bool date)
{
	static const size_t time_length = sizeof("HH:MM:SS") - 1;

	if (line->calendar_length == 0 || line->calendar_second != seconds) {
		time_t clock = (time_t)seconds;
		struct tm tm;

		localtime_r(&clock, &tm);
		line->calendar_length =
			strftime(line->calendar, sizeof(line->calendar), "%Y-%m-%d %H:%M:%S", &tm);
		line->calendar_second = seconds;
	}
	if (date)
		writer_bytes(out, line->calendar, line->calendar_length - time_length);
	writer_bytes(out, line->calendar + line->calendar_length - time_length, time_length);
}

/* A difference as hours, minutes and seconds; whole days are left out, as tcpdump does. */
static void stamp_difference(const TcpdumpLine *line, Writer *out, NsTime difference)
{
	uint64_t magnitude = (uint64_t)(difference < 0 ? -difference : difference);
	int64_t seconds = (int64_t)(magnitude / NSTIME_SECOND);

	writer_char(out, difference < 0 ? '-' : ' ');
	if (!seconds_convert(seconds)) {
		writer_text(out, "[Error converting time]");
		return;
	}
	writer_decimal_wide(out, (uint64_t)seconds / 3600 % 24, 2, '0');
	writer_char(out, ':');
	writer_decimal_wide(out, (uint64_t)seconds / 60 % 60, 2, '0');
	writer_char(out, ':');
	writer_decimal_wide(out, (uint64_t)seconds % 60, 2, '0');
	stamp_fraction(line, out, (int64_t)(magnitude % NSTIME_SECOND));
}

static void stamp_point(TcpdumpLine *line, Writer *out, NsTime time)
{
	int64_t seconds = time / NSTIME_SECOND;

	/* The fraction counts forward, before the epoch too. */
	if (time % NSTIME_SECOND < 0)
		seconds--;
	if (!seconds_convert(seconds)) {
		writer_text(out, "[Error converting time]");
		return;
	}
	if (line->options->stamp == STAMP_EPOCH)
		writer_decimal(out, (uint64_t)seconds);
	else
		stamp_local(line, out, seconds, line->options->stamp == STAMP_DATE);
	stamp_fraction(line, out, time - seconds * NSTIME_SECOND);
}

/* Without --nano tcpdump is given microseconds, and takes differences of those. */
static NsTime stamp_cut(const TcpdumpLine *line, NsTime time)
{
	NsTime rest = line->options->nanoseconds ? 0 : time % NSTIME_MICROSECOND;

	return rest < 0 ? time - rest - NSTIME_MICROSECOND : time - rest;
}

static void stamp(TcpdumpLine *line, Writer *out, NsTime time)
{
	switch (line->options->stamp) {
	case STAMP_NONE:
		return;
	case STAMP_TIME:
	case STAMP_EPOCH:
	case STAMP_DATE:
		stamp_point(line, out, time);
		break;
	case STAMP_DELTA:
		stamp_difference(line, out, time - line->previous);
		break;
	case STAMP_SINCE:
		stamp_difference(line, out, time - line->first);
		break;
	}
	writer_char(out, ' ');
}

/* The control bits that tcpdump knows, in the order of their values; AE is not among them. */
static void write_flags(Writer *out, uint16_t flags)
{
	static const char letters[8] = "FSRP.UEW";

	if (!(flags & 0xff)) {
		writer_text(out, "none");
		return;
	}
	writer_room(out, sizeof(letters));
	for (unsigned bit = 0; bit < sizeof(letters); bit++) {
		if (flags & 1u << bit)
			*out->at++ = letters[bit];
	}
}

/* From "Flags" to the last "length N". */
static void write_tcp(Line *line)
{
	const Segment *segment = line->segment;
	const uint8_t *header = line->frame->data + segment->tcp_offset;
	uint32_t header_length = (header[12] >> 4) * 4u;
	Writer *out = &line->out;

	if (line->options->quiet) {
		writer_text(out, "tcp ");
		writer_decimal(out, segment->payload);
		return;
	}
	if (!line->options->absolute)
		line->base = line_numbers_base(line->numbers, segment);
	writer_text(out, "Flags [");
	write_flags(out, segment->flags);
	writer_char(out, ']');
	if (line->options->verbose > 0)
		line_checksum(line);
	if (line->options->verbose > 1 || segment->payload > 0 ||
	    segment->flags & (TH_SYN | TH_FIN | TH_RST)) {
		writer_text(out, ", seq ");
		writer_decimal(out, segment->seq - line->base.seq);
		if (segment->payload > 0) {
			writer_char(out, ':');
			writer_decimal(out, segment->seq - line->base.seq + segment->payload);
		}
	}
	if (segment->flags & TH_ACK) {
		writer_text(out, ", ack ");
		writer_decimal(out, segment->ack - line->base.ack);
	}
	writer_text(out, ", win ");
	writer_decimal(out, segment->window);
	if (segment->flags & TH_URG) {
		writer_text(out, ", urg ");
		writer_decimal(out, load_u16(header + 18));
	}
	if (header_length > TCP_HEADER_MIN) {
		writer_text(out, ", ");
		if (!line_tcp_options(line, header + TCP_HEADER_MIN,
				      header_length - TCP_HEADER_MIN))
			return;
	}
	writer_text(out, ", length ");
	writer_decimal(out, segment->payload);
}

static void write_line(TcpdumpLine *tcpdump, const Frame *frame, const Segment *segment,
		       NsTime time, GString *text)
{
	uint64_t packet_end = (uint64_t)segment->ip_offset + segment->ip_length;
	Line line = {
		.options = tcpdump->options,
		.names = tcpdump->names,
		.frame = frame,
		.segment = segment,
		.numbers = tcpdump->numbers,
		.captured = frame->data + MIN(packet_end, frame->caplen),
	};

	writer_begin(&line.out, text);
	if (line.options->number) {
		writer_decimal_wide(&line.out, frame->accepted, 5, ' ');
		writer_text(&line.out, "  ");
	}
	stamp(tcpdump, &line.out, time);
	line_link(&line);
	if (line_ip(&line))
		write_tcp(&line);
	writer_char(&line.out, '\n');
	writer_end(&line.out);
}

void tcpdump_line_append(TcpdumpLine *line, const Frame *frame, const Segment *segment,
			 GString *text)
{
	NsTime time = stamp_cut(line, frame->time);

	if (!line->begun) {
		line->begun = true;
		line->first = time;
		line->previous = time;
	}
	if (text)
		write_line(line, frame, segment, time, text);
	else
		line_numbers_base(line->numbers, segment);
	line->previous = time;
}
