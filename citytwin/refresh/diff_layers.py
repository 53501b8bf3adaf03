"""Features of one layer that were added, removed or changed between two cities."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

#: Relative difference of a number below which it counts as the same.
_SAME = 1e-9
#: Columns that are no attributes.
_NO_ATTRIBUTES = ("id", "geometry", "source_id")

#: Pairs of features. First those of one source_id and geometry, then of one source_id, then of one
#: geometry; where several are alike they pair in the order of their ids.
_PAIRS = """
CREATE OR REPLACE TEMP TABLE left_a AS {left_a};
CREATE OR REPLACE TEMP TABLE left_b AS {left_b};
CREATE OR REPLACE TEMP TABLE pairs (a BIGINT, b BIGINT, moved BOOLEAN);
"""
_MATCH = """
INSERT INTO pairs
WITH x AS (
    SELECT id, {key}, row_number() OVER (PARTITION BY {key} ORDER BY id) AS n
    FROM left_a WHERE {only}
), y AS (
    SELECT id, {key}, row_number() OVER (PARTITION BY {key} ORDER BY id) AS n
    FROM left_b WHERE {only}
)
SELECT x.id, y.id, {moved} FROM x JOIN y USING ({key}, n);
DELETE FROM left_a USING pairs WHERE left_a.id = pairs.a;
DELETE FROM left_b USING pairs WHERE left_b.id = pairs.b;
"""


@dataclass(frozen=True, eq=False)
class LayerChanges:
    """Changes of one layer.

    Attributes
    ----------
    before, after
        Number of features in each city.
    added, removed
        Rows of ``id`` and ``source_id`` in the city that has the feature.
    changed
        Rows of ``a``, ``b`` (ids), ``source_id``, ``geometry`` (moved) and ``attributes``.
    columns
        ``added`` and ``removed`` attributes.
    """

    before: int
    after: int
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: pd.DataFrame
    columns: dict[str, list[str]]

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(len(self.added) or len(self.removed) or len(self.changed))

    def summary(self) -> dict[str, Any]:
        """Counts; ``attributes`` says how many features changed in which."""
        attributes = self.changed["attributes"].explode().dropna().value_counts()
        return {
            "before": self.before,
            "after": self.after,
            "added": len(self.added),
            "removed": len(self.removed),
            "changed": len(self.changed),
            "geometry": int(self.changed["geometry"].sum()),
            "attributes": {str(name): int(count) for name, count in sorted(attributes.items())},
            "columns": self.columns,
        }

    def features(self) -> dict[str, list[Any]]:
        """Every changed feature: its ``source_id``, or where it has none its id in the city."""
        changed = self.changed.assign(id=self.changed["b"])
        return {
            "added": _called(self.added),
            "removed": _called(self.removed),
            "changed": [
                {"feature": name, "geometry": bool(moved), "attributes": list(attributes)}
                for name, moved, attributes in zip(
                    _called(changed), changed["geometry"], changed["attributes"], strict=True
                )
            ],
        }


def changed_layer(
    both: duckdb.DuckDBPyConnection, name: str, *, in_a: bool, in_b: bool
) -> LayerChanges:
    """Compare one layer.

    Parameters
    ----------
    both
        Connection with the cities attached as ``a`` and ``b``.
    name
        Name of the layer.
    in_a, in_b
        Whether each city has it.
    """
    types_a, types_b = (
        _columns(both, f'{city}."{name}"') if has else {}
        for city, has in (("a", in_a), ("b", in_b))
    )
    both.execute(_PAIRS.format(left_a=_left("a", name, types_a), left_b=_left("b", name, types_b)))
    count = "SELECT count(*) FROM left_{}"
    before, after = (_rows(both, count.format(city)).iloc[0, 0] for city in "ab")
    for key, only, moved in (
        ("source_id, shape", "true", "false"),
        ("source_id", "source_id <> ''", "true"),
        ("shape", "true", "false"),
    ):
        both.execute(_MATCH.format(key=key, only=only, moved=moved))
    shared = sorted((types_a.keys() & types_b.keys()) - set(_NO_ATTRIBUTES))
    return LayerChanges(
        before=int(before),
        after=int(after),
        added=_rows(both, "SELECT id, source_id FROM left_b ORDER BY id"),
        removed=_rows(both, "SELECT id, source_id FROM left_a ORDER BY id"),
        changed=_changed(both, name, shared, types_a, types_b),
        columns={
            "added": sorted(types_b.keys() - types_a.keys()) if in_a else [],
            "removed": sorted(types_a.keys() - types_b.keys()) if in_b else [],
        },
    )


def _left(city: str, name: str, types: dict[str, str]) -> str:
    """Query for the features that have no partner yet: none at all if the city lacks the layer."""
    if not types:
        return "SELECT 0::BIGINT AS id, '' AS source_id, 0::HUGEINT AS shape WHERE false"
    named = "coalesce(source_id, '')" if "source_id" in types else "''"
    return (
        f"SELECT id::BIGINT AS id, {named} AS source_id, "  # noqa: S608 names are ours
        f'md5_number(ST_AsWKB(geometry)) AS shape FROM {city}."{name}"'
    )


def _changed(
    both: duckdb.DuckDBPyConnection,
    name: str,
    shared: list[str],
    types_a: dict[str, str],
    types_b: dict[str, str],
) -> pd.DataFrame:
    """Pairs that differ in their geometry or in an attribute that both cities have."""
    if not types_a or not types_b:
        nothing = pd.DataFrame(columns=["a", "b", "source_id", "geometry", "attributes"])
        return nothing.astype({"geometry": bool})
    tests = [
        f"CASE WHEN {_differ(column, types_a[column], types_b[column])} THEN '{column}' END"
        for column in shared
    ]
    named = "coalesce(y.source_id, '')" if "source_id" in types_b else "''"
    return _rows(
        both,
        "WITH told AS (SELECT pairs.a, pairs.b, "  # noqa: S608 names are ours
        f"{named} AS source_id, moved AS geometry, "
        f"list_filter([{', '.join(tests)}]::VARCHAR[], lambda c: c IS NOT NULL) AS attributes "
        f'FROM pairs JOIN a."{name}" x ON x.id = pairs.a JOIN b."{name}" y ON y.id = pairs.b) '
        "SELECT * FROM told WHERE geometry OR len(attributes) > 0 ORDER BY a",
    )


def _differ(column: str, type_a: str, type_b: str) -> str:
    """Condition under which an attribute differs; rounding of numbers does not count."""
    x, y = f'x."{column}"', f'y."{column}"'
    if {type_a, type_b} <= {"DOUBLE", "FLOAT"}:
        odd = " OR ".join(f"{test}({v})" for test in ("isnan", "isinf") for v in (x, y))
        apart = f"abs({x} - {y}) > {_SAME} * greatest(abs({x}), abs({y}))"
        return f"{x} IS DISTINCT FROM {y} AND coalesce({odd} OR {apart}, true)"
    if type_a != type_b:
        x, y = f"{x}::VARCHAR", f"{y}::VARCHAR"
    return f"{x} IS DISTINCT FROM {y}"


def _columns(both: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Types of a table's columns by name."""
    rows = both.execute(f"DESCRIBE {table}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def _rows(both: duckdb.DuckDBPyConnection, sql: str) -> pd.DataFrame:
    return both.execute(sql).df()


def _called(rows: pd.DataFrame) -> list[Any]:
    pairs = zip(rows["source_id"].tolist(), rows["id"].tolist(), strict=True)
    return [name or int(number) for name, number in pairs]
