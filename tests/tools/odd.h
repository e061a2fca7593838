/* What the parts of odd-pcap share. Knows how a frame is put together; knows no header. */

#ifndef TESTS_TOOLS_ODD_H
#define TESTS_TOOLS_ODD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* DLT_ numbers, as they stand in a file's header. */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_PPP_SERIAL = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_HDLC = 104,
	LINK_WIFI = 105,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_RADIOTAP = 127,
	LINK_PPPD = 166,
	LINK_SLL2 = 276,
};

/* A frame that is put together from its end to its beginning. */
typedef struct {
	uint8_t bytes[8192]; /* the frame is what lies from @start to the end */
	size_t start;        /* its first byte so far */
	size_t tcp;          /* where its TCP header begins */
	size_t end;          /* where its IP packet ends; padding follows */
	bool local;          /* no address but 127.0.0.1 */
} Odd;

/* A number from 0 to @sides - 1, the same ones in each run. */
uint32_t roll(uint32_t sides);
uint32_t one_of(const uint32_t *values, size_t count);

/* Makes room before the frame, zeroed. */
uint8_t *odd_prepend(Odd *odd, size_t count);

/* Big-endian numbers. */
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);

/* Bytes that are likely to be small numbers. */
uint8_t odd_byte(void);
void odd_fill(uint8_t *at, size_t count);

/* Up to 40 bytes of options, a multiple of 4; returns how many. @plain: none that holds an address.
 */
size_t odd_tcp_options(uint8_t options[static 40], bool plain);
size_t odd_ipv4_options(uint8_t options[static 40]);

/* Puts IPv6 extension headers before what is there, whose kind is @next; returns the kind of the
 * first. */
uint8_t odd_extensions(Odd *odd, uint8_t next);

/* The same with an authentication header. */
uint8_t odd_authentication(Odd *odd, uint8_t next);

/* The number of a link type by its name; -1 when there is none. */
int odd_link_number(const char *name);

/* Puts a link header before an IP packet. */
void odd_link(Odd *odd, int link, bool ipv6);

#endif
