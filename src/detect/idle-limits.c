/* After how long without a segment well-known devices and programs drop a connection. Knows the
 * figures and whose they are; knows no connection.
 *
 * All are defaults that can be changed. Beside each stands the product's own name of the parameter,
 * which is what its manual has to be searched for. Most of these products drop a connection without
 * a word, and answer with a RST what comes later; those that send a RST at the limit itself are
 * marked so. */
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
		/* AWS Application Load Balancer: idle_timeout.timeout_seconds; Classic Load Balancer:
		 * ConnectionSettings IdleTimeout. nginx: proxy_read_timeout, proxy_send_timeout,
		 * client_header_timeout */
		{ 60, "AWS Application Load Balancers (idle_timeout.timeout_seconds) and of nginx "
		      "(proxy_read_timeout)" },
		/* nginx: keepalive_timeout */
		{ 75, "nginx for kept-alive connections (keepalive_timeout)" },
		/* Azure Load Balancer: idleTimeoutInMinutes, 4; with enableTcpReset it sends a RST to
		 * both ends then. Azure NAT Gateway: idleTimeoutInMinutes, 4; RST when used later */
		{ 240, "Azure's Load Balancer and NAT Gateway (idleTimeoutInMinutes)" },
		/* F5 BIG-IP, profiles tcp and fastL4: idle-timeout; with reset-on-timeout, which is the
		 * default, it sends a RST then */
		{ 300, "F5 BIG-IP (idle-timeout)" },
		/* AWS Network Load Balancer: tcp.idle_timeout.seconds; RST when used later. Amazon VPC
		 * NAT gateway: fixed; likewise */
		{ 350, "AWS Network Load Balancers (tcp.idle_timeout.seconds) and NAT gateways" },
		/* Google Cloud VPC firewall rules: connections are tracked for 10 minutes; fixed */
		{ 600, "Google Cloud's VPC firewall rules" },
		/* Linux IPVS: ipvsadm --set; in ip_vs_proto_tcp.c 15 minutes for ESTABLISHED.
		 * kube-proxy sets it by --ipvs-tcp-timeout */
		{ 900, "Linux IPVS (ipvsadm --set), which kube-proxy can use" },
		/* Google Cloud NAT: --tcp-established-idle-timeout */
		{ 1200, "Google Cloud NAT (tcp-established-idle-timeout)" },
		/* Juniper SRX: inactivity-timeout of an application, 30 minutes for TCP. Forcepoint
		 * NGFW: Advanced Settings, Idle Timeouts, TCP */
		{ 1800, "Juniper SRX (inactivity-timeout) and Forcepoint NGFW (Idle Timeouts)" },
		/* Cisco ASA and Firewall Threat Defense: timeout conn 1:00:00; with "set connection
		 * timeout idle ... reset" it sends a RST then. Palo Alto Networks PAN-OS: timeout-tcp.
		 * Check Point: TCP session timeout. FortiGate: config system session-ttl. Envoy:
		 * idle_timeout */
		{ 3600, "Cisco ASA (timeout conn), Palo Alto (timeout-tcp), Check Point (TCP session "
			"timeout) and FortiGate (session-ttl) firewalls and of Envoy (idle_timeout)" },
		/* RFC 1122 4.2.3.6: keep-alives begin after two hours at the earliest. Linux:
		 * net.ipv4.tcp_keepalive_time. No limit of a product, but one that many take over */
		{ 7200, "programs that take over the keep-alive time of RFC 1122 "
			"(tcp_keepalive_time)" },
		/* RFC 5382 REQ-5: the least for a NAT, 2 hours 4 minutes. OpenWrt sets
		 * net.netfilter.nf_conntrack_tcp_timeout_established to it */
		{ 7440, "NATs that go by RFC 5382, as OpenWrt does "
			"(nf_conntrack_tcp_timeout_established)" },
		/* pf of OpenBSD and FreeBSD: set timeout tcp.established. kube-proxy:
		 * --conntrack-tcp-timeout-established */
		{ 86400, "pf (tcp.established) and of Linux under kube-proxy "
			 "(conntrack-tcp-timeout-established)" },
		/* Linux: net.netfilter.nf_conntrack_tcp_timeout_established, 5 days. AWS EC2 security
		 * groups: TcpEstablishedTimeout */
		{ 432000, "Linux's connection tracking (nf_conntrack_tcp_timeout_established) and AWS "
			  "security groups (TcpEstablishedTimeout)" },
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
