/* The marks of one side, and the state that follows from them. Knows sequence numbers; knows
 * neither time nor the flow table.
 *
 * We stand at a tap between two ends and see segments of both, some of which never arrive. So we
 * keep, for each side, facts in sequence space (RFC 9293 3.3.1) at two levels, and derive the state
 * from them:
 *
 *   proven    what the side has shown itself: what it sent, and what it acknowledged
 *   assumed   what has passed the tap on its way to the side, and will be so if it is delivered
 *
 * The truth lies between the first and what has passed: the peer's snd_seen and rcv_acked, which
 * nothing takes back. What is assumed lies there, too. Marks move forward as segments pass
 * (tcp_side_sent(), tcp_side_arrived_...()) and back when later evidence contradicts an assumption
 * (the withdraw_...() rules in side.c). doc/inference.md has the whole argument. */
#ifndef WIRESTATE_TCP_SIDE_H
#define WIRESTATE_TCP_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"
#include "tcp/ranges.h"
#include "tcp/state.h"

typedef struct {
	/* What it has put on the wire. */
	uint32_t iss;      /* initial send sequence number; see has_iss */
	uint32_t snd_nxt;  /* end of the highest segment it sent, SYN and FIN counted; see seen */
	uint32_t snd_seen; /* the same, of what was captured; snd_nxt may be ahead of it on the
			      peer's word; see seen */
	uint32_t fin_seq;  /* sequence number of its FIN; see fin_sent */
	uint32_t ack_last; /* the acknowledgement that it sent last, acceptable or not; see seen */

	/* Acknowledgements of its own bytes. */
	uint32_t snd_una;      /* highest one on its way to it: assumed received; see una_known */
	uint32_t una_proven;   /* highest one that it has shown to have; see una_known */
	uint32_t fin_acked_at; /* the peer's number from which on everything carried the ACK of its
				* FIN: having received that proves having received this; see
				* fin_acked_seen */

	/* The peer's bytes. */
	uint32_t rcv_nxt;   /* end of what passed on its way to it, in order, up to the first hole;
			       see rcv_known */
	uint32_t rcv_acked; /* highest acknowledgement it sent: what it has proven to have; see
			       acked_known */
	uint32_t rcv_adv;   /* right edge of the window it offered; see acked_known */
	uint32_t sack_max;  /* right end of the right-most SACK block it sent last; see has_sack */
	uint32_t
		ts_recent; /* RFC 7323 4.3: highest TSval on its way to it in order; see ts_known */

	/* Those that are set in an ordinary life come first: fields.c keeps no more bytes than they
	 * need. */
	bool seen : 1;      /* it has sent something that was captured */
	bool has_iss : 1;   /* its SYN was captured, or its peer's acknowledgement of nothing but it
			     */
	bool una_known : 1; /* snd_una and una_proven are valid */
	bool rcv_known : 1; /* rcv_nxt is valid: a SYN of the peer, or later bytes, are on their way
			       to it */
	bool acked_known : 1; /* rcv_acked and rcv_adv are valid: it has sent an acknowledgement */
	bool ts_known : 1;    /* ts_recent is valid */
	bool sack_ok : 1;     /* its SYN said that it takes SACK */
	bool spoke : 1;       /* it sent data or a SYN: no FIN of it came before */
	bool syn_rcvd : 1; /* it may have been in SYN_RCVD: it answered a SYN, or a bare SYN was on
			      its way to it */
	bool fin_sent : 1; /* fin_seq is valid */
	bool fin_acked_seen : 1; /* fin_acked_at is valid: an ACK of its FIN has passed */
	bool fin_ack_first : 1;  /* that ACK is the first of its FIN that was sent, not only the
				    first that passed */
	bool fin_second : 1; /* the first copy of its FIN acknowledged the peer's: a passive close
			      */
	bool implied : 1; /* it was not seen, but its peer acknowledged it: it exists, synchronised
			   */
	bool syn_acked : 1;  /* set when the SYN was never captured: it was acknowledged long ago */
	bool has_sack : 1;   /* sack_max is valid */
	bool fin_again : 1;  /* it sent its FIN more than once */
	bool fin_late : 1;   /* an ACK that used up its number passed before any copy of it: who
				closed first is inferred, not shown */
	bool reset_sent : 1; /* it ended the connection with a RST of its own */
	bool reset : 1;      /* a RST on its way to it ended it, or it sent one */
	bool reset_near : 1; /* that RST was beyond what it expects: believed only by an orphan in
				FIN_WAIT_2, and answered by any other (RFC 5961 3.2); and nothing
				else that it may answer so was on its way to it */
	bool revived : 1;    /* what it sent after that RST may have been delayed: it has not yet
				gone on for longer than a round trip */
	bool expired : 1;    /* a clock ended it: 2 MSL in TIME_WAIT, or the handshake's patience */
	bool unreachable : 1; /* an ICMP error on its way to it ended its handshake */
	bool replaced : 1;    /* a new incarnation took over: nothing brings it back */
	bool held : 1; /* the handshake's ACK is not believed to arrive: SYN_RCVD until it proves
			  itself */
	bool provoked : 1; /* something unacceptable was on its way to it: it may answer with an ACK
			      in any state */
	bool fast_open : 1; /* it acknowledged data in the peer's SYN: may talk in SYN_RCVD (RFC
			       7413) */
	uint8_t wscale; /* RFC 7323 2.3: shift of the windows it offers, 0 to 14; the most generous
			   when its SYN was not captured */
	uint8_t state;  /* TcpState as last reported; written by connection_settle() only */
	Ranges *beyond; /* peer's bytes that passed beyond a hole at rcv_nxt; NULL until there was
			   one. Owned */
} TcpSide;

