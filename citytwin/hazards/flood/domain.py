"""Where the water flows: the solver of a city, and how its answer comes back to the city's cells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from citytwin.arrays import AnyFloats, Floats, Floats32, Ints
from citytwin.errors import InputError, ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.soil import losses_of, sewer_of
from citytwin.hazards.flood.solver import Place, Solver
from citytwin.hazards.flood.subgrid.fine import FineView
from citytwin.hazards.flood.subgrid.solver import SubgridSolver
from citytwin.hazards.flood.subgrid.tables import Tables, tables_of
from citytwin.hazards.flood.terrain import FRAME, Terrain, flood_terrain

if TYPE_CHECKING:
    from citytwin.hazards.flood.model import Flood


class View(Protocol):
    """How the cells of a city see the water of a solver."""

    def moment(self, water: Solver, cells: Ints | None = None) -> Floats32:
        """(2, k) depth [m] and speed [m/s] now that ``seen`` needs for all cells, or for some."""

    def record(self, water: Solver) -> dict[str, Floats32]:
        """(n,) greatest values, arrival and duration by name, as ``Solver.record``."""

    def seen(
        self,
        water: Solver,
        record: dict[str, Floats32],
        moments: Floats32,
        cells: Ints | None = None,
    ) -> tuple[Floats32, Floats32]:
        """(t, k) depth [m] and speed [m/s] at (t, 2, …) moments, none above the record."""

    def ground(self, water: Solver, cells: Ints) -> Floats:
        """(k,) ground of some cells, on which their depth stands [m]."""


@dataclass(frozen=True, eq=False)
class PlainView:
    """Each cell of the city is a cell of the solver.

    Attributes
    ----------
    grid
        Cells of the city; the solver's window has a frame around theirs.
    """

    grid: Grid

    def moment(self, water: Solver, cells: Ints | None = None) -> Floats32:
        """(2, k) depth [m] and speed [m/s] now."""
        if cells is None:
            return np.stack([self._gather(water.depth), self._gather(water.speed)])
        place = self._place(cells)
        return np.stack([water.depth_at(place), water.speed_at(place)]).astype(np.float32)

    def record(self, water: Solver) -> dict[str, Floats32]:
        """(n,) greatest values, arrival and duration by name, as ``Solver.record``."""
        return {name: self._gather(values) for name, values in water.record.items()}

    def seen(
        self,
        water: Solver,
        record: dict[str, Floats32],
        moments: Floats32,
        cells: Ints | None = None,
    ) -> tuple[Floats32, Floats32]:
        """(t, k) depth [m] and speed [m/s] at (t, 2, k) moments.

        The record's kernel rounds a speed otherwise than a look at the water does: no moment is above.
        """
        del water
        fastest = record["speed_max"] if cells is None else record["speed_max"][cells]
        return moments[:, 0], np.minimum(moments[:, 1], fastest)

    def ground(self, water: Solver, cells: Ints) -> Floats:
        """(k,) ground of some cells [m]."""
        return water.ground_at(self._place(cells))

    def _place(self, cells: Ints) -> Place:
        return self.grid.row[cells] + FRAME, self.grid.col[cells] + FRAME

    def _gather(self, framed: np.ndarray) -> Floats32:
        inner = framed[FRAME:-FRAME, FRAME:-FRAME]
        return self.grid.gather(inner).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Domain:
    """A solver with all that a run needs to know of it.

    Attributes
    ----------
    grid
        Cells of the solver: the city's, or their parents.
    view
        How the city's cells see the solver's water.
    solver
        The water.
    tables
        Tables of the city's ground in the cells of the solver, if these are coarser.
    """

    grid: Grid
    view: View
    solver: Solver
    tables: Tables | None = None

    @property
    def ground(self) -> Floats:
        """(n,) ground of the cells of ``grid`` [m]."""
        return self.solver.ground_at((self.grid.row + FRAME, self.grid.col + FRAME))

    def window(self, values: Any) -> Any:
        """(n,) values of the cells of ``grid`` as (rows, cols) of the solver's window."""
        return np.pad(self.grid.scatter(np.asarray(values)), FRAME)

    def rain_window(self, values: AnyFloats) -> AnyFloats:
        """(n,) rain on the city's cells as (rows, cols) of the solver's window."""
        if self.tables is None:
            return np.asarray(self.window(values))
        return self.tables.rain(values)


def make_domain(event: "Flood", name: str, grid: Grid, layers: Layers) -> Domain:
    """Solver of an event on a city.

    Parameters
    ----------
    event
        The flood.
    name
        Solver to take, ``inertial``, ``full``, or ``subgrid`` for cells that are ``event.coarser``.
    grid, layers
        Cells of the city, and the layers that ``Flood.inputs`` names.

    Raises
    ------
    ScenarioError
        If no coarser cells hold the city.
    """
    losses = losses_of(event, layers)
    terrain = flood_terrain(grid, layers, event.gaps, 0.0, buildings=event.buildings, losses=losses)
    sewer = sewer_of(event, layers)
    more: dict[str, Any] = {"dtype": np.dtype(event.precision).type, "wet": event.wet_depth}
    if name == "subgrid":
        tables = _tables(event.coarser, grid, terrain)
        more["sewer"] = tables.mean(np.pad(grid.scatter(sewer), FRAME))
        view = FineView(tables, event.wet_depth)
        return Domain(tables.coarse, view, SubgridSolver(tables, **more), tables)
    more |= {
        "drains": terrain.drains,
        "rain_factor": terrain.rain_factor,
        "losses": terrain.losses,
        "sewer": np.pad(grid.scatter(sewer), FRAME),
    }
    kind: type[Solver] = InertialSolver
    if name == "full":
        kind, more["order"] = FullSolver, event.order
    solver = kind(grid.lattice, terrain.elevation, terrain.storage, terrain.manning, **more)
    return Domain(grid, PlainView(grid), solver)


def _tables(coarser: int, grid: Grid, terrain: Terrain) -> Tables:
    """Tables of a city's ground for cells some resolutions coarser."""
    try:
        return tables_of(grid, terrain, grid.resolution - coarser)
    except InputError as error:
        raise ScenarioError(f"coarser = {coarser} does not fit this city: {error}") from error
