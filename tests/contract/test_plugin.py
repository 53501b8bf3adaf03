"""A new hazard is one file: it appears in the commands, the app's form and the contract tests."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from citytwin import registry
from citytwin.city import City
from citytwin.scenario import Scenario
from citytwin.scenario.results import Results
from citytwin.scenario.running import run as run_scenario

Run = Callable[..., subprocess.CompletedProcess[str]]

TESTS = Path(__file__).parents[1]
PLUGINS = TESTS / "plugins"
SCENARIO = 'name = "Wet day"\n[hazard]\nmodel = "drizzle"\nrain_mm = 40.0\nrain_h = 2.0\n'


@pytest.fixture
def with_drizzle(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plug-in folder is searched; what it brought is forgotten afterwards."""
    known, modules = dict(registry.hazards._classes), set(sys.modules)
    monkeypatch.setenv("CITYTWIN_PLUGINS", str(PLUGINS))
    yield
    registry.hazards._classes.clear()
    registry.hazards._classes.update(known)
    for name in set(sys.modules) - modules:
        if name.startswith("citytwin_plugin_"):
            del sys.modules[name]


def test_the_plugin_is_one_file_and_nothing_else_knows_it() -> None:
    assert [path.name for path in PLUGINS.glob("*.py")] == ["drizzle.py"]
    for folder in ("citytwin", "apps"):
        for path in (TESTS.parent / folder).rglob("*.py"):
            assert "drizzle" not in path.read_text(encoding="utf-8").lower(), path


def test_it_is_not_there_without_its_folder() -> None:
    assert "drizzle" not in registry.hazards.names()


@pytest.mark.usefixtures("with_drizzle")
def test_it_is_registered_by_lying_there() -> None:
    assert {"drizzle", "flood"} <= set(registry.hazards.names())
    assert registry.hazards.get("drizzle").verified is False


@pytest.mark.usefixtures("with_drizzle")
def test_the_app_asks_for_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TESTS.parent / "apps"))
    import form  # type: ignore[import-not-found]

    fields = form.fields_of(registry.hazards.get("drizzle"))
    assert [field.name for field in fields] == ["rain_mm", "rain_h", "infiltration_mm_h"]
    assert [field.unit for field in fields] == ["mm", "h", "mm/h"]
    event, complaint = form.fill(registry.hazards.get("drizzle"), {"rain_mm": 7.0})
    assert complaint == ""
    assert event.rain_mm == 7.0
    # The page lists what the registry names, without a list of its own.
    page = (TESTS.parent / "apps" / "views" / "new_run.py").read_text(encoding="utf-8")
    assert "hazards.names()" in page


@pytest.mark.usefixtures("with_drizzle")
def test_its_run_gives_its_water_and_its_impact(city: City, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(SCENARIO)
    scenario = Scenario.load(tmp_path / "s.toml")
    with pytest.warns(UserWarning, match="'drizzle' has not been verified"):
        results = run_scenario(scenario, city, runs=tmp_path)
    taken = 3.0e-3 * 2.0 * city.layers["pervious_share"]
    assert np.allclose(results.summary["depth_max"], 0.040 - taken, rtol=1e-6)
    assert results.impact["people"] == {"0.15": 0.0, "0.3": 0.0, "0.5": 0.0, "1": 0.0}
    assert results.manifest["model"]["verified"] is False


def test_the_commands_know_it(citytwin: Run, city_file: Path, tmp_path: Path) -> None:
    folder = {"CITYTWIN_PLUGINS": str(PLUGINS)}
    listed = citytwin("hazards", "--json", **folder)
    assert listed.returncode == 0, listed.stderr
    hazards = {row["name"]: row for row in json.loads(listed.stdout)["hazards"]}
    assert {"drizzle", "flood"} <= set(hazards)
    assert hazards["drizzle"]["schema"]["properties"]["rain_h"]["unit"] == "h"
    (tmp_path / "s.toml").write_text(SCENARIO)
    done = citytwin(
        "run", tmp_path / "s.toml", "--city", city_file, "--workspace", tmp_path, **folder
    )
    assert done.returncode == 0, done.stderr
    assert "stand where they fell" in done.stdout
    assert "this model has not been verified" in done.stdout
    (folder_of_run,) = (tmp_path / "runs").iterdir()
    assert Results.open(folder_of_run).manifest["model"]["name"] == "drizzle"
    plain = citytwin("run", tmp_path / "s.toml", "--city", city_file, "--workspace", tmp_path)
    assert plain.returncode == 2
    assert "no hazard called 'drizzle'" in plain.stderr


def test_it_keeps_the_contract(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "drizzle or every",
         "tests/contract/test_hazards.py"],
        cwd=TESTS.parent, capture_output=True, text=True, check=False, timeout=240,
        env={**environment, "CITYTWIN_PLUGINS": str(PLUGINS), "CITYTWIN_EXPECT_HAZARD": "drizzle"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    passed = int(done.stdout.split(" passed")[0].split()[-1])
    assert passed >= 30
    assert "skipped" not in done.stdout


def test_a_bad_hazard_breaks_the_contract(tmp_path: Path, environment: dict[str, str]) -> None:
    """The contract tests can fail: a copy without units, bounds and citations does not pass them."""
    text = (PLUGINS / "drizzle.py").read_text(encoding="utf-8")
    for old, new in (
        ('"unit": "mm", ', ""),
        ("doi:", ""),
        ("depth = ponded(", "layers['pervious_share'][0] = 0.0; depth = ponded("),
        ("times[-1]\n", "times[-1] + np.random.default_rng().uniform(0.0, 1e-3)\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "drizzle.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k",
         "drizzle and (described or cites or leaves or twice)", "tests/contract/test_hazards.py"],
        cwd=TESTS.parent, capture_output=True, text=True, check=False, timeout=240,
        env={**environment, "CITYTWIN_PLUGINS": str(tmp_path) + os.pathsep},
    )  # fmt: skip
    assert done.returncode == 1
    for test in (
        "test_every_field_is_described_with_its_unit",
        "test_it_cites_its_sources",
        "test_it_leaves_its_inputs_as_they_were",
        "test_it_gives_the_same_answer_twice",
    ):
        assert f"FAILED tests/contract/test_hazards.py::{test}" in done.stdout, test
