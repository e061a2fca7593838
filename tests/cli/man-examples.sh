# Runs the examples of the man page and of README.md: lines that begin with "$ " in displays and in
# code blocks. Each must succeed and print something; where output stands under the command it is
# what must come out, to the letter.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
LC_ALL=C TZ=UTC
export LC_ALL TZ

# man_displays FILE: the lines of its displays as a reader sees them. A line without a display
# ends the output that belongs to a command.
man_displays()
{
	awk '
		/^\.Bd -literal/ { inside = 1; next }
		/^\.Ed/ { inside = 0; print "# end"; next }
		/^\.Dl / { sub(/^\.Dl /, ""); print; print "# end"; next }
		inside { print }
	' "$1" | sed 's/^\\&//; s/\\e/\\/g; s/\\-/-/g'
}

# code_blocks FILE: the lines of its code blocks.
code_blocks()
{
	awk '/^```/ { inside = !inside; if (!inside) print "# end"; next } inside { print }' "$1"
}

# split_examples DIRECTORY: standard input as files N.command and N.wanted. A command goes on in the
# next line when a backslash or a bar ends it.
split_examples()
{
	mkdir -p "$1"
	awk -v folder="$1" '
		/^\$ / {
			base = sprintf("%s/%03d", folder, ++count)
			print substr($0, 3) > (base ".command")
			printf "" > (base ".wanted")
			goes_on = /[\\|]$/
			next
		}
		goes_on {
			print > (base ".command")
			goes_on = /[\\|]$/
			next
		}
		/^# end/ { base = ""; next }
		base != "" { print > (base ".wanted") }
	'
}

# run_example COMMAND-FILE: fails with what was wrong.
run_example()
{
	(cd "$abs_top_srcdir" && PATH=$(dirname "$WIRESTATE"):$PATH sh "$1") \
		> "$tmp/out" 2> "$tmp/err" </dev/null || {
		echo "exit status $?"
		cat "$tmp/err"
		return 1
	}
	[ -s "$tmp/out" ] || {
		echo "it printed nothing"
		return 1
	}
	[ ! -s "${1%.command}.wanted" ] || diff "${1%.command}.wanted" "$tmp/out"
}

# run_examples NAME: those in the folder NAME, of which there must be some.
run_examples()
{
	ok "$1 has examples" ls "$tmp/$1/001.command"
	for example in "$tmp/$1"/*.command; do
		[ -e "$example" ] || continue
		ok "$1: $(cat "$example")" run_example "$example"
	done
}

# The runner itself: an example that fails, one that prints nothing, one that prints something else.
code_blocks - <<'END' | split_examples "$tmp/self"
```
$ echo one |
    cat; echo \
    two
one
two
$ false
```
between
```
$ true
$ echo three
four
```
END
is "the runner sees what is wrong" "$(for example in "$tmp"/self/*.command; do
	run_example "$example"
done)" 'exit status 1
it printed nothing
1c1
< four
---
> three'

man_displays "$abs_top_srcdir/man/wirestate.1" | split_examples "$tmp/wirestate.1"
code_blocks "$abs_top_srcdir/README.md" | split_examples "$tmp/README.md"
run_examples wirestate.1
run_examples README.md

done_testing
