/* The IP part of tcpdump's line: addresses and ports, with -v the header. Knows IPv4; the options
 * of both versions and IPv6's extension headers are in files of their own. */
#include "report/tcpdump-parts.h"

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER     40

/* IANA's registry of protocol numbers, as far as decoding lets them pass. */
enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_AH = 51,
};

void line_host(Line *line, const Address *addr, int version)
{
	if (!line->options->numeric) {
		writer_text(&line->out, line_names_host(line->names, addr, version));
		return;
	}
	writer_room(&line->out, ADDRESS_TEXT_MAX);
	line->out.at += address_format(line->out.at, addr, version);
}

void line_port(Line *line, uint16_t port)
{
	const char *name = line->options->numeric ? NULL : line_names_port(line->names, port);

	if (name)
		writer_text(&line->out, name);
	else
		writer_decimal(&line->out, port);
}

/* "10.0.0.1.40000", or without the port when other headers come first. */
static void write_end(Line *line, const Endpoint *end, bool port)
{
	line_host(line, &end->addr, end->version);
	if (port) {
		writer_char(&line->out, '.');
		line_port(line, end->port);
	}
}

static void write_ends(Line *line, bool ports)
{
	const Segment *segment = line->segment;

	if (line->options->numeric && ports) {
		writer_room(&line->out, LINE_ENDS_MAX);
		line->out.at = line_ends_put(line->ends, line->out.at, segment);
		return;
	}
	write_end(line, &segment->src, ports);
	writer_text(&line->out, " > ");
	write_end(line, &segment->dst, ports);
	writer_text(&line->out, ": ");
}

/* The ports alone, behind the headers that come between. */
static void write_ports(Line *line)
{
	line_port(line, line->segment->src.port);
	writer_text(&line->out, " > ");
	line_port(line, line->segment->dst.port);
	writer_text(&line->out, ": ");
}

/* The Internet checksum's sum (RFC 1071) over @count bytes, on top of @sum; folded by sum_fold().
 * An odd byte is the upper half of a last number. */
static uint64_t sum_add(uint64_t sum, const uint8_t *bytes, size_t count)
{
	for (; count >= 2; bytes += 2, count -= 2)
		sum += load_u16(bytes);
	if (count > 0)
		sum += (uint64_t)bytes[0] << 8;
	return sum;
}

static uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* What a checksum field should have been when the sum over everything, the field included, is @sum
 * and not 0xffff. */
static uint16_t sum_expected(uint16_t field, uint16_t sum)
{
	return sum_fold((uint64_t)field + (uint16_t)~sum);
}

/* Where a routing option will have brought the packet (RFC 791 3.1): its checksums count for that
 * address. */
static const uint8_t *ipv4_destination(const uint8_t *header)
{
	const uint8_t *at = header + IPV4_HEADER_MIN;
	const uint8_t *end = header + (header[0] & 15) * 4;

	while (at < end && at[0] != 0) {
		if (at[0] == 1) {
			at++;
			continue;
		}
		if (end - at < 2 || at[1] < 2 || at[1] > end - at)
			break;
		/* Loose and strict source and record route: the last address. */
		if ((at[0] == 131 || at[0] == 137) && at[1] >= 7)
			return at + at[1] - 4;
		at += at[1];
	}
	return header + 16;
}

/* The same for IPv6: what the first routing header says (RFC 8200 4.4). NULL when the packet is a
 * fragment. */
static const uint8_t *ipv6_destination(const uint8_t *header, const uint8_t *tcp)
{
	const uint8_t *destination = header + 24;
	const uint8_t *at = header + IPV6_HEADER;
	bool routed = false;

	for (uint8_t next = header[6], length; at < tcp; at += 4 * length) {
		if (next == PROTOCOL_FRAGMENT)
			return NULL;
		if (next == PROTOCOL_ROUTING && !routed) {
			routed = true;
			/* Source routes list the last address last, segment routes (RFC 8754)
			 * first. */
			if (at[2] == 4)
				destination = at + 8;
			else if (at[1] >= 2)
				destination = at + 8 + 8 * at[1] - 16;
		}
		length = next == PROTOCOL_AH ? at[1] + 2 : 2 * (at[1] + 1);
		next = at[0];
	}
	return destination;
}

