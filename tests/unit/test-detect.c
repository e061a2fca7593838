/* What scenarios cannot show of the detectors: the sentences, the evidence, and how they behave
 * with thousands of connections. */
#include <string.h>

#include "detect-case.h"

/* From the client 192.0.2.1 with that port to the server 192.0.2.2:80, and back. */
static void from_client(Fixture *fixture, uint16_t client, unsigned flags, uint32_t seq,
			uint32_t ack, unsigned payload)
{
	send_segment(fixture, (uint8_t[]){ 1, 2 }, (uint16_t[]){ client, 80 }, flags, seq, ack,
		     payload);
}

static void from_server(Fixture *fixture, uint16_t client, unsigned flags, uint32_t seq,
			uint32_t ack, unsigned payload)
{
	send_segment(fixture, (uint8_t[]){ 2, 1 }, (uint16_t[]){ 80, client }, flags, seq, ack,
		     payload);
}

static void assert_frames(const Kept *kept, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t frames[ANOMALY_FRAMES_MAX] = { a, b, c };

	g_assert_cmpmem(kept->frames, sizeof(kept->frames), frames, sizeof(frames));
}

static void test_ack_ignored(Fixture *fixture, gconstpointer data)
{
	const Kept *kept = fixture->kept;

	(void)data;
	from_client(fixture, 40000, TH_SYN, 999, 0, 0);
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	from_client(fixture, 40000, TH_ACK, 1000, 5000, 0);
	fixture->now += NSTIME_SECOND + 20 * NSTIME_MILLISECOND;
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	fixture->now += 2 * NSTIME_SECOND;
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 2);
	g_assert_cmpuint(kept->kind, ==, ANOMALY_HANDSHAKE_ACK_IGNORED);
	g_assert_cmpuint(kept->connection, ==, 1);
	g_assert_cmpstr(
		kept->message, ==,
		"the server (192.0.2.2:80) sent its SYN-ACK again 1.02 s after the "
		"client's ACK (frame 3); no router is between tap and server, so it is a full "
		"accept queue or deferred accept");
	assert_frames(kept, 2, 3, 4);
	/* The second repetition tells more, which is said when no more is to be expected. */
	kept++;
	g_assert_cmpuint(kept->kind, ==, ANOMALY_HANDSHAKE_ACK_IGNORED);
	g_assert_cmpstr(kept->message, ==,
			"the server (192.0.2.2:80) sent its SYN-ACK 2 times more, until 3.02 s "
			"after the client's ACK (frame 3); Linux repeats the SYN-ACK of a deferred "
			"accept once and no router is between tap and server, so a full accept "
			"queue is likely");
}

/* The client's handshake with that server, whose SYN-ACK comes again after a second. */
static void ignore_ack(Fixture *fixture, uint8_t server, uint16_t client)
{
	uint8_t there[] = { 1, server }, back[] = { server, 1 };
	uint16_t port_there[] = { client, 80 }, port_back[] = { 80, client };

	send_segment(fixture, there, port_there, TH_SYN, 999, 0, 0);
	send_segment(fixture, back, port_back, TH_SYN | TH_ACK, 4999, 1000, 0);
	send_segment(fixture, there, port_there, TH_ACK, 1000, 5000, 0);
	fixture->now += NSTIME_SECOND;
	send_segment(fixture, back, port_back, TH_SYN | TH_ACK, 4999, 1000, 0);
}

/* What one server does is remembered while another is looked at, also when clocks are wrong. */
static void test_ack_ignored_before_1970(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->now = -1000 * NSTIME_SECOND;
	ignore_ack(fixture, 2, 40000);
	ignore_ack(fixture, 3, 40001);
	ignore_ack(fixture, 2, 40002);
	g_assert_cmpuint(fixture->raised, ==, 3);
	g_assert_null(strstr(fixture->kept[1].message, "other handshakes"));
	g_assert_nonnull(strstr(fixture->kept[2].message, "it ignored other handshakes, too"));
}

/* A server that had made room for others and comes back begins anew. */
static void test_ack_ignored_by_many(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (uint8_t i = 0; i < 17; i++)
		ignore_ack(fixture, 10 + i, 40000);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_HANDSHAKE_ACK_IGNORED], ==, 17);
	send_segment(fixture, (uint8_t[]){ 10, 1 }, (uint16_t[]){ 80, 40000 }, TH_SYN | TH_ACK,
		     4999, 1000, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_HANDSHAKE_ACK_IGNORED], ==, 18);
	for (unsigned i = 0; i < fixture->raised; i++)
		g_assert_null(strstr(fixture->kept[i].message, "other handshakes"));
}

