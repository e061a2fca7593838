/* Zeek's conn_state: one word for how far both ends came. Knows what the states of the ends and the
 * history say together; knows not how they came there. */
#include <string.h>

#include "dialect/zeek-parts.h"

/* Whether an end seems to have sent data. Only asked when both were reset, so that Zeek's exception
 * for a half-open connection, whose resp is inactive, cannot apply. */
static bool sent_data(const ZeekEnd *end)
{
	uint64_t last = (uint64_t)end->wraps << 32 | end->last;
	uint64_t ack = (uint64_t)end->ackwraps << 32 | end->ack;

	/* Less one for the SYN, and one for a FIN. */
	return MAX(last, ack) - end->start > 1u + end->fin_seen;
}

/* Zeek's /\^?S[^HAFGIQ]*R.* / (without the blank): a SYN, then a RST, and no answer to be seen. */
static bool is_syn_and_reset(const char *history)
{
	if (*history == '^')
		history++;
	if (*history != 'S')
		return false;
	history++;
	history += strcspn(history, "HAFGIQR");
	return *history == 'R';
}

static bool is_quiet(const ZeekEnd *end)
{
	return end->state == ZEEK_INACTIVE || end->state == ZEEK_PARTIAL;
}

static const char *reset_by_resp(const ZeekConnection *zeek)
{
	const ZeekEnd *orig = &zeek->end[zeek->orig];

	if (orig->state == ZEEK_SYN_SENT || orig->state == ZEEK_SYN_ACK_SENT)
		return "REJ";
	if (orig->state == ZEEK_RESET && !sent_data(&zeek->end[0]) && !sent_data(&zeek->end[1]))
		return "REJ";
	return is_quiet(orig) ? "RSTRH" : "RSTR";
}

const char *zeek_conn_state(const ZeekConnection *zeek)
{
	const ZeekEnd *orig = &zeek->end[zeek->orig];
	const ZeekEnd *resp = &zeek->end[!zeek->orig];

	if (resp->state == ZEEK_RESET)
		return reset_by_resp(zeek);
	if (orig->state == ZEEK_RESET) {
		if (!is_quiet(resp))
			return "RSTO";
		return is_syn_and_reset(zeek_history(zeek)) ? "RSTOS0" : "OTH";
	}
	if (orig->state == ZEEK_CLOSED && resp->state == ZEEK_CLOSED)
		return "SF";
	if (orig->state == ZEEK_CLOSED)
		return is_quiet(resp) ? "SH" : "S2";
	if (resp->state == ZEEK_CLOSED)
		return is_quiet(orig) ? "SHR" : "S3";
	if (orig->state == ZEEK_SYN_SENT && resp->state == ZEEK_INACTIVE)
		return "S0";
	if (orig->state == ZEEK_ESTABLISHED && resp->state == ZEEK_ESTABLISHED)
		return "S1";
	return "OTH";
}
