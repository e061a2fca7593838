/* TCP options as tcpdump prints them. Knows their kinds and the ways in which tcpdump stumbles over
 * them; multipath TCP has a file of its own.
 *
 * There are three ways to end before the end, and each has its words. An option whose length cannot
 * be, or that needs more bytes than the header has left, is "[bad opt]". One whose bytes were not
 * captured is " [|tcp]", with a ">" behind it when tcpdump had checked for them beforehand and had
 * printed an option. Anything else is printed, and "[len N]" tells when the option's length is not
 * what its kind needs; the next option then begins where the kind says, not where the length says.
 */
#include "report/tcpdump-parts.h"

/* IANA's registry of TCP option kinds, those that tcpdump names. */
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_ECHO = 6,
	OPTION_ECHO_REPLY = 7,
	OPTION_TIMESTAMP = 8,
	OPTION_CC = 11,
	OPTION_CC_NEW = 12,
	OPTION_CC_ECHO = 13,
	OPTION_MD5 = 19,
	OPTION_SCPS = 20,
	OPTION_USER_TIMEOUT = 28,
	OPTION_AUTHENTICATION = 29,
	OPTION_MULTIPATH = 30,
	OPTION_FAST_OPEN = 34,
	OPTION_EXPERIMENT = 254,
};

/* RFC 6994: the number of Fast Open among the experimental options. */
#define EXPERIMENT_FAST_OPEN 0xf989

/* What became of an option. */
typedef enum {
	OPTION_PRINTED, /* go on */
	OPTION_BAD,     /* "[bad opt]" */
	OPTION_MISSING, /* its bytes were not captured, which was found before they were read */
	OPTION_CUT,     /* they were found missing while they were read */
} OptionResult;

/* An option while it is printed. */
typedef struct {
	Line *line;          /* where to */
	const uint8_t *data; /* behind kind and length */
	uint32_t length;     /* bytes of data by its length */
	uint32_t left;       /* bytes of the header that are left from @data on */
	uint32_t taken;      /* set by the printer: the bytes of data that the kind needs */
} Option;

/* How many bytes were captured from @at on, which a length may have put behind the end. */
static size_t captured_from(const Line *line, const uint8_t *at)
{
	return at < line->captured ? (size_t)(line->captured - at) : 0;
}

/* Whether @count bytes of data are in the header, and were captured. */
static OptionResult option_need(Option *option, uint32_t count)
{
	option->taken = count;
	if (count > option->left)
		return OPTION_BAD;
	if (count > captured_from(option->line, option->data))
		return OPTION_MISSING;
	return OPTION_PRINTED;
}

static OptionResult print_mss(Option *option)
{
	OptionResult result = option_need(option, 2);

	if (result == OPTION_PRINTED) {
		writer_char(&option->line->out, ' ');
		writer_decimal(&option->line->out, load_u16(option->data));
	}
	return result;
}

static OptionResult print_wscale(Option *option)
{
	OptionResult result = option_need(option, 1);

	if (result == OPTION_PRINTED) {
		writer_char(&option->line->out, ' ');
		writer_decimal(&option->line->out, option->data[0]);
	}
	return result;
}

/* RFC 2018 3 */
static OptionResult print_sack(Option *option)
{
	Writer *out = &option->line->out;
	uint32_t base = option->line->base.sack;

	option->taken = option->length;
	if (option->length % 8 != 0) {
		writer_text(out, " invalid sack");
		return OPTION_PRINTED;
	}
	writer_char(out, ' ');
	writer_decimal(out, option->length / 8);
	writer_char(out, ' ');
	for (uint32_t at = 0; at < option->length; at += 8) {
		OptionResult result = option_need(option, at + 8);

		if (result != OPTION_PRINTED)
			return result;
		writer_char(out, '{');
		writer_decimal(out, load_u32(option->data + at) - base);
		writer_char(out, ':');
		writer_decimal(out, load_u32(option->data + at + 4) - base);
		writer_char(out, '}');
	}
	return OPTION_PRINTED;
}

static OptionResult print_timestamp(Option *option)
{
	OptionResult result = option_need(option, 8);
	Writer *out = &option->line->out;

	if (result == OPTION_PRINTED) {
		writer_text(out, " val ");
		writer_decimal(out, load_u32(option->data));
		writer_text(out, " ecr ");
		writer_decimal(out, load_u32(option->data + 4));
	}
	return result;
}

/* One number of 32 bits: echo, and the connection counts of RFC 1644. */
static OptionResult print_number(Option *option)
{
	OptionResult result = option_need(option, 4);

	if (result == OPTION_PRINTED) {
		writer_char(&option->line->out, ' ');
		writer_decimal(&option->line->out, load_u32(option->data));
	}
	return result;
}

