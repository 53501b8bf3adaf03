"""Ensembles that run: the members wherever they run, what they say, going on after a kill."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import tomli_w
from uncertain_storm import STORM, ensemble

from citytwin.city import City
from citytwin.cli.words import ensemble_lines
from citytwin.ensemble import run_ensemble
from citytwin.ensemble.member import read_member, write_member
from citytwin.ensemble.running import (
    CELLS,
    MEMBERS,
    arrived,
    read_manifest,
)
from citytwin.ensemble.statistics import summary_of
from citytwin.errors import InputError, OutputError
from citytwin.scenario import Results


@pytest.fixture(scope="module")
def whole(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ensemble run by two processes."""
    return run_ensemble(ensemble(), city, folder=tmp_path_factory.mktemp("ensembles"), workers=2)


def bits(folder: Path) -> list[tuple[int, bytes, dict[str, float]]]:
    return [(m.number, m.cells.tobytes(), m.figures) for m in arrived(folder)]


def test_processes_give_what_the_members_say(whole: Path, city: City) -> None:
    manifest = read_manifest(whole)
    assert manifest["complete"]
    assert manifest["members"] == 6
    assert manifest["quantity"] == "depth_max"
    assert manifest["above"] == 0.15
    members = arrived(whole)
    rain = ensemble().plan.values()[:, 0]
    fallen = [m.figures["balance.rain_in_m3"] for m in members]
    assert fallen == pytest.approx(1e-3 * rain * city.grid.area.sum(), rel=1e-6)
    cells = pd.read_parquet(whole / CELLS)
    values = np.stack([m.cells for m in members])
    assert cells["p50"].to_numpy() == pytest.approx(np.quantile(values, 0.5, axis=0), abs=1e-6)
    assert (cells["p10"] <= cells["p50"]).all()
    assert (cells["p50"] <= cells["p90"]).all()
    assert cells["probability"].between(0.0, 1.0).all()
    table = pd.read_parquet(whole / MEMBERS)
    assert table["rain_mm"].to_numpy() == pytest.approx(rain)
    people = manifest["figures"]["people.0.15"]
    assert people == summary_of(table["people.0.15"].to_numpy())
    assert people["p10"] <= people["p50"] <= people["p90"]


def test_its_numbers_and_doubts_are_said_in_words(whole: Path) -> None:
    manifest = read_manifest(whole)
    named = {name for name in manifest["figures"] if not name.startswith("balance.")}
    assert set(manifest["titles"]) == named
    assert manifest["titles"]["people.0.15"] == ["people, ≥ 0.15 m", "人数，≥ 0.15 米"]
    assert manifest["units"]["roads_m"] == "m"
    assert [curve for curve in manifest["curves"] if not curve["verified"]]
    assert "Solver inertial, as the scenario says." in manifest["notes"]
    rain = [note for note in manifest["notes"] if note.startswith("Rain")]
    assert not rain, "what one member says is not what all of them say"
    lines = "\n".join(ensemble_lines(manifest, whole))
    assert "street impassable [m]" in lines
    assert "people.0.15" not in lines
    assert "not verified: damage by depth" in lines


def test_what_matters_most_comes_first(whole: Path) -> None:
    """People, then buildings, streets and what follows, as in a run; not by the alphabet."""
    names = [n for n in read_manifest(whole)["figures"] if not n.startswith("balance.")]
    assert names[0] == "people.0.15"
    assert names.index("people.0.3") < names.index("buildings.0.15") < names.index("roads_m")
    assert names.index("roads_m") < names.index("displaced") < names.index("facilities_out")


