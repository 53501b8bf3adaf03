"""A quantity on H3 cells from a table, for example people by cell."""

from pathlib import Path
from typing import Any, ClassVar

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pydantic import Field

from citytwin.arrays import Bools, Cells, Floats
from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, CellValues, Reading, Source
from citytwin.sources.mapped.csv_table import read_csv
from citytwin.sources.mapped.geoparquet import read_columns
from citytwin.sources.mapped.vector_reading import PARQUET


@sources.register
class H3Table(Source):
    """A table (.csv or .parquet) with a column of H3 cells and a column of values that add up.

    Cells are text (``89a901291abffff``) or integers, all of one resolution, each once. Those whose
    centre lies in the box or within two cells of it are given.
    """

    name: ClassVar[str] = "h3_table"

    cell: str = Field(default="h3", description="Column of H3 cells, as text or integers")
    value: str = Field(description="Column of values")
    variable: str = Field(default="people", description="What the values are")
    encoding: str = Field(default="", description="Encoding of text; UTF-8 if left out")
    delimiter: str = Field(default="", description="Between columns; found out if left out")

    def read(self, folder: Path, box: Box) -> Reading:
        """Read the table; see :class:`Source`."""
        path = self.place(folder)
        where = f"the file {path}"
        table = self._table(path, where)
        cells = _cells(table[self.cell], where)
        _check_cells(cells, where)
        values = self._values(table[self.value], where)
        near = _near(cells, box)
        remarks = [] if near.any() else [f"nothing of {where} lies in the box of the city"]
        return Reading(
            cells=[CellValues(self.variable, cells[near], values[near])], remarks=remarks
        )

    def _table(self, path: Path, where: str) -> pd.DataFrame:
        if not path.exists():
            raise SourceError(f"{where} does not exist: check 'path' in the recipe")
        parquet = path.suffix.lower() in PARQUET
        try:
            names = pq.read_schema(path).names if parquet else []
            table = pd.DataFrame(columns=names) if parquet else self._csv(path)
        except (OSError, ValueError) as error:
            raise SourceError(f"{where} cannot be read: get it again from its source") from error
        for key in ("cell", "value"):
            column = getattr(self, key)
            if column not in table.columns:
                listed = ", ".join(map(str, table.columns))
                raise SourceError(
                    f"{where} has no column '{column}', which '{key}' in the recipe names "
                    f"(its columns are {listed})"
                )
        return _parquet(path, [self.cell, self.value], where) if parquet else table

    def _csv(self, path: Path) -> pd.DataFrame:
        return read_csv(path, self.encoding, self.delimiter)

    def _values(self, column: "pd.Series[Any]", where: str) -> Floats:
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
        wrong = ~np.isfinite(values) | (values < 0.0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise SourceError(
                f"row {row + 1} of {where} has '{column.iloc[row]}' in '{self.value}': "
                "it must be a number of zero or more"
            )
        return np.asarray(values)


def _parquet(path: Path, columns: list[str], where: str) -> pd.DataFrame:
    try:
        return read_columns(path, columns)
    except Exception as error:  # pyarrow raises anything on a broken file
        raise SourceError(f"{where} cannot be read: get it again from its source") from error


def _cells(column: "pd.Series[Any]", where: str) -> Cells:
    """H3 indexes from text, hexadecimal or decimal, or from integers."""
    if pd.api.types.is_integer_dtype(column) and not column.isna().any():
        return np.asarray(column.to_numpy(dtype=np.int64).astype(np.uint64))
    cells = np.zeros(len(column), dtype=np.uint64)
    for row, word in enumerate(column):
        text = str(word).strip()
        # A decimal index has 18 or 19 digits, a hexadecimal one 15 or 16.
        base = 10 if text.isdecimal() and len(text) > 16 else 16
        try:
            cells[row] = int(text, base)
        except (ValueError, OverflowError) as error:
            raise _no_cell(row, text, where) from error
    return cells


def _no_cell(row: int, text: str, where: str) -> SourceError:
    return SourceError(
        f"row {row + 1} of {where} has '{text}', which is no H3 cell: "
        "mend it, or check 'cell' in the recipe"
    )


def _check_cells(cells: Cells, where: str) -> None:
    """Cells must be valid, of one resolution, and each there once."""
    for row, cell in enumerate(cells.tolist()):
        if not h3.is_valid_cell(cell):
            raise _no_cell(row, f"{cell:x}", where)
    resolutions = sorted({h3.get_resolution(cell) for cell in cells.tolist()})
    if len(resolutions) > 1:
        listed = ", ".join(map(str, resolutions))
        raise SourceError(f"{where} mixes H3 resolutions {listed}: it must be all of one")
    _, first, count = np.unique(cells, return_index=True, return_counts=True)
    if (count > 1).any():
        row = int(first[count > 1].min())
        raise SourceError(
            f"{where} has the cell {int(cells[row]):x} more than once: add its rows up first"
        )


def _near(cells: Cells, box: Box) -> Bools:
    """Cells whose centre lies in the box or within two cells of it."""
    if not len(cells):
        return np.zeros(0, dtype=np.bool_)
    places = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()], dtype=np.float64)
    edge = h3.average_hexagon_edge_length(h3.get_resolution(int(cells[0])), unit="m")
    north = 4.0 * edge / 110_000.0
    east = north / max(np.cos(np.radians(max(abs(box[1]), abs(box[3])))), 0.01)
    lat, lon = places.T
    inside = (lon >= box[0] - east) & (lon <= box[2] + east)
    return np.asarray(inside & (lat >= box[1] - north) & (lat <= box[3] + north))
