/* The line that tcpdump prints for a TCP segment: number, time, and the TCP header as text. Knows
 * the order of the parts; link and IP headers, options and names are in the other tcpdump-*.c
 * files. */
#include "report/tcpdump-line.h"

#include <time.h>

#include "report/tcpdump-parts.h"

#define TCP_HEADER_MIN 20

/* Room for "YYYY-MM-DD HH:MM:SS" whatever the year. */
#define CALENDAR_TEXT_MAX 40

/* Room for any line that is_plain(). */
#define PLAIN_TEXT_MAX 512

#define LINK_ETHERNET 1 /* DLT_EN10MB of libpcap */
#define PROTOCOL_TCP  6 /* IANA's protocol numbers */

/* Room for the flags, and for five numbers with a word before each. */
#define FLAGS_TEXT_MAX   24
#define NUMBERS_TEXT_MAX (5 * (6 + DIGITS_MAX))

/* The letters of one combination of flags. */
typedef struct {
	char letters[8];
	uint8_t length;
} FlagsText;

struct TcpdumpLine {
	const LineOptions *options; /* tcpdump's flags */
	LineNames *names;           /* names that were looked up */
	LineEnds *ends;             /* addresses and ports as text */
	LineNumbers *numbers;       /* first numbers of each address and port pair */
	bool plain;                 /* the options ask for nothing but -n, -t and -S */
	bool begun;                 /* there was a segment: @first and @previous are set */
	NsTime first, previous;     /* times of the first segment and of the one before */
	FlagsText flags[256];       /* for each combination of the flags that tcpdump knows */
	NsTime second;              /* where the second begins that @second_text is for */
	char second_text[CALENDAR_TEXT_MAX]; /* what stands before its fraction */
	size_t second_length;                /* its length; 0 before any */
};

/* The control bits that tcpdump knows, in the order of their values; AE is not among them. */
static void name_flags(FlagsText text[static 256])
{
	static const char letters[8] = "FSRP.UEW";

	memcpy(text[0].letters, "none", text[0].length = 4);
	for (unsigned flags = 1; flags < 256; flags++) {
		for (unsigned bit = 0; bit < sizeof(letters); bit++) {
			if (flags & 1u << bit)
				text[flags].letters[text[flags].length++] = letters[bit];
		}
	}
}

TcpdumpLine *tcpdump_line_new(const LineOptions *options)
{
	TcpdumpLine *line = g_new0(TcpdumpLine, 1);

	line->options = options;
	line->names = line_names_new();
	line->ends = line_ends_new();
	line->numbers = line_numbers_new();
	line->plain = options->numeric && !options->link && !options->number && !options->quiet &&
		      options->verbose == 0;
	name_flags(line->flags);
	return line;
}

void tcpdump_line_free(TcpdumpLine *line)
{
	if (!line)
		return;
	line_names_free(line->names);
	line_ends_free(line->ends);
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
static void stamp_fraction(const TcpdumpLine *line, Writer *out, uint32_t nanoseconds)
{
	writer_room(out, 1 + DIGITS_MAX);
	*out->at++ = '.';
	out->at = nstime_put_fraction(out->at, nanoseconds, line->options->nanoseconds ? 9 : 6);
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
	writer_fixed(out, (uint64_t)seconds / 3600 % 24, 2);
	writer_char(out, ':');
	writer_fixed(out, (uint64_t)seconds / 60 % 60, 2);
	writer_char(out, ':');
	writer_fixed(out, (uint64_t)seconds % 60, 2);
	stamp_fraction(line, out, (uint32_t)(magnitude % NSTIME_SECOND));
}

/* Segments of the same second share its text. */
static void begin_second(TcpdumpLine *line, int64_t seconds)
{
	time_t clock = (time_t)seconds;
	char *text = line->second_text;
	struct tm tm;

	line->second = seconds * NSTIME_SECOND;
	if (line->options->stamp == STAMP_EPOCH) {
		line->second_length = (size_t)(digits_put(text, (uint64_t)seconds) - text);
		return;
	}
	localtime_r(&clock, &tm);
	line->second_length = strftime(
		text, sizeof(line->second_text),
		line->options->stamp == STAMP_DATE ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
}

/* Whether @time lies in the second whose text is at hand. */
static bool in_second(const TcpdumpLine *line, NsTime time)
{
	return line->second_length > 0 &&
	       (uint64_t)time - (uint64_t)line->second < (uint64_t)NSTIME_SECOND;
}

static void stamp_point(TcpdumpLine *line, Writer *out, NsTime time)
{
	if (!in_second(line, time)) {
		/* The fraction counts forward, before the epoch too. */
		int64_t seconds = time / NSTIME_SECOND - (time % NSTIME_SECOND < 0);

		if (!seconds_convert(seconds)) {
			writer_text(out, "[Error converting time]");
			return;
		}
		begin_second(line, seconds);
	}
	writer_bytes(out, line->second_text, line->second_length);
	stamp_fraction(line, out, (uint32_t)(time - line->second));
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
		stamp_difference(line, out,
				 stamp_cut(line, time) - stamp_cut(line, line->previous));
		break;
	case STAMP_SINCE:
		stamp_difference(line, out, stamp_cut(line, time) - stamp_cut(line, line->first));
		break;
	}
	writer_char(out, ' ');
}

static char *put_flags(char *at, const FlagsText *flags)
{
	at = put_text(at, "Flags [");
	memcpy(at, flags->letters, sizeof(flags->letters));
	at += flags->length;
	*at++ = ']';
	return at;
}

/* From "seq" to "win", and "urg"; @always: seq also where tcpdump has it only with -vv. */
static char *put_numbers(char *at, const Segment *segment, const LineBase *base,
			 const uint8_t *header, bool always)
{
	uint32_t seq = segment->seq - base->seq;

	if (always || segment->payload > 0 || segment->flags & (TH_SYN | TH_FIN | TH_RST)) {
		at = put_text(at, ", seq ");
		at = digits_put(at, seq);
		if (segment->payload > 0) {
			*at++ = ':';
			at = digits_put(at, seq + segment->payload);
		}
	}
	if (segment->flags & TH_ACK) {
		at = put_text(at, ", ack ");
		at = digits_put(at, segment->ack - base->ack);
	}
	at = put_text(at, ", win ");
	at = digits_put(at, segment->window);
	if (segment->flags & TH_URG) {
		at = put_text(at, ", urg ");
		at = digits_put(at, load_u16(header + 18));
	}
	return at;
}

/* From "Flags" to the last "length N". */
static void write_tcp(Line *line, const FlagsText *flags)
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
	writer_room(out, FLAGS_TEXT_MAX);
	out->at = put_flags(out->at, flags);
	if (line->options->verbose > 0)
		line_checksum(line);
	writer_room(out, NUMBERS_TEXT_MAX);
	out->at = put_numbers(out->at, segment, &line->base, header, line->options->verbose > 1);
	if (header_length > TCP_HEADER_MIN) {
		writer_text(out, ", ");
		if (!line_tcp_options(line, header + TCP_HEADER_MIN,
				      header_length - TCP_HEADER_MIN))
			return;
	}
	writer_text(out, ", length ");
	writer_decimal(out, segment->payload);
}

