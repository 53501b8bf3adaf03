"""A coarse city with three runs, and the app's modules on the path."""

import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

APPS = Path(__file__).resolve().parents[2] / "apps"
sys.path.insert(0, str(APPS))

from citytwin.city import City  # noqa: E402
from citytwin.hazards.flood import Flood  # noqa: E402
from citytwin.hazards.flood.forcing import Gauge, Line  # noqa: E402
from citytwin.pipeline import build  # noqa: E402
from citytwin.scenario import Results, Scenario, run  # noqa: E402

BARE = """
name = "bare"
title = "Three houses"
resolution = 12
bounds = [0.0, 51.499, 0.005, 51.501]

[[sources]]
name = "vector_file"
path = "houses.gpkg"
layer = "buildings"
columns = {{ height = "height", levels = "levels" }}
licence = "CC0-1.0"
attribution = "Three houses"

[population]
kinds = "{tables}/building_kinds.csv"

[land_cover]
table = "{tables}/land_cover.csv"
street_widths = "{tables}/street_widths.csv"
raster_table = "{tables}/worldcover.csv"

[terrain]
method = "none"
"""
SHORT = {"rain_h": 0.5, "simulated_h": 0.75, "output_min": 7.5}
STORM = Flood(rain_mm=90.0, **SHORT)
#: A storm by a doubtful formula, with assumed sewers, two gauges and a line across the valley.
WATCHED = Flood(
    formula="shanghai-2017-lg",
    shape="chicago",
    return_period_y=50.0,
    sewer_mm_h=20.0,
    gauges=(Gauge(name="Castro", at=(-122.435, 37.762)), Gauge(name="Hill", at=(-122.45, 37.765))),
    lines=(Line(name="Valley", line=((-122.438, 37.766), (-122.433, 37.766))),),
    **SHORT,
)
LONG = Flood(rain_mm=60.0, simulated_h=2.0)


@pytest.fixture(scope="session")
def workspace(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with runs of the coarse city: one stopped, one with gauges, and the newest, a storm."""
    folder = tmp_path_factory.mktemp("workspace")
    runs = folder / "runs"
    with City.open(city_file) as city:
        run(Scenario(name="Long rain", hazard=LONG), city, runs=runs, stopped=after(40))
        run(Scenario(hazard=WATCHED), city, runs=runs)
        run(Scenario(name="Test storm", hazard=STORM), city, runs=runs)
    return folder


def after(times: int) -> Callable[[], bool]:
    """Says for so many times that a run may go on."""
    count = itertools.count()
    return lambda: next(count) >= times


def _found(workspace: Path, event: Flood) -> Results:
    everything = [
        Results.open(path.parent) for path in (workspace / "runs").glob("*/manifest.json")
    ]
    (found,) = (results for results in everything if results.scenario.hazard == event)
    return found


@pytest.fixture(scope="session")
def results(workspace: Path) -> Results:
    """The finished run of a plain storm, the newest."""
    return _found(workspace, STORM)


@pytest.fixture(scope="session")
def watched(workspace: Path) -> Results:
    """The run with gauges, a line and assumed sewers."""
    return _found(workspace, WATCHED)


@pytest.fixture(scope="session")
def halted(workspace: Path) -> Results:
    """The run that was stopped."""
    found = _found(workspace, LONG)
    assert not found.complete
    return found


@pytest.fixture(scope="session")
def bare_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of three houses and nothing else: no ground, streets, water or names."""
    folder = tmp_path_factory.mktemp("bare")
    shapes = [shapely.box(0.001 * k, 51.5, 0.001 * k + 2e-4, 51.5002) for k in (1, 2, 3)]
    heights = {"height": [9.0, float("nan"), float("nan")], "levels": [float("nan"), 3.0, None]}
    houses = gpd.GeoDataFrame(heights, geometry=shapes, crs="EPSG:4326")
    houses.to_file(folder / "houses.gpkg", engine="pyogrio")
    tables = (APPS.parent / "data" / "tables").as_posix()
    recipe = folder / "bare.toml"
    recipe.write_text(BARE.format(tables=tables), encoding="utf-8")
    build(recipe, folder / "bare.duckdb").close()
    return folder / "bare.duckdb"


@pytest.fixture
def bare_environment(bare_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app's environment on the city of three houses, in this process."""
    monkeypatch.setenv("CITYTWIN_CITY", os.fspath(bare_file))
    monkeypatch.setenv("CITYTWIN_WORKSPACE", os.fspath(bare_file.parent))


@pytest.fixture
def app_environment(city_file: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app's environment, in this process."""
    monkeypatch.setenv("CITYTWIN_CITY", os.fspath(city_file))
    monkeypatch.setenv("CITYTWIN_WORKSPACE", os.fspath(workspace))
