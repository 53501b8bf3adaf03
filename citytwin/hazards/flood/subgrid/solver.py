"""The sub-grid solver: the inertial solver on the parents of cells, with tables of their ground."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Floats
from citytwin.grid.lattice import STEPS, Lattice
from citytwin.hazards.flood.inertial.solver import COURANT, THETA, THINNEST
from citytwin.hazards.flood.layout import PAD, padded
from citytwin.hazards.flood.solver import GRAVITY, NO_CREST, Place, Solver
from citytwin.hazards.flood.subgrid import kernel
from citytwin.hazards.flood.subgrid.tables import ENTRIES, Tables

#: Levels that differ by no more are equal, by precision [m].
SAME_LEVEL = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}
#: Depths at which the solver keeps how long water stands in a cell [m].
MARKS = np.geomspace(1e-3, 32.0, 61)


class SubgridSolver(Solver):
    """Shallow water on coarse cells that know the fine ground inside them.

    ``depth`` is a cell's water over its open area; the ground is its lowest; levels come from the
    tables.

    Parameters
    ----------
    tables
        Tables of the coarse cells, as ``tables_of`` makes them.
    **options
        As ``Solver`` takes them, in the coarse window; rain, losses and drains are those of the tables
        if they are left out.
    """

    name: ClassVar[str] = "subgrid"
    moving: ClassVar[int] = kernel.MOVING
    depth_part: ClassVar[int] = kernel.DEPTH
    flow_parts: ClassVar[tuple[int, int]] = (kernel.FLOW, kernel.FLOW)

    _KEPT = (*Solver._KEPT, "_at_mark", "_reached", "_spent")  # type: ignore[assignment]  # noqa: SLF001

    def __init__(self, tables: Tables, **options: Any) -> None:
        self.tables = tables
        given = {
            "drains": tables.drains, "rain_factor": tables.rain_factor, "losses": tables.losses,
        }  # fmt: skip
        super().__init__(
            tables.lattice, tables.lowest, tables.storage, tables.manning, **{**given, **options}
        )

    def _prepare(self) -> None:
        tables, dtype = self.tables, self._dtype
        rows, cols = self._storage.shape
        self._cells = _cells(tables, self._ground, dtype)
        self._edges = _edges(tables, dtype)
        count = self._bands.size - 1
        self._scratch = kernel.scratch(count, cols, dtype)
        self._measured = np.zeros(count)
        self._measured_at = 0.0
        self._at_mark = np.zeros((rows, cols), np.int64)
        self._reached = np.full((rows, cols, MARKS.size), np.inf, np.float32)
        self._spent = np.zeros((rows, cols, MARKS.size), np.float32)

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave; this solver must have been made in the same way."""
        super().restore(kept)
        self._measured_at = self.time

    # Levels come from the tables

    def _depth_of(self, place: Place, level: Floats) -> Floats:
        at = place[0] * self.shape[1] + place[1]
        return self.tables.depth_at(np.asarray(level, np.float64), at)

    @property
    def level(self) -> Floats:
        """(rows, cols) level of the water, or of the lowest ground where it is dry [m]."""
        row, col = (index.ravel() for index in np.indices(self.shape))
        return self.level_at((row, col)).reshape(self.shape)

    def level_at(self, place: Place) -> Floats:
        """(k,) level of the water, or of the lowest ground where it is dry [m]."""
        return self.ground_at(place) + self.stage_at(place)

    def stage_at(self, place: Place) -> Floats:
        """(k,) height of the water above the lowest ground of each cell [m]."""
        at = place[0] * self.shape[1] + place[1]
        return self.tables.stage_at(self.depth_at(place), at)

    # The flow

    def _wave_step(self) -> float:
        """Part of the stable step of the fastest wave, |u| + √(g D) with the deepest water D [s]."""
        fastest = max(self._fastest, np.sqrt(GRAVITY * 1e-3))
        return float(COURANT * 2.0 / (fastest * np.sqrt(self.lattice.largest_eigenvalue)))

    def _flow(self, step: float, count: int) -> None:
        steps = kernel.steps_parallel if self._parallel else kernel.steps_serial
        edge, turn = _constants(self.lattice, step, self._dtype)
        halo, ring, share, stage = self._scratch
        steps(
            self._state, self._cells, self._edges, self._crest, self._crossed, self._bands, halo,
            self._low, self._high, edge, turn, ring, share, stage, count,
        )  # fmt: skip

    def _follow_water(self) -> None:
        """Measure the water; every row keeps its columns, dry or wet."""
        self._everywhere()
        measure = kernel.measure_parallel if self._parallel else kernel.measure_serial
        edge, _ = _constants(self.lattice, 1.0, self._dtype)
        measure(
            self._state, self._cells, self._bands, self._low, self._high, edge, MARKS, self._at_mark,
            self._reached, self._spent, self.time, self.time - self._measured_at, self._scratch[3],
            self._measured,
        )  # fmt: skip
        self._measured_at = self.time
        self._fastest = float(self._measured.max())

    # What a view of the fine cells needs

    @property
    def greatest(self) -> Floats:
        """(rows, cols) greatest depth until now [m]."""
        return np.asarray(self.record["depth_max"], np.float64)

    @property
    def stays(self) -> tuple[Floats, Floats]:
        """(rows, cols, marks) first time at which a depth reached each mark, infinite if it never did,
        and for how long it stood above it [s]."""  # noqa: D205, D209
        above = np.cumsum(self._spent[..., ::-1], axis=-1, dtype=np.float64)[..., ::-1]
        inner = slice(PAD, -PAD)
        return np.asarray(self._reached[inner, inner], np.float64), above[inner, inner]


