# The scenarios that tests/live/README.md names are those that there are, and what doc/inference.md says cannot be known is what the
# laboratory leaves out.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

command -v python3 > /dev/null || skip_all "python3 is not installed"
live=$abs_top_srcdir/tests/live
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' || skip_all "python3 is older than 3.8"
python3 -B - "$live" "$abs_top_srcdir/doc/inference.md" > "$tmp/unknown" 2> "$tmp/why" << 'END'
import fnmatch
import re
import sys

live = sys.argv[1]
sys.path[:0] = [live, live + "/../../captures"]
import explain
from laboratory import SCENARIOS, network

with open(live + "/README.md", encoding="utf-8") as text:
    rows = [line for line in text if line.startswith("| ") and "`" in line]
named = [name for row in rows for name in re.findall("`([^`]*)`", row)]
print(len(named) > 100)
print(*[name for name in named if not fnmatch.filter(SCENARIOS, name)])
print(*[name for name in SCENARIOS if name.startswith("lost-") and not any(fnmatch.fnmatch(name, some) for some in named)])
with open(sys.argv[2], encoding="utf-8") as text:
    listed = re.findall(r"^\| ([^|]*) \|", text.read().split("## What no passive observer can know")[1].split("\n## ")[0], re.M)
with open(live + "/judge", encoding="utf-8") as text:
    nothing = re.search('NOTHING = "(.*)"', text.read()).group(1)
reasons = {*network.REASONS, *explain.REASONS, nothing}
print(*sorted(reasons ^ ({*listed} - {"not to be known", "different, explained", "---"})), sep="; ")
END
is "the table can be read" "$(sed -n 1p "$tmp/unknown")$(cat "$tmp/why")" True
is "every scenario that it names exists" "$(sed -n 2p "$tmp/unknown")" ''
is "it names every scenario of a loss" "$(sed -n 3p "$tmp/unknown")" ''
is "what is not compared is what is listed as not to be known" "$(sed -n 4p "$tmp/unknown")" ''
done_testing
