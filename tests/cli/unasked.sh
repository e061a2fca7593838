# What was not asked for costs nothing: anomalies are looked for only where a view names them or --fail-on asks, and no
# memory of a connection is taken, and none kept to the end, for what no view prints.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

WIRESTATE_TRACE=detect,flow
export WIRESTATE_TRACE
capture=$captures/accept-queue-full.pcap

# costs OPTION...: what the run says of itself: whether detectors ran, bytes of each connection, whether it was kept.
costs()
{
	run -n -r "$capture" "$@"
	sed -n 's/.*trace: detect: .*/detectors/p' "$tmp/err" | tr '\n' ' '
	sed -n 's/.*trace: flow: observers have \([0-9]*\) bytes of each connection, which is \(.*\)/\1 \2/p' "$tmp/err" |
		tail -n 1
}

# The bits of ConnectionInterest are always there.
nothing=8
for view in --histogram '--histogram --json' '--histogram --at +1'; do
	# shellcheck disable=SC2086 # words
	is "$view" "$(costs $view)" "$nothing forgotten when it is over"
done
for view in --hosts '--hosts --json' --connections '--connections --local 10.0.0.0/8' '--connections --at +1' \
	'--histogram --state established'; do
	# shellcheck disable=SC2086 # words
	is "$view" "$(costs $view)" "$nothing kept to the end"
done

# What takes anomalies has them looked for.
for view in --summary '--summary --json' --anomalies '--anomalies --json' --timeline '--timeline --json' \
	'--histogram --fail-on any' '--connections --fail-on reset'; do
	# shellcheck disable=SC2086 # words
	said=$(costs $view)
	is "$view looks for anomalies" "${said%% *}" detectors
done
said=$(costs --summary)
is "--summary keeps no connection" "${said#detectors * }" 'forgotten when it is over'

# Other tools' words are JSON's, and it has the kinds of anomalies of each connection.
summary=$(costs --summary | cut -d ' ' -f 2)
words=$(costs --connections --json | cut -d ' ' -f 2)
ok "--connections --json has memory for more than the detectors" [ "$words" -gt "$summary" ]
is "--summary --json has not" "$(costs --summary --json | cut -d ' ' -f 2)" "$summary"
is "nor has --anomalies" "$(costs --anomalies | cut -d ' ' -f 2)" "$summary"

run -n -r "$capture" --connections
cp "$tmp/out" "$tmp/alone"
run -n -r "$capture" --connections --anomalies
is "the table is the same with them" "$(grep -vxFf "$tmp/out" "$tmp/alone")" ''

done_testing
