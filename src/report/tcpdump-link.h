/* The parts of what tcpdump prints before the IP header, one for each family of link types. Knows
 * in which order they stand; used by tcpdump-link.c and the files of the families only.
 *
 * The frame was decoded, so its link header leads to an IP header. The cursors are of the frame as
 * it was captured, and are left at that header or behind what tcpdump prints. */
#ifndef WIRESTATE_REPORT_TCPDUMP_LINK_H
#define WIRESTATE_REPORT_TCPDUMP_LINK_H

#include "decode/ethertype.h"
#include "report/tcpdump-parts.h"

/* The frame's first byte. */
static inline Cursor link_begin(const Line *line)
{
	return cursor_new(line->carrier->data, line->carrier->caplen);
}

/* The bytes that were on the wire from the cursor on, as far as link headers have let them count.
 */
static inline uint32_t link_left(const Line *line, const Cursor *at)
{
	return line->link_end - (uint32_t)(at->at - line->carrier->data);
}

/* A link header says that the packet ends @length bytes behind the cursor. */
static inline void link_ends(Line *line, const Cursor *at, uint32_t length)
{
	line->link_end = (uint32_t)(at->at - line->carrier->data) + length;
}

/* "IPv4 (0x0800)" */
void link_ethertype(Writer *out, uint16_t type);

/* Six bytes of hardware address, by name without -n. */
void link_hardware(Line *line, const uint8_t *address);

/* "length 74: ", which ends most link headers. */
void link_length(Writer *out, uint32_t length);

/* IEEE 802.2 and SNAP, with -e only, in a frame of @length bytes from the cursor on. Returns the
 * EtherType of what is behind. */
uint16_t link_llc(Line *line, Cursor *at, uint32_t length);

/* What is behind an EtherType and still no IP, with -e and without: MPLS labels or PPPoE. */
void link_shims(Line *line, Cursor *at, uint16_t type);

/* Ethernet, VLAN tags included, and Linux's cooked headers. */
void link_ethernet(Line *line);
void link_sll(Line *line);
void link_sll2(Line *line);

/* LINKTYPE_PPP, LINKTYPE_PPP_HDLC, LINKTYPE_PPP_ETHER and LINKTYPE_C_HDLC. */
void link_ppp(Line *line);
void link_ppp_serial(Line *line);
void link_ppp_ether(Line *line);
void link_hdlc(Line *line);

/* An 802.11 header, whose payload may have been @padded to a multiple of 4 bytes, in a frame with
 * @trailer bytes behind it; and a radiotap header with an 802.11 header behind it. */
void link_wifi(Line *line, Cursor *at, bool padded, uint32_t trailer);
void link_radiotap(Line *line);

/* "144.4", which is 1444 @tenths. */
void link_tenths(Writer *out, uint32_t tenths);

/* Radiotap's field for 802.11n, of three bytes: which of the rest is known, flags, the scheme. And
 * that for 802.11ac, of 12: what is known, flags, bandwidth, scheme and streams of four users,
 * their codings. */
void link_radio_ht(Writer *out, uint8_t known, uint8_t flags, uint8_t scheme);
void link_radio_vht(Writer *out, const uint8_t *field);

#endif
