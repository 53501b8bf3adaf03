"""Ensembles: the sample, the members wherever they run, what they say, going on after a kill."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
import tomli_w
from pydantic import TypeAdapter
from scipy import stats

from citytwin.city import City
from citytwin.cli.words import ensemble_lines
from citytwin.ensemble import Ensemble, run_ensemble
from citytwin.ensemble.distributions import AnyDistribution
from citytwin.ensemble.doubts import all_notes, notes_of
from citytwin.ensemble.member import Member, read_member, write_member
from citytwin.ensemble.running import (
    CELLS,
    MEMBERS,
    arrived,
    kept_of,
    read_manifest,
    risk_of,
)
from citytwin.ensemble.showing import pictures_of
from citytwin.ensemble.statistics import LEVELS, cell_statistics, probability_band, summary_of
from citytwin.errors import InputError, OutputError, ScenarioError
from citytwin.hazards.earthquake import Earthquake
from citytwin.hazards.plume import Plume
from citytwin.impact.numbers import short
from citytwin.kernels.quantiles import cell_quantiles
from citytwin.scenario import Results

#: A storm of three minutes that varies in rain and in what the ground takes.
STORM: dict[str, Any] = {
    "name": "Uncertain storm",
    "hazard": {
        "model": "flood", "rain_mm": 60.0, "rain_h": 0.05, "simulated_h": 0.05, "output_min": 3.0,
        "solver": "inertial",
    },
    "ensemble": {
        "members": 6,
        "seed": 3,
        "parameters": [
            {"field": "rain_mm", "distribution": "normal", "mean": 60.0, "deviation": 15.0, "low": 5.0},
            {"field": "infiltration_mm_h", "distribution": "uniform", "low": 0.0, "high": 30.0},
        ],
    },
}  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    return {**STORM, "ensemble": {**STORM["ensemble"], **changes}}


def ensemble(**changes: Any) -> Ensemble:
    return Ensemble.from_table(plan(**changes), "the ensemble")


@pytest.fixture(scope="module")
def whole(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ensemble run by two processes."""
    return run_ensemble(ensemble(), city, folder=tmp_path_factory.mktemp("ensembles"), workers=2)


def bits(folder: Path) -> list[tuple[int, bytes, dict[str, float]]]:
    return [(m.number, m.cells.tobytes(), m.figures) for m in arrived(folder)]


