"""Ensembles as tasks of a worker: what is known already, what is kept of one that was stopped."""

from pathlib import Path
from typing import Any

import pytest

from citytwin.city import City
from citytwin.ensemble import Ensemble
from citytwin.ensemble.task import EnsembleTask, ensemble_manifest
from citytwin.hazards.watch import never, silent


def task(**changes: Any) -> EnsembleTask:
    """A storm of three minutes, twice."""
    rain = {"field": "rain_mm", "distribution": "uniform", "low": 40.0, "high": 80.0}
    table = {
        "hazard": {
            "model": "flood", "rain_h": 0.05, "simulated_h": 0.05, "output_min": 3.0,
            "solver": "inertial",
        },
        "ensemble": {"members": 2, "parameters": [rain], **changes},
    }  # fmt: skip
    return EnsembleTask(Ensemble.from_table(table, "the ensemble"))


def test_another_rate_or_threshold_is_reckoned_anew_from_the_same_members(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citytwin.ensemble.task.processes_of_here", lambda: 1)
    runs = tmp_path / "runs"
    first, other = task(), task(above=0.5, rate_per_year=0.1)
    key = first.key(city.fingerprint)
    assert other.key(city.fingerprint) == key
    assert first.run(city, runs, silent, never)
    assert first.known(runs, key)
    assert not other.known(runs, key)
    members = tmp_path / "ensembles" / key / "members"
    stamps = {path.name: path.stat().st_mtime_ns for path in members.iterdir()}
    assert other.run(city, runs, silent, never)
    assert {path.name: path.stat().st_mtime_ns for path in members.iterdir()} == stamps
    assert other.known(runs, key)
    assert not first.known(runs, key)
    manifest = ensemble_manifest(runs, key)
    assert manifest["above"] == 0.5
    assert manifest["risk"]
