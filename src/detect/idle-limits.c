/* After how long without a segment well-known devices and programs drop a connection. Knows the
 * figures and whose they are; knows no connection.
 *
 * All are defaults that can be changed, as their makers' manuals give them:
 *
 *     60  Elastic Load Balancing, "idle timeout" of Application and Classic Load Balancers;
 *         nginx, proxy_read_timeout and proxy_send_timeout
 *     75  nginx, keepalive_timeout
 *    240  Azure, "TCP reset and idle timeout" of Load Balancer and NAT gateway: 4 minutes
 *    300  F5 BIG-IP, "Idle Timeout" of the TCP and the Fast L4 profile, with "Reset On Timeout"
 *    350  Elastic Load Balancing, Network Load Balancers; Amazon VPC, NAT gateways
 *    600  Google Cloud, VPC firewall rules: connections are tracked for 10 minutes
 *    900  Linux IPVS (ipvsadm --set), ip_vs_proto_tcp.c: 15 minutes; kube-proxy with it
 *   1200  Google Cloud NAT, "TCP established connection idle timeout"
 *   1800  Juniper SRX, application junos-tcp-any; Forcepoint NGFW
 *   3600  Cisco ASA and Secure Firewall, "timeout conn 1:00:00"; Palo Alto Networks, Check Point
 *         and Fortinet firewalls; Envoy, idle_timeout
 *   7200  RFC 1122 4.2.3.6: the least after which keep-alives may begin, taken over by many
 * programs 7440  RFC 5382 REQ-5: the least for a NAT, 2 hours 4 minutes 86400  pf of OpenBSD and
 * FreeBSD, tcp.established 432000  Linux, net.netfilter.nf_conntrack_tcp_timeout_established: 5
 * days */
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
		{ 60, "AWS Application Load Balancers and of nginx as a proxy" },
		{ 75, "nginx for kept-alive connections" },
		{ 240, "Azure's Load Balancer and NAT gateway" },
		{ 300, "F5 BIG-IP" },
		{ 350, "AWS Network Load Balancers and NAT gateways" },
		{ 600, "Google Cloud's firewall rules" },
		{ 900, "Linux IPVS, which kube-proxy can use" },
		{ 1200, "Google Cloud NAT" },
		{ 1800, "Juniper SRX and Forcepoint firewalls" },
		{ 3600, "Cisco, Palo Alto, Check Point and Fortinet firewalls and of Envoy" },
		{ 7200, "programs that go by the keep-alive time of RFC 1122" },
		{ 7440, "NATs that go by RFC 5382" },
		{ 86400, "pf on OpenBSD and FreeBSD" },
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