def test_a_full_disk_is_said_in_a_sentence(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    member = arrived(whole)[0]
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(
        OutputError, match=r"cannot be written to .*No space left on device.*make room"
    ):
        write_member(tmp_path / "000000.npz", member)
    assert not list(tmp_path.iterdir())


def test_what_people_call_numbers_is_kept_with_a_member(whole: Path, tmp_path: Path) -> None:
    member = arrived(whole)[0]
    write_member(tmp_path / "000000.npz", member)
    again = read_member(tmp_path / "000000.npz")
    assert again is not None
    assert again.titles == member.titles
    assert again.curves == member.curves
    assert again.titles["displaced"][0] == "people who cannot stay at home"


def test_a_member_is_the_run_of_its_scenario(whole: Path, city: City) -> None:
    scenario = ensemble().members()[2]
    hazard = scenario.hazard.simulate(city.grid, city.layers)
    assert arrived(whole)[2].cells.tobytes() == hazard.summary["depth_max"].tobytes()


def test_a_cluster_gives_the_same_bits(whole: Path, city: City, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    there = run_ensemble(ensemble(), city, folder=tmp_path, workers=2, scheduler="local")
    assert bits(there) == bits(whole)
    assert there.name == whole.name


def test_a_killed_worker_loses_nothing(whole: Path, city: City, tmp_path: Path) -> None:
    """One of two processes is killed once the first member has come."""
    killed: list[int] = []

    def kill(done: float, note: str) -> None:
        del note
        if done > 0.1 and not killed:
            children = psutil.Process().children(recursive=True)
            workers = [p for p in children if "spawn_main" in " ".join(p.cmdline())]
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    there = run_ensemble(ensemble(), city, folder=tmp_path, workers=2, progress=kill)
    assert killed
    assert bits(there) == bits(whole)


INTERRUPTED = """
import os, signal, sys
from citytwin.city import City
from citytwin.cli.stopping import asked_to_stop
from citytwin.ensemble import Ensemble, run_ensemble

def tell(share, words):
    if 0.1 < share < 0.9 and not tell.sent:
        tell.sent = True
        os.killpg(0, signal.SIGINT)  # as Ctrl-C in a terminal does
tell.sent = False

if __name__ == "__main__":
    with City.open(sys.argv[1]) as city, asked_to_stop() as stopped:
        found = Ensemble.load(sys.argv[2])
        print(run_ensemble(found, city, folder=sys.argv[3], progress=tell, stopped=stopped))
"""


def test_ctrl_c_keeps_what_came_and_leaves_no_trace(
    whole: Path, city_file: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "storm.toml").write_text(tomli_w.dumps(STORM), encoding="utf-8")
    (tmp_path / "run.py").write_text(INTERRUPTED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "run.py", city_file, tmp_path / "storm.toml", tmp_path / "out"],
        env=environment, capture_output=True, text=True, timeout=240, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found = read_manifest(Path(done.stdout.strip()))
    assert 0 < found["members"] < 6
    for number, cells, figures in bits(Path(done.stdout.strip())):
        assert (number, cells, figures) == bits(whole)[number]


def test_an_ensemble_is_shown_as_a_run(city: City, tmp_path: Path) -> None:
    there = run_ensemble(
        ensemble(members=4), city, folder=tmp_path / "ensembles", runs=tmp_path / "runs", workers=1
    )
    shown = Results.open(tmp_path / "runs" / there.name)
    assert Results.is_whole(shown.folder)
    names = [picture["name"] for picture in shown.manifest["pictures"]]
    assert names == ["probability", "p50", "p90", "p10"]
    cells = pd.read_parquet(there / CELLS)
    for name in ("p10", "p50", "p90", "probability"):
        assert shown.summary[name] == pytest.approx(cells[name].to_numpy(), nan_ok=True)
    assert shown.scenario.name == "Uncertain storm: 4 members"
    run_ensemble(
        ensemble(members=4), city, folder=tmp_path / "ensembles", runs=tmp_path / "runs", workers=1
    )
    assert Results.is_whole(shown.folder)


def test_a_stopped_run_goes_on_with_the_members_that_are_missing(
    whole: Path, city: City, tmp_path: Path
) -> None:
    done = threading.Event()

    def note(share: float, words: str) -> None:
        del words
        if share > 0.1:
            done.set()

    there = run_ensemble(ensemble(), city, folder=tmp_path, progress=note, stopped=done.is_set)
    part = read_manifest(there)
    assert 0 < part["members"] < 6
    assert not part["complete"]
    kept = {m.number for m in arrived(there)}
    stamps = {path.name: path.stat().st_mtime_ns for path in (there / "members").iterdir()}
    time.sleep(0.01)
    run_ensemble(ensemble(), city, folder=tmp_path)
    assert bits(there) == bits(whole)
    again = {path.name: path.stat().st_mtime_ns for path in (there / "members").iterdir()}
    assert all(again[f"{n:06d}.npz"] == stamps[f"{n:06d}.npz"] for n in kept)


def test_statistics_are_there_while_members_arrive(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citytwin.ensemble.running._EVERY", 0.0)
    monkeypatch.setattr("citytwin.ensemble.running._SHARE", 0.0)
    seen: list[int] = []

    def note(share: float, words: str) -> None:
        del share, words
        held = [read_manifest(path.parent) for path in tmp_path.glob("*/manifest.json")]
        seen.extend(one["members"] for one in held)

    run_ensemble(ensemble(members=4), city, folder=tmp_path, workers=1, progress=note)
    assert set(seen) >= {1, 2, 3}
    assert seen == sorted(seen)


def test_a_broken_member_is_run_again(whole: Path, city: City, tmp_path: Path) -> None:
    there = run_ensemble(ensemble(), city, folder=tmp_path, workers=1)
    whole_file = (there / "members" / "000003.npz").read_bytes()
    (there / "members" / "000003.npz").write_bytes(whole_file[: len(whole_file) // 2])
    (there / "members" / "000004.npz").write_bytes(b"no file of ours")
    run_ensemble(ensemble(), city, folder=tmp_path, workers=1)
    assert bits(there) == bits(whole)


def test_a_quantity_that_no_run_gives_is_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose one of depth_max"):
        run_ensemble(ensemble(quantity="heat", above=1.0), city, folder=tmp_path, workers=1)
    with pytest.raises(InputError, match=r"has no classes .*: set 'above'"):
        run_ensemble(ensemble(quantity="momentum_max"), city, folder=tmp_path, workers=1)
    with pytest.raises(InputError, match="at least one worker"):
        run_ensemble(ensemble(), city, folder=tmp_path, workers=0)
    with pytest.raises(InputError, match="holds no ensemble"):
        read_manifest(tmp_path / "nothing")


def test_a_scheduler_that_is_not_there_is_one_sentence(city: City, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_ensemble(ensemble(), city, folder=tmp_path, scheduler="tcp://127.0.0.1:9")
