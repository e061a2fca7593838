/* What tcpdump prints before the IP header: with -e the link header, without it nearly nothing.
 * Knows the link types that decode/ reads; knows no IP.
 *
 * The segment was decoded, so the link header is there in full and leads to an IP header. */
#include "report/tcpdump-parts.h"

/* DLT_ numbers of libpcap; what is none of these is raw IP. */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_SLL2 = 276,
};

/* IEEE 802 numbers registry, as far as they have names here. */
enum {
	ETHERTYPE_LENGTH_MAX = 1500, /* up to here it is a length */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_8021Q = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_8021AD = 0x88a8,
	ETHERTYPE_QINQ_9100 = 0x9100,
	ETHERTYPE_QINQ_9200 = 0x9200,
};

#define ETHERNET_HEADER 14
#define SLL_HEADER      16
#define SLL2_HEADER     20
#define LLC_SNAP_HEADER 8

static const char *ethertype_name(uint16_t type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
		return "IPv4";
	case ETHERTYPE_IPV6:
		return "IPv6";
	case ETHERTYPE_8021Q:
		return "802.1Q";
	case ETHERTYPE_8021AD:
		return "802.1Q-QinQ";
	case ETHERTYPE_QINQ_9100:
		return "802.1Q-9100";
	case ETHERTYPE_QINQ_9200:
		return "802.1Q-9200";
	default:
		return "Unknown";
	}
}

static bool ethertype_is_vlan(uint16_t type)
{
	return type == ETHERTYPE_8021Q || type == ETHERTYPE_8021AD || type == ETHERTYPE_QINQ_9100 ||
	       type == ETHERTYPE_QINQ_9200;
}

/* "IPv4 (0x0800)" */
static void write_ethertype(Writer *out, uint16_t type)
{
	writer_text(out, ethertype_name(type));
	writer_text(out, " (0x");
	writer_hex(out, type, 4);
	writer_char(out, ')');
}

static void write_hardware(Line *line, const uint8_t *address)
{
	if (!line->options->numeric) {
		writer_text(&line->out, line_names_hardware(line->names, address));
		return;
	}
	for (unsigned i = 0; i < 6; i++) {
		if (i > 0)
			writer_char(&line->out, ':');
		writer_hex(&line->out, address[i], 2);
	}
}

/* IEEE 802.1Q 9.6: priority, drop eligible, identifier. */
static void write_vlan(Writer *out, uint16_t tag)
{
	writer_text(out, "vlan ");
	writer_decimal(out, tag & 0xfff);
	writer_text(out, ", p ");
	writer_decimal(out, tag >> 13);
	if (tag & 0x1000)
		writer_text(out, ", DEI");
	writer_text(out, ", ");
}

/* "length 74: ", which ends most link headers. */
static void write_length(Writer *out, uint32_t length)
{
	writer_text(out, "length ");
	writer_decimal(out, length);
	writer_text(out, ": ");
}

/* IEEE 802.2 at @llc, in a frame of @length bytes from there on. Decoding has let pass only
 * unnumbered information to the access points of IP and of SNAP, and of SNAP only what carries an
 * EtherType. */
static void write_llc(Line *line, const uint8_t *llc, uint32_t length)
{
	Writer *out = &line->out;
	uint32_t oui;

	if (llc[0] == 0x06) {
		writer_text(out,
			    "LLC, dsap IP (0x06) Individual, ssap IP (0x06) Command, ctrl 0x03: ");
		return;
	}
	writer_text(out,
		    "LLC, dsap SNAP (0xaa) Individual, ssap SNAP (0xaa) Command, ctrl 0x03: oui ");
	oui = (uint32_t)llc[3] << 16 | load_u16(llc + 4);
	writer_text(out, oui == 0 ? "Ethernet (0x" : "Cisco bridged (0x");
	writer_hex(out, oui, 6);
	writer_text(out, oui == 0 ? "), ethertype " : "), pid ");
	write_ethertype(out, load_u16(llc + 6));
	writer_text(out, ", ");
	write_length(out, length - LLC_SNAP_HEADER);
}

/* An EtherType after VLAN tags, and what is behind it up to IP. */
static void write_ethernet_type(Line *line, uint16_t type)
{
	if (line->options->quiet) {
		writer_text(&line->out, ethertype_name(type));
	} else {
		writer_text(&line->out, "ethertype ");
		write_ethertype(&line->out, type);
	}
	writer_text(&line->out, ", ");
}

/* A length in place of an EtherType covers no padding. */
static uint32_t llc_length(uint16_t field, uint32_t left)
{
	return field < left ? field : left;
}

