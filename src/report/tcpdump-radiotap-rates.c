/* The fields of a radiotap header that say how a frame was modulated. Knows IEEE 802.11n and
 * 802.11ac as far as tcpdump prints them; knows not where the fields are. */
#include "report/tcpdump-link.h"

void link_tenths(Writer *out, uint32_t tenths)
{
	writer_decimal(out, tenths / 10);
	writer_char(out, '.');
	writer_decimal(out, tenths % 10);
}

static const char *const bandwidths[] = {
	"20 MHz",        "40 MHz",        "20 MHz (L)",    "20 MHz (U)",    "80 MHz",
	"80 MHz (L)",    "80 MHz (U)",    "80 MHz (LL)",   "80 MHz (LU)",   "80 MHz (UL)",
	"80 MHz (UU)",   "160 MHz",       "160 MHz (L)",   "160 MHz (U)",   "160 MHz (LL)",
	"160 MHz (LU)",  "160 MHz (UL)",  "160 MHz (UU)",  "160 MHz (LLL)", "160 MHz (LLU)",
	"160 MHz (LUL)", "160 MHz (UUU)", "160 MHz (ULL)", "160 MHz (ULU)", "160 MHz (UUL)",
	"160 MHz (UUU)",
};

static void write_bandwidth(Writer *out, uint8_t bandwidth)
{
	if (bandwidth < G_N_ELEMENTS(bandwidths)) {
		writer_text(out, bandwidths[bandwidth]);
	} else {
		writer_text(out, "unknown (");
		writer_decimal(out, bandwidth);
		writer_char(out, ')');
	}
	writer_char(out, ' ');
}

/* IEEE 802.11n 20.6: the data bits of a symbol at 20 MHz by the number of the scheme. */
static const uint16_t symbol_bits[] = {
	26,  52,  78,  104, 156, 208, 234, 260, 52,  104, 156, 208, 312, 416, 468, 520,
	78,  156, 234, 312, 468, 624, 702, 780, 104, 208, 312, 416, 624, 832, 936, 1040,
	0,   156, 208, 260, 234, 312, 390, 208, 260, 260, 312, 364, 364, 416, 312, 390,
	390, 468, 546, 546, 624, 260, 312, 364, 312, 364, 416, 468, 416, 468, 520, 520,
	572, 390, 468, 546, 468, 546, 624, 702, 624, 702, 780, 780, 858,
};

/* Symbols of 4 microseconds, or 3.6 with a short interval; 108 subcarriers in place of 52 at 40
 * MHz, where scheme 32 sends 24 bits over all of them. Tenths of Mb/s; 0 for what there is not. */
static uint32_t ht_rate(uint8_t scheme, bool wide, bool short_interval)
{
	uint32_t bits;

	if (scheme >= G_N_ELEMENTS(symbol_bits))
		return 0;
	bits = scheme == 32 ? 24 * wide : symbol_bits[scheme] * (wide ? 108u : 52u) / 52;
	return short_interval ? (100 * bits + 18) / 36 : (10 * bits + 2) / 4;
}

void link_radio_ht(Writer *out, uint8_t known, uint8_t flags, uint8_t scheme)
{
	bool has_bandwidth = known & 0x01, has_scheme = known & 0x02, has_interval = known & 0x04;

	if (has_scheme) {
		/* What is not known is as its flag has it. */
		uint32_t rate = has_bandwidth || has_interval
					? ht_rate(scheme, (flags & 3) == 1, flags & 4)
					: 0;

		if (rate > 0) {
			link_tenths(out, rate);
			writer_text(out, " Mb/s ");
		}
		writer_text(out, "MCS ");
		writer_decimal(out, scheme);
		writer_char(out, ' ');
	}
	if (has_bandwidth)
		write_bandwidth(out, flags & 3);
	if (has_interval)
		writer_text(out, flags & 4 ? "short GI " : "long GI ");
	if (known & 0x08)
		writer_text(out, flags & 8 ? "greenfield " : "mixed ");
	if (known & 0x10)
		writer_text(out, flags & 0x10 ? "LDPC FEC " : "BCC FEC ");
	if (known & 0x20) {
		writer_text(out, "RX-STBC");
		writer_decimal(out, flags >> 5 & 3);
		writer_char(out, ' ');
	}
}

void link_radio_vht(Writer *out, const uint8_t *field)
{
	for (unsigned user = 0; user < 4; user++) {
		uint8_t scheme = field[4 + user];

		if ((scheme & 15) == 0)
			continue;
		writer_text(out, "User ");
		writer_decimal(out, user);
		writer_text(out, " MCS ");
		writer_decimal(out, scheme >> 4);
		writer_text(out, field[8] >> user & 1 ? " LDPC FEC " : " BCC FEC ");
	}
	if (field[0] & 0x40)
		write_bandwidth(out, field[3] & 0x1f);
	if (field[0] & 0x04)
		writer_text(out, field[2] & 4 ? "short GI " : "long GI ");
}
