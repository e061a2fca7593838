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
done_testing
