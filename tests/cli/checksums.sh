# Wrong checksums are counted where they can be told from offloading, and never a reason to skip. tshark is the judge of
# which are wrong.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/change.sh
. "$abs_top_srcdir/tests/cli/change.sh"

wirestate=${WIRESTATE:-./wirestate}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}
wrap_pcap=${WRAP_PCAP:-tests/tools/wrap-pcap}

cat > "$tmp/plain.scn" <<'END'
client 192.0.2.1:40000 isn 1000
server 192.0.2.2:80    isn 5000
+0    > S  0:0(0) win 64240 <mss 1460,sackOK>
+.01  < S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK>
+.01  > .  1:1(0) ack 1 win 502
+.01  > P. 1:152(151) ack 1 win 502
+.01  < .  1:1401(1400) ack 152 win 502
+.01  > F. 152:152(0) ack 1401 win 502
+.01  < F. 1401:1401(0) ack 153 win 502
+.01  > .  153:153(0) ack 1402 win 502
END
"$scn2pcap" "$tmp/plain.scn" > "$tmp/plain.pcap"
"$scn2pcap" --ipv6 "$tmp/plain.scn" > "$tmp/plain6.pcap"

# counted FILE: the object in the summary's JSON.
counted()
{
	"$wirestate" --json -r "$1" | sed -n 's/.*"wrong_checksums":\({[^}]*}\).*/\1/p'
}

# bad FILE: the same by tshark.
bad()
{
	printf '{"ip":%d,"tcp":%d}' \
		"$(tshark -r "$1" -o ip.check_checksum:TRUE -Y 'ip.checksum.status == 0' 2> /dev/null | grep -c .)" \
		"$(tshark -r "$1" -o tcp.check_checksum:TRUE -Y 'tcp.checksum.status == 0' 2> /dev/null | grep -c .)"
}

# says NAME WANTED [no-tshark REASON]: of $tmp/changed.pcap. All segments count as segments whatever their checksum.
says()
{
	is "$1" "$(counted "$tmp/changed.pcap")" "$2"
	is "... and nothing is skipped" "$("$wirestate" --json -r "$tmp/changed.pcap" |
		sed -n 's/.*"segments":\([0-9]*\),.*/\1/p')" 8
	if [ $# -gt 2 ]; then
		return
	elif command -v tshark > /dev/null; then
		is "... tshark" "$(bad "$tmp/changed.pcap")" "$2"
	else
		skip "... tshark" "tshark is not installed"
	fi
}

cp "$tmp/plain.pcap" "$tmp/changed.pcap"
says "all are right" '{"ip":0,"tcp":0}'
is "... and the summary does not mention it" "$("$wirestate" -r "$tmp/changed.pcap" | grep -c Checksums)" 0
cp "$tmp/plain6.pcap" "$tmp/changed.pcap"
says "all are right over IPv6" '{"ip":0,"tcp":0}'

# The frame with 151 bytes: Ethernet, IP at 14, TCP at 34, its checksum at 50, data at 54; over IPv6 TCP is at 54.
change "$tmp/plain.pcap" 4 50 dead
says "a wrong field" '{"ip":0,"tcp":1}'
is "... in the summary" "$("$wirestate" -r "$tmp/changed.pcap" | grep Checksums)" 'Checksums 1 wrong in TCP'
change "$tmp/plain.pcap" 4 204 41
says "a wrong byte at an odd end" '{"ip":0,"tcp":1}'
change "$tmp/plain.pcap" 4 202 0102
says "a wrong byte at an even place" '{"ip":0,"tcp":1}'
change "$tmp/plain.pcap" 1 41 00
says "another number in a SYN" '{"ip":0,"tcp":1}'
change "$tmp/plain6.pcap" 4 70 dead
says "a wrong field over IPv6" '{"ip":0,"tcp":1}'
change "$tmp/plain.pcap" 4 22 01
says "another TTL" '{"ip":1,"tcp":0}'
change "$tmp/changed.pcap" 5 60 ff
says "... and data" '{"ip":1,"tcp":1}'
is "... in the summary" "$("$wirestate" -r "$tmp/changed.pcap" | grep Checksums)" 'Checksums 1 wrong in TCP, 1 in IP'

# What offloading leaves: 0, the sum of the pseudo header, the same without the length.
pseudo=$((0xc000 + 0x0201 + 0xc000 + 0x0202 + 6))
pseudo=$(((pseudo & 0xffff) + (pseudo >> 16)))
with=$((pseudo + 20 + 151))
change "$tmp/plain.pcap" 4 50 0000
says "a field of 0" '{"ip":0,"tcp":0}' no-tshark
change "$tmp/plain.pcap" 4 50 "$(printf %04x $with)"
says "the pseudo header's sum" '{"ip":0,"tcp":0}' no-tshark
change "$tmp/plain.pcap" 4 50 "$(printf %04x $pseudo)"
says "... without the length" '{"ip":0,"tcp":0}' no-tshark
change "$tmp/plain.pcap" 4 50 "$(printf %04x $((with + 1)))"
says "... and one more is wrong" '{"ip":0,"tcp":1}'
change "$tmp/plain.pcap" 4 24 0000
says "an IP header's field of 0" '{"ip":0,"tcp":0}' no-tshark

# What was cut off cannot be told; in a tunnel and in fragments it can.
change "$tmp/plain.pcap" 5 50 dead
cp "$tmp/changed.pcap" "$tmp/wrong.pcap"
"$wrap_pcap" ethernet 100 < "$tmp/wrong.pcap" > "$tmp/changed.pcap"
says "cut off" '{"ip":0,"tcp":0}'
for name in vxlan gre fragments wifi; do
	"$wrap_pcap" "$name" < "$tmp/wrong.pcap" > "$tmp/changed.pcap"
	says "in $name" '{"ip":0,"tcp":1}'
done

# A real host's own segments, which its interface was to compute.
is "segments that were captured before they were sent" "$(counted "$abs_top_srcdir/captures/loopback.pcap")" \
	'{"ip":0,"tcp":0}'
if command -v tshark > /dev/null; then
	ok "... which are not right" sh -c '[ "$1" != "$2" ]' sh \
		"$(tshark -r "$abs_top_srcdir/captures/loopback.pcap" -o tcp.check_checksum:TRUE \
			-T fields -e tcp.checksum.status 2> /dev/null | sort -u | tr '\n' ' ')" '1 '
fi
done_testing
