# Situations side by side, each in a process of its own. It knows nothing of what they do.
"""Most of a situation is waiting, so many run at once."""

import os
import signal
import sys
import traceback

from .network import die_with_parent, run


def in_child(name, work):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    die_with_parent()
    status = 1
    try:
        work(name)
        status = 0
    except Exception:  # what ends it from outside needs no explanation
        print(f"{name}: {traceback.format_exc()}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def side_by_side(names, work, at_once, prefix, tell=print):
    """Runs work(name) for each, AT_ONCE at a time, in that order; returns the names of those that failed. The network
    namespaces that begin with PREFIX are removed at the end."""
    waiting, running, failed = list(names), {}, []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                name = waiting.pop(0)
                child = os.fork()
                if not child:
                    in_child(name, work)
                running[child] = name
            child, status = os.wait()
            name = running.pop(child)
            tell(f"{name}: {'failed' if status else 'recorded'}")
            if status:
                failed.append(name)
    finally:
        for child in running:
            os.kill(child, signal.SIGTERM)
        for child in running:
            os.waitpid(child, 0)
        for line in run("ip", "netns", "list").splitlines():
            if line.startswith(prefix + "-"):
                run("ip", "netns", "delete", line.split()[0])
    return failed
