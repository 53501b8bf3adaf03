"""The events of a risk: design events, events with frequencies, or the rows of a catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from citytwin.arrays import Floats
from citytwin.ensemble.varying import changed, numbers_of, source_of
from citytwin.errors import InputError, ScenarioError
from citytwin.hazards.paths import FileName
from citytwin.impact.frequencies import (
    DesignEvents,
    Frequencies,
    KnownFrequencies,
    ObservedFrequencies,
)
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain, without_ensemble
from citytwin.scenario.scenario import read_toml
from citytwin.tables import number, read_rows

#: Columns of a catalogue that are no fields.
NAME, FREQUENCY, PERIOD = "name", "frequency_per_year", "return_period_y"


class EventRow(BaseModel):
    """An event as people write it.

    Attributes
    ----------
    name
        What people call it.
    return_period_y, frequency_per_year
        How often it comes; one of the two.
    hazard
        Its hazard, or what is otherwise than in the file's own ``[hazard]``.
    file
        File of a scenario or chain instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=80, description="What people call it")
    return_period_y: float | None = Field(None, gt=0, description="Return period [a]")
    frequency_per_year: float | None = Field(None, gt=0, description="How often it comes [1/a]")
    hazard: dict[str, Any] = Field({}, description="Its hazard, or what is otherwise")
    file: FileName = Field("", description="File of a scenario or chain instead")


@dataclass(frozen=True)
class Event:
    """One event: its name, and what happens."""

    name: str
    source: Scenario | Chain


@dataclass(frozen=True, eq=False)
class EventSet:
    """Events, and how often they come."""

    events: tuple[Event, ...]
    frequencies: Frequencies


