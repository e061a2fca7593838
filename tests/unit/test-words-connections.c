/* Which of Zeek's connections and Wireshark's streams a connection of ours has the words of. */
#include "analysis/analysis.h"
#include "dialect/dialects.h"

#include "words-case.h"

#define LINKTYPE_RAW 101

/* Monday, 1 January 2024, 00:00:00 UTC. */
#define BEGIN (INT64_C(1704067200) * NSTIME_SECOND)

static const uint16_t ports[2] = { 40000, 80 };

typedef struct {
	Analysis *analysis;
	Observer *dialects; /* owned by the analysis */
	uint64_t frames;    /* that were made */
	NsTime now;         /* of the next frame */
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
	AnalysisOptions options = { .msl = ANALYSIS_DEFAULT_MSL, .stuck = ANALYSIS_DEFAULT_STUCK };

	(void)data;
	fixture->now = BEGIN;
	fixture->analysis = analysis_new(&options);
	fixture->dialects = dialects_new();
	analysis_add_report(fixture->analysis, fixture->dialects);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
	(void)data;
	analysis_free(fixture->analysis);
}

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

/* Between 192.0.2.1:40000, the client, and 192.0.2.2:80. */
static void send_segment(Fixture *fixture, const WordsSegment *given)
{
	const Segment *segment = &given->segment;
	uint8_t bytes[40 + 64] = { 0x45, 0, 0,   0, 0, 0, 0x40, 0, 64, 6,
				   0,    0, 192, 0, 2, 0, 192,  0, 2 };
	Frame frame = {
		.number = ++fixture->frames,
		.accepted = fixture->frames,
		.time = fixture->now,
		.len = 40 + segment->payload,
		.linktype = LINKTYPE_RAW,
		.data = bytes,
	};

	g_assert_cmpuint(segment->payload, <=, 64);
	frame.caplen = given->cut ? 40 : frame.len;
	put16(bytes + 2, frame.len);
	bytes[15] = (uint8_t)(1 + given->sender);
	bytes[19] = (uint8_t)(2 - given->sender);
	put16(bytes + 20, segment->src.port);
	put16(bytes + 22, segment->dst.port);
	put32(bytes + 24, segment->seq);
	put32(bytes + 28, segment->ack);
	bytes[32] = 5 << 4;
	bytes[33] = (uint8_t)segment->flags;
	put16(bytes + 34, segment->window);
	analysis_frame(fixture->analysis, &frame);
	fixture->now += 10 * NSTIME_MILLISECOND;
}

static void send_all(Fixture *fixture, const char *text)
{
	g_auto(GStrv) segments = words_split(text);

	for (unsigned at = 0; segments[at]; at++) {
		WordsSegment next = words_segment(segments[at], ports);

		send_segment(fixture, &next);
	}
}

static void pass(Fixture *fixture, unsigned seconds)
{
	fixture->now += seconds * NSTIME_SECOND;
}

/* What the words of a connection are to be. */
typedef struct {
	const Fixture *fixture;
	const char *conn_state, *history;
	unsigned completeness;
	unsigned seen; /* how often it was looked at */
} Expected;

static void check_words(void *data, const Connection *connection)
{
	Expected *expected = data;
	Dialects words = dialects_of(expected->fixture->dialects, connection);

	g_assert_cmpstr(words.history, ==, expected->history);
	g_assert_cmpstr(words.conn_state, ==, expected->conn_state);
	g_assert_cmpuint(words.completeness, ==, expected->completeness);
	expected->seen++;
}

static void count_one(void *data, const Connection *connection)
{
	unsigned *count = data;

	g_assert_cmpuint(connection->number, ==, ++*count);
}

/* The words of our connection @number, of @count. */
static void check(Fixture *fixture, unsigned number, unsigned count, const char *conn_state,
		  const char *history, unsigned completeness)
{
	Expected expected = { fixture, conn_state, history, completeness, 0 };
	unsigned seen = 0;

	analysis_read(fixture->analysis, NULL, 0, count_one, &seen);
	g_assert_cmpuint(seen, ==, count);
	analysis_read(fixture->analysis, &number, 1, check_words, &expected);
	g_assert_cmpuint(expected.seen, ==, 1);
}

