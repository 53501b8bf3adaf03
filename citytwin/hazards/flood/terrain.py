"""A city's layers as the flood sees them: what is open, roofs that shed, an open boundary."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Bools, Floats, Ints
from citytwin.errors import ScenarioError
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers
from citytwin.hazards.flood.losses import CONSTANT, Losses

#: Share of a cell under roofs from which its rain runs off into the cells beside it.
ROOF_COVER = 0.5
#: Height by which the ground of buildings is raised where they are taken as raised ground [m].
RAISED = 6.0
#: A cell with less open ground than this is a wall.
LEAST_OPEN = 1e-3
#: Cells of one empty frame around the window, where the drains lie.
FRAME = 1


@dataclass(frozen=True, eq=False)
class Terrain:
    """(rows, cols) arrays for the solver, with one frame of cells around the city's window.

    Attributes
    ----------
    elevation
        Ground, and in the drains the ground carried on beyond the edge [m].
    storage
        Open area over the lattice's cell area, 0 in walls and outside [1].
    manning
        Roughness [s/m^(1/3)].
    rain_factor
        Rain on the cell and on the roofs that shed into it, over its open area [1].
    losses
        What the ground takes.
    drains
        Cells just outside the city, which take the water that reaches them.
    """

    elevation: Floats
    storage: Floats
    manning: Floats
    rain_factor: Floats
    losses: Losses
    drains: Bools


def flood_terrain(
    grid: Grid,
    layers: Layers,
    gaps: float,
    infiltration: float,
    *,
    buildings: str = "porous",
    losses: Losses | None = None,
) -> Terrain:
    """Terrain of a city.

    Parameters
    ----------
    grid, layers
        Cells, and the layers that ``Flood.inputs`` names.
    gaps
        Share of a wholly built cell that still lets water through and holds it: doors, passages,
        side alleys [1]. With 0 such a cell is a wall.
    infiltration
        Rate at which wholly pervious ground takes water [m/s].
    buildings
        ``porous``: a cell is open where no building stands, or by ``gaps``. ``obstacles``: a cell
        that is at least half built is a wall, any other is open. ``raised``: no walls, but the ground
        of a cell that is at least half built is raised by ``RAISED``; its rain runs off.
    losses
        What the ground of each cell takes, with (n,) parameters, instead of ``infiltration``.
    """
    cover = np.asarray(layers["building_cover"], np.float64)
    built = cover >= ROOF_COVER
    ground = np.asarray(layers["ground_elevation"], np.float64)
    if buildings == "porous":
        open_share = np.maximum(1.0 - cover, gaps)
        open_share[open_share < LEAST_OPEN] = 0.0
        takes_rain = ~built & (open_share > 0.0)
    else:
        raised = buildings == "raised"
        open_share = np.where(built & (not raised), 0.0, 1.0)
        takes_rain = open_share > 0.0
        ground = ground + np.where(built & raised, RAISED, 0.0)
    if not takes_rain.any():
        raise ScenarioError(
            "no cell is less than half built, so rain finds no ground: build the city again at a "
            "finer resolution"
        )
    open_area = grid.area * open_share
    caught = np.where(takes_rain, grid.area, 0.0)
    caught += shed_roofs(grid.area, takes_rain, grid.neighbours())
    factor = np.divide(caught, open_area, out=np.zeros(len(grid)), where=takes_rain)
    if losses is None:
        rate = infiltration * np.asarray(layers["pervious_share"], np.float64)
        losses = Losses(CONSTANT, rate, np.zeros(len(grid)), np.zeros(len(grid)))
    pervious = np.where(built & (buildings == "raised"), 0.0, 1.0)
    window = {
        "storage": open_area / grid.lattice.cell_area,
        "manning": np.asarray(layers["manning"], np.float64),
        "rain_factor": factor,
        "p0": losses.p0 * pervious,
        "p1": losses.p1 * pervious,
        "p2": losses.p2 * pervious,
        "ground": ground,
    }
    framed = {name: np.pad(grid.scatter(values), FRAME) for name, values in window.items()}
    inside = np.pad(grid.window_index >= 0, FRAME)
    drains, elevation = _drains(inside, framed["ground"])
    framed["manning"][drains] = float(np.median(window["manning"]))
    return Terrain(
        elevation=elevation,
        storage=framed["storage"],
        manning=framed["manning"],
        rain_factor=framed["rain_factor"],
        losses=Losses(losses.kind, framed["p0"], framed["p1"], framed["p2"]),
        drains=drains,
    )


def shed_roofs(area: Floats, is_open: Bools, neighbours: Ints) -> Floats:
    """Area of walls that sheds its rain into each open cell [m²].

    Every wall cell hands its rain, and what it got from walls farther in, in equal parts to the
    neighbours that are one ring nearer to open ground.

    Parameters
    ----------
    area
        (n,) area of the cells [m²].
    is_open
        (n,) cells that water can enter.
    neighbours
        (n, 6) as ``Grid.neighbours`` gives them.

    Returns
    -------
    (n,) area [m²]; built cells that no chain of cells joins to open ground keep theirs.
    """
    ring = np.where(is_open, 0, -1)
    known = neighbours >= 0
    step = 0
    while True:
        reached = (known & (ring[neighbours] == step)).any(axis=1) & (ring < 0)
        if not reached.any():
            break
        step += 1
        ring[reached] = step
    shed = np.where(is_open, 0.0, area)
    for level in range(step, 0, -1):
        givers = np.nonzero(ring == level)[0]
        nearer = known[givers] & (ring[neighbours[givers]] == level - 1)
        part = shed[givers] / nearer.sum(axis=1)
        np.add.at(shed, neighbours[givers][nearer], np.repeat(part, nearer.sum(axis=1)))
        shed[givers] = 0.0
    return shed


def _drains(inside: Bools, ground: Floats) -> tuple[Bools, Floats]:
    """Cells just outside the city, and the ground with their height carried on from the slope."""
    total, count = np.zeros(inside.shape), np.zeros(inside.shape)
    for row, col in STEPS + tuple((-r, -c) for r, c in STEPS):
        edge, inner = _shifted(ground, row, col), _shifted(ground, 2 * row, 2 * col)
        has_edge, has_inner = _shifted(inside, row, col), _shifted(inside, 2 * row, 2 * col)
        carried = np.where(has_inner, 2.0 * edge - inner, edge)
        total += np.where(has_edge, carried, 0.0)
        count += has_edge
    drains = ~inside & (count > 0)
    height = np.divide(total, count, out=np.zeros(inside.shape), where=count > 0)
    return drains, np.where(drains, height, ground)


def _shifted(values: np.ndarray, row: int, col: int) -> np.ndarray:
    """Value at (r + row, c + col), zero beyond the window."""
    out = np.zeros_like(values)
    rows, cols = values.shape
    to_r, to_c = slice(max(-row, 0), rows - max(row, 0)), slice(max(-col, 0), cols - max(col, 0))
    from_r, from_c = slice(max(row, 0), rows + min(row, 0)), slice(max(col, 0), cols + min(col, 0))
    out[to_r, to_c] = values[from_r, from_c]
    return out