def listed(
    rows: Sequence[EventRow],
    base: dict[str, Any],
    years: float | None,
    where: str,
    folder: Path,
    seed: int = 0,
) -> EventSet:
    """Events that stand in the file.

    Parameters
    ----------
    rows
        The events.
    base
        Scenario that their hazards change; may lack a hazard.
    years
        How long was watched, if the frequencies come from that.
    where, folder
        File that a complaint names, and where its paths start.
    seed
        Of the band.
    """
    by_period = [row for row in rows if row.return_period_y is not None]
    for row in rows:
        if (row.return_period_y is None) == (row.frequency_per_year is None):
            raise ScenarioError(
                f"the event '{row.name}' of {where} needs either return_period_y or "
                "frequency_per_year: give one of them"
            )
    if by_period and len(by_period) != len(rows):
        raise ScenarioError(
            f"{where} gives some events a return period and others a frequency, which are added up in "
            "different ways: give all of them the same"
        )
    names = [row.name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(f"two events of {where} are called '{name}': rename one of them")
    events = tuple(Event(row.name, _source(row, base, where, folder)) for row in rows)
    if not by_period:
        frequency = np.array([row.frequency_per_year for row in rows], np.float64)
        return EventSet(events, _frequencies(frequency, years, seed))
    if years is not None:
        raise ScenarioError(
            f"'years' of {where} says nothing beside return periods: leave it out, or give "
            "frequency_per_year"
        )
    periods = np.array([row.return_period_y for row in rows], np.float64)
    return EventSet(events, _design(periods, names, events, where))


def _frequencies(frequency: Floats, years: float | None, seed: int) -> Frequencies:
    if years is None:
        return KnownFrequencies(frequency)
    if (frequency * years < 1.0 - 1e-9).any():
        raise InputError(
            f"an event of {frequency.min():g} a year was not seen in {years:g} years: leave 'years' "
            "out, or give the time in which all events were seen"
        )
    return ObservedFrequencies(frequency, years, seed=seed)


def _design(
    periods: Floats, names: Sequence[str], events: Sequence[Event], where: str
) -> DesignEvents:
    order = np.argsort(periods, kind="stable")
    for one, other in pairwise(order):
        if periods[one] == periods[other]:
            raise ScenarioError(
                f"the events '{names[one]}' and '{names[other]}' of {where} have the same return "
                f"period of {periods[one]:g} years: leave one of them out"
            )
    kinds = {_kind(event.source) for event in events}
    if len(kinds) > 1:
        raise ScenarioError(
            f"{where} joins events of different kinds ({'; '.join(sorted(kinds))}) by return period: "
            "give frequency_per_year, or a file for each kind"
        )
    return DesignEvents(periods)


def _kind(source: Scenario | Chain) -> str:
    if isinstance(source, Scenario):
        return source.hazard.name
    return ", ".join(step.scenario.hazard.name for step in source.steps)


def _source(row: EventRow, base: dict[str, Any], where: str, folder: Path) -> Scenario | Chain:
    place = f"the event '{row.name}' of {where}"
    if row.file and row.hazard:
        raise ScenarioError(f"{place} has both 'file' and 'hazard': leave one of them out")
    if row.file:
        path = Path(row.file)
        return source_of(without_ensemble(read_toml(path)), f"the scenario {path}", path.parent)
    known = base.get("hazard", {})
    if not (row.hazard or known):
        raise ScenarioError(f"{place} lacks its hazard: give 'hazard' or 'file'")
    same = not known.get("model") or row.hazard.get("model") in (None, known["model"])
    hazard = {**known, **row.hazard} if same else row.hazard
    return source_of({**base, "name": row.name, "hazard": hazard}, place, folder)


def catalogued(
    path: Path,
    columns: dict[str, str],
    base: Scenario | Chain,
    years: float | None,
    where: str,
    seed: int = 0,
) -> EventSet:
    """Events that are the rows of a table.

    Parameters
    ----------
    path
        CSV file.
    columns
        Column to the number of the base that it gives.
    base
        What happens, with the numbers that no column gives.
    years
        How long was watched; then each row came once in it, unless a column gives its frequency.
    where
        File that a complaint names.
    seed
        Of the band.
    """
    fields = {column: field_of(field, base, where) for column, field in columns.items()}
    if not columns:
        raise ScenarioError(
            f"{where} lacks the table [columns]: say which column gives which field"
        )
    if not path.exists():
        raise InputError(f"there is no catalogue {path}: check 'catalogue' of {where}")
    rows = read_rows(path, tuple(columns))
    if not rows:
        raise InputError(f"the catalogue {path} is empty: give it a row or more")
    events = []
    for row in rows:
        place = f"line {row['line']} of the catalogue {path}"
        values = {
            field: _whole(_finite(row, column, path), whole=whole)
            for column, (field, whole) in fields.items()
        }
        source = changed(base, values, place)
        name = row.get(NAME) or f"line {row['line']}"
        events.append(Event(name, source.model_copy(update={"name": name[:200]})))
    return EventSet(tuple(events), _often(rows, events, path, years, where, seed))


def _finite(row: dict[str, str], column: str, path: Path) -> float:
    value = number(row, column, path)
    if not np.isfinite(value):
        raise InputError(
            f"'{column}' in line {row['line']} of the catalogue {path} is {value:g}: give a number"
        )
    return value


def _whole(value: float, *, whole: bool) -> float | int:
    return round(value) if whole else value


def field_of(field: str, base: Scenario | Chain, where: str) -> tuple[str, bool]:
    """A number of what happens, and whether it is whole.

    Raises
    ------
    ScenarioError
        If there is none of that name.
    """
    known = numbers_of(base)
    if field not in known:
        raise ScenarioError(
            f"'{field}' in the columns of {where} is no number of what happens: choose from "
            f"{', '.join(known)}"
        )
    return field, known[field]


def _often(
    rows: Sequence[dict[str, str]],
    events: Sequence[Event],
    path: Path,
    years: float | None,
    where: str,
    seed: int,
) -> Frequencies:
    given = [name for name in (FREQUENCY, PERIOD) if name in rows[0]]
    if len(given) > 1:
        raise InputError(f"the catalogue {path} has both {FREQUENCY} and {PERIOD}: leave one out")
    if not given and years is None:
        raise ScenarioError(
            f"nothing says how often the events of {path} come: give 'years' in {where}, the time in "
            f"which they were seen, or a column {FREQUENCY} or {PERIOD}"
        )
    if not given:
        assert years is not None  # noqa: S101  (said above)
        return _frequencies(np.full(len(rows), 1.0 / years), years, seed)
    values = np.array([number(row, given[0], path) for row in rows], np.float64)
    for row, value in zip(rows, values, strict=True):
        if not (np.isfinite(value) and value > 0.0):
            raise InputError(
                f"'{given[0]}' in line {row['line']} of the catalogue {path} is {value:g}: give a "
                "number above 0"
            )
    if given[0] == FREQUENCY:
        return _frequencies(values, years, seed)
    if years is not None:
        raise ScenarioError(f"'years' of {where} says nothing beside return periods: leave it out")
    return _design(values, [event.name for event in events], events, where)
