"""What a building is for Hazus: structural type and level of seismic design, assumed from the map."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.errors import InputError
from citytwin.hazards.buildings import Buildings
from citytwin.impact.hazus.tables import LEVELS, types
from citytwin.tables import number, read_rows, table_path

_ANY = "*"
_UNKNOWN = "unknown"
#: Types of wood, whose level of design has its own column.
_WOOD = ("W1", "W2")


@dataclass(frozen=True)
class _Rule:
    construction: str
    material: str
    kind: str
    low: float
    high: float
    structure: int

    def fits(self, construction: str, material: str, kind: str, levels: float) -> bool:
        return (
            self.construction in (_ANY, construction)
            and self.material in (_ANY, material)
            and self.kind in (_ANY, kind)
            and self.low <= levels <= self.high
        )


@lru_cache(maxsize=4)
def _rules() -> tuple[_Rule, ...]:
    path = table_path("hazus_mapping.csv")
    columns = ("construction", "material", "kind", "levels_from", "levels_to", "class", "verified")
    return tuple(
        _Rule(
            row["construction"], row["material"], row["kind"], number(row, "levels_from", path),
            number(row, "levels_to", path), types()[row["class"]],
        )
        for row in read_rows(path, columns)
    )  # fmt: skip


def constructions() -> tuple[str, ...]:
    """Places whose way of building the tables know."""
    return tuple(dict.fromkeys(rule.construction for rule in _rules() if rule.construction != _ANY))


def _known(construction: str) -> None:
    if construction not in constructions():
        raise InputError(
            f"construction must be one of {', '.join(constructions())}, not '{construction}'"
        )


def structural_types(
    kind: NDArray[Any], material: NDArray[Any], levels: Floats, construction: str = "north_america"
) -> Ints:
    """(b,) position of each building's structural type in ``tables.types``.

    Parameters
    ----------
    kind, material
        (b,) words of the source; empty where it says nothing.
    levels
        (b,) storeys above ground.
    construction
        What people build there: one of ``constructions()``.

    Raises
    ------
    InputError
        If no such construction is known.
    """
    _known(construction)
    storeys = np.rint(np.nan_to_num(levels, nan=1.0))
    words = [(str(m), str(k), float(s)) for m, k, s in zip(material, kind, storeys, strict=True)]
    found = {key: _first(construction, *key) for key in set(words)}
    return np.array([found[key] for key in words], dtype=np.int64)


def _first(construction: str, material: str, kind: str, levels: float) -> int:
    for rule in _rules():
        if rule.fits(construction, material, kind, max(levels, 0.0)):
            return rule.structure
    raise InputError(
        f"data/tables/hazus_mapping.csv has no row for {levels:g} storeys in '{construction}': add one"
    )


def design_levels(year: Floats, structure: Ints, construction: str = "north_america") -> Ints:
    """(b,) position of each building's level of seismic design in ``tables.LEVELS``.

    Parameters
    ----------
    year
        (b,) year of construction; not a number where it is not known.
    structure
        (b,) structural types.
    construction
        What people build there.
    """
    _known(construction)
    path = table_path("hazus_design_level.csv")
    rows = [
        row
        for row in read_rows(path, ("construction", "year", "level", "level_wood", "verified"))
        if row["construction"] == construction
    ]
    wood = np.isin(structure, [types()[name] for name in _WOOD])
    found = np.zeros(year.size, dtype=np.int64)
    dated = sorted((row for row in rows if row["year"] != _UNKNOWN), key=lambda r: float(r["year"]))
    choices = [(year >= float(row["year"]), row) for row in dated]
    choices += [(np.isnan(year), row) for row in rows if row["year"] == _UNKNOWN]
    for chosen, row in choices:
        found[chosen & ~wood] = LEVELS.index(row["level"])
        found[chosen & wood] = LEVELS.index(row["level_wood"])
    return found


def classified(buildings: Buildings, construction: str = "north_america") -> tuple[Ints, Ints]:
    """(b,) structural types and (b,) levels of design of a city's buildings."""
    structure = structural_types(buildings.kind, buildings.material, buildings.levels, construction)
    return structure, design_levels(buildings.year, structure, construction)
