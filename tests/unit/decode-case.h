/* What the tests of the decoder share: frames written in hexadecimal below the line that tcpdump
 * prints for them, and a place to put them where a read beyond their end is a crash, with or
 * without a sanitizer. */
#ifndef WIRESTATE_TESTS_DECODE_CASE_H
#define WIRESTATE_TESTS_DECODE_CASE_H

#include <arpa/inet.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode/decode.h"

#define GUARDED_MAX 4096u

/* A frame with what tcpdump shows of it and where its headers begin. All have the same addresses of
 * their version, the ports 49152 and 80, and the TCP header that check_segment() compares. */
typedef struct {
	const char *name;   /* the test's */
	int linktype;       /* DLT_* */
	const char *hex;    /* what was captured */
	uint32_t len;       /* bytes on the wire; 0: as many */
	int version;        /* of IP */
	uint32_t ip_offset; /* the bytes of the link header */
	uint32_t ip_header; /* the bytes of the IP header, extension headers included */
	uint32_t payload;   /* tcpdump's "length" */
	uint16_t unwrapped; /* what it is in, VLAN tags left out */
	bool scoped;        /* one of these has a number that tells connections apart */
} DecodeCase;

/* The last byte that may be read stands before a page that may not. */
static uint8_t *guarded_end(void)
{
	static uint8_t *end;
	uint8_t *pages;

	if (end)
		return end;
	g_assert_cmpint(sysconf(_SC_PAGESIZE) % GUARDED_MAX, ==, 0);
	pages = mmap(NULL, 2 * (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	g_assert_true(pages != MAP_FAILED);
	end = pages + sysconf(_SC_PAGESIZE);
	g_assert_cmpint(mprotect(end, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE), ==, 0);
	return end;
}

/* Reads hexadecimal digits, spaces between them ignored; returns how many bytes there are. */
static uint32_t hex_read(const char *hex, uint8_t bytes[static GUARDED_MAX])
{
	uint32_t count = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		g_assert_true(g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]));
		g_assert_cmpuint(count, <, GUARDED_MAX);
		bytes[count++] =
			(uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
		hex++;
	}
	return count;
}

/* Decodes @caplen bytes of a frame of @len, with rubbish in the segment before. */
static SkipReason decode_bytes(int linktype, const uint8_t *bytes, uint32_t caplen, uint32_t len,
			       Segment *segment)
{
	const DecodeOptions options = { 0 };
	uint8_t *data = guarded_end() - caplen;
	Frame frame = { .number = 7,
			.time = 1234567,
			.caplen = caplen,
			.len = len,
			.linktype = linktype,
			.data = data };

	memcpy(data, bytes, caplen);
	memset(segment, 0xa5, sizeof(*segment));
	return decode_frame(&options, &frame, segment);
}

static void check_endpoint(const Endpoint *endpoint, int version, const char *addr, uint16_t port)
{
	Endpoint expected = { .version = (uint8_t)version, .port = port };

	g_assert_cmpint(inet_pton(version == 4 ? AF_INET : AF_INET6, addr, expected.addr.bytes), ==,
			1);
	g_assert_cmpmem(endpoint, sizeof(*endpoint), &expected, sizeof(expected));
}

static void check_segment(const DecodeCase *test, const Segment *segment)
{
	bool v4 = test->version == 4;

	g_assert_cmpuint(segment->frame, ==, 7);
	g_assert_cmpint(segment->time, ==, 1234567);
	check_endpoint(&segment->src, test->version, v4 ? "192.0.2.1" : "2001:db8::1", 49152);
	check_endpoint(&segment->dst, test->version, v4 ? "198.51.100.2" : "2001:db8:0:1::2", 80);
	g_assert_cmpuint(segment->seq, ==, 1000000000);
	g_assert_cmpuint(segment->ack, ==, 4294967290);
	g_assert_cmpuint(segment->flags & TH_ACK, ==, TH_ACK);
	g_assert_cmpuint(segment->window, ==, 501);
	g_assert_cmpuint(segment->payload, ==, test->payload);
	g_assert_cmpuint(segment->unwrapped & UNWRAP_TUNNELS, ==, test->unwrapped);
	g_assert_true((segment->scope != 0) == test->scoped);
	g_assert_cmpuint(segment->protocol, ==, 6);
	g_assert_cmpuint(segment->ip_id, ==, v4 ? 0x1234 : 0);
	g_assert_cmpuint(segment->ttl, ==, 64);
	g_assert_cmpuint(segment->ip_offset, ==, test->ip_offset);
	g_assert_cmpuint(segment->tcp_offset, ==, test->ip_offset + test->ip_header);
}

