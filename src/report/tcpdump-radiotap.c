/* What tcpdump prints of a radiotap header, with -e and without. Knows the fields of radiotap.org
 * as far as tcpdump 4.99 knows them: the first that it does not know ends its set of fields. */
#include "report/tcpdump-link.h"

/* The fields, by the bits that say they are there. */
enum {
	FIELD_TSFT,
	FIELD_FLAGS,
	FIELD_RATE,
	FIELD_CHANNEL,
	FIELD_FHSS,
	FIELD_SIGNAL_DBM,
	FIELD_NOISE_DBM,
	FIELD_LOCK_QUALITY,
	FIELD_TX_ATTENUATION,
	FIELD_TX_ATTENUATION_DB,
	FIELD_TX_POWER,
	FIELD_ANTENNA,
	FIELD_SIGNAL_DB,
	FIELD_NOISE_DB,
	FIELD_RX_FLAGS,
	FIELD_XCHANNEL = 18,
	FIELD_MCS,
	FIELD_AMPDU,
	FIELD_VHT,
	FIELD_NAMESPACE = 29, /* the next set of bits begins anew */
	FIELD_VENDOR = 30,    /* and counts in the words of a vendor */
	FIELD_MORE = 31,      /* there is a next set */
};

enum {
	FLAG_CFP = 0x01,
	FLAG_SHORT_PREAMBLE = 0x02,
	FLAG_WEP = 0x04,
	FLAG_FRAGMENTED = 0x08,
	FLAG_FCS = 0x10, /* the frame ends with its check sequence */
	FLAG_PADDED = 0x20,
	FLAG_BAD_FCS = 0x40,
};

enum {
	CHANNEL_TURBO = 0x10,
	CHANNEL_CCK = 0x20,
	CHANNEL_OFDM = 0x40,
	CHANNEL_2GHZ = 0x80,
	CHANNEL_5GHZ = 0x100,
	CHANNEL_DYNAMIC = 0x400,
	CHANNEL_FHSS = 0x800,
	CHANNEL_HALF = 0x4000,
	CHANNEL_QUARTER = 0x8000,
	CHANNEL_HT20 = 0x10000,
	CHANNEL_HT40_UP = 0x20000,
	CHANNEL_HT40_DOWN = 0x40000,
};

/* Numbers are in little-endian order, each aligned to its size from the header's first byte. */
static uint64_t read_little(Cursor *at, const uint8_t *header, unsigned size)
{
	const uint8_t *bytes;
	uint64_t number = 0;

	cursor_skip(at, -(size_t)(at->at - header) & (size - 1));
	bytes = cursor_take(at, size);
	for (unsigned i = size; bytes && i > 0; i--)
		number = number << 8 | bytes[i - 1];
	return number;
}

static void write_signed(Writer *out, int64_t number)
{
	if (number < 0)
		writer_char(out, '-');
	writer_decimal(out, (uint64_t)(number < 0 ? -number : number));
}

static void write_flags(Writer *out, uint8_t flags)
{
	if (flags & FLAG_CFP)
		writer_text(out, "cfp ");
	if (flags & FLAG_SHORT_PREAMBLE)
		writer_text(out, "short preamble ");
	if (flags & FLAG_WEP)
		writer_text(out, "wep ");
	if (flags & FLAG_FRAGMENTED)
		writer_text(out, "fragmented ");
	if (flags & FLAG_BAD_FCS)
		writer_text(out, "bad-fcs ");
}

/* Units of 500 kb/s; above 127 a scheme of 802.11n for want of another place. */
static void write_rate(Writer *out, uint8_t rate)
{
	if (rate >= 0x80 && rate <= 0x8f) {
		writer_text(out, "MCS ");
		writer_decimal(out, rate & 0x7f);
	} else {
		link_tenths(out, 5u * rate);
		writer_text(out, " Mb/s");
	}
	writer_char(out, ' ');
}

static bool has_all(uint32_t flags, uint32_t bits)
{
	return (flags & bits) == bits;
}

