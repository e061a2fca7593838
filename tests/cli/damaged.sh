# Damaged input: what could be read is reported, one line on standard error says what is wrong and where, exit status 2.
# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
# shellcheck source=tests/cli/run.sh
. "$abs_top_srcdir/tests/cli/run.sh"

good=$captures/connect-close.pcap

# bytes NUMBER...: each as one byte.
bytes()
{
	for byte in "$@"; do
		# shellcheck disable=SC2059
		printf "\\$(printf %03o "$byte")"
	done
}
# A pcap header in little-endian byte order, microseconds, link type Ethernet (or $1).
header()
{
	bytes 0xd4 0xc3 0xb2 0xa1 2 0 4 0 0 0 0 0 0 0 0 0 0 0 4 0 "${1-1}" 0 0 0
}

# ---- nothing to be had ----

wrong "a file that is not there" "$tmp/none.*No such file" -r "$tmp/none"
wrong "a folder" "$tmp.*is a directory" -r "$tmp"
: > "$tmp/empty"
wrong "an empty file" "$tmp/empty.*empty" -r "$tmp/empty"
wrong "empty standard input" "standard input.*empty" -r - < "$tmp/empty"
echo 'not a capture, but long enough to have been one' > "$tmp/text"
wrong "a text file" "$tmp/text.*not a capture|$tmp/text.*unknown file format" -r "$tmp/text"
wrong "a text on standard input" 'standard input' -r - < "$tmp/text"
printf '\324\303\262\241' > "$tmp/magic"
wrong "nothing behind the magic number" "$tmp/magic" -r "$tmp/magic"
header | head -c 23 > "$tmp/short"
wrong "a header that lacks a byte" "$tmp/short" -r "$tmp/short"
if [ "$(id -u)" != 0 ]; then
	cp "$good" "$tmp/locked"
	chmod 0 "$tmp/locked"
	wrong "a file that may not be read" "$tmp/locked.*Permission denied" -r "$tmp/locked"
else
	skip "a file that may not be read" "root reads everything"
fi
wrong "two files, neither of them there" "$tmp/none" -r "$tmp/none" -r "$tmp/nothing"
header 147 > "$tmp/user0"
wrong "an unknown link type" "$tmp/user0.*(USER0|147)" -r "$tmp/user0"
wrong "an interface that is not there" 'nosuch0' -i nosuch0
wrong "a bad expression" 'tcp prot 80.*syntax error|syntax error.*tcp prot 80' -r "$good" tcp prot 80
wrong "a name that nobody has in an expression" 'no-such-host.invalid' -r "$good" host no-such-host.invalid

# ---- one file of several ----

for bad in "$tmp/none" "$tmp" "$tmp/empty" "$tmp/text" "$tmp/user0"; do
	for files in "$bad $good" "$good $bad"; do
		# shellcheck disable=SC2086
		set -- $files
		run -r "$1" -r "$2" --json
		is "one good file: ${files##*/tmp/}" "$status $(value summary frames) $(grep -c "^wirestate: $bad:" "$tmp/err")" '2 11 1'
	done
done

# ---- a capture without frames is no error ----

header > "$tmp/none.pcap"
run -r "$tmp/none.pcap" --json
is "no frames" "$status $(cat "$tmp/err") $(value summary frames)" '0  0'
fine "no frames, all views" -r "$tmp/none.pcap" --summary --timeline --connections --anomalies --histogram --hosts

# ---- cut in the middle of a record ----

# u32 FILE OFFSET: the number there, least significant byte first.
u32()
{
	od -An -tu1 -j "$2" -N 4 "$1" | awk '{ print $1 + 256 * ($2 + 256 * ($3 + 256 * $4)) }'
}

# A record is 16 bytes of its own (the length captured in the third four) and the frame.
size=$(wc -c < "$good")
offset=24
frames=0
while [ "$offset" -lt "$size" ]; do
	captured=$(u32 "$good" $((offset + 8)))
	for cut in 1 8 15 16 17 $((15 + captured)); do
		head -c $((offset + cut)) "$good" > "$tmp/cut.pcap"
		run -r "$tmp/cut.pcap" --json --summary --timeline
		is_error "cut after $cut bytes of frame $((frames + 1))" \
			"$tmp/cut.pcap: frame $((frames + 1)) \\(byte $offset\\)"
		is "... the $frames before it are reported" \
			"$(value summary frames) $(objects segment | grep -c .)" "$frames $frames"
	done
	offset=$((offset + 16 + captured))
	frames=$((frames + 1))
	head -c "$offset" "$good" > "$tmp/cut.pcap"
	run -r "$tmp/cut.pcap" --json
	is "cut behind frame $frames" "$status $(cat "$tmp/err") $(value summary frames)" "0  $frames"
done
is "every frame was cut once" "$frames" '11'
head -c -1 "$good" > "$tmp/cut.pcap"
run -r - --json < "$tmp/cut.pcap"
is_error "cut on standard input" 'standard input.*frame 11([^0-9]|$)'
is "... what came before is reported" "$(value summary frames)" '10'
run -r "$tmp/cut.pcap"
is_error "cut, as text" "$tmp/cut.pcap.*frame 11"
ok "... what came before is reported" grep -q . "$tmp/out"
head -c -1 "$captures/server-closes-first.pcapng" > "$tmp/cut.pcapng"
run -r "$tmp/cut.pcapng" --json
is_error "a pcapng without its last byte" "$tmp/cut.pcapng"
ok "... what came before is reported" [ "$(value summary frames)" -gt 5 ]