/* A SYN that comes again more often than is counted is still one that was repeated. */
static void test_timeout_of_many(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 65537; i++) {
		from_client(fixture, 40000, TH_SYN, 999, 0, 0);
		fixture->now += 30 * NSTIME_MILLISECOND;
	}
	fixture->now += 100 * NSTIME_SECOND;
	from_client(fixture, 40001, TH_SYN, 999, 0, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 1);
	g_assert_cmpuint(fixture->kept[0].kind, ==, ANOMALY_CONNECT_TIMEOUT);
	g_assert_nonnull(strstr(fixture->kept[0].message, "its SYN 65536 times or more within"));
}

/* A sentence names who did it, whatever end of the key that is. */
static void test_reset(Fixture *fixture, gconstpointer data)
{
	const Kept *kept = fixture->kept;

	(void)data;
	from_client(fixture, 40000, TH_SYN, 999, 0, 0);
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	from_client(fixture, 40000, TH_ACK, 1000, 5000, 0);
	from_client(fixture, 40000, TH_ACK, 1000, 5000, 100);
	fixture->now += 350 * NSTIME_SECOND;
	from_server(fixture, 40000, TH_RST | TH_ACK, 5000, 1000, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 2);
	/* Why is said first, and then the fact is routine. */
	g_assert_cmpuint(kept->kind, ==, ANOMALY_IDLE_TIMEOUT);
	g_assert_cmpuint(kept->severity, ==, SEVERITY_WARNING);
	g_assert_cmpstr(kept->message, ==,
			"the server (192.0.2.2:80), or somebody in its name, reset the connection "
			"after 350 s without a segment: 350 s is the idle limit of AWS Network "
			"Load Balancers (tcp.idle_timeout.seconds) and NAT gateways");
	assert_frames(kept, 2, 4, 5);
	kept++;
	g_assert_cmpuint(kept->kind, ==, ANOMALY_RESET);
	g_assert_cmpuint(kept->severity, ==, SEVERITY_INFO);
	g_assert_cmpstr(kept->message, ==,
			"the server (192.0.2.2:80) reset the connection with the client "
			"(192.0.2.1:40000) while it was open, "
			"350 s after the last segment, and had not acknowledged all that was "
			"on its way to it");
	assert_frames(kept, 2, 4, 5);
	/* What is said of an abort is not what is said of a reset in the handshake. */
	g_assert_nonnull(strstr(kept->hint, "unread data"));
}

static void test_refused(Fixture *fixture, gconstpointer data)
{
	(void)data;
	from_client(fixture, 40000, TH_SYN, 999, 0, 0);
	from_server(fixture, 40000, TH_RST | TH_ACK, 0, 1000, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 1);
	g_assert_cmpuint(fixture->kept->kind, ==, ANOMALY_CONNECTION_REFUSED);
	assert_frames(fixture->kept, 1, 2, 0);
}

/* RFC 4987: 2000 SYNs in 2 s, none completed. One line when it is noticed, one with the total when
 * it is over. */
static void test_flood(Fixture *fixture, gconstpointer data)
{
	const Kept *kept = fixture->kept;

	(void)data;
	for (unsigned i = 0; i < 2000; i++) {
		from_client(fixture, 10000 + i, TH_SYN, 1, 0, 0);
		fixture->now += NSTIME_MILLISECOND;
	}
	fixture->now += 60 * NSTIME_SECOND;
	from_client(fixture, 9000, TH_SYN, 1, 0, 0);
	from_server(fixture, 9000, TH_RST | TH_ACK, 0, 2, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 1);
	g_assert_cmpuint(kept[0].kind, ==, ANOMALY_SYN_FLOOD);
	g_assert_cmpuint(kept[0].severity, ==, SEVERITY_ERROR);
	g_assert_cmpuint(kept[0].connection, ==, 0);
	g_assert_nonnull(strstr(kept[0].message, "192.0.2.2:80, from 192.0.2.1,"));
	g_assert_cmpuint(kept[0].frames[0], ==, 1);
	g_assert_cmpuint(kept[0].frames[ANOMALY_FRAMES_MAX - 1], ==, ANOMALY_FRAMES_MAX);
}

