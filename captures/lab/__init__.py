# The laboratory in which captures/record records: the network and the situations.
"""The network is in network.py; a situation is a function in one of the other modules."""

from . import breaking, closing, opening, verdicts  # noqa: F401  (each puts its situations into SITUATIONS)
from .network import Lab
from .pool import side_by_side
from .talk import SITUATIONS

__all__ = ["Lab", "SITUATIONS", "side_by_side"]
