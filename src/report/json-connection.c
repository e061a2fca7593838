/* Connections as JSON. Knows the names of their fields; knows not which are shown.
 *
 * There may be millions, with some forty members each. So a line is put together of pieces whose
 * lengths are known while compiling, and room is made for all of them at once. */
#include "report/json-connection.h"

#include "dialect/zeek.h"
#include "report/writer.h"

/* What stands before a value. */
#define MEMBER(name) ",\"" name "\":"

/* More than a line has before its anomalies, and behind them. */
#define HEAD_MAX 1024
#define TAIL_MAX (ZEEK_HISTORY_MAX + 128)

/* A name as a value. To copy all of it is quicker than to ask how much there is. */
typedef struct {
	char text[15];
	uint8_t length;
} Word;

#define WORD(member, name, ...) [member] = { "\"" name "\"", sizeof(name) + 1 },

static const Word states[] = { TCP_STATE_LIST(WORD) };
static const Word opens[] = { OPEN_KIND_LIST(WORD) };
static const Word closes[] = { CLOSE_KIND_LIST(WORD) };

static inline char *put_word(char *at, const Word *word)
{
	memcpy(at, word, sizeof(*word));
	return at + word->length;
}

/* Of a few letters, mostly. */
static inline char *put_name(char *at, const char *name)
{
	*at++ = '"';
	while (*name != '\0')
		*at++ = *name++;
	*at++ = '"';
	return at;
}

static void begin_second(JsonConnections *list, NsTime time)
{
	char *end = digits_put(list->second_text, (uint64_t)(time / NSTIME_SECOND));

	*end++ = '.';
	list->second_length = (size_t)(end - list->second_text);
	list->second = time - time % NSTIME_SECOND;
}

static char *put_time(JsonConnections *list, char *at, NsTime time, int digits)
{
	if (time < 0)
		return at + nstime_format(at, time, digits);
	if (!list->second_length || time < list->second || time - list->second >= NSTIME_SECOND)
		begin_second(list, time);
	memcpy(at, list->second_text, sizeof(list->second_text));
	return nstime_put_fraction(at + list->second_length, (uint32_t)(time - list->second),
				   digits);
}

static char *put_end(char *at, const Connection *connection, unsigned end)
{
	const Endpoint *endpoint = &connection->key.end[end];
	const TcpSide *side = connection_side(connection, end);

	at = put_text(at, "{\"addr\":\"");
	at += address_format(at, &endpoint->addr, endpoint->version);
	at = put_text(at, "\"" MEMBER("port"));
	at = digits_put(at, endpoint->port);
	at = put_text(at, MEMBER("state"));
	at = put_word(at, &states[connection_state(connection, end)]);
	at = put_text(at, MEMBER("proven"));
	at = connection_state_proven(connection, end) ? put_text(at, "true")
						      : put_text(at, "false");
	at = put_text(at, MEMBER("packets"));
	at = digits_put(at, connection->report->packets[end]);
	at = put_text(at, MEMBER("bytes"));
	at = digits_put(at, connection->report->bytes[end]);
	at = put_text(at, MEMBER("isn"));
	at = side->has_iss ? digits_put(at, side->iss) : put_text(at, "null");
	*at++ = '}';
	return at;
}

/* All but the anomalies and other tools' words. */
static char *put_head(JsonConnections *list, char *at, const Connection *connection, int digits)
{
	NsTime rtt = connection->report->handshake_rtt;

	at = put_text(at, "{\"type\":\"connection\"" MEMBER("connection"));
	at = digits_put(at, connection->number);
	at = put_text(at, MEMBER("community_id") "\"");
	list->at[list->unnamed] = (size_t)(at - list->text->str);
	at = put_text(at + COMMUNITY_ID_LENGTH, "\"" MEMBER("client"));
	at = put_end(at, connection, connection->client);
	at = put_text(at, MEMBER("server"));
	at = put_end(at, connection, !connection->client);
	at = put_text(at, MEMBER("first"));
	at = put_time(list, at, connection->first, digits);
	at = put_text(at, MEMBER("last"));
	at = put_time(list, at, connection_last(connection), digits);
	at = put_text(at, MEMBER("open"));
	at = put_word(at, &opens[connection->open]);
	at = put_text(at, MEMBER("close"));
	at = put_word(at, &closes[connection->close]);
	at = put_text(at, MEMBER("handshake_rtt"));
	return rtt >= 0 ? at + nstime_format(at, rtt, digits) : put_text(at, "null");
}

static void write_anomalies(Writer *out, uint64_t kinds)
{
	writer_text(out, MEMBER("anomalies") "[");
	for (uint64_t left = kinds; left; left &= left - 1) {
		writer_text(out, left == kinds ? "\"" : ",\"");
		writer_text(out, anomaly_kind_name((AnomalyKind)__builtin_ctzll(left)));
		writer_char(out, '"');
	}
	writer_char(out, ']');
}

static char *put_dialects(char *at, const Dialects *words)
{
	at = put_text(at, MEMBER("conn_state"));
	at = put_name(at, words->conn_state);
	at = put_text(at, MEMBER("history"));
	at = put_name(at, words->history);
	at = put_text(at, MEMBER("completeness"));
	at = digits_put(at, words->completeness);
	return put_text(at, "}\n");
}

bool json_connection(JsonConnections *list, const Connection *connection, const Dialects *words,
		     int digits)
{
	Writer out;

	writer_begin(&out, list->text);
	writer_room(&out, HEAD_MAX);
	out.at = put_head(list, out.at, connection, digits);
	write_anomalies(&out, connection->report->anomalies);
	writer_room(&out, TAIL_MAX);
	out.at = put_dialects(out.at, words);
	writer_end(&out);
	memcpy(list->ends[list->unnamed], connection->key.end, sizeof(list->ends[0]));
	if (++list->unnamed == COMMUNITY_ID_BATCH)
		json_connections_complete(list);
	return list->unnamed == 0;
}

void json_connections_complete(JsonConnections *list)
{
	const Endpoint(*ends)[2] = (const Endpoint(*)[2])list->ends;
	char names[COMMUNITY_ID_BATCH][COMMUNITY_ID_TEXT_MAX];

	community_ids_format(names, ends, list->unnamed);
	for (unsigned i = 0; i < list->unnamed; i++)
		memcpy(list->text->str + list->at[i], names[i], COMMUNITY_ID_LENGTH);
	list->unnamed = 0;
}
