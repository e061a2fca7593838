/* The state that follows from the marks of a side: the figure of RFC 9293 3.3.2 read off sequence
 * numbers. Knows what each mark means; moves none.
 *
 * What each state means to an observer at a tap:
 *
 *   SYN_SENT     it sent a SYN, and no acceptable SYN-ACK has passed on its way to it
 *   SYN_RCVD     it answered a SYN (or a SYN crossed its own), and no ACK of its SYN has passed
 *   ESTABLISHED  its SYN is acknowledged, as far as passed; neither has sent a FIN in order
 *   FIN_WAIT_1   it sent a FIN that did not acknowledge the peer's; no ACK of it has passed
 *   FIN_WAIT_2   the same, and an ACK of it has passed
 *   CLOSING      FIN_WAIT_1, and the peer's FIN has passed in order
 *   TIME_WAIT    FIN_WAIT_2, and the peer's FIN has passed in order
 *   CLOSE_WAIT   it has sent no FIN; the peer's has passed in order, with every byte before it
 *   LAST_ACK     it sent a FIN that acknowledged the peer's; no ACK of it has passed
 *   CLOSED       an ACK of that FIN has passed, or a RST that it must believe, or it sent one */
#include "tcp/side.h"

#include "base/seq.h"

/* One way to look at a side: what it is taken to have received. */
typedef struct {
	bool syn_acked;    /* its SYN is acknowledged */
	bool peer_syn;     /* it has the peer's SYN */
	bool fin_acked;    /* its FIN is acknowledged */
	bool fin_received; /* it has the peer's FIN and all before it */
	bool ended;        /* a RST or a clock ended it */
} View;

static TcpState derive(const TcpSide *side, const View *view)
{
	/* A side that has sent its FIN: [it was second][its FIN is acknowledged][it has the peer's
	 * FIN]. */
	static const TcpState closing[2][2][2] = {
		{ { TCP_STATE_FIN_WAIT_1, TCP_STATE_CLOSING },
		  { TCP_STATE_FIN_WAIT_2, TCP_STATE_TIME_WAIT } },
		{ { TCP_STATE_LAST_ACK, TCP_STATE_LAST_ACK },
		  { TCP_STATE_CLOSED, TCP_STATE_CLOSED } },
	};

	if (view->ended)
		return TCP_STATE_CLOSED;
	if (!side->seen && !side->implied)
		return TCP_STATE_UNKNOWN;
	if (side->fin_sent)
		return closing[side->fin_second][view->fin_acked][view->fin_received];
	if (!view->peer_syn)
		return TCP_STATE_SYN_SENT;
	if (!view->syn_acked)
		return TCP_STATE_SYN_RCVD;
	return view->fin_received ? TCP_STATE_CLOSE_WAIT : TCP_STATE_ESTABLISHED;
}

bool tcp_side_fin_acked(const TcpSide *side)
{
	return side->fin_sent && side->una_known && seq_gt(side->snd_una, side->fin_seq);
}

bool tcp_side_fin_received(const TcpSide *side, const TcpSide *peer)
{
	return peer->fin_sent && side->rcv_known && seq_gt(side->rcv_nxt, peer->fin_seq);
}

TcpState tcp_side_state(const TcpSide *side, const TcpSide *peer)
{
	View assumed = {
		.syn_acked = !side->held && (side->syn_acked ||
					     (side->una_known && seq_gt(side->snd_una, side->iss))),
		.peer_syn = side->rcv_known || side->syn_acked,
		.fin_acked = tcp_side_fin_acked(side),
		.fin_received = tcp_side_fin_received(side, peer),
		.ended = side->reset || side->expired || side->unreachable || side->replaced,
	};

	return derive(side, &assumed);
}

TcpState tcp_side_proven_state(const TcpSide *side, const TcpSide *peer)
{
	View proven = {
		.syn_acked =
			side->syn_acked || (side->una_known && seq_gt(side->una_proven, side->iss)),
		.peer_syn = side->acked_known || side->syn_acked,
		.fin_acked = side->fin_sent && side->una_known &&
			     seq_gt(side->una_proven, side->fin_seq),
		.fin_received = peer->fin_sent && side->acked_known &&
				seq_gt(side->rcv_acked, peer->fin_seq),
		.ended = side->reset_sent,
	};

	return derive(side, &proven);
}
