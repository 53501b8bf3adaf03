"""Impact by use of buildings, by cell and by district: parts that add up to the city."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.errors import BalanceError
from citytwin.impact.base import Impact
from citytwin.impact.exposure import Exposure
from citytwin.impact.uses import USES, uses

#: Relative difference of a total from the sum of its parts above which a run fails.
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class DistrictCells:
    """Districts of one admin level as shares of cells; the last row is outside them all.

    Attributes
    ----------
    level
        Admin level, as text.
    names
        Name of each district.
    district, cell, share
        (m,) number of the district, position of the cell, share of the cell in it; the shares of a
        cell add up to one.
    """

    level: str
    names: tuple[str, ...]
    district: Ints
    cell: Ints
    share: Floats


def on_cells(exposure: Exposure, values: Floats) -> Floats:
    """(n,) values of buildings on the cells, by the share of each building's outline in them.

    Parameters
    ----------
    exposure
        What stands in the way.
    values
        (b,) one for each building.
    """
    shares = exposure.buildings.cells
    whole = np.bincount(shares.item, weights=shares.amount, minlength=len(exposure.buildings))
    part = shares.amount / whole[shares.item]
    return np.bincount(
        shares.cell, weights=part * values[shares.item], minlength=len(exposure.grid)
    ).astype(np.float64)


def in_districts(cells: Floats, districts: DistrictCells) -> Floats:
    """Sums of values on cells by district."""
    weighted = districts.share * cells[districts.cell]
    return np.bincount(districts.district, weights=weighted, minlength=len(districts.names)).astype(
        np.float64
    )


def groups(
    exposure: Exposure, impact: Impact, districts: tuple[DistrictCells, ...] = ()
) -> list[dict[str, Any]]:
    """People, buildings and money at each level by use of buildings and by district.

    Parameters
    ----------
    exposure, impact
        What stands in the way, and what befell it.
    districts
        Districts of each admin level.

    Returns
    -------
    Rows: ``by`` (``use``, or ``district`` with its admin level), ``group``, ``what``, ``level``,
    ``value``.

    Raises
    ------
    BalanceError
        If the groups do not add up to the city.
    """
    use = uses(exposure)
    rows: list[dict[str, Any]] = []
    for what, level, values in _quantities(exposure, impact):
        whole = float(values.sum())
        by_use = [(name, float(values[use == name].sum())) for name in USES]
        rows += _rows("use", by_use, what, level, whole)
        cells = on_cells(exposure, values)
        for districted in districts:
            sums = in_districts(cells, districted)
            named = list(zip(districted.names, sums.tolist(), strict=True))
            rows += _rows(f"district, level {districted.level}", named, what, level, whole)
    return rows


def _quantities(exposure: Exposure, impact: Impact) -> Iterator[tuple[str, str, Floats]]:
    """What is added up: its name, its level, (b,) its value at each building."""
    people = exposure.buildings.people
    reached = impact.reached
    for level in impact.levels:
        if level.name in reached:
            on = np.asarray(reached[level.name], np.float64)
            yield "people", level.name, people * on
            yield "buildings", level.name, on
    if "damage_eur" in impact.per_building:
        yield "damage", "all", np.asarray(impact.per_building["damage_eur"], np.float64)


def _rows(
    by: str, parts: list[tuple[str, float]], what: str, level: str, whole: float
) -> list[dict[str, Any]]:
    found = sum(value for _, value in parts)
    if not abs(found - whole) <= TOLERANCE * max(abs(whole), 1.0):
        raise BalanceError(
            f"{what} add up to {found:.9g} by {by} and are {whole:.9g} in the city: report this run"
        )
    return [
        {"by": by, "group": name, "what": what, "level": level, "value": value}
        for name, value in parts
    ]
