"""Land cover from a raster: codes to roughness and perviousness over the open ground."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from citytwin.errors import RecipeError
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.cover.pixels import COLUMNS, raster_cover
from citytwin.pipeline.tables import read_table
from citytwin.sources.base import Raster

BOX = (7.410, 43.730, 7.416, 43.735)
TABLE = Path(__file__).parents[2] / "data" / "tables" / "worldcover.csv"
#: Codes of ESA WorldCover.
CODES = (10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100)


@pytest.fixture(scope="module")
def grid() -> Grid:
    return cover(BOX, 12)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read_table(TABLE, COLUMNS, "land_cover.raster_table")


def raster(path: Path, codes: Any, nodata: int = 0) -> Raster:
    """Pixels of 10 m, as WorldCover has them."""
    size = 1.0 / 12_000.0
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=codes.shape[0],
        width=codes.shape[1],
        count=1,
        dtype="uint8",
        nodata=nodata,
        crs="EPSG:4326",
        transform=Affine(size, 0.0, 7.408, 0.0, -size, 43.737),
    ) as file:
        file.write(codes.astype("uint8"), 1)
    return Raster("land_cover", (path,))


def cover_of(grid: Grid, table: pd.DataFrame, codes: Raster, under: Any = 0.0) -> Any:
    return raster_cover(grid, codes, under * grid.area, table=table, place=TABLE.name)


def row(table: pd.DataFrame, code: int) -> Any:
    return table[table["code"] == code].iloc[0]


def test_the_table_has_every_class_once_and_sane_values(table: pd.DataFrame) -> None:
    assert tuple(table["code"]) == CODES
    assert table["manning"].between(0.01, 0.2).all()
    assert table["pervious_share"].between(0.0, 1.0).all()
    assert set(table["verified"]) <= {"yes", "no"}
    assert (table["source"].str.len() > 10).all()
    judged = table["source"].str.startswith("judged")
    assert (table["verified"][judged] == "no").all()
    assert list(table["code"][table["water"] > 0]) == [80]


@pytest.mark.parametrize("code", CODES)
def test_one_class_gives_its_row(
    grid: Grid, table: pd.DataFrame, tmp_path: Path, code: int
) -> None:
    found = cover_of(grid, table, raster(tmp_path / "a.tif", np.full((100, 120), code)), 0.3)
    assert found.manning == pytest.approx(row(table, code).manning)
    assert found.pervious_share == pytest.approx(row(table, code).pervious_share)
    assert found.water_share == pytest.approx(row(table, code).water)
    assert found.class_areas[row(table, code)["name"]] == pytest.approx(0.7 * grid.area.sum())


def test_buildings_lie_on_built_ground_first(
    grid: Grid, table: pd.DataFrame, tmp_path: Path
) -> None:
    codes = np.where(np.indices((100, 120)).sum(axis=0) % 2, 50, 30)
    half = cover_of(grid, table, raster(tmp_path / "a.tif", codes))
    built = cover_of(grid, table, raster(tmp_path / "a.tif", codes), 0.25)
    most = cover_of(grid, table, raster(tmp_path / "a.tif", codes), 0.9)
    full = cover_of(grid, table, raster(tmp_path / "a.tif", codes), 1.0)
    grass, streets = row(table, 30), row(table, 50)
    middle = (grass.manning + streets.manning) / 2.0
    assert half.manning.mean() == pytest.approx(middle, rel=0.02)
    assert built.manning.mean() > half.manning.mean()
    assert most.manning == pytest.approx(grass.manning)
    assert most.class_areas["Built-up"] == pytest.approx(0.0, abs=1e-6)
    # Without open ground the means are those of the whole cell.
    assert full.manning == pytest.approx(half.manning)
    for cover_found, share in ((half, 0.0), (built, 0.25), (most, 0.9)):
        total = sum(cover_found.class_areas.values())
        assert total == pytest.approx((1.0 - share) * grid.area.sum(), rel=1e-9)


def test_cells_without_data_take_the_nearest(
    grid: Grid, table: pd.DataFrame, tmp_path: Path
) -> None:
    codes = np.full((100, 120), 10)
    codes[:, :60] = 0
    found = cover_of(grid, table, raster(tmp_path / "a.tif", codes))
    assert found.manning == pytest.approx(0.1)
    lon, _ = grid.unproject(grid.x, grid.y)
    missing = grid.area[lon < 7.413].sum()
    assert found.class_areas["without data"] == pytest.approx(missing, rel=0.05)
    with pytest.raises(RecipeError, match="no data on any cell"):
        cover_of(grid, table, raster(tmp_path / "b.tif", np.zeros((100, 120))))


def test_an_unknown_code_is_named_with_the_table(
    grid: Grid, table: pd.DataFrame, tmp_path: Path
) -> None:
    codes = np.full((100, 120), 10)
    codes[50, 60] = 42
    with pytest.raises(RecipeError, match=r"the code 42, which the table worldcover\.csv"):
        cover_of(grid, table, raster(tmp_path / "a.tif", codes))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"manning": "much"}, r"worldcover\.csv holds 'much' in the column 'manning'"),
        ({"code": 20}, r"worldcover\.csv has the code 20 twice"),
    ],
)
def test_a_wrong_table_is_refused(
    grid: Grid, table: pd.DataFrame, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    wrong = table.astype(object)
    for column, value in change.items():
        wrong.loc[0, column] = value
    codes = raster(tmp_path / "a.tif", np.full((100, 120), 30))
    with pytest.raises(RecipeError, match=words):
        cover_of(grid, wrong, codes)
