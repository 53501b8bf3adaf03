"""A quantity on H3 cells from a table: spellings of cells, and tables that are wrong."""

from pathlib import Path
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest

from citytwin.errors import SourceError
from citytwin.sources.h3_table import H3Table

ROOT = Path("/")
SHARED = Path(__file__).parents[3] / "shared" / "data"
BOX = (121.40, 31.20, 121.50, 31.30)
CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(31.23, 121.47, 9), 1))


def source(path: Path, **changes: Any) -> H3Table:
    settings = {"path": path, "value": "people", "licence": "CC0-1.0", "attribution": "x"}
    return H3Table.model_validate(settings | changes)


def written(folder: Path, cells: list[Any], values: list[Any], ending: str = ".csv") -> Path:
    path = folder / f"cells{ending}"
    table = pd.DataFrame({"h3": cells, "people": values, "other": 1})
    if ending == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return path


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize("spell", [h3.int_to_str, str, int], ids=["hex", "decimal", "integer"])
def test_every_spelling_of_a_cell(spell: Any, ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, [spell(cell) for cell in CELLS], list(range(7)), ending)
    (found,) = source(path).read(ROOT, BOX).cells
    assert found.variable == "people"
    assert found.cells.dtype == np.uint64
    assert found.cells.tolist() == CELLS
    assert found.values.tolist() == [float(value) for value in range(7)]


def test_cells_far_away_are_left_out_and_said(tmp_path: Path) -> None:
    far = h3.latlng_to_cell(48.0, 2.0, 9)
    path = written(tmp_path, [*map(h3.int_to_str, CELLS), h3.int_to_str(far)], [1.0] * 8)
    (found,) = source(path).read(ROOT, BOX).cells
    assert found.values.sum() == 7.0
    reading = source(path).read(ROOT, (10.0, 10.0, 10.1, 10.1))
    assert not len(reading.cells[0].cells)
    assert "lies in the box" in reading.remarks[0]


def _hex(*cells: int) -> list[str]:
    return [h3.int_to_str(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "values", "changes", "words"),
    [
        (_hex(CELLS[0], CELLS[0]), [1, 2], {}, f"the cell {CELLS[0]:x} more than once"),
        (_hex(CELLS[0], h3.cell_to_parent(CELLS[0], 8)), [1, 2], {}, "mixes H3 resolutions 8, 9"),
        (["xyz"], [1], {}, "row 1 of .* has 'xyz', which is no H3 cell"),
        (["89ffffffffffffff"], [1], {}, "which is no H3 cell"),
        (["-5"], [1], {}, "which is no H3 cell"),
        ([""], [1], {}, "which is no H3 cell"),
        (_hex(CELLS[0]), ["many"], {}, "row 1 of .* has 'many' in 'people'"),
        (_hex(CELLS[0]), [-3], {}, "must be a number of zero or more"),
        (_hex(CELLS[0]), [float("inf")], {}, "must be a number of zero or more"),
        (_hex(CELLS[0]), [1], {"cell": "id"}, "no column 'id', which 'cell' in the recipe names"),
        (_hex(CELLS[0]), [1], {"value": "jobs"}, "no column 'jobs', which 'value' in the recipe"),
    ],
)
def test_tables_that_are_wrong(
    cells: Any, values: Any, changes: Any, words: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=words):
        source(written(tmp_path, cells, values), **changes).read(ROOT, BOX)


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        source(tmp_path / "a.csv").read(ROOT, BOX)
    broken = tmp_path / "b.parquet"
    broken.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(SourceError, match="cannot be read"):
        source(broken).read(ROOT, BOX)


@pytest.mark.skipif(
    not (SHARED / "porto-alegre").is_dir(), reason="../shared/data/porto-alegre is not there"
)
def test_people_of_porto_alegre() -> None:
    path = SHARED / "porto-alegre" / "poa_hexgrid.csv"
    (found,) = source(path, cell="id", value="population").read(ROOT, (-52, -31, -50, -29)).cells
    table = pd.read_csv(path)
    assert len(found.cells) == len(table) == 1227
    assert found.values.sum() == table["population"].sum() == 812_935
