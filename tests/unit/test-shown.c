/* A connection that is read off its regular life says to its readers what it says when it is
 * followed segment by segment, wherever that life is, and when a clock has ended it. */
#include "flow/shown.h"

#include <glib.h>
#include <string.h>

#include "tcp/classify.h"

#define MSL (30 * NSTIME_SECOND)

/* A life so far: the connection that followed it, and the bytes it is read from. */
typedef struct {
	GRand *rand;
	Embryo embryo;
	RegularLife life;
	uint8_t bytes[REGULAR_KEPT_MAX + REGULAR_SEGMENT_MAX];
	size_t size;
	bool over;
	Segment last; /* of which the next one is made */
	Pool *pool;
	Connection *followed;
} Case;

static void on_transition(void *data, const Transition *transition)
{
	(void)data;
	(void)transition;
}

static const ConnectionRules rules = { MSL, on_transition, NULL };

static void follow(Connection *connection, unsigned sender, const Segment *segment)
{
	unsigned class;

	if (connection_steady(connection, sender, segment))
		return;
	class = classify_segment(connection_side(connection, sender),
				 connection_side(connection, !sender), segment);
	connection_segment(connection, sender, segment, class, &rules);
}

/* The life as it would be lent to a reader. */
static void show(const Case *test, Connection *connection)
{
	RegularPhase before = REGULAR_ANSWERED;
	RegularReader reader;

	connection_init(connection, &test->embryo.key, test->embryo.sender, &test->embryo.syn, 0);
	connection_begin_report(connection, &test->embryo.syn, NULL);
	regular_read(&reader, &test->embryo, test->bytes, test->size);
	reader.over = test->over;
	shown_begin(connection, &test->embryo);
	while (regular_next(&reader)) {
		shown_segment(connection, &reader, before);
		before = reader.life.phase;
	}
	shown_end(connection, &reader, MSL);
}

static void check(const Case *test)
{
	const Connection *followed = test->followed;
	Connection *shown = g_new(Connection, 1);

	show(test, shown);
	for (unsigned end = 0; end < 2; end++) {
		g_assert_cmpint(connection_state(shown, end), ==, connection_state(followed, end));
		g_assert_cmpint(connection_since(shown, end), ==, connection_since(followed, end));
		g_assert_true(connection_state_proven(shown, end) ==
			      connection_state_proven(followed, end));
		g_assert_true(shown->side[end].has_iss == followed->side[end].has_iss);
		g_assert_cmpuint(shown->side[end].iss, ==, followed->side[end].iss);
	}
	g_assert_cmpint(shown->open, ==, followed->open);
	g_assert_cmpint(shown->close, ==, followed->close);
	g_assert_cmpuint(shown->client, ==, followed->client);
	g_assert_cmpint(shown->first, ==, followed->first);
	g_assert_cmpint(shown->last, ==, followed->last);
	g_assert_cmpint(shown->report->last, ==, followed->report->last);
	g_assert_cmpint(shown->report->handshake_rtt, ==, followed->report->handshake_rtt);
	g_assert_cmpmem(shown->report->packets, sizeof(shown->report->packets),
			followed->report->packets, sizeof(followed->report->packets));
	g_assert_cmpmem(shown->report->bytes, sizeof(shown->report->bytes), followed->report->bytes,
			sizeof(followed->report->bytes));
	connection_clear(shown);
	g_free(shown);
}

static void pass_time(Case *test)
{
	test->last.time += g_rand_int_range(test->rand, 0, NSTIME_SECOND);
	test->last.frame++;
}

static void begin(Case *test, GRand *rand)
{
	Segment *syn = &test->embryo.syn;

	memset(test, 0, sizeof(*test));
	test->rand = rand;
	test->last.time = 1000 * NSTIME_SECOND;
	pass_time(test);
	*syn = test->last;
	/* Either may be the key's first end. */
	syn->src = (Endpoint){ .version = 4, .port = (uint16_t)g_rand_int_range(rand, 1, 1000) };
	syn->dst = (Endpoint){ .version = 4, .port = (uint16_t)g_rand_int_range(rand, 1, 1000) };
	syn->src.addr.bytes[0] = g_rand_boolean(rand) ? 1 : 3;
	syn->dst.addr.bytes[0] = 2;
	syn->flags = TH_SYN;
	syn->seq = g_rand_int(rand);
	syn->window = 60000;
	test->embryo.key = flow_key(syn, &test->embryo.sender);
	test->pool = pool_new(sizeof(Connection));
	test->followed =
		connection_new(test->pool, &test->embryo.key, test->embryo.sender, syn, true);
	follow(test->followed, test->embryo.sender, syn);
	check(test);
}

