# Every segment is counted for one connection, and only for one: those that --connections counts are those of the
# summary, but for what was captured twice.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}
awk=${AWK:-awk}

# counted FILE: segments of the connections, and of the summary. Copies are not told apart there: where there are any, the
# connections have to have fewer.
counted()
{
	"$wirestate" --json --connections --summary -r "$1" 2> /dev/null | "$awk" '
		/^\{"type":"connection"/ {
			while (match($0, /"packets":[0-9]+/)) {
				packets += substr($0, RSTART + 10, RLENGTH - 10)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}
		/^\{"type":"summary"/ && match($0, /"segments":[0-9]+/) {
			segments = substr($0, RSTART + 11, RLENGTH - 11)
			copies = /"duplicate-frames":/
		}
		END {
			print packets + 0, copies && packets + 0 < segments + 0 ? packets + 0 : segments + 0
		}'
}

for capture in "$abs_top_srcdir"/captures/*.pcap*; do
	# shellcheck disable=SC2046 # two words
	set -- $(counted "$capture")
	is "${capture##*/}" "$1" "$2"
done
for scenario in "$abs_top_srcdir"/tests/scenarios/*.scn; do
	"$scn2pcap" "$scenario" > "$tmp/pcap"
	# shellcheck disable=SC2046 # two words
	set -- $(counted "$tmp/pcap")
	[ "$1" = "$2" ] || echo "${scenario##*/}: $1, $2"
done > "$tmp/differ"
is "and the scenarios" "$(cat "$tmp/differ")" ''

# The SYN that began another connection half an hour later is no segment of the one before, which lasted 30 ms.
cat > "$tmp/reused.scn" << 'END'
client 192.0.2.1:40000 isn 1000
server 192.0.2.2:80    isn 5000
+0    > S  0:0(0) <mss 1460>
+.01  < S. 0:0(0) ack 1 <mss 1460>
+0    > .  1:1(0) ack 1
+.01  > P. 1:101(100) ack 1
+.01  < .  1:1(0) ack 101
+1800 > S  70000:70000(0) <mss 1460>
+.01  < S. 65539:65539(0) ack 70001 <mss 1460>
END
"$scn2pcap" "$tmp/reused.scn" > "$tmp/pcap"
lasted=$("$wirestate" --json --connections -r "$tmp/pcap" | "$awk" '
	/"connection":1,/ && match($0, /"last":[0-9.]+/) { print substr($0, RSTART + 7, RLENGTH - 7) % 3600 }')
is "nor does it last until then" "$lasted" 0.03
done_testing
