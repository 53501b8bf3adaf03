"""Coefficients of fire between buildings, from their tables."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.tables import number, read_rows, table_path

#: Classes of construction, in the order of their numbers.
CLASSES = ("wood", "brick", "concrete")
WOOD, BRICK, CONCRETE = range(3)
_MEGA, _KILO, _MINUTE = 1e6, 1e3, 60.0


@dataclass(frozen=True, eq=False)
class Construction:
    """How buildings of each class of construction catch fire and burn, all (c,) in SI.

    Attributes
    ----------
    critical_flux
        Radiation below which the wall never ignites [kW/m²], the unit of the flux-time product.
    dose, exponent
        Flux-time product that ignites it [s (kW/m²)^exponent].
    opening_share, emission
        Share of the facade that radiates at full fire, and what that share radiates [kW/m²].
    structure_load
        What of the structure burns, per floor area [J/m²].
    growth, burning, party
        Time from ignition to full fire of a house 10 m wide, fire load over full heat release, and
        time for which a shared wall holds full fire [s].
    ember_factor
        Deposit of embers that ignites it, against wood.
    """

    critical_flux: Floats
    dose: Floats
    exponent: Floats
    opening_share: Floats
    emission: Floats
    structure_load: Floats
    growth: Floats
    burning: Floats
    party: Floats
    ember_factor: Floats


_SCALE = {"structure_load": _MEGA, "growth": _MINUTE, "burning": _MINUTE, "party": _MINUTE}


@lru_cache(maxsize=1)
def construction() -> Construction:
    """Classes of construction, in the order of ``CLASSES``."""
    path = table_path("fire_construction.csv")
    rows = read_rows(path, ("class", "coefficient", "value", "unit", "source", "verified"))
    found = {(row["class"], row["coefficient"]): number(row, "value", path) for row in rows}

    def column(name: str) -> Floats:
        try:
            values = [found[word, name] for word in CLASSES]
        except KeyError as error:
            raise InputError(
                f"the table {path} has no {name} of {error.args[0][0]}: install citytwin again"
            ) from error
        return np.array(values) * _SCALE.get(name, 1.0)

    return Construction(**{name: column(name) for name in Construction.__annotations__})


@lru_cache(maxsize=1)
def coefficients() -> dict[str, float]:
    """Coefficients by name, in the units of the table."""
    path = table_path("fire_coefficients.csv")
    rows = read_rows(path, ("name", "value", "unit", "source", "verified"))
    return {row["name"]: number(row, "value", path) for row in rows}


@lru_cache(maxsize=1)
def loads() -> dict[str, float]:
    """Fire load of the contents per floor area by kind of building [J/m²]; ``*`` is any other."""
    path = table_path("fire_loads.csv")
    rows = read_rows(path, ("kind", "load_mj_m2", "source", "verified"))
    return {row["kind"]: number(row, "load_mj_m2", path) * _MEGA for row in rows}


@lru_cache(maxsize=1)
def _wood_shares() -> dict[str, float]:
    path = table_path("fire_wood_share.csv")
    rows = read_rows(path, ("construction", "wood_share", "source", "verified"))
    return {row["construction"]: number(row, "wood_share", path) for row in rows}


def wood_share_of(construction: str) -> float:
    """Share of wood among low buildings of unknown class, by what people build in a place.

    Parameters
    ----------
    construction
        As the city's recipe says; empty where it says nothing.

    Raises
    ------
    InputError
        If the table has no row for it.
    """
    shares = _wood_shares()
    if construction and construction not in shares:
        raise InputError(
            f"the table fire_wood_share.csv has no row for the construction '{construction}': set "
            "the event's wood_share"
        )
    return shares[construction or "*"]


@lru_cache(maxsize=1)
def class_words() -> dict[tuple[str, str], int]:
    """Class of construction by what the word is (``material``, ``kind``) and the word."""
    path = table_path("fire_classes.csv")
    rows = read_rows(path, ("by", "word", "class", "source", "verified"))
    return {(row["by"], row["word"]): CLASSES.index(row["class"]) for row in rows}


def unverified() -> dict[str, tuple[int, int]]:
    """How many coefficients of each table were not verified, and of how many."""
    found = {}
    for name in ("fire_construction", "fire_loads", "fire_coefficients"):
        rows = read_rows(table_path(f"{name}.csv"), ("verified",))
        found[name] = (sum(row["verified"] != "yes" for row in rows), len(rows))
    return found