/* The frame as it stands. */
static void check_whole(gconstpointer data)
{
	const DecodeCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t caplen = hex_read(test->hex, bytes);
	uint32_t header_length = (bytes[test->ip_offset + test->ip_header + 12] >> 4) * 4u;
	Segment segment;

	g_assert_cmpint(decode_bytes(test->linktype, bytes, caplen, test->len ? test->len : caplen,
				     &segment),
			==, SKIP_NONE);
	check_segment(test, &segment);
	g_assert_cmpuint(segment.ip_length, ==, test->ip_header + header_length + test->payload);
	if (header_length == 32) {
		g_assert_cmpint(segment.options.present, ==, TCP_OPT_TIMESTAMP);
		g_assert_cmpuint(segment.options.tsval, ==, 7000);
		g_assert_cmpuint(segment.options.tsecr, ==, 6000);
	}
}

/* The frame cut at every byte: by the snap length, when it says the same as the whole one as soon
 * as 20 bytes of the TCP header are there, and then on the wire, when anything may be wrong with it
 * but nothing beyond it is read. */
static void check_cut(gconstpointer data)
{
	const DecodeCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t whole = hex_read(test->hex, bytes);
	uint32_t needed = test->ip_offset + test->ip_header + 20;
	Segment segment;

	for (uint32_t caplen = 0; caplen <= whole; caplen++) {
		SkipReason reason =
			decode_bytes(test->linktype, bytes, caplen,
				     test->len ? test->len : MAX(whole, caplen + 1), &segment);

		/* Without all of its header nobody can tell that UDP is a tunnel. */
		if (caplen >= needed)
			g_assert_cmpint(reason, ==, SKIP_NONE);
		else if (reason != SKIP_UDP || !test->unwrapped)
			g_assert_cmpint(reason, ==, SKIP_TRUNCATED);
		if (reason == SKIP_NONE && caplen < whole)
			check_segment(test, &segment);
		reason = decode_bytes(test->linktype, bytes, caplen, caplen, &segment);
		if (caplen < needed)
			g_assert_cmpint(reason, !=, SKIP_NONE);
	}
}

/* Every byte replaced by every other, and every cut of that: whatever comes out, nothing beyond the
 * end is read, and what is said of a segment fits into its frame. */
static void check_damage(gconstpointer data)
{
	const DecodeCase *test = data;
	uint8_t bytes[GUARDED_MAX];
	uint32_t whole = hex_read(test->hex, bytes);
	Segment segment;

	for (uint32_t at = 0; at < whole; at++) {
		uint8_t original = bytes[at];

		for (unsigned value = 0; value < 256; value++) {
			/* Every cut for some values would take longer and find no more. */
			uint32_t caplen = value % 8 == 0 ? whole : (at + value) % (whole + 1);
			SkipReason reason;

			bytes[at] = (uint8_t)value;
			reason = decode_bytes(test->linktype, bytes, caplen, whole, &segment);
			g_assert_cmpint(reason, <, SKIP_REASON_COUNT);
			if (reason != SKIP_NONE)
				continue;
			g_assert_cmpuint(segment.tcp_offset + 20, <=, caplen);
			g_assert_cmpuint(segment.ip_offset + 20, <=, segment.tcp_offset);
			g_assert_cmpuint(segment.payload + 20, <=, segment.ip_length);
			g_assert_cmpuint(segment.options.sack_count, <=, TCP_SACK_BLOCKS_MAX);
		}
		bytes[at] = original;
	}
}

static void G_GNUC_UNUSED add_cases(const char *group, const DecodeCase *cases, size_t count)
{
	static const struct {
		const char *name;
		GTestDataFunc check;
	} checks[] = {
		{ "whole", check_whole },
		{ "cut", check_cut },
		{ "damage", check_damage },
	};

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(checks); j++) {
			g_autofree char *path =
				g_strdup_printf("/%s/%s/%s", group, cases[i].name, checks[j].name);

			g_test_add_data_func(path, &cases[i], checks[j].check);
		}
	}
}

#endif
