/* Tunnels: from what an IP packet carries to the IP header inside it. Knows GRE and the tunnels
 * over UDP; knows no TCP.
 *
 * A tunnel's id is part of a connection's key when it is the same in both directions. Where there
 * is none, the addresses outside do not matter: what comes back may take another way. */
#include "decode/headers.h"
#include "decode/scope.h"

/* IANA's registry of protocol numbers. */
enum {
	PROTOCOL_IPV4 = 4,
	PROTOCOL_UDP = 17,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_GRE = 47,
	PROTOCOL_ETHERIP = 97,
	PROTOCOL_MPLS = 137,
};

/* Ports of UDP. */
enum {
	PORT_GTP_U = 2152,
	PORT_TEREDO = 3544,
	PORT_GRE = 4754,         /* RFC 8086 */
	PORT_VXLAN = 4789,       /* RFC 7348 */
	PORT_VXLAN_GPE = 4790,   /* draft-ietf-nvo3-vxlan-gpe */
	PORT_GENEVE = 6081,      /* RFC 8926 */
	PORT_MPLS = 6635,        /* RFC 7510 */
	PORT_VXLAN_LINUX = 8472, /* Linux's default from before the number was given */
};

/* GRE's flags: RFC 1701, RFC 2784, RFC 2890, RFC 2637 4.1. */
enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGEMENT = 0x0080,
	GRE_VERSION = 0x0007,
};

/* What GRE and Geneve carry besides IP, by EtherType. */
enum {
	ETHERTYPE_LEAST = 1501,
	ETHERTYPE_ETHERNET = 0x6558,
	ETHERTYPE_PPP = 0x880b,
	ETHERTYPE_ERSPAN = 0x88be,
	ETHERTYPE_ERSPAN_III = 0x22eb,
};

/* What all steps need and hand on. */
typedef struct {
	const DecodeOptions *options; /* as given */
	const Frame *frame;           /* it ends where the packet around ends */
	Cursor *cursor;               /* behind what was read */
	NetworkProtocol *protocol;    /* of the IP header inside */
	Segment *segment;             /* its scope and what it was in */
	SkipReason otherwise;         /* the reason when it is no tunnel */
} Tunnel;

static SkipReason inner_ethernet(const Tunnel *tunnel)
{
	return ethernet_decode(tunnel->options, tunnel->frame, tunnel->cursor, tunnel->protocol,
			       tunnel->segment);
}

static SkipReason inner_type(const Tunnel *tunnel, uint16_t type)
{
	if (type == ETHERTYPE_ETHERNET)
		return inner_ethernet(tunnel);
	if (type < ETHERTYPE_LEAST)
		return SKIP_NOT_IP;
	return ethertype_decode(tunnel->options, tunnel->frame, tunnel->cursor, type,
				tunnel->protocol, tunnel->segment);
}

/* An IP header whose first four bits tell its version. */
static SkipReason inner_ip(const Tunnel *tunnel)
{
	unsigned version;

	if (cursor_left(tunnel->cursor) == 0)
		return short_reason(tunnel->frame, SKIP_BAD_LINK);
	version = tunnel->cursor->at[0] >> 4;
	if (version != 4 && version != 6)
		return SKIP_NOT_IP;
	*tunnel->protocol = version == 4 ? NETWORK_IPV4 : NETWORK_IPV6;
	return SKIP_NONE;
}

static SkipReason tunnel_short(const Tunnel *tunnel)
{
	return short_reason(tunnel->frame, SKIP_BAD_LINK);
}

/* draft-foschiano-erspan: type I has no header of its own and GRE no sequence number, II and III
 * tell themselves apart by their first four bits. */
static SkipReason erspan_decode(const Tunnel *tunnel, bool has_header)
{
	Cursor *cursor = tunnel->cursor;
	uint32_t first, last;

	tunnel->segment->unwrapped |= UNWRAP_BIT(UNWRAP_ERSPAN);
	if (!has_header)
		return inner_ethernet(tunnel);
	first = cursor_u32(cursor);
	last = cursor_u32(cursor);
	if (first >> 28 == 2)
		last = cursor_u32(cursor);
	if (cursor->failed)
		return tunnel_short(tunnel);
	scope_add(tunnel->segment, UNWRAP_ERSPAN, first & 0x3ff);
	if (first >> 28 == 1)
		return inner_ethernet(tunnel);
	if (first >> 28 != 2)
		return SKIP_NOT_IP;
	/* 4.3: a platform's own 8 bytes follow; the frame's type is Ethernet or IP. */
	if (last & 1)
		cursor_skip(cursor, 8);
	if (cursor->failed)
		return tunnel_short(tunnel);
	switch (last >> 10 & 0x1f) {
	case 0:
		return inner_ethernet(tunnel);
	case 2:
		return inner_ip(tunnel);
	default:
		return SKIP_NOT_IP;
	}
}

