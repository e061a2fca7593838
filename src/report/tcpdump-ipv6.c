/* IPv6 extension headers and the authentication header of both versions, as tcpdump prints them.
 * Knows what stands in them; knows no TCP.
 *
 * Decoding has followed the same headers by their lengths, so they are all there; only what is in
 * them may make no sense. */
#include "report/tcpdump-parts.h"

/* IANA's registry of protocol numbers, as far as they can stand before TCP. */
enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_AH = 51,
	PROTOCOL_DESTINATION = 60,
};

/* IANA's registry of IPv6 options, those that tcpdump names. */
enum {
	OPTION_PAD1 = 0x00,
	OPTION_PADN = 0x01,
	OPTION_ROUTER_ALERT = 0x05, /* RFC 2711 */
	OPTION_JUMBO = 0xc2,        /* RFC 2675 */
	OPTION_HOME_ADDRESS = 0xc9, /* RFC 6275 6.3 */
};

/* Types of routing headers: RFC 8200 4.4, RFC 6275 6.4, RFC 8754. */
enum {
	ROUTING_SOURCE = 0,
	ROUTING_HOME = 2,
	ROUTING_SEGMENT = 4,
};

/* A number with what stands before it. */
static void write_field(Writer *out, const char *name, uint64_t number)
{
	writer_text(out, name);
	writer_decimal(out, number);
}

/* Options are always read, but only with -v printed. */
static void verbose_text(Line *line, const char *text)
{
	if (line->options->verbose > 0)
		writer_text(&line->out, text);
}

/* Whether an option of @length bytes of data, of which @left are in the header, has as many as
 * @name needs: @needed, or at least so many. What is wrong is printed without -v too. */
static bool option_fits(Line *line, const char *name, uint8_t length, uint32_t left, uint8_t needed,
			bool at_least)
{
	Writer *out = &line->out;

	if (left >= needed && (length == needed || (at_least && length > needed)))
		return true;
	writer_char(out, '(');
	writer_text(out, name);
	if (left < needed)
		writer_text(out, ": trunc");
	else
		write_field(out, ": invalid len ", length);
	writer_char(out, ')');
	return false;
}

/* RFC 2675 2: only in a hop-by-hop header, once, and only where the packet has no other length. */
static void write_jumbo(Line *line, const uint8_t *data, bool hop_by_hop, bool seen)
{
	const uint8_t *header = line->frame->data + line->segment->ip_offset;
	Writer *out = &line->out;

	writer_text(out, "(jumbo: ");
	writer_decimal(out, load_u32(data));
	if (seen)
		writer_text(out, " - already seen");
	else if (!hop_by_hop)
		writer_text(out, " - not a hop-by-hop option");
	else if (load_u16(header + 4) != 0)
		writer_text(out, " - payload len != 0");
	writer_text(out, ") ");
}

static void write_ipv6_address(Line *line, const uint8_t *bytes)
{
	Address addr;

	memcpy(addr.bytes, bytes, sizeof(addr.bytes));
	line_host(line, &addr, 6);
}

/* What follows the address within a home address option: padding only, or so it should be. */
static bool write_suboptions(Writer *out, const uint8_t *at, uint32_t length)
{
	while (length > 0) {
		uint32_t taken = at[0] == OPTION_PAD1 ? 1 : 2;

		if (taken > length)
			return false;
		if (taken == 2)
			taken += at[1];
		if (taken > length)
			return false;
		writer_text(out, ", ");
		if (at[0] == OPTION_PAD1) {
			writer_text(out, "pad1");
		} else if (at[0] == OPTION_PADN) {
			writer_text(out, "padn");
		} else {
			writer_text(out, "sopt_type 0x");
			writer_hex(out, at[0], 2);
			write_field(out, ": len=", at[1]);
		}
		at += taken;
		length -= taken;
	}
	return true;
}

/* One option other than Pad1, with @left bytes of the header behind its length; @jumbo is set by
 * the first jumbo payload. */
