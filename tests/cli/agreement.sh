# tshark agrees: over every capture of the tree, and over one that holds each link type and each tunnel, it counts the
# same frames, finds the TCP segments in the same ones, and shares them out to connections in the same way.
#
# Where the two mean different things by the words: a TCP header that an ICMP error quotes is a segment to tshark and
# none to us, and is left out here. At a SYN with another number tshark begins a stream, we a connection only once the old
# one has ended or the SYN was answered; until then the SYN is a stray of the old one, and so is what the other side says
# to it, which tshark has in the new stream.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
wrap_pcap=${WRAP_PCAP:-tests/tools/wrap-pcap}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}
awk=${AWK:-awk}

for program in tshark mergecap; do
	command -v "$program" > /dev/null || skip_all "$program is not installed"
done

# mine FILE: "frames N", and for each segment its frame, its connection and its flags.
mine()
{
	"$wirestate" --json --timeline --summary -r "$1" | sed -n \
		-e 's/.*"type":"segment".*"frame":\([0-9]*\),"connection":\([0-9]*\),.*"flags":"\([^"]*\)".*/\1 \2 \3/p' \
		-e 's/.*"type":"summary","frames":\([0-9]*\),.*/frames \1/p'
}

# theirs FILE: the same by tshark, which looks for VXLAN at one port only unless it is told. A frame can hold several
# segments: then it names the streams of all of them.
theirs()
{
	tshark -r "$1" -d udp.port==8472,vxlan -T fields -E separator=' ' -e frame.number -e tcp.stream -e icmp.type \
		-e icmpv6.type 2> /dev/null | "$awk" '
		{
			frames = $1
		}
		NF == 2 {
			count = split($2, streams, ",")
			for (i = 1; i <= count; i++)
				print $1, streams[i]
		}
		END {
			print "frames", frames + 0
		}'
}

# judge: reads mine, then theirs; says what differs. Numbers of connections need not be equal, but each of mine has to be
# one of theirs and the other way round.
judge='
	FILENAME == mine {
		if ($1 == "frames")
			frames = $2
		else {
			at[++segments] = $1
			connection[segments] = $2
			flags[segments] = $3
		}
		next
	}
	$1 == "frames" {
		if ($2 != frames)
			print frames " frames, tshark counts " $2
		next
	}
	differs {
		next
	}
	{
		compared++
		if (at[compared] != $1) {
			print "a segment in frame " (at[compared] ? at[compared] : "(none)") ", tshark has one in " $1
			differs = 1
		} else if (stray[connection[compared]] == $2 "" ||
			(flags[compared] == "S" && connection[compared] in stream && !($2 in mate))) {
			stray[connection[compared]] = $2
		} else if (!(connection[compared] in stream) && !($2 in mate)) {
			stream[connection[compared]] = $2
			mate[$2] = connection[compared]
		} else if (stream[connection[compared]] != $2 || mate[$2] != connection[compared]) {
			print "frame " $1 ": connection " connection[compared] ", tshark has it in another stream"
			differs = 1
		}
	}
	END {
		if (!differs && compared < segments)
			print "a segment in frame " at[compared + 1] ", tshark has none"
		if (!frames)
			print "nothing was compared"
	}'

# agrees FILE
agrees()
{
	mine "$1" > "$tmp/mine"
	theirs "$1" > "$tmp/theirs"
	"$awk" -v mine="$tmp/mine" "$judge" "$tmp/mine" "$tmp/theirs"
}

# ---- a judge that never finds anything must not pass ----

printf '%s\n' 'frames 4' '1 1 S' '2 1 .' '4 2 S' > "$tmp/mine"
# said THEIRS...: what the judge says of these lines.
said()
{
	printf '%s\n' "$@" > "$tmp/theirs"
	"$awk" -v mine="$tmp/mine" "$judge" "$tmp/mine" "$tmp/theirs"
}
is "what is alike is alike" "$(said '1 7' '2 7' '4 0' 'frames 4')" ''
is "another number of frames" "$(said '1 0' '2 0' '4 1' 'frames 5')" '4 frames, tshark counts 5'
is "a segment elsewhere" "$(said '1 0' '3 0' '4 1' 'frames 4')" 'a segment in frame 2, tshark has one in 3'
is "a segment more" "$(said '1 0' '2 0' 'frames 4')" 'a segment in frame 4, tshark has none'
is "a segment less" "$(said '1 0' '2 0' '4 1' '5 1' 'frames 4')" 'a segment in frame (none), tshark has one in 5'
is "a connection that is two streams" "$(said '1 0' '2 1' '4 2' 'frames 4')" \
	'frame 2: connection 1, tshark has it in another stream'
printf '%s\n' 'frames 3' '1 1 S' '2 1 S' '3 2 S.' > "$tmp/mine"
is "a SYN that is a stray at first" "$(said '1 0' '2 1' '3 1' 'frames 3')" ''
printf '%s\n' 'frames 4' '1 1 S' '2 1 .' '4 2 S' > "$tmp/mine"
is "two connections that are one stream" "$(said '1 0' '2 0' '4 0' 'frames 4')" \
	'frame 4: connection 2, tshark has it in another stream'

# ---- the captures of the tree ----

for capture in "$abs_top_srcdir"/captures/*.pcap*; do
	is "${capture##*/}" "$(agrees "$capture")" ''
done

# ---- each link type and each tunnel, each with connections of its own, in one file ----

cp "$abs_top_srcdir/captures/connect-close.pcap" "$tmp/plain-4.pcap"
"$scn2pcap" --ipv6 "$abs_top_srcdir/tests/scenarios/open-close.scn" > "$tmp/plain-6.pcap"
for version in 4 6; do
	for keep in 0 $((version * 10)); do
		rm -f "$tmp"/w-*.pcap
		shift=0
		"$wrap_pcap" > "$tmp/names"
		while read -r name kind versions; do
			shift=$((shift + 1))
			case $versions,$kind,$keep in
			*f,[!0]*) continue ;;
			*$version*,*) ;;
			*) continue ;;
			esac
			case $name in
			# What tshark takes for no Ethernet, and a link type that it does not know.
			mpls-ethernet | pppd) continue ;;
			esac
			"$wrap_pcap" "$name" "$keep" "$shift" < "$tmp/plain-$version.pcap" \
				> "$tmp/w-$((100 + shift)).pcap"
		done < "$tmp/names"
		ok "all in one" mergecap -a -w "$tmp/all.pcapng" "$tmp"/w-*.pcap
		is "IPv$version in each, $([ "$keep" = 0 ] && echo whole || echo "cut off behind the TCP header")" \
			"$(agrees "$tmp/all.pcapng")" ''
	done
done
done_testing
