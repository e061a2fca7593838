# The order of the layers: a file includes headers of its own folder and of folders before it.
# DESIGN of it: doc/architecture.md. One table of ranks here, and the rules about system headers.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

# breaches SRC: each #include under SRC that breaks a rule, as FILE: LINE.
breaches()
{
	(cd "$1" && find . -name '*.[ch]' | sed 's|^\./||' | LC_ALL=C sort | xargs awk '
		BEGIN {
			split("base capture decode tcp flow analysis dialect", order)
			for (i in order)
				rank[order[i]] = i
			# Both know analysis and neither knows the other.
			rank["detect"] = rank["report"] = 8
		}
		function folder(path) {
			return index(path, "/") ? substr(path, 1, index(path, "/") - 1) : ""
		}
		FNR == 1 {
			here = folder(FILENAME)
			mine = here == "" ? 9 : rank[here]
			if (!mine)
				print FILENAME ": the folder " here " has no layer"
		}
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			split($0, part, "\"")
			there = folder(part[2])
			if (there == here)
				next
			if (there == "" || !rank[there] || rank[there] >= mine)
				print FILENAME ": " $0
		}
		/^[ \t]*#[ \t]*include[ \t]*<pcap/ {
			if (here != "capture" && !(here == "decode" && /<pcap\/dlt\.h>/))
				print FILENAME ": " $0
		}
		/^[ \t]*#[ \t]*include[ \t]*<netinet\/tcp\.h>/ {
			print FILENAME ": " $0
		}
	')
}

# printing SRC: each line under SRC that prints where only values are made.
printing()
{
	(cd "$1" && find base capture decode tcp flow analysis dialect detect -name '*.[ch]' \
		! -path 'base/diag.*' 2>/dev/null | LC_ALL=C sort | xargs -r grep -nHwE \
		'(f|v|vf|g_)?(printf|print)|f?puts|putchar|putc|fwrite|stdout|stderr|perror' |
		grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)')
}

# A tree that breaks each rule once, so that a checker that sees nothing cannot pass.
mkdir -p "$tmp/base" "$tmp/tcp" "$tmp/detect" "$tmp/decode" "$tmp/zoo"
cat > "$tmp/base/seq.h" <<'END'
#include "tcp/side.h"
END
cat > "$tmp/tcp/side.c" <<'END'
#include "base/seq.h"
#include "tcp/side.h"
#include "side.h"
#include <pcap/pcap.h>
	printf("%d", 1);
	snprintf(line, sizeof(line), "%d", 1);
/* This comment may say printf. */
END
cat > "$tmp/decode/link.c" <<'END'
#include <pcap/dlt.h>
#include <netinet/tcp.h>
END
cat > "$tmp/detect/reset.c" <<'END'
#include "report/report.h"
#include "analysis/event.h"
END
cat > "$tmp/zoo/ape.h" <<'END'
#include <stdint.h>
END
cat > "$tmp/main.c" <<'END'
#include "options.h"
#include "report/report.h"
END
is "breaches of every rule are seen" "$(breaches "$tmp")" 'base/seq.h: #include "tcp/side.h"
decode/link.c: #include <netinet/tcp.h>
detect/reset.c: #include "report/report.h"
tcp/side.c: #include "side.h"
tcp/side.c: #include <pcap/pcap.h>
zoo/ape.h: the folder zoo has no layer'
is "printing outside of report/ is seen" "$(printing "$tmp")" 'tcp/side.c:5:	printf("%d", 1);'

is "no file includes a layer above its own" "$(breaches "$abs_top_srcdir/src")" ''
is "only report/ and base/diag print" "$(printing "$abs_top_srcdir/src")" ''

done_testing
