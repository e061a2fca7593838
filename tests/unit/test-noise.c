/* 200 connections as a browser makes them, none of which has anything wrong with it: nothing above
 * `info` may be raised. Each habit is one that browsers and web servers have been seen to have. */
#include <glib.h>
#include <string.h>

#include "detect/detect.h"

#define LINKTYPE_RAW 101

/* Monday, 1 January 2024, 00:00:00 UTC. */
#define BEGIN (INT64_C(1704067200) * NSTIME_SECOND)

#define CONNECTIONS 200
#define MS          NSTIME_MILLISECOND

/* A segment that is to pass the tap. */
typedef struct {
	NsTime time;       /* when */
	unsigned order;    /* among those of the same time */
	unsigned number;   /* of the connection */
	bool by_server;    /* who sends it */
	unsigned flags;    /* TH_* */
	uint32_t seq, ack; /* absolute */
	unsigned payload;  /* bytes */
} Passing;

/* One connection in the making. The tap is at the client. */
typedef struct {
	GArray *passing;  /* Passing, of all connections */
	unsigned number;  /* from 0 */
	NsTime now;       /* when the next segment passes */
	NsTime rtt;       /* from the tap to the server and back */
	uint32_t next[2]; /* each side's next number: client, server */
} Talk;

/* What was raised. */
typedef struct {
	Observer observer; /* first: it is one */
	unsigned above;    /* of severity warning and error */
	unsigned info;     /* of severity info */
} Raised;

static void pass(Talk *talk, bool by_server, unsigned flags, unsigned payload)
{
	Passing passing = {
		.time = talk->now,
		.order = talk->passing->len,
		.number = talk->number,
		.by_server = by_server,
		.flags = flags,
		.seq = talk->next[by_server],
		.ack = flags & TH_ACK ? talk->next[!by_server] : 0,
		.payload = payload,
	};

	g_array_append_val(talk->passing, passing);
	talk->next[by_server] += payload + !!(flags & TH_SYN) + !!(flags & TH_FIN);
}

/* The answer of the server to what passed last comes a round trip later. */
static void answer(Talk *talk, unsigned flags, unsigned payload)
{
	talk->now += talk->rtt;
	pass(talk, true, flags, payload);
}