DISTRIBUTIONS: dict[str, tuple[dict[str, Any], Any]] = {
    "uniform": ({"low": 2.0, "high": 6.0}, stats.uniform(2.0, 4.0)),
    "normal": ({"mean": 3.0, "deviation": 2.0}, stats.norm(3.0, 2.0)),
    "lognormal": ({"median": 4.0, "sigma": 0.5}, stats.lognorm(0.5, scale=4.0)),
    "triangular": (
        {"low": 1.0, "likeliest": 2.0, "high": 5.0}, stats.triang(0.25, loc=1.0, scale=4.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_quantiles_are_those_of_the_distribution(name: str) -> None:
    fields, expected = DISTRIBUTIONS[name]
    adapter: TypeAdapter[Any] = TypeAdapter(AnyDistribution)
    found = adapter.validate_python({"field": "x", "distribution": name, **fields})
    shares = np.linspace(0.001, 0.999, 77)
    assert expected.cdf(found.quantile(shares)) == pytest.approx(shares, abs=1e-12)


def test_a_cut_normal_keeps_to_its_ends_and_choices_are_as_likely() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(AnyDistribution)
    shares = np.linspace(0.0, 1.0, 10_001)[:-1]
    cut = adapter.validate_python(
        {
            "field": "x",
            "distribution": "normal",
            "mean": 0.0,
            "deviation": 9.0,
            "low": -1.0,
            "high": 2,
        }
    )
    assert cut.quantile(shares).min() == pytest.approx(-1.0)
    assert cut.quantile(np.array([1.0])) == pytest.approx(2.0)
    choice = adapter.validate_python(
        {"field": "x", "distribution": "choice", "values": [7, 1, 5, 5]}
    )
    values, counts = np.unique(choice.quantile(shares), return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([1.0, 5.0, 7.0], [2500, 5000, 2500])
    seeds = adapter.validate_python({"field": "x", "distribution": "seed"}).quantile(shares)
    assert np.unique(seeds).size == seeds.size
    assert (seeds == np.floor(seeds)).all()


def test_each_member_has_its_own_slice_of_each_parameter() -> None:
    shares = ensemble(members=50).plan.shares()
    assert shares.shape == (50, 2)
    for column in shares.T:
        assert sorted(np.floor(column * 50).astype(int)) == list(range(50))
    assert (ensemble(members=50).plan.shares() == shares).all()
    assert (ensemble(members=50, seed=4).plan.shares() != shares).any()


def test_parameters_that_go_together_do_so_and_keep_their_slices() -> None:
    pair = [["rain_mm", "infiltration_mm_h", -0.7]]
    shares = ensemble(members=400, correlations=pair).plan.shares()
    scores = stats.norm.ppf(shares)
    assert np.corrcoef(scores, rowvar=False)[0, 1] == pytest.approx(-0.7, abs=0.02)
    for column in shares.T:
        assert sorted(np.floor(column * 400).astype(int)) == list(range(400))
    for wrong, words in (
        ([["rain_mm", "wind", 0.5]], "names 'wind', which no parameter is called"),
        ([["rain_mm", "rain_mm", 0.5]], "with itself"),
        ([["rain_mm", "infiltration_mm_h", 1.5]], "less than 1"),
    ):
        with pytest.raises(ScenarioError, match=words):
            ensemble(correlations=wrong)


def test_risk_is_the_rate_times_what_members_say() -> None:
    values = np.array([0.0, 10.0, 20.0, 30.0])
    found = risk_of({"people": values, "balance.error": values}, 0.2)
    assert set(found) == {"people"}
    people = found["people"]
    assert people["average_annual"] == pytest.approx(3.0)
    assert people["low"] < 3.0 < people["high"]
    assert people["by_return_period"]["20"] == pytest.approx(30.0)
    assert "50" not in people["by_return_period"]  # four members at 0.2 a year: 20 years
    assert risk_of({"people": values}, None) == {}


def test_what_is_fixed_holds_for_every_member() -> None:
    found = ensemble(fixed={"coarser": 1, "precision": "float64"}).members()
    assert {(m.hazard.coarser, m.hazard.precision) for m in found} == {(1, "float64")}  # type: ignore[union-attr]
    with pytest.raises(ScenarioError, match=r"unknown key 'hazard\.colour'"):
        ensemble(fixed={"colour": 1}).members()


def test_members_are_the_scenario_with_their_values() -> None:
    found = ensemble().members()
    values = ensemble().plan.values()
    assert [m.hazard.rain_mm for m in found] == pytest.approx(values[:, 0])  # type: ignore[attr-defined]
    assert {m.hazard.simulated_h for m in found} == {0.05}  # type: ignore[attr-defined]


def test_statistics_of_cells_are_those_of_their_members() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(37, 500)).astype(np.float32)
    found = cell_statistics(values, 0.5)
    for level, layer in zip(LEVELS, (found.p10, found.p50, found.p90), strict=True):
        assert layer == pytest.approx(np.quantile(values, level, axis=0), abs=1e-6)
    assert found.probability == pytest.approx((values >= 0.5).mean(axis=0))
    one, many = (cell_quantiles(values, np.asarray(LEVELS), parallel=p) for p in (False, True))
    assert one.tobytes() == many.tobytes()
    order = rng.permutation(37)
    assert cell_statistics(values[order], 0.5).p90.tobytes() == found.p90.tobytes()


def test_what_never_came_counts_as_later_than_all_that_came() -> None:
    values = np.array([[10.0, np.nan], [20.0, np.nan], [np.nan, 5.0], [30.0, np.nan]], np.float32)
    found = cell_statistics(values, None)
    assert found.probability.tolist() == [0.75, 0.25]
    assert found.p50.tolist()[0] == 25.0
    assert np.isnan(found.p50[1])
    assert np.isnan(found.p90).all()
    odd = np.array([[1.0], [2.0], [3.0], [np.nan], [np.nan]], np.float32)
    assert cell_statistics(odd, None).p50.tolist() == [3.0]  # the third of five is a member


def test_the_band_of_a_probability_is_that_of_clopper_and_pearson() -> None:
    low, high = probability_band(3, 20, 0.95)
    assert stats.binom.sf(2, 20, low) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 20, high) == pytest.approx(0.025)
    assert probability_band(0, 200)[1] == pytest.approx(1.0 - 0.05 ** (1.0 / 200.0))
    assert probability_band(5, 5) == (pytest.approx(0.05**0.2), 1.0)


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


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1234.5, "1,234"),
        (99.94, "99.9"),
        (0.5, "0.5"),
        (7.6e-13, "0"),
        (-250.0, "-250"),
        (0.0, "0"),
    ],
)
def test_numbers_are_as_people_read_them(value: float, words: str) -> None:
    assert short(value) == words


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