/* Seconds before the epoch are counted as those behind it: a flood that is no longer than one. */
static void test_flood_before_1970(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->now = -1000 * NSTIME_SECOND + 50 * NSTIME_MILLISECOND;
	for (unsigned i = 0; i < 150; i++) {
		from_client(fixture, 10000 + i, TH_SYN, 1, 0, 0);
		fixture->now += 5 * NSTIME_MILLISECOND;
	}
	fixture->now += 60 * NSTIME_SECOND;
	from_client(fixture, 9000, TH_SYN, 1, 0, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 1);
}

/* Three slow clients, which come first, and a hundred and fifty that never go on: what is shown of
 * the flood has none of the three, and they are counted as completed. */
static void test_flood_with_slow(Fixture *fixture, gconstpointer data)
{
	const Kept *kept = fixture->kept;

	(void)data;
	for (unsigned i = 0; i < 3; i++) {
		from_client(fixture, 9000 + i, TH_SYN, 1, 0, 0);
		from_server(fixture, 9000 + i, TH_SYN | TH_ACK, 1, 2, 0);
		/* Of what was kept as its segments a connection is made before it goes on. */
		if (i == 1)
			from_server(fixture, 9000 + i, TH_ACK, 2, 2, 0);
	}
	for (unsigned i = 0; i < 150; i++) {
		from_client(fixture, 10000 + i, TH_SYN, 1, 0, 0);
		fixture->now += NSTIME_MILLISECOND;
	}
	fixture->now += NSTIME_SECOND;
	for (unsigned i = 0; i < 3; i++)
		from_client(fixture, 9000 + i, TH_ACK, 2, 2, 0);
	fixture->now += 20 * NSTIME_SECOND;
	from_client(fixture, 8000, TH_SYN, 1, 0, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 1);
	g_assert_cmpstr(kept[0].message, ==,
			"of the last 153 handshakes that were begun with 192.0.2.2:80, from "
			"192.0.2.1, 150 were not completed");
	for (unsigned i = 0; i < ANOMALY_FRAMES_MAX - 3; i++)
		g_assert_cmpuint(kept[0].frames[i], ==, 8 + i);
	g_assert_cmpuint(kept[0].frames[ANOMALY_FRAMES_MAX - 3], ==, 0);
}

/* The total is worth a line when it is ten times what was said first. */
static void test_flood_total(Fixture *fixture, gconstpointer data)
{
	const Kept *kept = fixture->kept;

	(void)data;
	for (unsigned i = 0; i < 20000; i++) {
		from_client(fixture, 10000 + i, TH_SYN, 1, 0, 0);
		fixture->now += NSTIME_MILLISECOND;
	}
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 2);
	g_assert_cmpuint(kept[1].severity, ==, SEVERITY_INFO);
	/* The last 0.9 s had not been judged: each SYN is, once, and those of the last moments may
	 * still be answered. */
	g_assert_nonnull(strstr(kept[1].message, "192.0.2.2:80 came to 19"));
}

/* A server that is down: its clients are real and try again. That is no flood, but each of them
 * failed to connect. */
static void test_outage(Fixture *fixture, gconstpointer data)
{
	static const NsTime repeats[] = { 0, 1, 3, 7 };

	(void)data;
	for (unsigned i = 0; i < G_N_ELEMENTS(repeats); i++) {
		for (unsigned k = 0; k < 300; k++) {
			fixture->now = BEGIN + repeats[i] * NSTIME_SECOND + k * NSTIME_MILLISECOND;
			from_client(fixture, 10000 + k, TH_SYN, 1, 0, 0);
		}
	}
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 0);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_RETRANSMITTED], ==, 300);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_CONNECT_TIMEOUT], ==, 300);
}

/* A time before 1970 is earlier than none, which is 0. */
static void test_stuck_before_1970(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->now = -30 * NSTIME_SECOND;
	from_client(fixture, 40000, TH_SYN, 999, 0, 0);
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	analysis_advance(fixture->analysis, 40 * NSTIME_SECOND);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_STUCK_SYN_RCVD], ==, 1);
	g_assert_cmpstr(fixture->kept[0].message, ==,
			"the server (192.0.2.2:80) has been in SYN_RCVD for 60 s: the ACK of its "
			"SYN-ACK has not reached it");
	finish(fixture);
}

