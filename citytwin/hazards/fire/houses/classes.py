"""Class of construction, fire load and size of each building."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.chance import uniform
from citytwin.hazards.fire.houses.pairs import LOWEST
from citytwin.hazards.fire.houses.tables import (
    BRICK,
    CONCRETE,
    WOOD,
    class_words,
    coefficients,
    construction,
    loads,
)

#: Side of the house to which the table's time of growth belongs [m].
_SIDE = 10.0
#: Stream of random numbers for assumed classes.
_STREAM = 11


@dataclass(frozen=True, eq=False)
class Stock:
    """Buildings as fire sees them, all (b,).

    Attributes
    ----------
    kind
        Class of construction, as in ``tables.CLASSES``.
    assumed
        Whether the class is assumed, not said by the source.
    height
        Height of the top [m].
    area
        Area of the outline [m²].
    load
        Fire load of structure and contents [J].
    power
        Heat release at full fire [W].
    growth
        Time from ignition to full fire in still air [s].
    """

    kind: Ints
    assumed: Bools
    height: Floats
    area: Floats
    load: Floats
    power: Floats
    growth: Floats


def stock_of(buildings: Buildings, wood_share: float, wood_levels: float, seed: int) -> Stock:
    """Buildings with class, load and power.

    Parameters
    ----------
    buildings
        As the city has them.
    wood_share
        Share of the buildings of unknown class, up to ``wood_levels`` storeys, that are of wood; the
        other low ones are of brick, the higher ones of concrete.
    seed
        Which of them.
    """
    kind, assumed = _classes(buildings, wood_share, wood_levels, seed)
    table, names = construction(), loads()
    area = np.maximum(buildings.area, 1.0)
    floors = np.maximum(buildings.floor_area, area)
    contents = np.array([names.get(str(word), names["*"]) for word in buildings.kind], np.float64)
    load = floors * (contents.reshape(-1) + table.structure_load[kind])
    size, slope = coefficients()["size_constant"], coefficients()["size_slope"]
    side = (size + slope * np.sqrt(area)) / (size + slope * _SIDE)
    return Stock(
        kind=kind,
        assumed=assumed,
        height=np.maximum(buildings.height, LOWEST),
        area=area,
        load=load,
        power=load / table.burning[kind],
        growth=table.growth[kind] * side,
    )


def _classes(
    buildings: Buildings, wood_share: float, wood_levels: float, seed: int
) -> tuple[Ints, Bools]:
    words, count = class_words(), len(buildings)
    by_material = [words.get(("material", str(word)), -1) for word in buildings.material]
    by_kind = [words.get(("kind", str(word)), -1) for word in buildings.kind]
    material, use = np.array(by_material, np.int64), np.array(by_kind, np.int64)
    low = np.where(uniform(seed, _STREAM, np.arange(count)) < wood_share, WOOD, BRICK)
    guess = np.where(buildings.levels <= wood_levels, low, CONCRETE)
    assumed = np.asarray(material.reshape(-1) < 0)
    kind = np.where(assumed, np.where(use < 0, guess, use), material)
    return kind.reshape(count).astype(np.int64), assumed
