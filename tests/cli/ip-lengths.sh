# Lengths of IP that are not the frame's: tshark is the judge of how much data each segment has.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}

command -v tshark > /dev/null || skip_all "tshark is not installed"

cat > "$tmp/plain.scn" <<'END'
client 192.0.2.1:40000 isn 1000
server 192.0.2.2:80    isn 5000
+0    > S  0:0(0) win 64240 <mss 1460,sackOK>
+.01  < S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK>
+.01  > .  1:1(0) ack 1 win 502
+.01  > P. 1:7001(7000) ack 1 win 502
+.01  < .  1:1(0) ack 7001 win 502
END
"$scn2pcap" "$tmp/plain.scn" > "$tmp/plain4.pcap"
"$scn2pcap" --ipv6 "$tmp/plain.scn" > "$tmp/plain6.pcap"

ours()
{
	"$wirestate" --timeline --json -r "$1" | sed -n 's/.*"type":"segment".*"len":\([0-9]*\),.*/\1/p' | tr '\n' ' '
}

theirs()
{
	tshark -r "$1" -Y tcp -T fields -e tcp.len 2> /dev/null | tr '\n' ' '
}

# zeroed FILE AT: a copy of it, with two bytes made 0, as $tmp/zeroed.pcap.
zeroed()
{
	cp "$1" "$tmp/zeroed.pcap"
	dd if=/dev/zero of="$tmp/zeroed.pcap" bs=1 seek="$2" count=2 conv=notrunc 2> /dev/null
}

for version in 4 6; do
	plain=$tmp/plain$version.pcap
	is "a segment longer than any MTU, IPv$version" "$(ours "$plain")" "0 0 0 7000 0 "
	is "... tshark" "$(theirs "$plain")" "0 0 0 7000 0 "
	at=24
	for _ in 1 2 3; do
		at=$((at + 16 + $(od -An -tu4 -j $((at + 8)) -N 4 "$plain")))
	done
	zeroed "$plain" $((at + 16 + 14 + (version == 4 ? 2 : 4)))
	is "an IP length of 0, IPv$version" "$(ours "$tmp/zeroed.pcap")" "0 0 0 7000 0 "
	[ "$version" = 4 ] && is "... tshark" "$(theirs "$tmp/zeroed.pcap")" "0 0 0 7000 0 "
done
done_testing