/* Nor is the first frame of all earlier than one before it. */
static void test_order_before_1970(Fixture *fixture, gconstpointer data)
{
	const AnalysisTotals *totals = analysis_totals(fixture->analysis);

	(void)data;
	fixture->now = -30 * NSTIME_SECOND;
	from_client(fixture, 40000, TH_SYN, 999, 0, 0);
	fixture->now += NSTIME_SECOND;
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	g_assert_cmpuint(totals->backward, ==, 0);
	g_assert_cmpint(totals->first, ==, -30 * NSTIME_SECOND);
	g_assert_cmpint(totals->last, ==, -29 * NSTIME_SECOND);
	fixture->now -= NSTIME_MICROSECOND;
	from_client(fixture, 40000, TH_ACK, 1000, 5000, 0);
	g_assert_cmpuint(totals->backward, ==, 1);
	g_assert_cmpint(totals->last, ==, -29 * NSTIME_SECOND);
	finish(fixture);
}

/* Frames whose numbers need more than 32 bits, of a SYN of which no more was kept until its answer
 * came. */
static void test_many_frames(Fixture *fixture, gconstpointer data)
{
	const uint64_t before = UINT64_C(1) << 32;

	(void)data;
	fixture->frames = before;
	from_client(fixture, 40000, TH_SYN, 1, 0, 0);
	from_server(fixture, 40000, TH_RST | TH_ACK, 0, 2, 0);
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 1);
	g_assert_cmpuint(fixture->kept[0].kind, ==, ANOMALY_CONNECTION_REFUSED);
	assert_frames(&fixture->kept[0], before + 1, before + 2, 0);
}

/* Many connections at once, and the capture ends before a round trip is over. */
static void test_burst_cut(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 500; i++) {
		from_client(fixture, 10000 + i, TH_SYN, 1, 0, 0);
		fixture->now += 100 * NSTIME_MICROSECOND;
	}
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 0);
}

/* One SYN each to more endpoints than are watched for floods: a scan, which is said once, and once
 * more with the total, whatever its size. Its 5000 ports are not 5000 refused connections. */
static void test_many_endpoints(Fixture *fixture, gconstpointer data)
{
	const Kept *kept = fixture->kept;

	(void)data;
	for (unsigned i = 1; i <= 5000; i++) {
		const uint16_t port[] = { 40000, i }, back[] = { i, 40000 };

		send_segment(fixture, (uint8_t[]){ 1, 2 }, port, TH_SYN, 1, 0, 0);
		send_segment(fixture, (uint8_t[]){ 2, 1 }, back, TH_RST | TH_ACK, 0, 2, 0);
		fixture->now += 100 * NSTIME_MICROSECOND;
	}
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_CONNECTION_REFUSED], ==, 9);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_SCAN], ==, 2);
	g_assert_cmpuint(fixture->raised, ==, 11);
	g_assert_cmpuint(kept[9].kind, ==, ANOMALY_SYN_SCAN);
	g_assert_cmpuint(kept[9].severity, ==, SEVERITY_WARNING);
	g_assert_cmpstr(kept[9].message, ==,
			"192.0.2.1 sent SYNs that came to nothing to 10 ports of 1 host within 900 "
			"us, with 9 connection-refused before this");
	g_assert_cmpuint(kept[9].frames[0], ==, 1);
	g_assert_cmpuint(kept[9].frames[1], ==, 3);
	g_assert_cmpuint(kept[10].severity, ==, SEVERITY_INFO);
	g_assert_nonnull(strstr(kept[10].message, "192.0.2.1 came to 5000 SYNs"));
}

/* A client that closes first, from all the ports that Linux takes: the levels come once each, and
 * the share is of the 28232 ports from 32768 to 60999. */