/* RFC 1701: source routes, the last of them empty. */
static void gre_skip_routes(Cursor *cursor)
{
	uint16_t family;
	uint8_t length;

	do {
		family = cursor_u16(cursor);
		cursor_skip(cursor, 1);
		length = cursor_u8(cursor);
		cursor_skip(cursor, length);
	} while (!cursor->failed && (family != 0 || length != 0));
}

static SkipReason gre_decode(const Tunnel *tunnel)
{
	Cursor *cursor = tunnel->cursor;
	uint16_t flags = cursor_u16(cursor);
	uint16_t type = cursor_u16(cursor);
	unsigned version = flags & GRE_VERSION;

	if (cursor->failed)
		return tunnel_short(tunnel);
	if (version > 1)
		return tunnel->otherwise;
	tunnel->segment->unwrapped |= UNWRAP_BIT(UNWRAP_GRE);
	if (flags & (GRE_CHECKSUM | GRE_ROUTING))
		cursor_skip(cursor, 4);
	if (flags & GRE_KEY) {
		uint32_t key = cursor_u32(cursor);

		/* PPTP's key is a length and the receiver's number of the call, so the two
		 * directions have different ones. */
		if (version == 0)
			scope_add(tunnel->segment, UNWRAP_GRE, key);
	}
	if (flags & GRE_SEQUENCE)
		cursor_skip(cursor, 4);
	if (version == 1 && flags & GRE_ACKNOWLEDGEMENT)
		cursor_skip(cursor, 4);
	if (version == 0 && flags & GRE_ROUTING)
		gre_skip_routes(cursor);
	if (cursor->failed)
		return tunnel_short(tunnel);

	switch (type) {
	case ETHERTYPE_ERSPAN:
		return erspan_decode(tunnel, flags & GRE_SEQUENCE);
	case ETHERTYPE_ERSPAN_III:
		return erspan_decode(tunnel, true);
	case ETHERTYPE_PPP:
		/* PPTP acknowledges with nothing behind the header. */
		if (version == 1 && cursor_left(cursor) == 0 &&
		    tunnel->frame->caplen == tunnel->frame->len)
			return tunnel->otherwise;
		return ppp_decode(tunnel->options, tunnel->frame, cursor, tunnel->protocol,
				  tunnel->segment);
	default:
		return inner_type(tunnel, type);
	}
}

/* RFC 7348 5, and the generic extension, which has a protocol of its own in its last reserved byte
 * before the id. */
static SkipReason vxlan_decode(const Tunnel *tunnel, bool generic)
{
	const uint8_t *header = cursor_take(tunnel->cursor, 8);

	if (!header)
		return tunnel_short(tunnel);
	/* The id has to be valid. */
	if (!(header[0] & 0x08))
		return tunnel->otherwise;
	scope_add(tunnel->segment, UNWRAP_VXLAN, load_u32(header + 4) >> 8);
	if (!generic || !(header[0] & 0x04) || header[3] == 3)
		return inner_ethernet(tunnel);
	return header[3] == 1 || header[3] == 2 ? inner_ip(tunnel) : SKIP_NOT_IP;
}

/* RFC 8926 3.4 */
static SkipReason geneve_decode(const Tunnel *tunnel)
{
	const uint8_t *header = cursor_take(tunnel->cursor, 8);

	if (!header)
		return tunnel_short(tunnel);
	if (header[0] >> 6 != 0)
		return tunnel->otherwise;
	scope_add(tunnel->segment, UNWRAP_GENEVE, load_u32(header + 4) >> 8);
	cursor_skip(tunnel->cursor, (header[0] & 0x3f) * 4u);
	if (tunnel->cursor->failed)
		return tunnel_short(tunnel);
	return inner_type(tunnel, load_u16(header + 2));
}

/* 3GPP TS 29.281 5.1, 5.2. The tunnel endpoint's id is the receiver's, so the two directions have
 * different ones, and a mobile that moves gets new ones: it is no part of a connection. */
static SkipReason gtp_u_decode(const Tunnel *tunnel)
{
	Cursor *cursor = tunnel->cursor;
	const uint8_t *header = cursor_take(cursor, 8);
	uint8_t next = 0;

	if (!header)
		return tunnel_short(tunnel);
	/* Version 1, GTP and not GTP', a G-PDU. */
	if ((header[0] & 0xf0) != 0x30 || header[1] != 255)
		return tunnel->otherwise;
	tunnel->segment->unwrapped |= UNWRAP_BIT(UNWRAP_GTP_U);
	/* One of three optional fields brings in all of them. */
	if (header[0] & 0x07) {
		cursor_skip(cursor, 3);
		next = cursor_u8(cursor);
		if (!(header[0] & 0x04))
			next = 0;
	}
	while (next != 0 && !cursor->failed) {
		unsigned length = cursor_u8(cursor) * 4u;

		if (!cursor->failed && length == 0)
			return SKIP_BAD_LINK;
		cursor_skip(cursor, length - 2);
		next = cursor_u8(cursor);
	}
	if (cursor->failed)
		return tunnel_short(tunnel);
	return inner_ip(tunnel);
}