def test_notes_that_differ_in_numbers_alone_are_said_once() -> None:
    none = np.empty(0, np.float32)
    said = [
        (f"Heavy gas, {times:g} times the limit: not verified.", "Rain: 3 mm.", "As given.")
        for times in (9.5, 12.0, 9.5)
    ]
    members = [Member(at, none, {}, notes=notes) for at, notes in enumerate(said)]
    once = "Heavy gas, 9.5 times the limit: not verified. (others say so with other numbers)"
    assert notes_of(members) == [once, "Rain: 3 mm.", "As given."]
    assert all_notes(members) == [once, "Rain: 3 mm.", "As given."]
    worse = Member(3, none, {}, notes=(*said[0], "WARNING: beyond the range.", "Sewers take 9 mm."))
    assert notes_of([*members, worse])[-1] == "WARNING: beyond the range."


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


def test_shares_of_the_variance_are_those_of_a_function_that_is_known() -> None:
    """Ishigami & Homma 1990: S1 = 0.3139, 0.4424, 0; ST = 0.5576, 0.4424, 0.2437 (a = 7, b = 0.1)."""
    pytest.importorskip("SALib")
    from citytwin.ensemble.sensitivity import saltelli, sobol_indices

    x = np.pi * (2.0 * saltelli(3, 4096, 1) - 1.0)
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    rows = sobol_indices(["a", "b", "c"], {"y": y, "flat": np.ones(len(y))}, 1)
    assert {row["figure"] for row in rows} == {"y"}
    assert [row["first_order"] for row in rows] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [row["total"] for row in rows] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"members": 0}, "'ensemble.members' of the ensemble is wrong"),
        ({"parameters": []}, "the ensemble is wrong: nothing varies: give 'parameters' or 'joint'"),
        (
            {"parameters": [{"field": "rain", "distribution": "uniform", "low": 0.0, "high": 1.0}]},
            "'rain' of the ensemble's parameters is no number of what happens",
        ),
        (
            {"parameters": [{"field": "rain_mm", "distribution": "uniform", "low": 9.0, "high": 1.0}]},
            "'high' of 'rain_mm' is not above 'low'",
        ),
        (
            {"parameters": [{"field": "rain_mm", "distribution": "uniform", "low": -9.0, "high": 0.1}]},
            "'hazard.rain_mm' of member",
        ),
        ({"parameters": STORM["ensemble"]["parameters"][:1] * 2}, "'rain_mm' varies twice"),
        ({"members": 6, "sensitivity": True}, "must be a power of two"),
        (
            {"members": 3, "correlations": [["rain_mm", "infiltration_mm_h", 0.5]]},
            "3 members are too few for correlated parameters",
        ),
        ({"membres": 6}, "did you mean 'members'"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_sentence(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words) as caught:
        ensemble(**changes).members()
    assert "\n" not in str(caught.value)


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


def test_the_probability_s_title_says_the_class_where_it_has_words() -> None:
    leak = {"distribution": "uniform", "low": 1.0, "high": 2.0, "field": "rate_kg_s"}
    plan = {"members": 2, "parameters": [leak]}
    table = {"hazard": {"model": "plume"}, "ensemble": plan}
    ensemble = Ensemble.from_table(table, "the leak")
    (first, *_) = pictures_of(ensemble, "aegl_zone", 2.0)
    zone = next(one for one in Plume.pictures if one.values == "aegl_zone")
    assert first.title == f"Probability of “{zone.words[1]}” or more: {zone.short}"
    assert first.title_zh == f"达到“{zone.words_zh[1]}”的概率：{zone.short_zh}"


def test_the_probability_of_an_earthquake_counts_from_damage_on() -> None:
    assert kept_of(Earthquake, "", None) == ("mmi", 6.5)
    assert kept_of(Plume, "", None) == ("aegl_zone", 2.0)
