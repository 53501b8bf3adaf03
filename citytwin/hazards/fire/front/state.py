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


#: Columns of the table of cells: arrival of the fire [s] (of a cell burnt before the wind changed,
#: when it would have come had the wind always been as it is now); gradient of the arrival [s/m], nan
#: where the fire was lit; slowness and covector of ``ellipse.slowness`` in the wind whose number
#: follows; row of the table of beds. A row is one line of the cache.
TIME, GONE_X, GONE_Y, SLOW, ACROSS_X, ACROSS_Y, STAMP, BED = range(8)

Phases = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class State:
    """Cells of the padded window, row by row.

    Attributes
    ----------
    cells
        (·, 8) see the columns above.
    rise
        (·, 2) gradient of the ground.
    phase
        (·) state, see above.
    """

    cells: Floats
    rise: Floats32
    phase: Phases


def ring(width: int) -> Ints:
    """(6,) steps in the padded window to the neighbours, in order round the cell."""
    return np.array([1, width + 1, width, -1, -width - 1, -width], np.int64)


def fresh(places: Ints, beds: Ints, rises: Floats32, count: int) -> State:
    """State before any fire.

    Parameters
    ----------
    places
        (n,) places of the cells that burn.
    beds, rises
        (n,) rows of their beds and (n, 2) gradients of the ground there.
    count
        Number of places of the padded window.
    """
    cells, rise = np.zeros((count, 8)), np.zeros((count, 2), np.float32)
    phase = np.zeros(count, np.uint8)
    cells[:, TIME], cells[:, STAMP] = np.inf, -1.0
    cells[places, BED], rise[places], phase[places] = beds, rises, FRESH
    return State(cells, rise, phase)
