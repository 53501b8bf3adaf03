"""The commands refresh, snapshots and diff: words, JSON, log, exit codes, what is imported."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from town import Town

from citytwin.city.lock import held

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CONTOUR = ("contour", 110, 112)
#: The command line, with a Ctrl-C as soon as it says what it does: a signal from outside may come late.
INTERRUPTED = """
import os, signal, sys
from citytwin.cli import main
say = sys.stderr.write
def write(words):
    said = say(words)
    if words.startswith("refresh: "):
        sys.stderr.write = say
        os.kill(os.getpid(), signal.SIGINT)
    return said
sys.stderr.write = write
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
#: Libraries that a refresh without a change has no use for.
HEAVY = ("numpy", "pandas", "geopandas", "shapely", "duckdb", "numba", "pyarrow", "requests")


@pytest.fixture
def refresh(citytwin: Run, town: Town) -> Run:
    """Refresh the town as a program."""

    def run(*words: object) -> "subprocess.CompletedProcess[str]":
        return citytwin("refresh", town.recipe, "--workspace", town.workspace, *words)

    return run


def test_a_change_is_published_and_told_in_words(refresh: Run, town: Town) -> None:
    town.change_value(*CONTOUR)
    done = refresh()
    assert done.returncode == 0, done.stderr
    assert "Published   " in done.stdout
    assert "contours " in done.stdout
    assert "ground_elevation" in done.stdout
    assert "refresh: ground: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_outcome_as_json_and_the_log(refresh: Run, town: Town, tmp_path: Path) -> None:
    town.change_value(*CONTOUR)
    log = tmp_path / "log.jsonl"
    outcomes = [json.loads(refresh("--json", "--log", log).stdout) for _ in range(2)]
    assert [outcome["status"] for outcome in outcomes] == ["published", "unchanged"]
    assert outcomes[0]["changes"]["layers"]["contours"]["attributes"]["elevation"] > 0
    assert "ground" in outcomes[0]["recomputed"]
    assert outcomes[1]["steps"] == []
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert all({"time", "level", "event", "run"} <= set(line) for line in lines)
    first = [line for line in lines if line["run"] == outcomes[0]["run"]]
    assert [first[0]["event"], first[-1]["event"]] == ["start", "published"]
    (ground,) = [row for row in first if row["event"] == "step" and row["step"] == "ground"]
    assert ground["rows"] > 0
    assert ground["seconds"] > 0.0
    assert ground["reused"] is False
    assert any(row["event"] == "progress" and row["step"] == "ground" for row in first)
    second = [line["event"] for line in lines if line["run"] == outcomes[1]["run"]]
    assert second == ["start", "unchanged"]


def test_mistakes_end_with_2_in_one_sentence_and_in_the_log(
    refresh: Run, town: Town, citytwin: Run, tmp_path: Path
) -> None:
    town.tile.unlink()
    log = tmp_path / "log.jsonl"
    done = refresh("--log", log)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "stays as it was" in done.stderr
    last = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["event"], last["level"], last["error"]) == ("failed", "error", "SourceError")
    assert "stays as it was" in last["remarks"][0]
    assert citytwin("refresh", tmp_path / "none.toml").returncode == 2
    assert refresh("--path", "nonsense").returncode == 2
    unknown = refresh("--path", "nobody=file")
    assert unknown.returncode == 2
    assert "vector_tiles" in unknown.stderr
    assert refresh("--log", tmp_path / "none" / "log").returncode == 2


def test_a_loss_ends_with_1_and_may_be_accepted(refresh: Run, town: Town) -> None:
    town.drop_features("building", 70)
    done = refresh()
    assert done.returncode == 1
    assert "--accept-loss" in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("citytwin:")]) == 1
    assert refresh("--accept-loss").returncode == 0


def test_a_busy_city_ends_with_3(refresh: Run, town: Town) -> None:
    with held(town.snapshots.lock, "the city is being refreshed"):
        done = refresh()
    assert done.returncode == 3
    assert "by process" in done.stderr
    assert refresh("--wait", "5").returncode == 0


def test_ctrl_c_ends_with_130_and_leaves_the_old_city(
    town: Town, environment: dict[str, str], tmp_path: Path
) -> None:
    before = town.fingerprint()
    town.change_value(*CONTOUR)
    words = ["refresh", town.recipe, "--workspace", town.workspace]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *map(str, words)],
        capture_output=True, text=True, env=environment, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 130, done.stdout + done.stderr
    assert done.stderr.startswith("refresh: ")
    assert "stopped" in done.stderr
    assert town.fingerprint() == before
    assert not town.snapshots.drafts.exists()


def test_snapshots_are_listed_and_restored(citytwin: Run, town: Town) -> None:
    (old,) = town.snapshots.all()
    town.change_value(*CONTOUR)
    town.refresh()
    place = ("--workspace", town.workspace)
    listed = json.loads(citytwin("snapshots", "tile", *place, "--json").stdout)["snapshots"]
    assert [row["current"] for row in listed] == [False, True]
    assert listed[0]["id"] == old.id
    assert listed[0]["bytes"] > 0
    done = citytwin("snapshots", "tile", *place, "--restore", old.head)
    assert done.returncode == 0
    assert f"* {old.id}" in done.stdout
    assert town.fingerprint()[:12] == old.head
    unknown = citytwin("snapshots", "tile", *place, "--restore", "zz")
    assert unknown.returncode == 2
    assert old.id in unknown.stderr
    assert citytwin("snapshots", "nowhere", *place).returncode == 2
    assert citytwin("snapshots", town.city).stdout == citytwin("snapshots", "tile", *place).stdout


def test_differences_are_told_and_written(citytwin: Run, town: Town, tmp_path: Path) -> None:
    (old,) = town.snapshots.all()
    town.change_value(*CONTOUR)
    town.refresh()
    same = citytwin("diff", town.city, town.city, "--exit-code")
    assert same.returncode == 0
    assert "none in features" in same.stdout
    done = citytwin("diff", old.path, town.city)
    assert done.returncode == 0
    assert "contours" in done.stdout
    folder = tmp_path / "changes"
    words = ("diff", old.path, town.city, "--exit-code", "--json", "--to", folder)
    told = citytwin(*words)
    assert told.returncode == 1
    content = json.loads(told.stdout)
    assert content["cells"]["changed"] == len(content["cells"]["list"]) > 0
    assert len(gpd.read_file(folder / "cells.geojson")) == content["cells"]["changed"]
    assert citytwin("diff", old.path, tmp_path / "none").returncode == 2


def test_without_a_change_nothing_heavy_is_imported_and_it_takes_no_two_seconds(
    refresh: Run, town: Town, environment: dict[str, str]
) -> None:
    time.sleep(2.1)  # what changed within two seconds is looked at again
    assert refresh().returncode == 0
    words = ["refresh", town.recipe, "--workspace", town.workspace, "--json"]
    code = (
        "import sys, resource\n"
        "sys.argv[0] = 'citytwin'\n"
        "from citytwin.cli import main\n"
        "try:\n    main()\n"
        "finally:\n"
        f"    heavy = [name for name in {HEAVY} if name in sys.modules]\n"
        "    spent = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    sys.stderr.write(f'{heavy} {spent.ru_utime + spent.ru_stime}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        timeout=120,
    )
    assert json.loads(done.stdout)["status"] == "unchanged"
    heavy, seconds = done.stderr.rsplit(" ", 1)
    assert heavy == "[]"
    assert float(seconds) < 2.0