static void open_talk(Talk *talk)
{
	pass(talk, false, TH_SYN, 0);
	answer(talk, TH_SYN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* One request and what comes back, acknowledged every second segment. */
static void ask(Talk *talk, unsigned request, unsigned response)
{
	talk->now += 3 * MS;
	pass(talk, false, TH_ACK | TH_PUSH, request);
	answer(talk, TH_ACK, 0);
	talk->now += 20 * MS;
	for (unsigned i = 0; response; i++) {
		unsigned part = MIN(response, 1400);

		response -= part;
		pass(talk, true, TH_ACK | (response ? 0 : TH_PUSH), part);
		if (i % 2 || !response)
			pass(talk, false, TH_ACK, 0);
		talk->now += MS / 10;
	}
}

/* --- Habits ---------------------------------------------------------------------------------- */

/* The server closes when it is done. */
static void server_closes(Talk *talk)
{
	open_talk(talk);
	ask(talk, 400, 20000);
	pass(talk, true, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
	talk->now += MS;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_ACK, 0);
}

/* Kept alive for several requests, until the server's limit of 60 or 75 s. */
static void kept_alive(Talk *talk)
{
	open_talk(talk);
	for (unsigned i = 0; i < 3 + talk->number % 5; i++) {
		ask(talk, 500, 3000);
		talk->now += (talk->number % 7) * NSTIME_SECOND;
	}
	talk->now += talk->number % 2 ? 60 * NSTIME_SECOND : 75 * NSTIME_SECOND;
	pass(talk, true, TH_FIN | TH_ACK, 0);
	talk->now += 40 * MS;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_ACK, 0);
}

/* The browser asks every 45 s whether the connection is still there, and closes in the end. */
static void probed_while_idle(Talk *talk)
{
	open_talk(talk);
	ask(talk, 600, 5000);
	for (unsigned i = 0; i < 3; i++) {
		talk->now += 45 * NSTIME_SECOND;
		talk->next[0]--;
		pass(talk, false, TH_ACK, 0);
		talk->next[0]++;
		answer(talk, TH_ACK, 0);
	}
	talk->now += 10 * NSTIME_SECOND;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* TLS: the browser says goodbye and closes; the server's goodbye meets a closed socket. */
static void goodbye_meets_closed_socket(Talk *talk)
{
	uint32_t reset_at;

	open_talk(talk);
	ask(talk, 517, 4000);
	ask(talk, 300, 9000);
	talk->now += 5 * NSTIME_SECOND;
	pass(talk, false, TH_ACK | TH_PUSH, 24);
	pass(talk, false, TH_FIN | TH_ACK, 0);
	reset_at = talk->next[0];
	answer(talk, TH_ACK | TH_PUSH, 24);
	pass(talk, false, TH_RST, 0);
	pass(talk, true, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_RST, 0);
	g_assert_cmpuint(reset_at, ==, talk->next[0]);
}

/* TLS: the server says goodbye and closes; the browser's goodbye meets a closed socket. */
static void last_word_of_the_browser(Talk *talk)
{
	open_talk(talk);
	ask(talk, 517, 4000);
	talk->now += 15 * NSTIME_SECOND;
	pass(talk, true, TH_ACK | TH_PUSH, 24);
	pass(talk, true, TH_FIN | TH_ACK, 0);
	talk->now += MS;
	pass(talk, false, TH_ACK | TH_PUSH, 24);
	pass(talk, false, TH_FIN | TH_ACK, 0);
	talk->now += talk->rtt;
	talk->next[1]--;
	pass(talk, true, TH_RST, 0);
	pass(talk, true, TH_RST, 0);
}

/* A connection that was opened in case it would be wanted, and was not. */
static void preconnected(Talk *talk)
{
	open_talk(talk);
	talk->now += 10 * NSTIME_SECOND;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* RFC 8305: of two attempts the slower one is given up, here before its SYN-ACK has come. */
static void lost_the_race(Talk *talk)
{
	pass(talk, false, TH_SYN, 0);
	answer(talk, TH_SYN | TH_ACK, 0);
	pass(talk, false, TH_RST, 0);
}

/* The same when it had come: it is closed at once. */
static void came_second(Talk *talk)
{
	open_talk(talk);
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* The server has closed an idle connection; the browser drops it with a RST, when it would use it.
 */
static void dropped_after_the_fin(Talk *talk)
{
	open_talk(talk);
	ask(talk, 450, 700);
	talk->now += 5 * NSTIME_SECOND;
	pass(talk, true, TH_FIN | TH_ACK, 0);
	talk->now += 40 * MS;
	pass(talk, false, TH_ACK, 0);
	talk->now += 20 * NSTIME_SECOND;
	pass(talk, false, TH_RST | TH_ACK, 0);
}

/* The tab is closed in the middle of a download: what has come and was not read makes the kernel
 * send a RST, and so does what comes later. */
static void download_cancelled(Talk *talk)
{
	open_talk(talk);
	ask(talk, 500, 60000);
	talk->now += 2 * MS;
	for (unsigned i = 0; i < 8; i++)
		pass(talk, true, TH_ACK, 1400);
	talk->next[1] -= 4 * 1400;
	pass(talk, false, TH_RST | TH_ACK, 0);
	talk->next[1] += 4 * 1400;
	talk->now += talk->rtt / 2;
	for (unsigned i = 0; i < 3; i++) {
		pass(talk, true, TH_ACK, 1400);
		pass(talk, false, TH_RST, 0);
	}
}

/* Opened in case it would be wanted, and the server's patience is over after a minute (nginx:
 * reset_timedout_connection). */
static void preconnected_in_vain(Talk *talk)
{
	open_talk(talk);
	talk->now += 60 * NSTIME_SECOND;
	pass(talk, true, TH_RST | TH_ACK, 0);
}

/* The same where the server accepts a connection only with data (nginx: listen ... deferred). */
static void preconnected_deferred(Talk *talk)
{
	open_talk(talk);
	talk->now += 7 * NSTIME_SECOND;
	talk->next[1]--;
	pass(talk, true, TH_SYN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
	talk->now += 2 * NSTIME_SECOND;
	ask(talk, 500, 3000);
	talk->now += 10 * NSTIME_SECOND;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* Both close at the same moment. */
static void both_close(Talk *talk)
{
	uint32_t fin;

	open_talk(talk);
	ask(talk, 450, 700);
	talk->now += 3 * NSTIME_SECOND;
	fin = talk->next[0];
	pass(talk, false, TH_FIN | TH_ACK, 0);
	talk->now += talk->rtt / 2;
	talk->next[0] = fin;
	pass(talk, true, TH_FIN | TH_ACK, 0);
	talk->next[0] = fin + 1;
	pass(talk, false, TH_ACK, 0);
	talk->now += talk->rtt / 2;
	pass(talk, true, TH_ACK, 0);
}

/* Still open when the capture ends. */
static void stays_open(Talk *talk)
{
	open_talk(talk);
	for (unsigned i = 0; i < 20; i++) {
		ask(talk, 200, 300);
		talk->now += 20 * NSTIME_SECOND;
	}
}

/* Opened before the capture began. */
static void was_open_before(Talk *talk)
{
	for (unsigned i = 0; i < 3; i++) {
		talk->now += NSTIME_SECOND;
		ask(talk, 350, 30000);
	}
	talk->now += NSTIME_SECOND;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* TLS: the server says goodbye and closes; the browser's goodbye leaves before the FIN behind that
 * has come. */
static void goodbye_before_the_fin(Talk *talk)
{
	open_talk(talk);
	ask(talk, 517, 4000);
	talk->now += 15 * NSTIME_SECOND;
	pass(talk, true, TH_ACK | TH_PUSH, 24);
	talk->now += MS;
	pass(talk, false, TH_ACK | TH_PUSH, 24);
	pass(talk, true, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_FIN | TH_ACK, 0);
	talk->now += talk->rtt;
	talk->next[1]--;
	pass(talk, true, TH_RST, 0);
	talk->next[1]++;
	pass(talk, true, TH_RST, 0);
}

/* The other way round: the server's goodbye answers the browser's, and not the FIN behind it. */
static void answered_while_leaving(Talk *talk)
{
	open_talk(talk);
	ask(talk, 517, 4000);
	talk->now += 15 * NSTIME_SECOND;
	pass(talk, false, TH_ACK | TH_PUSH, 24);
	pass(talk, false, TH_FIN | TH_ACK, 0);
	talk->next[0]--;
	answer(talk, TH_ACK | TH_PUSH, 24);
	pass(talk, false, TH_RST, 0);
	talk->next[0]++;
	pass(talk, true, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_RST, 0);
}

/* RFC 7413: the first request is in the SYN. */
static void asked_in_the_syn(Talk *talk)
{
	pass(talk, false, TH_SYN, 300);
	answer(talk, TH_SYN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
	talk->now += 20 * MS;
	pass(talk, true, TH_ACK | TH_PUSH, 1200);
	pass(talk, false, TH_ACK, 0);
	talk->now += 5 * NSTIME_SECOND;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* HTTP/2: pings while it is idle, the server's GOAWAY, and a close without haste. */
static void pinged(Talk *talk)
{
	open_talk(talk);
	ask(talk, 700, 20000);
	for (unsigned i = 0; i < 3; i++) {
		talk->now += 45 * NSTIME_SECOND;
		pass(talk, false, TH_ACK | TH_PUSH, 17);
		answer(talk, TH_ACK | TH_PUSH, 17);
		talk->now += 40 * MS;
		pass(talk, false, TH_ACK, 0);
	}
	talk->now += 100 * NSTIME_SECOND;
	pass(talk, true, TH_ACK | TH_PUSH, 41);
	talk->now += MS;
	pass(talk, false, TH_FIN | TH_ACK, 0);
	answer(talk, TH_FIN | TH_ACK, 0);
	pass(talk, false, TH_ACK, 0);
}

/* The first SYN is lost on the way. */
static void asked_twice(Talk *talk)
{
	pass(talk, false, TH_SYN, 0);
	talk->next[0]--;
	talk->now += NSTIME_SECOND;
	server_closes(talk);
}

static void (*const habits[])(Talk *) = {
	server_closes,
	kept_alive,
	probed_while_idle,
	goodbye_meets_closed_socket,
	server_closes,
	kept_alive,
	preconnected,
	last_word_of_the_browser,
	lost_the_race,
	came_second,
	both_close,
	dropped_after_the_fin,
	kept_alive,
	server_closes,
	stays_open,
	was_open_before,
	kept_alive,
	download_cancelled,
	preconnected_in_vain,
	preconnected_deferred,
	goodbye_before_the_fin,
	answered_while_leaving,
	asked_in_the_syn,
	pinged,
	asked_twice,
};

/* --- Running ---------------------------------------------------------------------------------- */

static int compare_passing(const void *first, const void *second)
{
	const Passing *a = first, *b = second;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* A page every few seconds, each with several connections to a few hosts at once. */
static GArray *make_connections(void)
{
	GArray *passing = g_array_new(FALSE, FALSE, sizeof(Passing));

	for (unsigned i = 0; i < CONNECTIONS; i++) {
		Talk talk = {
			.passing = passing,
			.number = i,
			.now = BEGIN + i / 12 * 7 * NSTIME_SECOND + i % 12 * 15 * MS,
			.rtt = (5 + i % 8 * 12) * MS,
			.next = { 1000000 * i + 17, 700000 * i + 91 },
		};

		/* Neighbours have different ones, and all get their turn. */
		habits[i * 7 % G_N_ELEMENTS(habits)](&talk);
	}
	g_array_sort(passing, compare_passing);
	return passing;
}

static void put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

static void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* The header of the frame; the payload is not captured. A host's packets are numbered by socket. */
static void feed(Analysis *analysis, const Passing *passing, uint64_t number)
{
	static uint16_t ids[CONNECTIONS + 1][2];
	uint8_t bytes[40] = { 0x45 };
	uint8_t *ends[2] = { bytes + 12, bytes + 16 };
	unsigned ports[2] = { 40000 + passing->number, 443 };
	Frame frame = {
		.number = number,
		.accepted = number,
		.time = passing->time,
		.caplen = sizeof(bytes),
		.len = (uint32_t)sizeof(bytes) + passing->payload,
		.linktype = LINKTYPE_RAW,
		.data = bytes,
	};
	bool by_server = passing->by_server;
	bool stateless = by_server ? passing->flags & TH_SYN || passing->flags == TH_RST
				   : passing->flags == TH_RST;

	put16(bytes + 2, 40 + passing->payload);
	put16(bytes + 4, stateless ? 0 : ++ids[passing->number][by_server] + 300 * passing->number);
	bytes[6] = 0x40;
	bytes[8] = by_server ? 50 + passing->number % 8 : 64;
	bytes[9] = 6;
	put32(ends[by_server], 0xc0000201);
	put32(ends[!by_server], 0xc6336401 + passing->number % 8);
	put16(bytes + 20, ports[by_server]);
	put16(bytes + 22, ports[!by_server]);
	put32(bytes + 24, passing->seq);
	put32(bytes + 28, passing->ack);
	bytes[32] = 5 << 4;
	bytes[33] = (uint8_t)passing->flags;
	put16(bytes + 34, passing->flags == TH_RST ? 0 : 64240);
	analysis_frame(analysis, &frame);
}

static void count(Observer *observer, const Anomaly *anomaly)
{
	Raised *raised = (Raised *)observer;

	if (anomaly->severity == SEVERITY_INFO) {
		raised->info++;
		return;
	}
	raised->above++;
	g_test_message("%s %s #%u: %s", severity_name(anomaly->severity),
		       anomaly_kind_name(anomaly->kind),
		       anomaly->connection ? anomaly->connection->number : 0, anomaly->message);
}

static void leave(Observer *observer)
{
	(void)observer;
}

static void run(const GArray *passing, Raised *raised, AnalysisTotals *totals)
{
	AnalysisOptions options = { .msl = ANALYSIS_DEFAULT_MSL, .stuck = ANALYSIS_DEFAULT_STUCK };
	g_autoptr(Analysis) analysis = analysis_new(&options);
	InputStats input = { .frames = passing->len };

	*raised = (Raised){ .observer = { .anomaly = count, .free = leave } };
	detect_add_all(analysis);
	analysis_add_report(analysis, &raised->observer);
	for (unsigned i = 0; i < passing->len; i++)
		feed(analysis, &g_array_index(passing, Passing, i), i + 1);
	analysis_finish(analysis, &input);
	*totals = *analysis_totals(analysis);
}

static void test_browser(void)
{
	g_autoptr(GArray) passing = make_connections();
	AnalysisTotals totals;
	Raised raised;

	run(passing, &raised, &totals);
	g_assert_cmpuint(totals.connections, ==, CONNECTIONS);
	g_assert_cmpuint(totals.segments, ==, passing->len);
	g_assert_cmpuint(raised.above, ==, 0);
	/* The routine things are there: it is not that nothing was looked at. */
	g_assert_cmpuint(totals.anomalies[ANOMALY_KEEP_ALIVE], >, 0);
	g_assert_cmpuint(totals.anomalies[ANOMALY_RESET_AFTER_CLOSE], >, 0);
	g_assert_cmpuint(totals.anomalies[ANOMALY_SIMULTANEOUS_CLOSE], >, 0);
	g_assert_cmpuint(totals.anomalies[ANOMALY_SYN_RETRANSMITTED], >, 0);
	g_assert_cmpuint(totals.open[OPEN_FAST_OPEN], >, 0);
	/* And no more of them than one for each connection. */
	g_assert_cmpuint(raised.info, <, CONNECTIONS);
}

/* The same with one connection more, which does have something wrong: that is what is raised. */
static void test_refused(void)
{
	g_autoptr(GArray) passing = make_connections();
	Talk talk = {
		.passing = passing,
		.number = CONNECTIONS,
		.now = BEGIN + 20 * NSTIME_SECOND + 1,
		.rtt = 10 * MS,
	};
	AnalysisTotals totals;
	Raised raised;

	pass(&talk, false, TH_SYN, 0);
	answer(&talk, TH_RST | TH_ACK, 0);
	g_array_sort(passing, compare_passing);
	run(passing, &raised, &totals);
	g_assert_cmpuint(raised.above, ==, 1);
	g_assert_cmpuint(totals.anomalies[ANOMALY_CONNECTION_REFUSED], ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/noise/browser", test_browser);
	g_test_add_func("/noise/one-refused", test_refused);
	return g_test_run();
}
