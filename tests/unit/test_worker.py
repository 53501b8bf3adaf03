"""The worker process: each visitor gets their own right answer, and it survives what happens to it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import citytwin as ct
from citytwin.city import City
from citytwin.errors import CityTwinError
from citytwin.hazards.flood import Flood
from citytwin.scenario.running import run
from citytwin.scenario.worker import Job, Worker

LONG_ENOUGH = 120.0


def storm(rain: float, hours: float = 0.4) -> ct.Scenario:
    event = Flood(rain_mm=rain, rain_h=0.3, simulated_h=hours, output_min=max(6.0, hours))
    return ct.Scenario(name=f"{rain:g} mm", hazard=event)


ENDLESS = storm(90.0, hours=72.0)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path / "runs")
    yield made
    made.close()


def drafts(worker: Worker) -> list[Path]:
    return list(worker._runs.glob(".draft-*"))


def wait_until_running(job: Job) -> None:
    end = time.monotonic() + LONG_ENOUGH
    while not (job.state == "running" and job.progress > 0.0):
        assert not job.over, job.message
        assert time.monotonic() < end, "the run did not start"
        time.sleep(0.02)


def done(job: Job) -> ct.Results:
    assert job.wait(LONG_ENOUGH), "the run did not end"
    assert job.state == "done", job.message
    return job.result()


def test_two_visitors_at_once_get_their_own_right_answers(
    worker: Worker, city: City, city_file: Path, tmp_path: Path
) -> None:
    jobs: dict[float, Job] = {}

    def visit(rain: float) -> None:
        jobs[rain] = worker.submit(storm(rain), city_file)
        jobs[rain].wait(LONG_ENOUGH)

    visitors = [threading.Thread(target=visit, args=(rain,)) for rain in (40.0, 90.0)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(LONG_ENOUGH)
    depths = []
    for rain, job in jobs.items():
        results, direct = done(job), run(storm(rain), city, runs=tmp_path / "direct")
        assert results.scenario == storm(rain)
        assert job.progress == 1.0
        for name, values in direct.summary.items():
            assert values.tobytes() == results.summary[name].tobytes(), name
        assert results.impact == direct.impact
        depths.append(results.summary["depth_max"].max())
    assert depths[0] != depths[1]
    assert drafts(worker) == []


VISITORS = """
import json, sys, threading
from pathlib import Path

