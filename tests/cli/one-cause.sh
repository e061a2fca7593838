# What has one cause is told once: the views that print at the end leave out what was raised before its cause was known.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"
: "${SCN2PCAP:=tests/tools/scn2pcap}"

# refused NAME CLIENT PORT COUNT: so many connections to as many ports, each of them refused.
refused()
{
	echo "repeat $4"
	echo "conn $1% client $2:40000 isn 1000 server 192.0.2.2:$3% isn 5000"
	echo "+.01 $1% > S 0:0(0)"
	echo "+.001 $1% < R. =0:=0(0) ack 1 win 0"
	echo "endrepeat"
}
# flags NAME CLIENT FLAGS COUNT: so many segments that no TCP sends.
flags()
{
	echo "repeat $4"
	echo "conn $1% client $2:40000 isn 1000 server 192.0.2.2:2% isn 5000"
	echo "+.01 $1% > $3 0:0(0)"
	echo "endrepeat"
}
capture()
{
	"$SCN2PCAP" /dev/stdin > "$tmp/pcap"
}
# told: the headings of errors and warnings, "KIND" or "KIND, N times", on one line.
told()
{
	sed -n 's/^\(error\|warning\) \([^:]*\).*/\2/p' "$tmp/out" | tr '\n' ';'
}

refused a 192.0.2.1 2 9 | capture
run -r "$tmp/pcap"
is "nine refused connections are no scan yet" "$(told)" 'connection-refused, 9 times;'

{
	refused a 192.0.2.1 2 9
	refused b 192.0.2.1 3 4
} | capture
for view in --summary --anomalies; do
	run -r "$tmp/pcap" "$view"
	is "$view: a scan, and not those refused before it was one" "$(told)" 'syn-scan;'
done
run -r "$tmp/pcap" --timeline -n
is "--timeline has printed them by then" "$(grep -c ' ! connection-refused' "$tmp/out")" 9

# A packet filter that rejects answers a scan with ICMP errors, where nothing listens its host with RSTs.
{
	refused a 192.0.2.1 2 6
	echo "repeat 6"
	echo "conn i% client 192.0.2.1:40000 isn 1000 server 192.0.2.2:3% isn 5000"
	echo "+.01 i% > S 0:0(0)"
	echo "+.001 i% < icmp admin-prohibited S 0:0(0)"
	echo "endrepeat"
} | capture
run -r "$tmp/pcap"
is "a scan takes back both what was refused and what was prohibited" \
	"$(told) $(tr -s "\n " " " < "$tmp/out" | grep -c "with 6 connection-refused and 3 icmp-unreachable before")" "syn-scan; 1"

# The other's come first, in between, and last; more of the scanner's than a summary keeps come before the other's.
{
	refused a 192.0.2.1 2 6
	refused o 192.0.2.7 9 3
	refused b 192.0.2.1 3 9
	refused p 192.0.2.7 8 2
} | capture
for view in --summary --anomalies; do
	run -r "$tmp/pcap" "$view"
	is "$view: what another host was refused stays" "$(told)" 'syn-scan;connection-refused, 5 times;'
done

# Others, in between, ask what does not listen at the scanner's own host.
{
	refused a 192.0.2.1 2 6
	cat << 'SCENARIO'
repeat 3
conn x% client 198.51.100.%:50000 isn 1000 server 192.0.2.1:443 isn 5000
+.01 x% > S 0:0(0)
+.001 x% < R. =0:=0(0) ack 1 win 0
endrepeat
SCENARIO
	refused b 192.0.2.1 3 9
} | capture
run -r "$tmp/pcap" --anomalies
is "what others were refused by the scanner's host stays" \
	"$(told)$(sed -n 's/.* #.* \(198.51.100.[0-9]\):.*/\1;/p' "$tmp/out" | tr -d '\n')" \
	'syn-scan;connection-refused, 3 times;198.51.100.1;198.51.100.2;198.51.100.3;'

{
	flags a 192.0.2.1 F 3
	flags o 192.0.2.7 F 1
} | capture
run -r "$tmp/pcap"
is "segments that no TCP sends: the scan, and what another host sent" "$(told)" 'fin-scan;bad-flags;'

