/* What the tests of other tools' words share: segments as text.
 *
 *     DIRECTION FLAGS FIRST[+LENGTH] [ack N] [win 0] [cut]
 *
 * separated by semicolons; > from the client, < from the server; flags are tcpdump's letters, or 0
 * for none; numbers are relative to the ISN of their sender, an ack to that of the other end. The
 * server's numbers wrap. Without ack the flag is not set whatever FLAGS say; "." sets it. */
#ifndef WIRESTATE_TESTS_WORDS_CASE_H
#define WIRESTATE_TESTS_WORDS_CASE_H

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "decode/segment.h"

static const uint32_t words_isn[2] = { 1000, 4294967290 };

typedef struct {
	unsigned sender; /* 0: the client */
	Segment segment; /* without addresses */
	bool cut;        /* its payload was not captured */
} WordsSegment;

static unsigned words_flags(const char *letters)
{
	static const char known[] = "FSRP.";
	unsigned flags = 0;

	for (; *letters && *letters != '0'; letters++) {
		const char *at = strchr(known, *letters);

		g_assert_nonnull(at);
		flags |= 1u << (at - known);
	}
	return flags;
}

/* Reads one segment. @port are the client's and the server's. */
static WordsSegment words_segment(const char *text, const uint16_t port[2])
{
	g_auto(GStrv) part = g_strsplit(text, " ", -1);
	WordsSegment read = { .sender = part[0][0] == '<', .segment = { .window = 1000 } };
	Segment *segment = &read.segment;
	char *rest;

	g_assert_true(strcmp(part[0], ">") == 0 || strcmp(part[0], "<") == 0);
	segment->src.port = port[read.sender];
	segment->dst.port = port[!read.sender];
	segment->flags = (uint16_t)words_flags(part[1]);
	segment->seq = words_isn[read.sender] + (uint32_t)strtoll(part[2], &rest, 10);
	if (*rest == '+')
		segment->payload = (uint32_t)strtoul(rest + 1, &rest, 10);
	g_assert_cmpint(*rest, ==, '\0');
	for (unsigned at = 3; part[at]; at++) {
		if (strcmp(part[at], "ack") == 0)
			segment->ack =
				words_isn[!read.sender] + (uint32_t)strtoll(part[++at], NULL, 10);
		else if (strcmp(part[at], "win") == 0)
			segment->window = (uint16_t)strtoul(part[++at], NULL, 10);
		else if (strcmp(part[at], "cut") == 0)
			read.cut = true;
		else
			g_error("no such word: %s", part[at]);
	}
	return read;
}

/* The texts of the segments; free with g_strfreev(). */
static char **words_split(const char *text)
{
	char **segments = g_strsplit(text, ";", -1);

	for (unsigned at = 0; segments[at]; at++)
		g_strstrip(segments[at]);
	return segments;
}

#endif
