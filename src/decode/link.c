/* Link headers: what stands before the IP header, for each link type. Knows no IP. */
#include <pcap/dlt.h>

#include "decode/ethertype.h"
#include "decode/headers.h"

/* Numbers that <pcap/dlt.h> gives to other types on this system, or not at all. */
enum {
	LINKTYPE_RAW_BSD_OS = 14, /* raw IP on BSD/OS; DLT_RAW is 12 elsewhere */
	LINKTYPE_RAW = 101,       /* raw IP in files; libpcap makes DLT_RAW of it */
};

/* Values of the protocol field of a cooked header that are no EtherType, and of its ARPHRD field:
 * see LINKTYPE_LINUX_SLL on tcpdump.org. */
enum {
	SLL_PROTOCOL_802_2 = 4,   /* an LLC header follows */
	SLL_ARPHRD_FRAD = 770,    /* frame relay: the protocol field is ignored */
	SLL_ARPHRD_NETLINK = 824, /* the protocol field is a netlink family */
};

/* IEEE 802.2, with RFC 1042's SNAP header or with the service access point of IP itself. Yields the
 * EtherType, and 0 for what is none. */
static uint16_t llc_decode(Cursor *cursor)
{
	uint16_t access_points = cursor_u16(cursor);
	uint8_t control = cursor_u8(cursor);
	uint32_t organisation;
	uint16_t type;

	/* An unnumbered information frame, command. */
	if (control != 0x03)
		return 0;
	if (access_points == 0x0606)
		return ETHERTYPE_IPV4;
	if (access_points != 0xaaaa)
		return 0;
	organisation = (uint32_t)cursor_u16(cursor) << 8 | cursor_u8(cursor);
	type = cursor_u16(cursor);
	/* Encapsulated Ethernet, and Cisco's number for the same over some bridges. */
	return organisation == 0 || organisation == 0x0000f8 ? type : 0;
}

/* VLAN tags (802.1Q, 802.1ad and the numbers before it) to any depth; @type is made that of what is
 * behind them. */
static void vlan_decode(const DecodeOptions *options, Cursor *cursor, uint16_t *type,
			Segment *segment)
{
	while (*type == ETHERTYPE_8021Q || *type == ETHERTYPE_8021AD ||
	       *type == ETHERTYPE_QINQ_9100 || *type == ETHERTYPE_QINQ_9200) {
		uint32_t vlan = cursor_u16(cursor) & 0xfff;

		/* All tags count, and in their order. VLAN 0 carries a priority only (802.1Q 9.6)
		 * and so is the same as no tag. */
		if (options->vlan_separate && vlan != 0)
			segment->scope = (segment->scope << 12 | segment->scope >> 20) ^ vlan;
		segment->unwrapped |= UNWRAP_BIT(UNWRAP_VLAN);
		*type = cursor_u16(cursor);
	}
}

SkipReason ethertype_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			    uint16_t type, NetworkProtocol *protocol, Segment *segment)
{
	vlan_decode(options, cursor, &type, segment);
	if (type <= ETHERTYPE_LENGTH_MAX)
		type = llc_decode(cursor);
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);

	switch (type) {
	case ETHERTYPE_IPV4:
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case ETHERTYPE_IPV6:
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	case ETHERTYPE_ARP:
		return SKIP_ARP;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
		return mpls_decode(options, frame, cursor, protocol, segment);
	case ETHERTYPE_PPPOE_SESSION:
		return pppoe_decode(options, frame, cursor, protocol, segment);
	default:
		return SKIP_NOT_IP;
	}
}

SkipReason ethernet_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			   NetworkProtocol *protocol, Segment *segment)
{
	/* Two addresses of six bytes each. */
	cursor_skip(cursor, 12);
	return ethertype_decode(options, frame, cursor, cursor_u16(cursor), protocol, segment);
}

/* Cisco's HDLC: address, control, EtherType. */
static SkipReason hdlc_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			      NetworkProtocol *protocol, Segment *segment)
{
	uint16_t type;

	cursor_skip(cursor, 2);
	type = cursor_u16(cursor);
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);
	if (type <= ETHERTYPE_LENGTH_MAX)
		return SKIP_NOT_IP;
	return ethertype_decode(options, frame, cursor, type, protocol, segment);
}

/* LINKTYPE_PPP_HDLC: PPP, or Cisco's HDLC, whose address is none of PPP's. Wireshark writes such
 * frames as LINKTYPE_PPP. */
static SkipReason serial_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
				NetworkProtocol *protocol, Segment *segment)
{
	if (cursor_left(cursor) > 0 && (cursor->at[0] == 0x0f || cursor->at[0] == 0x8f))
		return hdlc_decode(options, frame, cursor, protocol, segment);
	return ppp_decode(options, frame, cursor, protocol, segment);
}

