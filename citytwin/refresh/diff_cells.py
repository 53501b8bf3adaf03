"""Cells whose terrain, as hazards see it, changed between two cities of one grid."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

#: Layers on the cells that decide what a hazard does, with the difference that still counts as
#: none: a millimetre of ground; for shares and roughness what rounding may do.
WATCHED = {
    "ground_elevation": 1e-3,
    "building_cover": 1e-6,
    "manning": 1e-6,
    "pervious_share": 1e-6,
    "grass_share": 1e-6,
    "shrub_share": 1e-6,
    "tree_share": 1e-6,
}


@dataclass(frozen=True, eq=False)
class CellChanges:
    """Changed cells.

    Attributes
    ----------
    compared
        Layers that both cities have.
    missing
        Layers that only one has.
    table
        One row a changed cell: ``cell``, ``area`` [m²], and for each compared layer its value
        ``<name>_before``, ``<name>_after`` and whether it changed, ``<name>``.
    """

    compared: list[str]
    missing: list[str]
    table: pd.DataFrame

    @property
    def count(self) -> int:
        """Number of changed cells, and of layers that came or went."""
        return len(self.table) + len(self.missing)

    def summary(self) -> dict[str, Any]:
        """Number and area of the changed cells, together and by layer."""
        return {
            "changed": len(self.table),
            "area_m2": float(self.table["area"].sum()),
            "missing": self.missing,
            "by_layer": {name: self._layer(name) for name in self.compared},
        }

    def rows(self) -> list[dict[str, Any]]:
        """Every changed cell by its H3 index, with the values that changed."""
        columns = {name: self.table[name].tolist() for name in self.table.columns}
        return [
            {
                "cell": f"{cell:x}",
                "area_m2": columns["area"][row],
                **{
                    name: [columns[f"{name}_before"][row], columns[f"{name}_after"][row]]
                    for name in self.compared
                    if columns[name][row]
                },
            }
            for row, cell in enumerate(columns["cell"])
        ]

    def _layer(self, name: str) -> dict[str, Any]:
        rows = self.table[self.table[name]]
        off = (rows[f"{name}_after"] - rows[f"{name}_before"]).abs()
        return {
            "changed": len(rows),
            "area_m2": float(rows["area"].sum()),
            "largest_change": float(off.max()) if off.notna().any() else None,
        }


def changed_cells(both: duckdb.DuckDBPyConnection) -> CellChanges:
    """Compare the cells of the cities attached as ``a`` and ``b``, which have the same ones."""
    has_a, has_b = (
        {str(row[0]) for row in both.execute(f"DESCRIBE {city}.cells").fetchall()} for city in "ab"
    )
    compared = [name for name in WATCHED if name in has_a & has_b]
    values = "".join(
        f", a.{name}::DOUBLE AS {name}_before, b.{name}::DOUBLE AS {name}_after, "
        f"{_differ(name)} AS {name}"
        for name in compared
    )
    table = both.execute(
        f"WITH told AS (SELECT a.cell::UBIGINT AS cell, a.area{values} "  # noqa: S608 names are ours
        "FROM a.cells a JOIN b.cells b USING (cell)) "
        f"SELECT * FROM told WHERE {' OR '.join(compared) or 'false'} ORDER BY cell"
    ).df()
    missing = [name for name in WATCHED if name in has_a ^ has_b]
    return CellChanges(compared, missing, table)


def _differ(name: str) -> str:
    """Condition under which a layer differs; unknown on both sides is the same."""
    x, y = f"a.{name}::DOUBLE", f"b.{name}::DOUBLE"
    return (
        f"({x} IS DISTINCT FROM {y} AND coalesce(isnan({x}) OR isnan({y}) "
        f"OR abs({x} - {y}) > {WATCHED[name]}, true))"
    )