/* What the channel is for. */
static void write_channel_kind(Writer *out, uint32_t flags)
{
	const char *width = flags & CHANNEL_HALF      ? "/10Mhz"
			    : flags & CHANNEL_QUARTER ? "/5Mhz"
						      : "";

	if (has_all(flags, CHANNEL_2GHZ | CHANNEL_FHSS))
		writer_text(out, " FHSS");
	if (has_all(flags, CHANNEL_5GHZ | CHANNEL_OFDM)) {
		writer_text(out, " 11a");
		writer_text(out, width);
	}
	if (has_all(flags, CHANNEL_2GHZ | CHANNEL_OFDM) ||
	    has_all(flags, CHANNEL_2GHZ | CHANNEL_DYNAMIC)) {
		writer_text(out, " 11g");
		writer_text(out, width);
	} else if (has_all(flags, CHANNEL_2GHZ | CHANNEL_CCK)) {
		writer_text(out, " 11b");
	}
	if (flags & CHANNEL_TURBO)
		writer_text(out, " Turbo");
}

/* @present: the set that the field is in. The newer field knows 802.11n, too. */
static void write_channel(Writer *out, uint16_t frequency, uint32_t flags, uint32_t present)
{
	bool extended = present & 1u << FIELD_XCHANNEL;

	writer_decimal(out, frequency);
	writer_text(out, " MHz");
	if (present & 1u << FIELD_MCS)
		writer_text(out, " 11n");
	else
		write_channel_kind(out, flags);
	if (extended && flags & CHANNEL_HT20)
		writer_text(out, " ht/20");
	else if (extended && flags & CHANNEL_HT40_DOWN)
		writer_text(out, " ht/40-");
	else if (extended && flags & CHANNEL_HT40_UP)
		writer_text(out, " ht/40+");
	writer_char(out, ' ');
}

/* Fields of one number. */
typedef struct {
	uint8_t size;       /* bytes; 0: it is none of these */
	bool is_signed;     /* the number has a sign */
	bool negative;      /* its sign is turned */
	const char *before; /* what is printed before it */
	const char *unit;   /* and behind it */
} NumberField;

static const NumberField number_fields[] = {
	/* clang-format off */
	[FIELD_TSFT]              = { 8, false, false, "",         "us tsft " },
	[FIELD_SIGNAL_DBM]        = { 1, true,  false, "",         "dBm signal " },
	[FIELD_NOISE_DBM]         = { 1, true,  false, "",         "dBm noise " },
	[FIELD_LOCK_QUALITY]      = { 2, false, false, "",         " sq " },
	[FIELD_TX_ATTENUATION]    = { 2, true,  true,  "",         " tx power " },
	[FIELD_TX_ATTENUATION_DB] = { 1, true,  true,  "",         "dB tx attenuation " },
	[FIELD_TX_POWER]          = { 1, true,  false, "",         "dBm tx power " },
	[FIELD_ANTENNA]           = { 1, false, false, "antenna ", " " },
	[FIELD_SIGNAL_DB]         = { 1, false, false, "",         "dB signal " },
	[FIELD_NOISE_DB]          = { 1, false, false, "",         "dB noise " },
	/* clang-format on */
};

static void write_number(Writer *out, const NumberField *field, uint64_t number)
{
	int64_t value = field->size == 1 ? (int8_t)number : (int16_t)number;

	writer_text(out, field->before);
	if (field->is_signed)
		write_signed(out, field->negative ? -value : value);
	else
		writer_decimal(out, number);
	writer_text(out, field->unit);
}

/* The two fields for a channel: frequency and flags, or flags, frequency and two more bytes. Where
 * there are both the newer one says more. */
static void read_channel(Writer *out, Cursor *at, const uint8_t *header, bool extended,
			 uint32_t present)
{
	uint64_t first = read_little(at, header, extended ? 4 : 2);
	uint64_t second = read_little(at, header, 2);

	if (extended) {
		cursor_skip(at, 2);
		if (!at->failed)
			write_channel(out, (uint16_t)second, (uint32_t)first, present);
	} else if (!at->failed && !(present & 1u << FIELD_XCHANNEL)) {
		write_channel(out, (uint16_t)first, (uint32_t)second, present);
	}
}

/* The field of the bit @bit, of a set in which @present are there. False when it is unknown. When
 * it is not all there the cursor has failed and nothing of it was printed. */