static void answer(Case *test)
{
	const Segment *syn = &test->embryo.syn;
	Segment *segment = &test->embryo.answer;
	EmbryoHandshake handshake;

	pass_time(test);
	*segment = test->last;
	segment->src = syn->dst;
	segment->dst = syn->src;
	segment->flags = TH_SYN | TH_ACK;
	segment->seq = g_rand_int(test->rand);
	segment->ack = syn->seq + 1;
	segment->window = 60000;
	test->embryo.answered = true;
	handshake = embryo_handshake_of(&test->embryo);
	regular_begin(&test->life, &handshake);
	follow(test->followed, !test->embryo.sender, segment);
	check(test);
}

static void next(Case *test, unsigned side, unsigned flags, uint32_t payload)
{
	const Segment *syn = &test->embryo.syn;
	unsigned sender = test->embryo.sender ^ side;
	Segment segment;
	RegularAdded added;

	pass_time(test);
	segment = test->last;
	segment.src = side ? syn->dst : syn->src;
	segment.dst = side ? syn->src : syn->dst;
	segment.flags = (uint16_t)(TH_ACK | flags);
	segment.seq = test->life.nxt[side];
	segment.ack = test->life.nxt[!side];
	/* Now and then it does not acknowledge all yet. */
	if (!flags && test->life.phase == REGULAR_OPEN && g_rand_boolean(test->rand))
		segment.ack = test->life.acked[side];
	segment.window = 60000;
	segment.payload = payload;
	added = regular_add(&test->life, sender, &segment, false, test->bytes + test->size);
	g_assert_cmpint(added.step, !=, REGULAR_NOT);
	test->size += added.size;
	g_assert_cmpuint(test->size, <=, REGULAR_KEPT_MAX);
	follow(test->followed, sender, &segment);
	check(test);
}

/* A clock ends it. */
static void expire(Case *test)
{
	NsTime deadline = connection_deadline(test->followed, &rules);

	connection_expire(test->followed, deadline, &rules);
	test->over = true;
	check(test);
}

static void end(Case *test)
{
	connection_free(test->pool, test->followed);
	pool_free(test->pool);
}

static void test_lives(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (unsigned i = 0; i < 1000; i++) {
		unsigned closer = g_rand_boolean(rand);
		Case test;

		begin(&test, rand);
		answer(&test);
		next(&test, 0, 0, 0);
		for (int n = g_rand_int_range(rand, 0, 8); n > 0; n--)
			next(&test, g_rand_boolean(rand), 0,
			     g_rand_boolean(rand) ? (uint32_t)g_rand_int_range(rand, 1, 1461) : 0);
		/* Who closes without a word is not regular. */
		next(&test, g_rand_boolean(rand), 0, 1);
		next(&test, closer, TH_FIN, g_rand_boolean(rand) ? 10 : 0);
		if (g_rand_boolean(rand))
			next(&test, !closer, 0, 0);
		if (g_rand_boolean(rand))
			next(&test, closer, 0, 0);
		next(&test, !closer, TH_FIN, g_rand_boolean(rand) ? 10 : 0);
		next(&test, closer, 0, 0);
		g_assert_cmpint(test.life.phase, ==, REGULAR_ENDED);
		expire(&test);
		end(&test);
	}
}

static void test_unanswered(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);

	for (unsigned i = 0; i < 20; i++) {
		Case test;

		begin(&test, rand);
		expire(&test);
		end(&test);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/shown/lives", test_lives);
	g_test_add_func("/shown/unanswered", test_unanswered);
	return g_test_run();
}
