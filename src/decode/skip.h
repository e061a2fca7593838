/* Why a frame was not a TCP segment. Knows the reasons and their names; knows no bytes. */
#ifndef WIRESTATE_DECODE_SKIP_H
#define WIRESTATE_DECODE_SKIP_H

#include "base/listmacro.h"

/* Member, name in JSON's "skipped" object, the words of the text summary. */
#define SKIP_REASON_LIST(X)                                                                        \
	X(SKIP_FILTERED, "filtered", "rejected by the expression")                                 \
	X(SKIP_NOT_IP, "not-ip", "not IP")                                                         \
	X(SKIP_ARP, "arp", "ARP")                                                                  \
	X(SKIP_UDP, "udp", "UDP")                                                                  \
	X(SKIP_ICMP, "icmp", "ICMP")                                                               \
	X(SKIP_NOT_TCP, "not-tcp", "IP, but not TCP")                                              \
	X(SKIP_FRAGMENT, "fragment", "fragments that completed no packet")                         \
	X(SKIP_TRUNCATED, "truncated", "cut off before the end of the TCP header")                 \
	X(SKIP_BAD_LINK, "bad-link", "link headers that make no sense")                            \
	X(SKIP_BAD_IP, "bad-ip", "IP headers that make no sense")                                  \
	X(SKIP_BAD_TCP, "bad-tcp", "TCP headers that make no sense")                               \
	X(SKIP_EXTENSION, "extension-header", "encrypted, or behind an unknown extension header")  \
	X(SKIP_NESTED, "nested", "too many tunnels in each other")                                 \
	X(SKIP_WIFI_ENCRYPTED, "wifi-encrypted", "encrypted Wi-Fi frames")                         \
	X(SKIP_LINK_TYPE, "link-type", "link type not decoded")

typedef enum {
	SKIP_SEVERAL =
		-2,     /* it holds several frames, each with a reason of its own: decode_part() */
	SKIP_NONE = -1, /* it was a segment */
	SKIP_REASON_LIST(LIST_ENUM_MEMBER) SKIP_REASON_COUNT
} SkipReason;

/* "fragment": the key in JSON. */
const char *skip_reason_name(SkipReason reason);

/* "fragments that completed no packet": for people. */
const char *skip_reason_text(SkipReason reason);

#endif
