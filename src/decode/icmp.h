/* What an ICMP error says of a TCP segment. Knows the error and the TCP header that it quotes;
 * knows no connection. */
#ifndef WIRESTATE_DECODE_ICMP_H
#define WIRESTATE_DECODE_ICMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/listmacro.h"
#include "decode/decode.h"

/* Member, what it is called in a sentence. RFC 792, RFC 1812 5.2.7.1, RFC 4443. */
#define ICMP_KIND_LIST(X)                                                                          \
	X(ICMP_NET_UNREACHABLE, "network unreachable")                                             \
	X(ICMP_HOST_UNREACHABLE, "host unreachable")                                               \
	X(ICMP_PORT_UNREACHABLE, "port unreachable")                                               \
	X(ICMP_PROHIBITED, "administratively prohibited")                                          \
	X(ICMP_OTHER_UNREACHABLE, "destination unreachable")                                       \
	X(ICMP_TOO_BIG, "packet too big")                                                          \
	X(ICMP_TIME_EXCEEDED, "time exceeded")                                                     \
	X(ICMP_PARAMETER_PROBLEM, "parameter problem")

typedef enum { ICMP_KIND_LIST(LIST_ENUM_MEMBER) ICMP_KIND_COUNT } IcmpKind;

/* "host unreachable". */
const char *icmp_kind_name(IcmpKind kind);

/* An error, as it goes to who sent the segment that it quotes. */
typedef struct {
	uint64_t frame;    /* its frame's number */
	NsTime time;       /* its frame's time */
	IcmpKind kind;     /* what is wrong */
	Address from;      /* who says so; of the version of @src */
	Endpoint src, dst; /* of the segment that it quotes */
	uint32_t seq;      /* of that segment */
	uint32_t scope;    /* as Segment.scope */
} IcmpError;

/* Reads a frame that decode_frame() skipped as ICMP. False, with nothing written, when it is no
 * error, or quotes no TCP header up to its sequence number, or goes to somebody else than the
 * sender of what it quotes. */
bool decode_icmp_error(const DecodeOptions *options, const Frame *frame, IcmpError *error);

#endif
