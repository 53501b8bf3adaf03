"""Compare runs: what differs between their scenarios, what differs in their impact, and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export.folder import published, write_listing
from citytwin.export.pixels import raster_of, write_tiff
from citytwin.impact.numbers import numbers_of
from citytwin.scenario.results import Results
from citytwin.variables import VARIABLES

#: What does not count as a difference.
_WORDS = ("name", "description")


@dataclass(frozen=True)
class Row:
    """One number of several runs.

    Attributes
    ----------
    by, group, what, level
        As in ``Results.groups``; ``city`` and ``all`` for the whole city.
    title
        What people call it, with its unit. One name may mean other things after other hazards, as
        level 1 of a flood and of a gas: such numbers have a row each.
    values
        One for each run; not a number where a run does not have it.
    """

    by: str
    group: str
    what: str
    level: str
    title: str
    values: tuple[float, ...]

    @property
    def differences(self) -> tuple[float, ...]:
        """Of each run from the first."""
        return tuple(value - self.values[0] for value in self.values)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs beside one another.

    Attributes
    ----------
    runs
        The runs, the one that others are compared with first.
    differs
        What differs between their scenarios: fields with the value of each run.
    rows
        Their impact.
    quantity
        Summary that is compared on the cells.
    """

    runs: tuple[Results, ...]
    differs: dict[str, tuple[Any, ...]]
    rows: tuple[Row, ...]
    quantity: str

    def on_cells(self) -> Floats:
        """(r, n) the quantity of each run; not a number where an arrival never came."""
        return np.stack([run.summary[self.quantity].astype(np.float64) for run in self.runs])


def compare(runs: list[Results], quantity: str = "") -> Comparison:
    """Compare runs on one city.

    Parameters
    ----------
    runs
        Two or more; the others are compared with the first.
    quantity
        Summary that is compared on the cells; the first one that all have, if left out.

    Raises
    ------
    InputError
        If there are fewer than two, they are of different cities, or have no such summary in common.
    """
    if len(runs) < 2:
        raise InputError("a comparison needs two runs or more: name another one")
    cities = {run.manifest["city"]["fingerprint"] for run in runs}
    if len(cities) > 1:
        raise InputError(
            "the runs are of different cities, or of different builds of one: run the scenarios on one"
        )
    shared = [name for name in runs[0].summary if all(name in run.summary for run in runs)]
    if quantity and quantity not in shared:
        raise InputError(
            f"not every run has '{quantity}': they have {', '.join(shared) or 'nothing'} in common"
        )
    tables = [
        dict(_flat({**run.manifest["scenario"], "chain": run.manifest.get("chain", {})}))
        for run in runs
    ]
    names = dict.fromkeys(name for table in tables for name in table)
    values = {name: tuple(table.get(name) for table in tables) for name in names}
    differs = {
        name: found
        for name, found in values.items()
        if name not in _WORDS and any(value != found[0] for value in found)
    }
    wanted = quantity or (_headline(runs[0], shared) if shared else "")
    return Comparison(tuple(runs), differs, tuple(_rows(runs)), wanted)


def _headline(run: Results, shared: list[str]) -> str:
    """Quantity of the first picture of whole runs that all have."""
    pictures = type(run.scenario.hazard).pictures
    found = [p.values for p in pictures if not p.moving and p.values in shared]
    return found[0] if found else shared[0]


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of nested tables and lists, by their path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
        for at, item in enumerate(value, start=1):
            yield from _flat(item, f"{name}.{at}")
    else:
        yield name, value


def _rows(runs: list[Results]) -> Iterator[Row]:
    held = [dict(_numbers(run)) for run in runs]
    for key in dict.fromkeys(key for numbers in held for key in numbers):
        yield Row(*key, values=tuple(numbers.get(key, float("nan")) for numbers in held))


def _numbers(run: Results) -> Iterator[tuple[tuple[str, str, str, str, str], float]]:
    """Numbers of the impact of a run: of the whole city, then by use and district."""
    numbers = numbers_of(run.impact)
    for name, number in numbers.items():
        what, _, level = name.partition(".")
        yield ("city", "all", what, level or "all", number.titled), number.value
    for row in run.groups.to_dict("records"):
        name = row["what"] if row["level"] == "all" else f"{row['what']}.{row['level']}"
        title = numbers[name].titled if name in numbers else name
        yield (row["by"], row["group"], row["what"], row["level"], title), float(row["value"])


def write_comparison(found: Comparison, city: City, to: Path, *, overwrite: bool = False) -> Path:
    """Write a comparison into a folder, which appears whole or not at all.

    ``numbers.parquet`` has a row a number with the value of each run; ``cells.parquet`` the quantity
    of each run on the cells, and ``difference_N.tif`` that of run N less the first; ``manifest.json``
    says which run is which.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    with published(to, overwrite=overwrite) as folder:
        names = [f"run_{at}" for at in range(1, len(found.runs) + 1)]
        rows = [
            {"by": r.by, "group": r.group, "what": r.what, "level": r.level, "title": r.title}
            | dict(zip(names, r.values, strict=True))
            for r in found.rows
        ]
        if rows:
            pq.write_table(pa.Table.from_pylist(rows), folder / "numbers.parquet")
        if found.quantity:
            _write_map(found, city, folder, names)
        runs = dict(zip(names, (run.key for run in found.runs), strict=True))
        write_listing(folder, {**runs, "quantity": found.quantity, "city": city.name})
    return to


def _write_map(found: Comparison, city: City, folder: Path, names: list[str]) -> None:
    values = found.on_cells()
    columns = {"cell": city.grid.cells, **dict(zip(names, values, strict=True))}
    pq.write_table(pa.table(columns), folder / "cells.parquet", compression="zstd")
    raster = raster_of(city.grid, city.bounds, None)
    bare = found.quantity.removesuffix("_max")
    unit = VARIABLES[bare].unit if bare in VARIABLES else "1"
    for at, run in enumerate(found.runs[1:], start=2):
        words = f"difference of {found.quantity}"
        tags = {"run": run.key, "less": found.runs[0].key, "attribution": city.attribution}
        pixels = raster.means(values[at - 1] - values[0])
        write_tiff(pixels, raster, folder / f"difference_{at}.tif", words, unit, tags)
