"""The source 'raster': files of every kind are found, checked and read, or refused in a sentence."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pydantic import ValidationError

from citytwin.errors import SourceError
from citytwin.grid.raster import cell_class_areas, cell_means, cell_totals
from citytwin.grid.window import Grid, cover
from citytwin.sources.base import Raster
from citytwin.sources.raster.mosaic import patches
from citytwin.sources.raster.source import RasterSource

SHARED = Path(__file__).parents[3] / "shared" / "data"
BOX = (7.410, 43.730, 7.416, 43.735)
DEGREES = Affine(1e-4, 0.0, 7.405, 0.0, -1e-4, 43.740)
SHAPE = (150, 160)


@pytest.fixture(scope="module")
def grid() -> Grid:
    return cover(BOX, 12)


def slope(shape: tuple[int, int] = SHAPE, kind: str = "float32") -> Any:
    row, col = np.mgrid[: shape[0], : shape[1]]
    return (100.0 + 0.5 * col + 0.25 * row).astype(kind)


def write(path: Path, values: Any, **more: Any) -> Path:
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": str(values.dtype),
        "crs": "EPSG:4326",
        "transform": DEGREES,
        **more,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **profile) as file:
        for band in range(1, profile["count"] + 1):
            file.write(values, band)
    return path


def hgt(path: Path, values: Any) -> Path:
    """An SRTM tile: 1201 × 1201 big-endian 16-bit numbers, rows from the north."""
    path.write_bytes(values.astype(">i2").tobytes())
    return path


def source(path: str, **fields: Any) -> RasterSource:
    given = {"variable": "elevation", "surface": "bare_earth"} if "variable" not in fields else {}
    return RasterSource(path=path, licence="CC0-1.0", attribution="us", **given, **fields)


def means(grid: Grid, folder: Path, path: str, **fields: Any) -> Any:
    reading = source(path, **fields).read(folder, BOX)
    return cell_means(grid, patches(grid, reading.rasters[0]))


def plane(grid: Grid) -> Any:
    """What ``slope`` is at the cells' centres."""
    lon, lat = grid.unproject(grid.x, grid.y)
    return 100.0 + 0.5 * ((lon - 7.405) / 1e-4 - 0.5) + 0.25 * ((43.740 - lat) / 1e-4 - 0.5)


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("plain.tif", {}),
        ("tiled.tif", {"tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "lzw"}),
        ("cloud.tif", {"driver": "COG", "compress": "deflate", "blocksize": 128}),
        ("big.tif", {"BIGTIFF": "YES", "compress": "zstd", "predictor": 3}),
        ("erdas.img", {"driver": "HFA"}),
    ],
)
def test_formats_give_the_same_ground(
    grid: Grid, tmp_path: Path, name: str, profile: dict[str, Any]
) -> None:
    write(tmp_path / name, slope(), **profile)
    mean, covered = means(grid, tmp_path, name)
    assert np.allclose(covered, 1.0)
    # Pixels are steps, so a mean by area is off the plane by a part of a step.
    assert np.abs(mean - plane(grid)).max() < 0.1
    assert abs((mean - plane(grid)).mean()) < 0.01


