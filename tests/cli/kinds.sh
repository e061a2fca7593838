# Every kind of anomaly is raised in some scenario and just missed in another, and every edge of RFC 9293 figure 5 that a capture can show is
# taken in one: what nobody expects nobody tests.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
LC_ALL=C
export LC_ALL
scenarios=$abs_top_srcdir/tests/scenarios

# The second member of each X(...) in the list, on one line or two.
sed -n 's/^\tX([A-Z0-9_]*, *"\([a-z0-9-]*\)".*/\1/p' "$abs_top_srcdir/src/analysis/anomaly-kinds.h" |
	sort > "$tmp/kinds"
sed -n 's/^ *! *\([a-z0-9-]*\).*/\1/p' "$scenarios"/*.scn | sort -u > "$tmp/raised"
ok "there are kinds" test -s "$tmp/kinds"
is "every kind is raised in a scenario" "$(comm -23 "$tmp/kinds" "$tmp/raised")" ''
sed -n 's/^not //p' "$scenarios"/*.scn | tr ' ' '\n' | sort -u > "$tmp/near"
is "some scenario comes near to every kind and must not raise it" "$(comm -23 "$tmp/kinds" "$tmp/near")" ''
is "what scenarios must not raise exists" "$(comm -13 "$tmp/kinds" "$tmp/near")" ''
is "scenarios raise no kind that does not exist" "$(comm -13 "$tmp/kinds" "$tmp/raised")" ''

# Whatever is raised names the frames that show it, and says in a sentence why and in another what to do.
for scenario in "$scenarios"/*.scn; do
	# shellcheck disable=SC2046 # the options are words
	"${SCN2PCAP:-tests/tools/scn2pcap}" "$scenario" |
		"${WIRESTATE:-./wirestate}" -n -r - --json --anomalies $(sed -n 's/^options //p' "$scenario") 2> /dev/null |
		grep '^{"type":"anomaly"' || true
done > "$tmp/anomalies"
sed 's/.*"kind":"\([a-z0-9-]*\)".*/\1/' "$tmp/anomalies" | sort -u > "$tmp/kinds-raised"
is "every kind is looked at" "$(comm -3 "$tmp/kinds" "$tmp/kinds-raised")" ''
is "every anomaly has its evidence, a sentence and a hint" \
	"$(grep -v '"frames":\[[1-9][0-9,]*\],"message":"[^"]\{20,\}.*","hint":"[A-Z][^"]\{20,\}' "$tmp/anomalies")" ''

# CLOSED and LISTEN are left by program calls, which are on no wire; a reset handshake ends in CLOSED, as ss shows it.
sort > "$tmp/edges" <<'EDGES'
CLOSED > SYN_SENT
CLOSE_WAIT > LAST_ACK
CLOSING > TIME_WAIT
ESTABLISHED > CLOSE_WAIT
ESTABLISHED > FIN_WAIT_1
FIN_WAIT_1 > CLOSING
FIN_WAIT_1 > FIN_WAIT_2
FIN_WAIT_1 > TIME_WAIT
FIN_WAIT_2 > TIME_WAIT
LAST_ACK > CLOSED
LISTEN > SYN_RCVD
SYN_RCVD > CLOSED
SYN_RCVD > ESTABLISHED
SYN_RCVD > FIN_WAIT_1
SYN_SENT > CLOSED
SYN_SENT > ESTABLISHED
SYN_SENT > SYN_RCVD
TIME_WAIT > CLOSED
EDGES
sed -n 's/^ *= *[^ ]* \([A-Z0-9_]* > [A-Z0-9_]*\) .*/\1/p' "$scenarios"/*.scn | sort -u > "$tmp/taken"
is "every edge of the figure is taken in a scenario" "$(comm -23 "$tmp/edges" "$tmp/taken")" ''

done_testing
