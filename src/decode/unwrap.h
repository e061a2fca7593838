/* What an IP packet can be wrapped in. Knows the names; knows no bytes. */
#ifndef WIRESTATE_DECODE_UNWRAP_H
#define WIRESTATE_DECODE_UNWRAP_H

#include "base/listmacro.h"

/* Member, name in JSON's "unwrapped" object, the words of the text summary. */
#define UNWRAP_LIST(X)                                                                             \
	X(UNWRAP_VLAN, "vlan", "VLAN")                                                             \
	X(UNWRAP_MPLS, "mpls", "MPLS")                                                             \
	X(UNWRAP_PPPOE, "pppoe", "PPPoE")                                                          \
	X(UNWRAP_IP, "ip-in-ip", "IP in IP")                                                       \
	X(UNWRAP_GRE, "gre", "GRE")                                                                \
	X(UNWRAP_ERSPAN, "erspan", "ERSPAN")                                                       \
	X(UNWRAP_ETHERIP, "etherip", "EtherIP")                                                    \
	X(UNWRAP_VXLAN, "vxlan", "VXLAN")                                                          \
	X(UNWRAP_GENEVE, "geneve", "Geneve")                                                       \
	X(UNWRAP_GTP_U, "gtp-u", "GTP-U")                                                          \
	X(UNWRAP_TEREDO, "teredo", "Teredo")

typedef enum { UNWRAP_LIST(LIST_ENUM_MEMBER) UNWRAP_COUNT } Unwrap;

/* The bit of one of them in Segment.unwrapped. */
#define UNWRAP_BIT(unwrap) ((uint16_t)(1u << (unwrap)))

/* All but VLAN tags, which tcpdump takes for a part of the link header. */
#define UNWRAP_TUNNELS ((uint16_t)~UNWRAP_BIT(UNWRAP_VLAN))

/* "vxlan": the key in JSON. */
const char *unwrap_name(Unwrap unwrap);

/* "VXLAN": for people. */
const char *unwrap_text(Unwrap unwrap);

#endif
