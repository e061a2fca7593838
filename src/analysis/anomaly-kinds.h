/* The kinds of anomalies, in one list. Knows names, severities and what to do about each; knows no
 * connection.
 *
 * A new kind is one line here, code in its family's file in detect/, and one scenario. A kind that
 * was released keeps its name. */
#ifndef WIRESTATE_ANALYSIS_ANOMALY_KINDS_H
#define WIRESTATE_ANALYSIS_ANOMALY_KINDS_H

#include <stdbool.h>

#include "base/listmacro.h"

typedef enum {
	SEVERITY_INFO,    /* routine; good to know when looking at this connection */
	SEVERITY_WARNING, /* something that users of the connection are likely to notice */
	SEVERITY_ERROR,   /* it broke */
} Severity;

#define SEVERITY_COUNT (SEVERITY_ERROR + 1)

/* "info", "warning", "error". */
const char *severity_name(Severity severity);

/* Member, name, usual severity, hint: what it usually means and what to do. */
#define ANOMALY_KIND_LIST(X)                                                                       \
	/* opening */                                                                              \
	X(ANOMALY_CONNECTION_REFUSED, "connection-refused", SEVERITY_WARNING,                      \
	  "Nothing listens on that port, or a firewall rejects it with a reset: check the "        \
	  "service and its address with ss -ltn on the server.")                                   \
	X(ANOMALY_CONNECT_TIMEOUT, "connect-timeout", SEVERITY_ERROR,                              \
	  "The SYN or its answer is dropped on the way: check that the host is up, its route "     \
	  "back, and firewalls that drop.")                                                        \
	X(ANOMALY_HANDSHAKE_INCOMPLETE, "handshake-incomplete", SEVERITY_WARNING,                  \
	  "The client went away, its ACK is lost on the way, or its address was forged: see "      \
	  "whether other connections of that client complete.")                                    \
	X(ANOMALY_HANDSHAKE_ACK_IGNORED, "handshake-ack-ignored", SEVERITY_WARNING,                \
	  "One of four: the accept queue is full (ss -ltn shows Recv-Q above Send-Q; nstat "       \
	  "TcpExtListenOverflows): look at the server's accept() loop first; deferred accept "     \
	  "(TCP_DEFER_ACCEPT) waits for data; a SYN proxy has not yet reached the server; or the " \
	  "ACK is lost between the tap and the server.")                                           \
	X(ANOMALY_SYN_RETRANSMITTED, "syn-retransmitted", SEVERITY_INFO,                           \
	  "The SYN or its answer was lost or late; the user waited a second or more: look for "    \
	  "loss, or a full SYN queue on the server.")                                              \
	X(ANOMALY_SYN_ACK_RETRANSMITTED, "syn-ack-retransmitted", SEVERITY_INFO,                   \
	  "The SYN-ACK or the client's ACK was lost or late: look for loss on the way if it is "   \
	  "more than a few connections.")                                                          \
	X(ANOMALY_SIMULTANEOUS_OPEN, "simultaneous-open", SEVERITY_INFO,                           \
	  "Both ends connected to each other at once: usual for peer-to-peer programs that "       \
	  "traverse NAT, else look who else uses the port.")                                       \
	X(ANOMALY_ICMP_UNREACHABLE, "icmp-unreachable", SEVERITY_ERROR,                            \
	  "A router or the host says that segments do not arrive: look at the address, at the "    \
	  "host, and at the route and the packet filter of who says so.")                          \
	/* closing */                                                                              \
	X(ANOMALY_HALF_CLOSED, "half-closed", SEVERITY_INFO,                                       \
	  "One side is done sending and the other goes on: fine when meant (shutdown(SHUT_WR)), "  \
	  "else the other side has yet to close.")                                                 \
	X(ANOMALY_STUCK_SYN_RCVD, "stuck-syn-rcvd", SEVERITY_WARNING,                              \
	  "The handshake is never completed: forged sources, a lost ACK, or an accept queue that " \
	  "stays full.")                                                                           \
	X(ANOMALY_STUCK_CLOSE_WAIT, "stuck-close-wait", SEVERITY_WARNING,                          \
	  "The program on this side has not called close() after its peer did: look for a leaked " \
	  "descriptor there (ss -tnp state close-wait).")                                          \
	X(ANOMALY_STUCK_FIN_WAIT_1, "stuck-fin-wait-1", SEVERITY_WARNING,                          \
	  "The FIN is not acknowledged: the peer is gone, or the path drops its segments or "      \
	  "their ACKs.")                                                                           \
	X(ANOMALY_STUCK_FIN_WAIT_2, "stuck-fin-wait-2", SEVERITY_WARNING,                          \
	  "This side has closed and waits for the peer's FIN: the peer's program has not called "  \
	  "close().")                                                                              \
	X(ANOMALY_STUCK_CLOSING, "stuck-closing", SEVERITY_WARNING,                                \
	  "Both FINs crossed and one is not acknowledged: loss on the way, or a peer that is "     \
	  "gone.")                                                                                 \
	X(ANOMALY_STUCK_LAST_ACK, "stuck-last-ack", SEVERITY_WARNING,                              \
	  "The last FIN is not acknowledged: the peer has forgotten the connection, or its ACK "   \
	  "is lost on the way.")                                                                   \
	X(ANOMALY_FIN_RETRANSMITTED, "fin-retransmitted", SEVERITY_INFO,                           \
	  "The FIN or its ACK was lost or late: no harm to data, but loss on the way if it is "    \
	  "more than a few connections.")                                                          \
	X(ANOMALY_SIMULTANEOUS_CLOSE, "simultaneous-close", SEVERITY_INFO,                         \
	  "Both ends closed at once; harmless, but both pass through CLOSING and keep TIME_WAIT.") \
	X(ANOMALY_DATA_AFTER_FIN, "data-after-fin", SEVERITY_WARNING,                              \
	  "A side sent data beyond its own FIN: a broken stack, a middlebox that rewrites, or a "  \
	  "forged segment.")                                                                       \
	X(ANOMALY_CLOSE_RACE, "close-race", SEVERITY_ERROR,                                        \
	  "A request met a connection that its peer was closing for being idle; a proxy reports "  \
	  "it as 502. The side that sends requests must give up first: set its keep-alive time "   \
	  "shorter than the other side's, and repeat what may be repeated.")                       \
	X(ANOMALY_TIME_WAIT_REUSE, "time-wait-reuse", SEVERITY_INFO,                               \
	  "A new connection took the ports of one in TIME_WAIT (RFC 6191): the client runs short " \
	  "of ports, or binds a fixed one.")                                                       \
	X(ANOMALY_TIME_WAIT_ASSASSINATION, "time-wait-assassination", SEVERITY_INFO,               \
	  "A late segment met TIME_WAIT and the answer met a host that had forgotten the "         \
	  "connection (RFC 1337): harmless unless the ports are used again at once; "              \
	  "net.ipv4.tcp_rfc1337 makes Linux ignore such a RST.")                                   \
	X(ANOMALY_TIME_WAIT_ACCUMULATION, "time-wait-accumulation", SEVERITY_WARNING,              \
	  "The client opens and closes connections faster than its ports become free; when all "   \
	  "are in TIME_WAIT connect() fails (EADDRNOTAVAIL): keep connections open, let the "      \
	  "server close first, use more addresses, or widen net.ipv4.ip_local_port_range.")        \
	/* breaking */                                                                             \
	X(ANOMALY_RESET, "reset", SEVERITY_WARNING,                                                \
	  "One side broke the connection off: look at the program that sent the reset, at what "   \
	  "it had not read, and at devices between.")                                              \
	X(ANOMALY_ABORTIVE_CLOSE, "abortive-close", SEVERITY_WARNING,                              \
	  "A program closed with data it had not read, or with SO_LINGER 0: what is not yet "      \
	  "delivered is lost on both sides. nstat on that host tells which: "                      \
	  "TcpExtTCPAbortOnClose counts unread data, TcpExtTCPAbortOnData SO_LINGER 0; read to "   \
	  "the end before close(), or use shutdown().")                                            \
	X(ANOMALY_MIDDLEBOX_RESET, "middlebox-reset", SEVERITY_WARNING,                            \
	  "A device on the way made this reset, not the side in whose name it comes: look at "     \
	  "firewalls, proxies and intrusion prevention between the two; the TTL tells how far "    \
	  "away it is, and captures at both ends which side got it.")                              \
	X(ANOMALY_IDLE_TIMEOUT, "idle-timeout", SEVERITY_WARNING,                                  \
	  "A device or program dropped the connection for being idle: raise its limit, or keep "   \
	  "the connection busy with keep-alives at shorter intervals (SO_KEEPALIVE with "          \
	  "TCP_KEEPIDLE, or the protocol's own).")                                                 \
	X(ANOMALY_RESET_AFTER_CLOSE, "reset-after-close", SEVERITY_INFO,                           \
	  "A reset came after the sender's FIN or after the connection had ended: late segments "  \
	  "met a closed socket; usually harmless.")                                                \
	X(ANOMALY_RESET_IGNORED, "reset-ignored", SEVERITY_WARNING,                                \
	  "The reset has not the number that its receiver expects (RFC 5961): a forged or very "   \
	  "late one; the connection stays.")                                                       \
	X(ANOMALY_CHALLENGE_ACK, "challenge-ack", SEVERITY_INFO,                                   \
	  "A side asked whether a SYN or reset was meant (RFC 5961): a peer that restarted, or "   \
	  "somebody who guesses.")                                                                 \
	X(ANOMALY_HALF_OPEN, "half-open", SEVERITY_ERROR,                                          \
	  "One side has lost the connection, by a crash, a restart or a timeout of a device "      \
	  "between, and the other did not know (RFC 9293 3.5.1): enable keep-alives, look for "    \
	  "restarts.")                                                                             \
	X(ANOMALY_DEAD_PEER, "dead-peer", SEVERITY_ERROR,                                          \
	  "Data or keep-alives are not answered: the peer's host or the path to it is gone "       \
	  "without a word.")                                                                       \
	X(ANOMALY_KEEP_ALIVE, "keep-alive", SEVERITY_INFO,                                         \
	  "A side asks whether its idle peer is still there: routine, and it keeps firewalls "     \
	  "from forgetting the connection; a peer that does not answer is reported as dead-peer.") \
	/* hosts */                                                                                \
	X(ANOMALY_SYN_FLOOD, "syn-flood", SEVERITY_ERROR,                                          \
	  "Many SYNs and hardly a handshake completed: an attack with forged sources, or a "       \
	  "service too slow to accept: check net.ipv4.tcp_syncookies and nstat "                   \
	  "TcpExtTCPReqQFullDoCookies. A capture whose expression leaves out all ACKs looks the "  \
	  "same.")                                                                                 \
	X(ANOMALY_SYN_SCAN, "syn-scan", SEVERITY_WARNING,                                          \
	  "A host looks for open ports: a scanner, an inventory, or a client that has lost its "   \
	  "service; find out who runs it, and what answered: what --connections shows as neither " \
	  "refused nor unanswered.")                                                               \
	X(ANOMALY_FIN_SCAN, "fin-scan", SEVERITY_WARNING,                                          \
	  "A host looks for open ports with segments that no TCP sends, past filters that look "   \
	  "at SYNs only: find out who runs it.")                                                   \
	X(ANOMALY_NULL_SCAN, "null-scan", SEVERITY_WARNING,                                        \
	  "A host looks for open ports with segments that no TCP sends, past filters that look "   \
	  "at SYNs only: find out who runs it.")                                                   \
	X(ANOMALY_XMAS_SCAN, "xmas-scan", SEVERITY_WARNING,                                        \
	  "A host looks for open ports with segments that no TCP sends, past filters that look "   \
	  "at SYNs only: find out who runs it.")                                                   \
	X(ANOMALY_PROBE, "probe", SEVERITY_INFO,                                                   \
	  "A load balancer or monitor asks whether the port is open: routine; leave it out of "    \
	  "what you look at with an expression (not host ADDRESS).")                               \
	/* the capture */                                                                          \
	X(ANOMALY_BAD_FLAGS, "bad-flags", SEVERITY_WARNING,                                        \
	  "No TCP sends this combination of flags: a scanner, a broken device, or damage.")        \
	X(ANOMALY_ONE_WAY, "one-way", SEVERITY_WARNING,                                            \
	  "Only one direction was captured: asymmetric routing, a filter or a mirror port that "   \
	  "sees one half; states of the other side are guesses.")                                  \
	X(ANOMALY_CAPTURE_GAP, "capture-gap", SEVERITY_WARNING,                                    \
	  "A side acknowledged bytes that the capture does not hold: the capture dropped frames, " \
	  "or began too late; do not read too much into what seems missing.")                      \
	X(ANOMALY_DUPLICATE_FRAMES, "duplicate-frames", SEVERITY_WARNING,                          \
	  "The capture holds packets twice: a mirror port that copies both what comes in and "     \
	  "what goes out, or the any interface of a host that forwards or bridges: capture on "    \
	  "one interface, mirror one direction, or drop the copies with editcap -d; states do "    \
	  "not suffer, counts made by other tools do.")

typedef enum { ANOMALY_KIND_LIST(LIST_ENUM_MEMBER) ANOMALY_KIND_COUNT } AnomalyKind;

/* "half-open". */
const char *anomaly_kind_name(AnomalyKind kind);

/* The severity that the list gives. */
Severity anomaly_kind_severity(AnomalyKind kind);

/* What it usually means and what to do: one or two sentences. */
const char *anomaly_kind_hint(AnomalyKind kind);

/* Reads a kind by name. False, with nothing written, when there is none. */
bool anomaly_kind_parse(const char *text, AnomalyKind *kind);

#endif
