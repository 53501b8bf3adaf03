"""Tables of the coarse cells: level by volume in each cell, depth and friction by level on each edge."""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.errors import InputError
from citytwin.grid.hierarchy import Hierarchy, hierarchy
from citytwin.grid.lattice import Lattice
from citytwin.grid.window import Grid
from citytwin.hazards.flood.layout import level_step
from citytwin.hazards.flood.losses import Losses
from citytwin.hazards.flood.subgrid.crossings import crossings_of, fed, sills
from citytwin.hazards.flood.subgrid.parts import Parts, parts_of
from citytwin.hazards.flood.subgrid.runoff import Runoff, runoff
from citytwin.hazards.flood.subgrid.thalweg import Thalweg, thalweg
from citytwin.hazards.flood.terrain import FRAME, Terrain

#: Entries of a table. Their places go with the square, so that they are close together in thin water.
ENTRIES = 16
#: Places of the entries over that of the last.
SQUARES: Floats = (np.arange(ENTRIES) / (ENTRIES - 1.0)) ** 2
#: A table ends so far above its lowest level at most; above it everything grows evenly [m].
TALLEST = 6.0
#: Heights between the entries at least [m].
SHORTEST = 0.05


@dataclass(frozen=True, eq=False)
class Tables:
    """(rows, cols, …) arrays of the coarse window with its frame.

    A cell's state is ``depth``, its water over its open area [m]. Entry k of the tables belongs to the
    square of k / (ENTRIES − 1) times ``top`` or ``reach``.

    Attributes
    ----------
    parts
        Which fine cells make up which coarse cell.
    lowest
        Level at which the first water stands [m].
    storage
        Open area over the coarse lattice's cell area [1].
    rise
        (rows, cols, ENTRIES) level above ``lowest`` by depth [m].
    top
        Depth of the last entry [m]; above it level and depth rise together.
    sill
        (3, rows, cols) level at which water begins to pass the edge forward in each way [m]; infinite
        where none can.
    reach
        (3, rows, cols) level of the last entry above the sill [m].
    flow_depth
        (3, rows, cols, ENTRIES) area of the flow over the length of the coarse edge [m].
    friction
        (3, rows, cols, ENTRIES) n² with which that depth conveys what the fine edges do together
        [s²/m^(2/3)].
    manning, rain_factor, losses
        Means over the open area, as of ``Terrain``.
    drains
        Cells outside the city that take the water which reaches them.
    height
        (f,) stage above ``lowest`` at which water reaches each fine cell [m].
    """

    parts: Parts
    lowest: Floats
    storage: Floats
    rise: Floats
    top: Floats
    sill: Floats
    reach: Floats
    flow_depth: Floats
    friction: Floats
    manning: Floats
    rain_factor: Floats
    losses: Losses
    drains: Bools
    height: Floats

    @property
    def lattice(self) -> Lattice:
        """Lattice of the coarse window."""
        return self.parts.lattice

    @property
    def coarse(self) -> Grid:
        """Cells of the coarse window, without its frame."""
        return self.parts.hierarchy.coarse

    def mean(self, values: Floats) -> Floats:
        """(rows, cols) means over the open area of values in the fine window with its frame."""
        return self.parts.window(self.parts.mean(values))

    def rain(self, values: AnyFloats) -> Floats:
        """(rows, cols) rain that the solver multiplies with ``rain_factor``.

        Parameters
        ----------
        values
            (n,) rain on the city's cells.
        """
        grid, factor = self.parts.hierarchy.fine, self.parts.terrain.rain_factor
        total = self.mean(np.pad(grid.scatter(np.asarray(values, np.float64)), FRAME) * factor)
        return np.divide(
            total, self.rain_factor, out=np.zeros(total.shape), where=self.rain_factor > 0.0
        )

    def depth_at(self, level: Floats, place: Ints) -> Floats:
        """(k,) depth that cells at flat places hold when water stands at a level [m]."""
        stage = level - self.lowest.ravel()[place]
        return _inverse(stage, self.rise.reshape(-1, ENTRIES)[place], self.top.ravel()[place])

    def stage_at(self, depth: Floats, place: Ints) -> Floats:
        """(k,) height of the water above the lowest ground of cells at flat places [m]."""
        rise, top = self.rise.reshape(-1, ENTRIES)[place], self.top.ravel()[place]
        at = np.arange(place.size)
        entry = np.minimum((np.sqrt(depth / top) * (ENTRIES - 1)).astype(np.int64), ENTRIES - 2)
        low, high = top * SQUARES[entry], top * SQUARES[entry + 1]
        slope = (rise[at, entry + 1] - rise[at, entry]) / (high - low)
        inside = rise[at, entry] + (depth - low) * slope
        return np.where(depth >= top, rise[:, -1] + depth - top, inside)