/* The state that follows from the assumed marks: the figure of RFC 9293 3.3.2 read off sequence
 * numbers. @peer may be the same side (a connection to itself). */
TcpState tcp_side_state(const TcpSide *side, const TcpSide *peer);

/* The state that follows from what the side has shown itself; when it equals tcp_side_state(), that
 * one is proven. */
TcpState tcp_side_proven_state(const TcpSide *side, const TcpSide *peer);

/* What @segment says of its sender: how far it has sent, what it must have received to acknowledge
 * what it acknowledges, that its own SYN was acknowledged if it speaks past it, its FIN, its RST.
 * Lowers marks of either side that the segment contradicts.
 * @class is classify_segment()'s, made before any mark moved. */
void tcp_side_sent(TcpSide *sender, TcpSide *receiver, const Segment *segment, unsigned class);

/* @sender has sent its own SYN while the peer's was on its way to it: in a simultaneous open that
 * one is still to arrive. */
void tcp_side_crossed(TcpSide *sender, const TcpSide *receiver);

/* What @segment will mean to its receiver if it is delivered, in RFC 9293 3.10.7's order: its
 * acknowledgement first (tcp_side_arrived_ack()), then its sequence space and FIN
 * (tcp_side_arrived_data()). A RST is in the first. */
void tcp_side_arrived_ack(TcpSide *receiver, const Segment *segment, unsigned class);
void tcp_side_arrived_data(TcpSide *receiver, TcpSide *sender, const Segment *segment,
			   unsigned class);

/* All of the above for a segment that only moves on what is known and changes no state: the next
 * bytes in order or a bare acknowledgement, between two sides in ESTABLISHED of which nothing is
 * missing. Its class, which classify_segment() would give; or 0, with nothing moved, when it is
 * anything else. */
unsigned tcp_side_steady(TcpSide *sender, TcpSide *receiver, const Segment *segment);

/* What an ICMP error about its segment at @seq will mean to it: one about its SYN ends SYN_SENT,
 * and, when it is @final, SYN_RCVD; any other is no more than a hint (RFC 9293 3.9.2.2). */
void tcp_side_arrived_icmp(TcpSide *side, uint32_t seq, bool final);

/* Whether its FIN is acknowledged, and whether the peer's FIN has reached it, both as assumed. */
bool tcp_side_fin_acked(const TcpSide *side);
bool tcp_side_fin_received(const TcpSide *side, const TcpSide *peer);

/* A side of which nothing is known yet. */
void tcp_side_init(TcpSide *side);

/* Frees what hangs off the side, not the side. */
void tcp_side_clear(TcpSide *side);

#endif
