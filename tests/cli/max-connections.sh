# --max-connections: the ones idle for longest go first, how many went is said, and those that are left are as they are
# without it.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

generate=${abs_top_builddir:-$(pwd)}/tests/bench/generate
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}

# A flood: a thousand SYNs from as many sources, one in eight answered. Each connection is over in a moment, so that the
# order of last segments is the order of idleness.
"$generate" -x 0.001 flood > "$tmp/flood.pcap"

# connections OPTION...: one line a connection, number, last segment, states.
connections()
{
	run -r "$tmp/flood.pcap" --connections --json "$@"
	sed -nE 's/^\{"type":"connection","connection":([0-9]+).*"last":([0-9.]+).*/\2 \1 &/p' "$tmp/out"
}

connections | sort | tail -n 100 | sort -k 2n | cut -d ' ' -f 3- > "$tmp/wanted"
is "the capture has more than that" "$(wc -l < "$tmp/wanted")" '100'
connections --max-connections 100 | sort -k 2n | cut -d ' ' -f 3- > "$tmp/got"
ok "those that had a segment last are kept, and are as they are" cmp "$tmp/wanted" "$tmp/got"
is "it is said on standard error" "$(cat "$tmp/err")" \
	'wirestate: warning: 900 of 1000 connections were forgotten before the end: a larger --max-connections keeps more'

run -r "$tmp/flood.pcap" --summary --json --max-connections 100
is "the summary has the number" "$(grep -o '"evicted":[0-9]*' "$tmp/out")" '"evicted":900'
is "all connections are counted" "$(grep -o '"connections":[0-9]*' "$tmp/out")" '"connections":1000'
sides=$(sed -n 's/.*"states":{\([^}]*\)}.*/\1/p' "$tmp/out" | tr ',' '\n' | grep -v LISTEN | awk -F : '{ n += $2 } END { print n }')
is "the states are those of the sides that are kept" "$sides" '200'
run -r "$tmp/flood.pcap" --summary --max-connections 100
ok "the summary names it" grep -q '^Forgotten *900 connections, idle for longest (--max-connections)$' "$tmp/out"

# So many sources of one SYN each that not all of them can be watched: no flood, as each has a port of its own.
awk 'BEGIN {
	for (i = 1; i <= 5000; i++) {
		printf "conn c%d client 10.0.%d.%d:1000 isn 1 server 192.0.2.1:%d isn 1\n", i, i / 250, i % 250, i
		printf "+.001 c%d > S 0:0(0)\n", i
	}
	print "+4 tick"
}' > "$tmp/sources.scn"
"$scn2pcap" "$tmp/sources.scn" > "$tmp/sources.pcap"
run -r "$tmp/sources.pcap" --summary
unwatched=$(sed -n 's/^Unwatched \([0-9]*\) hosts, too many at once: a scan, flood or probe may be missing$/\1/p' "$tmp/out")
is "hosts that were too many to be watched are in the summary" "$unwatched" "$((5000 - 4096))"
is "and said on standard error" "$(cat "$tmp/err")" "wirestate: warning: $unwatched hosts and 0 handshakes were too many to be \
watched at once: a scan, flood or probe may be missing"
run -r "$tmp/sources.pcap" --summary --json
is "and in JSON" "$(grep -o '"forgotten":{[^}]*}' "$tmp/out")" "\"forgotten\":{\"hosts\":$unwatched}"
run -r "$tmp/flood.pcap" --summary
is "fewer are all watched" "$(cat "$tmp/err"; grep Unwatched "$tmp/out")" ''
"$generate" -x 0.006 flood > "$tmp/sources.pcap"
run -r "$tmp/sources.pcap" --summary
is "and so are those of a flood, of which none is watched" "$(cat "$tmp/err"; grep Unwatched "$tmp/out")" ''

run -r "$tmp/flood.pcap" --summary --json --max-connections 1000
is "none goes when there is room" "$(grep -o '"evicted":[0-9]*' "$tmp/out")$(cat "$tmp/err")" '"evicted":0'