def _cells(tables: Tables, ground: AnyFloats, dtype: Any) -> NDArray[np.floating]:
    """``cells`` (rows, 3 + entries, cols) of the kernel."""
    rise = np.moveaxis(tables.rise, -1, 0)
    fixed = [ground[:, 0], ground[:, 1], padded(tables.top, 1.0)]
    return np.stack([*fixed, *(padded(entry, 1.0) for entry in rise)], axis=1).astype(dtype)


def _edges(tables: Tables, dtype: Any) -> NDArray[np.floating]:
    """``edges`` (rows, 3, 3 + 2 entries, cols) of the kernel."""
    found = []
    for way, (down, right) in enumerate(STEPS):
        is_open = padded(np.isfinite(tables.sill[way])) > 0.0
        sill = padded(np.where(np.isfinite(tables.sill[way]), tables.sill[way], 0.0))
        lowest = padded(tables.lowest)
        behind = np.roll(lowest, (-down, -right), (0, 1))
        found.append(
            np.stack(
                [
                    np.where(is_open, lowest - sill, NO_CREST),
                    np.where(is_open, behind - sill, NO_CREST),
                    padded(tables.reach[way], 1.0),
                    *(padded(entry) for entry in np.moveaxis(tables.flow_depth[way], -1, 0)),
                    *(padded(entry, 1.0) for entry in np.moveaxis(tables.friction[way], -1, 0)),
                ],
                axis=1,
            )
        )
    return np.stack(found, axis=1).astype(dtype)


def _constants(lattice: Lattice, step: float, dtype: Any) -> tuple[AnyFloats, AnyFloats]:
    """Constants of ``rows`` for one time step [s], and the factors of the flow vector."""
    blend = (1.0 - THETA) * step * np.sqrt(GRAVITY * lattice.largest_eigenvalue) / (2.0 * COURANT)
    crossing = lattice.edges * step / lattice.cell_area
    swiftest = 4.0 / (step**2 * GRAVITY * lattice.largest_eigenvalue)
    edge = np.zeros((3, kernel.CONSTANTS))
    edge[:, 0], edge[:, 1] = GRAVITY * step / lattice.lengths, GRAVITY * step
    edge[:, 2], edge[:, 3], edge[:, 4] = blend / 2.0, THINNEST, crossing
    edge[:, 5], edge[:, 6], edge[:, 7] = (
        COURANT**2 * swiftest,
        SAME_LEVEL[np.dtype(dtype)],
        swiftest,
    )
    edge[:, 8], edge[:, 9] = GRAVITY**-0.5, (2.0 / 3.0) ** 1.5 * np.sqrt(GRAVITY)
    edge[:, 10], edge[:, 11], edge[:, 12] = 0.5 * NO_CREST, 0.0, 1.0
    edge[:, 13], edge[:, 14] = ENTRIES - 1.0, 1.0 / (ENTRIES - 1.0)
    turn = 0.25 * (lattice.weights * lattice.lengths / crossing)[:, None] * lattice.vectors
    return edge.astype(dtype), turn.T.ravel().astype(dtype)
