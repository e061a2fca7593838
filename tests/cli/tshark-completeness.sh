# Wireshark's word and everybody's: the completeness and the Community ID of each connection are what tshark says,
# over every capture of the tree and over all scenarios.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}
scn2pcap=${SCN2PCAP:-tests/tools/scn2pcap}
awk=${AWK:-awk}

for program in tshark mergecap; do
	command -v "$program" > /dev/null || skip_all "$program is not installed"
done
version=$(tshark --version 2> /dev/null | sed -n '1s/^TShark[^0-9]*\([0-9]*\).*/\1/p')
[ "${version:-0}" -ge 4 ] || skip_all "the word is that of Wireshark 4, this is ${version:-of unknown version}"

# dissect FILE [OPTION]...: a line for each TCP segment: frame, time, stream, completeness, Community ID, flags,
# sender, its port. A header quoted by ICMP is no segment. A field that is missing is -.
dissect()
{
	file=$1
	shift
	tshark -n "$@" --enable-protocol communityid -r "$file" -Y 'tcp && !icmp && !icmpv6' -T fields \
		-E occurrence=l -e frame.number -e frame.time_epoch -e tcp.stream -e tcp.completeness \
		-e communityid -e tcp.flags -e ip.src -e ipv6.src -e tcp.srcport 2> /dev/null |
		"$awk" -F '\t' '{ print $1, $2, $3, $4, $5, $6, $7 $8, $9 }'
}

