# The fuzz targets without an engine: over the committed corpus, the captures, and what seeds.sh makes of the scenarios.
# What a target checks is in its file; here it has to come to its end.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

: "${abs_top_builddir:=.}"
programs=$abs_top_builddir/tests/fuzz
corpus=$abs_top_srcdir/tests/fuzz/corpus

FILE_SEEDS=$programs/file-seeds
FRAME_SEEDS=$programs/frame-seeds
export FILE_SEEDS FRAME_SEEDS
ok "seeds are made of captures and scenarios" "$abs_top_srcdir/tests/fuzz/seeds.sh" "$tmp/seeds" quick

# over TARGET ARGUMENT...: it names each input before its turn, so that the last one named is what ended it.
over()
{
	target=$1
	shift
	status=0
	"$programs/fuzz-$target" "$@" > "$tmp/log" 2>&1 || status=$?
	inputs=$(sed -n 's/ inputs, nothing found$//p' "$tmp/log")
	[ "$status" = 0 ] && [ "${inputs:-0}" -gt 0 ]
	result $? "fuzz-$target: ${inputs:-} inputs" "status $status, at:" "$(tail -n 40 "$tmp/log")"
}

over reader "$corpus/reader" "$corpus/analysis" "$tmp/seeds/capture"
over reader --cut "$abs_top_srcdir/captures/refused.pcap" "$corpus/reader"
over link "$tmp/seeds/link"
over fragments --cut "$corpus/fragments"
over analysis "$corpus/analysis" "$corpus/reader" "$tmp/seeds/capture"

done_testing
