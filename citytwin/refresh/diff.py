"""What changed between two cities: features, totals, cells, files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from citytwin.city import City
from citytwin.refresh.diff_cells import CellChanges, changed_cells
from citytwin.refresh.diff_layers import LayerChanges, changed_layer

#: Relative difference of a total below which it counts as the same.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Diff:
    """What changed from a city ``a`` to a city ``b``.

    Attributes
    ----------
    a, b
        Name, path and fingerprint of each.
    layers
        Changes of every layer that either has, by name.
    totals
        ``before``, ``after`` and ``unit`` of every total that moved, by name.
    grid
        ``same``, or words on how the grids differ.
    cells
        Changes of the cells; nothing if the grids differ.
    sources
        ``added``, ``removed`` and ``changed`` files by their path.
    """

    a: dict[str, str]
    b: dict[str, str]
    layers: dict[str, LayerChanges]
    totals: dict[str, dict[str, Any]]
    grid: str
    cells: CellChanges | None
    sources: dict[str, list[str]]

    @property
    def same(self) -> bool:
        """Whether nothing changed in features, totals and cells."""
        return (
            self.grid == "same"
            and not self.totals
            and not any(layer.any for layer in self.layers.values())
            and (self.cells is None or not self.cells.count)
        )

    def summary(self) -> dict[str, Any]:
        """Counts, as JSON can hold them."""
        return {
            "same": self.same,
            "a": self.a,
            "b": self.b,
            "layers": {n: layer.summary() for n, layer in self.layers.items() if layer.any},
            "totals": self.totals,
            "grid": self.grid,
            "cells": self.cells.summary() if self.cells is not None else None,
            "sources": self.sources,
        }

    def full(self) -> dict[str, Any]:
        """Counts, every changed feature by its id, every changed cell by its H3 index."""
        content = self.summary()
        for name, layer in content["layers"].items():
            layer["features"] = self.layers[name].features()
        if self.cells is not None:
            content["cells"]["list"] = self.cells.rows()
        return content


def diff(a: Path | str, b: Path | str) -> Diff:
    """Compare two city files.

    Features are the same if they have the same ``source_id``, or where there is none the same
    geometry. Cells are compared if both cities have the same ones.

    Parameters
    ----------
    a, b
        The older and the newer city.

    Raises
    ------
    CityFileError
        If one of them is no city of this version.
    """
    with City.open(a) as older, City.open(b) as newer, attached(older.path, newer.path) as both:
        names = sorted({*older.tables, *newer.tables})
        layers = {
            name: changed_layer(both, name, in_a=name in older.tables, in_b=name in newer.tables)
            for name in names
        }
        grid = _grid(both, older, newer)
        return Diff(
            a=_who(older),
            b=_who(newer),
            layers=layers,
            totals=_totals(older, newer),
            grid=grid,
            cells=changed_cells(both) if grid == "same" else None,
            sources=_sources(older, newer),
        )


@contextmanager
def attached(a: Path, b: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Two city files in one connection, as ``a`` and ``b``, for reading only."""
    connection = duckdb.connect()
    try:
        connection.execute("SET enable_progress_bar = false")  # standard output is for the outcome
        for name, path in (("a", a), ("b", b)):
            quoted = str(path).replace("'", "''")
            if name == "b" and a.resolve() == b.resolve():
                _same_file(connection)
            else:
                connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
        yield connection
    finally:
        connection.close()


def _same_file(connection: duckdb.DuckDBPyConnection) -> None:
    """A file cannot be attached twice: give its tables a second name."""
    connection.execute("ATTACH ':memory:' AS b")
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'a'"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f'CREATE VIEW b."{table}" AS SELECT * FROM a."{table}"')  # noqa: S608


def _who(city: City) -> dict[str, str]:
    return {"name": city.name, "path": str(city.path), "fingerprint": city.fingerprint}


def _grid(both: duckdb.DuckDBPyConnection, a: City, b: City) -> str:
    """``same``, or how the grids differ."""
    if a.resolution != b.resolution:
        return f"resolution {a.resolution} became {b.resolution}: cells are not compared"
    missing = "SELECT count(*) FROM {}.cells WHERE cell NOT IN (SELECT cell FROM {}.cells)"
    gone, new = (_count(both, missing.format(*pair)) for pair in (("a", "b"), ("b", "a")))
    if gone or new:
        return f"the box changed ({gone:,} cells gone, {new:,} new): cells are not compared"
    return "same"


def _count(both: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = both.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _totals(a: City, b: City) -> dict[str, dict[str, Any]]:
    moved = {}
    for name in sorted({*a.totals, *b.totals}):
        before, after = (city.totals.get(name, {}).get("after", 0.0) for city in (a, b))
        if abs(after - before) > _SAME * max(abs(before), abs(after)):
            unit = (b.totals.get(name) or a.totals[name])["unit"]
            moved[name] = {"before": before, "after": after, "unit": unit}
    return moved


def _sources(a: City, b: City) -> dict[str, list[str]]:
    before, after = ({row["path"]: row["sha256"] for row in city.sources} for city in (a, b))
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": sorted(p for p in before.keys() & after.keys() if before[p] != after[p]),
    }
