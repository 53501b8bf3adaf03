"""Where lifelines and facilities lie: their cell, and the building that they are in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.impact.lifelines.kinds import Kind, kind_of, kinds
from citytwin.impact.lifelines.lifeline import Lifeline

_HOUR = 3600.0
#: Distance from a point on the map to the building that it is about, at most [m]. Judged.
NEAR = 30.0
#: Distance within which two facilities of one kind on the map are one: a campus, a point beside its
#: own outline [m]. Judged.
SAME = 150.0


@dataclass(frozen=True)
class Facility:
    """A lifeline of the recipe, or a critical facility that the map knows.

    Attributes
    ----------
    name, name_zh
        What people call it; no two of a city share a name.
    kind
        Its kind.
    at
        Longitude and latitude [degrees].
    cell
        Position of its cell.
    building
        Number of its building; −1 for none.
    depth
        Water from which on it is out of service [m].
    hazus_class
        Row of the table of fragilities; empty where its building decides.
    needs
        Names that must all work; one of each entry is enough.
    backup
        How long it goes on without them [s].
    assumed
        Whether the recipe says that it is made up.
    lifeline
        Whether it is of the recipe.
    """

    name: str
    name_zh: str
    kind: Kind
    at: tuple[float, float]
    cell: int
    building: int
    depth: float
    hazus_class: str
    needs: tuple[tuple[str, ...], ...] = ()
    backup: float = 0.0
    assumed: bool = False
    lifeline: bool = False


@dataclass(frozen=True)
class Mapped:
    """Something on the map that may be a facility.

    Attributes
    ----------
    word
        What the map calls its kind.
    name
        Its name; empty where the map has none.
    at
        Longitude and latitude [degrees].
    building
        Number of its building where it is one; −1 for a point.
    """

    word: str
    name: str
    at: tuple[float, float]
    building: int = -1


def facilities_of(
    grid: Grid, buildings: Buildings, lifelines: Sequence[Lifeline], mapped: Sequence[Mapped]
) -> tuple[Facility, ...]:
    """Facilities of a city, those of the recipe first.

    Parameters
    ----------
    grid, buildings
        Of the city.
    lifelines
        Of its recipe; they lie in the city.
    mapped
        What the map knows, the surest first: what lies near one of its kind is that one again.
    """
    places = _Places(grid, buildings)
    found = [_lifeline(one, places) for one in lifelines]
    taken = {one.name for one in found}
    spots = {kind: [places.plane(f.at) for f in found if f.kind.name == kind] for kind in kinds()}
    for one in mapped:
        kind = kind_of(one.word)
        if kind is None:
            continue
        x, y = places.plane(one.at)
        cell = places.cell(x, y)
        if cell < 0 or any(np.hypot(x - a, y - b) < SAME for a, b in spots[kind.name]):
            continue
        spots[kind.name].append((x, y))
        building = one.building if one.building >= 0 else places.building(x, y)
        name, name_zh = _named(one.name, kind, taken)
        found.append(
            Facility(
                name, name_zh, kind, one.at, cell, building, kind.depth, kind.hazus_class
            )
        )  # fmt: skip
    return tuple(found)


def _lifeline(one: Lifeline, places: "_Places") -> Facility:
    kind = kinds()[one.kind]
    x, y = places.plane(one.at)
    return Facility(
        name=one.name,
        name_zh=one.name_zh or one.name,
        kind=kind,
        at=one.at,
        cell=places.cell(x, y),
        building=places.building(x, y) if kind.housed else -1,
        depth=kind.depth if one.fails_from_m is None else one.fails_from_m,
        hazus_class=one.hazus_class or kind.hazus_class,
        needs=one.needs,
        backup=one.backup_h * _HOUR,
        assumed=one.assumed,
        lifeline=True,
    )


def _named(name: str, kind: Kind, taken: set[str]) -> tuple[str, str]:
    """A name that nothing else has; that of its kind where the map has none."""
    bare, bare_zh = name or kind.title, name or kind.title_zh
    number, found = 1, bare
    while found in taken:
        number += 1
        found = f"{bare} ({number})"
    taken.add(found)
    return found, bare_zh if number == 1 else f"{bare_zh} ({number})"


class _Places:
    """Finds cells and buildings of points in a city."""

    def __init__(self, grid: Grid, buildings: Buildings) -> None:
        self._grid = grid
        self._outlines = buildings.outlines
        self._tree = shapely.STRtree(buildings.outlines)

    def plane(self, at: tuple[float, float]) -> tuple[float, float]:
        x, y = self._grid.project(np.array([at[0]]), np.array([at[1]]))
        return float(x[0]), float(y[0])

    def cell(self, x: float, y: float) -> int:
        return int(self._grid.locate(np.array([x]), np.array([y]))[0])

    def building(self, x: float, y: float) -> int:
        """The nearest building within ``NEAR``, of equally near ones the first; −1 for none."""
        point = shapely.Point(x, y)
        near = np.sort(self._tree.query(point, predicate="dwithin", distance=NEAR))
        if not near.size:
            return -1
        return int(near[np.argmin(shapely.distance(self._outlines[near], point))])
