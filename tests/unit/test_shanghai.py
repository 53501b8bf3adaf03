"""Shanghai's recipe, which fetches all it needs, against a server of our own with files of its kinds."""

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from osm_writing import Drawing
from rasterio.transform import from_bounds

from citytwin.city import City
from citytwin.errors import RecipeError, SourceError
from citytwin.hazards.flood import Flood
from citytwin.pipeline.memo import Memo
from citytwin.pipeline.steps import build
from citytwin.refresh.refreshing import refresh

ROOT = Path(__file__).parents[2]
#: A corner of the recipe's box, so that the city is small.
BOX = (121.470, 31.225, 121.490, 31.240)
#: Of the pixels, those of a wider box are written.
WIDE = (121.46, 31.21, 121.50, 31.25)


class Quiet(SimpleHTTPRequestHandler):
    """A folder served by names; it answers 304 to a date, and no ranges."""

    asked: list[str] = []  # noqa: RUF012 shared on purpose

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args: Any) -> None:
        pass


def raster(path: Path, values: Any, **profile: Any) -> None:
    path.parent.mkdir(parents=True)
    rows, columns = values.shape
    with rasterio.open(
        path,
        "w",
        driver=profile.pop("driver", "GTiff"),
        width=columns,
        height=rows,
        count=1,
        dtype=values.dtype,
        crs="EPSG:4326",
        transform=from_bounds(*WIDE, columns, rows),
        **profile,
    ) as file:
        file.write(values, 1)


