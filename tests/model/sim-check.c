/* What has to hold of a simulation. Knows both ends' own states and what is said of them; moves
 * nothing. */
#include "sim.h"

#include "base/seq.h"

/* Whether an end has more than ever passed on its way to it: that of its peer's which was captured,
 * and the highest acknowledgement that its peer sent. Nothing takes these back. */
static const char *check_passed(const TcpSide *side, const TcpSide *peer, const End *end)
{
	if (end->has_peer && side->seen && (!peer->seen || seq_gt(end->rcv_nxt, peer->snd_seen)))
		return "what it has received: truth > passed";
	if (side->una_known && side->has_iss && seq_gt(end->snd_una, end->iss) &&
	    (!peer->acked_known || seq_gt(end->snd_una, peer->rcv_acked)))
		return "what is acknowledged: truth > passed";
	return NULL;
}

/* Whether what an end is assumed to have lies between what it has shown and what has passed. */
static const char *check_order(const TcpSide *side, const TcpSide *peer)
{
	if (side->rcv_known && peer->seen && seq_gt(side->rcv_nxt, peer->snd_seen))
		return "what it has received: assumed > passed";
	if (side->rcv_known && side->acked_known && seq_gt(side->rcv_acked, side->rcv_nxt))
		return "what it has received: proven > assumed";
	if (side->una_known && peer->acked_known && seq_gt(side->snd_una, peer->rcv_acked))
		return "what is acknowledged: assumed > passed";
	if (side->una_known && seq_gt(side->una_proven, side->snd_una))
		return "what is acknowledged: proven > assumed";
	return NULL;
}

/* Whether an end has more than it is assumed to have. */
static const char *check_assumed(const TcpSide *side, const End *end)
{
	if (end->has_peer && side->seen &&
	    (!side->rcv_known || seq_gt(end->rcv_nxt, side->rcv_nxt)))
		return "what it has received: truth > assumed";
	if (side->una_known && side->has_iss && seq_gt(end->snd_una, side->snd_una))
		return "what is acknowledged: truth > assumed";
	return NULL;
}

/* The marks of one side against the end's own. */
static const char *check_marks(const Sim *sim, const TcpSide *side, const TcpSide *peer,
			       const End *end)
{
	const char *wrong;

	if (side->acked_known && (!end->has_peer || seq_gt(side->rcv_acked, end->rcv_nxt)))
		return "what it has received: proven > truth";
	if (side->una_known && side->has_iss && seq_gt(side->una_proven, end->snd_una))
		return "what is acknowledged: proven > truth";
	wrong = check_passed(side, peer, end);
	if (!wrong)
		wrong = check_order(side, peer);
	if (wrong)
		return wrong;
	if (side->reset || side->expired || side->replaced)
		return NULL;
	sim->tally->marks++;
	wrong = check_assumed(side, end);
	/* A repeated SYN or SYN-ACK lowers what is assumed although what it repeats for may be on
	 * its way still: the answer to it, a round trip later, raises it again (RFC 9293 3.8.1). So
	 * does any copy that was overtaken. */
	if (wrong && (sim->net == NET_UNRULY ||
		      (sim->net == NET_LOSSY &&
		       (side->state == TCP_STATE_SYN_SENT || side->state == TCP_STATE_SYN_RCVD)))) {
		sim->tally->behind++;
		return NULL;
	}
	return wrong;
}

/* Whether the true state is the proven or the assumed one, or one on the way between them. */
static bool lies_between(TcpState truth, TcpState proven, TcpState assumed)
{
	return truth == proven || truth == assumed ||
	       (tcp_state_reaches(proven, truth) && tcp_state_reaches(truth, assumed));
}

void sim_check(Sim *sim, unsigned end, const Event *event)
{
	Connection *connection = sim->connection;
	unsigned first = connection->key.end[0].port == 40000 ? 0 : 1;

	for (unsigned i = 0; i < 2 && !sim->failed; i++) {
		unsigned index = i ? !first : first;
		const TcpSide *side = connection_side(connection, index);
		const TcpSide *peer = connection_side(connection, !index);
		const End *truth = &sim->ends[i];

		sim->failed = check_marks(sim, side, peer, truth);
		if (sim->failed)
			g_string_append_printf(sim->log,
					       "# end %u: in %s, SND.UNA %d, RCV.NXT %d; said: %s, "
					       "proven %d and %d, "
					       "assumed %d and %d, passed %d and %d\n",
					       i, tcp_state_name(truth->state),
					       (int32_t)(truth->snd_una - truth->iss),
					       (int32_t)(truth->rcv_nxt - truth->irs),
					       tcp_state_name(side->state),
					       (int32_t)(side->una_proven - truth->iss),
					       (int32_t)(side->rcv_acked - truth->irs),
					       (int32_t)(side->snd_una - truth->iss),
					       (int32_t)(side->rcv_nxt - truth->irs),
					       (int32_t)(peer->rcv_acked - truth->iss),
					       (int32_t)(peer->snd_seen - truth->irs));
		/* Proven, and nothing of it is on its way to the tap that would tell more. */
		if (!sim->failed && connection_state_proven(connection, index) &&
		    !sim->in_flight[i] && sim->lost_order[i] <= sim->told_order[i] &&
		    !sim->fin_untold[i] && !sim->fin_untold[!i] && truth->state != side->state &&
		    truth->state != TCP_STATE_CLOSED)
			sim->failed = "a state that is called proven is not the true one";
		if (!sim->failed && sim->net == NET_CLEAN && i == end &&
		    !lies_between(event->sent_in, tcp_side_proven_state(side, peer), side->state))
			sim->failed = "the state it was sent in is neither the assumed nor the "
				      "proven one";
	}
}

static void check_states(void *data, const Connection *connection)
{
	Sim *sim = data;
	unsigned first = connection->key.end[0].port == 40000 ? 0 : 1;

	for (unsigned i = 0; i < 2; i++) {
		TcpState state = connection_state(connection, i ? !first : first);
		TcpState truth = sim->ends[i].state;

		if (truth == TCP_STATE_LISTEN)
			truth = TCP_STATE_UNKNOWN;
		if (state == truth || (state == TCP_STATE_UNKNOWN && truth == TCP_STATE_CLOSED))
			continue;
		/* What nobody can know: an end that went without a word, and a RST that was lost.
		 */
		if (sim->ends[0].silent || sim->ends[1].silent ||
		    (sim->net != NET_CLEAN && sim->aborts))
			continue;
		if (sim->fin_untold[0] || sim->fin_untold[1])
			continue;
		/* A copy that was overtaken by more than a round trip looks like a repetition: then
		 * the state stays behind. */
		if (sim->net == NET_UNRULY && tcp_state_may_follow(state, truth))
			continue;
		sim->failed = "a final state is wrong";
		g_string_append_printf(sim->log, "# end %u is in %s, not in %s\n", i,
				       tcp_state_name(truth), tcp_state_name(state));
	}
}

void sim_check_end(Sim *sim)
{
	const Connection *connection = sim->connection;

	if (!connection || sim->failed)
		return;
	/* A side whose SYN-ACKs are held against it is believed when it falls silent. */
	if (connection->side[0].held || connection->side[1].held)
		tracker_advance(sim->tracker, sim->now * 1000 + 3 * connection->syn_ack_gap);
	tracker_read(sim->tracker, NULL, 0, check_states, sim);
}
