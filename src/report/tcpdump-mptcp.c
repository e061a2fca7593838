/* Multipath TCP (RFC 8684, and RFC 6824 before it) as tcpdump prints it. Knows the option's
 * subtypes; knows nothing of connections. */
#include "report/tcpdump-parts.h"

/* IANA's registry of MPTCP option subtypes, those that tcpdump names. */
enum {
	SUBTYPE_CAPABLE = 0,
	SUBTYPE_JOIN = 1,
	SUBTYPE_DSS = 2,
	SUBTYPE_ADD_ADDR = 3,
	SUBTYPE_REMOVE_ADDR = 4,
	SUBTYPE_PRIO = 5,
	SUBTYPE_FAIL = 6,
	SUBTYPE_FAST_CLOSE = 7,
};

/* Flags of the data sequence signal, RFC 8684 3.3. */
enum {
	DSS_ACK = 0x01,      /* a data acknowledgement is there */
	DSS_ACK_LONG = 0x02, /* it has 8 bytes */
	DSS_SEQ = 0x04,      /* a mapping is there */
	DSS_SEQ_LONG = 0x08, /* its data sequence number has 8 bytes */
	DSS_FIN = 0x10,      /* the last of the data */
};

static void write_number(Writer *out, const char *name, uint64_t number)
{
	writer_text(out, name);
	writer_decimal(out, number);
}

static void write_hex(Writer *out, const char *name, uint64_t number)
{
	writer_text(out, name);
	writer_hex(out, number, 1);
}

/* RFC 8684 3.1: a SYN carries no key or the sender's, the third segment both. */
static bool write_capable(Line *line, const uint8_t *option, uint32_t length)
{
	bool syn = line->segment->flags & TH_SYN, ack = line->segment->flags & TH_ACK;
	bool early = syn && (length == 4 || length == 12);
	bool late = ack && !syn && (length == 20 || length == 22);
	uint8_t version = option[2] & 15;
	Writer *out = &line->out;

	if (!early && !late)
		return false;
	if (version > 1) {
		write_number(out, " Unknown Version (", version);
		writer_char(out, ')');
		return true;
	}
	write_number(out, " v", version);
	if (option[3] & 0x80)
		writer_text(out, " csum");
	if (length >= 12) {
		write_hex(out, " {0x", line_u64(option + 4));
		if (length >= 20)
			write_hex(out, ",0x", line_u64(option + 12));
		writer_char(out, '}');
	}
	return true;
}

/* RFC 8684 3.2: a token, then a short code, then the whole code. */
static bool write_join(Line *line, const uint8_t *option, uint32_t length)
{
	bool syn = line->segment->flags & TH_SYN, ack = line->segment->flags & TH_ACK;
	Writer *out = &line->out;

	if (!(syn && length == 12) && !(syn && ack && length == 16) && !(ack && length == 24))
		return false;
	if (length != 24) {
		if (option[2] & 1)
			writer_text(out, " backup");
		write_number(out, " id ", option[3]);
	}
	switch (length) {
	case 12:
		write_hex(out, " token 0x", load_u32(option + 4));
		write_hex(out, " nonce 0x", load_u32(option + 8));
		break;
	case 16:
		write_hex(out, " hmac 0x", line_u64(option + 4));
		write_hex(out, " nonce 0x", load_u32(option + 12));
		break;
	case 24:
		writer_text(out, " hmac 0x");
		writer_hex_bytes(out, option + 4, 20);
		break;
	}
	return true;
}

/* A number of 4 or 8 bytes, when so many of *@left are there. */
static bool write_sequence(Writer *out, const char *name, const uint8_t **at, uint32_t *left,
			   bool is_long)
{
	uint32_t size = is_long ? 8 : 4;

	writer_text(out, name);
	if (*left < size)
		return false;
	writer_decimal(out, is_long ? line_u64(*at) : load_u32(*at));
	*at += size;
	*left -= size;
	return true;
}