def test_an_srtm_tile_reads_alone_and_in_its_archive(grid: Grid, tmp_path: Path) -> None:
    row, col = np.mgrid[:1201, :1201]
    values = col.astype(np.int64) // 2
    values[row < 3] = -32768
    hgt(tmp_path / "N43E007.hgt", values)
    with zipfile.ZipFile(tmp_path / "N43E007.hgt.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "N43E007.hgt", "N43E007.hgt")
    alone, _ = means(grid, tmp_path, "N43E007.hgt")
    zipped, _ = means(grid, tmp_path, "N43E007.hgt.zip")
    assert np.array_equal(alone, zipped)
    # Its numbers are heights at points: the first stands on the corner of the degree.
    lon, _ = grid.unproject(grid.x, grid.y)
    assert np.abs(alone - (lon - 7.0) * 600.0 + 0.25).max() < 0.6
    reading = source("N43E007.hgt").read(tmp_path, (7.1, 43.99, 7.2, 44.0))
    assert "without data" in reading.remarks[0]
    assert "0.0% of that without" not in reading.remarks[0]


def test_a_vrt_reads_and_its_tiles_count_as_files(grid: Grid, tmp_path: Path) -> None:
    tile = write(tmp_path / "tile.tif", slope())
    vrt = tmp_path / "all.vrt"
    vrt.write_text(
        '<VRTDataset rasterXSize="160" rasterYSize="150"><SRS>EPSG:4326</SRS>'
        "<GeoTransform>7.405, 1e-4, 0, 43.74, 0, -1e-4</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">tile.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    whole, _ = means(grid, tmp_path, "tile.tif")
    through, _ = means(grid, tmp_path, "all.vrt")
    assert np.array_equal(whole, through)
    assert source("all.vrt").files(tmp_path) == [vrt, tile]
    tile.unlink()
    with pytest.raises(SourceError, match=r"all\.vrt|tile\.tif"):
        means(grid, tmp_path, "all.vrt")


@pytest.mark.parametrize("path", ["tiles", "tiles/*.tif", "ti*/[ew]*.tif"])
def test_a_folder_or_a_pattern_is_a_mosaic(grid: Grid, tmp_path: Path, path: str) -> None:
    whole = slope()
    write(tmp_path / "whole.tif", whole)
    write(tmp_path / "tiles" / "west.tif", whole[:, :90])
    right = Affine(1e-4, 0.0, 7.405 + 80e-4, 0.0, -1e-4, 43.740)
    write(tmp_path / "tiles" / "east.tif", whole[:, 80:].copy(), transform=right)
    (tmp_path / "tiles" / "readme.txt").write_text("no raster")
    assert len(source(path).files(tmp_path)) == 2
    assert len(source(path).read(tmp_path, BOX).rasters[0].paths) == 2
    one, two = (means(grid, tmp_path, name)[0] for name in ("whole.tif", path))
    assert np.allclose(one, two, rtol=1e-12)


def test_the_first_file_with_a_value_counts(grid: Grid, tmp_path: Path) -> None:
    """Two files over each other, the first with a hole; nothing counts twice."""
    ones, twos = np.ones(SHAPE, "float32"), np.full(SHAPE, 2.0, "float32")
    ones[:, :75] = -1.0
    first = write(tmp_path / "a.tif", ones, nodata=-1.0)
    second = write(tmp_path / "b.tif", twos)
    # The third is the second again, on a lattice of its own, in another projection.
    shifted = Affine(1.3e-4, 0.0, 7.4052, 0.0, -1.3e-4, 43.7401)
    third = write(tmp_path / "c.tif", twos, transform=shifted)
    codes = Raster("land_cover", (first, second))
    areas = cell_class_areas(grid, patches(grid, codes))
    assert np.allclose(areas[1] + areas[2], grid.area, rtol=1e-9)
    # Seen from the file: its hole ends between its columns 75 and 76, east of 7.4125.
    lon, _ = grid.unproject(grid.x, grid.y)
    assert (areas[1][lon > 7.4127] > 0.999 * grid.area[lon > 7.4127]).all()
    assert (areas[2][lon < 7.4123] > 0.999 * grid.area[lon < 7.4123]).all()
    people = cell_totals(grid, patches(grid, Raster("people", (second, third))))
    alone = cell_totals(grid, patches(grid, Raster("people", (second,))))
    assert np.array_equal(people, alone)


def test_tiles_of_different_lattices_meet_without_a_hole(grid: Grid, tmp_path: Path) -> None:
    seven = np.full(SHAPE, 7, "uint8")
    west = write(tmp_path / "w.tif", seven[:, :74])
    other = Affine(1.3e-4, 0.0, 7.405 + 70.5e-4, 0.0, -1.3e-4, 43.7401)
    east = write(tmp_path / "e.tif", seven, transform=other)
    areas = cell_class_areas(grid, patches(grid, Raster("land_cover", (west, east))))
    # At the seam a pixel is taken or left whole: at most half a pixel of 10 m, on 480 m.
    assert abs(areas[7].sum() / grid.area.sum() - 1.0) < 5.0 / 480.0
    assert np.abs(areas[7] / grid.area - 1.0).max() < 0.5


@pytest.mark.parametrize(
    ("unit", "tag", "metres"),
    [
        ("", "", 1.0),
        ("ft", "", 0.3048),
        ("us-ft", "m", 1200 / 3937),
        ("", "US survey foot", 12 / 39.37),
    ],
)
def test_units_become_metres(
    grid: Grid, tmp_path: Path, unit: str, tag: str, metres: float
) -> None:
    path = write(tmp_path / "feet.tif", np.full(SHAPE, 100, "int16"))
    if tag:
        with rasterio.open(path, "r+") as file:
            file.set_band_unit(1, tag)
    mean, _ = means(grid, tmp_path, "feet.tif", unit=unit)
    assert mean == pytest.approx(100.0 * metres, rel=1e-12)
    remarks = source("feet.tif", unit=unit, vertical_datum="EGM96").read(tmp_path, BOX).remarks
    assert any("heights in" in remark for remark in remarks)
    assert any("EGM96" in remark for remark in remarks)


def test_scale_and_offset_of_the_file_count(grid: Grid, tmp_path: Path) -> None:
    path = write(tmp_path / "packed.tif", np.full(SHAPE, 1234, "int16"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (-20.0,)
    mean, _ = means(grid, tmp_path, "packed.tif")
    assert mean == pytest.approx(103.4)


@pytest.mark.parametrize("kind", ["float32", "float64", "int16", "uint8"])
def test_no_data_is_left_out(grid: Grid, tmp_path: Path, kind: str) -> None:
    values = np.full(SHAPE, 50, kind)
    none = 255 if kind == "uint8" else -9999
    values[::2] = none
    write(tmp_path / "said.tif", values, nodata=none)
    write(tmp_path / "unsaid.tif", values)
    for name, fields in (("said.tif", {}), ("unsaid.tif", {"nodata": none})):
        mean, covered = means(grid, tmp_path, name, **fields)
        assert np.allclose(mean, 50.0)
        assert 0.4 < covered.mean() < 0.6
    if kind != "uint8":
        with pytest.raises(SourceError, match=r"unsaid\.tif holds -9999.*'nodata'"):
            means(grid, tmp_path, "unsaid.tif")


def test_nan_and_infinity_are_no_data(grid: Grid, tmp_path: Path) -> None:
    values = slope()
    values[:, ::2] = np.nan
    values[0::4] = np.inf
    write(tmp_path / "nan.tif", values)
    mean, covered = means(grid, tmp_path, "nan.tif")
    assert np.isfinite(mean).all()
    assert covered.max() < 0.7


def test_cells_beyond_the_raster_have_no_value(grid: Grid, tmp_path: Path) -> None:
    part = Affine(1e-4, 0.0, 7.413, 0.0, -1e-4, 43.740)
    write(tmp_path / "east.tif", slope(), transform=part)
    mean, covered = means(grid, tmp_path, "east.tif")
    lon, _ = grid.unproject(grid.x, grid.y)
    assert np.isnan(mean[lon < 7.4128]).all()
    assert np.isfinite(mean[lon > 7.4132]).all()
    assert (covered[np.isnan(mean)] == 0.0).all()
    share = source("east.tif").read(tmp_path, BOX).remarks[0]
    assert "50.0% of the box covered" in share


def test_a_raster_of_longitudes_to_360_is_the_same_place(tmp_path: Path) -> None:
    box = (-122.450, 37.7540, -122.447, 37.7565)
    grid = cover(box, 12)
    west = Affine(1e-4, 0.0, -122.46, 0.0, -1e-4, 37.765)
    values = slope()
    write(tmp_path / "a.tif", values, transform=west)
    write(tmp_path / "b.tif", values, transform=Affine(1e-4, 0.0, 237.54, 0.0, -1e-4, 37.765))
    found = []
    for name in ("a.tif", "b.tif"):
        reading = source(name).read(tmp_path, box)
        found.append(cell_means(grid, patches(grid, reading.rasters[0]))[0])
    assert np.allclose(found[0], found[1], atol=1e-6)


def test_a_crs_in_the_recipe_replaces_the_files_own(grid: Grid, tmp_path: Path) -> None:
    write(tmp_path / "none.tif", slope(), crs=None)
    write(tmp_path / "wrong.tif", slope(), crs="EPSG:3857")
    right = write(tmp_path / "right.tif", slope())
    expected, _ = cell_means(grid, patches(grid, Raster("elevation", (right,))))
    for name in ("none.tif", "wrong.tif"):
        with pytest.raises(SourceError, match="crs"):
            source(name).read(tmp_path, BOX)
        assert np.array_equal(means(grid, tmp_path, name, crs="EPSG:4326")[0], expected)


def test_band_is_counted_from_one(grid: Grid, tmp_path: Path) -> None:
    write(tmp_path / "two.tif", slope(), count=2)
    assert np.isfinite(means(grid, tmp_path, "two.tif", band=2)[0]).all()
    with pytest.raises(SourceError, match=r"two\.tif has 2 band\(s\), so 'band' cannot be 3"):
        source("two.tif", band=3).read(tmp_path, BOX)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"variable": "elevation"}, "'surface' must say"),
        ({"variable": "people", "surface": "surface"}, "'surface' is for elevation only"),
        ({"variable": "people", "unit": "ft"}, "'unit' is for heights only"),
        ({"variable": "people", "crs": "EPSG:0"}, "no coordinate system has this name"),
        ({"variable": "snow"}, "elevation"),
        ({"variable": "people", "band": 0}, "greater than or equal to 1"),
        ({"variable": "people", "nodata": float("inf")}, "finite"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RasterSource(path="a.tif", licence="x", attribution="y", **fields)


def broken(folder: Path) -> dict[str, tuple[str, str]]:
    """Files that cannot be read: what is in the path, and what the sentence must say."""
    write(folder / "far.tif", slope(), transform=Affine(1e-4, 0.0, 100.0, 0.0, -1e-4, 10.0))
    write(folder / "complex.tif", slope().astype("complex64"))
    write(folder / "place.tif", slope(), transform=Affine(1, 0, 0, 0, -1, 150), crs="EPSG:32632")
    (folder / "text.tif").write_text("no raster")
    (folder / "empty.tif").write_bytes(b"")
    (folder / "cut.zip").write_bytes(b"PK\x03\x04 cut off")
    (folder / "none").mkdir()
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "no raster")
    return {
        "missing.tif": ("no raster at", "'path'"),
        "none": ("no raster at", "'path'"),
        "*.hgt": ("no raster at", "'path'"),
        "far.tif": ("touches the box", "100, 9.985"),
        "complex.tif": ("complex64", "convert"),
        "place.tif": ("touches the box", "crs"),
        "text.tif": ("cannot be read as a raster", "fetch it again"),
        "empty.tif": ("cannot be read as a raster", "fetch it again"),
        "cut.zip": ("cannot be read", "fetch it again"),
        "other.zip": ("has no raster in it", ".hgt"),
    }


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    for name, words in broken(tmp_path).items():
        with pytest.raises(SourceError) as caught:
            source(name).read(tmp_path, BOX)
        sentence = str(caught.value)
        assert all(word in sentence for word in words), sentence
        assert "\n" not in sentence
        assert name.strip("*") in sentence
        assert source(name).files(tmp_path)


def test_a_text_grid_that_is_cut_off_is_refused_at_once(grid: Grid, tmp_path: Path) -> None:
    """GDAL alone would try for hours: its time doubles with every row that is missing."""
    head = "ncols 160\nnrows 150\nxllcorner 7.405\nyllcorner 43.725\ncellsize 0.0001\n"
    rows = ["45 " * 160] * 150
    (tmp_path / "whole.asc").write_text(head + "\n".join(rows))
    assert means(grid, tmp_path, "whole.asc", crs="EPSG:4326")[0] == pytest.approx(45.0)
    (tmp_path / "cut.asc").write_text(head + "\n".join(rows[:50]))
    with pytest.raises(SourceError, match=r"cut\.asc has fewer numbers than its 150 rows"):
        source("cut.asc", crs="EPSG:4326").read(tmp_path, BOX)


def test_tiles_in_different_units_are_refused(tmp_path: Path) -> None:
    for name, unit in (("a.tif", "m"), ("b.tif", "US survey foot")):
        with rasterio.open(write(tmp_path / "t" / name, slope()), "r+") as file:
            file.set_band_unit(1, unit)
    with pytest.raises(SourceError, match=r"different units \(m, us-ft\)"):
        source("t").read(tmp_path, BOX)
    assert source("t", unit="m").read(tmp_path, BOX).rasters[0].scale == 1.0


def test_a_file_without_a_place_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.tif", slope())
    raw = tmp_path / "raw.asc"
    raw.write_text("ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n")
    with pytest.raises(SourceError, match="names no coordinate system"):
        source("raw.asc").read(tmp_path, BOX)
    with rasterio.open(path) as file:
        values = file.read(1)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        write(tmp_path / "nowhere.tif", values, transform=Affine.identity())
    with pytest.raises(SourceError, match="does not say where it lies"):
        source("nowhere.tif").read(tmp_path, BOX)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("people", -200.0, "-200, which cannot be people"),
        ("land_cover", 10.5, "no codes of land cover"),
        ("building_height", 5000.0, "5000, which cannot be building_height"),
        ("elevation", -32768.0, "-32768, which cannot be elevation"),
    ],
)
def test_values_that_cannot_be_are_refused_where_they_are_read(
    grid: Grid, tmp_path: Path, variable: str, value: float, words: str
) -> None:
    values = np.full(SHAPE, 10.0, "float32")
    values[70:80, 70:80] = value
    path = write(tmp_path / "odd.tif", values)
    with pytest.raises(SourceError, match=words) as caught:
        list(patches(grid, Raster(variable, (path,))))
    assert "odd.tif" in str(caught.value)


