/* What wrap-pcap can put packets into. Knows the headers' bytes; knows not how they are put there.
 */

#ifndef TESTS_TOOLS_WRAPS_H
#define TESTS_TOOLS_WRAPS_H

#include <stddef.h>

/* How a packet is wrapped: steps from the inside to the outside, with a blank between them.
 *
 *     xHEX      these bytes before it; in them TTTT is the EtherType of what is there, PPPP its
 *               number in PPP, II its number in IP, FF its family in BSD, VV 01 or 02 for IPv4 or
 *               IPv6, LLLL its length, and DD 01 or 02, whichever way it goes
 *     ipv4:N    an IPv4 header whose protocol is N; 0 for that of IPv4 or IPv6 in IP
 *     ipv6:N    the same in IPv6
 *     udp:N     a UDP header to port N
 *     cut:N     in pieces of N bytes, the last one first
 *     again:N   the same, each of them twice
 *     over:N    the same, each with the first 8 bytes of the next one
 *     join      two packets in one, each of them padded to a multiple of 4 bytes
 *     wifi:N    in 802.11 fragments of N bytes, at most 16 */
typedef struct {
	const char *name;
	char kind; /* 'l': a link header; 't': a tunnel; 'f': several frames or packets become one
		    */
	const char *versions; /* of IP that can be in it: "46", "4", "6" */
	int linktype;
	const char *steps;
} Wrap;

/* NULL when there is none of that name; all of them by number. */
const Wrap *wrap_find(const char *name);
const Wrap *wrap_at(size_t number);

#endif
