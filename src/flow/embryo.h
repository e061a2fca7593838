/* A connection that is no more than its SYN, in the least memory. Knows what of a SYN anybody reads
 * later; knows nothing of what follows from it.
 *
 * Most SYNs of a flood are never answered. What is known of such a connection is its SYN, and the
 * connection is made of that when somebody asks for it (RFC 4987 3.4: hosts do the same and call it
 * a SYN cache). */
#ifndef WIRESTATE_FLOW_EMBRYO_H
#define WIRESTATE_FLOW_EMBRYO_H

#include <stddef.h>

#include "flow/flow-key.h"

/* What observers keep beside the SYN. */
typedef struct {
	uint32_t number; /* of one of them, as it pleases */
	uint16_t marks;  /* a bit for each, by its id, as it pleases */
} EmbryoMemo;

typedef struct {
	Segment syn;     /* its only segment; of it only what embryo_may_be() and this list: frame,
			    time, addresses, ports and scope, seq, flags, window, IP ID, TTL, and the
			    options but the MSS */
	FlowKey key;     /* its key */
	unsigned sender; /* which end of that sent it */
	EmbryoMemo memo; /* for the observers */
} Embryo;

/* Bytes that embryo_pack() needs at most. */
#define EMBRYO_PACKED_MAX 72

/* And for one over IPv4 that is in no tunnel. */
#define EMBRYO_PACKED_USUAL 40

/* Whether a connection that begins with the segment can be kept so: a SYN with nothing unusual
 * about it, that is not its sender's own peer's. */
bool embryo_may_be(const Segment *segment);

/* All of it but the SYN's time, which the caller has to keep. Returns how many bytes were used. */
size_t embryo_pack(uint8_t bytes[EMBRYO_PACKED_MAX], const Embryo *embryo);

/* The opposite. What is not kept of the SYN is zero. */
void embryo_unpack(const uint8_t *bytes, NsTime time, Embryo *embryo);

/* Whether @bytes, embryo_pack()'s, are of a connection with this key. */
bool embryo_has_key(const uint8_t *bytes, const FlowKey *key);

#endif
