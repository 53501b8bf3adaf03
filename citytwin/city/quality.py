"""The honesty report of a city file, as it is read: what in the city can be trusted, and why."""

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from citytwin.city.city import City
from citytwin.city.schema import LAYERS
from citytwin.errors import CityFileError
from citytwin.registry import hazards

#: Ids of faulty features and pairs of overlapping buildings that a report names.
MOST_IDS, MOST_PAIRS = 5, 10
#: Share of a hazard's input that may be assumed before the report says so.
LITTLE = 0.05
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:-(\d{2})(?:-(\d{2}))?)?(?!\d)")


@dataclass(frozen=True)
class Aspect:
    """One aspect of a layer, and how much of it can be trusted.

    Attributes
    ----------
    layer, aspect
        What is judged; the layer ``cells`` has the quantities on cells by their names.
    unit, amount
        ``1`` (features or people), ``m`` or ``m2``, and how much there is.
    real, derived, assumed, unknown
        Shares of it: given by a source, computed from what it gives, taken without one, not known.
    how, facts
        Key of the words that say how the values were found, and what they need.
    """

    layer: str
    aspect: str
    unit: str
    amount: float
    real: float
    derived: float
    assumed: float
    unknown: float
    how: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Faults:
    """Features of one layer with one fault, what became of them, and the ids of the first."""

    layer: str
    fault: str
    action: str
    count: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """Something strange that was counted: overlaps and holes.

    Attributes
    ----------
    name, layer
        What was checked, and the layer that may be at fault.
    count
        Pairs of buildings, or cells.
    amount, unit, share
        How much is concerned, and the share of all.
    facts
        Limits; ``lon`` and ``lat`` of the middle of the largest hole.
    """

    name: str
    layer: str
    count: int
    amount: float
    unit: str
    share: float
    facts: dict[str, Any]


@dataclass(frozen=True)
class Overlap:
    """Two buildings on the same ground: their ids in the city and in their sources, area [m²]."""

    first: int
    second: int
    first_source: str
    second_source: str
    area: float
    share: float


@dataclass(frozen=True)
class SourceAge:
    """One source and how old its data are.

    Attributes
    ----------
    source, attribution, licence, origin
        Which it is and what it asks for.
    files
        Number of its files.
    date
        Date of the data, in the source's own words.
    days
        Age at most [days], counted from the earliest day that the words allow; ``None`` if they
        hold no date.
    """

    source: str
    attribution: str
    licence: str
    origin: str
    files: int
    date: str
    days: int | None


@dataclass(frozen=True)
class Need:
    """One layer that a hazard reads, and how it stands with it in this city.

    Attributes
    ----------
    hazard, title, title_zh
        Which hazard.
    variable
        What it reads.
    state
        ``missing``: the hazard cannot run; ``assumed``: more than a little of it is;
        ``derived``; ``real``; or ``unjudged``.
    share
        Share that is assumed.
    """

    hazard: str
    title: str
    title_zh: str
    variable: str
    state: str
    share: float


@dataclass(frozen=True)
class Quality:
    """The honesty report of a city.

    Attributes
    ----------
    title, title_zh, fingerprint, resolution, cells, area
        Which city; its area [m²].
    today, built
        Day of the report, and when the city was built [ISO 8601].
    aspects, faults, checks, overlaps, sources, needs
        What was found.
    faulty
        Number of features that were repaired or dropped.
    absent
        Layers that the city does not have.
    assumed_area
        Share of the city's area that rests on assumption.
    """

    title: str
    title_zh: str
    fingerprint: str
    resolution: int
    cells: int
    area: float
    today: str
    built: str
    aspects: tuple[Aspect, ...]
    faults: tuple[Faults, ...]
    faulty: int
    checks: tuple[Check, ...]
    overlaps: tuple[Overlap, ...]
    sources: tuple[SourceAge, ...]
    needs: tuple[Need, ...]
    absent: tuple[str, ...]
    assumed_area: float

    def aspect(self, layer: str, name: str) -> Aspect | None:
        """One aspect, or nothing if it was not judged."""
        for found in self.aspects:
            if (found.layer, found.aspect) == (layer, name):
                return found
        return None

    def facts(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self)


