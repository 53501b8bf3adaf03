"""Whether the numbers of an impact agree with one another."""

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, NamedTuple

from citytwin.errors import BalanceError
from citytwin.impact.base import Impact
from citytwin.impact.exposure import Exposure

#: Share by which sums of parts may differ from the whole.
TOLERANCE = 1e-9
#: Counts of people who are among those that the first level counts, by the start of their names.
_AMONG_REACHED = ("displaced",)
#: Pairs of counts, by the start of their names: the first is among the second of the same ending.
_AMONG = (
    ("dead", "injured"),
    ("killed", "injured"),
    ("dead", "present"),
    ("killed", "present"),
    ("injured", "present"),
    ("cut_off", "present"),
)
#: Start of the names of people by how badly they are hurt, nobody in two of them.
_SEVERITY = "severity_"


class Named(NamedTuple):
    """A number and what it is called."""

    name: str
    value: float


def consistent(impact: Impact, exposure: Exposure) -> Impact:
    """The same impact, if its numbers agree with one another.

    Every number is finite and none is below zero; worse levels hit no more people and buildings than
    milder ones, and the first no more than there are; a count is at most what there is of it; those
    displaced are among those reached, the dead among the injured, the injured among those present;
    streets closed are at most all streets, and their classes add up; no moment is above the run, in
    people, buildings and streets closed.

    Parameters
    ----------
    impact
        What befell the city.
    exposure
        What stood in the way.

    Raises
    ------
    BalanceError
        If they do not, naming the two numbers.
    """
    for number in _all(impact):
        if not (isfinite(number.value) and number.value >= 0.0):
            raise BalanceError(
                f"{number.name} is {number.value:g}, but counts are finite and not below 0: "
                "report this run"
            )
    for less, more in _pairs(impact, exposure):
        if less.value > more.value + TOLERANCE * max(more.value, 1.0):
            raise BalanceError(
                f"{less.name} is {less.value:.9g}, above {more.name}, which is {more.value:.9g}: "
                "report this run"
            )
    return impact


def _all(impact: Impact) -> Iterator[Named]:
    """Every number of an impact."""
    for what, counted in (("people", impact.people), ("buildings", impact.buildings)):
        yield from (Named(f"{what} at '{level}'", value) for level, value in counted.items())
    yield from (Named(count.name, count.value) for count in impact.counts)
    yield from (
        Named(f"all of {count.name}", count.of) for count in impact.counts if count.of is not None
    )
    yield from _leaves("roads", impact.roads)
    yield from _leaves("series", impact.series)


def _leaves(name: str, value: Any) -> Iterator[Named]:
    """Numbers in nested tables and lists, named by the way to them."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name} {key}", inner)
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            yield from _leaves(f"{name} {at}", inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield Named(name, float(value))


def _pairs(impact: Impact, exposure: Exposure) -> Iterator[tuple[Named, Named]]:
    """Pairs of numbers of which the first is at most the second."""
    yield from _levels(impact, exposure)
    yield from _counts(impact, exposure)
    yield from _roads("streets", impact.roads)
    for who, roads in impact.roads.get("unsafe", {}).items():
        yield from _roads(f"streets unsafe for {who}", roads)
    yield from _series(impact)


def _levels(impact: Impact, exposure: Exposure) -> Iterator[tuple[Named, Named]]:
    wholes = {
        "people": Named("all residents", float(exposure.buildings.people.sum())),
        "buildings": Named("all buildings", float(len(exposure.buildings))),
    }
    for what, counted in (("people", impact.people), ("buildings", impact.buildings)):
        before = wholes[what]
        for level in impact.levels:
            here = Named(f"{what} at '{level.name}'", float(counted[level.name]))
            yield here, before
            before = here


def _counts(impact: Impact, exposure: Exposure) -> Iterator[tuple[Named, Named]]:
    values = {count.name: Named(count.name, count.value) for count in impact.counts}
    for count in impact.counts:
        if count.of is not None:
            yield values[count.name], Named(f"all of {count.name}", count.of)
    if impact.levels:
        first = impact.levels[0].name
        reached = Named(f"people at '{first}'", impact.people[first])
        for name in _AMONG_REACHED:
            if name in values:
                yield values[name], reached
    for less, more in _AMONG:
        for name, number in values.items():
            whole = values.get(more + name.removeprefix(less))
            if name.startswith(less) and whole is not None:
                yield number, whole
    residents = Named("all residents", float(exposure.buildings.people.sum()))
    yield from ((hurt, residents) for hurt in _hurt(values.values()))


def _hurt(numbers: Iterable[Named]) -> Iterator[Named]:
    """Sums of those hurt at each hour, however badly."""
    sums: dict[str, float] = {}
    for number in numbers:
        if number.name.startswith(_SEVERITY):
            hour = number.name.removeprefix(_SEVERITY).partition("_")[2]
            sums[hour] = sums.get(hour, 0.0) + number.value
    return (Named(f"all hurt {hour}", value) for hour, value in sums.items())


def _roads(name: str, roads: Mapping[str, Any]) -> Iterator[tuple[Named, Named]]:
    if not roads:
        return
    parts = {
        name: roads,
        f"ways on foot of {name}": roads["footways"],
        **{f"{name}, {kind}": both for kind, both in roads["by_class"].items()},
    }
    for called, both in parts.items():
        yield Named(f"{called} closed", both["impassable_m"]), Named(called, both["total_m"])
    for key, called in (("impassable_m", f"{name} closed"), ("total_m", name)):
        whole = Named(called, roads[key])
        added = Named(f"{called} by class", sum(both[key] for both in roads["by_class"].values()))
        yield whole, added
        yield added, whole


def _series(impact: Impact) -> Iterator[tuple[Named, Named]]:
    """No moment above the run, and worse levels below milder ones at each."""
    for what, counted in (("people", impact.people), ("buildings", impact.buildings)):
        by_level = impact.series.get(what, {})
        before: list[float] | None = None
        for level in impact.levels:
            values = by_level.get(level.name, [])
            whole = Named(f"{what} at '{level.name}'", float(counted[level.name]))
            for at, value in enumerate(values):
                here = Named(f"{whole.name} at moment {at}", float(value))
                yield here, whole
                if before is not None:
                    yield here, Named(f"{what} at the level before, moment {at}", before[at])
            before = values
    run = Named("streets closed in the run", float(impact.roads.get("impassable_m", 0.0)))
    for at, value in enumerate(impact.series.get("roads_m", [])):
        yield Named(f"streets closed at moment {at} [m]", float(value)), run
