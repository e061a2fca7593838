/* Tunnels, with tcpdump as judge of what is inside where it looks inside. */
#include <pcap/dlt.h>

#include "decode-case.h"

#define IN(unwrap) UNWRAP_BIT(UNWRAP_##unwrap)

/* clang-format off */
static const DecodeCase cases[] = {
	/* IP 10.0.0.1 > 10.0.0.2: IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "ipip", DLT_RAW,
	  "4500004c00014000400426ab0a0000010a000002"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 20, 20, 4, IN(IP), false },
	/* IP 10.0.0.1 > 10.0.0.2: IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.],
	 * seq 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000
	 * ecr 6000], length 4 */
	{ "ipv6-in-ipv4", DLT_RAW,
	  "4500006000014000402926720a0000010a000002"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 20, 40, 4, IN(IP), false },
	/* IP6 fd00::1 > fd00::2: IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "ipv4-in-ipv6", DLT_RAW,
	  "6000000000380440fd000000000000000000000000000001fd000000000000000000000000000002"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 40, 20, 4, IN(IP), false },
	/* IP6 fd00::1 > fd00::2: IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "ipv6-in-ipv6", DLT_RAW,
	  "60000000004c2940fd000000000000000000000000000001fd000000000000000000000000000002"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 40, 40, 4, IN(IP), false },
	/* IP 10.0.0.1 > 10.0.0.2: IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "ipip-padded", DLT_EN10MB,
	  "02000000000402000000000308004500004c00014000400426ab0a0000010a000002"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420"
	  "000000000000",
	  0, 4, 34, 20, 4, IN(IP), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, length 60: IP 192.0.2.1.49152 > 198.51.100.2.80:
	 * Flags [P.], seq 1000000000:1000000004, ack 4294967290, win 501, options
	 * [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre", DLT_RAW,
	  "4500005000014000402f267c0a0000010a00000200000800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 24, 20, 4, IN(GRE), false },
	/* IP6 fd00::1 > fd00::2: GREv0, length 80: IP6 2001:db8::1.49152 >
	 * 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004, ack 4294967290, win
	 * 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre-ipv6", DLT_RAW,
	  "6000000000502f40fd000000000000000000000000000001fd000000000000000000000000000002"
	  "000086dd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 44, 40, 4, IN(GRE), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, key=0x64, length 64: IP 192.0.2.1.49152 >
	 * 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack 4294967290, win 501,
	 * options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre-key", DLT_RAW,
	  "4500005400014000402f26780a0000010a0000022000080000000064"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 28, 20, 4, IN(GRE), true },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, off 0x0, key=0x64, seq 1, length 92: IP6
	 * 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre-all", DLT_RAW,
	  "4500007000014000402f265c0a0000010a000002b00086dd000000000000006400000001"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 36, 40, 4, IN(GRE), true },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, off 0x0, (rtaf=ip *10.0.0.3), length 76: IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre-routing", DLT_RAW,
	  "4500006000014000402f266c0a0000010a0000024000080000000000080000040a00000300000000"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 40, 20, 4, IN(GRE), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, length 74: IP 192.0.2.1.49152 > 198.51.100.2.80:
	 * Flags [P.], seq 1000000000:1000000004, ack 4294967290, win 501, options
	 * [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre-ethernet", DLT_RAW,
	  "4500005e00014000402f266e0a0000010a000002000065580200000000020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 38, 20, 4, IN(GRE), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, length 64: MPLS (label 100, tc 0, [S], ttl 64) IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "gre-mpls", DLT_RAW,
	  "4500005400014000402f26780a0000010a0000020000884700064140"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 28, 20, 4, IN(GRE) | IN(MPLS), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv1, call 7, seq 1, ack 2, length 76: IP 192.0.2.1.49152
	 * > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack 4294967290, win 501,
	 * options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "pptp", DLT_RAW,
	  "4500006000014000402f266c0a0000010a0000023081880b003c00070000000100000002ff030021"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 40, 20, 4, IN(GRE), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, length 74: gre-proto-0x88be */
	{ "erspan-1", DLT_RAW,
	  "4500005e00014000402f266e0a0000010a000002000088be0200000000020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 38, 20, 4, IN(GRE) | IN(ERSPAN), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, seq 1, length 106: gre-proto-0x88be */
	{ "erspan-2", DLT_RAW,
	  "4500007e00014000402f264e0a0000010a000002100088be000000011064000a0000000002000000"
	  "000202000000000186dd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 50, 40, 4, IN(GRE) | IN(ERSPAN), true },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, seq 1, length 90: gre-proto-0x22eb */
	{ "erspan-3", DLT_RAW,
	  "4500006e00014000402f265e0a0000010a000002100022eb000000012064000a0000000000000000"
	  "0200000000020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 54, 20, 4, IN(GRE) | IN(ERSPAN), true },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, seq 1, length 84: gre-proto-0x22eb */
	{ "erspan-3-platform", DLT_RAW,
	  "4500006800014000402f26640a0000010a000002100022eb000000012064000a0000000000000801"
	  "0000000000000000"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 48, 20, 4, IN(GRE) | IN(ERSPAN), true },
	/* IP 10.0.0.1 > 10.0.0.2: ip-proto-97 72 */
	{ "etherip", DLT_RAW,
	  "4500005c000140004061263e0a0000010a00000230000200000000020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 36, 20, 4, IN(ETHERIP), false },
	/* IP 10.0.0.1 > 10.0.0.2: ip-proto-137 60 */
	{ "mpls-in-ip", DLT_RAW,
	  "4500005000014000408926220a0000010a00000200064140"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 24, 20, 4, IN(MPLS), false },
	/* IP 10.0.0.1.50000 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 100 IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vxlan", DLT_RAW,
	  "4500006a00014000401126800a0000010a000002c35012b500560000080000000000640002000000"
	  "00020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 50, 20, 4, IN(VXLAN), true },
	/* IP6 fd00::1.50000 > fd00::2.4789: VXLAN, flags [I] (0x08), vni 100 IP6
	 * 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vxlan-ipv6", DLT_RAW,
	  "60000000006a1140fd000000000000000000000000000001fd000000000000000000000000000002"
	  "c35012b5006a0000080000000000640002000000000202000000000186dd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 70, 40, 4, IN(VXLAN), true },
	/* IP 10.0.0.1.50000 > 10.0.0.2.8472: OTV, flags [I] (0x08), overlay 0, instance 100
	 * IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vxlan-linux", DLT_RAW,
	  "4500006a00014000401126800a0000010a000002c350211800560000080000000000640002000000"
	  "00020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 50, 20, 4, IN(VXLAN), true },
	/* IP 10.0.0.1.50000 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 100 IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vxlan-vlan", DLT_RAW,
	  "4500006e000140004011267c0a0000010a000002c35012b5005a0000080000000000640002000000"
	  "0002020000000001810000070800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 54, 20, 4, IN(VXLAN), true },
	/* IP 10.0.0.1.50000 > 10.0.0.2.4790: VXLAN-GPE, flags [IP], vni 100: IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "vxlan-gpe", DLT_RAW,
	  "4500005c000140004011268e0a0000010a000002c35012b6004800000c00000100006400"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 36, 20, 4, IN(VXLAN), true },
	/* IP 10.0.0.1.50000 > 10.0.0.2.6081: Geneve, Flags [none], vni 0x64: IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "geneve", DLT_RAW,
	  "4500006a00014000401126800a0000010a000002c35017c100560000000065580000640002000000"
	  "00020200000000010800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 50, 20, 4, IN(GENEVE), true },
	/* IP 10.0.0.1.50000 > 10.0.0.2.6081: Geneve, Flags [none], vni 0x64, options [8
	 * bytes]: IP6 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq
	 * 1000000000:1000000004, ack 4294967290, win 501, options [nop,nop,TS val 7000 ecr
	 * 6000], length 4 */
	{ "geneve-options", DLT_RAW,
	  "4500007800014000401126720a0000010a000002c35017c100640000020086dd0000640001020001"
	  "00000007"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 44, 40, 4, IN(GENEVE), true },
	/* IP 10.0.0.1.50000 > 10.0.0.2.2152: UDP, length 64 */
	{ "gtp-u", DLT_RAW,
	  "4500005c000140004011268e0a0000010a000002c35008680048000030ff003800000064"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 36, 20, 4, IN(GTP_U), false },
	/* IP 10.0.0.1.50000 > 10.0.0.2.2152: UDP, length 92 */
	{ "gtp-u-extension", DLT_RAW,
	  "4500007800014000401126720a0000010a000002c35008680064000036ff00540000006400010085"
	  "01000900"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 44, 40, 4, IN(GTP_U), false },
	/* IP 10.0.0.1.50000 > 10.0.0.2.3544: UDP, length 76 */
	{ "teredo", DLT_RAW,
	  "4500006800014000401126820a0000010a000002c3500dd800540000"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 28, 40, 4, IN(TEREDO), false },
	/* IP 10.0.0.1.3544 > 10.0.0.2.50000: UDP, length 97 */
	{ "teredo-authentication-origin", DLT_RAW,
	  "4500007d000140004011266d0a0000010a0000020dd8c35000690000000100000102030405060708"
	  "0000003fff80fffefd"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 49, 40, 4, IN(TEREDO), false },
	/* IP 10.0.0.1.50000 > 10.0.0.2.4754: UDP, length 60 */
	{ "gre-in-udp", DLT_RAW,
	  "4500005800014000401126920a0000010a000002c35012920044000000000800"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 32, 20, 4, IN(GRE), false },
	/* IP 10.0.0.1.50000 > 10.0.0.2.6635: MPLS (label 100, tc 0, [S], ttl 64) IP
	 * 192.0.2.1.49152 > 198.51.100.2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "mpls-in-udp", DLT_RAW,
	  "4500005800014000401126920a0000010a000002c35019eb0044000000064140"
	  "450000381234400040063c55c0000201c6336402"
	  "c00000503b9aca00fffffffa801801f5f47000000101080a00001b580000177047455420",
	  0, 4, 32, 20, 4, IN(MPLS), false },
	/* IP 10.0.0.1 > 10.0.0.2: GREv0, key=0x64, length 174: IP 10.0.0.1.50000 >
	 * 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 100 IP6 fd00::1 > fd00::2: IP6
	 * 2001:db8::1.49152 > 2001:db8:0:1::2.80: Flags [P.], seq 1000000000:1000000004, ack
	 * 4294967290, win 501, options [nop,nop,TS val 7000 ecr 6000], length 4 */
	{ "in-each-other", DLT_EN10MB,
	  "02000000000402000000000388a800640800450000c200014000402f260a0a0000010a0000022000"
	  "080000000064450000a600014000401126440a0000010a000002c35012b500920000080000000000"
	  "640002000000000202000000000186dd60000000004c2940fd000000000000000000000000000001"
	  "fd000000000000000000000000000002"
	  "600000000024064020010db800000000000000000000000120010db8000000010000000000000002"
	  "c00000503b9aca00fffffffa801801f5853200000101080a00001b580000177047455420",
	  0, 6, 136, 40, 4, IN(GRE) | IN(VXLAN) | IN(IP), true },
};
/* clang-format on */

static const DecodeCase *find_case(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		if (g_str_equal(cases[i].name, name))
			return &cases[i];
	}
	g_assert_not_reached();
}

/* Decodes a case with one byte changed. */
static SkipReason decode_changed(const char *name, uint32_t at, uint8_t value, Segment *segment)
{
	const DecodeCase *test = find_case(name);
	uint8_t bytes[GUARDED_MAX];
	uint32_t length = hex_read(test->hex, bytes);

	bytes[at] = value;
	return decode_bytes(test->linktype, bytes, length, length, segment);
}

/* A tunnel's number tells connections apart where it is the same in both directions. */
static void test_scope(void)
{
	static const struct {
		const char *name;
		uint32_t at; /* the last byte of the number */
		bool counts; /* it is part of the key */
	} numbers[] = {
		{ "gre-key", 27, true },  { "erspan-2", 31, true }, { "vxlan", 34, true },
		{ "geneve", 34, true },   { "gtp-u", 35, false },   { "mpls-in-ip", 21, false },
		{ "erspan-2", 31, true }, { "pptp", 27, false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		Segment first, second, third;

		g_test_message("%s", numbers[i].name);
		g_assert_cmpint(decode_changed(numbers[i].name, numbers[i].at, 0x51, &first), ==,
				SKIP_NONE);
		g_assert_cmpint(decode_changed(numbers[i].name, numbers[i].at, 0x52, &second), ==,
				SKIP_NONE);
		g_assert_cmpint(decode_changed(numbers[i].name, numbers[i].at, 0x51, &third), ==,
				SKIP_NONE);
		g_assert_true((first.scope != second.scope) == numbers[i].counts);
		g_assert_cmpuint(first.scope, ==, third.scope);
	}
}

/* What has a tunnel's port and is none, and what is a tunnel of something else. */
static void test_none(void)
{
	Segment segment;

	/* VXLAN without a valid id, Geneve of a version to come, GTP's echo request, GTP'. */
	g_assert_cmpint(decode_changed("vxlan", 28, 0, &segment), ==, SKIP_UDP);
	g_assert_cmpint(decode_changed("geneve", 28, 0x40, &segment), ==, SKIP_UDP);
	g_assert_cmpint(decode_changed("gtp-u", 29, 1, &segment), ==, SKIP_UDP);
	g_assert_cmpint(decode_changed("gtp-u", 28, 0x20, &segment), ==, SKIP_UDP);
	/* On Teredo's port what is no IPv6, and what is longer than the datagram. */
	g_assert_cmpint(decode_changed("teredo", 28, 0x50, &segment), ==, SKIP_UDP);
	g_assert_cmpint(decode_changed("teredo", 33, 0xff, &segment), ==, SKIP_UDP);
	/* Another port. */
	g_assert_cmpint(decode_changed("vxlan", 22, 0, &segment), ==, SKIP_UDP);
	g_assert_cmpuint(segment.unwrapped, ==, 0);
	/* ARP in VXLAN is ARP, and it was unwrapped. */
	g_assert_cmpint(decode_changed("vxlan", 49, 0x06, &segment), ==, SKIP_ARP);
	g_assert_cmpuint(segment.unwrapped, ==, IN(VXLAN));
	/* GRE of a version to come. */
	g_assert_cmpint(decode_changed("gre", 21, 2, &segment), ==, SKIP_NOT_TCP);
}

/* IP in IP in IP: eight are read and no more. */
static void test_nested(void)
{
	const DecodeCase *test = find_case("ipip");
	uint8_t bytes[GUARDED_MAX];
	uint32_t inner = hex_read(test->hex, bytes);
	uint8_t outer[20];
	Segment segment;

	memcpy(outer, bytes, sizeof(outer));
	for (unsigned packets = 3; packets <= 9; packets++) {
		memmove(bytes + sizeof(outer), bytes, inner);
		memcpy(bytes, outer, sizeof(outer));
		inner += sizeof(outer);
		bytes[3] = (uint8_t)inner;
		memcpy(outer, bytes, sizeof(outer));
		g_assert_cmpint(decode_bytes(DLT_RAW, bytes, inner, inner, &segment), ==,
				packets <= 8 ? SKIP_NONE : SKIP_NESTED);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add_cases("tunnel", cases, G_N_ELEMENTS(cases));
	g_test_add_func("/tunnel/scope", test_scope);
	g_test_add_func("/tunnel/none", test_none);
	g_test_add_func("/tunnel/nested", test_nested);
	return g_test_run();
}
