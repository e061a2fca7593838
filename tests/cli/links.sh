# What a packet is wrapped in changes nothing: the same capture, in each link type and tunnel, in fragments, whole and
# cut off behind the TCP header, gives the same connections, and the lines that it gives without.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
wrap_pcap=${WRAP_PCAP:-tests/tools/wrap-pcap}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}

# lines FILE: the timeline, without what stands before the innermost packet.
lines()
{
	"$wirestate" -tn --timeline -r "$1" | grep -v '^[[:space:]]*|' | sed -E 's/^.*(IP6? )/\1/'
}

# connections FILE: all that is said of them. A frame that holds two packets has one time for both.
connections()
{
	"$wirestate" --connections --json -r "$1" | sed -n '/"type":"connection"/p' | case $1 in
	*aggregate*.pcap) sed 's/"first":.*"open"/"open"/; s/"handshake_rtt":[0-9.]*,//' ;;
	*) cat ;;
	esac
}

is "there is something to wrap it in" "$("$wrap_pcap" | grep -c .)" 94

# What is wrapped: a capture of each version of IP with payload and options.
cp "$abs_top_srcdir/captures/connect-close.pcap" "$tmp/plain-4.pcap"
cat > "$tmp/plain-6.scn" <<'END'
client 192.0.2.1:40000 isn 1000
server 192.0.2.2:80    isn 5000
+0    > S  0:0(0) win 64240 <mss 1440,sackOK,TS val 7 ecr 0,nop,wscale 7>
+.01  < S. 0:0(0) ack 1 win 65160 <mss 1440,sackOK,TS val 9 ecr 7,nop,wscale 7>
+.01  > .  1:1(0) ack 1 win 502 <nop,nop,TS val 8 ecr 9>
+.01  > P. 1:151(150) ack 1 win 502 <nop,nop,TS val 8 ecr 9>
+.01  < .  1:401(400) ack 151 win 502 <nop,nop,TS val 9 ecr 8>
+.01  > F. 151:151(0) ack 401 win 502 <nop,nop,TS val 8 ecr 9>
+.01  < F. 401:401(0) ack 152 win 502 <nop,nop,TS val 9 ecr 8>
+.01  > .  152:152(0) ack 402 win 502 <nop,nop,TS val 8 ecr 9>
END
"$scn2pcap" --ipv6 "$tmp/plain-6.scn" > "$tmp/plain-6.pcap"

for version in 4 6; do
	plain=$tmp/plain-$version.pcap
	lines "$plain" > "$tmp/lines"
	connections "$plain" > "$tmp/connections"
	cp "$plain" "$tmp/aggregate-not.pcap"
	connections "$tmp/aggregate-not.pcap" > "$tmp/untimed"
	ok "the plain capture of IPv$version has lines" grep -q Flags "$tmp/lines"
	is "... and a connection" "$(grep -c . "$tmp/connections")" 1
	# 20 or 40 bytes of IP, and 20 of TCP without its options.
	keep=$((version * 10))
	"$wrap_pcap" ethernet $keep < "$plain" > "$tmp/cut.pcap"
	lines "$tmp/cut.pcap" > "$tmp/cut-lines"
	connections "$tmp/cut.pcap" > "$tmp/cut-connections"
	ok "... and there are other lines when it is cut" sh -c '! cmp -s "$1" "$2"' sh "$tmp/lines" "$tmp/cut-lines"
	"$wrap_pcap" > "$tmp/names"
	while read -r name kind versions; do
		case $versions in
		*$version*) ;;
		*) continue ;;
		esac
		"$wrap_pcap" "$name" < "$plain" > "$tmp/$name.pcap"
		is "$name, IPv$version: the lines" "$(lines "$tmp/$name.pcap")" "$(cat "$tmp/lines")"
		is "... and the connection" "$(connections "$tmp/$name.pcap")" \
			"$(cat "$tmp/$([ "$name" = wifi-aggregate ] && echo untimed || echo connections)")"
		[ "$kind" = f ] && continue
		"$wrap_pcap" "$name" $keep < "$plain" > "$tmp/cut.pcap"
		is "... cut off: the lines" "$(lines "$tmp/cut.pcap")" "$(cat "$tmp/cut-lines")"
		is "... and the connection" "$(connections "$tmp/cut.pcap")" "$(cat "$tmp/cut-connections")"
	done < "$tmp/names"
done

# ---- the summary says what was unwrapped ----

"$wrap_pcap" all-in-each-other < "$tmp/plain-4.pcap" > "$tmp/all.pcap"
is "what all frames were in" "$("$wirestate" -r "$tmp/all.pcap" | grep '^Unwrapped')" \
	'Unwrapped 11 IP in IP, 11 GRE, 11 VXLAN'
is "... in JSON" "$("$wirestate" --json -r "$tmp/all.pcap" | sed -n 's/.*\("unwrapped":{[^}]*}\).*/\1/p')" \
	'"unwrapped":{"ip-in-ip":11,"gre":11,"vxlan":11}'
"$wrap_pcap" fragments < "$tmp/plain-4.pcap" > "$tmp/fragments.pcap"
is "... and what was put together" "$("$wirestate" -r "$tmp/fragments.pcap" | grep '^Fragments')" \
	'Fragments 11 packets put together'

done_testing
