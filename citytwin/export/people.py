"""People of a city as an export tells them: exactly, or in groups of at least k."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from citytwin.arrays import Cells, Floats, Ints
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export.anonymity import Groups, grouped
from citytwin.grid.overlay import Shares

#: Name of the variable and of the column.
PEOPLE = "people"
#: Layer with people by area, of a census for example: a second list of the same people.
_UNITS = "population"
#: Start of what a city notes of its people where no source counted them.
_MODELLED = "assumed, not counted"
#: People by which cells and buildings may differ by rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Published:
    """People as they go out.

    Attributes
    ----------
    on_cells
        (n,) people on the cells; not a number where nothing can be told.
    of_building
        (b,) people of each building; none if the buildings are not told apart.
    groups
        What the groups are, in numbers; empty if people go out as they are.
    words
        What was done, in a sentence.
    """

    on_cells: Floats
    of_building: Floats | None
    groups: dict[str, float]
    words: str

    def facts(self, least: int) -> dict[str, Any]:
        """The same for machines, without the arrays."""
        return {"least_people": least, "words": self.words, **self.groups}


def check_least(least: int) -> None:
    """Refuse a number of people that is none.

    Raises
    ------
    InputError
        If it is below zero.
    """
    if least < 0:
        raise InputError(
            f"--k is {least}: give the fewest people of a published number, or 0 for people as they are"
        )


def publish(city: City, least: int) -> Published | None:
    """People of a city as an export tells them; none if the city has no people on its cells.

    Buildings are put into groups, and cells are what follows from them: both lists say the same, so that
    their difference says nothing. People in no building are in groups of cells of their own.

    Groups know nothing of the areas by which a source counted: people of buildings are a count of each
    area times known shares, so that a count below k may follow from the groups' totals. Words say so.

    Parameters
    ----------
    city
        The city.
    least
        Fewest people of a group, k; 0 or 1 leaves people as they are.
    """
    if PEOPLE not in city.layers:
        return None
    cells = np.asarray(city.layers[PEOPLE], np.float64)
    homes = _of_building(city)
    if least <= 1:
        words = (
            f"people are as they are in the city (--k {least}): cells and buildings with few people "
            "show their number"
        )
        return Published(cells, homes, {}, words)
    grid = city.grid
    found = in_groups(cells, homes, city.building_cells, grid.cells, grid.area, least)
    if not found.groups["groups"]:
        return found
    return replace(found, words=found.words + _undone(city, least))


def in_groups(
    people: Floats, homes: Floats | None, shares: Shares, cells: Cells, area: Floats, least: int
) -> Published:
    """People in groups of at least so many.

    Parameters
    ----------
    people
        (n,) people on the cells.
    homes
        (b,) people of each building, if they are known.
    shares
        Area of each building in each cell.
    cells, area
        (n,) H3 cells of one resolution, and their areas [m²].
    least
        Fewest people of a group, k.
    """
    resolution = int(cells[0] >> np.uint64(52)) & 15 if cells.size else 0
    within = np.zeros(people.size) if homes is None else _on_cells(homes, shares, people.size)
    rest = people - within
    if homes is None or (rest < -_ROUNDING).any():
        groups = grouped(np.maximum(people, 0.0), cells, resolution, least)
        return _told(least, people, groups.spread(area), None, [groups])
    rest = np.where(rest > _ROUNDING, rest, 0.0)
    inside, outside = float(homes.sum()), float(rest.sum())
    # Too few to be told on their own: they join the smallest group of the others.
    few_out = 0.0 < outside < least and inside > 0.0
    few_in = 0.0 < inside < least <= outside
    of_homes = grouped(
        np.zeros(homes.size) if few_in else homes,
        _largest(shares, homes.size, cells),
        resolution,
        least,
        more=outside if few_out else 0.0,
    )
    of_rest = grouped(
        np.zeros(people.size) if few_out else rest,
        cells,
        resolution,
        least,
        more=inside if few_in else 0.0,
    )
    built = np.bincount(shares.item, shares.amount, homes.size).astype(np.float64)
    told = of_homes.spread(built)
    on_cells = _on_cells(told, shares, people.size) + of_rest.spread(area)
    buildings = np.where(homes > 0.0, np.nan, 0.0) if few_in else told
    return _told(least, people, on_cells, buildings, [of_homes, of_rest])


def _told(
    least: int, people: Floats, cells: Floats, buildings: Floats | None, groups: list[Groups]
) -> Published:
    totals = np.concatenate([found.totals for found in groups])
    if not people.sum() > 0.0:
        return Published(cells, buildings, {"groups": 0.0}, "nobody lives in the city")
    if not totals.size and people.sum() > 0.0:
        words = f"fewer than {least} people live in the city, so that no number of people is given"
        nothing = np.where(people > 0.0, np.nan, 0.0)
        return Published(nothing, buildings, {"groups": 0.0}, words)
    words = (
        f"people are given in {totals.size:,} groups of at least {least} (--k {least}), neighbours "
        "where they are fewer, spread over a group by built area; no total of a group, and no sum or "
        "difference of totals, counts fewer people; the sum is kept"
    )
    if buildings is None:
        words += "; buildings do not say how many live in them"
    facts = {
        "groups": float(totals.size),
        "smallest_group": float(totals.min()) if totals.size else 0.0,
        "largest_group": float(totals.max(initial=0.0)),
        "people": float(np.nansum(cells)),
    }
    return Published(cells, buildings, facts, words)


def _undone(city: City, least: int) -> str:
    """What groups do not hide: the counts of which people of buildings are made; empty if none are."""
    if str(city.notes.get("people", "")).startswith(_MODELLED):
        return ""
    return (
        f". People were counted by a source: where it counted fewer than {least} in one of its areas, "
        "who knows the areas, the recipe and the floor areas of homes may reckon that count from the "
        "groups"
    )


def hides_units(layer: str, least: int) -> bool:
    """Whether the people of a layer are left out: beside the groups they would tell fewer."""
    return layer == _UNITS and least > 1


def _of_building(city: City) -> Floats | None:
    if "buildings" not in city.tables:
        return None
    columns = city.query("SELECT * FROM buildings LIMIT 0")
    if PEOPLE not in columns:
        return None
    found = city.query("SELECT people FROM buildings ORDER BY id")[PEOPLE]
    return np.nan_to_num(np.asarray(found, np.float64))


def _on_cells(homes: Floats, shares: Shares, count: int) -> Floats:
    """(n,) people of buildings on the cells, by the area of each building in them."""
    area = np.bincount(shares.item, shares.amount, homes.size)
    part = shares.amount / np.maximum(area[shares.item], 1e-300)
    return np.bincount(shares.cell, part * homes[shares.item], count).astype(np.float64)


def _largest(shares: Shares, count: int, cells: Cells) -> Cells:
    """(b,) cell that holds most of each building; the first cell for one that lies in none."""
    order: Ints = np.lexsort((shares.amount, shares.item))
    place = np.zeros(count, np.int64)
    place[shares.item[order]] = shares.cell[order]
    return np.asarray(cells[place])
