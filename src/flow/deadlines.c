/* When a clock ends a state of a connection, and what it does then. Knows the waits of TIME_WAIT
 * and of repeated segments; classifies none. */
#include <glib.h>

#include "base/seq.h"
#include "flow/connection.h"
#include "flow/settle.h"

/* Whether it has sent its SYN-ACK for the last time. What comes faster than any timer for it (RFC
 * 6298 2.1) answers SYNs, or was held up on its way. */
static bool last_syn_ack_sent(const Connection *connection, unsigned index)
{
	return connection->syn_ack_tries[index] >= SYN_ACK_REPEATS_MAX &&
	       connection->syn_ack_gap >= NSTIME_SECOND;
}

/* The time between the last two segments that a side sent with anything in it, as a wait for its
 * timer; 0 when it sent but one. */
static NsTime repeat_wait(const NsTime texts[2])
{
	return texts[1] ? CLAMP(texts[0] - texts[1], 0, REPEAT_WAIT_MAX) : 0;
}

/* When a clock ends the state of the side at @index; NSTIME_NEVER: none does. */
static NsTime side_deadline(const Connection *connection, unsigned index,
			    const ConnectionRules *rules)
{
	const TcpSide *side = &connection->side[index];
	const NsTime *texts = connection->last_text[index];

	switch (side->state) {
	case TCP_STATE_TIME_WAIT:
		return connection->wait_from[index] + 2 * rules->msl;
	case TCP_STATE_SYN_RCVD:
		/* Linux doubles the wait from one SYN-ACK to the next; an eighth more allows for
		 * its jitter. After the last one it waits as long, and gives up on time. */
		if (side->held)
			return connection->wait_from[index] + 2 * connection->syn_ack_gap +
			       (last_syn_ack_sent(connection, index) ? 0
								     : connection->syn_ack_gap / 8);
		/* Its last one, and nothing has acknowledged it. When the waits have doubled the
		 * last is as long as all before it together; else it answered repeated SYNs. */
		if (last_syn_ack_sent(connection, index) &&
		    2 * connection->syn_ack_gap >=
			    connection->wait_from[index] - connection->since[index])
			return connection->wait_from[index] +
			       MIN(2 * connection->syn_ack_gap, CONNECTION_HANDSHAKE_PATIENCE);
		/* fall through */
	case TCP_STATE_SYN_SENT:
		return connection->last_sent[index] + CONNECTION_HANDSHAKE_PATIENCE;
	case TCP_STATE_FIN_WAIT_1:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		/* Its FIN, or data before it, came again though the ACK has passed: the wait is
		 * doubled as for a SYN-ACK, and then comes another or the ACK has arrived since.
		 * What data say of the wait may be no more than that they were sent together: then
		 * it is RFC 6298's first (2.1). */
		if (side->fin_acked_seen && side->fin_again)
			return texts[0] + repeat_wait(texts) * 9 / 4;
		if (side->fin_acked_seen)
			return texts[0] + MAX(repeat_wait(texts), NSTIME_SECOND) * 9 / 4;
		return NSTIME_NEVER;
	default:
		return NSTIME_NEVER;
	}
}

NsTime connection_deadline(const Connection *connection, const ConnectionRules *rules)
{
	NsTime first = side_deadline(connection, 0, rules);

	if (connection->self)
		return first;
	return nstime_earlier(first, side_deadline(connection, 1, rules));
}

void connection_expire(Connection *connection, NsTime now, const ConnectionRules *rules)
{
	ConnectionMove move = {
		.connection = connection,
		.rules = rules,
		.time = now,
	};

	for (unsigned index = 0; index < (connection->self ? 1 : 2); index++) {
		TcpSide *side = &connection->side[index];

		if (side_deadline(connection, index, rules) > now)
			continue;
		if (side->held && !last_syn_ack_sent(connection, index)) {
			side->held = false;
			/* Whether its last SYN-ACK was acknowledged once more or not: Linux does so
			 * twice a second at most. */
			side->snd_una = seq_max(side->snd_una, side->iss + 1);
		} else if (side->fin_sent && side->fin_acked_seen && !tcp_side_fin_acked(side)) {
			if (!side->una_known)
				side->una_proven = side->fin_seq;
			side->una_known = true;
			side->snd_una = side->fin_seq + 1;
		} else {
			side->expired = true;
		}
		connection_settle(&move, index, BASIS_TIMER);
	}
}
