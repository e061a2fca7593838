/* ICMP errors about segments of a connection. Knows what each error speaks of; knows nothing of
 * what segments themselves show.
 *
 * An error is tied to its connection by the TCP header that it quotes, and believed only when the
 * number in it is one that its sender has sent and that is not acknowledged (RFC 5927 4.1): else
 * anybody could end connections of others. RFC 9293 3.9.2.2 wants most errors taken as a hint; in
 * the handshake Linux gives up at once. That a packet was too big is how the size of the path is
 * found (RFC 1191, RFC 8201), and no anomaly. */
#include "base/seq.h"
#include "detect/detect.h"
#include "detect/raise.h"
#include "detect/recall.h"
#include "detect/survey.h"

typedef struct {
	Observer observer;   /* first: it is one */
	Analysis *analysis;  /* where anomalies go */
	HostDetectors hosts; /* who knows of hosts and frames */
} IcmpDetector;

/* What to do about each error; NULL: the kind's own hint. */
static const char *hint_of(IcmpKind kind)
{
	switch (kind) {
	case ICMP_NET_UNREACHABLE:
		return "Who says so has no route to that network: look at its routes, and whether "
		       "the address is right.";
	case ICMP_HOST_UNREACHABLE:
		return "Nobody answers for that address in its network (ARP, neighbour "
		       "discovery): the host is down, or the address is wrong.";
	case ICMP_PORT_UNREACHABLE:
		return "A packet filter rejects it (a host without a listener would have sent a "
		       "RST): look at the REJECT rules of who says so.";
	case ICMP_PROHIBITED:
		return "A packet filter forbids it: look at the rules of who says so.";
	case ICMP_TIME_EXCEEDED:
		return "The segment ran out of hops: look for a routing loop with traceroute.";
	default:
		return NULL;
	}
}

/* What became of the side; completes the sentence. */
static const char *outcome(const IcmpEvent *event)
{
	if (connection_state(event->connection, event->side) == TCP_STATE_CLOSED)
		return event->before == TCP_STATE_SYN_SENT ? ", which ends the attempt"
							   : ", which ends the handshake";
	return ", which ends nothing by itself";
}

static bool is_believable(const IcmpEvent *event)
{
	const TcpSide *side = connection_side(event->connection, event->side);

	return side->seen && side->una_known && seq_geq(event->error->seq, side->snd_una) &&
	       seq_lt(event->error->seq, side->snd_nxt);
}

static void icmp_event(Observer *observer, const IcmpEvent *event)
{
	IcmpDetector *detector = (IcmpDetector *)observer;
	Recall *recall = recall_of(detector->hosts.recall, event->connection);
	const IcmpError *error = event->error;
	unsigned side = event->side;
	char from[ADDRESS_TEXT_MAX];
	Anomaly anomaly =
		detect_later(event->connection, ANOMALY_ICMP_UNREACHABLE, side, error->time);

	if (error->kind == ICMP_TOO_BIG || !is_believable(event) ||
	    !recall_mark(recall, MARK_ICMP_SIDES + side))
		return;
	if (event->before == TCP_STATE_SYN_SENT &&
	    connection_state(event->connection, side) == TCP_STATE_CLOSED &&
	    survey_takes(detector->hosts.survey, event->connection, &anomaly))
		return;
	/* A connection that is open lives through a route that is gone for a moment. */
	if (connection_state(event->connection, side) != TCP_STATE_CLOSED)
		anomaly.severity = SEVERITY_WARNING;
	anomaly.frame = error->frame;
	anomaly.hint = hint_of(error->kind);
	detect_evidence(&anomaly, recall_frame(detector->hosts.recall, recall->last[side]));
	detect_evidence(&anomaly, error->frame);
	address_format(from, &error->from, error->src.version);
	detect_raise(detector->analysis, anomaly, "%s says to %s that its %s did not arrive: %s%s",
		     from, detect_side(event->connection, side).text,
		     event->before == TCP_STATE_SYN_SENT   ? "SYN"
		     : event->before == TCP_STATE_SYN_RCVD ? "SYN-ACK"
							   : "segment",
		     icmp_kind_name(error->kind), outcome(event));
}

static void icmp_free(Observer *observer)
{
	g_free(observer);
}

Observer *detect_icmp_new(Analysis *analysis, const HostDetectors *hosts)
{
	IcmpDetector *detector = g_new(IcmpDetector, 1);

	*detector = (IcmpDetector){
		.observer = {
			.icmp = icmp_event,
			.free = icmp_free,
		},
		.analysis = analysis,
		.hosts = *hosts,
	};
	return &detector->observer;
}
