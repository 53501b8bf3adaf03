"""What the tests share: one built city, small grids with made-up layers, the command line."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.grid.window import Grid, cover
from citytwin.hazards.cases import Site
from citytwin.pipeline import build
from citytwin.variables import VARIABLES

# The same examples in every run: what passes here passes in continuous integration.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")

ROOT = Path(__file__).resolve().parents[1]
#: Resolution of the shared city: cells about 50 m across, so that a storm takes a second.
COARSE = 11
#: One of the embedded city's tiles.
TILE = "15-5239-12666.mvt"
#: West, south, east, north of small boxes [degrees]: tens of cells at resolution 11.
BOXES = {
    "San Francisco": (-122.450, 37.7540, -122.446, 37.7575),
    "Shanghai": (121.470, 31.2300, 121.474, 31.2335),
}
#: Ranges in which made-up layers look like a city; other variables take their own range.
LOOKS = {"manning": (0.015, 0.1), "people": (0.0, 40.0), "water_share": (0.0, 0.2)}

Run = Callable[..., subprocess.CompletedProcess[str]]


def write_recipe(folder: Path, resolution: int = COARSE) -> Path:
    """The embedded city's recipe with another resolution, reading the data of the checkout."""
    text = (ROOT / "pipelines" / "san-francisco.toml").read_text(encoding="utf-8")
    for old, new in (
        ("resolution = 13", f"resolution = {resolution}"),
        ("../data", f"{ROOT}/data"),
    ):
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "san-francisco.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def coarse_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recipe of the embedded city at a coarse resolution."""
    return write_recipe(tmp_path_factory.mktemp("pipelines"))


@pytest.fixture(scope="session")
def tile_recipe(coarse_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recipe of one tile of it, for tests that build: a few seconds less."""
    folder = tmp_path_factory.mktemp("tile")
    (folder / "data" / "san-francisco").mkdir(parents=True)
    shutil.copytree(ROOT / "data" / "tables", folder / "data" / "tables")
    shutil.copy(ROOT / "data" / "san-francisco" / TILE, folder / "data" / "san-francisco")
    text = coarse_recipe.read_text(encoding="utf-8")
    for old, new in (
        (f"{ROOT}/data", "data"),
        ("columns = [5237, 5239]", "columns = [5239, 5239]"),
        ("rows = [12665, 12667]", "rows = [12666, 12666]"),
        ('sha256 = "SHA256SUMS"\n', ""),
        ("spacing = 8.0", "spacing = 12.0"),
    ):
        assert old in text
        text = text.replace(old, new)
    text = text.split("[[lifelines]]")[0]  # they lie all over the city
    path = folder / "tile.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tile_file(tile_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city of one tile, built once."""
    path = tmp_path_factory.mktemp("cities") / "tile.duckdb"
    build(tile_recipe, path).close()
    return path


@pytest.fixture(scope="session")
def city_file(coarse_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded city, coarse, built once. Copy it before you write to it."""
    path = tmp_path_factory.mktemp("cities") / "san-francisco.duckdb"
    build(coarse_recipe, path).close()
    return path


@pytest.fixture(scope="session")
def city(city_file: Path) -> Iterator[City]:
    """The embedded city, coarse, open."""
    with City.open(city_file) as opened:
        yield opened


@pytest.fixture(scope="session")
def site(city: City) -> Site:
    """The embedded city, coarse, as verification cases want it."""
    return Site(city.title, city.grid, {name: city.layers[name] for name in city.layers})


@pytest.fixture(scope="session", params=BOXES)
def grid(request: pytest.FixtureRequest) -> Grid:
    """A few dozen cells in San Francisco, then in Shanghai, where the lattice is skewed."""
    return cover(BOXES[request.param], COARSE)


def made_up_layers(grid: Grid, seed: int = 0) -> dict[str, Floats]:
    """Every variable on the cells of a grid: a slope with hollows, houses, the rest at random."""
    rng = np.random.default_rng(seed)
    layers = {}
    for name, variable in VARIABLES.items():
        low, high = LOOKS.get(name, (variable.low, min(variable.high, variable.low + 1.0)))
        layers[name] = rng.uniform(low, high, len(grid))
    slope = 0.03 * (grid.x - grid.x.min()) + 0.01 * (grid.y - grid.y.min())
    layers["ground_elevation"] = 100.0 + slope + rng.uniform(0.0, 1.0, len(grid))
    layers["building_cover"] = np.where(rng.uniform(size=len(grid)) < 0.3, 1.0, 0.2)
    return layers


@pytest.fixture
def layers(grid: Grid) -> dict[str, Floats]:
    """Made-up layers of every variable on the small grid."""
    return made_up_layers(grid)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Environment for programs of our own, wherever they run."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def citytwin(environment: dict[str, str]) -> Run:
    """Run the command line as a program of its own: ``citytwin("run", path, cwd=folder)``."""

    def run(*words: object, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from citytwin.cli import main; main()", *map(str, words)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
            env={**environment, **changes},
        )

    return run
