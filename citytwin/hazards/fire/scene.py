"""What a fire finds: plants and buildings of the city, breaks, ignitions, the brigade."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.errors import InputError
from citytwin.grid.finding import cell_at, in_plane
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Layers
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.front.front import Front
from citytwin.hazards.fire.front.spread import Spread
from citytwin.hazards.fire.fuels import fuel_models
from citytwin.hazards.fire.heat.heat import Heat
from citytwin.hazards.fire.heat.sight import sight_of
from citytwin.hazards.fire.houses.chance import exponential
from citytwin.hazards.fire.houses.classes import Stock, stock_of
from citytwin.hazards.fire.houses.embers import Embers
from citytwin.hazards.fire.houses.near import Near, near_of
from citytwin.hazards.fire.houses.pairs import pairs_of
from citytwin.hazards.fire.houses.states import Houses
from citytwin.hazards.fire.houses.suppression import Brigade, Engines
from citytwin.hazards.fire.houses.tables import wood_share_of
from citytwin.hazards.fire.parts import Break
from citytwin.hazards.fire.starts import Starts, middle_of, starts_of
from citytwin.hazards.wind import Wind, wind_of

if TYPE_CHECKING:
    from citytwin.hazards.fire.model import Fire

_HOUR, _MINUTE, _MEGA = 3600.0, 60.0, 1e6
#: Least share of a cell that one kind of plant has to cover for a fire to run through it; judged.
LEAST_PLANTS = 1.0 / 3.0
#: Streams of random numbers: embers on buildings and on plants.
_ON_ROOFS, _ON_PLANTS = 21, 22


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that takes part in a run.

    Attributes
    ----------
    grid, wind, fuel, front, buildings, stock, houses, near, embers, engines, starts, heat
        As their classes say; ``fuel`` is the (n,) number of the fuel model of each cell, 0 for none.
    chance_roof, chance_plants
        (b,) and (n,) exponential random numbers that deposits of embers have to reach.
    construction, wood_share
        What people build there, and the share of wood that was taken.
    """

    grid: Grid
    wind: Wind
    fuel: Ints
    front: Front
    buildings: Buildings
    stock: Stock
    houses: Houses
    near: Near
    embers: Embers
    engines: Engines
    starts: Starts
    chance_roof: Floats
    chance_plants: Floats
    heat: Heat
    construction: str
    wood_share: float

    @cached_property
    def neighbours(self) -> Ints:
        """(n, 6) neighbours of each cell, −1 where there is none."""
        return self.grid.neighbours()


def scene_of(event: "Fire", grid: Grid, layers: Layers, given: Given) -> Scene:
    """Make everything ready.

    Parameters
    ----------
    event, grid, layers, given
        As in ``HazardModel.simulate``; its ignitions of buildings come to those of the event.
    """
    town = given.buildings if given.buildings is not None else _no_buildings()
    fuel = fuel_of(event, layers)
    wood_share = event.wood_share
    if wood_share is None:
        wood_share = wood_share_of(given.construction)
    stock = stock_of(town, wood_share, event.wood_levels, event.seed)
    houses = Houses(stock, pairs_of(town))
    wind = wind_of(event.wind_m_s, event.wind_deg, event.wind)
    moisture = np.array(event.moistures)
    ground = np.asarray(layers["ground_elevation"], np.float64)
    end = event.simulated_h * _HOUR
    fuel[_cut(event, grid, town, houses)] = 0
    front = Front(grid, fuel, Spread(moisture, ground), wind, end=end)
    x, y = town.centres
    near = near_of(town.outlines, grid.x, grid.y, grid.area, np.flatnonzero(fuel > 0))
    middle = middle_of(grid)
    brigade = Brigade(
        event.engines, event.engine_mw * _MEGA, event.water_share,
        event.response_min * _MINUTE, *_station(event, grid, middle),
    )  # fmt: skip
    return Scene(
        grid=grid,
        wind=wind,
        fuel=fuel,
        front=front,
        buildings=town,
        stock=stock,
        houses=houses,
        near=near,
        embers=Embers(np.concatenate([grid.x, x]), np.concatenate([grid.y, y])),
        engines=Engines(brigade, x, y),
        starts=starts_of(event, grid, town, fuel, houses, given.building_ignitions),
        chance_roof=exponential(event.seed, _ON_ROOFS, np.arange(len(town))),
        chance_plants=exponential(event.seed, _ON_PLANTS, grid.cells),
        heat=Heat(grid, sight_of(town, grid)),
        construction=given.construction,
        wood_share=wood_share,
    )


def fuel_of(event: "Fire", layers: Layers) -> Ints:
    """(n,) fuel model of each cell by the plants that cover most of it, 0 where too few do."""
    codes = {model.code: key for key, model in fuel_models().items()}
    kinds = (("grass_share", event.grass_fuel), ("shrub_share", event.shrub_fuel),
             ("tree_share", event.tree_fuel))  # fmt: skip
    open_ground = 1.0 - np.asarray(layers["building_cover"], np.float64)
    cover = np.stack([np.asarray(layers[name], np.float64) * open_ground for name, _ in kinds])
    number = np.array([codes.get(code, 0) for _, code in kinds], np.int64)
    most = np.argmax(cover, axis=0)
    dense = cover.max(axis=0) >= LEAST_PLANTS
    return np.where(dense, number[most], 0).astype(np.int64)


def _cuts_nothing(one: Break, grid: Grid, strip: shapely.Geometry) -> InputError:
    """Why a fire break cuts nothing: it lies elsewhere, or between the middles of cells."""
    around = shapely.buffer(strip, float(grid.lattice.lengths.max()))
    if shapely.contains_xy(around, grid.x, grid.y).any():
        return InputError(f"{one.what} cuts no cell and no building: widen it")
    return InputError(f"{one.what} lies outside the city: move its line")


def _no_buildings() -> Buildings:
    none, words = np.empty(0), np.empty(0, dtype=object)
    cells = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Buildings(words, cells, none, none, none, none, words, words, none)


def _station(event: "Fire", grid: Grid, middle: tuple[float, float]) -> tuple[float, float]:
    if event.station is None:
        return middle
    cell_at(grid, event.station, "the station")
    x, y = in_plane(grid, [event.station], "the station")
    return float(x[0]), float(y[0])


def _cut(event: "Fire", grid: Grid, town: Buildings, houses: Houses) -> Ints:
    """Clear the buildings on fire breaks; gives the cells whose plants are cut."""
    cells: list[NDArray[Any]] = [np.empty(0, np.int64)]
    for one in event.breaks:
        x, y = in_plane(grid, one.line, one.what)
        strip = shapely.buffer(shapely.linestrings(np.stack([x, y], axis=1)), one.width / 2.0)
        shapely.prepare(strip)
        hit = np.flatnonzero(shapely.contains_xy(strip, grid.x, grid.y))
        if not hit.size and not shapely.intersects(strip, town.outlines).any():
            raise _cuts_nothing(one, grid, strip)
        cells.append(hit)
        houses.clear(np.asarray(shapely.intersects(strip, town.outlines)))
    return np.unique(np.concatenate(cells))
