# A capture whose frames were cut off after any number of bytes: what can be known from the part that is there is used.
# From the first 20 bytes of the TCP header on, whatever became of its options, each segment moves the states as if nothing
# were missing; below, each frame is counted as truncated, and nothing is made up.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

scenario=$abs_top_srcdir/tests/scenarios/open-close.scn

# moves: the transitions, and the final states.
moves()
{
	objects transition
	states
}

# cut NAME FIRST ENOUGH LAST OPTION...: frames of the scenario, made with these options of scn2pcap, cut after FIRST to LAST
# bytes; ENOUGH is where the first 20 bytes of the TCP header end.
cut()
{
	name=$1
	bytes=$2
	first=$2
	enough=$3
	last=$4
	shift 4
	"$SCN2PCAP" "$@" "$scenario" > "$tmp/whole.pcap"
	run -r "$tmp/whole.pcap" --timeline --connections --summary --json
	moves > "$tmp/moves"
	frames=$(value summary frames)
	segments=$(value summary segments)
	is "$name: the whole frames" "$(grep -c . "$tmp/moves"), $((frames - segments)) other" '12, 1 other'
	bad=
	while [ "$bytes" -le "$last" ]; do
		"$SCN2PCAP" --snaplen "$bytes" "$@" "$scenario" > "$tmp/cut.pcap"
		run -r "$tmp/cut.pcap" --timeline --connections --summary --json
		moves > "$tmp/cut-moves"
		# The frame that is no segment is a short one, and may be whole.
		truncated=$(sed -n 's/.*"truncated":\([0-9]*\).*/\1/p' "$tmp/out")
		if [ "$bytes" -ge "$enough" ]; then
			cmp -s "$tmp/moves" "$tmp/cut-moves"
		else
			[ ! -s "$tmp/cut-moves" ] && [ "$truncated" -ge "$segments" ]
		fi
		[ "$? $status $(cat "$tmp/err") $(value summary frames)" = "0 0  $frames" ] || bad="$bad $bytes"
		bytes=$((bytes + 1))
	done
	is "$name: cut after $first to $last bytes" "$bad" ''
}

cut Ethernet 0 54 82
cut 'IPv6 in cooked v2' 76 80 100 --ipv6 --link sll2
cut 'raw IP' 0 40 48 --link raw

done_testing