# One that is replaced counts until nothing more of it is expected; with room for one, the present one stays.
for capture in "$captures"/*.pcap*; do
	run -n -r "$capture" --summary --timeline --max-connections 1
	[ "$status" = 0 ] || break
	run -r "$capture" --connections --json --max-connections 1
	[ "$status" = 0 ] || break
done
is "with room for one all captures are read" "$status" '0'

# Other tools' words, which only JSON has, go with their connections. KiB at the peak; sanitizers keep freed memory a while,
# and take some without any connection.
peak()
{
	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1" "${generate%generate}measure" 300 \
		"$WIRESTATE" --connections --json "$@" | cut -d ' ' -f 3
}
"$generate" -x 0.6 web > "$tmp/web.pcap"
none=$(peak -r "$tmp/flood.pcap" --max-connections 100)
all=$(peak -r "$tmp/web.pcap")
few=$(peak -r "$tmp/web.pcap" --max-connections 100)
[ "$none" -gt 0 ] && [ "$((3 * (few - none)))" -lt "$((all - none))" ]
result $? "all that is known of a connection goes with it: $few KiB instead of $all"

# A client that closes one connection a second has 60 in TIME_WAIT, however many were forgotten meanwhile.
: "${SCN2PCAP:=tests/tools/scn2pcap}"
cat > "$tmp/closed.scn" << 'SCENARIO'
repeat 1200
conn c% client 192.0.2.1:2% isn 1000 server 192.0.2.2:7 isn 5000
+1 c% > F. 1:1(0) ack 1
+0 c% < F. 1:1(0) ack 2
+0 c% > .  2:2(0) ack 2
endrepeat
SCENARIO
"$SCN2PCAP" "$tmp/closed.scn" > "$tmp/closed.pcap"
run -r "$tmp/closed.pcap" --summary --json --max-connections 20
is "connections are forgotten in TIME_WAIT" "$(grep -o '"TIME_WAIT":[0-9]*\|"evicted":[0-9]*' "$tmp/out" | tr '\n' ' ')" \
	'"evicted":1180 "TIME_WAIT":20 '
is "... and no longer counted as waiting" "$(grep -o '"anomalies":{[^}]*}' "$tmp/out")" '"anomalies":{}'

# totals MOST NAME...: these numbers of the summary, in its order, of the scenario on standard input with room for MOST.
totals()
{
	"$SCN2PCAP" /dev/stdin > "$tmp/few.pcap"
	run -r "$tmp/few.pcap" --summary --json --max-connections "$1"
	shift
	grep -oE "\"($(echo "$*" | tr ' ' '|'))\":[0-9]*" "$tmp/out" | tr '\n' ' '
}

# What counts is the last segment, also where a connection is kept as its segments: the first one speaks before the
# fourth begins, so that the second goes, and the first and the third go on as they were.
got=$(totals 3 connections ESTABLISHED evicted << 'SCENARIO'
repeat 3
conn c% client 192.0.2.1:2% isn 1000 server 192.0.2.2:7 isn 5000
+1 c% > S  0:0(0) <mss 1460>
+0 c% < S. 0:0(0) ack 1 <mss 1460>
+0 c% > .  1:1(0) ack 1
endrepeat
+1 c1 > P. 1:11(10) ack 1
conn c4 client 192.0.2.1:24 isn 1000 server 192.0.2.2:7 isn 5000
+1 c4 > S  0:0(0) <mss 1460>
+0 c4 < S. 0:0(0) ack 1 <mss 1460>
+1 c1 < .  1:1(0) ack 11
+1 c3 > P. 1:11(10) ack 1
+0 c3 < .  1:1(0) ack 11
SCENARIO
)
is "the one whose last segment is the oldest goes" "$got" '"connections":4 "evicted":1 "ESTABLISHED":5 '

# The same of handshakes: the first one's answer comes after the second one's SYN.
got=$(totals 2 connections ESTABLISHED SYN_SENT << 'SCENARIO'
conn a client 192.0.2.1:21 isn 1000 server 192.0.2.2:7 isn 5000
conn b client 192.0.2.1:22 isn 1000 server 192.0.2.2:7 isn 5000
+1 a > S  0:0(0) <mss 1460>
+0 b > S  0:0(0) <mss 1460>
+0 a < S. 0:0(0) ack 1 <mss 1460>
conn c client 192.0.2.1:23 isn 1000 server 192.0.2.2:7 isn 5000
+0 c > S  0:0(0) <mss 1460>
+0 a > .  1:1(0) ack 1
SCENARIO
)
is "an answer is a segment, too" "$got" '"connections":3 "SYN_SENT":1 "ESTABLISHED":2 '

# What is over counts as closed for as long as a view reads it at the end, kept as its segments or not, and in no state
# once it has gone: the first two make room for the others.
cat > "$tmp/over.scn" << 'SCENARIO'
conn a client 192.0.2.1:21 isn 1000 server 192.0.2.2:7 isn 5000
conn b client 192.0.2.1:22 isn 1000 server 192.0.2.2:7 isn 5000
+0 a > S  0:0(0) <mss 1460>
+0 b > S  0:0(0) <mss 1460>
+0 b < S. 0:0(0) ack 1 <mss 1460>
+0 b > .  1:1(0) ack 1
+0 b > P. 1:11(10) ack 1
+0 b > F. 11:11(0) ack 1
+0 b < F. 1:1(0) ack 12
+0 b > .  12:12(0) ack 2
conn c client 192.0.2.1:23 isn 1000 server 192.0.2.2:7 isn 5000
conn d client 192.0.2.1:24 isn 1000 server 192.0.2.2:7 isn 5000
+200 c > S  0:0(0) <mss 1460>
+0 d > S  0:0(0) <mss 1460>
SCENARIO
"$SCN2PCAP" "$tmp/over.scn" > "$tmp/over.pcap"
for max in 4 3 2; do
	run -r "$tmp/over.pcap" --summary --connections --json --max-connections "$max"
	sed -n '/"type":"summary"/p' "$tmp/out" | grep -o '"CLOSED":[0-9]*\|"SYN_SENT":[0-9]*\|"UNKNOWN":[0-9]*' | tr '\n' ' '
done > "$tmp/over"
is "what is over counts as closed until it goes" "$(cat "$tmp/over")" \
	'"CLOSED":3 "SYN_SENT":2 "UNKNOWN":3 "CLOSED":2 "SYN_SENT":2 "UNKNOWN":2 "CLOSED":0 "SYN_SENT":2 "UNKNOWN":2 '

run -r "$tmp/flood.pcap" --max-connections 0
is "0 is no number of connections" "$status" '2'

done_testing