def extract(path: Path) -> None:
    path.parent.mkdir(parents=True)
    town = Drawing()
    for row in range(8):
        for column in range(10):
            x, y = 121.471 + 0.0018 * column, 31.226 + 0.0016 * row
            town.square(x, y, 0.0006, {"building": "apartments", "building:levels": str(2 + row)})
        town.line(
            [(121.46, 31.2257 + 0.0016 * row), (121.50, 31.2257 + 0.0016 * row)],
            {"highway": "residential", "name": f"第{row}路"},
        )
    town.square(121.4875, 31.2262, 0.0010, {"natural": "water"})
    town.write(path)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The publishers' hosts as folders of one server; the address before the host."""
    folder = tmp_path_factory.mktemp("hosts")
    text = (ROOT / "pipelines" / "shanghai.toml").read_text(encoding="utf-8")
    urls = [line.split('"')[1] for line in text.splitlines() if line.startswith("url = ")]
    osm, terrain, cover, people = (folder / url.removeprefix("https://") for url in urls)
    extract(osm)
    rng = np.random.default_rng(1)
    slope = 3.0 + np.linspace(2.0, 0.0, 144)[None, :] + rng.normal(0.0, 0.2, (144, 144))
    raster(terrain, slope.astype(np.float32), driver="COG")
    codes = np.where(rng.uniform(size=(480, 480)) < 0.7, 50, 10).astype(np.uint8)
    raster(cover, codes, driver="COG", nodata=0)
    counts = rng.uniform(0.0, 90.0, (48, 48)).astype(np.float32)
    raster(people, counts, nodata=-99999.0, compress="lzw")
    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def recipe(hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    shutil.copytree(ROOT / "data" / "tables", tmp_path / "data" / "tables")
    path = tmp_path / "pipelines" / "shanghai.toml"
    path.parent.mkdir()
    text = (ROOT / "pipelines" / "shanghai.toml").read_text(encoding="utf-8")
    for old, new in (
        ("https://", hosts),
        ("bounds = [121.40, 31.16, 121.60, 31.30]", f"bounds = {list(BOX)}"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_is_fetched_once_and_becomes_a_city(recipe: Path, tmp_path: Path) -> None:
    Quiet.asked.clear()
    first = refresh(recipe, tmp_path / "cities")
    assert first.status == "published"
    assert len(Quiet.asked) == 4
    with City.open(first.city) as city:
        assert city.counts["buildings"] == 80
        assert city.table("roads")["name"].str.match(r"第\d路").all()
        assert {source["source"] for source in city.sources} == {
            "osm", "terrain", "land-cover", "people",
        }  # fmt: skip
        assert all(source["sha256"] for source in city.sources)
        assert all("127.0.0.1" in source["origin"] or source["origin"] for source in city.sources)
        figures = city.notes["people_figures"]
        assert figures["before"] == pytest.approx(figures["after"], rel=1e-9)
        assert city.totals["people"]["after"] == pytest.approx(figures["before"], rel=1e-9)
        assert 0.0 < city.layers["ground_elevation"].mean() < 10.0
        assert "by raster" in city.notes["open_ground_m2"]
        flood = Flood(rain_mm=20.0, rain_h=0.1, simulated_h=0.1)
        hazard = flood.simulate(city.grid, city.layers)
        assert np.asarray(hazard.intensity).max() > 0.0
    second = refresh(recipe, tmp_path / "cities")
    assert second.status == "unchanged"


def test_with_paths_on_the_command_line_no_network_is_needed(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(recipe, tmp_path / "cities")
    files = {path.suffixes[-1]: path for path in (tmp_path / "downloads").rglob("*.pbf")}
    (osm,) = files.values()
    tifs = {path.name: path for path in (tmp_path / "downloads").rglob("*.tif")}
    text = recipe.read_text(encoding="utf-8").replace("http://127.0.0.1", "http://127.0.0.9")
    recipe.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"osm.*--path osm=FILE"):
        build(recipe, tmp_path / "x.duckdb")
    paths = {"osm": osm}
    for name, path in tifs.items():
        key = "terrain" if "DSM" in name else "land-cover" if "World" in name else "people"
        paths[key] = path
    with build(recipe, tmp_path / "x.duckdb", paths=paths) as city:
        assert city.counts["buildings"] == 80


TWO_GROUNDS = """
name = "two"
title = "Two grounds"
resolution = 11
bounds = {box}

[[sources]]
name = "osm_pbf"
path = "town.osm.pbf"
licence = "x"
attribution = "x"

[[sources]]
name = "raster"
id = "first"
path = "{first}"
variable = "elevation"
surface = "bare_earth"
licence = "x"
attribution = "x"

[[sources]]
name = "raster"
id = "second"
path = "{second}"
variable = "elevation"
surface = "surface"
licence = "x"
attribution = "x"

[population]
kinds = "tables/building_kinds.csv"

[land_cover]
table = "tables/land_cover.csv"
street_widths = "tables/street_widths.csv"
raster_table = "tables/worldcover.csv"

[terrain]
method = "raster"
"""


def test_the_order_and_the_content_of_rasters_decide_the_ground(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "tables", tmp_path / "tables")
    extract(tmp_path / "x" / "town.osm.pbf")
    (tmp_path / "x" / "town.osm.pbf").rename(tmp_path / "town.osm.pbf")
    for name, height in (("low", 3.0), ("high", 90.0)):
        raster(tmp_path / name / "ground.tif", np.full((100, 100), height, dtype=np.float32))
    memo = Memo(tmp_path / "memo")

    def mean(first: str, second: str) -> float:
        text = TWO_GROUNDS.format(box=list(BOX), first=first, second=second)
        (tmp_path / "two.toml").write_text(text, encoding="utf-8")
        with build(tmp_path / "two.toml", tmp_path / "two.duckdb", memo=memo) as city:
            return float(city.layers["ground_elevation"].mean())

    low, high = "low/ground.tif", "high/ground.tif"
    assert mean(low, high) == pytest.approx(3.0)
    assert mean(high, low) == pytest.approx(90.0, abs=0.5)
    one, other = tmp_path / low, tmp_path / high
    aside = one.rename(tmp_path / "aside.tif")
    other.rename(one)
    aside.rename(other)
    assert mean(low, high) == pytest.approx(90.0, abs=0.5)


def test_what_a_source_offers_is_not_left_out_in_silence(recipe: Path, tmp_path: Path) -> None:
    text = recipe.read_text(encoding="utf-8")
    for old, new, words in (
        ('method = "counts"', 'method = "floor_area"', "a source counts people, but"),
        ('method = "raster"', 'method = "none"', "a source offers elevation, but"),
    ):
        recipe.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(RecipeError, match=words):
            build(recipe, tmp_path / "x.duckdb", downloads=tmp_path / "downloads")