def test_a_broken_block_is_found_when_it_is_read(grid: Grid, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(100.0, 5.0, SHAPE).astype("float32")
    write(
        tmp_path / "hole.tif", noise, tiled=True, blockxsize=16, blockysize=16, compress="deflate"
    )
    data = bytearray((tmp_path / "hole.tif").read_bytes())
    with rasterio.open(tmp_path / "hole.tif") as file:
        offset = int(file.get_tag_item("BLOCK_OFFSET_5_5", "TIFF", bidx=1))
    data[offset : offset + 40] = b"\xff" * 40
    (tmp_path / "hole.tif").write_bytes(bytes(data))
    raster = Raster("elevation", (tmp_path / "hole.tif",))
    with pytest.raises(SourceError, match=r"hole\.tif cannot be read as a raster"):
        list(patches(grid, raster))


def test_a_raster_larger_than_memory_is_read_in_windows(grid: Grid, tmp_path: Path) -> None:
    """160 GB of pixels, of which only those under the city are written and read."""
    pixel, count = 1e-5, 200_000
    left, top = 7.413 - pixel * count / 2, 43.7325 + pixel * count / 2
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=count,
        width=count,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(pixel, 0.0, left, 0.0, -pixel, top),
        tiled=True,
        blockxsize=512,
        blockysize=512,
        compress="deflate",
        SPARSE_OK="TRUE",
        BIGTIFF="YES",
        nodata=-1.0,
    ) as file:
        middle = count // 2 // 512 * 512 - 512
        for row in range(middle, middle + 1536, 512):
            for col in range(middle, middle + 1536, 512):
                window = rasterio.windows.Window(col, row, 512, 512)
                file.write(np.full((512, 512), 9.0, "float32"), 1, window=window)
    raster = Raster("elevation", (path,))
    read = [patch.values.size for patch in patches(grid, raster)]
    assert max(read) < 2 * 2**20
    mean, covered = cell_means(grid, patches(grid, raster))
    assert mean == pytest.approx(9.0)
    assert np.allclose(covered, 1.0)


