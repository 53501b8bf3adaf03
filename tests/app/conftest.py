"""A coarse city with one finished run, and the app's modules on the path."""

import os
import sys
from pathlib import Path

import pytest

APPS = Path(__file__).resolve().parents[2] / "apps"
sys.path.insert(0, str(APPS))

from citytwin.city import City  # noqa: E402
from citytwin.hazards.flood import Flood  # noqa: E402
from citytwin.scenario import Results, Scenario, run  # noqa: E402

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


@pytest.fixture
def app_environment(city_file: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app's environment, in this process."""
    monkeypatch.setenv("CITYTWIN_CITY", os.fspath(city_file))
    monkeypatch.setenv("CITYTWIN_WORKSPACE", os.fspath(workspace))
