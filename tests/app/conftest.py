"""A coarse city with one finished run, and the app's modules on the path."""

import os
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

APPS = Path(__file__).resolve().parents[2] / "apps"
sys.path.insert(0, str(APPS))

from citytwin.city import City  # noqa: E402
from citytwin.hazards.flood import Flood  # noqa: E402
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
STORM = {"rain_mm": 90.0, "rain_h": 0.5, "simulated_h": 0.75, "output_min": 7.5}


@pytest.fixture(scope="session")
def workspace(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one finished run of the coarse city."""
    folder = tmp_path_factory.mktemp("workspace")
    with City.open(city_file) as city:
        run(Scenario(name="Test storm", hazard=Flood(**STORM)), city, runs=folder / "runs")
    return folder


@pytest.fixture(scope="session")
def results(workspace: Path) -> Results:
    """The finished run."""
    (folder,) = (path.parent for path in (workspace / "runs").glob("*/manifest.json"))
    return Results.open(folder)


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
