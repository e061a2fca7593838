/* Fragments of 802.11 frames: in order, twice, missing, cut off, and too many. */
#include "decode/wifi-fragments.h"

#include <string.h>

#include "capture/frame.h"

/* A fragment as a station sends it to its access point. */
typedef struct {
	uint8_t header[24];
	uint8_t data[WIFI_FRAGMENTS_BYTES_MAX + 1];
	WifiFragment fragment;
} Piece;

/* Fragment @number of the frame @sequence, with @length bytes of data, the letter @letter each. */
static void make_piece(Piece *piece, unsigned sequence, unsigned number, uint32_t length, bool more,
		       char letter)
{
	*piece = (Piece){
		.header = { 0x08, more ? 0x05 : 0x01 },
		.fragment = { .header = piece->header,
			      .header_length = sizeof(piece->header),
			      .data = piece->data,
			      .captured = length,
			      .length = length },
	};
	memset(piece->header + 4, 0x02, 18);
	piece->header[22] = (uint8_t)(sequence << 4 | number);
	piece->header[23] = (uint8_t)(sequence >> 4);
	memset(piece->data, letter, length);
}

/* Adds it at @time; returns whether a frame is complete, which is set. */
static bool add(WifiFragments *table, const Piece *piece, NsTime time, Frame *whole)
{
	const Frame frame = { .number = 9, .time = time };

	g_assert_true(wifi_is_fragment(piece->header));
	wifi_fragments_add(table, &frame, &piece->fragment);
	return wifi_fragments_take(table, whole);
}

static bool add_new(WifiFragments *table, unsigned sequence, unsigned number, uint32_t length,
		    bool more, NsTime time)
{
	Piece piece;
	Frame whole;

	make_piece(&piece, sequence, number, length, more, 'x');
	return add(table, &piece, time, &whole);
}

static void assert_counts(const WifiFragments *table, uint64_t frames, uint64_t incomplete)
{
	g_assert_cmpuint(wifi_fragments_counts(table).frames, ==, frames);
	g_assert_cmpuint(wifi_fragments_counts(table).incomplete, ==, incomplete);
}

static void test_whole(void)
{
	g_autoptr(WifiFragments) table = wifi_fragments_new();
	Frame whole;
	Piece piece;

	for (unsigned number = 0; number < 3; number++) {
		make_piece(&piece, 300, number, 5 + number, number < 2, (char)('a' + number));
		g_assert_cmpint(add(table, &piece, 77, &whole), ==, number == 2);
		/* Each is sent again: its acknowledgement was lost. */
		if (number < 2)
			g_assert_false(add(table, &piece, 78, &whole));
	}
	g_assert_cmpmem(whole.data + 24, whole.caplen - 24, "aaaaabbbbbbccccccc", 18);
	g_assert_cmpuint(whole.len, ==, 24 + 18);
	g_assert_cmpuint(whole.number, ==, 9);
	g_assert_cmpint(whole.time, ==, 77);
	g_assert_false(whole.data[1] & 0x04);
	assert_counts(table, 1, 0);
}

/* Without its first fragment there is nothing; without another, what there is ends. */
static void test_missing(void)
{
	g_autoptr(WifiFragments) table = wifi_fragments_new();

	g_assert_false(add_new(table, 1, 1, 8, false, 0));
	assert_counts(table, 0, 0);
	g_assert_false(add_new(table, 2, 0, 8, true, 0));
	g_assert_false(add_new(table, 2, 2, 8, false, 0));
	assert_counts(table, 0, 1);
	g_assert_false(add_new(table, 2, 1, 8, false, 0));
	assert_counts(table, 0, 1);
	g_assert_false(add_new(table, 3, 0, 8, true, 0));
	assert_counts(table, 0, 2);
}

/* What was not captured of one fragment, and what is behind it, is not made up. */
static void test_cut(void)
{
	g_autoptr(WifiFragments) table = wifi_fragments_new();
	Frame whole;
	Piece piece;

	make_piece(&piece, 1, 0, 8, true, 'a');
	piece.fragment.captured = 3;
	g_assert_false(add(table, &piece, 0, &whole));
	make_piece(&piece, 1, 1, 8, false, 'b');
	g_assert_true(add(table, &piece, 0, &whole));
	g_assert_cmpmem(whole.data + 24, whole.caplen - 24, "aaa", 3);
	g_assert_cmpuint(whole.len, ==, 24 + 16);
}

/* One more than fits makes the oldest go; the others can still become whole. */
static void test_too_many(void)
{
	g_autoptr(WifiFragments) table = wifi_fragments_new();

	for (unsigned i = 0; i <= WIFI_FRAGMENTS_FRAMES_MAX; i++)
		g_assert_false(add_new(table, i, 0, 8, true, 0));
	assert_counts(table, 0, WIFI_FRAGMENTS_FRAMES_MAX + 1);
	g_assert_false(add_new(table, 0, 1, 8, false, 0));
	for (unsigned i = 1; i <= WIFI_FRAGMENTS_FRAMES_MAX; i++)
		g_assert_true(add_new(table, i, 1, 8, false, 0));
	assert_counts(table, WIFI_FRAGMENTS_FRAMES_MAX, 1);
}

/* So many bytes fit in a frame, and not one more. */
static void test_too_long(void)
{
	g_autoptr(WifiFragments) table = wifi_fragments_new();

	for (unsigned more = 0; more < 2; more++) {
		g_assert_false(add_new(table, more, 0, WIFI_FRAGMENTS_BYTES_MAX - 100, true, 0));
		g_assert_cmpint(add_new(table, more, 1, 100 + more, false, 0), ==, !more);
	}
	assert_counts(table, 1, 1);
	g_assert_false(add_new(table, 2, 0, WIFI_FRAGMENTS_BYTES_MAX + 1, true, 0));
	assert_counts(table, 1, 2);
}

/* Each is given up after its time; a time that goes backward gives up nothing. */
static void test_too_late(void)
{
	g_autoptr(WifiFragments) table = wifi_fragments_new();
	const NsTime begin = 100 * NSTIME_SECOND;

	g_assert_false(add_new(table, 1, 0, 8, true, begin));
	g_assert_true(add_new(table, 1, 1, 8, false, begin + WIFI_FRAGMENTS_TIME));
	g_assert_false(add_new(table, 2, 0, 8, true, begin));
	g_assert_false(add_new(table, 2, 1, 8, false, begin + WIFI_FRAGMENTS_TIME + 1));
	assert_counts(table, 1, 1);
	g_assert_false(add_new(table, 3, 0, 8, true, begin));
	g_assert_true(add_new(table, 3, 1, 8, false, 0));
	assert_counts(table, 2, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wifi-fragments/whole", test_whole);
	g_test_add_func("/wifi-fragments/missing", test_missing);
	g_test_add_func("/wifi-fragments/cut", test_cut);
	g_test_add_func("/wifi-fragments/too-many", test_too_many);
	g_test_add_func("/wifi-fragments/too-long", test_too_long);
	g_test_add_func("/wifi-fragments/too-late", test_too_late);
	return g_test_run();
}
