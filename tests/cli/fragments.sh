# Fragments that are missing, come in another order or twice, or are too many: tshark is the judge of which segments are
# there all the same, tcpdump of how many packets lack something.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

wrap_pcap=${WRAP_PCAP:-tests/tools/wrap-pcap}
generate=${abs_top_builddir:-$(pwd)}/tests/bench/generate

for program in tshark editcap mergecap tcpdump; do
	command -v "$program" > /dev/null || skip_all "$program is not installed"
done

# ours, theirs: frames that made a segment whole.
ours()
{
	run -r "$1" --timeline --json
	sed -n 's/.*"type":"segment".*"frame":\([0-9]*\),.*/\1/p' "$tmp/out" | tr '\n' ' '
}

theirs()
{
	tshark -r "$1" -Y tcp -T fields -e frame.number 2> /dev/null | tr '\n' ' '
}

# put_together: how many frames tshark puts together of fragments.
put_together()
{
	tshark -r "$1" -Y 'ip.fragment.count or ipv6.fragment.count or wlan.fragment.count' 2> /dev/null | grep -c .
}

# counted: packets put together and incomplete, of the last run with --summary --json.
counted()
{
	run -r "$1" --summary --json
	sed -n 's/.*"fragments":{"packets":\([0-9]*\),"incomplete":\([0-9]*\),.*/\1 \2/p' "$tmp/out"
}

# both_theirs, both_ours: the same of one run, how many were put together before the frames that made a segment whole.
both_theirs()
{
	tshark -r "$1" -T fields -e frame.number -e tcp.srcport -e ip.fragment.count -e ipv6.fragment.count \
		-e wlan.fragment.count 2> /dev/null |
		awk -F '\t' '$2 != "" { frames = frames $1 " " } $3 $4 $5 != "" { count++ } END { print count + 0, frames }'
}

both_ours()
{
	run -r "$1" --timeline --summary --json
	sed -n 's/.*"type":"segment".*"frame":\([0-9]*\),.*/frame \1/p
		s/.*"fragments":{"packets":\([0-9]*\),.*/count \1/p' "$tmp/out" |
		awk '$1 == "frame" { frames = frames $2 " " } $1 == "count" { count = $2 } END { print count, frames }'
}

for name in fragments fragments-of-gre fragments-in-gre wifi-fragments; do
	capture=$captures/refused.pcap
	[ "$name" != fragments ] || capture=$captures/connect-close.pcap
	"$wrap_pcap" "$name" < "$capture" > "$tmp/all.pcap"
	frames=$(tshark -r "$tmp/all.pcap" 2> /dev/null | grep -c .)
	whole=$(theirs "$tmp/all.pcap")
	ok "$name: some frames are no segment" [ "$frames" -gt "$(echo "$whole" | wc -w)" ]
	is "$name: all are there" "$(ours "$tmp/all.pcap")" "$whole"
	is "$name: all are put together" "$(counted "$tmp/all.pcap")" "$(put_together "$tmp/all.pcap") 0"
	frame=1
	differ=
	while [ "$frame" -le "$frames" ]; do
		editcap "$tmp/all.pcap" "$tmp/lacks.pcap" "$frame" 2> /dev/null
		[ "$(both_ours "$tmp/lacks.pcap")" = "$(both_theirs "$tmp/lacks.pcap")" ] || differ="$differ $frame"
		frame=$((frame + 1))
	done
	is "$name: each of them missing, tshark" "$differ" ''
done

# The last fragments first.
"$wrap_pcap" fragments < "$captures/connect-close.pcap" > "$tmp/all.pcap"
frame=$(tshark -r "$tmp/all.pcap" 2> /dev/null | grep -c .)
set --
while [ "$frame" -gt 0 ]; do
	editcap -F pcap -r "$tmp/all.pcap" "$tmp/frame-$frame.pcap" "$frame" 2> /dev/null
	set -- "$@" "$tmp/frame-$frame.pcap"
	frame=$((frame - 1))
done
mergecap -F pcap -a -w "$tmp/reversed.pcap" "$@"
is "all in reverse" "$(ours "$tmp/reversed.pcap")" "$(theirs "$tmp/reversed.pcap")"
ok "... which are as many" [ "$(ours "$tmp/reversed.pcap" | wc -w)" = "$(ours "$tmp/all.pcap" | wc -w)" ]

# Too many that lack something: each is counted, none is a segment, and what comes whole behind them is one. Some have the
# numbers of others that are still there, and overlap.
"$generate" -x 0.01 web | "$wrap_pcap" fragments > "$tmp/many.pcap"
tcpdump -r "$tmp/many.pcap" -w "$tmp/first.pcap" 'ip[6:2] & 0x3fff = 0x2000' 2> /dev/null
packets=$(tcpdump -nr "$tmp/first.pcap" 2> /dev/null | grep -c .)
ok "there are more than are kept at once" [ "$packets" -gt 1024 ]
counted "$tmp/first.pcap" > "$tmp/counted"
overlapping=$(sed -n 's/.*"fragments":{.*"overlapping":\([0-9]*\)}.*/\1/p' "$tmp/out")
is "of many packets nothing but the first fragment" "$(cat "$tmp/counted")" "0 $((packets - overlapping))"
is "... none is a segment" "$(ours "$tmp/first.pcap")" ''
mergecap -F pcap -a -w "$tmp/behind.pcap" "$tmp/first.pcap" "$tmp/all.pcap"
is "... and those behind them are put together" "$(ours "$tmp/behind.pcap" | wc -w)" "$(ours "$tmp/all.pcap" | wc -w)"
run -r "$tmp/first.pcap"
ok "... the summary says so" grep -q "^Fragments 0 packets put together, $((packets - overlapping)) incomplete" "$tmp/out"

# Half a minute later what is missing does not come any more (Linux: net.ipv4.ipfrag_time).
for seconds in 29 31; do
	editcap -F pcap -t "$seconds" "$tmp/frame-2.pcap" "$tmp/late.pcap"
	mergecap -F pcap -a -w "$tmp/apart.pcap" "$tmp/frame-1.pcap" "$tmp/late.pcap"
	is "the other fragment after $seconds s" "$(counted "$tmp/apart.pcap" | cut -d ' ' -f 1)" "$((seconds < 30))"
done

done_testing