#define OPEN   "> S 0; < S. 0 ack 1; > . 1 ack 1"
#define CLOSED OPEN "; > P. 1+10 ack 1; > F. 11 ack 1; < F. 1 ack 12; > . 12 ack 2"

static void test_one(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, CLOSED);
	check(fixture, 1, 1, "SF", "ShADFf", 31);
}

static void test_two_endpoints(Fixture *fixture, gconstpointer data)
{
	WordsSegment other = words_segment("> S 0", (const uint16_t[]){ 40001, 80 });

	(void)data;
	send_all(fixture, OPEN);
	send_segment(fixture, &other);
	check(fixture, 1, 2, "S1", "ShA", 7);
	check(fixture, 2, 2, "S0", "S", 1);
}

static void test_cut_payload(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, OPEN "; > P. 1+10 ack 1 cut; < . 1 ack 11");
	check(fixture, 1, 1, "S1", "ShADaG", 15);
}

/* A new connection while the old one is in TIME_WAIT. */
static void test_reuse(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, CLOSED);
	pass(fixture, 5);
	send_all(fixture, "> S 90000; < S. 90000 ack 90001; > . 90001 ack 90001");
	check(fixture, 1, 2, "SF", "ShADFf", 31);
	check(fixture, 2, 2, "S1", "ShA", 7);
}

/* ... and after we have forgotten it. */
static void test_reuse_much_later(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, CLOSED);
	pass(fixture, 1000);
	send_all(fixture, "> S 90000; < S. 90000 ack 90001; > . 90001 ack 90001");
	check(fixture, 1, 2, "SF", "ShADFf", 31);
	check(fixture, 2, 2, "S1", "ShA", 7);
}

/* A segment that comes when the connection is forgotten: a new one for us, none for the others. */
static void test_straggler(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, OPEN "; < R 1");
	check(fixture, 1, 1, "RSTR", "ShAr", 7 | 32);
	pass(fixture, 1000);
	send_all(fixture, "> P. 1+10 ack 1");
	check(fixture, 1, 2, "RSTR", "ShArD", 15 | 32);
	check(fixture, 2, 2, "RSTR", "ShArD", 15 | 32);
	pass(fixture, 1000);
	send_all(fixture, "< R 1; > R 11");
	check(fixture, 1, 2, "RSTR", "ShArDR", 15 | 32);
}

/* A SYN on a live connection begins one for Zeek and Wireshark at once; for us when it is answered.
 */
static void test_provisional(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, OPEN "; > P. 1+10 ack 1; > S 90000");
	check(fixture, 1, 1, "S1", "ShAD", 15);
	send_all(fixture, "< S. 90000 ack 90001");
	check(fixture, 1, 2, "S1", "ShAD", 15);
	check(fixture, 2, 2, "S1", "Sh", 3);
	send_all(fixture, "> . 90001 ack 90001");
	check(fixture, 2, 2, "S1", "ShA", 7);
}

/* It is not answered, and the old connection goes on: what follows is the new one's for them. */
static void test_provisional_ignored(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, OPEN "; > S 90000; < . 1 ack 1; > P. 1+10 ack 1; < . 1 ack 11");
	check(fixture, 1, 1, "S1", "ShA", 7);
	send_all(fixture, "> F. 11 ack 1; < F. 1 ack 12");
	check(fixture, 1, 1, "S1", "ShA", 7);
}

/* A half-open connection is found out: the RST is still the old one's for us, and makes room. */
static void test_provisional_cleared(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, OPEN "; > P. 1+10 ack 1; > S 90000; < . 1 ack 11; > R 11");
	check(fixture, 1, 2, "S1", "ShAD", 15);
	/* Nothing of the second one has come since its SYN. */
	check(fixture, 2, 2, "RSTOS0", "SaR", 1 | 4 | 32);
	/* Wireshark begins a stream with a SYN after a RST, and Zeek a connection. */
	send_all(fixture, "> S 90000; < S. 90000 ack 90001; > . 90001 ack 90001");
	check(fixture, 2, 2, "RSTOS0", "SaR", 1 | 4 | 32);
}

