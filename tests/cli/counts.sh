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

# A clock that says 1969 says nothing against the order of the frames, nor does the capture last until the epoch.
# pcapng: a section, an interface whose if_tsoffset is -1000, and two frames of four bytes.
{
	printf '\012\015\015\012\034\0\0\0\115\074\053\032\001\0\0\0\377\377\377\377\377\377\377\377\034\0\0\0'
	printf '\001\0\0\0\044\0\0\0\001\0\0\0\0\0\0\0\016\0\010\0\030\374\377\377\377\377\377\377\0\0\0\0\044\0\0\0'
	for at in 1 2; do
		printf '\006\0\0\0\044\0\0\0\0\0\0\0\0\0\0\0\00'$at'\0\0\0\004\0\0\0\004\0\0\0ABCD\044\0\0\0'
	done
} > "$tmp/1969.pcapng"
"$wirestate" --json --summary -r "$tmp/1969.pcapng" > "$tmp/summary"
ok "a capture of 1969 ends there" grep -q '"first":-999.999999,"last":-999.999998,' "$tmp/summary"
"$wirestate" --summary -r "$tmp/1969.pcapng" > "$tmp/summary"
is "... and its frames are in order" "$(grep -c '^Time' "$tmp/summary") $(grep '^Order' "$tmp/summary")" '1 '
done_testing
