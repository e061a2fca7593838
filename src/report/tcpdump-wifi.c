/* What tcpdump prints of the header of an 802.11 data frame. Knows IEEE 802.11 9.2; knows nothing
 * of radios. */
#include "report/tcpdump-link.h"

/* The first byte of the header: the kinds of data frames (IEEE 802.11 9.2.4.1.3). */
enum {
	FRAME_CF_ACK = 0x10,
	FRAME_CF_POLL = 0x20,
	FRAME_QOS = 0x80,
};

/* The second one. */
enum {
	FRAME_TO_DS = 0x01,
	FRAME_FROM_DS = 0x02,
	FRAME_MORE_FRAGMENTS = 0x04,
	FRAME_RETRY = 0x08,
	FRAME_POWER = 0x10,
	FRAME_MORE_DATA = 0x20,
	FRAME_ORDER = 0x80,
};

/* With -v: what is set, in the order in which tcpdump looks, and the duration. */
static void write_flags(Writer *out, const uint8_t *header)
{
	static const struct {
		uint8_t bit;
		const char *text;
	} flags[] = {
		{ FRAME_MORE_DATA, "More Data " },    { FRAME_MORE_FRAGMENTS, "More Fragments " },
		{ FRAME_POWER, "Pwr Mgmt " },         { FRAME_RETRY, "Retry " },
		{ FRAME_ORDER, "Strictly Ordered " },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++) {
		if (header[1] & flags[i].bit)
			writer_text(out, flags[i].text);
	}
	writer_decimal(out, (uint32_t)header[2] | (uint32_t)header[3] << 8);
	writer_text(out, "us ");
}

/* "CF Ack/Poll+QoS " */
static void write_kind(Writer *out, uint8_t kind)
{
	kind &= FRAME_CF_ACK | FRAME_CF_POLL | FRAME_QOS;
	if (kind == 0)
		return;
	writer_text(out, "CF ");
	if (kind & FRAME_CF_ACK)
		writer_text(out, "Ack");
	if (kind & FRAME_CF_POLL)
		writer_text(out, kind & FRAME_CF_ACK ? "/Poll" : "Poll");
	if (kind & FRAME_QOS)
		writer_text(out, "+QoS");
	writer_char(out, ' ');
}

/* IEEE 802.11 9.3.2.1: whose the addresses are. */
static void write_addresses(Line *line, const uint8_t *header, const uint8_t *fourth)
{
	static const char *const names[4][4] = {
		{ "DA:", "SA:", "BSSID:", NULL },
		{ "BSSID:", "SA:", "DA:", NULL },
		{ "DA:", "BSSID:", "SA:", NULL },
		{ "RA:", "TA:", "DA:", "SA:" },
	};
	const uint8_t *addresses[4] = { header + 4, header + 10, header + 16, fourth };
	unsigned way = header[1] & (FRAME_TO_DS | FRAME_FROM_DS);

	for (unsigned i = 0; i < (fourth ? 4 : 3); i++) {
		writer_text(&line->out, names[way][i]);
		link_hardware(line, addresses[i]);
		writer_char(&line->out, ' ');
	}
}

void link_wifi(Line *line, Cursor *at, bool padded, uint32_t trailer)
{
	const uint8_t *begin = at->at, *header = cursor_take(at, 24), *fourth = NULL;
	uint16_t type;

	if (!header)
		return;
	if (header[1] & FRAME_TO_DS && header[1] & FRAME_FROM_DS) {
		fourth = cursor_take(at, 6);
		if (!fourth)
			return;
	}
	if (header[0] & FRAME_QOS)
		cursor_skip(at, header[1] & FRAME_ORDER ? 6 : 2);
	if (padded)
		cursor_skip(at, -(size_t)(at->at - begin) & 3);
	if (line->options->link) {
		if (line->options->verbose > 0)
			write_flags(&line->out, header);
		write_kind(&line->out, header[0]);
		write_addresses(line, header, fourth);
	}
	/* Frames that were put together or that hold several: what is behind this header is not the
	 * beginning of what the line is about. */
	if (line->carrier != line->frame)
		return;
	link_ends(line, at, link_left(line, at) - trailer);
	if (line->captured > line->carrier->data + line->link_end)
		line->captured = line->carrier->data + line->link_end;
	type = link_llc(line, at, link_left(line, at));
	link_shims(line, at, type);
}
