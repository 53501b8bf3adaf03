"""Damage of water to buildings in money: JRC's depth-damage functions and values.

Huizinga, de Moel & Szewczyk 2017, Global flood depth-damage functions, EUR 28552 EN, JRC105688,
doi:10.2760/16510.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.errors import InputError
from citytwin.tables import number, read_rows, table_path

SOURCE = "Huizinga, de Moel & Szewczyk 2017, doi:10.2760/16510"
#: Uses for which there are functions and values; a school counts as commercial.
DAMAGED = ("residential", "commercial", "industrial")
#: What money is in.
CURRENCY = "EUR 2010"


@dataclass(frozen=True, eq=False)
class DepthDamage:
    """A depth-damage function.

    Attributes
    ----------
    depth, damage
        (k,) corners: depth [m], rising, and share of the greatest damage.
    verified
        Whether a second source agrees.
    """

    depth: Floats
    damage: Floats
    verified: bool

    def at(self, depth: AnyFloats) -> Floats:
        """Share of the greatest damage at depths [m], any shape; the last one beyond the table."""
        return np.asarray(np.interp(depth, self.depth, self.damage), np.float64)


@lru_cache(maxsize=1)
def depth_damages() -> dict[tuple[str, str], DepthDamage]:
    """Functions by continent and use."""
    path = table_path("jrc_depth_damage.csv")
    rows: dict[tuple[str, str], list[tuple[float, float, bool]]] = {}
    for row in read_rows(path, ("continent", "use", "depth_m", "damage", "verified")):
        corner = number(row, "depth_m", path), number(row, "damage", path)
        rows.setdefault((row["continent"], row["use"]), []).append(
            (*corner, row["verified"] == "yes")
        )
    found = {}
    for key, corners in rows.items():
        depth, damage, verified = (np.array(column) for column in zip(*corners, strict=True))
        found[key] = DepthDamage(depth, damage, bool(verified.all()))
    return found


def depth_damage(continent: str, use: str) -> DepthDamage:
    """Function of a use on a continent.

    Raises
    ------
    InputError
        If JRC has none.
    """
    known = depth_damages()
    if (continent, use) not in known:
        names = ", ".join(dict.fromkeys(name for name, _ in known))
        raise InputError(
            f"there is no depth-damage function of the continent '{continent}' for {use} "
            f"buildings: set 'vulnerability.continent' of the recipe to one of {names}"
        )
    return known[continent, use]


@lru_cache(maxsize=1)
def _costs() -> dict[str, dict[str, float]]:
    path = table_path("jrc_values.csv")
    rows = read_rows(path, ("iso3", "country", *DAMAGED, "verified"))
    return {row["iso3"]: {use: number(row, use, path) for use in DAMAGED} for row in rows}


def has_values(country: str) -> bool:
    """Whether the table has the values of a country."""
    return country in _costs()


def construction_cost(country: str, use: str) -> float:
    """Cost of building a square metre of floor [EUR of 2010 per m²].

    Raises
    ------
    InputError
        If the table lacks the country.
    """
    known = _costs()
    if country not in known:
        raise InputError(
            f"there are no values for the country '{country}': set 'vulnerability.country' of the "
            "recipe to an ISO 3166 alpha-3 code of data/tables/jrc_values.csv, or leave it out"
        )
    return known[country][use]


@lru_cache(maxsize=1)
def _factors() -> dict[str, tuple[float, float, float]]:
    path = table_path("jrc_factors.csv")
    names = ("depreciated", "undamageable", "contents")
    rows = read_rows(path, ("use", *names, "verified"))
    return {row["use"]: tuple(number(row, name, path) for name in names) for row in rows}  # type: ignore[misc]


def greatest_damage(country: str, use: str) -> float:
    """Greatest damage of a flood to a building and its contents [EUR of 2010 per m² of floor]."""
    depreciated, undamageable, contents = _factors()[use]
    return construction_cost(country, use) * depreciated * (1.0 - undamageable) * (1.0 + contents)
