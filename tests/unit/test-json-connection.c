/* A connection's line of JSON against what printf() makes of the same values: their extremes, lines
 * that follow each other, and the room that there is before them. */
#include "report/json-connection.h"

#include <string.h>

#include "dialect/zeek.h"

/* All that a line is about. */
typedef struct {
	Connection connection;
	ConnectionReport report;
	Dialects words;
	char history[ZEEK_HISTORY_MAX + 1];
} Line;

static void line_init(Line *line, int version)
{
	const Segment syn = { .flags = TH_SYN, .frame = 1 };
	FlowKey key = { .scope = 0 };

	for (unsigned end = 0; end < 2; end++) {
		key.end[end] = (Endpoint){ .port = (uint16_t)(65534 + end), .version = version };
		memset(key.end[end].addr.bytes, 0xaa + (int)end, version == 4 ? 4 : 16);
	}
	connection_init(&line->connection, &key, 0, &syn, 0);
	connection_begin_report(&line->connection, &syn, &line->report);
	strcpy(line->history, "S");
	line->words = (Dialects){ .conn_state = "S0", .history = line->history, .completeness = 1 };
}

/* Seconds with @digits digits of fraction. */
static char *seconds(NsTime time, int digits)
{
	uint64_t absolute = time < 0 ? -(uint64_t)time : (uint64_t)time;
	uint64_t fraction = absolute % 1000000000 / (digits == 6 ? 1000 : 1);

	return g_strdup_printf("%s%" G_GUINT64_FORMAT ".%0*" G_GUINT64_FORMAT, time < 0 ? "-" : "",
			       absolute / 1000000000, digits, fraction);
}

static char *expected_end(const Line *line, unsigned end)
{
	const TcpSide *side = &line->connection.side[end];
	const Endpoint *endpoint = &line->connection.key.end[end];
	char address[ADDRESS_TEXT_MAX];
	g_autofree char *isn = g_strdup_printf("%u", side->iss);

	address_format(address, &endpoint->addr, endpoint->version);
	return g_strdup_printf(
		"{\"addr\":\"%s\",\"port\":%u,\"state\":\"%s\",\"proven\":%s,\"packets\":"
		"%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT ",\"isn\":%s}",
		address, endpoint->port, tcp_state_name(side->state),
		connection_state_proven(&line->connection, end) ? "true" : "false",
		line->report.packets[end], line->report.bytes[end], side->has_iss ? isn : "null");
}

static void append_expected(GString *text, const Line *line, int digits)
{
	const Connection *connection = &line->connection;
	const char *before = "";
	char id[COMMUNITY_ID_TEXT_MAX];
	g_autofree char *client = expected_end(line, connection->client);
	g_autofree char *server = expected_end(line, !connection->client);
	g_autofree char *first = seconds(connection->first, digits);
	g_autofree char *last = seconds(line->report.last, digits);
	g_autofree char *rtt = seconds(line->report.handshake_rtt, digits);

	community_id_format(id, connection->key.end);
	g_string_append_printf(
		text,
		"{\"type\":\"connection\",\"connection\":%u,\"community_id\":\"%s\","
		"\"client\":%s,\"server\":%s,\"first\":%s,\"last\":%s,\"open\":\"%s\","
		"\"close\":\"%s\",\"handshake_rtt\":%s,\"anomalies\":[",
		connection->number, id, client, server, first, last,
		open_kind_name(connection->open), close_kind_name(connection->close),
		line->report.handshake_rtt < 0 ? "null" : rtt);
	for (unsigned kind = 0; kind < ANOMALY_KIND_COUNT; kind++) {
		if (!(line->report.anomalies >> kind & 1))
			continue;
		g_string_append_printf(text, "%s\"%s\"", before, anomaly_kind_name(kind));
		before = ",";
	}
	g_string_append_printf(
		text, "],\"conn_state\":\"%s\",\"history\":\"%s\",\"completeness\":%u}\n",
		line->words.conn_state, line->words.history, line->words.completeness);
}

static void check_line(const Line *line, int digits)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) expected = g_string_new(NULL);
	JsonConnections list = { .text = text };

	json_connection(&list, &line->connection, &line->words, digits);
	json_connections_complete(&list);
	append_expected(expected, line, digits);
	g_assert_cmpstr(text->str, ==, expected->str);
}

