/* What tcpdump prints before the IP header: with -e the link header, without it nearly nothing.
 * Knows which function prints which link type, and those that have next to no header; knows no
 * IP. */
#include "report/tcpdump-link.h"

/* DLT_ numbers of libpcap; what is none of these is raw IP. */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_PPP_SERIAL = 50,
	LINK_PPP_ETHER = 51,
	LINK_C_HDLC = 104,
	LINK_WIFI = 105,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_RADIOTAP = 127,
	LINK_PPP_PPPD = 166,
	LINK_SLL2 = 276,
};

/* What stands between an EtherType and IP is printed without -e, too. */
#define SHIMS (UNWRAP_BIT(UNWRAP_MPLS) | UNWRAP_BIT(UNWRAP_PPPOE))

/* LINKTYPE_NULL and LINKTYPE_LOOP: a protocol family in either byte order. */
static void write_null(Line *line)
{
	Cursor at = link_begin(line);
	uint32_t family = cursor_u32(&at);
	const char *name;
	Writer *out = &line->out;

	if (family >> 16)
		family = __builtin_bswap32(family);
	name = family == 2 ? "IPv4" : "IPv6";
	if (line->options->quiet) {
		writer_text(out, name);
	} else {
		writer_text(out, "AF ");
		writer_text(out, name);
		writer_text(out, " (");
		writer_decimal(out, family);
		writer_char(out, ')');
	}
	writer_text(out, ", ");
	link_length(out, line->carrier->len);
}

void line_link(Line *line)
{
	bool link = line->options->link;

	switch (line->carrier->linktype) {
	case LINK_ETHERNET:
		if (link || line->segment->unwrapped & SHIMS)
			link_ethernet(line);
		break;
	case LINK_SLL:
		link_sll(line);
		break;
	case LINK_SLL2:
		link_sll2(line);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		if (link)
			write_null(line);
		break;
	case LINK_PPP:
	case LINK_PPP_PPPD:
		link_ppp(line);
		break;
	case LINK_PPP_SERIAL:
		link_ppp_serial(line);
		break;
	case LINK_PPP_ETHER:
		link_ppp_ether(line);
		break;
	case LINK_C_HDLC:
		link_hdlc(line);
		break;
	case LINK_WIFI: {
		Cursor at = link_begin(line);

		link_wifi(line, &at, false, 0);
		break;
	}
	case LINK_RADIOTAP:
		link_radiotap(line);
		break;
	default:
		/* Raw IP. */
		if (link)
			writer_text(&line->out, "ip: ");
		break;
	}
}
