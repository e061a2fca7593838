/* Options of TCP and of IPv4 for odd-pcap: of each kind, with lengths that are right more often
 * than not. Knows kinds and lengths; knows no meaning. */

#include <string.h>

#include "odd.h"

/* A kind and the length that it should have; 0: any. */
typedef struct {
	uint8_t kind;
	uint8_t length;
} Kind;

/* What is written so far. */
typedef struct {
	uint8_t bytes[256];
	size_t length;
} Options;

static uint8_t *append(Options *options, uint8_t kind, uint8_t length)
{
	uint8_t *option = options->bytes + options->length;

	option[0] = kind;
	option[1] = length;
	options->length += length < 2 ? 2 : length;
	odd_fill(option + 2, options->bytes + options->length - option - 2u);
	return option;
}

/* Cuts what is too long and fills up what is no multiple of 4. */
static size_t finish(uint8_t out[static 40], const Options *options, uint8_t filler)
{
	size_t length = options->length < 40 ? options->length : 40;

	memcpy(out, options->bytes, length);
	while (length % 4 != 0)
		out[length++] = filler;
	return length;
}

/* RFC 8684: mostly the lengths and versions that there are. */
static void append_multipath(Options *options)
{
	static const uint32_t lengths[] = {
		3, 4, 5, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	};
	uint8_t *option;

	option = append(options, 30,
			(uint8_t)(roll(8) ? one_of(lengths, COUNT(lengths)) : roll(41)));
	option[2] = (uint8_t)(roll(9) << 4 | (roll(2) ? roll(2) : roll(16)));
	/* The flags of a data sequence signal. */
	option[3] = (uint8_t)(roll(2) ? roll(32) : roll(256));
}

size_t odd_tcp_options(uint8_t out[static 40], bool plain)
{
	static const Kind kinds[] = { { 2, 4 },   { 3, 3 },   { 4, 2 },   { 5, 10 }, { 5, 18 },
				      { 5, 26 },  { 5, 34 },  { 6, 6 },   { 7, 6 },  { 8, 10 },
				      { 8, 10 },  { 9, 2 },   { 11, 6 },  { 12, 6 }, { 13, 6 },
				      { 19, 18 }, { 20, 4 },  { 27, 8 },  { 28, 4 }, { 29, 4 },
				      { 29, 16 }, { 30, 0 },  { 30, 0 },  { 34, 2 }, { 34, 10 },
				      { 34, 18 }, { 253, 6 }, { 254, 4 }, { 254, 8 } };
	Options options = { .length = 0 };

	for (unsigned count = 1 + roll(5); count > 0 && options.length < 40; count--) {
		const Kind *kind = &kinds[roll(COUNT(kinds))];
		uint8_t *option;

		for (unsigned fillers = roll(3); fillers > 0; fillers--)
			options.bytes[options.length++] = (uint8_t)(roll(12) > 0);
		if (kind->kind == 30) {
			if (!plain)
				append_multipath(&options);
			continue;
		}
		option = append(&options, kind->kind, (uint8_t)(roll(6) ? kind->length : roll(41)));
		/* RFC 6994: Fast Open's number. */
		if (kind->kind == 254 && roll(2))
			put16(option + 2, 0xf989);
	}
	return finish(out, &options, (uint8_t)roll(2));
}

size_t odd_ipv4_options(uint8_t out[static 40])
{
	static const Kind kinds[] = { { 7, 3 },    { 7, 7 },   { 7, 15 },   { 68, 4 },   { 68, 12 },
				      { 68, 20 },  { 82, 12 }, { 99, 4 },   { 130, 11 }, { 131, 7 },
				      { 131, 11 }, { 137, 3 }, { 137, 11 }, { 148, 4 } };
	static const uint32_t pointers[] = { 4, 5, 8, 9, 12, 13, 16 };
	static const uint32_t timestamps[] = { 0, 1, 3, 0x10, 0x21 };
	Options options = { .length = 0 };

	for (unsigned count = 1 + roll(3); count > 0 && options.length < 40; count--) {
		const Kind *kind = &kinds[roll(COUNT(kinds))];
		uint8_t *option;

		if (roll(4) == 0)
			options.bytes[options.length++] = 1;
		option = append(&options, kind->kind, (uint8_t)(roll(5) ? kind->length : roll(20)));
		if (roll(4))
			option[2] = (uint8_t)one_of(pointers, COUNT(pointers));
		if (kind->kind == 68 && roll(5))
			option[3] = (uint8_t)one_of(timestamps, COUNT(timestamps));
	}
	return finish(out, &options, (uint8_t)roll(2));
}
