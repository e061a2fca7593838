/* A connection that is no more than its SYN, or that and its SYN-ACK, in the least memory. Knows
 * what of them anybody reads later; knows nothing of what follows from it.
 *
 * Most SYNs of a flood are never answered. What is known of such a connection is its SYN, and the
 * connection is made of that when somebody asks for it (RFC 4987 3.4: hosts do the same and call it
 * a SYN cache). */
#ifndef WIRESTATE_FLOW_EMBRYO_H
#define WIRESTATE_FLOW_EMBRYO_H

#include <glib.h>
#include <stddef.h>

#include "flow/flow-key.h"

/* What observers keep beside the SYN. */
typedef struct {
	uint32_t number; /* of one of them, as it pleases */
	uint16_t marks;  /* a bit for each, by its id, as it pleases */
} EmbryoMemo;

typedef struct {
	Segment syn;     /* its first segment; of it only what embryo_may_be() and this list: frame,
			    time, addresses, ports and scope, seq, flags, window, IP ID, TTL, and the
			    options but the MSS and what a timestamp echoes; a timestamp if it has one
			  */
	FlowKey key;     /* its key */
	unsigned sender; /* which end of that sent it */
	EmbryoMemo memo; /* for the observers */
	bool answered;   /* @answer is valid */
	Segment answer;  /* its only other segment, the SYN-ACK; of it what is said of @syn */
} Embryo;

/* The same where it is, to be packed: nothing is copied for it. */
typedef struct {
	const Segment *syn;
	const FlowKey *key;
	unsigned sender;
	EmbryoMemo memo;
	const Segment *answer; /* NULL: it was not answered */
} EmbryoParts;

static inline EmbryoParts embryo_parts(const Embryo *embryo)
{
	return (EmbryoParts){ &embryo->syn, &embryo->key, embryo->sender, embryo->memo,
			      embryo->answered ? &embryo->answer : NULL };
}

/* Bytes that embryo_pack() needs at most. */
#define EMBRYO_PACKED_MAX 104

/* And for one over IPv4 that was not answered, is in no tunnel and has no timestamp. With what
 * stands before it in memory it is in one line of the cache, even if it has a timestamp. */
#define EMBRYO_PACKED_LEAST 32

/* Whether a connection that begins with the segment can be kept so: a SYN with nothing unusual
 * about it, that is not its sender's own peer's. */
bool embryo_may_be(const Segment *segment);

/* What of a SYN, or of its SYN-ACK, what follows is held against. */
typedef struct {
	NsTime time;
	uint64_t frame;
	uint32_t seq, tsval; /* a timestamp if it has one */
	uint16_t window, ip_id;
	uint8_t ttl;
	uint8_t options; /* TcpOptions.present */
	uint8_t wscale;
} EmbryoSyn;

/* And of both. */
typedef struct {
	unsigned sender;       /* which end of the key sent @syn */
	EmbryoSyn syn, answer; /* [answer] of one that was answered */
	EmbryoMemo memo;       /* the same */
} EmbryoHandshake;

static inline EmbryoSyn embryo_syn_of(const Segment *syn)
{
	return (EmbryoSyn){
		.time = syn->time,
		.frame = syn->frame,
		.seq = syn->seq,
		.tsval = syn->options.tsval,
		.window = syn->window,
		.ip_id = syn->ip_id,
		.ttl = syn->ttl,
		.options = syn->options.present,
		.wscale = syn->options.wscale,
	};
}

static inline EmbryoHandshake embryo_handshake_of(const Embryo *embryo)
{
	return (EmbryoHandshake){ embryo->sender, embryo_syn_of(&embryo->syn),
				  embryo_syn_of(&embryo->answer), embryo->memo };
}

/* The same of a segment that follows @syn: its SYN-ACK, with nothing unusual about it either. That
 * it comes from the other side has been seen. */
bool embryo_may_be_answer(const EmbryoSyn *syn, const Segment *segment);

/* How many bytes embryo_pack() is going to use. */
size_t embryo_size(const EmbryoParts *parts);

/* All of it but whether it was answered and, if it was not, the SYN's time: these the caller has to
 * keep. The last EMBRYO_MEMO_SIZE of the bytes are the memo's number. */
void embryo_pack(uint8_t *bytes, const EmbryoParts *parts);
#define EMBRYO_MEMO_SIZE 4

/* The same, of which @from has @size bytes, with @answer, to the SYN that it has. */
size_t embryo_answered_size(size_t size, const Segment *answer);
void embryo_pack_answered(uint8_t *bytes, const uint8_t *from, size_t size, const EmbryoSyn *syn,
			  const Segment *answer);

/* The opposite. What is not kept of a segment is zero. */
void embryo_unpack(const uint8_t *bytes, bool answered, NsTime time, Embryo *embryo);

/* No more of it than that. */
void embryo_unpack_handshake(const uint8_t *bytes, bool answered, NsTime time,
			     EmbryoHandshake *handshake);

/* The same of one that was answered and whose memo's number is not kept: it is zero. Returns how
 * many bytes there were. */
size_t embryo_unpack_segments(const uint8_t *bytes, Embryo *embryo);

/* What the bytes begin with; behind it come the addresses, and the scope if there is one: a key as
 * it is, so that who looks for one reads no more. */
typedef struct {
	uint16_t ports[2]; /* of the key's ends */
	uint16_t bits;     /* EMBRYO_LONG, EMBRYO_SCOPED and others */
	uint16_t window;   /* no part of the key, but it fills a word */
} EmbryoEnds;

#define EMBRYO_LONG   (1 << 9) /* addresses */
#define EMBRYO_SCOPED (1 << 5)

/* embryo_has_key() of one of these two kinds. */
bool embryo_has_other_key(const uint8_t *bytes, const FlowKey *key);

static inline uint32_t embryo_word(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Whether @bytes, embryo_pack()'s, are of a connection with this key. Most are: all of it is
 * compared before anything is asked, and word by word against what the words of such a key would
 * be. */
static inline bool embryo_has_key(const uint8_t *bytes, const FlowKey *key)
{
	const uint8_t *addresses = bytes + sizeof(EmbryoEnds);
	const uint64_t version = 4 << 16; /* of a word that begins with a port */
	EmbryoEnds ends;

	memcpy(&ends, bytes, sizeof(ends));
	if (G_BYTE_ORDER != G_LITTLE_ENDIAN || ends.bits & (EMBRYO_LONG | EMBRYO_SCOPED))
		return embryo_has_other_key(bytes, key);
	return ((flow_key_word(key, 0) ^ embryo_word(addresses)) | flow_key_word(key, 1) |
		(flow_key_word(key, 2) ^
		 (ends.ports[0] | version | (uint64_t)embryo_word(addresses + 4) << 32)) |
		flow_key_word(key, 3) | (flow_key_word(key, 4) ^ (ends.ports[1] | version) << 32) |
		key->scope) == 0;
}

#endif