# What is of one kind but asks for something else stands by itself: each hint is that of what follows it.
capture << 'SCENARIO'
conn a client 192.0.2.1:40000 isn 1000 server 192.0.2.2:80 isn 5000
conn b client 192.0.2.1:40001 isn 1000 server 192.0.2.2:81 isn 5000
conn c client 192.0.2.1:40002 isn 1000 server 192.0.2.2:82 isn 5000
+.01 a > S 0:0(0)
+.01 a < icmp host-unreachable S 0:0(0)
+.01 b > S 0:0(0)
+.01 b < icmp admin-prohibited S 0:0(0)
+.01 c > S 0:0(0)
+.01 c < icmp admin-prohibited S 0:0(0)
SCENARIO
run -r "$tmp/pcap" --anomalies
is "--anomalies: hints and connections of one kind" \
	"$(sed -n 's/^  \(A packet filter\|Nobody answers\).*/\1/p; s/^ .* #\([0-9]\) .*/\1/p' "$tmp/out" | tr '\n' ';')" \
	'A packet filter;2;3;Nobody answers;1;'
run -r "$tmp/pcap" --json --connection 1,2 --state closed --anomalies
is "... and as JSON" "$(objects anomaly | grep -c '"connection":2,.*"hint":"A packet filter')" 1

# checks NAME CLIENT PORT COUNT: so many connections that are opened and reset at once.
checks()
{
	echo "repeat $4"
	echo "conn $1% client $2:4% isn 1000 server 192.0.2.2:$3 isn 5000"
	echo "+.5 $1% > S 0:0(0)"
	echo "+.001 $1% < S. 0:0(0) ack 1"
	echo "+.001 $1% > . 1:1(0) ack 1"
	echo "+.001 $1% > R. 1:1(0) ack 1"
	echo "endrepeat"
}
checks a 192.0.2.1 80 4 | capture
run -r "$tmp/pcap"
is "four health checks" "$(grep ^info "$tmp/out")" 'info: 4 reset, 4 abortive-close'
{
	checks a 192.0.2.1 80 9
	checks b 192.0.2.1 81 1
	checks o 192.0.2.7 80 2
} | capture
run -r "$tmp/pcap"
is "nine health checks, and what others did" "$(grep ^info "$tmp/out")" 'info: 1 probe, 3 reset, 3 abortive-close'

# Why an ACK is ignored shows later: what was thought first gives way to it, also where connections are selected.
"$SCN2PCAP" "$abs_top_srcdir/tests/scenarios/accept-queue-stays-full.scn" > "$tmp/pcap"
for selected in '' '--connection 1'; do
	# shellcheck disable=SC2086
	run -r "$tmp/pcap" --anomalies $selected
	is "an ACK that is ignored is told once, as it is in the end $selected" \
		"$(sed -n 's/.*\(again\|5 times more\).*/\1/p; s/^warning \(handshake.*\)/\1/p' "$tmp/out" | tr '\n' ';')" \
		'handshake-ack-ignored;5 times more;'
done
run -r "$tmp/pcap" --json --summary
is "... and counted once" "$(grep -c '"handshake-ack-ignored":1[,}]' "$tmp/out")" 1

# The third connection's is told again, and is not asked for.
capture << 'SCENARIO'
conn a client 192.0.2.1:40001 isn 1000 server 192.0.2.2:80 isn 5000
conn b client 192.0.2.1:40002 isn 1000 server 192.0.2.2:80 isn 5000
conn c client 192.0.2.1:40003 isn 1000 server 192.0.2.9:80 isn 5000
+0   a > S  0:0(0)
+.01 a < S. 0:0(0) ack 1
+0   a > .  1:1(0) ack 1
+0   b > S  0:0(0)
+.01 b < S. 0:0(0) ack 1
+0   b > .  1:1(0) ack 1
+0   a > P. 1:11(10) ack 1
+0   b > P. 1:11(10) ack 1
+1   a < S. 0:0(0) ack 1
+0   b < S. 0:0(0) ack 1
+0   c > S  0:0(0)
+.01 c < S. 0:0(0) ack 1
+0   c > .  1:1(0) ack 1
+1   c < S. 0:0(0) ack 1
+.1  c > P. 1:11(10) ack 1
+2   c < S. 0:0(0) ack 1
+1   tick
SCENARIO
run -r "$tmp/pcap" --json --timeline
is "three ACKs are ignored, and of the third that is told again" \
	"$(objects anomaly | sed -n 's/.*"connection":\([0-9]*\),.*"kind":"handshake-ack-ignored".*/\1/p' | tr '\n' ' ')" '1 2 3 3 '
for selected in '--connection 1,2' '--connection 1,2 --state established'; do
	# shellcheck disable=SC2086
	run -r "$tmp/pcap" --json --summary $selected
	is "what is told again of a connection takes nothing from others: $selected" \
		"$(grep -o '"handshake-ack-ignored":[0-9]*' "$tmp/out")" '"handshake-ack-ignored":2'
