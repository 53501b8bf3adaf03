"""Every quantity on cells, defined once: name, unit, range and whether it adds up."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Variable:
    """A quantity on the cells of a city.

    Attributes
    ----------
    name
        Name used in layers, files and results.
    unit
        SI unit as text; ``1`` for shares.
    low, high
        Valid range, both ends included.
    extensive
        True if values of cells add up (people, area), false if they average (depth, elevation).
    description
        What it is, in one line.
    """

    name: str
    unit: str
    low: float
    high: float
    extensive: bool
    description: str


_ALL = (
    Variable("ground_elevation", "m", -500.0, 9000.0, False, "mean height of the ground above sea"),
    Variable("building_cover", "1", 0.0, 1.0, False, "share of the cell under buildings"),
    Variable("building_area", "m2", 0.0, inf, True, "area of building footprints"),
    Variable("floor_area", "m2", 0.0, inf, True, "floor area of all storeys"),
    Variable("people", "1", 0.0, inf, True, "residents"),
    Variable("people_assumed", "1", 0.0, 1.0, False, "1 where the people are modelled, not counted"),
    Variable("manning", "s/m^(1/3)", 0.005, 1.0, False, "Manning's roughness of the ground"),
    Variable("pervious_share", "1", 0.0, 1.0, False, "share of the open ground that water can enter"),
    Variable("water_share", "1", 0.0, 1.0, False, "share of the cell under standing water"),
    Variable("street_length", "m", 0.0, inf, True, "length of streets and paths"),
    Variable("depth", "m", 0.0, 1000.0, False, "depth of water above the ground"),
    Variable("speed", "m/s", 0.0, 100.0, False, "speed of the water, averaged over depth"),
    Variable("arrival", "s", 0.0, inf, False, "time when the water first reaches the wet depth"),
    Variable("duration", "s", 0.0, inf, False, "time for which the water stands above the wet depth"),
)

VARIABLES: dict[str, Variable] = {variable.name: variable for variable in _ALL}
