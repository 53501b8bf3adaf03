"""A gap that opens in a wall, edge by edge."""

from collections.abc import Callable
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.hazards.flood.edges import ends_in_window
from citytwin.hazards.flood.solver import Edges, Solver

#: A crest is at least this much above the bottom of its breach [m].
_LEAST_HEIGHT = 0.01


class GrowingGap:
    """A gap whose width and depth grow in straight lines.

    It opens the edges one after the other until their widths make up its own. The last one is open in
    part only: it gets the crest over which a free weir passes the same share of the flow, as q ~ H^1.5.

    Parameters
    ----------
    what
        What it is, as a complaint names it.
    edges
        (k,) edges of the wall, those that open first at the front.
    width
        (k,) width of each [m].
    crest
        (k,) crest of the wall on each [m].
    bottom
        Level to which it goes down [m]; the ground if none.
    start
        Time when it begins [s].
    size
        Final width [m] and time of formation [s] from the height of the crest over the bottom [m].
    """

    def __init__(
        self,
        what: str,
        edges: Edges,
        width: Floats,
        crest: Floats,
        bottom: float | None,
        start: float,
        size: Callable[[float], tuple[float, float]],
    ) -> None:
        self._what = what
        self._edges = edges
        self._width = width
        self._crest = crest
        self._bottom = bottom
        self._start = start
        self._size = size
        self._final: tuple[Floats, float, float] | None = None

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Lower the crests to what is open at ``end``."""
        del start
        floor, width, time = self._final or self._shape(water)
        self._final = floor, width, time
        age = end - self._start
        if age <= 0.0:
            return
        grown = min(age / time, 1.0) if time > 0.0 else 1.0
        before = np.cumsum(self._width) - self._width
        share = np.clip((grown * width - before) / self._width, 0.0, 1.0)
        some = np.nonzero(share > 0.0)[0]
        edges: Edges = (self._edges[0][some], self._edges[1][some], self._edges[2][some])
        sill = self._crest[some] + grown * (floor[some] - self._crest[some])
        one, other = ends_in_window(edges)
        head = np.maximum(np.maximum(water.level_at(one), water.level_at(other)) - sill, 0.0)
        part = sill + (1.0 - share[some] ** (2.0 / 3.0)) * head
        closed = np.where(head > 0.0, part, self._crest[some])
        level = np.where(share[some] < 1.0, np.minimum(closed, self._crest[some]), sill)
        water.set_crest(edges, level)

    def _shape(self, water: Solver) -> tuple[Floats, float, float]:
        """Floor of each edge [m], final width [m] and time of formation [s]."""
        one, other = ends_in_window(self._edges)
        floor = np.maximum(water.ground_at(one), water.ground_at(other))
        if self._bottom is not None:
            floor = np.maximum(floor, self._bottom)
        height = float(self._crest[0] - floor[0])
        if height < _LEAST_HEIGHT:
            raise ScenarioError(
                f"{self._what} has its bottom at {floor[0]:.2f} m, but the wall's crest is at "
                f"{self._crest[0]:.2f} m there: lower the bottom or raise the wall"
            )
        return (np.minimum(floor, self._crest), *self._size(height))

    def state(self) -> dict[str, Any]:
        """Nothing: the gap follows from the time, and its crests are the water's."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on; there is nothing to remember."""
