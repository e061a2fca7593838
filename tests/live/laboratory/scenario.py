# The list of scenarios, and what is said in all of them. It knows nothing of what they are about.
"""A scenario's function is named as its captures; it is given a Laboratory."""

from lab.talk import REQUEST, RESPONSE, exchange, expect_end, expect_error, receive, reset_on_close, send

from .network import TAPS

SCENARIOS = {}


class Scenario:
    """A function, and the network that it needs."""

    def __init__(self, function, family, delay, slow, taps):
        self.function, self.family, self.delay, self.slow, self.taps = function, family, delay, slow, taps


def register(name, function, family=4, delay=(0, 0), slow=False, taps=TAPS):
    """SLOW ones wait for the kernel's long timers, and are for `make lab` only."""
    assert name not in SCENARIOS, name
    SCENARIOS[name] = Scenario(function, family, delay, slow, taps)


def scenario(**options):
    def decorate(function):
        register(function.__name__.replace("_", "-"), function, **options)
        return function
    return decorate


def close_both(lab, first, second):
    """An orderly end, one after the other."""
    first.close()
    expect_end(second)
    second.close()
    lab.until_quiet()


__all__ = ["REQUEST", "RESPONSE", "SCENARIOS", "close_both", "exchange", "expect_end", "expect_error", "receive", "register",
           "reset_on_close", "scenario", "send"]
