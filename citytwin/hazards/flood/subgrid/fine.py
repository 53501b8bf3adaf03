"""The answer of the coarse cells brought back to the fine ones.

At any moment the tables say how deep the water stands on each fine cell: the stage of its coarse cell
less its height. That is not good enough where one coarse cell holds a street and a hillside, so the
greatest volumes of all coarse cells are poured on the fine ground, as the tables spread them, and the
inertial solver of the fine cells lets them settle for two minutes: water finds its streets and hollows
within a coarse cell sooner than it moves on. That is the record. At any other moment a cell holds the
share of its greatest depth that the tables give it of theirs, so no moment is above the record.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.hazards.flood.hazard_class import LIMITS
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.records import RECORDS, SPEED_DEPTH
from citytwin.hazards.flood.solver import Place, Solver
from citytwin.hazards.flood.subgrid.solver import MARKS, SubgridSolver
from citytwin.hazards.flood.subgrid.tables import Tables
from citytwin.hazards.flood.terrain import FRAME

#: Time for which the water settles [s]. Judged: on the embedded city less leaves the coarse cells to be
#: seen, more lets the water run away; 60 to 140 s change the area flooded in common by a few per cent.
SETTLE = 120.0
#: Water of the tables that is thinner does not scale the settled depth [m].
_THIN = 1e-3


@dataclass(frozen=True, eq=False)
class FineView:
    """How the cells of a city see the water of its parents.

    Attributes
    ----------
    tables
        Tables of the coarse cells.
    wet
        Depth that counts as wet in arrival and duration [m].
    settles
        Whether the greatest depths settle on the fine ground; else they are those of the tables.
    """

    tables: Tables
    wet: float = 0.05
    settles: bool = True

    @cached_property
    def _cells(self) -> tuple[Ints, Ints]:
        """(n,) fine and coarse places of the city's cells."""
        parts, grid = self.tables.parts, self.tables.parts.hierarchy.fine
        fine = (grid.row + FRAME) * parts.fine_shape[1] + grid.col + FRAME
        return fine, parts.owner[fine]

    @cached_property
    def _parents(self) -> tuple[Ints, Ints]:
        """(p,) places of the coarse cells that hold the city's, and (n,) which of them holds each."""
        coarse, which = np.unique(self._cells[1], return_inverse=True)
        return coarse, which

    @cached_property
    def _height(self) -> Floats:
        """(n,) height of the cells above the lowest ground of their parents; infinite in walls [m]."""
        fine, _ = self._cells
        is_open = self.tables.parts.open_share[fine] > 0.0
        # The lowest ground is rounded (``level_step``), up to an eighth of a millimetre above the cell.
        return np.where(is_open, np.maximum(self.tables.height[fine], 0.0), np.inf)

    def moment(self, water: Solver, cells: Ints | None = None) -> Floats32:
        """(2, p) depth [m] and speed [m/s] of the parents now, or (2, k) of those of some cells."""
        place = np.divmod(self._coarse(cells), water.shape[1])
        return np.stack([water.depth_at(place), water.speed_at(place)]).astype(np.float32)

    def record(self, water: Solver) -> dict[str, Floats32]:
        """(n,) greatest values, arrival and duration by name, as ``Solver.record``."""
        if not isinstance(water, SubgridSolver):
            raise TypeError("only a sub-grid solver keeps what this view needs")
        greatest = water.greatest.ravel()
        spread = self._spread(greatest[self._parents[0]])
        depth = spread
        speed = np.asarray(water.record["speed_max"], np.float64).ravel()[self._cells[1]]
        stays = tuple(values.reshape(-1, MARKS.size) for values in water.stays)
        if self.settles:
            depth, speed = self._settled(spread)
            # What settles beyond the cells that ever held water came there at no moment of the run.
            came = np.isfinite(stays[0][self._cells[1], 0])
            depth, speed = np.where(came, depth, 0.0), np.where(came, speed, 0.0)
        arrival, duration = self._stays(stays, greatest, spread, depth)
        found = (depth, speed, depth * speed, _classes(depth, speed), arrival, duration)
        return {
            name: np.asarray(values, np.float32)
            for name, values in zip(RECORDS, found, strict=True)
        }

    def seen(
        self,
        water: Solver,
        record: dict[str, Floats32],
        moments: Floats32,
        cells: Ints | None = None,
    ) -> tuple[Floats32, Floats32]:
        """(t, k) depth [m] and speed [m/s] at (t, 2, …) moments.

        A cell has the share of its greatest depth that the tables give it of theirs; where they leave
        it dry, the share that its parent holds of its greatest volume. Deeper water in a parent is
        faster, as by Manning's formula.
        """
        which = self._parents[1] if cells is None else np.arange(cells.size)
        chosen = slice(None) if cells is None else cells
        deepest, fastest = (
            record[name][chosen].astype(np.float64) for name in ("depth_max", "speed_max")
        )
        most = np.asarray(water.record["depth_max"], np.float64).ravel()[self._coarse(cells)]
        spread = self._spread(most, cells)
        found = np.zeros((2, len(moments), which.size), np.float32)
        for at, (held, speeds) in enumerate(moments.astype(np.float64)):
            thin = np.divide(held, most, out=np.zeros_like(most), where=most > 0.0)[which]
            thick = self._spread(held, cells) / np.maximum(spread, _THIN)
            depth = deepest * np.clip(np.where(spread > _THIN, thick, thin), 0.0, 1.0)
            share = depth / np.maximum(held, SPEED_DEPTH)[which]
            found[0, at] = depth
            found[1, at] = np.minimum(speeds[which] * np.cbrt(share * share), fastest)
        return found[0], found[1]

    def ground(self, water: Solver, cells: Ints) -> Floats:
        """(k,) ground of some cells [m]."""
        del water
        return np.asarray(self.tables.parts.terrain.elevation.ravel()[self._cells[0][cells]])

    def _coarse(self, cells: Ints | None) -> Ints:
        """Places of the coarse cells whose values ``moment`` keeps."""
        return self._parents[0] if cells is None else self._cells[1][cells]

    def _spread(self, held: Floats, cells: Ints | None = None) -> Floats:
        """(k,) depth of cells, as the tables have it, where the coarse ones hold depths [m]."""
        stage = self.tables.stage_at(held, self._coarse(cells))
        if cells is None:
            return np.maximum(stage[self._parents[1]] - self._height, 0.0)
        return np.maximum(stage - self._height[cells], 0.0)

    def _settled(self, depth: Floats) -> tuple[Floats, Floats]:
        """(n,) depth and speed after the water settled on the fine ground."""
        parts = self.tables.parts
        grid, terrain = parts.hierarchy.fine, parts.terrain
        solver = InertialSolver(
            grid.lattice, terrain.elevation, terrain.storage, terrain.manning, drains=terrain.drains,
            depth=np.pad(grid.scatter(depth), FRAME),
        )  # fmt: skip
        solver.run(SETTLE)
        place: Place = grid.row + FRAME, grid.col + FRAME
        return solver.depth_at(place), solver.speed_at(place)

    def _stays(
        self, stays: tuple[Floats, ...], greatest: Floats, spread: Floats, depth: Floats
    ) -> tuple[Floats, Floats]:
        """(n,) first time at which a cell was wet, infinite if never, and for how long [s].

        A cell is taken to be as deep, against its greatest depth, as the tables have it at the same
        volume of its parent.
        """
        _, coarse = self._cells
        ratio = np.divide(spread, depth, out=np.ones(depth.size), where=depth > 0.0)
        level = self.tables.lowest.ravel()[coarse] + self._height + self.wet * ratio
        held = self.tables.depth_at(np.where(np.isfinite(level), level, 0.0), coarse)
        even = greatest[coarse] * self.wet / np.maximum(depth, self.wet)
        held = np.minimum(np.where(spread > _THIN, held, even), greatest[coarse])
        reached, above = stays
        low = np.clip(np.searchsorted(MARKS, held, side="right") - 1, 0, MARKS.size - 2)
        share = np.clip((held - MARKS[low]) / (MARKS[low + 1] - MARKS[low]), 0.0, 1.0)
        first, second = reached[coarse, low], reached[coarse, low + 1]
        is_wet = (depth >= self.wet) & np.isfinite(first)
        first = np.where(is_wet, first, 0.0)
        later = np.where(np.isfinite(second) & is_wet, second, first) - first
        arrival = np.where(is_wet, first + share * later, np.inf)
        longer, shorter = above[coarse, low], above[coarse, low + 1]
        return arrival, np.where(is_wet, longer + share * (shorter - longer), 0.0)


def _classes(depth: Floats, speed: Floats) -> Floats:
    """(n,) hazard classes, 0 for dry: the first whose limits of depth, speed and product all hold."""
    found = np.full(depth.shape, len(LIMITS) + 1.0)
    for number in range(len(LIMITS), 0, -1):
        deepest, fastest, product = LIMITS[number - 1]
        holds = (depth <= deepest) & (speed <= fastest) & (depth * speed <= product)
        found[holds] = number
    return np.where(depth > SPEED_DEPTH, found, 0.0)
