/* What is watched of hosts, endpoints and handshakes is bounded: what was used last stays and is
 * noticed, whatever came before it, and what had to make room is counted. */
#include "detect-case.h"
#include "flow/recent.h"

#define CLIENT(number) (0x0a000000u + (number))
#define SERVER(number) (0xac100000u + (number))

/* --- The table -------------------------------------------------------------------------------- */

static FlowKey key_of(uint16_t port)
{
	return (FlowKey){ .end = { { .port = port, .version = 4 } } };
}

/* Ports of entries that left, as digits. */
static void note_leaving(void *data, void *entry, NsTime now)
{
	g_assert_cmpint(now, ==, 7);
	g_string_append_printf(data, "%u ", ((RecentEntry *)entry)->key.end[0].port);
}

static void test_table(void)
{
	static const uint16_t uses[] = { 1, 2, 3, 1, 4, 5, 1, 6 };
	g_autoptr(GString) left = g_string_new(NULL);
	g_autoptr(GString) order = g_string_new(NULL);
	RecentTable *table = recent_new(sizeof(RecentEntry), 3, note_leaving, left);
	const FlowKey gone = key_of(2), here = key_of(5);

	for (unsigned i = 0; i < G_N_ELEMENTS(uses); i++) {
		const FlowKey key = key_of(uses[i]);

		g_assert_nonnull(recent_use(table, &key, 7));
		g_assert_cmpuint(recent_count(table), ==, MIN(i + 1, 3));
	}
	g_assert_cmpstr(left->str, ==, "2 3 4 ");
	g_assert_null(recent_find(table, &gone));
	recent_remove(table, recent_find(table, &here));
	g_assert_cmpstr(left->str, ==, "2 3 4 ");
	for (RecentEntry *entry = recent_oldest(table); entry; entry = recent_newer(entry))
		g_string_append_printf(order, "%u ", entry->key.end[0].port);
	g_assert_cmpstr(order->str, ==, "1 6 ");
	recent_free(table);
}

typedef struct {
	RecentEntry entry; /* first */
	unsigned mine;     /* the key's port once it was used */
} Mine;

#define KEYS 1000u

/* Against a list: an entry is there while it is among those that were used last, and zero when it
 * is new, whatever was in its memory before. */
static void test_turnover(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(unsigned));
	const unsigned max = 300;
	RecentTable *table = recent_new(sizeof(Mine), max, NULL, NULL);

	for (unsigned round = 0; round < 50000; round++) {
		unsigned number = (unsigned)g_rand_int_range(rand, 1, KEYS), place;
		const FlowKey key = key_of((uint16_t)number);
		Mine *mine = recent_find(table, &key);
		bool is_new = !mine;
		RecentEntry *entry;

		for (place = 0; place < list->len; place++)
			if (g_array_index(list, unsigned, place) == number)
				break;
		g_assert_true((mine != NULL) == (place < list->len));
		if (mine) {
			g_assert_cmpuint(mine->mine, ==, number);
			g_array_remove_index(list, place);
		}
		if (mine && round % 7 == 0) {
			recent_remove(table, mine);
		} else {
			if (list->len == max)
				g_array_remove_index(list, 0);
			g_array_append_val(list, number);
			mine = recent_use(table, &key, 7);
			g_assert_cmpuint(mine->mine, ==, is_new ? 0 : number);
			if (round % 11 == 0)
				recent_clear(table, mine);
			g_assert_true(round % 11 || mine->mine == 0);
			mine->mine = number;
		}
		g_assert_cmpuint(recent_count(table), ==, list->len);
		entry = recent_oldest(table);
		for (unsigned i = 0; round % 100 == 0 && i < list->len; i++) {
			g_assert_cmpuint(entry->key.end[0].port, ==,
					 g_array_index(list, unsigned, i));
			entry = recent_newer(entry);
		}
	}
	recent_free(table);
}

/* --- Detectors -------------------------------------------------------------------------------- */

static uint64_t forgotten(const Fixture *fixture, Forgotten what)
{
	return analysis_totals(fixture->analysis)->forgotten[what];
}

static void syn(Fixture *fixture, uint32_t client, uint32_t server, uint16_t from, uint16_t to)
{
	send_between(fixture, (uint32_t[]){ client, server }, (uint16_t[]){ from, to }, TH_SYN, 1,
		     0, 0);
}