static bool write_option(Line *line, const uint8_t *option, uint32_t left, bool hop_by_hop,
			 bool *jumbo)
{
	bool verbose = line->options->verbose > 0;
	uint8_t length = option[1];
	Writer *out = &line->out;

	switch (option[0]) {
	case OPTION_PADN:
		verbose_text(line, "(padn)");
		return true;
	case OPTION_ROUTER_ALERT:
		if (!option_fits(line, "rtalert", length, left, 2, false))
			return false;
		if (verbose) {
			writer_text(out, "(rtalert: 0x");
			writer_hex(out, load_u16(option + 2), 4);
			writer_text(out, ") ");
		}
		return true;
	case OPTION_JUMBO:
		if (!option_fits(line, "jumbo", length, left, 4, false))
			return false;
		if (verbose)
			write_jumbo(line, option + 2, hop_by_hop, *jumbo);
		*jumbo = true;
		return true;
	case OPTION_HOME_ADDRESS:
		if (!option_fits(line, "homeaddr", length, left, 16, true))
			return false;
		if (!verbose)
			return true;
		writer_text(out, "(homeaddr: ");
		write_ipv6_address(line, option + 2);
		if (!write_suboptions(out, option + 18, length - 16u))
			return false;
		writer_char(out, ')');
		return true;
	default:
		if (verbose) {
			writer_text(out, "(opt_type 0x");
			writer_hex(out, option[0], 2);
			writer_text(out, ": len=");
			writer_decimal(out, length);
			writer_char(out, ')');
		}
		return true;
	}
}

/* RFC 8200 4.2: the options of a hop-by-hop or destination options header. */
static bool write_options_header(Line *line, const uint8_t *header, bool hop_by_hop)
{
	const uint8_t *at = header + 2;
	const uint8_t *end = header + 8 * (header[1] + 1);
	bool jumbo = false;

	writer_text(&line->out, hop_by_hop ? "HBH " : "DSTOPT ");
	/* Of these tcpdump looks at the first in any case, for a jumbo payload. */
	if (!hop_by_hop && line->options->verbose == 0)
		return true;
	while (at < end) {
		uint32_t left = (uint32_t)(end - at);

		if (at[0] == OPTION_PAD1) {
			verbose_text(line, "(pad1)");
			at++;
			continue;
		}
		if (left < 2 || left - 2 < at[1] ||
		    !write_option(line, at, left - 2, hop_by_hop, &jumbo)) {
			writer_text(&line->out, hop_by_hop ? " [|hbhopt]" : " [|dstopt]");
			return false;
		}
		at += 2 + at[1];
	}
	verbose_text(line, " ");
	return true;
}

/* RFC 8754 2 */
static void write_segment_routing(Line *line, const uint8_t *header)
{
	Writer *out = &line->out;

	write_field(out, ", last-entry=", header[4]);
	if (header[5] != 0 || line->options->verbose > 0) {
		writer_text(out, ", flags=0x");
		writer_hex(out, header[5], 1);
	}
	writer_text(out, ", tag=");
	writer_hex(out, load_u16(header + 6), 1);
}

/* RFC 8200 4.4 */
static bool write_routing_header(Line *line, const uint8_t *header)
{
	Writer *out = &line->out;

	write_field(out, "RT6 (len=", header[1]);
	write_field(out, ", type=", header[2]);
	if (header[2] == ROUTING_SOURCE)
		writer_text(out, " [Deprecated]");
	write_field(out, ", segleft=", header[3]);
	switch (header[2]) {
	case ROUTING_SOURCE:
	case ROUTING_HOME:
		if (load_u32(header + 4) != 0 || line->options->verbose > 0) {
			writer_text(out, ", rsv=0x");
			writer_hex(out, load_u32(header + 4), 1);
		}
		break;
	case ROUTING_SEGMENT:
		write_segment_routing(line, header);
		break;
	default:
		writer_text(out, " (unknown type) (invalid)");
		return false;
	}
	/* Addresses take two units each. */
	if (header[1] % 2 != 0) {
		write_field(out, " (invalid length ", header[1]);
		writer_text(out, ") (invalid)");
		return false;
	}
	for (unsigned i = 0; i < header[1] / 2u; i++) {
		write_field(out, ", [", i);
		writer_char(out, ']');
		write_ipv6_address(line, header + 8 + 16 * i);
	}
	writer_text(out, ") ");
	return true;
}