static void test_ports_run_out(Fixture *fixture, gconstpointer data)
{
	static const Severity severities[] = { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

	(void)data;
	for (unsigned port = 32768; port <= 60999; port++) {
		fixture->now += NSTIME_MILLISECOND;
		from_client(fixture, port, TH_FIN | TH_ACK, 1000, 5000, 0);
		from_server(fixture, port, TH_FIN | TH_ACK, 5000, 1001, 0);
		from_client(fixture, port, TH_ACK, 1001, 5001, 0);
	}
	finish(fixture);
	g_assert_cmpuint(fixture->raised, ==, 3);
	for (unsigned i = 0; i < 3; i++) {
		g_assert_cmpuint(fixture->kept[i].kind, ==, ANOMALY_TIME_WAIT_ACCUMULATION);
		g_assert_cmpuint(fixture->kept[i].severity, ==, severities[i]);
	}
	g_assert_nonnull(strstr(fixture->kept[1].message, "14116 connections"));
	g_assert_nonnull(strstr(fixture->kept[1].message, "50 % of the 28232 ports"));
	g_assert_nonnull(strstr(fixture->kept[2].message, "at the client, which closes first"));
}

/* A whole life without anything unusual, between the client's port and the server. */
static void live(Fixture *fixture, unsigned port, bool client_closes)
{
	from_client(fixture, port, TH_SYN, 999, 0, 0);
	from_server(fixture, port, TH_SYN | TH_ACK, 4999, 1000, 0);
	from_client(fixture, port, TH_ACK, 1000, 5000, 0);
	from_client(fixture, port, TH_ACK | TH_PUSH, 1000, 5000, 10);
	from_server(fixture, port, TH_ACK, 5000, 1010, 0);
	if (client_closes) {
		from_client(fixture, port, TH_FIN | TH_ACK, 1010, 5000, 0);
		from_server(fixture, port, TH_FIN | TH_ACK, 5000, 1011, 0);
		from_client(fixture, port, TH_ACK, 1011, 5001, 0);
	} else {
		from_server(fixture, port, TH_FIN | TH_ACK, 5000, 1010, 0);
		from_client(fixture, port, TH_FIN | TH_ACK, 1010, 5001, 0);
		from_server(fixture, port, TH_ACK, 5001, 1011, 0);
	}
}

/* Those that are kept as their segments wait, too, at the right side, and do not any more when
 * their time is over. */
static void test_regular_time_wait(Fixture *fixture, gconstpointer data)
{
	static const char *const where[] = { "at the server", "at the client" };

	(void)data;
	for (unsigned closer = 0; closer < 2; closer++) {
		for (unsigned round = 0; round < 2; round++) {
			for (unsigned port = 0; port < 1500; port++) {
				fixture->now += NSTIME_MILLISECOND;
				live(fixture, 32768 + port, closer);
			}
			g_assert_cmpuint(fixture->raised, ==, 2 * closer + round + 1);
			g_assert_nonnull(
				strstr(fixture->kept[fixture->raised - 1].message, where[closer]));
			fixture->now += 200 * NSTIME_SECOND;
		}
	}
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_TIME_WAIT_ACCUMULATION], ==, 4);
	g_assert_cmpuint(fixture->raised, ==, 4);
}

/* What is due in the very moment at which times begin is due. */
static void test_regular_stuck_at_1970(Fixture *fixture, gconstpointer data)
{
	(void)data;
	fixture->now = -60 * NSTIME_SECOND;
	from_client(fixture, 40000, TH_SYN, 999, 0, 0);
	from_server(fixture, 40000, TH_SYN | TH_ACK, 4999, 1000, 0);
	from_client(fixture, 40000, TH_ACK, 1000, 5000, 0);
	from_client(fixture, 40000, TH_ACK | TH_PUSH, 1000, 5000, 10);
	from_client(fixture, 40000, TH_FIN | TH_ACK, 1010, 5000, 0);
	analysis_advance(fixture->analysis, 40 * NSTIME_SECOND);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_STUCK_FIN_WAIT_1], ==, 1);
	finish(fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/detect/" name, Fixture, NULL, set_up, test, tear_down)
	ADD("ack-ignored", test_ack_ignored);
	ADD("ack-ignored-before-1970", test_ack_ignored_before_1970);
	ADD("ack-ignored-by-many", test_ack_ignored_by_many);
	ADD("timeout-of-many", test_timeout_of_many);
	ADD("reset", test_reset);
	ADD("refused", test_refused);
	ADD("flood", test_flood);
	ADD("flood-before-1970", test_flood_before_1970);
	ADD("flood-with-slow", test_flood_with_slow);
	ADD("flood-total", test_flood_total);
	ADD("outage", test_outage);
	ADD("order-before-1970", test_order_before_1970);
	ADD("regular-stuck-at-1970", test_regular_stuck_at_1970);
	ADD("regular-time-wait", test_regular_time_wait);
	ADD("stuck-before-1970", test_stuck_before_1970);
	ADD("many-frames", test_many_frames);
	ADD("burst-cut", test_burst_cut);
	ADD("many-endpoints", test_many_endpoints);
	ADD("ports-run-out", test_ports_run_out);
	return g_test_run();
}
