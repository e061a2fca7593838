# For tests of frames with other bytes: changes some of a pcap file in little-endian byte order. Read after lib.sh.
# shellcheck shell=sh disable=SC2154

# change FILE FRAME OFFSET HEX: a copy of FILE, with other bytes in the frame, as $tmp/changed.pcap.
change()
{
	at=24
	frame=$2
	while [ "$frame" -gt 1 ]; do
		at=$((at + 16 + $(od -An -tu4 -j $((at + 8)) -N 4 "$1")))
		frame=$((frame - 1))
	done
	cp "$1" "$tmp/copy.pcap"
	# shellcheck disable=SC2059 # the format is the bytes
	printf "$(echo "$4" | sed 's/../\\x&/g')" |
		dd of="$tmp/copy.pcap" bs=1 seek=$((at + 16 + $3)) conv=notrunc 2> /dev/null
	mv "$tmp/copy.pcap" "$tmp/changed.pcap"
}
