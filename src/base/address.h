/* Addresses of either version, and endpoints. Knows their text and their order; knows no names. */
#ifndef WIRESTATE_BASE_ADDRESS_H
#define WIRESTATE_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 or IPv6 address in 16 bytes; an IPv4 address stands in the first four, the others are
 * zero. The version is kept beside it (Endpoint.version), so there is no padding to hash. */
typedef struct {
	uint8_t bytes[16]; /* network byte order */
} Address;

/* One end of a connection. */
typedef struct {
	Address addr;    /* see above */
	uint16_t port;   /* host order */
	uint8_t version; /* 4 or 6 */
	uint8_t zero; /* always 0: the structure has no padding and may be compared with memcmp() */
} Endpoint;

/* An address with the number of leading bits that count, as in --local. */
typedef struct {
	Address addr;    /* bits beyond @bits are zero */
	uint8_t version; /* 4 or 6 */
	uint8_t bits;    /* 0 to 32 or 0 to 128 */
} AddressPrefix;

/* Room for an address as text with its NUL, and for "[address]:port", in whose making some bytes
 * more are written. */
#define ADDRESS_TEXT_MAX  46
#define ENDPOINT_TEXT_MAX (ADDRESS_TEXT_MAX + 24)

/* Writes the address as inet_ntop(3) does; returns the length before the NUL. */
size_t address_format(char text[static ADDRESS_TEXT_MAX], const Address *addr, int version);

/* Writes "192.0.2.1:80" or "[2001:db8::1]:80", as ss does; returns the length before the NUL. */
size_t endpoint_format(char text[static ENDPOINT_TEXT_MAX], const Endpoint *endpoint);

/* Order by version, address, port: less than, equal to or greater than 0, as memcmp(). */
int endpoint_compare(const Endpoint *a, const Endpoint *b);

/* Reads "ADDR" or "ADDR/BITS" of either version, brackets allowed. False, with nothing written,
 * when it is neither. */
bool address_prefix_parse(const char *text, AddressPrefix *prefix);

/* Whether @addr of @version lies within @prefix. */
bool address_prefix_contains(const AddressPrefix *prefix, const Address *addr, int version);

#endif