def main():
    import numba
    import citytwin as ct
    from citytwin.scenario.worker import Worker

    city_file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    storms = [ct.Scenario(hazard=ct.Flood(rain_mm=r, rain_h=0.3, simulated_h=0.4, output_min=6))
              for r in (40.0, 90.0)]
    worker, jobs = Worker(folder / "worker"), [None, None]

    def visit(k):
        jobs[k] = worker.submit(storms[k], city_file)
        assert jobs[k].wait(120.0)

    threads = [threading.Thread(target=visit, args=(k,)) for k in (0, 1)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    same = []
    with ct.City.open(city_file) as city:
        for storm, job in zip(storms, jobs):
            direct = ct.run(storm, city, runs=folder / "direct")
            theirs = job.result()
            same.append(all(values.tobytes() == theirs.summary[name].tobytes()
                            for name, values in direct.summary.items()))
    worker.close()
    wet = [job.result().impact["people"]["0.15"] for job in jobs]
    print(json.dumps({"layer": numba.threading_layer(), "same": same, "wet": wet}))

if __name__ == "__main__":
    main()
"""


def test_two_visitors_without_openmp(
    city_file: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Numba's own threading layer aborts a process in which two threads enter parallel kernels."""
    script = tmp_path / "visitors.py"
    script.write_text(VISITORS, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, script, city_file, tmp_path],
        env={**environment, "NUMBA_THREADING_LAYER": "workqueue"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["layer"] == "workqueue"
    assert said["same"] == [True, True]
    assert said["wet"][0] < said["wet"][1]


def test_a_running_and_a_waiting_run_can_be_stopped(worker: Worker, city_file: Path) -> None:
    running = worker.submit(ENDLESS, city_file)
    waiting = worker.submit(storm(50.0), city_file)
    wait_until_running(running)
    assert waiting.state == "waiting"
    waiting.cancel()
    running.cancel()
    assert waiting.over
    assert (waiting.state, waiting.message) == ("cancelled", "stopped by the user")
    with pytest.raises(CityTwinError, match="the run is cancelled: stopped by the user"):
        waiting.result()
    assert running.wait(LONG_ENOUGH)
    assert running.state == "cancelled"
    assert running.message == "stopped by the user; what was computed is kept"
    part = running.result()
    assert not part.complete
    assert 0.0 < part.times[-1] < 72 * 3600.0
    assert part.summary["depth_max"].max() > 0.0
    # The next one finds a worker, and nothing half-written lies about.
    results = done(worker.submit(storm(50.0), city_file))
    assert results.complete
    assert results.impact["people"]["0.15"] > 0.0
    assert drafts(worker) == []
    names = sorted(path.name for path in worker._runs.iterdir())
    assert names == sorted([results.key, part.folder.name])


def test_a_run_that_is_over_cannot_be_stopped(worker: Worker, city_file: Path) -> None:
    job = worker.submit(storm(45.0), city_file)
    done(job)
    job.cancel()
    assert job.state == "done"
    assert job.result().key == job.key


def test_a_known_run_is_done_at_once_without_a_process(
    worker: Worker, city: City, city_file: Path
) -> None:
    run(storm(30.0), city, runs=worker._runs)
    job = worker.submit(storm(30.0), city_file)
    assert job.over
    assert (job.state, job.progress) == ("done", 1.0)
    assert job.message == "known from an earlier run"
    assert worker._process is None


def test_a_run_that_fails_says_so_in_a_sentence(city_file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    worker = Worker(tmp_path / "file" / "runs")
    try:
        job = worker.submit(storm(50.0), city_file)
        assert job.wait(LONG_ENOUGH)
        assert job.state == "failed"
        assert "the results cannot be written to" in job.message
        assert "choose another folder" in job.message
        assert "\n" not in job.message
        with pytest.raises(CityTwinError, match="the run is failed: the results cannot"):
            job.result()
    finally:
        worker.close()


def test_a_city_that_is_none_is_refused_at_once(worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(CityTwinError, match="there is no city file"):
        worker.submit(storm(50.0), tmp_path / "none.duckdb")


@pytest.mark.skipif(os.name != "posix", reason="kills a process by its signal")
def test_the_worker_outlives_its_process(worker: Worker, city_file: Path) -> None:
    job = worker.submit(ENDLESS, city_file)
    wait_until_running(job)
    assert worker._process is not None
    os.kill(worker._process.pid or 0, signal.SIGKILL)
    assert job.wait(LONG_ENOUGH)
    assert (job.state, job.message) == ("failed", "the worker process died: run it again")
    again = done(worker.submit(storm(55.0), city_file))
    assert np.isfinite(again.summary["depth_max"]).all()


def test_progress_reaches_the_visitor(worker: Worker, city_file: Path) -> None:
    job = worker.submit(ENDLESS, city_file)
    wait_until_running(job)
    assert 0.0 < job.progress < 1.0
    assert "min simulated" in job.message
    job.cancel()


def test_closing_ends_what_runs_and_what_waits(tmp_path: Path, city_file: Path) -> None:
    worker = Worker(tmp_path / "runs")
    jobs = [worker.submit(ENDLESS, city_file), worker.submit(storm(51.0), city_file)]
    wait_until_running(jobs[0])
    process = worker._process
    worker.close()
    assert process is not None
    assert not process.is_alive()
    for job in jobs:
        assert job.wait(LONG_ENOUGH)
        assert job.state in ("cancelled", "failed")
    assert not worker._thread.is_alive()