static void refuse(Fixture *fixture, uint32_t client, uint32_t server, uint16_t from, uint16_t to)
{
	send_between(fixture, (uint32_t[]){ server, client }, (uint16_t[]){ to, from },
		     TH_RST | TH_ACK, 0, 2, 0);
}

static void answer(Fixture *fixture, uint32_t client, uint32_t server, uint16_t from, uint16_t to)
{
	send_between(fixture, (uint32_t[]){ server, client }, (uint16_t[]){ to, from },
		     TH_SYN | TH_ACK, 1, 2, 0);
}

/* A client that closes first: it waits. */
static void open_and_close(Fixture *fixture, uint32_t client, uint32_t server, uint16_t from)
{
	const uint32_t there[] = { client, server }, back[] = { server, client };
	const uint16_t out[] = { from, 80 }, in[] = { 80, from };

	syn(fixture, client, server, from, 80);
	answer(fixture, client, server, from, 80);
	send_between(fixture, there, out, TH_ACK, 2, 2, 10);
	send_between(fixture, back, in, TH_ACK, 2, 12, 10);
	send_between(fixture, there, out, TH_FIN | TH_ACK, 12, 12, 0);
	send_between(fixture, back, in, TH_FIN | TH_ACK, 12, 13, 0);
	send_between(fixture, there, out, TH_ACK, 13, 13, 0);
	fixture->now += NSTIME_MICROSECOND;
}

/* One SYN each to 20000 endpoints, then a flood to one, all within the ten seconds for which
 * handshakes count.
 */
static void test_flood(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 20000; i++) {
		syn(fixture, CLIENT(i), SERVER(i), 1000, 80);
		fixture->now += 100 * NSTIME_MICROSECOND;
	}
	fixture->now += 2 * NSTIME_SECOND;
	for (unsigned i = 0; i < 1000; i++) {
		syn(fixture, CLIENT(100000 + i), SERVER(100000), 1000, 80);
		fixture->now += NSTIME_MILLISECOND;
	}
	fixture->now += 3 * NSTIME_SECOND;
	syn(fixture, CLIENT(200000), SERVER(200000), 1000, 80);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 1);
	/* More than the 20000 + 1 - 16384 endpoints: of the clients only some are watched, too. */
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), >, 3616);
	finish(fixture);
}

/* Few endpoints are watched to the end, and nobody had to go. */
static void test_enough_room(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 4000; i++) {
		syn(fixture, CLIENT(i), SERVER(i), 1000, 80);
		refuse(fixture, CLIENT(i), SERVER(i), 1000, 80);
		fixture->now += NSTIME_MILLISECOND;
	}
	finish(fixture);
	for (unsigned what = 0; what < FORGOTTEN_COUNT; what++)
		g_assert_cmpuint(forgotten(fixture, what), ==, 0);
}

/* A refused SYN of each of 5000 hosts, then a scan by another. */
static void test_scan(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 5000; i++) {
		syn(fixture, CLIENT(i), SERVER(1), 1000, 80);
		refuse(fixture, CLIENT(i), SERVER(1), 1000, 80);
	}
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), ==, 5000 - 4096);
	for (unsigned i = 0; i < 20; i++) {
		syn(fixture, CLIENT(5000), SERVER(1), 1000, 100 + i);
		refuse(fixture, CLIENT(5000), SERVER(1), 1000, 100 + i);
	}
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_SCAN], ==, 1);
	finish(fixture);
}

/* A flood of a thousand sources a second, beside a host that tries a port every six seconds: that
 * is one that tries, and each of those is not. @refused: the sources are hosts, whose addresses are
 * forged, and they refuse what they are answered. */
static void scan_in_flood(Fixture *fixture, bool refused)
{
	for (unsigned i = 0; i < 72000; i++) {
		syn(fixture, CLIENT(i), SERVER(1), 1000, 80);
		if (refused) {
			answer(fixture, CLIENT(i), SERVER(1), 1000, 80);
			send_between(fixture, (uint32_t[]){ CLIENT(i), SERVER(1) },
				     (uint16_t[]){ 1000, 80 }, TH_RST, 2, 0, 0);
		}
		if (i % 6000 == 3000)
			syn(fixture, CLIENT(100000), SERVER(2), 1000, 100 + i / 6000);
		fixture->now += NSTIME_MILLISECOND;
	}
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 2);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_SCAN], ==, 1);
}

