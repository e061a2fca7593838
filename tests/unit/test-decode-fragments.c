/* Fragments of IP packets: in any order, twice, over each other, missing, cut, and too many. */
#include <pcap/dlt.h>

#include "decode-case.h"

/* clang-format off */
static const DecodeCase whole[] = {
	/* IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "v4", DLT_RAW,
	  "450000381234000040067c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 0, 20, 4, 0, false },
	/* IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004,
	 * ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "v6", DLT_RAW,
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 0, 40, 4, 0, false },
	/* IP 10.0.0.1 > 10.0.0.2: IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "ip-in-ip", DLT_RAW,
	  "4500004c00010000400466ab0a0000010a000002"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 20, 20, 4, UNWRAP_BIT(UNWRAP_IP), false },
};
/* clang-format on */

/* A fragment as it is in a frame. */
typedef struct {
	uint8_t bytes[GUARDED_MAX]; /* raw IP */
	uint32_t length;            /* how many */
} Piece;

/* The packet's data from @offset on, @length bytes of it. */
static Piece cut_piece(const DecodeCase *test, uint32_t offset, uint32_t length, bool more)
{
	uint8_t packet[GUARDED_MAX];
	Piece piece;

	hex_read(test->hex, packet);
	if (packet[0] >> 4 == 4) {
		memcpy(piece.bytes, packet, 20);
		piece.length = 20;
		piece.bytes[2] = 0;
		piece.bytes[3] = (uint8_t)(20 + length);
		piece.bytes[6] = more ? 0x20 : 0;
		piece.bytes[7] = (uint8_t)(offset / 8);
		memcpy(piece.bytes + 20, packet + 20 + offset, length);
		piece.length = 20 + length;
	} else {
		memcpy(piece.bytes, packet, 40);
		piece.bytes[5] = (uint8_t)(8 + length);
		piece.bytes[6] = 44;
		memcpy(piece.bytes + 40,
		       (uint8_t[]){ packet[6], 0, 0, (uint8_t)(offset | more), 0, 0, 0, 77 }, 8);
		memcpy(piece.bytes + 48, packet + 40 + offset, length);
		piece.length = 48 + length;
	}
	return piece;
}

static SkipReason decode_at(FragmentTable *table, const Piece *piece, uint32_t caplen, NsTime time,
			    Segment *segment, const Frame **packet)
{
	const DecodeOptions options = { .fragments = table };
	uint8_t *data = guarded_end() - caplen;
	static Frame frame;
	SkipReason reason;

	frame = (Frame){ .number = 7,
			 .time = time,
			 .caplen = caplen,
			 .len = piece->length,
			 .linktype = DLT_RAW,
			 .data = data };
	memcpy(data, piece->bytes, caplen);
	reason = decode_frame(&options, &frame, segment);
	if (reason == SKIP_NONE && packet)
		*packet = decode_packet(&options, &frame, segment);
	return reason;
}

static SkipReason decode_piece(FragmentTable *table, const Piece *piece, Segment *segment)
{
	return decode_at(table, piece, piece->length, 1234567, segment, NULL);
}

static uint32_t data_length(const DecodeCase *test)
{
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = hex_read(test->hex, bytes);

	return length - (bytes[0] >> 4 == 4 ? 20 : 40);
}

/* Four pieces in each of their orders, the last of which is a segment as the whole packet is. */
static void test_orders(gconstpointer data)
{
	const DecodeCase *test = data;
	uint32_t length = data_length(test);
	Piece pieces[4];
	uint8_t bytes[GUARDED_MAX];
	uint32_t whole_length = hex_read(test->hex, bytes);

	for (uint32_t i = 0; i < 4; i++)
		pieces[i] = cut_piece(test, 8 * i, i < 3 ? 8 : length - 24, i < 3);
	for (unsigned order = 0; order < 256; order++) {
		unsigned at[4] = { order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 };
		g_autoptr(FragmentTable) table = NULL;
		const Frame *packet = NULL;
		Segment segment;

		if ((1u << at[0] | 1u << at[1] | 1u << at[2] | 1u << at[3]) != 15)
			continue;
		table = fragments_new();
		for (unsigned i = 0; i < 4; i++)
			g_assert_cmpint(decode_at(table, &pieces[at[i]], pieces[at[i]].length,
						  1234567, &segment, &packet),
					==, i < 3 ? SKIP_FRAGMENT : SKIP_NONE);
		check_segment(test, &segment);
		g_assert_true(segment.reassembled);
		/* The packet is as it was before it was cut up, its checksum included. */
		g_assert_cmpmem(packet->data, packet->caplen, bytes, whole_length);
		g_assert_cmpuint(packet->len, ==, whole_length);
		g_assert_cmpuint(fragments_counts(table).packets, ==, 1);
		g_assert_cmpuint(fragments_counts(table).incomplete, ==, 0);
		g_assert_cmpuint(fragments_counts(table).overlapping, ==, 0);
	}
}

/* Every piece missing in turn, and then it comes after all. */
static void test_missing(gconstpointer data)
{
	const DecodeCase *test = data;
	uint32_t length = data_length(test);

	for (uint32_t missing = 0; missing < 3; missing++) {
		g_autoptr(FragmentTable) table = fragments_new();
		Segment segment;
		Piece late;

		for (uint32_t i = 0; i < 3; i++) {
			Piece piece = cut_piece(test, 8 * i, i < 2 ? 8 : length - 16, i < 2);

			if (i == missing)
				late = piece;
			else
				g_assert_cmpint(decode_piece(table, &piece, &segment), ==,
						SKIP_FRAGMENT);
		}
		g_assert_cmpuint(fragments_counts(table).incomplete, ==, 1);
		g_assert_cmpint(decode_piece(table, &late, &segment), ==, SKIP_NONE);
		g_assert_cmpuint(fragments_counts(table).incomplete, ==, 0);
	}
}

/* RFC 8200 4.5: repetitions do no harm, overlaps end the packet in IPv6 only. */
static void test_overlap(gconstpointer data)
{
	const DecodeCase *test = data;
	bool v4 = test->version == 4;
	uint32_t length = data_length(test);
	const Piece first = cut_piece(test, 0, 16, true), middle = cut_piece(test, 8, 16, true);
	const Piece last = cut_piece(test, 16, length - 16, false);
	g_autoptr(FragmentTable) table = fragments_new();
	Segment segment;

	g_assert_cmpint(decode_piece(table, &first, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpint(decode_piece(table, &first, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpint(decode_piece(table, &last, &segment), ==, SKIP_NONE);
	g_assert_cmpuint(fragments_counts(table).overlapping, ==, 1);

	g_assert_cmpint(decode_piece(table, &first, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpint(decode_piece(table, &middle, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpint(decode_piece(table, &last, &segment), ==, v4 ? SKIP_NONE : SKIP_FRAGMENT);
	g_assert_cmpuint(fragments_counts(table).packets, ==, v4 ? 2 : 1);
	g_assert_cmpuint(fragments_counts(table).incomplete, ==, v4 ? 0 : 1);
}

/* Fragments that were cut off: as much is known as was captured up to the first gap. */
static void test_cut(gconstpointer data)
{
	const DecodeCase *test = data;
	uint32_t length = data_length(test);
	const Piece first = cut_piece(test, 0, 24, true);
	const Piece last = cut_piece(test, 24, length - 24, false);
	uint32_t header = first.length - 24;

	for (uint32_t caplen = header; caplen <= first.length; caplen++) {
		g_autoptr(FragmentTable) table = fragments_new();
		const Frame *packet = NULL;
		SkipReason reason;
		Segment segment;

		g_assert_cmpint(decode_at(table, &first, caplen, 1234567, &segment, NULL), ==,
				SKIP_FRAGMENT);
		reason = decode_at(table, &last, last.length, 1234567, &segment, &packet);
		/* What was captured counts in units of 8 bytes. */
		if ((caplen - header) / 8 * 8 >= 20) {
			g_assert_cmpint(reason, ==, SKIP_NONE);
			check_segment(test, &segment);
		} else {
			g_assert_cmpint(reason, ==, SKIP_TRUNCATED);
		}
	}
}

/* Lengths and ends that cannot be. */
static void test_lies(void)
{
	const DecodeCase *test = &whole[0];
	g_autoptr(FragmentTable) table = fragments_new();
	Piece piece = cut_piece(test, 0, 12, true);
	Segment segment;

	/* Not the last, and no multiple of 8. */
	g_assert_cmpint(decode_piece(table, &piece, &segment), ==, SKIP_BAD_IP);
	/* An end behind 65535. */
	piece = cut_piece(test, 0, 16, false);
	piece.bytes[6] = 0x1f;
	piece.bytes[7] = 0xff;
	g_assert_cmpint(decode_piece(table, &piece, &segment), ==, SKIP_BAD_IP);
	/* Data that ends where it begins. */
	piece = cut_piece(test, 8, 0, false);
	g_assert_cmpint(decode_piece(table, &piece, &segment), ==, SKIP_BAD_IP);
	g_assert_cmpuint(fragments_counts(table).incomplete, ==, 0);
	/* Data behind the end: the packet is never complete. */
	piece = cut_piece(test, 16, 8, false);
	g_assert_cmpint(decode_piece(table, &piece, &segment), ==, SKIP_FRAGMENT);
	piece = cut_piece(test, 24, 8, true);
	g_assert_cmpint(decode_piece(table, &piece, &segment), ==, SKIP_FRAGMENT);
	piece = cut_piece(test, 0, 16, true);
	g_assert_cmpint(decode_piece(table, &piece, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpuint(fragments_counts(table).incomplete, ==, 1);
}

/* The oldest go when there are too many, and each after its time. */
static void test_bounds(void)
{
	const DecodeCase *test = &whole[0];
	g_autoptr(FragmentTable) table = fragments_new();
	const Piece last = cut_piece(test, 16, data_length(test) - 16, false);
	Piece first = cut_piece(test, 0, 16, true);
	Segment segment;

	for (unsigned i = 0; i <= FRAGMENTS_PACKETS_MAX; i++) {
		first.bytes[12] = (uint8_t)(i >> 8);
		first.bytes[13] = (uint8_t)i;
		g_assert_cmpint(decode_piece(table, &first, &segment), ==, SKIP_FRAGMENT);
	}
	g_assert_cmpuint(fragments_counts(table).incomplete, ==, FRAGMENTS_PACKETS_MAX + 1);
	/* The second is still there, the first was given up. */
	for (unsigned i = 2; i-- > 0;) {
		Piece piece = last;

		piece.bytes[12] = 0;
		piece.bytes[13] = (uint8_t)i;
		g_assert_cmpint(decode_piece(table, &piece, &segment), ==,
				i == 1 ? SKIP_NONE : SKIP_FRAGMENT);
	}
	first = cut_piece(test, 0, 16, true);
	g_assert_cmpint(decode_at(table, &first, first.length, NSTIME_SECOND, &segment, NULL), ==,
			SKIP_FRAGMENT);
	g_assert_cmpint(decode_at(table, &last, last.length, NSTIME_SECOND + FRAGMENTS_TIME + 1,
				  &segment, NULL),
			==, SKIP_FRAGMENT);
	g_assert_cmpint(decode_at(table, &first, first.length, NSTIME_SECOND + FRAGMENTS_TIME + 2,
				  &segment, NULL),
			==, SKIP_NONE);
}

/* Large offsets cost room, and that is bounded, too. */
static void test_bytes(void)
{
	const DecodeCase *test = &whole[0];
	g_autoptr(FragmentTable) table = fragments_new();
	Piece far = cut_piece(test, 0, 8, true);
	Segment segment;

	far.bytes[6] = 0x3f;
	far.bytes[7] = 0x00;
	for (unsigned i = 0; i < 200; i++) {
		far.bytes[15] = (uint8_t)i;
		g_assert_cmpint(decode_piece(table, &far, &segment), ==, SKIP_FRAGMENT);
	}
	g_assert_cmpuint(fragments_counts(table).incomplete, ==, 200);
	/* The newest is still there: its fragment again is a repetition. */
	g_assert_cmpint(decode_piece(table, &far, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpuint(fragments_counts(table).overlapping, ==, 1);
	/* The first is not. */
	far.bytes[15] = 0;
	g_assert_cmpint(decode_piece(table, &far, &segment), ==, SKIP_FRAGMENT);
	g_assert_cmpuint(fragments_counts(table).overlapping, ==, 1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		GTestDataFunc check;
	} checks[] = { { "orders", test_orders },
		       { "missing", test_missing },
		       { "overlap", test_overlap },
		       { "cut", test_cut } };

	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(whole); i++) {
		for (size_t k = 0; k < G_N_ELEMENTS(checks); k++) {
			g_autofree char *path =
				g_strdup_printf("/fragments/%s/%s", whole[i].name, checks[k].name);

			/* What an outer packet carries begins with another header. */
			if (i == 2 && k == 3)
				continue;
			g_test_add_data_func(path, &whole[i], checks[k].check);
		}
	}
	g_test_add_func("/fragments/lies", test_lies);
	g_test_add_func("/fragments/bounds", test_bounds);
	g_test_add_func("/fragments/bytes", test_bytes);
	return g_test_run();
}