def quality(city: City, today: date) -> Quality:
    """The honesty report of a city.

    Parameters
    ----------
    city
        The city.
    today
        Day from which the age of the sources is counted.

    Raises
    ------
    CityFileError
        If the city was built before there were honesty reports.
    """
    if not _has(city, "quality"):
        raise CityFileError(
            f"the city {city.path} has no report of its quality: build it again with "
            "'citytwin build RECIPE'"
        )
    aspects = tuple(
        Aspect(**{k: v for k, v in row.items() if k not in ("words", "facts")}, facts=facts)
        for row, facts in _with_facts(city, "quality")
    )
    faults, faulty = _faults(city)
    return Quality(
        title=city.title,
        title_zh=city.title_zh,
        fingerprint=city.fingerprint,
        resolution=city.resolution,
        cells=len(city.grid),
        area=float(city.grid.area.sum()),
        today=today.isoformat(),
        built=_built(city),
        aspects=aspects,
        faults=faults,
        faulty=faulty,
        checks=tuple(
            Check(**{k: v for k, v in row.items() if k != "facts"}, facts=facts)
            for row, facts in _with_facts(city, "checks")
        ),
        overlaps=tuple(
            Overlap(**row) for row in _rows(city, f"building_overlaps LIMIT {MOST_PAIRS}")
        ),
        sources=_sources(city, today),
        needs=_needs(city, aspects),
        absent=tuple(name for name in LAYERS if name not in city.tables),
        assumed_area=_assumed_area(city),
    )


def _with_facts(city: City, table: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(row, json.loads(row["facts"])) for row in _rows(city, table)]


def _rows(city: City, table: str) -> list[dict[str, Any]]:
    """Rows of a table of ours as plain values."""
    columns = city.query(f"SELECT * FROM {table}")  # noqa: S608
    values = [column.tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _has(city: City, table: str) -> bool:
    known = city.query("SELECT table_name FROM duckdb_tables() WHERE database_name = 'city'")
    return table in known["table_name"].tolist()


def _built(city: City) -> str:
    (moment,) = city.query("SELECT unix_time FROM built")["unix_time"].tolist()
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="minutes")


def _faults(city: City) -> tuple[tuple[Faults, ...], int]:
    """Faults of one kind together, the most frequent first."""
    ids: dict[tuple[str, str, str], list[str]] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in _rows(city, "faults"):
        key = row["layer"], _NUMBER.sub("…", row["fault"]), row["action"]
        counts[key] += 1
        first = ids.setdefault(key, [])
        if row["source_id"] and len(first) < MOST_IDS:
            first.append(row["source_id"])
    order = sorted(counts, key=lambda key: (-counts[key], key))
    found = [
        Faults(layer, fault, action, counts[layer, fault, action], tuple(ids[layer, fault, action]))
        for layer, fault, action in order
    ]
    return tuple(found), counts.total()


def _sources(city: City, today: date) -> tuple[SourceAge, ...]:
    files: Counter[tuple[str, ...]] = Counter()
    for row in city.sources:
        names = ("source", "attribution", "licence", "origin", "date")
        files[tuple(str(row[name] or "") for name in names)] += 1
    return tuple(
        SourceAge(source, attribution, licence, origin, count, when, days_since(when, today))
        for (source, attribution, licence, origin, when), count in files.items()
    )


def days_since(when: str, today: date) -> int | None:
    """Days from the earliest day that some words allow (``2025-02-11``, ``2017-12``, ``2020``)."""
    found = _DATE.search(when)
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return max((today - date(year, month, day)).days, 0)
    except ValueError:
        return None


def _needs(city: City, aspects: tuple[Aspect, ...]) -> tuple[Need, ...]:
    judged = {found.aspect: found for found in aspects if found.layer == "cells"}
    needs = []
    for name in hazards.names():
        model = hazards.get(name)
        for variable in model.inputs:
            state, share = _state(judged.get(variable), present=variable in city.layers)
            needs.append(Need(name, model.title, model.title_zh, variable, state, share))
    return tuple(needs)


def _state(aspect: Aspect | None, *, present: bool) -> tuple[str, float]:
    if not present:
        return "missing", 1.0
    if aspect is None:
        return "unjudged", 0.0
    if aspect.assumed > LITTLE:
        return "assumed", aspect.assumed
    return ("derived" if aspect.derived > aspect.real else "real"), aspect.assumed


def _assumed_area(city: City) -> float:
    area = city.grid.area
    return float((city.layers["assumed"] * area).sum() / area.sum())
