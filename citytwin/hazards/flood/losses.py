"""What the ground takes of the water."""

from dataclasses import dataclass

from numba import njit

from citytwin.arrays import AnyFloats

CONSTANT, HORTON, GREEN_AMPT = range(3)


@dataclass(frozen=True, eq=False)
class Losses:
    """Infiltration of each cell.

    Attributes
    ----------
    kind
        ``CONSTANT``, ``HORTON`` or ``GREEN_AMPT``.
    p0, p1, p2
        Parameters of that kind, arrays of one shape; see ``capacity``.
    """

    kind: int
    p0: AnyFloats
    p1: AnyFloats
    p2: AnyFloats


@njit(cache=True, nogil=True)
def capacity(kind: int, p0: float, p1: float, p2: float, taken: float, span: float) -> float:
    """Depth of water [m] that the ground can take in ``span`` seconds after it took ``taken`` [m]."""
    return p0 * span