/* RFC 8200 4.5: the first fragment, since TCP's header is in it. */
static void write_fragment_header(Line *line, const uint8_t *header)
{
	const Segment *segment = line->segment;
	uint32_t offset = (uint32_t)(header + 8 - line->frame->data);
	Writer *out = &line->out;

	writer_text(out, "frag (");
	if (line->options->verbose > 0) {
		writer_text(out, "0x");
		writer_hex(out, load_u32(header + 4), 8);
		writer_char(out, ':');
	}
	write_field(out, "0|", segment->ip_offset + segment->ip_length - offset);
	writer_text(out, ") ");
}

/* RFC 4302 2: one header; returns where the next one begins. */
static const uint8_t *write_authentication(Line *line, const uint8_t *header)
{
	uint32_t length = 4 * (header[1] + 2u);
	Writer *out = &line->out;

	writer_text(out, "AH(");
	if (line->options->verbose > 0) {
		write_field(out, "length=", header[1]);
		write_field(out, "(", length);
		writer_text(out, "-bytes),");
	}
	if (load_u16(header + 2) != 0) {
		writer_text(out, "reserved=0x");
		writer_hex(out, load_u16(header + 2), 1);
		writer_text(out, "[MustBeZero],");
	}
	writer_text(out, "spi=0x");
	writer_hex(out, load_u32(header + 4), 8);
	writer_text(out, ",seq=0x");
	writer_hex(out, load_u32(header + 8), 1);
	writer_text(out, ",icv=0x");
	writer_hex_bytes(out, header + 12, length - 12);
	writer_text(out, "): ");
	return header + length;
}

void line_authentication(Line *line, const uint8_t *at)
{
	const uint8_t *tcp = line->frame->data + line->segment->tcp_offset;

	while (at < tcp)
		at = write_authentication(line, at);
}

/* RFC 8200 4.1: only right behind the IPv6 header at @first, and so only once. */
static bool hop_by_hop_allowed(Line *line, const uint8_t *header, const uint8_t *first, bool found)
{
	if (header == first)
		return true;
	writer_text(&line->out,
		    found ? "[The Hop-by-Hop Options header was already found] (invalid)"
			  : "[The Hop-by-Hop Options header don't follow the IPv6 header] "
			    "(invalid)");
	return false;
}

bool line_ipv6_extensions(Line *line, const uint8_t *at, uint8_t next)
{
	const uint8_t *tcp = line->frame->data + line->segment->tcp_offset;
	const uint8_t *first = at;
	bool hop_by_hop = next == PROTOCOL_HOP_BY_HOP;

	while (at < tcp) {
		const uint8_t *header = at;

		at += 8 * (header[1] + 1);
		switch (next) {
		case PROTOCOL_HOP_BY_HOP:
			if (!hop_by_hop_allowed(line, header, first, hop_by_hop) ||
			    !write_options_header(line, header, true))
				return false;
			break;
		case PROTOCOL_DESTINATION:
			if (!write_options_header(line, header, false))
				return false;
			break;
		case PROTOCOL_ROUTING:
			if (!write_routing_header(line, header))
				return false;
			break;
		case PROTOCOL_FRAGMENT:
			write_fragment_header(line, header);
			at = header + 8;
			break;
		case PROTOCOL_AH:
			at = write_authentication(line, header);
			break;
		}
		next = header[0];
	}
	return true;
}