/* RFC 2385: a digest over the whole segment, which could be checked only with the secret. */
static OptionResult print_md5(Option *option)
{
	OptionResult result = option_need(option, 16);
	Writer *out = &option->line->out;

	if (result == OPTION_PRINTED) {
		writer_text(out, line_is_whole(option->line) ? " shared secret not supplied with -M"
							     : " snaplen too short");
		writer_text(out, ", can't check - ");
		writer_hex_bytes(out, option->data, 16);
	}
	return result;
}

/* Space communications, CCSDS 714.0. */
static OptionResult print_scps(Option *option)
{
	OptionResult result = option_need(option, 2);
	Writer *out = &option->line->out;

	if (result == OPTION_PRINTED) {
		writer_text(out, " cap ");
		writer_hex(out, option->data[0], 2);
		writer_text(out, " id ");
		writer_decimal(out, option->data[1]);
	}
	return result;
}

/* RFC 5482 2 has the unit, minutes or seconds, in the first bit; tcpdump looks for it in the last.
 */
static OptionResult print_user_timeout(Option *option)
{
	OptionResult result = option_need(option, 2);
	Writer *out = &option->line->out;

	if (result == OPTION_PRINTED) {
		uint32_t field = load_u16(option->data);

		writer_text(out, " 0x");
		writer_hex(out, field, 1);
		writer_char(out, ' ');
		writer_decimal(out, (field >> 1) * (field & 1 ? 60 : 1));
	}
	return result;
}

/* The data from @at on as hexadecimal digits, as far as they were captured. */
static OptionResult print_hex(Option *option, uint32_t at)
{
	writer_text(&option->line->out, " 0x");
	for (; at < option->length; at++) {
		OptionResult result = option_need(option, at + 1);

		if (result != OPTION_PRINTED)
			return result;
		writer_hex(&option->line->out, option->data[at], 2);
	}
	return OPTION_PRINTED;
}

/* RFC 5925 2.2: two key identifiers and a code. */
static OptionResult print_authentication(Option *option)
{
	Writer *out = &option->line->out;
	OptionResult result;

	if (option->length < 2) {
		option->taken = option->length;
		writer_text(out, " (invalid)");
		return OPTION_PRINTED;
	}
	result = option_need(option, 1);
	if (result != OPTION_PRINTED)
		return result;
	writer_text(out, " keyid ");
	writer_decimal(out, option->data[0]);
	result = option_need(option, 2);
	if (result != OPTION_PRINTED)
		return result;
	writer_text(out, " rnextkeyid ");
	writer_decimal(out, option->data[1]);
	if (option->length == 2)
		return OPTION_PRINTED;
	writer_text(out, " mac");
	return print_hex(option, 2);
}

/* RFC 7413 4.1.1: a cookie of 4 to 16 bytes, an even number of them, or the request for one. */
static void write_fast_open(Writer *out, const uint8_t *cookie, uint32_t length)
{
	if (length == 0) {
		writer_text(out, " cookiereq");
	} else if (length % 2 != 0 || length < 4 || length > 16) {
		writer_text(out, " (invalid)");
	} else {
		writer_text(out, " cookie ");
		writer_hex_bytes(out, cookie, length);
	}
}

static OptionResult print_fast_open(Option *option)
{
	OptionResult result = option_need(option, option->length);

	if (result == OPTION_PRINTED) {
		writer_char(&option->line->out, ' ');
		write_fast_open(&option->line->out, option->data, option->length);
	}
	return result;
}

/* RFC 6994 3: a number tells which experiment. */
static OptionResult print_experiment(Option *option)
{
	OptionResult result = option_need(option, option->length);
	Writer *out = &option->line->out;
	uint32_t number;

	if (result != OPTION_PRINTED)
		return result;
	if (option->length < 2)
		return OPTION_BAD;
	number = load_u16(option->data);
	writer_char(out, '-');
	if (number == EXPERIMENT_FAST_OPEN) {
		writer_text(out, "tfo");
		write_fast_open(out, option->data + 2, option->length - 2);
	} else {
		writer_hex(out, number, 4);
	}
	return result;
}

static OptionResult print_multipath(Option *option)
{
	OptionResult result = option_need(option, option->length);

	if (result == OPTION_PRINTED &&
	    !line_mptcp(option->line, option->data - 2, option->length + 2))
		return OPTION_BAD;
	return result;
}

static OptionResult print_nothing(Option *option)
{
	option->taken = 0;
	return OPTION_PRINTED;
}

