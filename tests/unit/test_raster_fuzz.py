"""Broken rasters by the hundred: a sentence or an answer, never a crash, a hang or a stack trace."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from citytwin.errors import CityTwinError
from citytwin.grid.raster import cell_means
from citytwin.grid.window import Grid, cover
from citytwin.sources.raster.mosaic import patches
from citytwin.sources.raster.source import RasterSource

BOX = (7.410, 43.730, 7.416, 43.735)
#: Truncations and flips of each kind of file: 4 kinds, 600 files in all.
CUTS, FLIPS = 50, 100


@pytest.fixture(scope="module")
def grid() -> Grid:
    return cover(BOX, 11)


def small(path: Path) -> bytes:
    """A small whole file of the kind that the name says."""
    rng = np.random.default_rng(0)
    if path.suffix in (".hgt", ".zip"):
        data = rng.integers(0, 900, (1201, 1201)).astype(">i2").tobytes()
        if path.suffix == ".hgt":
            return data
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("N43E007.hgt", data)
        return path.read_bytes()
    profile: dict[str, Any] = {"driver": "GTiff", "tiled": True, "blockxsize": 16, "blockysize": 16}
    if path.name.startswith("cloud"):
        profile = {"driver": "COG", "blocksize": 128, "overviews": "AUTO"}
    with rasterio.open(
        path,
        "w",
        height=120,
        width=160,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        compress="deflate",
        transform=Affine(1e-4, 0.0, 7.405, 0.0, -1e-4, 43.740),
        nodata=-1,
        **profile,
    ) as file:
        file.write(rng.integers(0, 900, (120, 160)).astype("int16"), 1)
    return path.read_bytes()


def outcome(grid: Grid, path: Path) -> str:
    """``answer`` or ``sentence``; anything else is raised."""
    source = RasterSource(
        path=path.name, variable="elevation", surface="surface", licence="x", attribution="y"
    )
    said = ""
    try:
        source.files(path.parent)
        raster = source.read(path.parent, BOX).rasters[0]
        mean, covered = cell_means(grid, patches(grid, raster))
    except CityTwinError as error:
        said = str(error)
    if said:
        assert "\n" not in said
        assert path.name in said
        return "sentence"
    assert np.isfinite(mean[covered > 0.0]).all()
    assert np.isnan(mean[covered == 0.0]).all()
    return "answer"


@pytest.mark.parametrize("name", ["tiled.tif", "cloud.tif", "N43E007.hgt", "N43E007.hgt.zip"])
def test_cut_and_flipped_files(grid: Grid, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    whole = small(path)
    path.write_bytes(whole)
    assert outcome(grid, path) == "answer"
    rng = np.random.default_rng(len(whole))
    found = []
    for length in np.unique(np.geomspace(1, len(whole) - 1, CUTS).astype(int)):
        path.write_bytes(whole[: int(length)])
        found.append(outcome(grid, path))
    assert found.count("sentence") > 0.5 * len(found)
    for number in range(FLIPS):
        data = bytearray(whole)
        # Half of them in the head, where a flip does most.
        reach = min(len(whole), 600) if number % 2 else len(whole)
        for place in rng.integers(0, reach, rng.integers(1, 4)):
            data[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(data))
        found.append(outcome(grid, path))
    assert set(found) <= {"answer", "sentence"}