def tables_of(fine: Grid, terrain: Terrain, resolution: int) -> Tables:
    """Tables of the parents of a city's cells.

    Parameters
    ----------
    fine
        Cells of the city.
    terrain
        Their ground, as ``flood_terrain`` gives it.
    resolution
        H3 resolution of the parents.

    Raises
    ------
    InputError
        If the parents form no dense window, or no cell is open.
    """
    if not (terrain.storage > 0.0).any():
        raise InputError("no cell of the city is open to water: build it with fewer buildings")
    return tables_from(hierarchy(fine, resolution), terrain)


def tables_from(family: Hierarchy, terrain: Terrain) -> Tables:
    """Tables from the relation of fine and coarse cells; see ``tables_of``."""
    parts = parts_of(family, terrain)
    water = runoff(parts)
    ground = thalweg(parts, water)
    rise, top, lowest = _volumes(parts, ground)
    sill, reach, flow_depth, friction = _edge_tables(parts, water, ground)
    window = parts.window
    return Tables(
        parts=parts,
        lowest=window(lowest),
        storage=window(parts.total() / parts.ratio),
        rise=window(rise),
        top=window(top),
        sill=sill,
        reach=reach,
        flow_depth=flow_depth,
        friction=friction,
        manning=window(np.where(parts.drains, 0.03, parts.mean(terrain.manning))),
        rain_factor=window(parts.mean(terrain.rain_factor)),
        losses=Losses(
            terrain.losses.kind,
            *(
                window(parts.mean(p))
                for p in (terrain.losses.p0, terrain.losses.p1, terrain.losses.p2)
            ),
        ),
        drains=parts.drains.reshape(parts.shape),
        height=ground.height + ground.base[parts.owner] - lowest[parts.owner],
    )


def _volumes(parts: Parts, ground: Thalweg) -> tuple[Floats, Floats, Floats]:
    """Level by depth: (m, ENTRIES) rises, (m,) depth of the last one, (m,) lowest level."""
    rise = np.broadcast_to(SQUARES, (parts.size, ENTRIES)).copy()
    top, least = np.ones(parts.size), np.zeros(parts.size)
    _fill(parts.start, parts.order, parts.open_share, ground.height, rise, top, least)
    return rise, top, level_step(ground.base + least)


def _edge_tables(
    parts: Parts, water: Runoff, ground: Thalweg
) -> tuple[Floats, Floats, Floats, Floats]:
    """``sill``, ``reach``, ``flow_depth`` and ``friction`` of ``Tables``."""
    crossing = crossings_of(parts)
    way, before, behind = parts.edges
    hollow = water.filled - parts.terrain.elevation.ravel() > 0.0
    level = sills(parts, crossing, ground, hollow)
    factor = fed(parts, crossing)
    width = crossing.total(crossing.width)
    # A cell at the border faces its drains with what border it has.
    drain = parts.drains[before] | parts.drains[behind]
    width = np.where(drain, np.maximum(width, parts.lattice.edges[way]), width)
    sill, reach = np.full(way.size, np.inf), np.ones(way.size)
    depth, friction = np.zeros((way.size, ENTRIES)), np.ones((way.size, ENTRIES))
    _convey(
        crossing.start, crossing.width, crossing.share, crossing.roughness, level, width, factor,
        sill, reach, depth, friction,
    )  # fmt: skip
    tables = []
    for values, rest in ((sill, np.inf), (reach, 1.0), (depth, 0.0), (friction, 1.0)):
        all_ways = np.full((3, parts.size, *values.shape[1:]), rest)
        all_ways[way, before] = values
        tables.append(all_ways.reshape(3, *parts.shape, *values.shape[1:]))
    return tables[0], tables[1], tables[2], tables[3]


