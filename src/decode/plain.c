/* The frames of which most captures consist: Ethernet without tags, IP without options or extension
 * headers and in one piece, TCP whose header was captured in full. Knows the same rules as link.c,
 * ip.c and tcp-header.c, for these frames only, which are checked and read here in one go.
 *
 * The fuzz target for links holds this short way against the long one. */
#include <pcap/dlt.h>
#include <string.h>

#include "decode/headers.h"

#define ETHERNET_HEADER 14
#define IPV4_HEADER     20
#define IPV6_HEADER     40
#define PROTOCOL_TCP    6

/* What comes from the IP header at @ip, the TCP header behind it. 0: it is none of those; else the
 * length of the IP header. */
static uint32_t plain_ip(uint16_t type, const uint8_t *ip, Segment *segment)
{
	if (type == 0x0800) {
		uint16_t fragment = load_u16(ip + 6);

		if (ip[0] != 0x45 || ip[9] != PROTOCOL_TCP || (fragment & 0x3fff))
			return 0;
		segment->ip_length = load_u16(ip + 2);
		segment->ip_id = load_u16(ip + 4);
		segment->dont_fragment = fragment & 0x4000;
		segment->ttl = ip[8];
		segment->src = (Endpoint){ .version = 4 };
		segment->dst = (Endpoint){ .version = 4 };
		memcpy(segment->src.addr.bytes, ip + 12, 4);
		memcpy(segment->dst.addr.bytes, ip + 16, 4);
		return IPV4_HEADER;
	}
	if (type != 0x86dd || ip[0] >> 4 != 6 || ip[6] != PROTOCOL_TCP || load_u16(ip + 4) == 0)
		return 0;
	segment->ip_length = load_u16(ip + 4) + IPV6_HEADER;
	segment->ip_id = 0;
	segment->dont_fragment = false;
	segment->ttl = ip[7];
	segment->src = (Endpoint){ .version = 6 };
	segment->dst = (Endpoint){ .version = 6 };
	memcpy(segment->src.addr.bytes, ip + 8, 16);
	memcpy(segment->dst.addr.bytes, ip + 24, 16);
	return IPV6_HEADER;
}

bool plain_decode(const Frame *frame, Segment *segment)
{
	const uint8_t *ip = frame->data + ETHERNET_HEADER;
	uint32_t ip_header, tcp_header;

	if (frame->linktype != DLT_EN10MB ||
	    frame->caplen < ETHERNET_HEADER + IPV4_HEADER + TCP_HEADER_MIN)
		return false;
	ip_header = plain_ip(load_u16(frame->data + 12), ip, segment);
	if (!ip_header || frame->caplen < ETHERNET_HEADER + ip_header + TCP_HEADER_MIN)
		return false;
	tcp_header = (ip[ip_header + 12] >> 4) * 4u;
	if (tcp_header < TCP_HEADER_MIN || segment->ip_length < ip_header + tcp_header ||
	    frame->caplen < ETHERNET_HEADER + ip_header + tcp_header)
		return false;

	segment->scope = 0;
	segment->unwrapped = 0;
	segment->reassembled = false;
	segment->rejoined = false;
	segment->tunnelled = false;
	segment->protocol = PROTOCOL_TCP;
	segment->ip_offset = ETHERNET_HEADER;
	segment->tcp_offset = ETHERNET_HEADER + ip_header;
	tcp_fields_decode(ip + ip_header, tcp_header, tcp_header, segment->ip_length - ip_header,
			  segment);
	return true;
}
