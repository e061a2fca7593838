/* What an ICMP error says of a TCP segment. Knows the error and the TCP header that it quotes;
 * knows no connection. */
#include "decode/icmp.h"

#include <glib.h>
#include <string.h>

#include "decode/headers.h"

/* RFC 792, RFC 4443 2.1: type, code, checksum and four bytes that depend on the type. */
#define ICMP_HEADER 8

/* Ports and sequence number, the least that is quoted (RFC 792: 64 bits). */
#define QUOTED_TCP 8

/* IANA's registries of ICMP and ICMPv6 types, as far as they are errors of use here. */
enum {
	ICMP4_UNREACHABLE = 3,
	ICMP4_TIME_EXCEEDED = 11,
	ICMP4_PARAMETER_PROBLEM = 12,
	ICMP6_UNREACHABLE = 1,
	ICMP6_TOO_BIG = 2,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PARAMETER_PROBLEM = 4,
};

const char *icmp_kind_name(IcmpKind kind)
{
	static const char *const names[] = { ICMP_KIND_LIST(LIST_NAME) };

	g_assert(kind < ICMP_KIND_COUNT);
	return names[kind];
}

/* RFC 792 and RFC 1812 5.2.7.1: the codes of "destination unreachable". */
static IcmpKind unreachable4(uint8_t code)
{
	switch (code) {
	case 0:
	case 6:
	case 11:
		return ICMP_NET_UNREACHABLE;
	case 1:
	case 7:
	case 12:
		return ICMP_HOST_UNREACHABLE;
	case 3:
		return ICMP_PORT_UNREACHABLE;
	case 4:
		return ICMP_TOO_BIG;
	case 9:
	case 10:
	case 13:
		return ICMP_PROHIBITED;
	default:
		return ICMP_OTHER_UNREACHABLE;
	}
}

/* RFC 4443 3.1 */
static IcmpKind unreachable6(uint8_t code)
{
	switch (code) {
	case 0:
		return ICMP_NET_UNREACHABLE;
	case 1:
	case 5:
	case 6:
		return ICMP_PROHIBITED;
	case 3:
		return ICMP_HOST_UNREACHABLE;
	case 4:
		return ICMP_PORT_UNREACHABLE;
	default:
		return ICMP_OTHER_UNREACHABLE;
	}
}

/* What the error is; false: it is none that matters here. */
static bool kind_of(NetworkProtocol protocol, uint8_t type, uint8_t code, IcmpKind *kind)
{
	bool v4 = protocol == NETWORK_IPV4;

	if (type == (v4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE))
		*kind = v4 ? unreachable4(code) : unreachable6(code);
	else if (!v4 && type == ICMP6_TOO_BIG)
		*kind = ICMP_TOO_BIG;
	else if (type == (v4 ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED))
		*kind = ICMP_TIME_EXCEEDED;
	else if (type == (v4 ? ICMP4_PARAMETER_PROBLEM : ICMP6_PARAMETER_PROBLEM))
		*kind = ICMP_PARAMETER_PROBLEM;
	else
		return false;
	return true;
}

bool decode_icmp_error(const DecodeOptions *options, const Frame *frame, IcmpError *error)
{
	Cursor cursor = cursor_new(frame->data, frame->caplen);
	/* No error is so long that it came in fragments. */
	const DecodeOptions whole = { .vlan_separate = options->vlan_separate };
	Frame packet = *frame;
	Segment outer, quoted;
	NetworkProtocol protocol;
	const uint8_t *icmp, *tcp;
	IcmpKind kind;
	uint32_t left;

	if (packet_decode(&whole, &packet, &cursor, &protocol, &left, &outer) != SKIP_ICMP)
		return false;
	icmp = cursor_take(&cursor, ICMP_HEADER);
	if (!icmp || !kind_of(protocol, icmp[0], icmp[1], &kind))
		return false;
	/* The lengths in the quoted header are those of the whole packet, and are not used. */
	if (ip_decode(NULL, &packet, protocol, &cursor, &left, &quoted) != SKIP_NONE)
		return false;
	tcp = cursor_take(&cursor, QUOTED_TCP);
	if (!tcp || memcmp(&quoted.src.addr, &outer.dst.addr, sizeof(Address)) != 0)
		return false;
	quoted.src.port = load_u16(tcp);
	quoted.dst.port = load_u16(tcp + 2);
	*error = (IcmpError){
		.frame = frame->number,
		.time = frame->time,
		.kind = kind,
		.from = outer.src.addr,
		.src = quoted.src,
		.dst = quoted.dst,
		.seq = load_u32(tcp + 4),
		.scope = outer.scope,
	};
	return true;
}
