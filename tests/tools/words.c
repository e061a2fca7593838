/* Reads the words of a scenario: numbers, times, flags, TCP options. Knows nothing of connections
 * and of what a line is made of. */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "words.h"

const char *words_source = "standard input";
unsigned words_line;

void words_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "scn2pcap: %s:%u: ", words_source, words_line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

uint32_t words_number(const char *text, int base, uint32_t limit)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, base);
	if (end == text || *end != '\0' || errno != 0 || value > limit)
		words_fail("not a number up to %u: '%s'", limit, text);
	return (uint32_t)value;
}

int64_t words_time(const char *text)
{
	int64_t seconds = 0, fraction = 0, unit = WORDS_SECOND;
	const char *p = text;

	for (; isdigit((unsigned char)*p); p++)
		seconds = seconds * 10 + (*p - '0');
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p) && unit > 1; p++)
			fraction += (*p - '0') * (unit /= 10);
	if (*p != '\0' || p == text)
		words_fail("not a time in seconds: '%s'", text);
	return seconds * WORDS_SECOND + fraction;
}

uint32_t words_seq(const char *text, uint32_t isn)
{
	bool minus = *text == '-';

	if (*text == '=')
		return words_number(text + 1, 10, UINT32_MAX);
	if (minus)
		return isn - words_number(text + 1, 10, UINT32_MAX);
	return isn + words_number(text, 10, UINT32_MAX);
}

unsigned words_split(char *text, const char *separators, char **token)
{
	unsigned n = 0;

	for (char *p = strtok(text, separators); p != NULL; p = strtok(NULL, separators)) {
		if (n == WORDS_MAX)
			words_fail("too many words");
		token[n++] = p;
	}
	return n;
}

uint8_t words_flags(const char *text)
{
	static const char letters[] = "FSRP.UEW"; /* by bit, as tcpdump writes them */
	uint8_t flags = 0;

	if (strcmp(text, "none") == 0)
		return 0;
	for (; *text != '\0'; text++) {
		const char *found = strchr(letters, *text);

		if (found == NULL)
			words_fail("not a TCP flag: '%c'", *text);
		flags |= (uint8_t)(1 << (found - letters));
	}
	return flags;
}

static size_t put_sack(uint8_t *p, char **word, unsigned n, uint32_t isn)
{
	p[0] = 5;
	for (unsigned i = 1; i < n; i++) {
		char *colon = strchr(word[i], ':');

		if (colon == NULL)
			words_fail("expected a SACK block FIRST:END");
		*colon = '\0';
		frames_put32(p + 8 * i - 6, words_seq(word[i], isn));
		frames_put32(p + 8 * i - 2, words_seq(colon + 1, isn));
	}
	return 8 * n - 6;
}

static size_t put_cookie(uint8_t *p, const char *hex)
{
	size_t size = strlen(hex) / 2;

	if (size > 16 || strlen(hex) % 2 != 0)
		words_fail("a Fast Open cookie has up to 16 bytes");
	p[0] = 34;
	for (size_t i = 0; i < size; i++)
		p[2 + i] = (uint8_t)words_number((char[3]){ hex[2 * i], hex[2 * i + 1] }, 16, 255);
	return 2 + size;
}

static size_t put_option(uint8_t *p, char *text, uint32_t peer_isn)
{
	char *word[WORDS_MAX];
	unsigned n = words_split(text, " ", word);
	const char *name = n > 0 ? word[0] : "";
	size_t size;

	if (strcmp(name, "eol") == 0 || strcmp(name, "nop") == 0) {
		p[0] = *name == 'n';
		return 1;
	}
	if (strcmp(name, "mss") == 0 && n == 2) {
		p[0] = 2;
		frames_put16(p + 2, words_number(word[1], 10, 65535));
		size = 4;
	} else if (strcmp(name, "wscale") == 0 && n == 2) {
		p[0] = 3;
		p[2] = (uint8_t)words_number(word[1], 10, 255);
		size = 3;
	} else if (strcmp(name, "sackOK") == 0) {
		p[0] = 4;
		size = 2;
	} else if (strcmp(name, "sack") == 0 && n > 1 && n <= 5) {
		size = put_sack(p, word, n, peer_isn);
	} else if (strcmp(name, "TS") == 0 && n == 5) {
		p[0] = 8;
		frames_put32(p + 2, words_number(word[2], 10, UINT32_MAX));
		frames_put32(p + 6, words_number(word[4], 10, UINT32_MAX));
		size = 10;
	} else if (strcmp(name, "fastopen") == 0) {
		size = put_cookie(p, n > 1 ? word[1] : "");
	} else {
		words_fail("not a TCP option: '%s'", name);
	}
	p[1] = (uint8_t)size;
	return size;
}

size_t words_options(uint8_t *p, char *text, uint32_t peer_isn)
{
	uint8_t room[512];
	size_t size = 0;

	for (char *option = text, *next; option != NULL; option = next) {
		next = strchr(option, ',');
		if (next != NULL)
			*next++ = '\0';
		size += put_option(room + size, option, peer_isn);
		if (size > 40)
			words_fail("more than 40 bytes of TCP options");
	}
	while (size % 4 != 0)
		room[size++] = 1;
	memcpy(p, room, size);
	return size;
}
