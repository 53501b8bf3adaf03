"""Runs and their results: kept by key, written whole or not at all, never simulated twice."""

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import citytwin as ct
from citytwin.city import City
from citytwin.errors import BalanceError, InputError, OutputError
from citytwin.hazards.flood import Flood
from citytwin.scenario.results import publishing
from citytwin.scenario.running import run
from citytwin.variables import VARIABLES

STORM = ct.Scenario(
    name="A short storm", hazard=Flood(rain_mm=60, rain_h=0.5, simulated_h=0.75, output_min=15)
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def results(city: City, runs: Path) -> ct.Results:
    return run(STORM, city, runs=runs)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_lies_under_its_key_and_nothing_else_is_there(
    results: ct.Results, city: City, runs: Path
) -> None:
    assert results.key == STORM.key(city.fingerprint)
    assert names(runs) == [results.key]
    assert names(results.folder) == [
        "buildings.parquet", "cells.parquet", "frames.parquet", "groups.parquet", "impact.parquet",
        "manifest.json",
    ]  # fmt: skip


def test_what_is_read_back_is_what_was_simulated(results: ct.Results, city: City) -> None:
    direct = STORM.hazard.simulate(city.grid, city.layers)
    assert (results.cells == city.grid.cells).all()
    assert (results.times == direct.times).all()
    assert results.summary.keys() == direct.summary.keys()
    for name, values in direct.summary.items():
        assert results.summary[name].tobytes() == values.tobytes(), name
        assert results.summary[name].dtype == np.float32
    for k, frame in enumerate(direct.intensity):
        stored = results.frame(k)
        assert (stored[frame >= 0.005] == frame[frame >= 0.005]).all()
        assert (stored[frame < 0.005] == 0.0).all()
    assert results.scenario == STORM


def test_the_summary_keeps_to_its_variables(results: ct.Results) -> None:
    depth, arrival = results.summary["depth_max"], results.summary["arrival"]
    assert depth.max() > 0.1
    assert depth.min() >= 0.0
    assert depth.max() <= VARIABLES["depth"].high
    assert results.summary["speed_max"].max() <= VARIABLES["speed"].high
    # Wet and arrived are the same cells.
    assert (np.isfinite(arrival) == (depth >= np.float32(0.05))).all()
    assert np.nanmax(arrival) <= results.times[-1]
    assert (results.summary["duration"] > 0.0).sum() == np.isfinite(arrival).sum()
    for k in range(results.times.size):
        assert (results.frame(k) <= depth).all()


def test_the_manifest_says_where_the_result_comes_from(results: ct.Results, city: City) -> None:
    manifest = json.loads((results.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == results.manifest
    assert manifest["city"]["fingerprint"] == city.fingerprint
    assert {row["sha256"] for row in manifest["city"]["sources"]} == {
        row["sha256"] for row in city.sources
    }
    assert all(row["licence"] and row["attribution"] for row in manifest["city"]["sources"])
    assert {"citytwin", "numpy", "numba", "h3", "duckdb", "python"} <= set(manifest["versions"])
    assert manifest["model"]["version"] == Flood.version
    assert manifest["scenario"] == STORM.table()
    assert set(manifest["seconds"]) == {"simulation", "impact"}
    assert abs(manifest["balance"]["balance_error"]) <= 1e-5
    assert "unaccounted for" in manifest["balance_sentence"]
    assert "/" not in "".join(row["path"] for row in manifest["city"]["sources"])[:1]


def test_the_balance_adds_up_to_the_rain_on_the_city(results: ct.Results, city: City) -> None:
    balance = results.manifest["balance"]
    assert balance["rain_m3"] == pytest.approx(0.060 * city.grid.area.sum(), rel=1e-5)
    parts = balance["stored_m3"] + balance["infiltrated_m3"] + balance["drained_m3"]
    assert parts == pytest.approx(balance["rain_m3"], rel=1e-5)


def test_the_impact_is_in_the_table_too(results: ct.Results) -> None:
    rows = pq.read_table(results.folder / "impact.parquet").to_pylist()
    impact = results.impact
    people = {r["from"]: r["value"] for r in rows if r["what"] == "people"}
    assert people == impact["people"]
    roads = {r["class"]: r["value"] for r in rows if r["what"] == "roads"}
    assert roads.pop("all") == impact["roads"]["impassable_m"]
    assert roads == {k: v["impassable_m"] for k, v in impact["roads"]["by_class"].items()}
    assert len(impact["series"]["roads_m"]) == results.times.size


def test_the_same_physics_is_not_simulated_twice(
    results: ct.Results, city: City, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr(Flood, "_simulate_given", never)
    before = {path: path.stat().st_mtime_ns for path in results.folder.iterdir()}
    renamed = ct.Scenario(name="Other words", description="same water", hazard=STORM.hazard)
    notes: list[tuple[float, str]] = []
    again = run(renamed, city, runs=runs, progress=lambda *event: notes.append(event))
    assert again.folder == results.folder
    assert notes == [(1.0, "known from an earlier run")]
    assert {path: path.stat().st_mtime_ns for path in results.folder.iterdir()} == before
    other = ct.Scenario(hazard=STORM.hazard.model_copy(update={"rain_mm": 61.0}))
    with pytest.raises(AssertionError, match="simulated again"):
        run(other, city, runs=runs)
    assert names(runs) == [results.key]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, BalanceError])
def test_a_run_that_breaks_off_leaves_nothing(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error("in the middle")

    monkeypatch.setattr(import_module("citytwin.scenario.running"), "impact_of", fail)
    with pytest.raises(error):
        run(STORM, city, runs=tmp_path / "runs")
    assert names(tmp_path / "runs") == []


def test_a_flood_that_loses_water_is_not_kept(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from citytwin.hazards.flood.solver import Solver

    def forget(self: Solver) -> None:
        self._state[self._drains[0], :, self._drains[1]] = 0.0

    monkeypatch.setattr(Solver, "_empty_drains", forget)
    with pytest.raises(BalanceError, match=r"water balance is off by .* the result was not kept"):
        run(STORM, city, runs=tmp_path)
    assert names(tmp_path) == []


def test_results_that_came_meanwhile_stay(results: ct.Results, tmp_path: Path) -> None:
    target = tmp_path / "key"
    with publishing(target) as draft:
        (draft.folder / "manifest.json").write_text("second")
        shutil.copytree(results.folder, target)
    assert ct.Results.open(target).manifest == results.manifest
    assert names(tmp_path) == ["key"]


@pytest.mark.parametrize("name", ["manifest.json", "cells.parquet", "frames.parquet"])
@pytest.mark.parametrize("content", [None, b"", b"half"])
def test_damaged_results_are_run_again(
    results: ct.Results, city: City, tmp_path: Path, name: str, content: bytes | None
) -> None:
    folder = tmp_path / results.key
    shutil.copytree(results.folder, folder)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    again = run(STORM, city, runs=tmp_path)
    assert names(tmp_path) == [results.key]
    for key, values in results.summary.items():
        assert values.tobytes() == again.summary[key].tobytes()
    assert (again.frame(1) == results.frame(1)).all()


@pytest.mark.skipif(os.name != "posix", reason="asks whether a process still runs")
def test_what_a_killed_run_left_is_removed_and_what_runs_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(timeout=60)
    (tmp_path / f".draft-{ended.pid}-x").mkdir()
    (tmp_path / f".draft-{os.getpid()}-x").mkdir()
    (tmp_path / ".draft-mine").mkdir()
    with publishing(tmp_path / "key") as draft:
        (draft.folder / "manifest.json").write_text("{}")
    assert names(tmp_path) == sorted([f".draft-{os.getpid()}-x", ".draft-mine", "key"])


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, city: City) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot be written to .* choose another folder"):
        run(STORM, city, runs=tmp_path / "file" / "runs")


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results: run a scenario first"):
        ct.Results.open(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="holds no results"):
        ct.Results.open(tmp_path)


def test_progress_runs_forward_to_done(city: City, tmp_path: Path) -> None:
    seen: list[tuple[float, str]] = []
    run(STORM, city, runs=tmp_path, progress=lambda *event: seen.append(event))
    done = [share for share, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (1.0, "done")
    assert any("of 45 min simulated" in note for _, note in seen)


def test_a_dry_day_is_a_result_too(city: City, tmp_path: Path) -> None:
    dry = ct.Scenario(hazard=Flood(rain_mm=0, simulated_h=0.2, output_min=6))
    results = run(dry, city, runs=tmp_path)
    assert results.manifest["balance_sentence"] == "No rain fell and no water came in."
    assert results.summary["depth_max"].max() == 0.0
    assert np.isnan(results.summary["arrival"]).all()
    assert (results.frame(1) == 0.0).all()
    assert results.impact["people"]["0.15"] == 0.0