def _inverse(stage: Floats, rise: Floats, top: Floats) -> Floats:
    """(k,) depth at which the table of each cell gives a stage [m]."""
    entry = np.sum(rise[:, 1:-1] <= stage[:, None], axis=1)
    at = np.arange(stage.size)
    low, high = rise[at, entry], rise[at, entry + 1]
    depths = SQUARES * top[:, None]
    inside = np.divide(stage - low, high - low, out=np.zeros(stage.size), where=high > low)
    depth = depths[at, entry] + np.clip(inside, 0.0, 1.0) * (
        depths[at, entry + 1] - depths[at, entry]
    )
    return np.where(
        stage > rise[:, -1], top + stage - rise[:, -1], np.where(stage > 0.0, depth, 0.0)
    )


@njit(cache=True, nogil=True, parallel=True)
def _fill(
    start: Ints,
    order: Ints,
    share: Floats,
    height: Floats,
    rise: Floats,
    top: Floats,
    least: Floats,
) -> None:
    """Exact level by depth at the entries: straight lines between the heights of the fine cells."""
    entries = rise.shape[1]
    for cell in prange(start.size - 1):
        first, last = start[cell], start[cell + 1]
        if first == last:
            continue
        sorted_heights = np.empty(last - first)
        weight = np.empty(last - first)
        for k in range(first, last):
            sorted_heights[k - first] = height[order[k]]
        ranks = np.argsort(sorted_heights)
        total = 0.0
        for k in range(first, last):
            weight[k - first] = share[order[first + ranks[k - first]]]
            total += weight[k - first]
        sorted_heights = sorted_heights[ranks]
        depth = np.zeros(last - first)
        wet = weight[0] / total
        for k in range(1, last - first):
            depth[k] = depth[k - 1] + wet * (sorted_heights[k] - sorted_heights[k - 1])
            wet += weight[k] / total
        least[cell] = sorted_heights[0]
        top[cell] = max(depth[-1], 1e-3)
        k, wet = 0, weight[0] / total
        for entry in range(entries):
            wanted = top[cell] * (entry / (entries - 1.0)) ** 2
            while k + 1 < last - first and depth[k + 1] <= wanted:
                k += 1
                wet += weight[k] / total
            rise[cell, entry] = sorted_heights[k] - least[cell] + (wanted - depth[k]) / wet


@njit(cache=True, nogil=True, parallel=True)
def _convey(
    start: Ints,
    width: Floats,
    share: Floats,
    roughness: Floats,
    level: Floats,
    whole: Floats,
    factor: Floats,
    sill: Floats,
    reach: Floats,
    depth: Floats,
    friction: Floats,
) -> None:
    """Depth of the flow and its friction by level, from the fine edges of the ``whole`` width."""
    entries = depth.shape[1]
    for edge in prange(start.size - 1):
        low, high, room = np.inf, -np.inf, 0.0
        for k in range(start[edge], start[edge + 1]):
            if share[k] > 0.0:
                low, high = min(low, level[k]), max(high, level[k])
                room += width[k] * share[k] / whole[edge]
        if not (np.isfinite(low) and factor[edge] > 0.0):
            continue
        sill[edge] = low
        reach[edge] = min(max(high - low, SHORTEST), TALLEST)
        spread = min(factor[edge], 1.0 / room)
        for entry in range(entries):
            # The first entry is empty; its friction is that of the thinnest film.
            stage = reach[edge] * (max(entry, 0.03) / (entries - 1.0)) ** 2
            area, conveyance = 0.0, 0.0
            for k in range(start[edge], start[edge + 1]):
                deep = low + stage - level[k]
                if share[k] > 0.0 and deep > 0.0:
                    part = width[k] * share[k] / whole[edge]
                    area += part * deep
                    conveyance += part * deep ** (5.0 / 3.0) / roughness[k]
            area *= spread
            conveyance *= factor[edge]
            depth[edge, entry] = area if entry > 0 else 0.0
            friction[edge, entry] = (area ** (5.0 / 3.0) / conveyance) ** 2
