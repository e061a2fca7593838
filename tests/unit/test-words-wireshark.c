/* Wireshark's tcp.completeness, rule by rule. What is expected is what `tshark -2` prints for the
 * last frame of the stream; tests/cli/tshark-completeness.sh holds both against each other. */
#include "dialect/wireshark.h"

#include "words-case.h"

typedef struct {
	const char *name;
	const char *segments;
	unsigned completeness;
} Case;

/* clang-format off */
static const Case cases[] = {
	/* Each bit. */
	{ "syn", "> S 0", 1 },
	{ "syn-with-data", "> S 0+5", 1 | 8 },
	{ "syn-ack", "> S 0; < S. 0 ack 1", 1 | 2 },
	{ "ack", "> S 0; < S. 0 ack 1; > . 1 ack 1", 1 | 2 | 4 },
	{ "data", "> S 0; < S. 0 ack 1; > . 1 ack 1; > P. 1+5 ack 1", 1 | 2 | 4 | 8 },
	{ "data-is-no-ack", "> S 0; < S. 0 ack 1; > P. 1+5 ack 1", 1 | 2 | 8 },
	{ "fin-is-an-ack", "> S 0; < S. 0 ack 1; > F. 1 ack 1", 1 | 2 | 4 | 16 },
	{ "fin-with-data", "> S 0; < S. 0 ack 1; > F. 1+5 ack 1", 1 | 2 | 8 | 16 },
	{ "rst", "> S 0; < R 0", 1 | 32 },
	{ "rst-with-ack", "> S 0; < R. 0 ack 1", 1 | 4 | 32 },
	{ "rst-with-ack-and-data", "> S 0; < R. 0+5 ack 1", 1 | 8 | 32 },
	{ "keep-alive-with-a-byte", "> S 0; < S. 0 ack 1; > . 0+1 ack 1", 1 | 2 | 8 },
	/* What sets none. */
	{ "bare-fin", "> S 0; < S. 0 ack 1; > F 1", 1 | 2 },
	{ "data-without-ack", "> S 0; < S. 0 ack 1; > P 1+5", 1 | 2 },
	{ "no-flags", "> S 0; > 0 1", 1 },
	{ "data-in-the-syn-ack", "> S 0; < S. 0+5 ack 1", 1 | 2 },
	/* A SYN that is not the first segment. */
	{ "syn-again", "> S 0; > S 0", 1 },
	{ "syn-again-with-data", "> S 0; > S 0+5", 1 },
	{ "syn-after-its-ack", "> P. 1+5 ack 1; > S 0", 8 },
	{ "syn-after-its-syn-ack", "< S. 0 ack 1; > S 0", 2 },
	{ "peers-syn", "> S 0; < S 0", 1 },
	{ "simultaneous-open", "> S 0; < S 0; > S. 0 ack 1; < S. 0 ack 1; > . 1 ack 1", 1 | 2 | 4 },
	/* The first pass does not count a first segment, the second shows it before it does. */
	{ "mid-stream-one", "> . 1 ack 1", 0 },
	{ "mid-stream-two", "> . 1 ack 1; > 0 1", 4 },
	{ "mid-stream-data", "> P. 1+5 ack 1; < . 1 ack 6", 8 | 4 },
	{ "mid-stream-rst", "> R 1", 0 },
	{ "mid-stream-syn-ack", "< S. 0 ack 1; > . 1 ack 1", 2 | 4 },
	{ "syn-and-rst", "> SR 0", 1 },
	{ "syn-and-rst-and-more", "> SR 0; > 0 1", 1 | 32 },
};
/* clang-format on */

static const uint16_t ports[2] = { 40000, 80 };

/* The number of streams that the segments make; @last is the last of them. */
static unsigned run(WiresharkStream *last, const char *text)
{
	g_auto(GStrv) segments = words_split(text);
	unsigned count = 0;

	for (unsigned at = 0; segments[at]; at++) {
		WordsSegment next = words_segment(segments[at], ports);

		if (!count || wireshark_begins_anew(last, next.sender, &next.segment))
			wireshark_begin(last, next.sender, &next.segment, count++ > 0);
		else
			wireshark_segment(last, next.sender, &next.segment);
	}
	return count;
}

static void test_case(gconstpointer data)
{
	const Case *given = data;
	WiresharkStream stream;

	g_assert_cmpuint(run(&stream, given->segments), ==, 1);
	g_assert_cmpuint(stream.completeness, ==, given->completeness);
}

static void check_streams(const char *segments, unsigned count, unsigned completeness)
{
	WiresharkStream stream;

	g_assert_cmpuint(run(&stream, segments), ==, count);
	g_assert_cmpuint(stream.completeness, ==, completeness);
}

static void test_streams(void)
{
	/* A SYN with another number. */
	check_streams("> S 0; > S 5", 2, 1);
	check_streams("> S 0; < S. 0 ack 1; > . 1 ack 1; > S 5; < . 1 ack 1", 2, 1 | 4);
	check_streams("> S 0; < S 0; < S 7", 2, 1);
	/* Numbers before the first segment of a side stand for its SYN. */
	check_streams("> P. 1+5 ack 1; > S 0", 1, 8);
	check_streams("> P. 1+5 ack 1; > S 1", 2, 1);
	check_streams("> P. 1+5 ack 1; < S 0", 1, 8);
	check_streams("> P. 1+5 ack 1; < S 1", 2, 1);
	/* A SYN-ACK sets them anew. */
	check_streams("> S 0; < . 4 ack 1; < S. 0 ack 1; < S 0", 1, 1 | 2 | 4);
	check_streams("> S 0; < . 4 ack 1; < S. 0 ack 1; < S 3", 2, 1);
	/* Any SYN after a FIN or RST, also with the same number. */
	check_streams("> S 0; < R. 0 ack 1; > S 0", 2, 1);
	check_streams("> S 0; < S. 0 ack 1; > F. 1 ack 1; > S 0", 2, 1);
	check_streams("> R 1; > S 0", 2, 1);
	/* A bare FIN is none. */
	check_streams("> S 0; < S. 0 ack 1; > F 1; > S 0", 1, 1 | 2);
	/* In a stream that is not the first its SYN counts, what else it carries at once or never.
	 */
	check_streams("> S 0; > S 5+3", 2, 1);
	check_streams("> S 0; > SR 5", 2, 1 | 32);
	/* SYN-ACKs begin none. */
	check_streams("> S 0; < S. 0 ack 1; < S. 9 ack 1", 1, 1 | 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t at = 0; at < G_N_ELEMENTS(cases); at++) {
		g_autofree char *path = g_strconcat("/words-wireshark/", cases[at].name, NULL);

		g_test_add_data_func(path, &cases[at], test_case);
	}
	g_test_add_func("/words-wireshark/streams", test_streams);
	return g_test_run();
}
