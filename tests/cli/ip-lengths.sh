# Lengths of IP that are not the frame's: tshark is the judge of how much data each segment has.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/change.sh
. "$abs_top_srcdir/tests/cli/change.sh"

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
+.01  > P. 7001:16501(9500) ack 1 win 502
+.01  < .  1:1(0) ack 16501 win 502
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

# padded FILE BYTE: a copy of it as $tmp/padded.pcap, in which each frame shorter than 60 bytes has so many of them, as
# Ethernet sends it. BYTE, an octal number, is what stands there: senders owe nobody zeros.
padded()
{
	size=$(wc -c < "$1")
	at=24
	head -c 24 "$1" > "$tmp/padded.pcap"
	while [ "$at" -lt "$size" ]; do
		length=$(od -An -tu4 -j $((at + 8)) -N 4 "$1" | tr -d ' ')
		if [ "$length" -lt 60 ]; then
			tail -c +$((at + 1)) "$1" | head -c 8
			printf '\074\000\000\000\074\000\000\000'
			tail -c +$((at + 17)) "$1" | head -c "$length"
			# shellcheck disable=SC2059
			for _ in $(seq "$length" 59); do printf "\\$2"; done
		else
			tail -c +$((at + 1)) "$1" | head -c $((16 + length))
		fi >> "$tmp/padded.pcap"
		at=$((at + 16 + length))
	done
}

for version in 4 6; do
	plain=$tmp/plain$version.pcap
	is "a segment longer than any MTU, IPv$version" "$(ours "$plain")" "0 0 0 7000 0 9500 0 "
	is "... tshark" "$(theirs "$plain")" "0 0 0 7000 0 9500 0 "
	change "$plain" 4 $((14 + (version == 4 ? 2 : 4))) 0000
	is "an IP length of 0, IPv$version" "$(ours "$tmp/changed.pcap")" "0 0 0 7000 0 9500 0 "
	[ "$version" = 4 ] && is "... tshark" "$(theirs "$tmp/changed.pcap")" "0 0 0 7000 0 9500 0 "
done

# The ACKs over IPv4 are 54 bytes long.
for byte in 000 101; do
	padded "$tmp/plain4.pcap" "$byte"
	is "padding behind the IP packet" "$(ours "$tmp/padded.pcap")" "0 0 0 7000 0 9500 0 "
	is "... tshark" "$(theirs "$tmp/padded.pcap")" "0 0 0 7000 0 9500 0 "
	is "... which is there" "$(tshark -r "$tmp/padded.pcap" -Y 'frame.len == 60' 2> /dev/null | grep -c .)" 3
	is "... and has part in no checksum" "$("$wirestate" -r "$tmp/padded.pcap" | grep Checksums)" ''
	ok "... and no transition" sh -c '"$1" --timeline -n -r "$2" > "$4.1" && "$1" --timeline -n -r "$3" > "$4.2" &&
		cmp "$4.1" "$4.2"' sh "$wirestate" "$tmp/plain4.pcap" "$tmp/padded.pcap" "$tmp/lines"
done
done_testing