/* RFC 4380 5.1.1. The port alone is weak evidence, since a client may happen to have it: what
 * follows must be an IPv6 packet that fits. */
static SkipReason teredo_decode(const Tunnel *tunnel)
{
	Cursor *cursor = tunnel->cursor;
	const uint8_t *fixed;
	size_t wire;

	/* Authentication: two bytes, two lengths, what they are of, a nonce, a confirmation. */
	if (cursor_left(cursor) >= 4 && load_u16(cursor->at) == 1) {
		fixed = cursor_take(cursor, 4);
		cursor_skip(cursor, (size_t)fixed[2] + fixed[3] + 9);
	}
	/* Origin: two bytes, a port, an address. */
	if (cursor_left(cursor) >= 2 && load_u16(cursor->at) == 0)
		cursor_skip(cursor, 8);
	if (cursor->failed || cursor_left(cursor) < 6 || cursor->at[0] >> 4 != 6)
		return tunnel->otherwise;
	wire = tunnel->frame->len - (size_t)(cursor->at - tunnel->frame->data);
	if (40u + load_u16(cursor->at + 4) > wire)
		return tunnel->otherwise;
	tunnel->segment->unwrapped |= UNWRAP_BIT(UNWRAP_TEREDO);
	*tunnel->protocol = NETWORK_IPV6;
	return SKIP_NONE;
}

/* RFC 768; all of these are known by the port that they go to, but for Teredo, whose answers come
 * from it. */
static SkipReason udp_decode(const Tunnel *tunnel)
{
	const uint8_t *header = cursor_take(tunnel->cursor, 8);

	if (!header)
		return tunnel->otherwise;
	switch (load_u16(header + 2)) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return vxlan_decode(tunnel, false);
	case PORT_VXLAN_GPE:
		return vxlan_decode(tunnel, true);
	case PORT_GENEVE:
		return geneve_decode(tunnel);
	case PORT_GTP_U:
		return gtp_u_decode(tunnel);
	case PORT_GRE:
		return gre_decode(tunnel);
	case PORT_MPLS:
		return mpls_decode(tunnel->options, tunnel->frame, tunnel->cursor, tunnel->protocol,
				   tunnel->segment);
	case PORT_TEREDO:
		return teredo_decode(tunnel);
	}
	return load_u16(header) == PORT_TEREDO ? teredo_decode(tunnel) : tunnel->otherwise;
}

/* RFC 3378: a version and zeros. */
static SkipReason etherip_decode(const Tunnel *tunnel)
{
	uint16_t header = cursor_u16(tunnel->cursor);

	if (tunnel->cursor->failed)
		return tunnel_short(tunnel);
	if (header != 0x3000)
		return tunnel->otherwise;
	tunnel->segment->unwrapped |= UNWRAP_BIT(UNWRAP_ETHERIP);
	return inner_ethernet(tunnel);
}

SkipReason tunnel_decode(const DecodeOptions *options, Frame *frame, Cursor *cursor, uint32_t left,
			 SkipReason otherwise, NetworkProtocol *protocol, Segment *segment)
{
	const Tunnel tunnel = { options, frame, cursor, protocol, segment, otherwise };
	uint64_t end = (uint64_t)(cursor->at - frame->data) + left;

	/* What is behind the packet is padding; what it lacks was cut off. */
	if (end < frame->len)
		frame->len = (uint32_t)end;
	if (frame->caplen > frame->len)
		frame->caplen = frame->len;
	cursor->end = frame->data + frame->caplen;

	switch (segment->protocol) {
	case PROTOCOL_IPV4:
		segment->unwrapped |= UNWRAP_BIT(UNWRAP_IP);
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case PROTOCOL_IPV6:
		segment->unwrapped |= UNWRAP_BIT(UNWRAP_IP);
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	case PROTOCOL_UDP:
		return udp_decode(&tunnel);
	case PROTOCOL_GRE:
		return gre_decode(&tunnel);
	case PROTOCOL_ETHERIP:
		return etherip_decode(&tunnel);
	case PROTOCOL_MPLS:
		return mpls_decode(options, frame, cursor, protocol, segment);
	default:
		return otherwise;
	}
}
