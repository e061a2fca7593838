/* What tcpdump prints of MPLS labels, PPPoE, PPP and Cisco's HDLC. Knows their headers; knows no
 * IP. */
#include "report/tcpdump-link.h"

/* IANA's registry of PPP protocol numbers, as far as decoding lets them pass. */
enum {
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
};

/* The first byte of Cisco's HDLC. */
enum {
	HDLC_UNICAST = 0x0f,
	HDLC_BROADCAST = 0x8f,
};

/* Labels with a meaning of their own (RFC 3032 2.1). */
static const char *label_name(uint32_t label)
{
	static const char *const names[] = { "IPv4 explicit NULL", "router alert",
					     "IPv6 explicit NULL", "implicit NULL" };

	return label < G_N_ELEMENTS(names) ? names[label] : "rsvd";
}

/* RFC 3032 2.1; with -v each label is on a line of its own, and so is what is behind them. */
static void write_mpls(Line *line, Cursor *at)
{
	bool verbose = line->options->verbose > 0;
	Writer *out = &line->out;
	const char *separator = " (label ";
	uint32_t entry;

	writer_text(out, "MPLS");
	do {
		entry = cursor_u32(at);
		if (at->failed)
			return;
		writer_text(out, separator);
		writer_decimal(out, entry >> 12);
		if (verbose && entry >> 12 < 16) {
			writer_text(out, " (");
			writer_text(out, label_name(entry >> 12));
			writer_char(out, ')');
		}
		writer_text(out, ", tc ");
		writer_decimal(out, entry >> 9 & 7);
		if (entry & 0x100)
			writer_text(out, ", [S]");
		writer_text(out, ", ttl ");
		writer_decimal(out, entry & 0xff);
		writer_char(out, ')');
		separator = verbose ? "\n\t(label " : " (label ";
	} while (!(entry & 0x100));
	writer_text(out, verbose ? "\n\t" : " ");
}

static const char *ppp_name(uint16_t number)
{
	return number == PPP_IPV4 ? "IP" : number == PPP_IPV6 ? "IP6" : "MPLS";
}

/* MPLS labels, if the number says so. */
static void write_ppp_payload(Line *line, Cursor *at, uint16_t number)
{
	if (number != PPP_IPV4 && number != PPP_IPV6)
		write_mpls(line, at);
}

/* RFC 1662 3.1: with "all stations" or, in captures of pppd, the direction in the first byte, or
 * without; in a frame of @length bytes from the cursor on. */
static void write_ppp(Line *line, Cursor *at, uint32_t length)
{
	bool link = line->options->link;
	Writer *out = &line->out;
	uint16_t number;

	if (cursor_left(at) >= 2 && at->at[1] == 0x03 && (at->at[0] == 0xff || at->at[0] <= 1)) {
		if (link && at->at[0] <= 1)
			writer_text(out, at->at[0] == 0 ? "In  " : "Out ");
		cursor_skip(at, 2);
	}
	number = cursor_u8(at);
	if (!(number & 1))
		number = (uint16_t)(number << 8 | cursor_u8(at));
	if (link) {
		writer_text(out, ppp_name(number));
		writer_text(out, " (0x");
		writer_hex(out, number, 4);
		writer_text(out, "), ");
		link_length(out, length);
	}
	write_ppp_payload(line, at, number);
}

/* RFC 2516 4; the length in the header counts, as far as the frame goes. */
static void write_pppoe(Line *line, Cursor *at)
{
	const uint8_t *header = cursor_take(at, 6);
	Writer *out = &line->out;
	uint32_t length, left;

	if (!header)
		return;
	length = load_u16(header + 4);
	left = link_left(line, at);
	writer_text(out, "PPPoE ");
	if (length > left) {
		writer_text(out, " [len ");
		writer_decimal(out, length);
		writer_text(out, " > ");
		writer_decimal(out, left);
		writer_text(out, "!]");
		length = left;
	}
	if (load_u16(header + 2) != 0) {
		writer_text(out, " [ses 0x");
		writer_hex(out, load_u16(header + 2), 1);
		writer_char(out, ']');
	}
	writer_char(out, ' ');
	link_ends(line, at, length);
	write_ppp(line, at, length);
}

void link_shims(Line *line, Cursor *at, uint16_t type)
{
	if (type == ETHERTYPE_MPLS || type == ETHERTYPE_MPLS_MULTICAST)
		write_mpls(line, at);
	else if (type == ETHERTYPE_PPPOE_SESSION)
		write_pppoe(line, at);
}

void link_ppp(Line *line)
{
	Cursor at = link_begin(line);

	if (cursor_left(&at) > 0 && (at.at[0] == HDLC_UNICAST || at.at[0] == HDLC_BROADCAST))
		link_hdlc(line);
	else
		write_ppp(line, &at, line->carrier->len);
}

void link_ppp_ether(Line *line)
{
	Cursor at = link_begin(line);

	write_pppoe(line, &at);
}

void link_hdlc(Line *line)
{
	Cursor at = link_begin(line);
	const uint8_t *header = cursor_take(&at, 4);
	Writer *out = &line->out;

	if (!header)
		return;
	if (line->options->link) {
		if (header[0] == HDLC_UNICAST) {
			writer_text(out, "unicast");
		} else if (header[0] == HDLC_BROADCAST) {
			writer_text(out, "bcast");
		} else {
			writer_text(out, "0x");
			writer_hex(out, header[0], 2);
		}
		writer_text(out, ", ethertype ");
		link_ethertype(out, load_u16(header + 2));
		writer_text(out, ", ");
		link_length(out, line->carrier->len);
	}
	link_shims(line, &at, load_u16(header + 2));
}

/* PPP as RFC 1662 has it, whose protocol is named without -e, too; or Cisco's HDLC; or PPP without
 * address and control, of which tcpdump prints nothing. */
void link_ppp_serial(Line *line)
{
	Cursor at = link_begin(line);
	const uint8_t *header = at.at;
	Writer *out = &line->out;
	uint16_t number;

	if (cursor_left(&at) < 4)
		return;
	if (header[0] != 0xff || header[1] != 0x03 || header[2] & 1) {
		link_ppp(line);
		return;
	}
	if (line->options->link) {
		writer_text(out, "ff 03 ");
		writer_decimal(out, line->carrier->len);
		writer_char(out, ' ');
	}
	cursor_skip(&at, 2);
	number = cursor_u16(&at);
	writer_text(out, ppp_name(number));
	writer_text(out, ": ");
	write_ppp_payload(line, &at, number);
}
