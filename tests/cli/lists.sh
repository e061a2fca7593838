# The lists in the .mk files and the tree hold the same files, so that nothing is tested here and
# missing in a release, and no test is forgotten.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"
LC_ALL=C
export LC_ALL

# listed TOP: the files that lists in Makefile.am and the .mk files name, one a line. A unit test is named as a program.
listed()
{
	(cd "$1" && cat Makefile.am */local.mk) | sed -n 's/#.*//; /^[a-zA-Z0-9_]* +\{0,1\}=/p' |
		tr ' \t\\' '\n\n\n' |
		grep -E '^(captures|doc|man|src|tests)/[^$]*$' | grep -v '\.a$' |
		while read -r path; do
			[ ! -e "$1/$path.c" ] || path=$path.c
			echo "$path"
		done | sort -u
}

# present TOP: the files of the tree that belong into a release.
present()
{
	(cd "$1" && find captures doc man src tests -type f \
		! -name '*.log' ! -name '*.trs' ! -name '*.o' ! -name '*.a' ! -name '.*' \
		! -name '*~' ! -path '*/.deps/*' ! -path '*/__pycache__/*' 2>/dev/null) | sort |
		while read -r path; do
			# A program that was built in the tree stands beside its source.
			[ -e "$1/$path.c" ] || [ "${path##*/}" = local.mk ] || echo "$path"
		done
}

mkdir -p "$tmp/src" "$tmp/tests/unit"
printf 'include src/local.mk\n' > "$tmp/Makefile.am"
printf 'SOURCES += src/a.c\nSOURCES += src/gone.c # src/not.c\n' > "$tmp/src/local.mk"
printf 'unit_tests += tests/unit/test-a\n' > "$tmp/tests/local.mk"
touch "$tmp/src/a.c" "$tmp/src/b.c" "$tmp/tests/unit/test-a.c" "$tmp/tests/unit/test-a"
is "a file that is listed and not there is seen" "$(listed "$tmp")" 'src/a.c
src/gone.c
tests/unit/test-a.c'
is "a file that is there and not listed is seen" "$(present "$tmp")" 'src/a.c
src/b.c
tests/unit/test-a.c'

listed "$abs_top_srcdir" > "$tmp/listed"
present "$abs_top_srcdir" > "$tmp/present"
is "the lists name every file of the tree" "$(comm -13 "$tmp/listed" "$tmp/present")" ''
is "every file that the lists name is there" "$(comm -23 "$tmp/listed" "$tmp/present")" ''

for list in "$abs_top_srcdir"/*/local.mk; do
	is "no line twice in ${list#"$abs_top_srcdir"/}" \
		"$(grep -E '^[a-zA-Z0-9_]+ \+= [^ ]+$' "$list" | sort | uniq -d)" ''
done

done_testing