/* Behind a cooked header of either version. */
static SkipReason cooked_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
				uint16_t arphrd, uint16_t type, NetworkProtocol *protocol,
				Segment *segment)
{
	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);
	if (arphrd == SLL_ARPHRD_NETLINK || arphrd == SLL_ARPHRD_FRAD)
		return SKIP_NOT_IP;
	/* Other small numbers are no lengths but protocols of Linux's own. */
	if (type <= ETHERTYPE_LENGTH_MAX && type != SLL_PROTOCOL_802_2)
		return SKIP_NOT_IP;
	return ethertype_decode(options, frame, cursor, type, protocol, segment);
}

/* LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, 8 bytes of address, protocol. */
static SkipReason sll_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			     NetworkProtocol *protocol, Segment *segment)
{
	uint16_t arphrd, type;

	cursor_skip(cursor, 2);
	arphrd = cursor_u16(cursor);
	cursor_skip(cursor, 10);
	type = cursor_u16(cursor);
	return cooked_decode(options, frame, cursor, arphrd, type, protocol, segment);
}

/* LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD, packet type, address length, address.
 */
static SkipReason sll2_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
			      NetworkProtocol *protocol, Segment *segment)
{
	uint16_t type = cursor_u16(cursor);
	uint16_t arphrd;

	cursor_skip(cursor, 6);
	arphrd = cursor_u16(cursor);
	cursor_skip(cursor, 10);
	return cooked_decode(options, frame, cursor, arphrd, type, protocol, segment);
}

/* LINKTYPE_NULL, whose protocol family is in the byte order of the machine that captured, and
 * LINKTYPE_LOOP, where it is in network order. All families fit in 16 bits, so the half that is not
 * zero tells. */
static SkipReason null_decode(const Frame *frame, Cursor *cursor, NetworkProtocol *protocol)
{
	uint32_t family = cursor_u32(cursor);

	if (cursor->failed)
		return short_reason(frame, SKIP_BAD_LINK);
	if (family >> 16)
		family = __builtin_bswap32(family);

	switch (family) {
	case 2: /* on every system */
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD, Npcap */
	case 28: /* FreeBSD */
	case 30: /* Darwin */
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	default:
		return SKIP_NOT_IP;
	}
}

/* No link header: the version in the IP header tells. */
static SkipReason raw_decode(const Frame *frame, const Cursor *cursor, NetworkProtocol *protocol)
{
	if (cursor_left(cursor) == 0)
		return short_reason(frame, SKIP_BAD_LINK);
	switch (cursor->at[0] >> 4) {
	case 4:
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case 6:
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	default:
		return SKIP_NOT_IP;
	}
}

bool link_known(int linktype)
{
	switch (linktype) {
	case DLT_NULL:
	case DLT_EN10MB:
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_PPP_ETHER:
	case DLT_ATM_RFC1483:
	case DLT_C_HDLC:
	case DLT_PPP_PPPD:
	case DLT_IEEE802_11:
	case DLT_IEEE802_11_RADIO:
	case DLT_RAW:
	case LINKTYPE_RAW_BSD_OS:
	case LINKTYPE_RAW:
	case DLT_LOOP:
	case DLT_LINUX_SLL:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_LINUX_SLL2:
		return true;
	default:
		return false;
	}
}

SkipReason link_decode(const DecodeOptions *options, const Frame *frame, Cursor *cursor,
		       NetworkProtocol *protocol, Segment *segment)
{
	segment->scope = 0;
	segment->unwrapped = 0;
	segment->reassembled = false;
	segment->rejoined = false;
	segment->tunnelled = false;
	switch (frame->linktype) {
	case DLT_EN10MB:
		return ethernet_decode(options, frame, cursor, protocol, segment);
	case DLT_LINUX_SLL:
		return sll_decode(options, frame, cursor, protocol, segment);
	case DLT_LINUX_SLL2:
		return sll2_decode(options, frame, cursor, protocol, segment);
	case DLT_NULL:
	case DLT_LOOP:
		return null_decode(frame, cursor, protocol);
	case DLT_RAW:
	case LINKTYPE_RAW_BSD_OS:
	case LINKTYPE_RAW:
		return raw_decode(frame, cursor, protocol);
	case DLT_IPV4:
		*protocol = NETWORK_IPV4;
		return SKIP_NONE;
	case DLT_IPV6:
		*protocol = NETWORK_IPV6;
		return SKIP_NONE;
	case DLT_PPP_PPPD:
		return ppp_decode(options, frame, cursor, protocol, segment);
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		return serial_decode(options, frame, cursor, protocol, segment);
	case DLT_PPP_ETHER:
		return pppoe_decode(options, frame, cursor, protocol, segment);
	case DLT_ATM_RFC1483:
		/* An LLC header, as where Ethernet has a length. */
		return ethertype_decode(options, frame, cursor, 0, protocol, segment);
	case DLT_C_HDLC:
		return hdlc_decode(options, frame, cursor, protocol, segment);
	case DLT_IEEE802_11:
		return wifi_decode(options, frame, cursor, false, 0, protocol, segment);
	case DLT_IEEE802_11_RADIO:
		return radiotap_decode(options, frame, cursor, protocol, segment);
	default:
		return SKIP_LINK_TYPE;
	}
}