/* RFC 8684 3.3: acknowledgement, and the mapping with a checksum or without. */
static bool write_dss(Line *line, const uint8_t *option, uint32_t length)
{
	const uint8_t *at = option + 4;
	Writer *out = &line->out;
	uint32_t left;
	uint8_t flags;

	/* It has no meaning in a SYN. */
	if (length < 4 || line->segment->flags & TH_SYN)
		return false;
	left = length - 4;
	flags = option[3];
	if (flags & DSS_FIN)
		writer_text(out, " fin");
	if (flags & DSS_ACK && !write_sequence(out, " ack ", &at, &left, flags & DSS_ACK_LONG))
		return false;
	if (flags & DSS_SEQ) {
		if (!write_sequence(out, " seq ", &at, &left, flags & DSS_SEQ_LONG) || left < 4)
			return false;
		write_number(out, " subseq ", load_u32(at));
		at += 4;
		left -= 4;
		if (left < 2)
			return false;
		write_number(out, " len ", load_u16(at));
		at += 2;
		left -= 2;
		if (left >= 2) {
			write_hex(out, " csum 0x", load_u16(at));
			left -= 2;
		}
	}
	return left == 0;
}

/* RFC 8684 3.4.1: an address of either version, with or without port and code; the length tells. */
static bool write_add_addr(Line *line, const uint8_t *option, uint32_t length)
{
	static const char *const versions[16] = {
		[0] = " v1", [1] = " v1-echo", [4] = " v0-ip4", [6] = " v0-ip6"
	};
	bool ipv4 = length < 20;
	uint32_t rest = length - (ipv4 ? 8 : 20);
	const uint8_t *at = option + 4;
	const char *version = versions[option[2] & 15];
	Writer *out = &line->out;
	Address addr = { { 0 } };

	/* Nothing, a port, a code, or both. */
	if (length < 8 || (rest != 0 && rest != 2 && rest != 8 && rest != 10))
		return false;
	writer_text(out, version ? version : " [bad version/echo]");
	write_number(out, " id ", option[3]);
	writer_char(out, ' ');
	memcpy(addr.bytes, at, ipv4 ? 4 : 16);
	line_host(line, &addr, ipv4 ? 4 : 6);
	at += ipv4 ? 4 : 16;
	if (rest % 8 == 2) {
		write_number(out, ":", load_u16(at));
		at += 2;
	}
	if (rest >= 8)
		write_hex(out, " hmac 0x", line_u64(at));
	return true;
}

/* RFC 8684 3.4.2 */
static bool write_remove_addr(Line *line, const uint8_t *option, uint32_t length)
{
	if (length < 4)
		return false;
	writer_text(&line->out, " id");
	for (uint32_t at = 3; at < length; at++)
		write_number(&line->out, " ", option[at]);
	return true;
}

/* RFC 8684 3.3.8 */
static bool write_prio(Line *line, const uint8_t *option, uint32_t length)
{
	if (length != 3 && length != 4)
		return false;
	writer_text(&line->out, option[2] & 1 ? " backup" : " non-backup");
	if (length == 4)
		write_number(&line->out, " id ", option[3]);
	return true;
}

/* RFC 8684 3.7 */
static bool write_fail(Line *line, const uint8_t *option, uint32_t length)
{
	if (length != 12)
		return false;
	write_number(&line->out, " seq ", line_u64(option + 4));
	return true;
}

/* RFC 8684 3.5 */
static bool write_fast_close(Line *line, const uint8_t *option, uint32_t length)
{
	if (length != 12)
		return false;
	write_hex(&line->out, " key 0x", line_u64(option + 4));
	return true;
}

/* clang-format off */
static const struct {
	const char *name;                                     /* with the space before it */
	bool (*write)(Line *, const uint8_t *, uint32_t);     /* what follows; false: it makes no sense */
} subtypes[] = {
	[SUBTYPE_CAPABLE]     = { " capable", write_capable },
	[SUBTYPE_JOIN]        = { " join", write_join },
	[SUBTYPE_DSS]         = { " dss", write_dss },
	[SUBTYPE_ADD_ADDR]    = { " add-addr", write_add_addr },
	[SUBTYPE_REMOVE_ADDR] = { " rem-addr", write_remove_addr },
	[SUBTYPE_PRIO]        = { " prio", write_prio },
	[SUBTYPE_FAIL]        = { " fail", write_fail },
	[SUBTYPE_FAST_CLOSE]  = { " fast-close", write_fast_close },
};
/* clang-format on */

bool line_mptcp(Line *line, const uint8_t *option, uint32_t length)
{
	uint8_t subtype;

	line->multipath = true;
	if (length < 3)
		return false;
	write_number(&line->out, " ", length);
	subtype = option[2] >> 4;
	if (subtype >= G_N_ELEMENTS(subtypes)) {
		writer_text(&line->out, " unknown");
		return true;
	}
	writer_text(&line->out, subtypes[subtype].name);
	return subtypes[subtype].write(line, option, length);
}