/* Bytes of the TCP header and its data, by the IP header. */
static uint64_t tcp_length(const Segment *segment)
{
	return segment->ip_length - (segment->tcp_offset - segment->ip_offset);
}

bool line_is_whole(const Line *line)
{
	const uint8_t *tcp = line->frame->data + line->segment->tcp_offset;

	return (uint64_t)(line->captured - tcp) >= tcp_length(line->segment);
}

/* RFC 9293 3.1: over addresses, length, protocol, TCP header and data. False when not all of it is
 * there, or it is only a fragment. */
static bool tcp_sum(const Line *line, uint16_t *sum)
{
	const Segment *segment = line->segment;
	const uint8_t *header = line->frame->data + segment->ip_offset;
	const uint8_t *tcp = line->frame->data + segment->tcp_offset;
	uint64_t length = tcp_length(segment);
	size_t address_length = segment->src.version == 4 ? 4 : 16;
	const uint8_t *source, *destination;
	uint64_t total;

	if (!line_is_whole(line))
		return false;
	if (segment->src.version == 4) {
		/* More fragments follow: the data is not all here. */
		if (load_u16(header + 6) & 0x2000)
			return false;
		source = header + 12;
		destination = ipv4_destination(header);
	} else {
		source = header + 8;
		destination = ipv6_destination(header, tcp);
		if (!destination)
			return false;
	}
	total = sum_add(PROTOCOL_TCP + (length >> 16) + (length & 0xffff), source, address_length);
	total = sum_add(total, destination, address_length);
	*sum = sum_fold(sum_add(total, tcp, length));
	return true;
}

void line_checksum(Line *line)
{
	uint16_t field = load_u16(line->frame->data + line->segment->tcp_offset + 16);
	Writer *out = &line->out;
	uint16_t sum;

	if (!tcp_sum(line, &sum))
		return;
	writer_text(out, ", cksum 0x");
	writer_hex(out, field, 4);
	if (sum == 0xffff) {
		writer_text(out, " (correct)");
		return;
	}
	writer_text(out, " (incorrect -> 0x");
	writer_hex(out, sum_expected(field, sum), 4);
	writer_char(out, ')');
}

/* RFC 791 3.1: the flags of the IPv4 header as tcpdump abbreviates them. */
static void write_ipv4_flags(Writer *out, uint16_t fragment)
{
	const char *separator = "";

	if (!(fragment & 0xe000))
		writer_text(out, "none");
	if (fragment & 0x2000) {
		writer_char(out, '+');
		separator = ", ";
	}
	if (fragment & 0x4000) {
		writer_text(out, separator);
		writer_text(out, "DF");
		separator = ", ";
	}
	if (fragment & 0x8000) {
		writer_text(out, separator);
		writer_text(out, "rsvd");
	}
}

/* -v: the IPv4 header in brackets, and a new line that is indented. */
static void write_ipv4_header(Line *line, const uint8_t *header)
{
	/* RFC 3168 5 */
	static const char *const ecn[] = { "", ",ECT(1)", ",ECT(0)", ",CE" };
	uint32_t header_length = (header[0] & 15) * 4u;
	uint16_t fragment = load_u16(header + 6);
	uint16_t sum = sum_fold(sum_add(0, header, header_length));
	Writer *out = &line->out;

	writer_text(out, "(tos 0x");
	writer_hex(out, header[1], 1);
	writer_text(out, ecn[header[1] & 3]);
	if (header[8] > 0) {
		writer_text(out, ", ttl ");
		writer_decimal(out, header[8]);
	}
	writer_text(out, ", id ");
	writer_decimal(out, load_u16(header + 4));
	writer_text(out, ", offset ");
	writer_decimal(out, (fragment & 0x1fff) * 8);
	writer_text(out, ", flags [");
	write_ipv4_flags(out, fragment);
	writer_text(out, header[9] == PROTOCOL_AH ? "], proto AH (" : "], proto TCP (");
	writer_decimal(out, header[9]);
	writer_text(out, "), length ");
	writer_decimal(out, line->segment->ip_length);
	if (header_length > IPV4_HEADER_MIN)
		line_ipv4_options(line, header);
	if (sum != 0xffff) {
		writer_text(out, ", bad cksum ");
		writer_hex(out, load_u16(header + 10), 1);
		writer_text(out, " (->");
		writer_hex(out, sum_expected(load_u16(header + 10), sum), 1);
		writer_text(out, ")!");
	}
	writer_text(out, ")\n    ");
}

