# The lists in the man page against the source and against --help: nobody has to remember to add a
# word in two places, the test does.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
LC_ALL=C
export LC_ALL
man=$abs_top_srcdir/man/wirestate.1
src=$abs_top_srcdir/src

# section NAME: the lines of one section, with its subsections, or of one subsection.
section()
{
	awk -v name="$1" '
		/^\.Sh / || (/^\.Ss / && !whole) {
			on = substr($0, 5) == name
			whole = on && /^\.Sh /
			next
		}
		on' "$man"
}

# macro FILE NAME: the lines of a list macro.
macro()
{
	awk -v name="$2" '$1 == "#define" && index($2, name "(") == 1 { on = 1 }
		on { print } on && !/\\$/ { exit }' "$src/$1"
}

# texts N: the first N strings of each entry of a list macro.
texts()
{
	sed -nE 's/.*X\([A-Z_0-9]+, ("[^"]*")(, ("[^"]*"))?.*/\1 \3/p' |
		awk -F'"' -v count="$1" '{ print count == 1 ? $2 : $2 ": " $4 }'
}

# same NAME SOURCE MAN: two lists, in any order, and neither of them empty.
same()
{
	is "$1" "$(printf '%s\n' "$3" | sort)" "$(printf '%s\n' "${2:-(the source has none)}" | sort)"
}

same "states" "$(macro tcp/state.h TCP_STATE_LIST | texts 1)" \
	"$(section States | sed -n 's/^\.It //p')"

same "reasons for skipping" "$(macro decode/skip.h SKIP_REASON_LIST | texts 2)" \
	"$(section JSON | sed -n '/^Frames that are not TCP/,$s/^\.It \(.*\) Ta /\1: /p')"

same "how connections open and close" \
	"$(macro flow/connection.h OPEN_KIND_LIST | texts 2
	macro flow/connection.h CLOSE_KIND_LIST | texts 2)" \
	"$(section JSON | sed -n '/^How a connection opened/,/^\.El/s/^\.It \([a-z].*\) Ta /\1: /p' |
		sed 's/ (RFC 7413)$//')"

same "kinds of anomalies and their severities" \
	"$(macro analysis/anomaly-kinds.h ANOMALY_KIND_LIST |
		sed -nE 's/.*X\([A-Z_0-9]+, "([^"]*)", SEVERITY_([A-Z]+).*/\1 \2/p' | tr '[:upper:]' '[:lower:]')" \
	"$(section ANOMALIES | sed -nE 's/^\.It Cm ([a-z0-9-]+) Pq ([a-z]+)$/\1 \2/p')"

same "keys of --sort" "$(macro report/report.h SORT_KIND_LIST | texts 2)" \
	"$(section Selection | sed -n 's/^\.It Cm \(.*\) Ta /\1: /p')"

# Options: every -x and --word that --help has at the beginning of a line, and the .It lines of OPTIONS.
"$WIRESTATE" --help > "$tmp/help"
result $? "--help succeeds"
same "options" \
	"$(sed -nE 's/^ {1,8}(-.*)/\1/p' "$tmp/help" | sed 's/   *.*//' | tr ' ,=[' '\n\n\n\n' |
		sed -nE 's/^-(-?[a-zA-Z#][a-z-]*)$/\1/p' | sort -u)" \
	"$(awk '
		/^\.Sh / { on = $2 == "OPTIONS" }
		on && /^\.It Fl / {
			flag = 0
			for (i = 2; i <= NF; i++)
				if ($i == "Fl")
					flag = 1
				else if ($i ~ /^(Ar|Cm|Ns|Op|Pq)$/)
					flag = 0
				else if (flag && $i != ",")
					print $i
		}' "$man" | sort -u)"

done_testing
