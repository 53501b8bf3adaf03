"""Ensembles as tasks of a worker: what is known already, what is kept of one that was stopped."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citytwin.city import City
from citytwin.ensemble import Ensemble
from citytwin.ensemble.gathering import gather
from citytwin.ensemble.member import Member, read_member
from citytwin.ensemble.task import EnsembleTask, ensemble_manifest
from citytwin.hazards.watch import never, silent
from citytwin.scenario.worker import _stopped


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


class Slow:
    """Members that begin at once and come when they are let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.go = threading.Event()

    def __call__(self, number: int) -> Member:
        self.begun.append(number)
        assert self.go.wait(20.0)
        return Member(number, np.zeros(1, np.float32), {"x": float(number)})


@contextmanager
def threads(count: int) -> Iterator[Executor]:
    with ThreadPoolExecutor(count) as pool:
        yield pool


class Cluster(ThreadPoolExecutor):
    """An executor whose calls can be given up while they run, as those of a cluster can."""

    def submit(self, function: Any, /, *words: Any, **named: Any) -> "Future[Any]":
        outer: Future[Any] = Future()
        inner = super().submit(function, *words, **named)

        def over(_: "Future[Any]") -> None:
            if not inner.cancelled() and outer.set_running_or_notify_cancel():
                outer.set_result(inner.result())

        inner.add_done_callback(over)
        outer.add_done_callback(lambda one: inner.cancel() if one.cancelled() else None)
        return outer


@contextmanager
def cluster(count: int) -> Iterator[Executor]:
    with Cluster(count) as pool:
        yield pool


@pytest.mark.parametrize("place", [threads, cluster])
def test_members_that_run_when_it_is_stopped_are_kept(
    place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()
    monkeypatch.setattr("citytwin.ensemble.gathering.run_member", slow)
    monkeypatch.setattr("citytwin.ensemble.gathering.processes", place)
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        if len(slow.begun) < 2 and asked < 100:
            time.sleep(0.01)
            return False
        threading.Timer(0.3, slow.go.set).start()
        return True

    paths = {number: tmp_path / f"{number}.npz" for number in range(6)}
    done = gather(paths, {number: (number,) for number in paths}, workers=2, stopped=stopped)
    there = [number for number, path in paths.items() if read_member(path, number) is not None]
    assert there == sorted(slow.begun) == [0, 1]
    assert done == 2


def test_the_page_hears_whether_members_were_kept(tmp_path: Path) -> None:
    runs, found = tmp_path / "runs", task()
    assert _stopped(found, runs, "k") == "stopped by the user; nothing of it was kept"
    parts = tmp_path / "ensembles" / "k" / "members"
    parts.mkdir(parents=True)
    (parts / ".000000-1.part").touch()
    assert "nothing" in _stopped(found, runs, "k")
    (parts / "000000.npz").touch()
    assert found.shown(runs, "k") is None
    assert _stopped(found, runs, "k") == "stopped by the user; what was computed is kept"
