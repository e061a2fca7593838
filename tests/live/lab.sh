# The kernel is the judge: scenarios recorded from its own TCP at three taps, and what ss said at quiet moments, against what
# wirestate says of each capture at that moment. tests/README.md says how to add one.
#
# LAB_RECORDED names a folder: recorded into when there is nothing in it, replayed when there is. Without it the scenarios
# are recorded anew each time, into the build folder. LAB_OPTIONS=--all takes those that wait for long timers, too.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/lib.sh"

live=$abs_top_srcdir/tests/live
recorded=${LAB_RECORDED:-${abs_top_builddir:-.}/recorded}

for program in python3 tcpdump ip ss unshare; do
	PATH=$PATH:/usr/sbin:/sbin command -v "$program" > /dev/null || skip_all "$program is not installed"
done
PATH=$PATH:/usr/sbin:/sbin
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' || skip_all "python3 is older than 3.8"

# In a mount namespace of their own, names of network namespaces are nobody else's and do not outlive this test. Who is not root
# keeps the capabilities of a user namespace, but stays who he is: root's tcpdump wants to become another user, and cannot there.
if [ "$(id -u)" = 0 ]; then
	private="unshare -mn"
else
	private="unshare -U --map-current-user --keep-caps -mn"
fi
run_dir='import ctypes, os, sys
if ctypes.CDLL(None).mount(b"tmpfs", b"/run", b"tmpfs", 0, None):
    sys.exit("no tmpfs on /run")
os.execvp(sys.argv[1], sys.argv[1:])'
in_private()
{
	# The options are words.
	# shellcheck disable=SC2086
	$private python3 -c "$run_dir" "$@"
}

if [ -z "$LAB_RECORDED" ] || [ ! -e "$recorded/failed" ]; then
	in_private ip netns add wirestate-test 2> "$tmp/why" ||
		skip_all "network namespaces are not allowed: $(head -n 1 "$tmp/why")"
	in_private "$live/record" -o "$tmp/try" refused > "$tmp/why" 2>&1 ||
		skip_all "nothing can be recorded here: $(grep Error "$tmp/why" | tail -n 1)"
	[ -n "$LAB_RECORDED" ] || rm -rf "$recorded"
	# What could not be made to happen here is told as skipped. The time is so much that it is enough unless the machine has a
	# lot else to do.
	# shellcheck disable=SC2086
	in_private "$live/record" -o "$recorded" ${LAB_OPTIONS:---within 150} > "$tmp/log" 2>&1 || sed -n "s|^tests|# &|p" "$tmp/log"
	[ -e "$recorded/failed" ] || skip_all "nothing could be recorded: $(tail -n 1 "$tmp/log")"
fi
# shellcheck disable=SC2086
"$live/judge" $JUDGE_OPTIONS "$recorded"