# The remaining file is read to its end, and the frames' numbers are those of the whole input.
cp "$good" "$tmp/good.pcap"
run -r "$tmp/cut.pcap" -r "$captures/refused.pcap" --json
is_error "one file of two is cut" "$tmp/cut.pcap.*frame 11([^0-9]|\$)"
is "... both are reported" "$(value summary frames) $(value summary connections)" '12 2'
cp "$tmp/cut.pcap" "$tmp/cut2.pcap"
run -r "$tmp/cut.pcap" -r "$tmp/cut2.pcap" --json
is "two files of two are cut: each is named" "$status $(grep -c "^wirestate: .*/cut2*\.pcap" "$tmp/err")" '2 2'

# ---- records that lie ----

# A frame of the good capture, then a record that claims this many bytes, with a few behind it.
claim()
{
	head -c $((24 + 16 + $(u32 "$good" 32))) "$good"
	bytes 0 0 0 0 0 0 0 0
	bytes "$@" "$@"
	printf 'a few bytes'
}
claim 0xff 0xff 0xff 0x7f > "$tmp/huge.pcap"
run -r "$tmp/huge.pcap" --json
is_error "a record of 2 GiB" "$tmp/huge.pcap.*frame 2([^0-9]|\$)"
is "... what came before is reported" "$(value summary frames)" '1'
claim 0xff 0xff 0xff 0xff > "$tmp/huge.pcap"
run -r "$tmp/huge.pcap" --json
is_error "a record of 4 GiB" "$tmp/huge.pcap.*frame 2([^0-9]|\$)"
is "... what came before is reported" "$(value summary frames)" '1'
# within MEMORY ARGUMENT...: runs wirestate with so many KiB of address space; sets $status.
within()
{
	memory=$1
	shift
	status=0
	# shellcheck disable=SC3045
	(ulimit -v "$memory" && exec "$WIRESTATE" "$@") > /dev/null 2> "$tmp/err" || status=$?
}
{ within 400000 --version; } 2> /dev/null
if [ "$status" = 0 ]; then
	within 400000 -r "$tmp/huge.pcap"
	is_error "... and needs no memory for it" "$tmp/huge.pcap.*frame 2"
else
	skip "... and needs no memory for it" "this build cannot run in so little, as with sanitizers"
fi

# The same in pcapng: blocks are type, length, ..., length; type 6 is a frame. What is wrong begins with the third of them.
next=$captures/server-closes-first.pcapng
offset=0
frames=0
until [ "$frames" = 2 ] && [ "$(u32 "$next" "$offset")" = 6 ]; do
	[ "$(u32 "$next" "$offset")" != 6 ] || frames=$((frames + 1))
	offset=$((offset + $(u32 "$next" $((offset + 4)))))
done
for length in "0xf0 0xff 0xff 0x7f" "0xfc 0xff 0xff 0xff" "13 0 0 0" "0 0 0 0"; do
	{
		head -c "$offset" "$next"
		# shellcheck disable=SC2086
		bytes 6 0 0 0 $length
		printf 'a few bytes, and a few more of them'
	} > "$tmp/lies.pcapng"
	run -r "$tmp/lies.pcapng" --json
	is_error "a block of the length $length" "$tmp/lies.pcapng.*frame 3([^0-9]|\$)"
	is "... what came before is reported" "$(value summary frames)" '2'
done

# ---- compressed captures ----

gzip -c "$good" > "$tmp/good.pcap.gz"
run -r "$tmp/good.pcap.gz" --json
if grep -q 'built without' "$tmp/err"; then
	is_error "gzip, which this build cannot undo" "$tmp/good.pcap.gz.*gzip.*zcat"
else
	is "gzip" "$status $(cat "$tmp/err") $(value summary frames)" "0  11"
	run -r - --json < "$tmp/good.pcap.gz"
	is "gzip on standard input" "$status $(cat "$tmp/err") $(value summary frames)" "0  11"
	head -c -9 "$tmp/good.pcap.gz" > "$tmp/cut.pcap.gz"
	run -r "$tmp/cut.pcap.gz" --json
	is_error "gzip that is cut off" "$tmp/cut.pcap.gz: frame [0-9]+ \\(byte [0-9]+, decompressed\\).*gzip data are cut off"
	is "... what came before is reported" "$(($(value summary frames) > 5))" '1'
	echo 'no capture' | gzip -c > "$tmp/text.gz"
	wrong "a text that is compressed" "$tmp/text.gz.*not a capture" -r "$tmp/text.gz"
fi
printf 'BZh91AY&SY' > "$tmp/good.pcap.bz2"
wrong "what no build reads" "$tmp/good.pcap.bz2.*bzip2.*bzcat $tmp/good.pcap.bz2" -r "$tmp/good.pcap.bz2"

# ---- frames that lie are counted, and are no error ----

{
	header
	bytes 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	bytes 1 0 0 0 0 0 0 0 3 0 0 0 3 0 0 0 1 2 3
} > "$tmp/tiny.pcap"
run -r "$tmp/tiny.pcap" --json
is "frames of 0 and of 3 bytes" "$status $(cat "$tmp/err") $(value summary frames) $(value summary segments)" '0  2 0'

done_testing
