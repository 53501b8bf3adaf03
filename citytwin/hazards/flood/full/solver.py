"""The full solver: finite volumes with momentum; drives its kernel with a fresh step each time."""

from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.hazards.flood.full import geometry, kernel, rows, sweep
from citytwin.hazards.flood.layout import PAD, level_step
from citytwin.hazards.flood.solver import (
    ELEVATION,
    GRAVITY,
    NO_CREST,
    Edges,
    Place,
    Solver,
)

#: Fastest wave × time step over the distance of the edges from the centre, 2 × area / perimeter. Plane
#: waves on these hexagons stay stable up to 4/3, in both orders (von Neumann analysis over base flows
#: from rest to a Froude number of 100; ours).
COURANT = 1.0
#: In thinner water speed falls to nothing [m].
THIN = 1e-4
#: Thinner water, on a cell or over a sill, does not flow [m]; the least flow that is divided by.
THINNEST, TINY = 1e-8, 1e-12
#: Part of its water that a cell can give in a step: rounding then leaves none below zero.
MOST = 1.0 - 1e-6
#: A limited difference is at most so many times the smaller of its neighbours (monotonised central).
STEEPEST = 2.0
#: Water as deep as this sets the longest step on dry land [m].
SHALLOWEST = 1e-3


class FullSolver(Solver):
    """Shallow water with all its momentum.

    Parameters
    ----------
    order
        2 takes limited slopes of level, depth and velocity in the cells and half a step of their
        change; 1 takes them as even, and only the bed as sloping.
    *args, **options
        As ``Solver`` takes them.
    """

    name: ClassVar[str] = "full"
    moving: ClassVar[int] = 4
    depth_part: ClassVar[int] = sweep.DEPTH
    flow_parts: ClassVar[tuple[int, int]] = (sweep.FLOW_X, sweep.FLOW_Y)
    every_step: ClassVar[bool] = True

    def __init__(self, *args: Any, order: int = 2, **options: Any) -> None:
        if order not in (1, 2):
            raise ValueError(f"the full solver is of order 1 or 2, not {order}")
        self.order = order
        super().__init__(*args, **options)

    def _prepare(self) -> None:
        cols = self._state.shape[2]
        bands = self._bands.size - 1
        self._halo = np.zeros((bands, 2 * sweep.HALO, self.moving, cols), self._dtype)
        self._ring = np.zeros((bands, sweep.SCRATCH, cols), self._dtype)
        self._peaks = np.zeros(bands)
        normals = geometry.edge_normals(self.lattice)
        lengths = np.hypot(*normals.T)
        self._reaching = lengths / self.lattice.cell_area
        self._apart = float(self.lattice.cell_area / lengths.sum())
        ways = np.column_stack([normals / lengths[:, None], self._reaching])
        self._ways = ways.astype(self._dtype)
        self._common = _common(self._dtype)
        self._crest[:] = level_step(self._crest)
        self._tilt = np.zeros((self._state.shape[0], 3, cols), self._dtype)
        self._bed(0, self._state.shape[0])

    def _bed(self, first: int, last: int) -> None:
        """Slope of the bed in the rows from ``first`` to ``last`` − 1, which first order reads."""
        above, below = max(first - 1, 0), min(last + 1, self._state.shape[0])
        near = slice(above, below)
        crest = self._crest[near] if self._crest.shape[0] > 1 else self._crest
        tilt = geometry.tilts(
            np.asarray(self._ground[near, ELEVATION], np.float64),
            self._storage[near] > 0.0,
            crest <= NO_CREST,
        )
        self._tilt[first:last] = tilt[first - above : last - above]

    def set_crest(self, edges: Edges, level: AnyFloats | float) -> None:
        """Set the level [m] below which nothing passes some edges, for walls, gates and breaches."""
        way, row, col = edges
        stood = self._all_crests()[row + PAD, way, col + PAD] > NO_CREST
        super().set_crest(edges, level_step(level))
        stands = self._crest[row + PAD, way, col + PAD] > NO_CREST
        if np.any(stood != stands):
            # An edge bounds the cells of its own row and of the next.
            self._bed(int(row.min()) + PAD, int(row.max()) + PAD + 2)

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave; this solver must have been made in the same way."""
        super().restore(kept)
        self._bed(0, self._state.shape[0])

    def _set_depth(self, place: Place, depth: Floats, term: str) -> Floats:
        """Water that is taken out takes its momentum with it; what comes in has none."""
        row, col = place[0] + PAD, place[1] + PAD
        before = self.depth_at(place)
        change = super()._set_depth(place, depth, term)
        after = self.depth_at(place)
        left = np.divide(after, before, out=np.ones(after.size), where=before > after)
        for part in self.flow_parts:
            self._state[row, part, col] *= left.astype(self._dtype)
        return change

    def _wave_step(self) -> float:
        """Part of the stable step of the fastest wave, |u| + √(g h), now [s]."""
        waves = kernel.waves_parallel if self._parallel else kernel.waves_serial
        waves(
            self._state, self._bands, self._low, self._high, self._ring, self._peaks, self._common
        )
        fastest = max(float(self._peaks.max()), float(np.sqrt(GRAVITY * SHALLOWEST)))
        return COURANT * self._apart / fastest

    def _flow(self, step: float, count: int) -> None:
        steps = kernel.steps_parallel if self._parallel else kernel.steps_serial
        self._common[rows.STEP] = step
        self._ways[:, rows.CROSSING] = self._reaching * step
        steps(
            self._state, self._ground, self._tilt, self._crest, self._crossed,
            self._bands, self._halo, self._low, self._high,
            self.order == 2, self._ring, self._ways, self._common, count,
        )  # fmt: skip


def _common(dtype: Any) -> AnyFloats:
    """Constants of ``rows`` that belong to all directions."""
    c = np.zeros(rows.CONSTANTS)
    c[[rows.QUARTER, rows.HALF, rows.ONE, rows.TWO, rows.FOUR]] = 0.25, 0.5, 1.0, 2.0, 4.0
    c[rows.GRAVITY], c[rows.THIN], c[rows.THINNEST], c[rows.TINY] = GRAVITY, THIN, THINNEST, TINY
    c[rows.MOST], c[rows.STEEPEST], c[rows.NO_CREST] = MOST, STEEPEST, NO_CREST
    return c.astype(dtype)