static OptionResult print_unknown(Option *option)
{
	option->taken = 0;
	return option->length > 0 ? print_hex(option, 0) : OPTION_PRINTED;
}

/* clang-format off */
static const struct {
	const char *name;                /* NULL: unknown */
	OptionResult (*print)(Option *); /* what follows the name */
} kinds[256] = {
	[OPTION_END]            = { "eol", print_nothing },
	[OPTION_NOP]            = { "nop", print_nothing },
	[OPTION_MSS]            = { "mss", print_mss },
	[OPTION_WSCALE]         = { "wscale", print_wscale },
	[OPTION_SACK_PERMITTED] = { "sackOK", print_nothing },
	[OPTION_SACK]           = { "sack", print_sack },
	[OPTION_ECHO]           = { "echo", print_number },
	[OPTION_ECHO_REPLY]     = { "echoreply", print_number },
	[OPTION_TIMESTAMP]      = { "TS", print_timestamp },
	[OPTION_CC]             = { "cc", print_number },
	[OPTION_CC_NEW]         = { "ccnew", print_number },
	[OPTION_CC_ECHO]        = { "", print_number },
	[OPTION_MD5]            = { "md5", print_md5 },
	[OPTION_SCPS]           = { "scps", print_scps },
	[OPTION_USER_TIMEOUT]   = { "uto", print_user_timeout },
	[OPTION_AUTHENTICATION] = { "tcp-ao", print_authentication },
	[OPTION_MULTIPATH]      = { "mptcp", print_multipath },
	[OPTION_FAST_OPEN]      = { "tfo", print_fast_open },
	[OPTION_EXPERIMENT]     = { "exp", print_experiment },
};
/* clang-format on */

/* The option at *@at, of @left bytes of header; moves both over what it took. */
static OptionResult write_option(Line *line, const uint8_t **at, uint32_t *left)
{
	Writer *out = &line->out;
	size_t captured = captured_from(line, *at);
	uint8_t kind, head = 2;
	Option option = { .line = line };
	OptionResult result;

	if (captured < 1)
		return OPTION_CUT;
	kind = (*at)[0];
	if (kind == OPTION_END || kind == OPTION_NOP) {
		head = 1;
	} else {
		if (captured < 2)
			return OPTION_CUT;
		option.length = (*at)[1];
		if (option.length < 2 || option.length > *left)
			return OPTION_BAD;
		option.length -= 2;
	}
	option.data = *at + head;
	option.left = *left - head;
	if (kinds[kind].name) {
		writer_text(out, kinds[kind].name);
		result = kinds[kind].print(&option);
	} else {
		writer_text(out, "unknown-");
		writer_decimal(out, kind);
		result = print_unknown(&option);
	}
	if (result != OPTION_PRINTED)
		return result;
	if (option.taken != option.length) {
		writer_text(out, "[len ");
		writer_decimal(out, option.length + 2);
		writer_char(out, ']');
	}
	*at = option.data + option.taken;
	*left = kind == OPTION_END ? 0 : option.left - option.taken;
	return result;
}

bool line_options_are_usual(const uint8_t *options, uint32_t length)
{
	static const uint8_t usual[4] = { OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMP, 10 };

	return length == 12 && memcmp(options, usual, sizeof(usual)) == 0;
}

char *line_put_usual_options(char *at, const uint8_t *options)
{
	at = put_text(at, "options [nop,nop,TS val ");
	at = digits_put(at, load_u32(options + 4));
	at = put_text(at, " ecr ");
	at = digits_put(at, load_u32(options + 8));
	*at++ = ']';
	return at;
}

bool line_tcp_options(Line *line, const uint8_t *options, uint32_t length)
{
	Writer *out = &line->out;
	bool first = true;

	if (captured_from(line, options) >= length && line_options_are_usual(options, length)) {
		writer_room(out, LINE_USUAL_OPTIONS_MAX);
		out->at = line_put_usual_options(out->at, options);
		return true;
	}
	writer_text(out, "options [");
	while (length > 0) {
		OptionResult result;

		if (!first)
			writer_char(out, ',');
		result = write_option(line, &options, &length);
		if (result == OPTION_BAD) {
			writer_text(out, first ? "[bad opt]" : "[bad opt]]");
			return false;
		}
		if (result != OPTION_PRINTED) {
			writer_text(out, line->multipath ? " [|mptcp]" : " [|tcp]");
			if (result == OPTION_MISSING && !first)
				writer_char(out, '>');
			return false;
		}
		first = false;
	}
	writer_char(out, ']');
	return true;
}