def test_gdal_keeps_silent(tmp_path: Path) -> None:
    """Nothing on stderr but the sentence, in a process without any logging set up."""
    write(tmp_path / "cut.tif", slope(), compress="deflate")
    data = (tmp_path / "cut.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(data[: len(data) // 2])
    program = (
        "import sys; from pathlib import Path; from citytwin.sources.raster.source import RasterSource\n"
        "from citytwin.errors import SourceError\n"
        "try:\n    RasterSource(path='cut.tif', variable='people', licence='x', attribution='y')"
        f".read(Path(sys.argv[1]), {BOX})\n"
        "except SourceError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""
    assert "cut.tif cannot be read as a raster" in done.stdout


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real data in ../shared")
def test_bilbao_keeps_its_mean() -> None:
    """5 m LiDAR ground in resolution 12: the mean over the covered area is that of the raster."""
    import shapely

    box = (-2.9985, 43.3045, -2.9900, 43.3110)
    grid = cover(box, 12)
    path = "bilbao-lidar/DEM.tif"
    raster = source(path).read(SHARED, box).rasters[0]
    mean, covered = cell_means(grid, patches(grid, raster))
    assert np.allclose(covered, 1.0)
    with rasterio.open(SHARED / path) as file:
        values, transform = file.read(1).astype(float), file.transform
    lattice_x, lattice_y = _to(grid, 25830)
    col = (lattice_x - transform.c) / transform.a
    row = (lattice_y - transform.f) / transform.e
    city = shapely.union_all(shapely.polygons(np.stack([col, row], -1)), grid_size=1e-7)
    low_c, low_r, high_c, high_r = (int(v) for v in city.bounds)
    cols, rows = np.meshgrid(np.arange(low_c, high_c + 1), np.arange(low_r, high_r + 1))
    share = shapely.area(shapely.intersection(city, shapely.box(cols, rows, cols + 1, rows + 1)))
    # The area of each pixel in the city's plane.
    corners = np.stack([np.stack([cols + a, rows + b], -1) for a, b in SQUARE], axis=-2)
    x, y = _from(
        grid,
        25830,
        transform.a * corners[..., 0] + transform.c,
        transform.e * corners[..., 1] + transform.f,
    )
    weight = share * shapely.area(shapely.polygons(np.stack([x, y], -1)))
    expected = (weight * values[rows, cols]).sum() / weight.sum()
    found = (mean * grid.area).sum() / grid.area.sum()
    assert found == pytest.approx(expected, rel=1e-9)


SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))


def _to(grid: Grid, crs: int) -> Any:
    from pyproj import Transformer

    corners = grid.corners()
    return Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(
        corners[..., 0], corners[..., 1]
    )


def _from(grid: Grid, crs: int, x: Any, y: Any) -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(f"EPSG:{crs}", grid.crs, always_xy=True).transform(x, y)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real data in ../shared")
def test_monacos_tile_and_its_crop_agree() -> None:
    box = (7.400, 43.722, 7.445, 43.753)
    grid = cover(box, 11)
    found = []
    for path in ("monaco/N43E007.hgt.zip", "monaco/dem_srtm3_monaco.tif"):
        raster = source(path).read(SHARED, box).rasters[0]
        found.append(cell_means(grid, patches(grid, raster)))
    (tile, tile_covered), (crop, crop_covered) = found
    assert np.allclose(tile_covered, crop_covered, atol=1e-9)
    assert np.nanmax(np.abs(tile - crop)) < 1e-6
    assert np.nanmax(tile) > 400.0
    assert np.nanmin(tile) < 1.0