/* The link header is that of the packet, which is neither inside a tunnel nor put together: -e has
 * said what the packet is, and where it ends. */
static bool link_is_own(const Line *line)
{
	return !line->segment->tunnelled && line->carrier == line->frame;
}

/* How many bytes the IP packet lacks of what its header says; those were not even on the wire. */
static uint64_t bytes_missing(const Line *line)
{
	uint32_t end = link_is_own(line) ? line->link_end : line->frame->len;
	uint64_t wire = end - line->segment->ip_offset;

	return line->segment->ip_length > wire ? line->segment->ip_length - wire : 0;
}

static bool names_protocol(const Line *line)
{
	return !line->options->link || !link_is_own(line);
}

static bool write_ipv4(Line *line, const uint8_t *header)
{
	uint64_t missing = bytes_missing(line);
	Writer *out = &line->out;

	if (names_protocol(line))
		writer_text(out, "IP ");
	if (missing > 0) {
		writer_text(out, "truncated-ip - ");
		writer_decimal(out, missing);
		writer_text(out, " bytes missing! ");
	}
	if (line->options->verbose > 0)
		write_ipv4_header(line, header);
	write_ends(line, header[9] == PROTOCOL_TCP);
	if (header[9] != PROTOCOL_TCP) {
		line_authentication(line, header + (header[0] & 15) * 4);
		write_ports(line);
	}
	return true;
}

/* The header that follows IPv6's own, in tcpdump's words. */
static const char *next_header_name(uint8_t next)
{
	switch (next) {
	case PROTOCOL_HOP_BY_HOP:
		return "Options";
	case PROTOCOL_TCP:
		return "TCP";
	case PROTOCOL_ROUTING:
		return "Routing";
	case PROTOCOL_FRAGMENT:
		return "Fragment";
	case PROTOCOL_AH:
		return "AH";
	default:
		return "unknown";
	}
}

/* -v: the IPv6 header in brackets, on the same line. */
static void write_ipv6_header(Line *line, const uint8_t *header)
{
	uint32_t first = load_u32(header);
	Writer *out = &line->out;

	writer_char(out, '(');
	if (first >> 20 & 0xff) {
		writer_text(out, "class 0x");
		writer_hex(out, first >> 20 & 0xff, 2);
		writer_text(out, ", ");
	}
	if (first & 0xfffff) {
		writer_text(out, "flowlabel 0x");
		writer_hex(out, first & 0xfffff, 5);
		writer_text(out, ", ");
	}
	writer_text(out, "hlim ");
	writer_decimal(out, header[7]);
	writer_text(out, ", next-header ");
	writer_text(out, next_header_name(header[6]));
	writer_text(out, " (");
	writer_decimal(out, header[6]);
	writer_text(out, ") payload length: ");
	writer_decimal(out, load_u16(header + 4));
	writer_text(out, ") ");
}

static bool write_ipv6(Line *line, const uint8_t *header)
{
	uint64_t missing = bytes_missing(line);
	Writer *out = &line->out;

	if (names_protocol(line))
		writer_text(out, "IP6 ");
	if (missing > 0) {
		writer_text(out, "truncated-ip6 - ");
		writer_decimal(out, missing);
		writer_text(out, " bytes missing!");
	}
	if (line->options->verbose > 0)
		write_ipv6_header(line, header);
	write_ends(line, header[6] == PROTOCOL_TCP);
	if (header[6] == PROTOCOL_TCP)
		return true;
	if (!line_ipv6_extensions(line, header + IPV6_HEADER, header[6]))
		return false;
	write_ports(line);
	return true;
}

bool line_ip(Line *line)
{
	const uint8_t *header = line->frame->data + line->segment->ip_offset;

	return line->segment->src.version == 4 ? write_ipv4(line, header)
					       : write_ipv6(line, header);
}
