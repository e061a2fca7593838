/* What tcpdump prints of Ethernet, VLAN tags, LLC and Linux's cooked headers, which share
 * EtherTypes. Knows IEEE 802; knows no IP. */
#include "report/tcpdump-link.h"

#define LLC_SNAP 0xaaaa

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
	case ETHERTYPE_MPLS:
		return "MPLS unicast";
	case ETHERTYPE_MPLS_MULTICAST:
		return "MPLS multicast";
	case ETHERTYPE_PPPOE_SESSION:
		return "PPPoE S";
	default:
		return "Unknown";
	}
}

static bool ethertype_is_vlan(uint16_t type)
{
	return type == ETHERTYPE_8021Q || type == ETHERTYPE_8021AD || type == ETHERTYPE_QINQ_9100 ||
	       type == ETHERTYPE_QINQ_9200;
}

void link_ethertype(Writer *out, uint16_t type)
{
	writer_text(out, ethertype_name(type));
	writer_text(out, " (0x");
	writer_hex(out, type, 4);
	writer_char(out, ')');
}

void link_hardware(Line *line, const uint8_t *address)
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

void link_length(Writer *out, uint32_t length)
{
	writer_text(out, "length ");
	writer_decimal(out, length);
	writer_text(out, ": ");
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

/* Decoding has let pass only unnumbered information to the access points of IP and of SNAP, and of
 * SNAP only what carries an EtherType. */
uint16_t link_llc(Line *line, Cursor *at, uint32_t length)
{
	uint16_t points = cursor_u16(at);
	Writer *out = &line->out;
	uint32_t organisation;
	uint16_t type;

	cursor_skip(at, 1);
	if (points != LLC_SNAP) {
		if (line->options->link)
			writer_text(out, "LLC, dsap IP (0x06) Individual, ssap IP (0x06) Command, "
					 "ctrl 0x03: ");
		return ETHERTYPE_IPV4;
	}
	organisation = (uint32_t)cursor_u16(at) << 8;
	organisation |= cursor_u8(at);
	type = cursor_u16(at);
	if (!line->options->link)
		return type;
	writer_text(out,
		    "LLC, dsap SNAP (0xaa) Individual, ssap SNAP (0xaa) Command, ctrl 0x03: oui ");
	writer_text(out, organisation == 0 ? "Ethernet (0x" : "Cisco bridged (0x");
	writer_hex(out, organisation, 6);
	writer_text(out, organisation == 0 ? "), ethertype " : "), pid ");
	link_ethertype(out, type);
	writer_text(out, ", ");
	link_length(out, length - 8);
	return type;
}

/* An EtherType behind the addresses or a VLAN tag. */
static void write_type(Line *line, uint16_t type)
{
	if (line->options->quiet) {
		writer_text(&line->out, ethertype_name(type));
	} else {
		writer_text(&line->out, "ethertype ");
		link_ethertype(&line->out, type);
	}
	writer_text(&line->out, ", ");
}

/* A length in place of an EtherType covers no padding. */
static uint32_t llc_length(uint16_t field, uint32_t left)
{
	return field < left ? field : left;
}

/* The addresses and the EtherType, with -e. */
static void write_addresses(Line *line, const uint8_t *addresses, uint16_t type, uint32_t left)
{
	Writer *out = &line->out;

	link_hardware(line, addresses + 6);
	writer_text(out, " > ");
	link_hardware(line, addresses);
	writer_text(out, ", ");
	if (type <= ETHERTYPE_LENGTH_MAX) {
		writer_text(out, "802.3, ");
		link_length(out, llc_length(type, left));
	} else {
		write_type(line, type);
		link_length(out, line->carrier->len);
	}
}

void link_ethernet(Line *line)
{
	Cursor at = link_begin(line);
	const uint8_t *addresses = cursor_take(&at, 12);
	uint16_t type = cursor_u16(&at);
	bool link = line->options->link;

	if (at.failed)
		return;
	if (link)
		write_addresses(line, addresses, type, link_left(line, &at));
	while (ethertype_is_vlan(type) && !at.failed) {
		uint16_t tag = cursor_u16(&at);

		type = cursor_u16(&at);
		if (!link)
			continue;
		write_vlan(&line->out, tag);
		/* No comma behind it and no length, other than without a tag. */
		if (type <= ETHERTYPE_LENGTH_MAX)
			writer_text(&line->out, "802.3");
		else
			write_type(line, type);
	}
	if (type <= ETHERTYPE_LENGTH_MAX)
		type = link_llc(line, &at, llc_length(type, link_left(line, &at)));
	link_shims(line, &at, type);
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
			 Cursor *at)
{
	bool link = line->options->link, quiet = line->options->quiet;
	Writer *out = &line->out;

	if (link && address_length == 6) {
		link_hardware(line, address);
		writer_char(out, ' ');
	}
	if (link && !quiet) {
		if (type <= ETHERTYPE_LENGTH_MAX) {
			writer_text(out, "802.2");
		} else {
			writer_text(out, "ethertype ");
			link_ethertype(out, type);
		}
		writer_text(out, ", ");
		link_length(out, line->carrier->len);
	}
	if (type <= ETHERTYPE_LENGTH_MAX)
		type = link_llc(line, at, link_left(line, at));
	while (ethertype_is_vlan(type) && !at->failed) {
		uint16_t tag = cursor_u16(at);

		type = cursor_u16(at);
		if (link)
			write_vlan(out, tag);
		if (!quiet) {
			writer_text(out, "ethertype ");
			writer_text(out, ethertype_name(type));
			writer_text(out, ", ");
		}
	}
	link_shims(line, at, type);
}

void link_sll(Line *line)
{
	Cursor at = link_begin(line);
	const uint8_t *header = cursor_take(&at, 16);

	if (!header)
		return;
	if (line->options->link) {
		write_column(&line->out, cooked_direction(load_u16(header)), 3, true);
		writer_char(&line->out, ' ');
	}
	write_cooked(line, header + 6, load_u16(header + 4), load_u16(header + 14), &at);
}

/* The interface and the direction are shown without -e too. */
void link_sll2(Line *line)
{
	Cursor at = link_begin(line);
	const uint8_t *header = cursor_take(&at, 20);
	uint32_t index;
	Writer *out = &line->out;

	if (!header)
		return;
	index = load_u32(header + 4);
	write_column(out, line_names_interface(line->names, index), 5, false);
	writer_char(out, ' ');
	write_column(out, cooked_direction(header[10]), 3, false);
	writer_char(out, ' ');
	if (line->options->link) {
		writer_text(out, "ifindex ");
		writer_decimal(out, index);
		writer_char(out, ' ');
	}
	write_cooked(line, header + 12, header[11], load_u16(header), &at);
}
