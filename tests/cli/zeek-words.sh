# Zeek's words for the connections of captures and scenarios. Zeek itself is not at hand where the tests run; what it says
# was derived from its rules, in zeek-words.list.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}
awk=${AWK:-awk}
list=$abs_top_srcdir/tests/cli/zeek-words.list

# said FILE: number, conn_state and history of each connection.
said()
{
	"$wirestate" -n --json --connections -r "$1" |
		sed -n 's/.*"connection":\([0-9]*\),.*"conn_state":"\([^"]*\)","history":"\([^"]*\)".*/\1 \2 \3/p'
}

# differing NAME FILE: what the list has on NAME and the connections of FILE do not say, and the other way round. More
# connections than are listed may follow.
differing()
{
	said "$2" > "$tmp/said"
	"$awk" -v name="$1" '
		FILENAME ~ /said$/ {
			said[$1] = $2 " " $3
			next
		}
		$1 == name && said[$2] != $3 " " $4 {
			print "connection " $2 ": " said[$2] ", listed is " $3 " " $4
		}' "$tmp/said" "$list"
}

refused=$abs_top_srcdir/captures/refused.pcap
is "the list is looked at" "$(differing half-open-discovery.pcap "$refused")" \
	'connection 1: REJ Sr, listed is S1 ShADad
connection 2: , listed is RSTOS0 SaR'

for name in $(sed -n 's/^\([a-z][^ ]*\) 1 .*/\1/p' "$list"); do
	case $name in
	*.scn)
		"$scn2pcap" "$abs_top_srcdir/tests/scenarios/$name" > "$tmp/scenario.pcap"
		is "$name" "$(differing "$name" "$tmp/scenario.pcap")" ''
		;;
	*)
		is "$name" "$(differing "$name" "$abs_top_srcdir/captures/$name")" ''
		;;
	esac
done

done_testing
