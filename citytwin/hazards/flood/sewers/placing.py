"""Where the nodes of a network lie in the city: coordinates to cells of the solver's window."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from citytwin.arrays import Bools, Floats, Ints
from citytwin.errors import ScenarioError
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.flood.sewers.inp import SwmmFile
from citytwin.hazards.flood.solver import Place, Solver
from citytwin.hazards.flood.terrain import FRAME


@dataclass(frozen=True, eq=False)
class Spots:
    """Nodes that lie in the city.

    Attributes
    ----------
    names
        Their names.
    row, col
        (k,) cells of the solver's window.
    outside
        How many nodes lie outside the city.
    moved
        How many stand in a wall and meet the open cell beside it.
    """

    names: tuple[str, ...]
    row: Ints
    col: Ints
    outside: int = 0
    moved: int = 0

    @property
    def place(self) -> Place:
        """Their cells, as the solver takes them; cells may repeat."""
        return self.row, self.col


def place_nodes(file: SwmmFile, event: Sewers, grid: Grid, water: Solver) -> Spots:
    """Find the cells of a network's nodes.

    Parameters
    ----------
    file, event
        The network and what the event says of it.
    grid
        Cells of the solver, in a window with a frame around them.
    water
        The solver; a node in a wall goes to the nearest open cell, at most two away.

    Raises
    ------
    ScenarioError
        If a node has no coordinates, or lies outside the city where that is refused.
    """
    names = tuple(node.name for node in file.nodes if node.kind != "outfall")
    missing = [name for name in names if name not in file.coordinates]
    if missing:
        raise ScenarioError(
            f"{file.path} has no coordinates for {_some(missing)}: add them to [COORDINATES]"
        )
    x, y = np.array([file.coordinates[name] for name in names]).T
    cells = grid.locate(*_to_plane(x, y, event, grid, file.path))
    inside = cells >= 0
    _refuse_outside(names, inside, (float(x[0]), float(y[0])), event, file.path)
    at = np.flatnonzero(inside)
    row, col, moved = _open_cells(grid.row[cells[at]] + FRAME, grid.col[cells[at]] + FRAME, water)
    return Spots(tuple(names[k] for k in at), row, col, int((~inside).sum()), moved)


def _to_plane(x: Floats, y: Floats, event: Sewers, grid: Grid, path: Path) -> tuple[Floats, Floats]:
    try:
        crs = CRS.from_epsg(event.epsg)
    except CRSError as error:
        raise ScenarioError(f"there is no EPSG {event.epsg}: give epsg of the network") from error
    if crs.is_geographic and (np.abs(x).max() > 360.0 or np.abs(y).max() > 90.0):
        raise ScenarioError(
            f"the coordinates of {path} are no degrees (the first is {x[0]:g}, {y[0]:g}): "
            "give the number of their projection as epsg"
        )
    plane_x, plane_y = Transformer.from_crs(crs, grid.crs, always_xy=True).transform(x, y)
    return np.asarray(plane_x, np.float64), np.asarray(plane_y, np.float64)


def _refuse_outside(
    names: tuple[str, ...], inside: Bools, first: tuple[float, float], event: Sewers, path: Path
) -> None:
    if not inside.any():
        raise ScenarioError(
            f"none of the {len(names)} nodes of {path} lies in the city (the first is at "
            f"{first[0]:g}, {first[1]:g} in EPSG {event.epsg}): check epsg and the coordinates"
        )
    outside = [name for name, within in zip(names, inside, strict=True) if not within]
    if outside and event.outside == "refuse":
        raise ScenarioError(
            f"{path} has {_some(outside)} outside the city: set outside = 'closed' to keep them "
            "without exchange with the street, or build a wider city"
        )


def _some(names: list[str]) -> str:
    return f"{len(names)} nodes ('{names[0]}' and others)" if len(names) > 1 else f"'{names[0]}'"


def _open_cells(row: Ints, col: Ints, water: Solver) -> tuple[Ints, Ints, int]:
    """Cells with room for water: the nearest of the two rings around a wall."""
    walls = np.flatnonzero(water.room_at((row, col)) <= 0.0)
    row, col = row.copy(), col.copy()
    steps = _steps(water)
    moved = 0
    for k in walls:
        near = [(row[k] + r, col[k] + c) for r, c in steps]
        near = [(r, c) for r, c in near if 0 <= r < water.shape[0] and 0 <= c < water.shape[1]]
        rooms = water.room_at((np.array([r for r, _ in near]), np.array([c for _, c in near])))
        # A drain outside the city has room without end.
        open_cells = np.flatnonzero((rooms > 0.0) & (rooms <= 2.0 * water.lattice.cell_area))
        if open_cells.size:
            row[k], col[k] = near[open_cells[0]]
            moved += 1
    return row, col, moved


def _steps(water: Solver) -> list[tuple[int, int]]:
    """Steps to the two rings of cells around one, nearest first."""
    ways = [*STEPS, *((-r, -c) for r, c in STEPS)]
    both = {(a + c, b + d) for a, b in ways for c, d in [*ways, (0, 0)]} - {(0, 0)}
    across, down = water.lattice.vectors[0], water.lattice.vectors[1]
    return sorted(both, key=lambda step: float(np.hypot(*(step[0] * down + step[1] * across))))
