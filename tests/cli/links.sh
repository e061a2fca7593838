# What a packet is wrapped in changes nothing: the same capture in each link type and tunnel, and in fragments, gives the
# lines that tcpdump prints for it as it was, and the same connections. tshark is the judge of which frames are segments.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
wrap_pcap=${WRAP_PCAP:-tests/tools/wrap-pcap}
plain=$abs_top_srcdir/captures/connect-close.pcap

# lines OPTIONS FILE: the timeline without what tcpdump does not print.
lines()
{
	"$wirestate" "$1" --timeline -r "$2" | grep -v '^[[:space:]]*|'
}

# connections FILE: all that is said of them but their numbers, frames and times.
connections()
{
	"$wirestate" --connections --json -r "$1" | sed -n '/"type":"connection"/p'
}

# segments FILE: the frames that are segments and the numbers of their connections, counted from 0 as tshark does.
segments()
{
	"$wirestate" --timeline --json -r "$1" |
		sed -n 's/.*"type":"segment".*"frame":\([0-9]*\),"connection":\([0-9]*\),.*/\1 \2/p' |
		while read -r frame number; do
			echo "$frame $((number - 1))"
		done
}

lines -tn "$plain" > "$tmp/lines"
connections "$plain" > "$tmp/connections"
is "the plain capture has lines" "$(grep -c 'Flags' "$tmp/lines")" 11
is "... and a connection" "$(grep -c . "$tmp/connections")" 1
is "there is something to wrap it in" "$("$wrap_pcap" | grep -c .)" 39

command -v tshark > /dev/null && tshark=yes || tshark=no

for name in $("$wrap_pcap"); do
	"$wrap_pcap" "$name" < "$plain" > "$tmp/$name.pcap"
	is "$name: the lines" "$(lines -tn "$tmp/$name.pcap")" "$(cat "$tmp/lines")"
	is "$name: the connection" "$(connections "$tmp/$name.pcap")" "$(cat "$tmp/connections")"
	if [ "$tshark" = no ]; then
		skip "$name: tshark" "tshark is not installed"
	elif [ "$name" = mpls-ethernet ]; then
		skip "$name: tshark" "tshark does not take it for Ethernet"
	else
		is "$name: tshark" "$(segments "$tmp/$name.pcap" | tr '\n' ' ')" \
			"$(tshark -r "$tmp/$name.pcap" -Y tcp -T fields -E separator=' ' -e frame.number -e tcp.stream \
				2> /dev/null | tr '\n' ' ')"
	fi
done

# ---- the summary says what was unwrapped ----

is "what all frames were in" "$("$wirestate" -r "$tmp/all-in-each-other.pcap" | grep '^Unwrapped')" \
	'Unwrapped 11 IP in IP, 11 GRE, 11 VXLAN'
is "... in JSON" "$("$wirestate" --json -r "$tmp/all-in-each-other.pcap" | sed -n 's/.*\("unwrapped":{[^}]*}\).*/\1/p')" \
	'"unwrapped":{"ip-in-ip":11,"gre":11,"vxlan":11}'
is "... and what was put together" "$("$wirestate" -r "$tmp/fragments.pcap" | grep '^Fragments')" \
	'Fragments 11 packets put together'

done_testing
