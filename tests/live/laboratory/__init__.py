# The laboratory: its network and its scenarios.
"""The network is in network.py, what a raw peer says in peer.py; a scenario is a function in one of the other modules."""

from . import breaking, closing, forging, losing, many, opening, partial, reusing  # noqa: F401  (each puts its scenarios into SCENARIOS)
from lab.pool import side_by_side
from .network import Laboratory
from .scenario import SCENARIOS

__all__ = ["Laboratory", "SCENARIOS", "side_by_side"]
