"""What the front knows of each cell of the padded window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Floats, Floats32, Ints

#: Ring of bare cells round the window, as wide as the disc of straight rays about an ignition.
PAD = 3
#: States of a cell: does not burn; not reached; reached, in the heap; reached, but after the end of
#: what is computed now; burnt.
BARE, FRESH, REACHED, LATER, BURNT = 0, 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class State:
    """Cells of the padded window, row by row.

    Attributes
    ----------
    time
        Arrival of the fire [s]; of a cell burnt before the wind changed, when it would have come had
        the wind always been as it is now.
    gradient
        (·, 2) gradient of ``time`` [s/m]; nan where the fire was lit.
    phase
        State, see above.
    bed
        Row of the table of beds.
    rise
        (·, 2) gradient of the ground.
    metric
        (·, 3) slowness and covector of ``ellipse.slowness`` in the wind of ``stamp``.
    stamp
        Number of the wind for which ``metric`` was computed.
    """

    time: Floats
    gradient: Floats
    phase: NDArray[np.uint8]
    bed: NDArray[np.int32]
    rise: Floats32
    metric: Floats
    stamp: NDArray[np.int32]


def ring(width: int) -> Ints:
    """(6,) steps in the padded window to the neighbours, in order round the cell."""
    return np.array([1, width + 1, width, -1, -width - 1, -width], np.int64)


def fresh(cells: Ints, beds: Ints, rises: Floats32, count: int) -> State:
    """State before any fire.

    Parameters
    ----------
    cells
        (n,) places of the cells that burn.
    beds, rises
        (n,) rows of their beds and (n, 2) gradients of the ground there.
    count
        Number of places of the padded window.
    """
    phase = np.zeros(count, np.uint8)
    bed, rise = np.zeros(count, np.int32), np.zeros((count, 2), np.float32)
    phase[cells], bed[cells], rise[cells] = FRESH, beds, rises
    return State(
        np.full(count, np.inf),
        np.zeros((count, 2)),
        phase,
        bed,
        rise,
        np.empty((count, 3)),
        np.full(count, -1, np.int32),
    )