static void test_extremes(void)
{
	Line line;

	for (int version = 4; version <= 6; version += 2) {
		line_init(&line, version);
		check_line(&line, 6);
		line.report.handshake_rtt = 0;
		line.connection.side[0].has_iss = line.connection.side[1].has_iss = true;
		check_line(&line, 9);
		line.connection.side[0].has_iss = false;
		line.connection.side[0].iss = line.connection.side[1].iss = UINT32_MAX;
		line.report.packets[0] = line.report.bytes[1] = UINT64_MAX;
		line.report.packets[1] = line.report.bytes[0] = (uint64_t)1 << 32;
		line.report.anomalies = ((uint64_t)1 << ANOMALY_KIND_COUNT) - 1;
		line.connection.number = UINT32_MAX;
		line.connection.first = INT64_MIN;
		line.report.last = line.report.handshake_rtt = INT64_MAX;
		line.words.completeness = UINT32_MAX;
		check_line(&line, 6);
		check_line(&line, 9);
	}
}

static void test_names(void)
{
	Line line;

	line_init(&line, 4);
	for (unsigned i = 0; i < TCP_STATE_COUNT; i++) {
		line.connection.side[0].state = (TcpState)i;
		line.connection.open = (OpenKind)(i % OPEN_KIND_COUNT);
		line.connection.close = (CloseKind)(i % CLOSE_KIND_COUNT);
		check_line(&line, 6);
	}
}

/* Lines share what they have of their times, whatever these are. */
static void test_times(void)
{
	static const NsTime times[] = { 5900000001,  5999999999,         6000000000, 5999999999,
					0,           999999999,          -1,         1,
					-1500000000, INT64_MAX,          1000000000, INT64_MIN,
					7,           1700000000123456789 };
	Line line;

	line_init(&line, 4);
	for (int digits = 6; digits <= 9; digits += 3) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GString) expected = g_string_new(NULL);
		JsonConnections list = { .text = text };

		for (unsigned i = 0; i + 1 < G_N_ELEMENTS(times); i++) {
			line.connection.first = times[i];
			line.report.last = times[i + 1];
			json_connection(&list, &line.connection, &line.words, digits);
			append_expected(expected, &line, digits);
		}
		json_connections_complete(&list);
		g_assert_cmpstr(text->str, ==, expected->str);
	}
}

/* A text that may be written is complete, and so it is when no more lines come. */
static void test_batches(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) expected = g_string_new(NULL);
	JsonConnections list = { .text = text };
	Line line;

	line_init(&line, 6);
	for (unsigned i = 0; i < 2 * COMMUNITY_ID_BATCH + 1; i++) {
		line.connection.key.end[0].port = (uint16_t)i;
		append_expected(expected, &line, 6);
		if (json_connection(&list, &line.connection, &line.words, 6)) {
			g_assert_cmpstr(text->str, ==, expected->str);
			g_string_truncate(text, 0);
			g_string_truncate(expected, 0);
		}
	}
	json_connections_complete(&list);
	g_assert_cmpstr(text->str, ==, expected->str);
}

/* The longest line fits wherever the room of the text ends: the sanitizers see when it does not. */
static void test_room(void)
{
	g_autoptr(GString) expected = g_string_new(NULL);
	Line line;

	line_init(&line, 6);
	memset(line.history, 'D', ZEEK_HISTORY_MAX);
	line.history[ZEEK_HISTORY_MAX] = '\0';
	line.report.anomalies = ((uint64_t)1 << ANOMALY_KIND_COUNT) - 1;
	append_expected(expected, &line, 9);
	for (size_t before = 0; before < 4200; before += 7) {
		g_autoptr(GString) text = g_string_new(NULL);
		JsonConnections list = { .text = text };

		g_string_set_size(text, before);
		memset(text->str, ' ', before);
		json_connection(&list, &line.connection, &line.words, 9);
		json_connections_complete(&list);
		g_assert_cmpstr(text->str + before, ==, expected->str);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json-connection/extremes", test_extremes);
	g_test_add_func("/json-connection/names", test_names);
	g_test_add_func("/json-connection/times", test_times);
	g_test_add_func("/json-connection/batches", test_batches);
	g_test_add_func("/json-connection/room", test_room);
	return g_test_run();
}