/* A provisional SYN that is neither Zeek's beginning nor Wireshark's: its number is the one before
 * the first segment's. What is seen of the old connection after ours has begun changes nothing. */
static void test_provisional_within(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, "> . 1 ack 4001; > S 0; > R 0+4");
	check(fixture, 2, 2, "OTH", "ASRT", 4 | 32);
	send_all(fixture, "> S -300");
	check(fixture, 1, 2, "OTH", "ASRT", 4 | 32);
	check(fixture, 2, 2, "OTH", "ASRT", 4 | 32);
}

/* Two provisional SYNs: the later one becomes the connection. */
static void test_provisional_twice(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, OPEN "; > S 90000; > S 95000; < S. 90000 ack 95001; > . 95001 ack 90001");
	check(fixture, 1, 2, "S1", "ShA", 7);
	check(fixture, 2, 2, "S1", "ShA", 7);
}

/* Late segments of the old connection are the new one's for them. */
static void test_late(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, CLOSED);
	pass(fixture, 5);
	send_all(fixture, "> S 900000000; < S. 900000000 ack 900000001; < F. 1 ack 12");
	check(fixture, 1, 2, "SF", "ShADFf", 31);
	check(fixture, 2, 2, "S3", "Shf", 1 | 2 | 4 | 16);
}

/* A simultaneous open is two connections to them and one to us: it has the words of the first half.
 */
static void test_simultaneous_open(Fixture *fixture, gconstpointer data)
{
	(void)data;
	send_all(fixture, "> S 0; < S 0; > S. 0 ack 1; < S. 0 ack 1; > . 1 ack 1");
	check(fixture, 1, 1, "S0", "S", 7);
}

/* Many connections between the same endpoints, some with histories that need memory. */
static void test_many(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned at = 0; at < 100; at++) {
		unsigned isn = 1000000 * at;
		g_autofree char *text = g_strdup_printf("> S %u; < R. 0 ack %u", isn, isn + 1);

		send_all(fixture, text);
		for (unsigned again = 1; again < 30; again++) {
			g_autofree char *more = g_strdup_printf("> R %u", isn + again);

			send_all(fixture, more);
		}
		pass(fixture, at % 3 * 50);
	}
	for (unsigned at = 1; at <= 100; at++)
		check(fixture, at, 100, "REJ", "SrRRRRRRRRRRRRRRRRRRRRRRRRRRRRR", 1 | 4 | 32);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *path;
		void (*test)(Fixture *fixture, gconstpointer data);
	} tests[] = {
		{ "/words-connections/one", test_one },
		{ "/words-connections/two-endpoints", test_two_endpoints },
		{ "/words-connections/cut-payload", test_cut_payload },
		{ "/words-connections/reuse", test_reuse },
		{ "/words-connections/reuse-much-later", test_reuse_much_later },
		{ "/words-connections/straggler", test_straggler },
		{ "/words-connections/provisional", test_provisional },
		{ "/words-connections/provisional-ignored", test_provisional_ignored },
		{ "/words-connections/provisional-cleared", test_provisional_cleared },
		{ "/words-connections/provisional-within", test_provisional_within },
		{ "/words-connections/provisional-twice", test_provisional_twice },
		{ "/words-connections/late", test_late },
		{ "/words-connections/simultaneous-open", test_simultaneous_open },
		{ "/words-connections/many", test_many },
	};

	g_test_init(&argc, &argv, NULL);
	for (size_t at = 0; at < G_N_ELEMENTS(tests); at++)
		g_test_add(tests[at].path, Fixture, NULL, set_up, tests[at].test, tear_down);
	return g_test_run();
}
