/* After how long without a segment well-known devices and programs drop a connection. Knows the
 * figures and whose they are; knows no connection.
 *
 * All are defaults that can be changed, as their makers' manuals give them. */
#include "detect/idle-limits.h"

#include <stddef.h>

#include <glib.h>

/* A device counts from the last segment that passed itself, and looks at its table at intervals:
 * so much sooner than the limit, or later, seen from the tap, and later by 1/200 of the limit. */
#define SOONER (500 * NSTIME_MILLISECOND)
#define LATER  (1500 * NSTIME_MILLISECOND)
#define SHARE  200

const char *idle_limit_of(NsTime idle, NsTime *limit)
{
	/* clang-format off */
	static const struct {
		int seconds;       /* the limit */
		const char *whose; /* who drops a connection then */
	} limits[] = {
		/* Elastic Load Balancing, "idle timeout" of Application and Classic Load
		 * Balancers; nginx, proxy_read_timeout and proxy_send_timeout */
		{ 60, "AWS Application Load Balancers and of nginx as a proxy" },
		/* nginx, keepalive_timeout */
		{ 75, "nginx for kept-alive connections" },
		/* Azure, "TCP reset and idle timeout" of Load Balancer and NAT gateway: 4
		 * minutes */
		{ 240, "Azure's Load Balancer and NAT gateway" },
		/* F5 BIG-IP, "Idle Timeout" of the TCP and the Fast L4 profile, with "Reset On
		 * Timeout" */
		{ 300, "F5 BIG-IP" },
		/* Elastic Load Balancing, Network Load Balancers; Amazon VPC, NAT gateways */
		{ 350, "AWS Network Load Balancers and NAT gateways" },
		/* Google Cloud, VPC firewall rules: connections are tracked for 10 minutes */
		{ 600, "Google Cloud's firewall rules" },
		/* Linux IPVS (ipvsadm --set), ip_vs_proto_tcp.c: 15 minutes; kube-proxy with it */
		{ 900, "Linux IPVS, which kube-proxy can use" },
		/* Google Cloud NAT, "TCP established connection idle timeout" */
		{ 1200, "Google Cloud NAT" },
		/* Juniper SRX, application junos-tcp-any; Forcepoint NGFW */
		{ 1800, "Juniper SRX and Forcepoint firewalls" },
		/* Cisco ASA and Secure Firewall, "timeout conn 1:00:00"; Palo Alto Networks,
		 * Check Point and Fortinet firewalls; Envoy, idle_timeout */
		{ 3600, "Cisco, Palo Alto, Check Point and Fortinet firewalls and of Envoy" },
		/* RFC 1122 4.2.3.6: the least after which keep-alives may begin, taken over by
		 * many programs */
		{ 7200, "programs that go by the keep-alive time of RFC 1122" },
		/* RFC 5382 REQ-5: the least for a NAT, 2 hours 4 minutes */
		{ 7440, "NATs that go by RFC 5382" },
		/* pf of OpenBSD and FreeBSD, tcp.established */
		{ 86400, "pf on OpenBSD and FreeBSD" },
		/* Linux, net.netfilter.nf_conntrack_tcp_timeout_established: 5 days */
		{ 432000, "Linux's connection tracking" },
	};
	/* clang-format on */

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		NsTime at = limits[i].seconds * NSTIME_SECOND;

		if (idle >= at - SOONER && idle <= at + LATER + at / SHARE) {
			*limit = at;
			return limits[i].whose;
		}
	}
	return NULL;
}
