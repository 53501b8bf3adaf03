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
    description
        What it is, in one line.
    extensive
        True if values of cells add up (people, area), false if they average (depth, elevation).
    least
        Smaller values at a moment are not stored: nothing to see.
    """

    name: str
    unit: str
    low: float
    high: float
    description: str
    extensive: bool
    least: float = 0.005


_AVERAGED = (
    ("ground_elevation", "m", -500.0, 9000.0, "mean height of the ground above sea"),
    ("building_cover", "1", 0.0, 1.0, "share of the cell under buildings"),
    ("people_assumed", "1", 0.0, 1.0, "1 where the people are modelled, not counted"),
    ("height_assumed", "1", 0.0, 1.0, "share of the building area whose height is assumed"),
    ("ground_assumed", "1", 0.0, 1.0, "share of the cell whose ground is filled or not measured"),
    ("cover_assumed", "1", 0.0, 1.0, "share of the open ground whose class is assumed"),
    (
        "assumed",
        "1",
        0.0,
        1.0,
        "share where the building's height or the ground's class is assumed, or ground_assumed",
    ),
    ("manning", "s/m^(1/3)", 0.005, 1.0, "Manning's roughness of the ground"),
    ("pervious_share", "1", 0.0, 1.0, "share of the open ground that water can enter"),
    ("water_share", "1", 0.0, 1.0, "share of the cell under standing water"),
    ("grass_share", "1", 0.0, 1.0, "share of the open ground under grass that can burn"),
    ("shrub_share", "1", 0.0, 1.0, "share of the open ground under shrubs"),
    ("tree_share", "1", 0.0, 1.0, "share of the open ground under trees"),
    ("depth", "m", 0.0, 1000.0, "depth of water above the ground"),
    ("speed", "m/s", 0.0, 100.0, "speed of the water, averaged over depth"),
    ("level", "m", -500.0, 10000.0, "height of the water's surface above sea"),
    ("momentum", "m2/s", 0.0, 1e5, "depth times speed of the water"),
    ("hazard_class", "1", 0.0, 6.0, "class of danger by depth, speed and their product, 1 to 6"),
    ("rise_rate", "m/s", 0.0, 100.0, "how fast the water rises"),
    ("pga", "m/s2", 0.0, 100.0, "peak acceleration of the ground"),
    ("pgv", "m/s", 0.0, 50.0, "peak velocity of the ground"),
    ("sa03", "m/s2", 0.0, 200.0, "spectral acceleration at 0.3 s, 5 % damped"),
    ("sa10", "m/s2", 0.0, 200.0, "spectral acceleration at 1 s, 5 % damped"),
    ("sa30", "m/s2", 0.0, 200.0, "spectral acceleration at 3 s, 5 % damped"),
    ("mmi", "1", 0.0, 12.0, "modified Mercalli intensity"),
    ("vs30", "m/s", 0.0, 5000.0, "shear-wave velocity of the uppermost 30 m"),
    ("rupture_distance", "m", 0.0, inf, "distance to the rupture's projection on the surface"),
    ("concentration", "kg/m3", 0.0, 1e3, "gas or smoke in the air where people breathe"),
    ("flame_length", "m", 0.0, 1e3, "length of the flames of plants"),
    ("dose", "kg s/m3", 0.0, inf, "concentration added up over time"),
    ("toxic_load", "(kg/m3)^n s", 0.0, inf, "concentration to the substance's power n over time"),
    ("lethality", "1", 0.0, 1.0, "share of people in the open who die of the toxic load"),
    ("indoor_lethality", "1", 0.0, 1.0, "share of people behind shut windows who die of it"),
    ("deposited", "kg/m2", 0.0, inf, "gas or smoke that settled on the ground"),
    ("indoor_concentration", "kg/m3", 0.0, 1e3, "gas or smoke in the air behind shut windows"),
    (
        "arrival",
        "s",
        0.0,
        inf,
        "time when the hazard first arrives: water at the wet depth, fire, gas",
    ),
    (
        "fire_state",
        "1",
        0.0,
        5.0,
        "1 plants on fire, 2 burnt; 3 building on fire, 4 burnt, 5 put out",
    ),
    ("heat_release", "W/m2", 0.0, 1e8, "heat that burning buildings release, per area of the cell"),
    ("heat_flux", "W/m2", 0.0, 1e7, "radiant heat of fires on people in the open"),
    ("fireline_intensity", "W/m", 0.0, 1e9, "heat that a front through plants releases per length"),
    ("duration", "s", 0.0, inf, "time for which it stays: water above the wet depth, fire, gas"),
)
_ADDED_UP = (
    ("building_area", "m2", 0.0, inf, "area of building footprints"),
    ("floor_area", "m2", 0.0, inf, "floor area of all storeys"),
    ("people", "1", 0.0, inf, "residents"),
    ("street_length", "m", 0.0, inf, "length of streets and paths"),
)

#: Smallest value at a moment that is stored, where it is not 0.005; such a quantity is stored where it
#: counts, even where the intensity itself does not.
_LEAST = {
    "concentration": 1e-9,
    "indoor_concentration": 1e-9,
    "pga": 1e-4,
    "pgv": 1e-5,
    "sa03": 1e-4,
    "sa10": 1e-4,
    "sa30": 1e-4,
}

VARIABLES: dict[str, Variable] = {
    name: Variable(name, unit, low, high, description, extensive, _LEAST.get(name, 0.005))
    for extensive, rows in ((False, _AVERAGED), (True, _ADDED_UP))
    for name, unit, low, high, description in rows
}


def stored_alone(name: str) -> bool:
    """Whether a quantity is stored where it counts, even where the intensity itself does not."""
    return name in _LEAST
