#!/bin/sh
# The states that wirestate says against what ss(8) said on both hosts while each capture was recorded: captures/truth/.
# The kernel is the judge; a row that ss had and we have not, or the other way round, is an error.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

wirestate=${WIRESTATE:-./wirestate}

# What is not held against us: capture, host, what ss said, what we say. The segment that moves the state has passed
# the tap, and is on its way for another 0.4 s.
unknowable='
simultaneous-close server CLOSING TIME_WAIT
simultaneous-open server SYN-RECV ESTABLISHED
'

# compare CAPTURE TRUTH: prints what differs.
compare()
{
	name=$(basename "$2" .ss)
	grep -v '^#' "$2" | cut -d ' ' -f 1 | sort -u > "$tmp/moments"
	[ -s "$tmp/moments" ] || echo "no moment in $2"
	while read -r moment; do
		"$wirestate" -n --connections --json --at "$moment" -r "$1" > "$tmp/json" ||
			echo "$moment: status $?"
		awk -v moment="$moment" -v name="$name" -v unknowable="$unknowable" '
		function field(text, key) {
			if (!match(text, "\"" key "\":(\"[^\"]*\"|[0-9]+)"))
				return ""
			text = substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
			gsub(/"/, "", text)
			return text
		}
		function endpoint(text,   addr) {
			addr = field(text, "addr")
			return (addr ~ /:/ ? "[" addr "]" : addr) ":" field(text, "port")
		}
		function part(line, key) {
			if (!match(line, "\"" key "\":[{][^}]*[}]"))
				return ""
			return substr(line, RSTART, RLENGTH)
		}
		function note(host, wanted, got, key) {
			if (!index(unknowable, "\n" name " " host " " wanted " " got "\n"))
				print moment " " host " " key ": ss says " wanted ", not " got
		}
		BEGIN {
			split("UNCONN CLOSED LISTEN LISTEN SYN-SENT SYN_SENT SYN-RECV SYN_RCVD ESTAB ESTABLISHED " \
			      "FIN-WAIT-1 FIN_WAIT_1 FIN-WAIT-2 FIN_WAIT_2 CLOSE-WAIT CLOSE_WAIT CLOSING CLOSING " \
			      "LAST-ACK LAST_ACK TIME-WAIT TIME_WAIT", words, " ")
			for (i = 1; i in words; i += 2)
				ours[words[i]] = words[i + 1]
		}
		# The kernel: rows of that moment, and hosts that were asked.
		FNR == NR {
			if (/^#/ || $1 != moment)
				next
			asked[$2] = 1
			if ($3 != "none")
				truth[$2, $4 " " $5] = $3
			next
		}
		/"type":"connection"/ {
			client = part($0, "client")
			server = part($0, "server")
			said[endpoint(client) " " endpoint(server)] = field(client, "state")
			said[endpoint(server) " " endpoint(client)] = field(server, "state")
		}
		END {
			for (at in truth) {
				split(at, key, SUBSEP)
				state = (key[2] in said) ? said[key[2]] : "nothing"
				if (state != ours[truth[at]])
					note(key[1], truth[at], state, key[2])
			}
			# What we say is there, on a host that ss was asked on and that had other rows or none.
			for (pair in said) {
				if (said[pair] == "CLOSED" || said[pair] == "UNKNOWN")
					continue
				host = ""
				if (pair ~ /^(192\.0\.2\.1|\[2001:db8:1::1\]):/)
					host = "client"
				if (pair ~ /^(198\.51\.100\.2|\[2001:db8:2::2\]):/)
					host = "server"
				if (host in asked && !((host, pair) in truth))
					note(host, "none", said[pair], pair)
			}
		}' "$2" "$tmp/json" 2>&1
	done < "$tmp/moments"
}

for truth in "$abs_top_srcdir"/captures/truth/*.ss; do
	name=$(basename "$truth" .ss)
	for capture in "$abs_top_srcdir/captures/$name".pcap*; do
		is "$name: every side as ss said" "$(compare "$capture" "$truth")" ""
	done
done
done_testing