static void test_scan_in_flood(Fixture *fixture, gconstpointer data)
{
	(void)data;
	scan_in_flood(fixture, false);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), ==, 0);
}

static void test_scan_in_flood_of_hosts(Fixture *fixture, gconstpointer data)
{
	(void)data;
	scan_in_flood(fixture, true);
}

/* A flood that ends with the capture, before it could be said that it is one; its sources are none
 * that try, either. */
static void test_short_flood(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 6000; i++) {
		syn(fixture, CLIENT(i), SERVER(1), 1000, 80);
		fixture->now += 250 * NSTIME_MICROSECOND;
	}
	finish(fixture);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], ==, 1);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), ==, 0);
}

/* A SYN to port 80 of 192.0.2.1 in a tunnel (RFC 2784, RFC 2890): IPv4, GRE with @key, IPv4. */
static void tunneled_syn(Fixture *fixture, uint8_t key, uint32_t client)
{
	uint8_t bytes[68] = {
		[0] = 0x45, [3] = 68,      [8] = 64,      [9] = 47,   [12] = 203,  [16] = 203,
		[19] = 1,   [20] = 0x20,   [22] = 0x08,   [27] = key, [28] = 0x45, [31] = 40,
		[36] = 64,  [37] = 6,      [44] = 192,    [46] = 2,   [47] = 1,    [48] = 4,
		[51] = 80,  [60] = 5 << 4, [61] = TH_SYN,
	};
	Frame frame = {
		.number = ++fixture->frames,
		.accepted = fixture->frames,
		.time = fixture->now,
		.caplen = sizeof(bytes),
		.len = sizeof(bytes),
		.linktype = LINKTYPE_RAW,
		.data = bytes,
	};

	for (unsigned i = 0; i < 4; i++)
		bytes[40 + i] = (uint8_t)(client >> (24 - 8 * i));
	analysis_frame(fixture->analysis, &frame);
}

/* How many floods are seen where 160 handshakes with one address in so many tunnels fail. */
static unsigned floods_in(Fixture *fixture, unsigned tunnels)
{
	for (unsigned i = 0; i < 160; i++) {
		tunneled_syn(fixture, (uint8_t)(i % tunnels), CLIENT(i));
		fixture->now += 10 * NSTIME_MILLISECOND;
	}
	fixture->now += 3 * NSTIME_SECOND;
	tunneled_syn(fixture, 9, CLIENT(0));
	finish(fixture);
	return fixture->by_kind[ANOMALY_SYN_FLOOD];
}

static void test_tunnel(Fixture *fixture, gconstpointer data)
{
	(void)data;
	g_assert_cmpuint(floods_in(fixture, 1), ==, 1);
}

/* They are two hosts then, with 80 each. */
static void test_two_tunnels(Fixture *fixture, gconstpointer data)
{
	(void)data;
	g_assert_cmpuint(floods_in(fixture, 2), ==, 0);
}

/* Who has been quiet for longer than a scan may be goes, and nothing is missing. */
static void test_quiet(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 8000; i++) {
		if (i == 4000)
			fixture->now += 3600 * NSTIME_SECOND;
		syn(fixture, CLIENT(i), SERVER(1), 1000, 80);
		refuse(fixture, CLIENT(i), SERVER(1), 1000, 80);
	}
	finish(fixture);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), ==, 0);
}

/* A scan that was reported and makes room for others has its total told. */
static void test_scan_leaves(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 200; i++) {
		syn(fixture, CLIENT(0), SERVER(1), 1000, 100 + i);
		refuse(fixture, CLIENT(0), SERVER(1), 1000, 100 + i);
	}
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_SCAN], ==, 1);
	for (unsigned i = 1; i < 5000; i++)
		syn(fixture, CLIENT(i), SERVER(i), 1000, 80);
	fixture->now += 5 * NSTIME_SECOND;
	syn(fixture, CLIENT(0), SERVER(0), 1000, 80);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_SCAN], ==, 2);
	g_assert_nonnull(strstr(fixture->kept[10].message, "came to 200 SYNs"));
	finish(fixture);
}

static void probe_once(Fixture *fixture, uint32_t client, uint16_t from)
{
	syn(fixture, client, SERVER(1), from, 80);
	answer(fixture, client, SERVER(1), from, 80);
	send_between(fixture, (uint32_t[]){ client, SERVER(1) }, (uint16_t[]){ from, 80 }, TH_RST,
		     2, 0, 0);
}

