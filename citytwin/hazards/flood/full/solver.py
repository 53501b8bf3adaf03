"""The full solver: finite volumes with momentum; drives its kernel with a fresh step each time."""

from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import AnyFloats
from citytwin.grid.lattice import STEPS
from citytwin.hazards.flood.full import geometry, kernel, sweep
from citytwin.hazards.flood.solver import (
    ELEVATION,
    GRAVITY,
    NO_CREST,
    Solver,
)

#: Time step × fastest wave over 2 × area / perimeter (the distance of the edges from the centre). Linear
#: waves are stable up to 4/3 in both orders (von Neumann).
COURANT = 1.0
#: In thinner water speed falls to nothing [m].
THIN = 1e-4
STEEPEST = 2.0


class FullSolver(Solver):
    """Shallow water with all its momentum; see ``Solver`` for the parameters.

    ``order`` 1 or 2: ...
    """

    name: ClassVar[str] = "full"
    moving: ClassVar[int] = 3
    depth_part: ClassVar[int] = sweep.DEPTH
    flow_parts: ClassVar[tuple[int, int]] = (sweep.FLOW_X, sweep.FLOW_Y)
    every_step: ClassVar[bool] = True

    def __init__(self, *args: Any, order: int = 2, **options: Any) -> None:
        self._order = order
        super().__init__(*args, **options)

    def _prepare(self) -> None:
        count, cols = self._bands.size - 1, self._state.shape[2]
        self._halo = np.zeros((count, 2 * kernel.HALO, 3, cols), self._dtype)
        self._ring = np.zeros((count, sweep.SCRATCH, cols), self._dtype)
        self._peaks = np.zeros(count)
        self._normals = geometry.edge_normals(self.lattice)
        self._bed()

    def _bed(self) -> None:
        """Slope of the bed that first order knows; nothing leads across walls and crests."""
        room = self._storage > 0.0
        free = np.broadcast_to(self._crest <= NO_CREST, (room.shape[0], 3, room.shape[1])).copy()
        for way, (row, col) in enumerate(STEPS):
            free[:, way] &= room & np.roll(room, (-row, -col), (0, 1))
        tilt = geometry.tilts(self._ground[:, ELEVATION].astype(np.float64), free)
        self._tilt = np.ascontiguousarray(tilt, self._dtype)

    def _constants(self, step: float) -> tuple[AnyFloats, AnyFloats]:
        length = np.hypot(*self._normals.T)
        p = np.column_stack([self._normals / length[:, None], length * step / self.lattice.cell_area])
        c = np.array([0.0, 0.25, 0.5, 1.0, 2.0, 4.0, GRAVITY, step, THIN, 1e-12, 1.0 - 1e-6, 1e-10, STEEPEST, NO_CREST])
        return p.astype(self._dtype), c.astype(self._dtype)

    def _wave_step(self) -> float:
        waves = kernel.waves_parallel if self._parallel else kernel.waves_serial
        _, c = self._constants(1.0)
        waves(self._state, self._bands, self._low, self._high, self._ring, self._peaks, c)
        fastest = max(float(self._peaks.max()), np.sqrt(GRAVITY * 1e-3))
        perimeter = 2.0 * np.hypot(*self._normals.T).sum()
        return COURANT * 2.0 * self.lattice.cell_area / (perimeter * fastest)

    def _flow(self, step: float, count: int) -> None:
        steps = kernel.steps_parallel if self._parallel else kernel.steps_serial
        p, c = self._constants(step)
        steps(
            self._state, self._ground, self._tilt, self._crest, self._crossed,
            self._bands, self._halo, self._low, self._high, self._order == 2, self._ring, p, c, count,
        )  # fmt: skip
