"""The command line as people use it: outcomes, JSON for machines, and what a stop leaves behind."""

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from citytwin.city import City
from citytwin.cli import main as run_main
from citytwin.cli.console import Voice
from citytwin.cli.hazard import _cases
from citytwin.errors import InputError
from citytwin.hazards.cases import Verification
from citytwin.hazards.flood import Flood
from citytwin.scenario.results import Results
from citytwin.variables import VARIABLES

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
SHORT = (
    '[hazard]\nmodel = "flood"\nrain_mm = 60\nrain_h = 0.3\nsimulated_h = 0.5\noutput_min = 10\n'
)
STOPPABLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
COMMAND = STOPPABLE + "from citytwin.cli import main; main()"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "storm.toml"
    path.write_text('name = "Short storm"\n' + SHORT, encoding="utf-8")
    return path


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line in this process: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["citytwin", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run_main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_brackets_are_said_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal, too: a step of a chain may be called [/a], a file [b].csv."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Voice(as_json=False).task("build") as task:
        task.share(0.5, "[/a]: half of it")
        task.step("read", 0.9, "rows of [b].csv [m]")
    assert "build: read: rows of [b].csv [m]" in capsys.readouterr().err


def test_no_help_loses_a_unit_in_brackets() -> None:
    """Brackets are marks of style in a help text: what is in them is not shown."""
    for path in sorted((ROOT / "citytwin" / "cli").glob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"help=f?\".*\[[a-z%]", line), f"{path.name}: {line}"


def test_what_cannot_be_verified_is_told_what_can() -> None:
    with pytest.raises(InputError, match=r"choose one of earthquake, .*, impact, ensemble"):
        _cases("nope")


def test_help_names_every_command(citytwin: Run) -> None:
    said = citytwin("--help")
    assert said.returncode == 0
    for command in ("demo", "build", "run", "app", "verify", "bench", "hazards", "info"):
        assert f" {command} " in said.stdout


@pytest.mark.parametrize(
    "words", [("flod",), ("build",), ("run", "x", "--no-such"), ("bench", "flood", "--cells", "1")]
)
def test_wrong_words_end_in_two(inside: Any, words: tuple[str, ...]) -> None:
    code, out, err = inside(*words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert "Error: " in err


def test_wrong_words_of_a_program_end_in_two(citytwin: Run) -> None:
    said = citytwin("flod")
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1] == "Error: No such command 'flod'."


def test_build_says_what_the_city_holds(
    citytwin: Run, coarse_recipe: Path, city: City, tmp_path: Path
) -> None:
    built = citytwin("build", coarse_recipe, "--output", tmp_path / "sf.duckdb")
    assert built.returncode == 0, built.stderr
    for words in ("Buildings   13,175", "Streets     191.4 km", f"Cells       {len(city.grid):,}"):
        assert words in built.stdout
    assert "assumed, not counted: homes' floor area" in built.stdout
    for name in ("building area", "floor area", "people", "street length"):
        assert f"  {name} " in built.stdout
    assert "© OpenStreetMap contributors © Mapbox" in built.stdout
    # Every step is a line in a log: rows and seconds.
    lines = built.stderr.splitlines()
    assert all(line.startswith("build: ") for line in lines)
    assert len(lines) == 12
    assert all(" rows, " in line and " s" in line for line in lines)
    # The same inputs give the same fingerprint, in another process and at another time.
    with City.open(tmp_path / "sf.duckdb") as again:
        assert again.fingerprint == city.fingerprint


def test_info_as_json_gives_totals_and_sources(inside: Any, city: City, city_file: Path) -> None:
    code, out, err = inside("info", city_file, "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert facts["fingerprint"] == city.fingerprint
    assert facts["buildings"] == 13175
    assert facts["cells"] == len(city.grid)
    for row in facts["totals"].values():
        assert abs(row["after"] - row["before"]) <= 1e-9 * row["before"]
    assert len(facts["sources"]) >= 9
    assert all(len(row["sha256"]) == 64 for row in facts["sources"])


def test_run_says_what_happened_and_does_not_repeat_it(
    inside: Any, scenario: Path, city_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("run", scenario, "--city", city_file, "--workspace", tmp_path / "w")
    code, out, err = inside(*words)
    assert code == 0, err
    assert "Scenario    Short storm" in out
    assert "unaccounted for" in out
    assert "people who live there" in out
    assert "Streets impassable to cars (0.3 m of water or more):" in out
    assert all(line.startswith("run: ") for line in err.splitlines())
    (folder,) = (tmp_path / "w" / "runs").iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    def never(*_: Any) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr(Flood, "simulate", never)
    code, out, err = inside(*words, "--json")
    assert code == 0
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    facts = json.loads(out)
    assert {
        "key",
        "results",
        "scenario",
        "balance",
        "notes",
        "complete",
        "balance_sentence",
        "seconds",
        "impact",
    } == set(facts)
    assert facts["key"] == folder.name
    assert facts["balance"]["balance_error"] == pytest.approx(0.0, abs=1e-5)
    impact = facts["impact"]
    assert {"people", "buildings", "roads", "counts", "curves", "levels"} <= set(impact)
    assert "series" not in impact
    assert {count["name"] for count in impact["counts"]} >= {"displaced", "damage"}
    assert "known from an earlier run" in err


def test_the_workspace_s_only_city_needs_no_name(
    inside: Any, scenario: Path, city_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "cities").mkdir()
    code, _, err = inside("run", scenario, "--workspace", tmp_path)
    assert code == 2
    assert "build one with 'citytwin build RECIPE'" in err
    (tmp_path / "cities" / "a.duckdb").symlink_to(city_file)
    code, _, err = inside("run", scenario, "--workspace", tmp_path)
    assert code == 0, err
    (tmp_path / "cities" / "b.duckdb").symlink_to(city_file)
    code, _, err = inside("run", scenario, "--workspace", tmp_path)
    assert code == 2
    assert "holds several cities (a.duckdb, b.duckdb): name one" in err


@pytest.fixture
def coarse_demo(tile_recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo with a city that is built in seconds, and no app."""
    module = importlib.import_module("citytwin.cli.city")
    ours = module.share

    def coarse(*parts: str) -> Path:
        return tile_recipe if parts[-1] == "san-francisco.toml" else ours(*parts)

    monkeypatch.setattr(module, "share", coarse)
    monkeypatch.setattr(module, "launch_app", lambda *_, **__: pytest.fail("opened the app"))


@pytest.mark.usefixtures("coarse_demo")
def test_demo_builds_runs_and_tells(inside: Any, tmp_path: Path) -> None:
    code, out, err = inside("demo", "--no-app", "--workspace", tmp_path)
    assert code == 0, err
    for words in ("Buildings ", "Streets ", "Cells ", "People ", "Totals before and after",
                  "Balance ", "buildings ", "people who live there"):  # fmt: skip
        assert words in out
    assert len(list((tmp_path / "cities").iterdir())) == 1
    assert len(list((tmp_path / "runs").iterdir())) == 1


@pytest.mark.usefixtures("coarse_demo")
def test_demo_tells_machines(inside: Any, tmp_path: Path) -> None:
    code, out, err = inside("demo", "--no-app", "--workspace", tmp_path, "--json")
    assert code == 0, err
    facts = json.loads(out)
    assert {"buildings", "street_km", "cells", "people", "totals", "run"} <= set(facts)
    assert {"balance", "balance_sentence", "impact"} <= set(facts["run"])
    assert facts["run"]["balance"]["rain_m3"] > 0.0
    assert abs(facts["run"]["balance"]["balance_error"]) <= 1e-5
    for group in ("people", "buildings"):
        assert list(facts["run"]["impact"][group]) == ["0.15", "0.3", "0.5", "1"]
    for row in facts["totals"].values():
        assert abs(row["after"] - row["before"]) <= 1e-9 * row["before"]


def test_hazards_lists_models_and_their_fields(citytwin: Run, inside: Any) -> None:
    said = citytwin("hazards", "--json")
    assert said.returncode == 0
    assert said.stderr == ""
    (flood,) = [row for row in json.loads(said.stdout)["hazards"] if row["name"] == "flood"]
    assert flood["title"] == Flood.title
    fields = flood["schema"]["properties"]
    assert set(fields) == set(Flood.model_fields)
    assert fields["rain_mm"]["unit"] == "mm"
    assert all(field["description"] for field in fields.values())
    code, out, _ = inside("hazards")
    assert code == 0
    assert "  rain_mm [mm] = 80.0: Rain that falls in the whole storm" in out


def cases(*figures: float) -> tuple[Verification, ...]:
    """Verification cases with given figures and a bound of one."""
    return tuple(
        Verification(f"case {k}", lambda _, f=figure: f, 1.0, "m", "nobody")
        for k, figure in enumerate(figures)
    )


def test_verify_runs_the_registered_cases(
    inside: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = tuple(case for case in Flood.verification() if "slope at" in case.name)
    assert len(quick) == 3
    monkeypatch.setattr(Flood, "verification", classmethod(lambda _: quick))
    code, out, err = inside("verify", "flood", "--json", "--workspace", tmp_path)
    assert code == 0, err
    facts = json.loads(out)
    assert set(facts) == {"passed", "site", "cases"}
    assert facts["passed"] is True
    assert facts["site"] is None
    for row, case in zip(facts["cases"], quick, strict=True):
        words = {"model", "case", "figure", "bound", "unit", "source", "passed"}
        assert set(row) == words | {"laws"}
        assert (row["model"], row["case"], row["bound"]) == ("flood", case.name, case.bound)
        assert 0.0 <= row["figure"] <= row["bound"]


@pytest.mark.parametrize("bad", [1.5, float("nan")])
def test_verify_fails_where_a_case_fails(
    inside: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: float
) -> None:
    monkeypatch.setattr(Flood, "verification", classmethod(lambda _: cases(0.5, bad)))
    code, out, _ = inside("verify", "flood", "--workspace", tmp_path)
    assert code == 1
    assert "pass  case 0: 0.5 m, at most 1 m (nobody)" in out
    assert "FAIL  case 1:" in out
    code, out, _ = inside("verify", "flood", "--json", "--workspace", tmp_path)
    assert code == 1
    facts = json.loads(out)
    assert facts["passed"] is False
    assert [row["passed"] for row in facts["cases"]] == [True, False]


def test_verify_takes_the_city_for_cases_that_need_one(
    inside: Any, city: City, city_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(site: Any) -> float:
        assert set(site.layers) <= set(VARIABLES)
        return float(len(site.grid))

    case = Verification("cells", count, 1e9, "1", "nobody", needs_site=True)
    monkeypatch.setattr(Flood, "verification", classmethod(lambda _: (case,)))
    code, out, _ = inside("verify", "flood", "--json", "--city", city_file)
    facts = json.loads(out)
    assert (code, facts["site"]) == (0, city.title)
    assert facts["cases"][0]["figure"] == len(city.grid)
    code, out, _ = inside("verify", "flood", "--workspace", tmp_path)
    assert code == 0
    assert "cases on a real city were left out" in out


def test_verify_of_an_unknown_model_lists_the_known(inside: Any) -> None:
    code, out, err = inside("verify", "floood")
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "nothing called 'floood' to verify: choose one of " in err


def test_bench_gives_the_documented_figures(citytwin: Run) -> None:
    said = citytwin("bench", "flood", "--cells", 20_000, "--json")
    assert said.returncode == 0, said.stderr
    facts = json.loads(said.stdout)
    figures = {"cell_steps_per_s", "bytes_per_cell_step", "stream_triad_bytes_per_s", "ratio"}
    assert figures <= set(facts)
    assert all(facts[name] > 0.0 for name in figures)
    product = facts["cell_steps_per_s"] * facts["bytes_per_cell_step"]
    assert facts["ratio"] == pytest.approx(product / facts["stream_triad_bytes_per_s"], rel=1e-12)
    assert facts["wet_cells"] == facts["cells"]
    assert facts["cells"] == pytest.approx(20_000, rel=0.02)


def start(environment: dict[str, str], *words: object) -> subprocess.Popen[str]:
    """The command line as a process that listens to Ctrl-C even when the tests do not."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(words):
            return
    process.communicate(timeout=60)
    raise AssertionError(f"the program ended without saying '{words}'")


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_in_a_run_keeps_what_was_computed(
    environment: dict[str, str], city_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "long.toml"
    path.write_text(
        '[hazard]\nmodel = "flood"\nsimulated_h = 72\noutput_min = 60\n', encoding="utf-8"
    )
    process = start(environment, "run", path, "--city", city_file, "--workspace", tmp_path)
    wait_for(process, "run: 0%")
    assert [entry.name[:7] for entry in (tmp_path / "runs").iterdir()] == [".draft-"]
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "citytwin: stopped; nothing was left half-written"
    (part,) = (tmp_path / "runs").iterdir()
    assert part.name.endswith("-part")
    assert not Results.open(part).complete


@pytest.mark.skipif(os.name != "posix", reason="kills a process by its signal")
def test_a_killed_build_leaves_the_old_city_and_the_next_one_tidies_up(
    environment: dict[str, str], tile_recipe: Path, tile_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "sf.duckdb"
    target.write_bytes(tile_file.read_bytes())
    process = start(environment, "build", tile_recipe, "--output", target)
    wait_for(process, "build: layers")
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    left = {path.name for path in tmp_path.iterdir()} - {"sf.duckdb"}
    assert left, "the build was killed before it wrote anything"
    assert target.read_bytes() == tile_file.read_bytes()
    with City.open(target) as old, City.open(tile_file) as same:
        assert old.fingerprint == same.fingerprint
        assert len(old.table("buildings")) == old.counts["buildings"]
    process = start(environment, "build", tile_recipe, "--output", target)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert [path.name for path in tmp_path.iterdir()] == ["sf.duckdb"]


def test_what_run_wrote_can_be_opened(
    citytwin: Run, scenario: Path, city_file: Path, tmp_path: Path
) -> None:
    said = citytwin("run", scenario, "--city", city_file, "--workspace", tmp_path, "--json")
    assert said.returncode == 0, said.stderr
    results = Results.open(json.loads(said.stdout)["results"])
    assert results.scenario.name == "Short storm"
    assert results.summary["depth_max"].max() > 0.0


def test_an_output_that_is_closed_early_is_no_error(environment: dict[str, str]) -> None:
    process = start(environment, "hazards")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert "Traceback" not in err
    assert process.returncode in (0, 1)
