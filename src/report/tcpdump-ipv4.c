/* The options of an IPv4 header as tcpdump prints them with -v. Knows RFC 791's options; knows
 * nothing of the rest of the header. */
#include "report/tcpdump-parts.h"

#define IPV4_HEADER_MIN 20

/* IANA's registry of IPv4 options, those that tcpdump names. */
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_RECORD_ROUTE = 7,
	OPTION_TIMESTAMP = 68,
	OPTION_TRACEROUTE = 82,
	OPTION_SECURITY = 130,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,
	OPTION_ROUTER_ALERT = 148,
};

/* NULL for those that have no name. */
static const char *option_name(uint8_t kind)
{
	switch (kind) {
	case OPTION_END:
		return "EOL";
	case OPTION_NOP:
		return "NOP";
	case OPTION_RECORD_ROUTE:
		return "RR";
	case OPTION_TIMESTAMP:
		return "timestamp";
	case OPTION_TRACEROUTE:
		return "traceroute";
	case OPTION_SECURITY:
		return "security";
	case OPTION_LOOSE_ROUTE:
		return "LSRR";
	case OPTION_STRICT_ROUTE:
		return "SSRR";
	case OPTION_ROUTER_ALERT:
		return "RA";
	default:
		return NULL;
	}
}

/* "[bad ptr 5]" out of what stands before the number and the number. */
static void write_bad(Writer *out, const char *what, unsigned number)
{
	writer_text(out, what);
	writer_decimal(out, number);
	writer_char(out, ']');
}

static void write_hop(Line *line, const uint8_t *bytes)
{
	Address addr = { { 0 } };

	memcpy(addr.bytes, bytes, 4);
	line_host(line, &addr, 4);
}

/* RFC 791 3.1: addresses, and a pointer to where the next one goes, counted from 1; those before it
 * are followed by a comma. A length that is no multiple does not stop tcpdump: its last address
 * takes in bytes from behind the option. */
static void write_route(Line *line, const uint8_t *option, uint8_t length)
{
	Writer *out = &line->out;
	uint8_t pointer;

	if (length < 3) {
		write_bad(out, " [bad length ", length);
		return;
	}
	if ((length + 1) % 4 != 0)
		write_bad(out, " [bad length ", length);
	pointer = (uint8_t)(option[2] - 1);
	if (pointer < 3 || (pointer + 1) % 4 != 0 || pointer > length + 1)
		write_bad(out, " [bad ptr ", option[2]);
	for (unsigned at = 3; at < length; at += 4) {
		writer_char(out, ' ');
		write_hop(line, option + at);
		if (pointer > at)
			writer_char(out, ',');
	}
}

/* One entry of a timestamp option at @entry, of @size bytes: an address before it when there is
 * room. */
static void write_timestamp_entry(Line *line, const uint8_t *entry, unsigned size, bool here)
{
	writer_text(&line->out, here ? " ^ " : " ");
	writer_decimal(&line->out, load_u32(size == 8 ? entry + 4 : entry));
	writer_char(&line->out, '@');
	if (size == 8)
		write_hop(line, entry);
}

/* RFC 791 3.1: times, alone or with the address of who noted them. */
static void write_timestamp(Line *line, const uint8_t *option, uint8_t length)
{
	static const char *const kinds[] = { "TSONLY", "TS+ADDR", NULL, "PRESPEC" };
	Writer *out = &line->out;
	uint8_t kind, pointer;
	unsigned size, at = 0;

	if (length < 4) {
		write_bad(out, "[bad length ", length);
		return;
	}
	writer_text(out, " TS{");
	kind = option[3] & 15;
	size = kind ? 8 : 4;
	if ((length - 4) % size != 0)
		write_bad(out, "[bad length ", length);
	pointer = (uint8_t)(option[2] - 1);
	if (pointer < 4 || (pointer - 4) % size != 0 || pointer > length + 1)
		write_bad(out, "[bad ptr ", option[2]);
	if (kind < G_N_ELEMENTS(kinds) && kinds[kind]) {
		writer_text(out, kinds[kind]);
		for (at = 4; at < length; at += size)
			write_timestamp_entry(line, option + at, size, pointer == at);
	} else {
		write_bad(out, "[bad ts type ", kind);
	}
	if (pointer == at)
		writer_text(out, " ^ ");
	if (option[3] >> 4) {
		writer_text(out, " [");
		writer_decimal(out, option[3] >> 4);
		writer_text(out, " hops not recorded]} ");
	} else {
		writer_char(out, '}');
	}
}

/* RFC 2113; more than its four bytes do not trouble tcpdump. */
static void write_router_alert(Writer *out, const uint8_t *option, uint8_t length)
{
	if (length < 4) {
		write_bad(out, " [bad length ", length);
	} else if (load_u16(option + 2) != 0) {
		writer_text(out, " value ");
		writer_decimal(out, load_u16(option + 2));
	}
}

/* One option, of which @left bytes are in the header. Returns how many it takes, 0 when it is the
 * last. */
static uint32_t write_option(Line *line, const uint8_t *option, uint32_t left)
{
	const char *name = option_name(option[0]);
	Writer *out = &line->out;
	uint8_t length;

	if (name) {
		writer_text(out, name);
	} else {
		writer_text(out, "unknown ");
		writer_decimal(out, option[0]);
	}
	if (option[0] == OPTION_END || option[0] == OPTION_NOP)
		return option[0] == OPTION_NOP;

	/* For want of one tcpdump takes the first byte of the TCP header, which makes a bad length
	 * too. */
	length = option[1];
	if (length < 2 || length > left) {
		write_bad(out, " [bad length ", length);
		return 0;
	}
	switch (option[0]) {
	case OPTION_RECORD_ROUTE:
	case OPTION_LOOSE_ROUTE:
	case OPTION_STRICT_ROUTE:
		write_route(line, option, length);
		break;
	case OPTION_TIMESTAMP:
		write_timestamp(line, option, length);
		break;
	case OPTION_ROUTER_ALERT:
		write_router_alert(out, option, length);
		break;
	}
	return length;
}

void line_ipv4_options(Line *line, const uint8_t *header)
{
	const uint8_t *at = header + IPV4_HEADER_MIN;
	const uint8_t *end = header + (header[0] & 15) * 4;
	uint32_t taken = 1;

	writer_text(&line->out, ", options (");
	for (const char *separator = ""; at < end && taken > 0; at += taken) {
		writer_text(&line->out, separator);
		taken = write_option(line, at, (uint32_t)(end - at));
		separator = ",";
	}
	writer_char(&line->out, ')');
}