static bool read_field(Writer *out, Cursor *at, const uint8_t *header, unsigned bit,
		       uint32_t present)
{
	const uint8_t *bytes;

	if (bit < G_N_ELEMENTS(number_fields) && number_fields[bit].size > 0) {
		uint64_t number = read_little(at, header, number_fields[bit].size);

		if (!at->failed)
			write_number(out, &number_fields[bit], number);
		return true;
	}
	switch (bit) {
	case FIELD_FLAGS:
		bytes = cursor_take(at, 1);
		if (bytes)
			write_flags(out, bytes[0]);
		return true;
	case FIELD_RATE:
		bytes = cursor_take(at, 1);
		if (bytes)
			write_rate(out, bytes[0]);
		return true;
	case FIELD_CHANNEL:
	case FIELD_XCHANNEL:
		read_channel(out, at, header, bit == FIELD_XCHANNEL, present);
		return true;
	case FIELD_FHSS:
		bytes = cursor_take(at, 2);
		if (bytes) {
			writer_text(out, "fhset ");
			writer_decimal(out, bytes[0]);
			writer_text(out, " fhpat ");
			writer_decimal(out, bytes[1]);
			writer_char(out, ' ');
		}
		return true;
	case FIELD_RX_FLAGS:
		read_little(at, header, 2);
		return true;
	case FIELD_MCS:
		bytes = cursor_take(at, 3);
		if (bytes)
			link_radio_ht(out, bytes[0], bytes[1], bytes[2]);
		return true;
	case FIELD_AMPDU:
		read_little(at, header, 4);
		cursor_skip(at, 4);
		return true;
	case FIELD_VHT:
		read_little(at, header, 2);
		bytes = cursor_take(at, 10);
		if (bytes)
			link_radio_vht(out, bytes - 2);
		return true;
	default:
		return false;
	}
}

/* All fields of one set, whose bits count from @base. False when one is unknown or cut: there is
 * no telling where the next would be. */
static bool write_set(Writer *out, Cursor *at, const uint8_t *header, uint32_t present,
		      unsigned base)
{
	for (unsigned bit = 0; bit < FIELD_NAMESPACE; bit++) {
		if (!(present & 1u << bit))
			continue;
		if (!read_field(out, at, header, base + bit, present)) {
			writer_text(out, "[bit ");
			writer_decimal(out, base + bit);
			writer_text(out, "] ");
			return false;
		}
		if (at->failed)
			return false;
	}
	return true;
}

/* The fields of all sets. A vendor's are skipped: an organisation, a number of its own, a length.
 */
static void write_sets(Writer *out, Cursor *at, const uint8_t *header, Cursor words)
{
	unsigned base = 0;
	bool vendor = false;
	uint32_t present;

	do {
		present = (uint32_t)read_little(&words, header, 4);
		if (!vendor && !write_set(out, at, header, present, base))
			break;
		base += 32;
		if (present & 1u << FIELD_NAMESPACE) {
			base = 0;
			vendor = false;
		} else if (present & 1u << FIELD_VENDOR) {
			vendor = true;
			cursor_skip(at, 4);
			cursor_skip(at, read_little(at, header, 2));
		}
	} while (present & 1u << FIELD_MORE && !at->failed);
	if (at->failed)
		writer_text(out, " [|802.11_radio]");
}

/* The flags, if the first set has them; decoding looks no further. */
static uint8_t first_flags(Cursor at, const uint8_t *header)
{
	uint32_t present = header[4];

	if (!(present & 1u << FIELD_FLAGS))
		return 0;
	if (present & 1u << FIELD_TSFT)
		read_little(&at, header, 8);
	return cursor_u8(&at);
}

void link_radiotap(Line *line)
{
	Cursor frame = link_begin(line), at;
	const uint8_t *header = cursor_take(&frame, 8);
	uint32_t length, words = 1;
	uint8_t flags;

	if (!header)
		return;
	length = (uint32_t)header[2] | (uint32_t)header[3] << 8;
	if (length < 8 || !cursor_take(&frame, length - 8))
		return;
	at = cursor_new(header, length);
	cursor_skip(&at, 4);
	/* The fields begin behind the last word of bits. */
	while (cursor_left(&at) >= 4 * words && at.at[4 * words - 1] & 0x80)
		words++;
	cursor_skip(&at, 4 * words);
	flags = first_flags(at, header);
	if (at.failed) {
		writer_text(&line->out, " [|802.11_radio]");
	} else {
		Cursor bits = cursor_new(header + 4, 4 * words);

		write_sets(&line->out, &at, header, bits);
	}
	link_wifi(line, &frame, flags & FLAG_PADDED, flags & FLAG_FCS ? 4 : 0);
}
