/* Why a server sends its SYN-ACK again although its ACK has passed. Knows what speaks for which
 * cause; knows no connection.
 *
 * There are four causes, and the SYN-ACK looks the same. What tells them apart came before, comes
 * later, or happens elsewhere. A SYN proxy answers in the server's name, with no window or with a
 * TTL of its own. Deferred accept waits for data: it does not ignore any, and Linux repeats such a
 * SYN-ACK once, in the last period. A full accept queue ignores data as well, and other handshakes.
 * A loss needs a way on which something can be lost, and does not befall one connection time and
 * again while the others get through. */
#include "detect/ack-cause.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* The first repetition of a SYN-ACK comes after a second (RFC 6298 2.1); later than this, the timer
 * has run out before and nothing was sent. */
#define DEFERRED_LEAST (2500 * NSTIME_MILLISECOND)

/* A way that works does not lose so many ACKs of one connection one after the other. */
#define UNLUCKY 3

/* A queue that has room for so many others is not full. */
#define ROOM 3

/* With so many on either side it is no chance who is ignored and who is not. */
#define SORTED 2

/* Paths between the same two hosts differ by so many hops, and so do a segment and its copy. */
#define DETOUR 2

static void add_reason(AckVerdict *verdict, const char *reason)
{
	size_t length = strlen(verdict->why);

	snprintf(verdict->why + length, sizeof(verdict->why) - length, "%s%s",
		 length ? " and " : "", reason);
}

/* Something it must have been: the last cause stays. */
static void rule_out(AckVerdict *verdict, AckCause cause, const char *reason)
{
	if (!(verdict->causes & cause) || verdict->causes == cause)
		return;
	verdict->causes &= ~(unsigned)cause;
	add_reason(verdict, reason);
}

static void settle_for(AckVerdict *verdict, AckCause cause, const char *reason)
{
	*verdict = (AckVerdict){ .causes = cause };
	add_reason(verdict, reason);
}

/* Linux, synproxy_send_client_synack(): it takes no data before it has the server. */
static bool is_proxy(AckVerdict *verdict, const AckEvidence *evidence)
{
	if (evidence->no_window)
		settle_for(verdict, ACK_CAUSE_PROXY, "its SYN-ACK offers a window of 0");
	else if (evidence->ttl_again > DETOUR)
		settle_for(verdict, ACK_CAUSE_PROXY, "the two have different TTLs");
	else if (evidence->ttl_of_others > DETOUR)
		settle_for(verdict, ACK_CAUSE_PROXY,
			   "its other segments have another TTL than its SYN-ACK");
	return verdict->causes == ACK_CAUSE_PROXY;
}

/* It may be a proxy that is near its server, or another path. */
static void weigh_detour(AckVerdict *verdict, const AckEvidence *evidence)
{
	if (!evidence->ttl_again && !evidence->ttl_of_others)
		return;
	verdict->causes |= ACK_CAUSE_PROXY;
	add_reason(verdict, "its TTLs differ by a hop or two");
}

/* What other handshakes of the same server say. That it ignores several is no sign of a full accept
 * queue by itself: deferred accept does so, and what loses one ACK loses more. */
static void weigh_others(AckVerdict *verdict, const AckEvidence *evidence)
{
	char reason[64];

	if (evidence->others >= SORTED && evidence->only_silent && evidence->asked >= SORTED &&
	    !evidence->speaks_first) {
		settle_for(verdict, ACK_CAUSE_DEFERRED,
			   "it asks again those who send no data, once each, and takes others");
	} else if (evidence->others_eager) {
		rule_out(verdict, ACK_CAUSE_DEFERRED,
			 "it ignored other handshakes, too, with data or more than once");
	} else if (evidence->others) {
		add_reason(verdict, "it ignored other handshakes, too");
	} else if (evidence->others_taken >= ROOM) {
		snprintf(reason, sizeof(reason), "it took %u other handshakes meanwhile",
			 evidence->others_taken);
		rule_out(verdict, ACK_CAUSE_QUEUE, reason);
	}
}

/* What came of this one. */
static void weigh_own(AckVerdict *verdict, const AckEvidence *evidence)
{
	/* What hosts send with, before the first router. */
	bool near = evidence->ttl == 64 || evidence->ttl == 128 || evidence->ttl == 255;

	if (evidence->data_ignored)
		rule_out(verdict, ACK_CAUSE_DEFERRED, "data followed the ACK");
	else if (evidence->speaks_first)
		rule_out(verdict, ACK_CAUSE_DEFERRED, "the server speaks first");
	else if (evidence->count > 1 && !evidence->data_at_once)
		rule_out(verdict, ACK_CAUSE_DEFERRED,
			 "Linux repeats the SYN-ACK of a deferred accept once");
	if (near)
		rule_out(verdict, ACK_CAUSE_LOSS, "no router is between tap and server");
	else if (evidence->rst)
		rule_out(verdict, ACK_CAUSE_LOSS,
			 "its RST shows that what the client sends arrives");
	else if (evidence->shown && evidence->count >= UNLUCKY)
		rule_out(verdict, ACK_CAUSE_LOSS, "a way that works does not lose so many ACKs");
}

/* Names what is left. */
static void conclude(AckVerdict *verdict)
{
	static const struct {
		AckCause cause;   /* when it is left */
		const char *name; /* it is called */
	} names[] = {
		{ ACK_CAUSE_PROXY, "a SYN proxy" },
		{ ACK_CAUSE_QUEUE, "a full accept queue" },
		{ ACK_CAUSE_DEFERRED, "deferred accept" },
		{ ACK_CAUSE_LOSS, "loss behind the tap" },
	};
	bool only = __builtin_popcount(verdict->causes) == 1;
	const char *separator = only ? ", so " : ", so it is ";
	GString *text;

	if (!verdict->why[0]) {
		add_reason(verdict, "nothing tells yet which of the causes it is");
		return;
	}
	text = g_string_new(verdict->why);
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		if (!(verdict->causes & names[i].cause))
			continue;
		g_string_append(text, separator);
		g_string_append(text, names[i].name);
		separator = " or ";
	}
	if (only)
		g_string_append(text, " is likely");
	g_strlcpy(verdict->why, text->str, sizeof(verdict->why));
	g_string_free(text, TRUE);
}

AckVerdict ack_cause_weigh(const AckEvidence *evidence)
{
	AckVerdict verdict = { .causes = ACK_CAUSE_QUEUE | ACK_CAUSE_DEFERRED | ACK_CAUSE_LOSS };

	if (is_proxy(&verdict, evidence)) {
		conclude(&verdict);
		return verdict;
	}
	/* Linux, syn_ack_recalc(): a request that has its ACK and waits for data is repeated in the
	 * last period only. */
	if (!evidence->data_ignored && !evidence->speaks_first && evidence->repeats == 1 &&
	    evidence->wait >= DEFERRED_LEAST) {
		settle_for(&verdict, ACK_CAUSE_DEFERRED,
			   "no other timer repeats a SYN-ACK that late");
	} else {
		weigh_detour(&verdict, evidence);
		weigh_others(&verdict, evidence);
	}
	weigh_own(&verdict, evidence);
	conclude(&verdict);
	return verdict;
}