/* 5000 hosts connect and reset once, then one of them does so again and again. */
static void test_probes(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 5000; i++)
		probe_once(fixture, CLIENT(i), 1000);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), >=, 5000 - 4096);
	for (unsigned i = 0; i < 5; i++)
		probe_once(fixture, CLIENT(0), 2000 + i);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_PROBE], ==, 1);
	finish(fixture);
}

/* 5000 hosts each wait in one connection, then one of them in a thousand. */
static void test_waiting(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 5000; i++)
		open_and_close(fixture, CLIENT(i), SERVER(1), 1000);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HOSTS), ==, 5000 - 4096);
	for (unsigned i = 0; i < 1000; i++)
		open_and_close(fixture, CLIENT(0), SERVER(1), 2000 + i);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_TIME_WAIT_ACCUMULATION], ==, 1);
	finish(fixture);
}

/* With --max-connections 100: connections that were forgotten while they waited are not said to
 * wait, how many there are of them. */
static void test_waiting_evicted(Fixture *fixture, gconstpointer data)
{
	(void)data;
	for (unsigned i = 0; i < 3000; i++)
		open_and_close(fixture, CLIENT(0), SERVER(1), 2000 + i);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_TIME_WAIT_ACCUMULATION], ==, 0);
	finish(fixture);
	g_assert_cmpuint(analysis_totals(fixture->analysis)->evicted, >, 2000);
}

/* With --max-connections 100: as many listening endpoints, those that were heard of last. */
static void test_listeners(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) listeners = NULL;
	const uint32_t oldest = SERVER(150);

	(void)data;
	for (unsigned i = 0; i < 250; i++)
		open_and_close(fixture, CLIENT(0), SERVER(i), 2000 + i);
	finish(fixture);
	g_assert_cmpuint(analysis_totals(fixture->analysis)->states[TCP_STATE_LISTEN], ==, 100);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_LISTENERS), ==, 150);
	listeners = analysis_listeners(fixture->analysis);
	g_assert_cmpuint(listeners->len, ==, 100);
	for (unsigned i = 0; i < listeners->len; i++) {
		const uint8_t *bytes = ((Endpoint *)listeners->pdata[i])->addr.bytes;

		g_assert_cmpuint((uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 |
					 bytes[3],
				 >=, oldest);
	}
}

/* More handshakes at once than stand in the queue; they are of a flood, and it is noticed. */
static void test_handshakes(Fixture *fixture, gconstpointer data)
{
	const unsigned more = 1000, places = 1u << 19;

	(void)data;
	for (unsigned i = 0; i < places + more; i++)
		syn(fixture, CLIENT(i), SERVER(1), 1000, 80);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HANDSHAKES), ==, more);
	fixture->now += 5 * NSTIME_SECOND;
	syn(fixture, CLIENT(0), SERVER(2), 1000, 80);
	g_assert_cmpuint(forgotten(fixture, FORGOTTEN_HANDSHAKES), ==, more);
	g_assert_cmpuint(fixture->by_kind[ANOMALY_SYN_FLOOD], >=, 1);
	finish(fixture);
}

int main(int argc, char **argv)
{
	const gconstpointer few = GUINT_TO_POINTER(100);

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bounds/table", test_table);
	g_test_add_func("/bounds/turnover", test_turnover);
#define ADD(name, max, test) g_test_add("/bounds/" name, Fixture, max, set_up, test, tear_down)
	ADD("flood", NULL, test_flood);
	ADD("enough-room", NULL, test_enough_room);
	ADD("scan", NULL, test_scan);
	ADD("scan-in-flood", NULL, test_scan_in_flood);
	ADD("scan-in-flood-of-hosts", NULL, test_scan_in_flood_of_hosts);
	ADD("short-flood", NULL, test_short_flood);
	ADD("tunnel", NULL, test_tunnel);
	ADD("two-tunnels", NULL, test_two_tunnels);
	ADD("quiet", NULL, test_quiet);
	ADD("scan-leaves", NULL, test_scan_leaves);
	ADD("probes", NULL, test_probes);
	ADD("waiting", NULL, test_waiting);
	ADD("waiting-evicted", few, test_waiting_evicted);
	ADD("listeners", few, test_listeners);
	ADD("handshakes", few, test_handshakes);
	return g_test_run();
}