done
run -r "$tmp/pcap" --json --summary
is "... and each is counted once" "$(grep -o '"handshake-ack-ignored":[0-9]*' "$tmp/out")" '"handshake-ack-ignored":3'

# A deferred accept of a second: its first ACKs are a warning, and routine by what comes later.
"$SCN2PCAP" "$abs_top_srcdir/tests/scenarios/deferred-accept-for-a-second.scn" > "$tmp/pcap"
run -r "$tmp/pcap" --json --anomalies --fail-on any
is "a warning that is taken back is no failure" "$status" 0
ok "... but was said" grep -q '"kind":"handshake-ack-ignored","severity":"warning"' "$tmp/out"
run -r "$tmp/pcap" --fail-on handshake-ack-ignored
is "... what takes its place is of the kind" "$status $(told)" '1 '

# A RST reads as that of a half-open connection until its own copy comes.
"$SCN2PCAP" "$abs_top_srcdir/tests/scenarios/middlebox-reset-captured-twice.scn" > "$tmp/pcap"
run -r "$tmp/pcap" --json --anomalies --connections --summary --fail-on half-open
is "JSON has both as they are said" \
	"$(objects anomaly | sed -n 's/.*"kind":"\([a-z]*-[a-z]*\)".*/\1/p' | tr '\n' ' ')" \
	'half-open middlebox-reset duplicate-frames '
is "... and the last of them in the connection" "$(objects connection | grep -o '"anomalies":[^]]*]')" \
	'"anomalies":["middlebox-reset"]'
is "... and in the counts" "$(objects summary | grep -o '"half-open":[0-9]*\|"middlebox-reset":[0-9]*' | tr '\n' ' ')" \
	'"middlebox-reset":1 '
is "--fail-on: not what was taken back" "$status" 0
run -r "$tmp/pcap" --fail-on middlebox-reset
is "--fail-on: what took its place" "$status" 1

# Each refusal has happened, whatever it is told as.
refused a 192.0.2.1 2 12 | capture
run -r "$tmp/pcap" --fail-on connection-refused
is "--fail-on: what is told as a scan has happened" "$status $(told)" '1 syn-scan;'

# What is about a host is shown where that host is selected, or its connections would seem to have no fault.
for sort in number last; do
	flood="$abs_top_srcdir/captures/syn-flood.pcap"
	run -r "$flood" --local 198.51.100.2 --sort $sort
	ok "--local --sort $sort: a flood of that host" grep -q '^error syn-flood' "$tmp/out"
	run -r "$flood" --local 198.51.100.2 --timeline --sort $sort -n
	is "... in --timeline" "$(grep -c ' ! syn-flood' "$tmp/out")" 1
	run -r "$flood" --local 198.51.100.2 --json --summary --anomalies --sort $sort
	is "... in JSON" "$(objects anomaly | grep -c '"kind":"syn-flood"')" 1
	is "... and in its counts" "$(objects summary | grep -c '"syn-flood":1')" 1
	run -r "$flood" --local 192.0.2.1 --json --summary --anomalies --timeline --sort $sort
	is "--local --sort $sort: a flood of another" "$(grep -c 'syn-flood' "$tmp/out")" 0
	run -r "$flood" --local 198.51.100.2 --state syn-recv --json --anomalies --sort $sort
	is "... or beside one state" "$(grep -c 'syn-flood' "$tmp/out")" 0
done
for end in 192.0.2.1 198.51.100.2; do
	run -r "$abs_top_srcdir/captures/health-checks.pcap" --local $end --json --summary
	is "--local $end: health checks are no resets" \
		"$(objects summary | grep -o '"anomalies":{[^}]*}')" '"anomalies":{"probe":1}'
done
refused a 192.0.2.1 2 12 | capture
for end in 192.0.2.1 192.0.2.2; do
	run -r "$tmp/pcap" --local $end
	is "--local $end: the scan by one host, of one host" "$(told)" 'syn-scan;'
done
refused a 192.0.2.1 2 120 | capture
for end in 192.0.2.1 192.0.2.2; do
	run -r "$tmp/pcap" --local $end --timeline -n
	is "--local $end: ... and what it came to" "$(grep -c 'the scan by 192.0.2.1 came to 120 SYNs' "$tmp/out")" 1
done
{
	refused a 192.0.2.1 2 60
	refused b 192.0.2.1 3 60 | sed 's/192.0.2.2/192.0.2.3/'
} | capture
run -r "$tmp/pcap" --local 192.0.2.2 --timeline -n
is "... but not once another was scanned too" "$(grep -c 'the scan by' "$tmp/out")" 0

done_testing