/* What a segment's numbers are relative to. */
static LineBase base_of(TcpdumpLine *line, const Segment *segment, uint32_t *pair)
{
	return line->options->absolute ? (LineBase){ 0 }
				       : line_numbers_base(line->numbers, segment, pair);
}

/* Nearly every segment has IPv4 over Ethernet, no options or the usual ones, and nothing that is
 * cut or odd. Its line is written without asking for each piece what else could be there. */
static bool is_plain(const TcpdumpLine *line, const Frame *frame, const Segment *segment)
{
	const uint8_t *ip = frame->data + segment->ip_offset;
	const uint8_t *tcp = frame->data + segment->tcp_offset;
	uint32_t header_length = (tcp[12] >> 4) * 4u;
	uint64_t packet_end = (uint64_t)segment->ip_offset + segment->ip_length;

	if (!line->plain || frame->linktype != LINK_ETHERNET || segment->unwrapped ||
	    segment->src.version != 4 || ip[9] != PROTOCOL_TCP || packet_end > frame->len)
		return false;
	return header_length == TCP_HEADER_MIN ||
	       ((uint64_t)segment->tcp_offset + header_length <= MIN(packet_end, frame->caplen) &&
		line_options_are_usual(tcp + TCP_HEADER_MIN, header_length - TCP_HEADER_MIN));
}

static void write_plain(TcpdumpLine *line, const Frame *frame, const Segment *segment,
			uint32_t *pair, Writer *out)
{
	const uint8_t *header = frame->data + segment->tcp_offset;
	const LineBase base = base_of(line, segment, pair);
	char *at;

	writer_room(out, PLAIN_TEXT_MAX);
	stamp(line, out, frame->time);
	at = put_text(out->at, "IP ");
	at = line_ends_put(line->ends, at, segment);
	at = put_flags(at, &line->flags[segment->flags & 0xff]);
	at = put_numbers(at, segment, &base, header, false);
	if (header[12] >> 4 > TCP_HEADER_MIN / 4) {
		at = put_text(at, ", ");
		at = line_put_usual_options(at, header + TCP_HEADER_MIN);
	}
	at = put_text(at, ", length ");
	at = digits_put(at, segment->payload);
	*at++ = '\n';
	out->at = at;
}

static void write_line(TcpdumpLine *tcpdump, const Frame *carrier, const Frame *frame,
		       const Segment *segment, uint32_t *pair, GString *text)
{
	uint64_t packet_end = (uint64_t)segment->ip_offset + segment->ip_length;
	Line line = {
		.options = tcpdump->options,
		.names = tcpdump->names,
		.ends = tcpdump->ends,
		.carrier = carrier,
		.frame = frame,
		.segment = segment,
		.link_end = MAX(carrier->len, carrier->caplen),
		.captured = frame->data + MIN(packet_end, frame->caplen),
	};

	writer_begin(&line.out, text);
	if (line.options->number) {
		writer_decimal_wide(&line.out, frame->accepted, 5, ' ');
		writer_text(&line.out, "  ");
	}
	stamp(tcpdump, &line.out, frame->time);
	line_link(&line);
	if (line_ip(&line)) {
		line.base = base_of(tcpdump, segment, pair);
		write_tcp(&line, &tcpdump->flags[segment->flags & 0xff]);
	}
	writer_char(&line.out, '\n');
	writer_end(&line.out);
}

void tcpdump_line_append(TcpdumpLine *line, const Frame *carrier, const Frame *frame,
			 const Segment *segment, uint32_t *pair, GString *text)
{
	if (!line->begun) {
		line->begun = true;
		line->first = frame->time;
		line->previous = frame->time;
	}
	if (!text) {
		line_numbers_base(line->numbers, segment, pair);
	} else if (carrier == frame && is_plain(line, frame, segment)) {
		Writer out;

		writer_begin(&out, text);
		write_plain(line, frame, segment, pair, &out);
		writer_end(&out);
	} else {
		write_line(line, carrier, frame, segment, pair, text);
	}
	line->previous = frame->time;
}