# mine FILE: a line for each connection: its number, time of its first segment, completeness, Community ID, client.
mine()
{
	"$wirestate" -n --json --connections -r "$1" | "$awk" '
		function value(text, key, from) {
			from = index(text, "\"" key "\":")
			text = substr(text, from + length(key) + 3)
			sub(/^"/, "", text)
			sub(/[",}].*/, "", text)
			return text
		}
		/^{"type":"connection"/ {
			first = value($0, "first")
			while (length(first) - index(first, ".") < 9)
				first = first "0"
			client = substr($0, index($0, "\"client\":"))
			print value($0, "connection"), first, value($0, "completeness"), value($0, "community_id"),
				value(client, "addr"), value(client, "port")
		}'
}

# judge: compares two-pass lines, one-pass lines and mine, in that order, and says what differs.
#
# The stream of a connection is found by its first segment: time, Community ID and, where several segments agree in
# these, sender. What the stream comes to is printed with its last frame. Before Wireshark 4.2 a SYN with the number of
# the one before continues the stream after a FIN or RST, too; the first pass shows a frame what was there before it,
# so with that SYN it shows what a later Wireshark says. What follows then has no judge.
judge='
	function value(text, i, number) {
		if (text !~ /^0x/)
			return text + 0
		for (i = 3; i <= length(text); i++)
			number = number * 16 + index("123456789abcdef", substr(text, i, 1))
		return number + 0
	}
	function bit(number, which) {
		return int(number / which) % 2
	}
	FILENAME == two {
		flags = value($6)
		segment = $5 " " $2
		if (!((segment, $7, $8) in frame))
			frame[segment, $7, $8] = $1
		if (!(segment in frame))
			frame[segment] = $1
		if ($3 in cut)
			late[$1] = 1
		else if (closed[$3] && bit(flags, 2) && !bit(flags, 16)) {
			cut[$3] = $1
			late[$1] = 1
		}
		if (bit(flags, 4) || (bit(flags, 1) && bit(flags, 16)))
			closed[$3] = 1
		stream[$1] = $3
		final[$3] = value($4)
		seen[$5] = 1
		next
	}
	FILENAME == one {
		if ($3 in cut && cut[$3] == $1)
			final[$3] = value($4)
		next
	}
	{
		segment = $4 " " $2
		at = (segment, $5, $6) in frame ? frame[segment, $5, $6] : frame[segment]
		if (!seen[$4])
			print "connection " $1 ": tshark knows no " $4
		else if (!at)
			print "connection " $1 ": no segment at " $2
		else if (late[at])
			skipped++
		else if (final[stream[at]] != $3)
			print "connection " $1 ", frame " at ": " $3 ", tshark says " final[stream[at]]
		else
			compared++
	}
	END {
		if (only_cuts) {
			for (which in cut)
				print cut[which]
			exit
		}
		if (!compared && !skipped)
			print "nothing was compared"
		if (skipped > compared / 20)
			print skipped " have no judge"
	}'

# agrees FILE
agrees()
{
	dissect "$1" -2 > "$tmp/two"
	: > "$tmp/one"
	[ "$("$awk" -v two="$tmp/two" -v only_cuts=1 "$judge" "$tmp/two")" = '' ] || dissect "$1" > "$tmp/one"
	mine "$1" > "$tmp/mine"
	"$awk" -v two="$tmp/two" -v one="$tmp/one" "$judge" "$tmp/two" "$tmp/one" "$tmp/mine"
}

# A judge that never finds anything must not pass: frame 2 is another stream, 3 the last of it; the second connection is
# wrong, the third unknown.
cat > "$tmp/two" <<'END'
1 1.000000000 0 0x01 1:a 0x0002 192.0.2.1 4000
2 2.000000000 1 0x05 1:b 0x0002 192.0.2.1 4001
3 3.000000000 1 0x07 1:b 0x0012 192.0.2.2 80
END
: > "$tmp/one"
cat > "$tmp/mine" <<'END'
1 1.000000000 1 1:a 192.0.2.1 4000
2 2.000000000 5 1:b 192.0.2.1 4001
3 3.000000000 5 1:c 192.0.2.1 4002
4 4.000000000 7 1:b 192.0.2.1 4001
END
is "the judge sees what differs" \
	"$("$awk" -v two="$tmp/two" -v one="$tmp/one" "$judge" "$tmp/two" "$tmp/one" "$tmp/mine")" \
	'connection 2, frame 2: 5, tshark says 7
connection 3: tshark knows no 1:c
connection 4: no segment at 4.000000000'

for capture in "$abs_top_srcdir"/captures/*.pcap "$abs_top_srcdir"/captures/*.pcapng; do
	is "${capture##*/}" "$(agrees "$capture")" ''
done

# All scenarios in one capture, each in networks of its own. Wireshark takes the header that an ICMP error quotes for a
# segment, so there are none.
number=0
for scenario in "$abs_top_srcdir"/tests/scenarios/*.scn; do
	! grep -q '^[^#]* icmp ' "$scenario" || continue
	number=$((number + 1))
	high=$((number / 256)) low=$((number % 256))
	sed -e "s/192\\.0\\.2\\./10.$high.$low./g" -e "s/198\\.51\\.100\\./10.$((high + 64)).$low./g" \
		-e "s/203\\.0\\.113\\./10.$((high + 128)).$low./g" "$scenario" > "$tmp/$number.scn"
done
for variant in '' '--ipv6 --shift-isn' '--snaplen 68'; do
	at=0 failed=
	while [ $at -lt $number ]; do
		at=$((at + 1))
		# shellcheck disable=SC2086 # the variant is words
		"$scn2pcap" $variant "$tmp/$at.scn" > "$tmp/$at.pcap" || failed="$failed $at"
	done
	is "captures of all scenarios${variant:+, $variant}" "$failed" ''
	ok "one capture of all scenarios${variant:+, $variant}" mergecap -w "$tmp/all.pcap" "$tmp"/[0-9]*.pcap
	is "all scenarios${variant:+, $variant}" "$(agrees "$tmp/all.pcap")" ''
done

# Connections that make no sense: any flags and numbers in any order, now and then with a pause after which we have
# forgotten what was before. After a FIN or RST a SYN has a number of its own, and no RST comes first, for the sake of
# Wireshark before 4.2.
"$awk" '
	function random(below) {
		x = x * 16807 % 2147483647
		return x % below
	}
	BEGIN {
		x = 20240101
		split("S S S. . . P. F. F none FS FS. R R. SR FR.", flags, " ")
		split("0 0 1 1 5", number, " ")
		for (i = 1; i <= 1500; i++) {
			printf "conn c%d client 10.0.%d.%d:40000 isn 1000 server 192.0.2.2:80 isn 5000\n", i, i / 250,
				1 + i % 250
			closed = 0
			segments = 1 + random(9)
			for (k = 1; k <= segments; k++) {
				flag = flags[1 + random(k == 1 ? 11 : 15)]
				first = number[1 + random(5)] + (closed && flag ~ /S/ && flag !~ /\./ ? 100000 * k : 0)
				size = random(4) ? 0 : 4
				printf "+%s c%d %s %s %d:%d(%d)", random(40) ? ".001" : "130", i, random(2) ? ">" : "<",
					flag, first, first + size, size
				print flag ~ /\./ ? " ack " number[1 + random(5)] : ""
				if (flag ~ /R/ || (flag ~ /F/ && flag ~ /\./))
					closed = 1
			}
		}
	}' > "$tmp/random.scn"
ok "random connections can be made" sh -c '"$1" "$2" > "$3"' sh "$scn2pcap" "$tmp/random.scn" "$tmp/random.pcap"
is "random connections" "$(agrees "$tmp/random.pcap")" ''

done_testing