static void write_ethernet(Line *line)
{
	const Frame *frame = line->frame;
	const uint8_t *at = frame->data + ETHERNET_HEADER;
	uint16_t type = load_u16(at - 2);
	uint32_t left = frame->len - ETHERNET_HEADER;
	Writer *out = &line->out;

	write_hardware(line, frame->data + 6);
	writer_text(out, " > ");
	write_hardware(line, frame->data);
	writer_text(out, ", ");
	if (type <= ETHERTYPE_LENGTH_MAX) {
		writer_text(out, "802.3, ");
		write_length(out, llc_length(type, left));
	} else {
		write_ethernet_type(line, type);
		write_length(out, frame->len);
	}
	for (; ethertype_is_vlan(type); at += 4, left -= 4) {
		write_vlan(out, load_u16(at));
		type = load_u16(at + 2);
		/* No comma behind it and no length, other than without a tag. */
		if (type <= ETHERTYPE_LENGTH_MAX)
			writer_text(out, "802.3");
		else
			write_ethernet_type(line, type);
	}
	if (type <= ETHERTYPE_LENGTH_MAX)
		write_llc(line, at, llc_length(type, left));
}

/* Which way a frame went, by the packet type of either cooked header. */
static const char *cooked_direction(uint16_t packet_type)
{
	static const char *const directions[] = { "In", "B", "M", "P", "Out" };

	return packet_type < G_N_ELEMENTS(directions) ? directions[packet_type] : "?";
}

/* @text in a column of @width, to its left or to its right. */
static void write_column(Writer *out, const char *text, unsigned width, bool right)
{
	size_t length = strlen(text);

	if (!right)
		writer_bytes(out, text, length);
	for (; length < width; length++)
		writer_char(out, ' ');
	if (right)
		writer_text(out, text);
}

/* What follows in either cooked header: a hardware address of 6 bytes (others are not shown), the
 * type, and VLAN tags at @at, which tcpdump shows without -e too. */
static void write_cooked(Line *line, const uint8_t *address, uint16_t address_length, uint16_t type,
			 const uint8_t *at)
{
	const Frame *frame = line->frame;
	bool link = line->options->link, quiet = line->options->quiet;
	uint32_t left = frame->len - (uint32_t)(at - frame->data);
	Writer *out = &line->out;

	if (link && address_length == 6) {
		write_hardware(line, address);
		writer_char(out, ' ');
	}
	if (link && !quiet) {
		if (type <= ETHERTYPE_LENGTH_MAX) {
			writer_text(out, "802.2");
		} else {
			writer_text(out, "ethertype ");
			write_ethertype(out, type);
		}
		writer_text(out, ", ");
		write_length(out, frame->len);
	}
	if (link && type <= ETHERTYPE_LENGTH_MAX)
		write_llc(line, at, left);
	for (; ethertype_is_vlan(type); at += 4) {
		if (link)
			write_vlan(out, load_u16(at));
		type = load_u16(at + 2);
		if (!quiet) {
			writer_text(out, "ethertype ");
			writer_text(out, ethertype_name(type));
			writer_text(out, ", ");
		}
	}
}

/* LINKTYPE_LINUX_SLL */
static void write_sll(Line *line)
{
	const uint8_t *header = line->frame->data;

	if (line->options->link) {
		write_column(&line->out, cooked_direction(load_u16(header)), 3, true);
		writer_char(&line->out, ' ');
	}
	write_cooked(line, header + 6, load_u16(header + 4), load_u16(header + 14),
		     header + SLL_HEADER);
}

/* LINKTYPE_LINUX_SLL2, whose interface and direction are shown without -e too. */
static void write_sll2(Line *line)
{
	const uint8_t *header = line->frame->data;
	uint32_t index = load_u32(header + 4);
	Writer *out = &line->out;

	write_column(out, line_names_interface(line->names, index), 5, false);
	writer_char(out, ' ');
	write_column(out, cooked_direction(header[10]), 3, false);
	writer_char(out, ' ');
	if (line->options->link) {
		writer_text(out, "ifindex ");
		writer_decimal(out, index);
		writer_char(out, ' ');
	}
	write_cooked(line, header + 12, header[11], load_u16(header), header + SLL2_HEADER);
}

/* LINKTYPE_NULL and LINKTYPE_LOOP: a protocol family in either byte order. */
static void write_null(Line *line)
{
	uint32_t family = load_u32(line->frame->data);
	const char *name = line->segment->src.version == 4 ? "IPv4" : "IPv6";
	Writer *out = &line->out;

	if (family >> 16)
		family = __builtin_bswap32(family);
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
	write_length(out, line->frame->len);
}

void line_link(Line *line)
{
	bool link = line->options->link;

	switch (line->frame->linktype) {
	case LINK_ETHERNET:
		if (link)
			write_ethernet(line);
		break;
	case LINK_SLL:
		write_sll(line);
		break;
	case LINK_SLL2:
		write_sll2(line);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		if (link)
			write_null(line);
		break;
	default:
		/* Raw IP. */
		if (link)
			writer_text(&line->out, "ip: ");
		break;
	}
}
