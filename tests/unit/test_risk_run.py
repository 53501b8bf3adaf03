"""A risk as a user runs it: events, frequencies, strategies; what is wrong in one sentence."""

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
import tomli_w

from citytwin.city import City
from citytwin.cli.risk import risk_lines
from citytwin.errors import CityTwinError
from citytwin.impact.risk import annuity
from citytwin.risk import Risk, run_risk
from citytwin.risk.writing import CELLS, CURVES, EVENTS, MANIFEST, PAGE, read_manifest
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
STORM: dict[str, Any] = {
    "model": "flood", "rain_h": 0.05, "simulated_h": 0.05, "output_min": 3.0, "solver": "inertial",
}  # fmt: skip
BOX = [[-122.46, 37.755], [-122.435, 37.755], [-122.435, 37.778], [-122.46, 37.778]]
PAVING = {
    "kind": "permeable_paving",
    "name": "paving",
    "area": BOX,
    "bed_mm": 60.0,
    "bed_mm_h": 5000.0,
}
EUROS = {"amount": 1000.0, "currency": "EUR", "year": 2010}
PAVE = {
    "name": "pave", "years": 30, "discount": 0.03, "upkeep_per_year": 10.0,
    "measures": [{**PAVING, "cost": EUROS}],
}  # fmt: skip
EVENTS_OF = [
    {"name": "ten", "return_period_y": 10.0, "hazard": {"rain_mm": 60.0}},
    {"name": "hundred", "return_period_y": 100.0, "hazard": {"rain_mm": 110.0}},
    {"name": "thousand", "return_period_y": 1000.0, "hazard": {"rain_mm": 160.0}},
]
RISK: dict[str, Any] = {
    "name": "storms",
    "hazard": STORM,
    "events": EVENTS_OF,
    "strategies": [PAVE],
}


def risk(**changes: Any) -> Risk:
    table = {name: value for name, value in {**RISK, **changes}.items() if value is not None}
    return Risk.from_table(table, "the risk", Path())


@pytest.fixture(scope="module")
def whole(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The risk run by two processes."""
    return run_risk(risk(), city, folder=tmp_path_factory.mktemp("risks"), workers=2)


def impacts(folder: Path, alternative: str, figure: str) -> Any:
    table = pd.read_csv(folder / EVENTS)
    return table[table["alternative"] == alternative][figure].to_numpy()


def test_averages_are_those_of_the_events_by_hand(whole: Path) -> None:
    manifest = read_manifest(whole)
    assert manifest["complete"]
    assert (manifest["runs"], manifest["of"]) == (6, 6)
    plain, paved = manifest["alternatives"]
    assert (plain["name"], paved["name"]) == ("as it is", "pave")
    x, y = impacts(whole, "as it is", "damage"), impacts(whole, "pave", "damage")
    assert (np.diff(x) > 0.0).all()
    assert (y < x).all()
    mean = 0.09 * (x[0] + x[1]) / 2 + 0.009 * (x[1] + x[2]) / 2 + 0.001 * x[2]
    damage = plain["figures"]["damage"]
    assert damage["unit"] == "EUR 2010"
    assert damage["average_annual"]["value"] == pytest.approx(mean)
    assert damage["average_annual"]["low"] == pytest.approx(
        0.09 * x[0] + 0.009 * x[1] + 0.001 * x[2]
    )
    assert damage["average_annual"]["high"] == pytest.approx(
        0.09 * x[1] + 0.009 * x[2] + 0.001 * x[2]
    )
    averted = paved["figures"]["damage"]["averted"]["value"]
    assert averted == pytest.approx(mean - paved["figures"]["damage"]["average_annual"]["value"])
    assert averted > 0.0
    found = paved["worth"]["value"]
    factor = annuity(30, 0.03)
    assert found["benefit"] == pytest.approx(averted * factor)
    assert found["cost"] == pytest.approx(1000.0 + 10.0 * factor)
    assert found["net"] == pytest.approx(found["benefit"] - found["cost"])
    assert found["ratio"] == pytest.approx(found["benefit"] / found["cost"])
    # Between design events what is averted may rise and fall: no band.
    assert paved["worth"]["low"]["benefit"] is None
    assert "lower and upper sums" in manifest["band"]
    assert any("most frequent event" in note for note in manifest["notes"])
    assert any("not verified" in note for note in manifest["notes"])


def test_cells_add_up_to_the_city(whole: Path, city: City) -> None:
    cells = pd.read_parquet(whole / CELLS)
    assert len(cells) == len(city.grid)
    plain, paved = read_manifest(whole)["alternatives"]
    for column, figures in (("damage", plain), ("damage.strategy1", paved)):
        mean = figures["figures"]["damage"]["average_annual"]["value"]
        assert cells[column].sum() == pytest.approx(mean, rel=1e-5)
    people = plain["figures"]["people.0.15"]["average_annual"]["value"]
    assert cells["people.0.15"].sum() == pytest.approx(people, rel=1e-5)
    assert set(cells["exceeded"].round(9)) <= {0.0, 0.001, 0.01, 0.1}


def test_curves_and_page_show_every_alternative(whole: Path) -> None:
    curves = pd.read_csv(whole / CURVES)
    damage = curves[curves["figure"] == "damage"]
    assert damage["return_period_y"].tolist() == [10.0, 100.0, 1000.0] * 2
    assert damage["impact"].tolist()[:3] == pytest.approx(impacts(whole, "as it is", "damage"))
    text = (whole / PAGE).read_text(encoding="utf-8")
    assert text.count("<svg") == 3
    assert "damage to buildings and contents [EUR 2010]" in text
    assert "people, ≥ 0.15 m" in text
    assert "averted by pave" in text
    assert text.index("What strategies are worth") < text.index("Average of a year")
    assert "– to –" not in text
    assert "people.0.15" not in text
    assert "http" not in text


def test_numbers_are_said_in_words(whole: Path) -> None:
    manifest = read_manifest(whole)
    for one in manifest["alternatives"]:
        for figure in one["figures"].values():
            assert "_" not in figure["title"]
            assert re.search(r"[\u4e00-\u9fff]", figure["title_zh"])
    lines = "\n".join(risk_lines(manifest, whole))
    assert "people who cannot stay at home" in lines
    assert "people.0.15" not in lines
    assert "_" not in lines.partition("Results")[0]


def test_what_is_known_is_not_run_again(whole: Path, city: City) -> None:
    """Another frequency, cost or strategy is another risk on the same runs."""
    members = whole.parent / "members"
    before = {path.name: path.stat().st_mtime_ns for path in members.iterdir()}
    events = [{**row, "return_period_y": 2.0 * row["return_period_y"]} for row in EVENTS_OF]
    again = run_risk(risk(events=events, strategies=None), city, folder=whole.parent)
    assert again != whole
    assert {path.name: path.stat().st_mtime_ns for path in members.iterdir()} == before
    one, two = (
        read_manifest(folder)["alternatives"][0]["figures"]["damage"]["average_annual"]["value"]
        for folder in (whole, again)
    )
    assert two == pytest.approx(one / 2.0)


def test_a_killed_worker_loses_nothing(whole: Path, city: City, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(done: float, note: str) -> None:
        del note
        if done > 0.1 and not killed:
            children = psutil.Process().children(recursive=True)
            workers = [p for p in children if "spawn_main" in " ".join(p.cmdline())]
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    there = run_risk(risk(strategies=None), city, folder=tmp_path, progress=kill)
    assert killed
    assert (impacts(there, "as it is", "damage") == impacts(whole, "as it is", "damage")).all()


def test_a_stopped_risk_goes_on(whole: Path, city: City, tmp_path: Path) -> None:
    done = threading.Event()

    def note(share: float, words: str) -> None:
        del words
        if share > 0.1:
            done.set()

    plan = risk()  # one that runs and one that waits at the worker still come
    there = run_risk(plan, city, folder=tmp_path, workers=1, progress=note, stopped=done.is_set)
    part = read_manifest(there)
    assert not part["complete"]
    assert 0 < part["runs"] < part["of"]
    run_risk(plan, city, folder=tmp_path, workers=1)
    assert (impacts(there, "as it is", "damage") == impacts(whole, "as it is", "damage")).all()
    assert read_manifest(there)["complete"]


def test_a_catalogue_is_a_set_of_observed_events(city: City, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "name,rain_mm,tide\nfirst,60,0.3\nsecond,110,0.1\nthird,160,0.2\n", encoding="utf-8"
    )
    table = {
        "hazard": STORM, "catalogue": "events.csv", "columns": {"rain_mm": "rain_mm"}, "years": 30.0,
    }  # fmt: skip
    there = run_risk(
        Risk.from_table(table, "the risk", tmp_path), city, folder=tmp_path / "risks", workers=1
    )
    manifest = read_manifest(there)
    assert [event["name"] for event in manifest["events"]] == ["first", "second", "third"]
    x = impacts(there, "as it is", "damage")
    mean = manifest["alternatives"][0]["figures"]["damage"]["average_annual"]
    assert mean["value"] == pytest.approx(x.sum() / 30.0)
    assert mean["low"] < mean["value"] < mean["high"]
    assert "3 events in 30 years" in manifest["band"]
    exceeded = pd.read_parquet(there / CELLS)["exceeded"]
    assert set(exceeded.round(9)) <= {0.0, round(1 / 30, 9), round(2 / 30, 9), 0.1}


def test_days_become_a_sampled_set(city: City, tmp_path: Path) -> None:
    """Synthetic days: lognormal rain and an infiltration that goes with it."""
    rng = np.random.default_rng(0)
    rain = 40.0 * np.exp(0.3 * rng.normal(size=400))
    soil = np.clip(5.0 + 0.05 * rain + rng.normal(size=400), 0.0, 30.0)
    dates = np.datetime64("2000-01-01") + np.arange(400)
    rows = [f"{d},{a:.6g},{b:.6g}" for d, a, b in zip(dates, rain, soil, strict=True)]
    (tmp_path / "days.csv").write_text("\n".join(["date,rain_mm,soil", *rows]), encoding="utf-8")
    table = {
        "hazard": STORM,
        "joint": {
            "file": "days.csv", "members": 6, "above": {"rain_mm": 55.0}, "apart_days": 1, "tail": 0.2,
            "columns": {"rain_mm": "rain_mm", "soil": "infiltration_mm_h"},
        },
    }  # fmt: skip
    found = Risk.from_table(table, "the risk", tmp_path)
    there = run_risk(found, city, folder=tmp_path / "risks", workers=2)
    manifest = read_manifest(there)
    joint = manifest["joint"]
    assert joint["rate_per_year"] == pytest.approx(joint["events"] / (400 / 365.25))
    x = impacts(there, "as it is", "damage")
    mean = manifest["alternatives"][0]["figures"]["damage"]["average_annual"]
    assert mean["value"] == pytest.approx(joint["rate_per_year"] * x.mean())
    assert mean["low"] < mean["value"] < mean["high"]


def test_the_command_says_it_in_words_and_in_json(
    citytwin: Run, whole: Path, city_file: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "ws"
    workspace.mkdir()
    (workspace / "risks").symlink_to(whole.parent)
    path = tmp_path / "storms.toml"
    path.write_text(tomli_w.dumps(RISK), encoding="utf-8")
    said = citytwin("risk", path, "--city", city_file, "--workspace", workspace)
    assert said.returncode == 0, said.stderr
    for words in ("Risk        storms: 3 events", "EUR 2010", "Strategy    pave", "ratio", "Band "):
        assert words in said.stdout
    found = citytwin("risk", path, "--city", city_file, "--workspace", workspace, "--json")
    facts = json.loads(found.stdout)
    stored = json.loads((whole / MANIFEST).read_text(encoding="utf-8"))
    assert facts["alternatives"] == stored["alternatives"]


def test_the_one_that_travels_is_whole() -> None:
    found = Risk.load(ROOT / "pipelines" / "risks" / "cloudburst.toml")
    assert len(found.set.events) == 5
    assert len(found.strategies) == 2
    text = (ROOT / "pipelines" / "risks" / "cloudburst.toml").read_text(encoding="utf-8")
    assert "assumed" in text


def strategy(**changes: Any) -> list[dict[str, Any]]:
    return [{**PAVE, **changes}]


def costing(**cost: Any) -> list[dict[str, Any]]:
    return [{**PAVING, "cost": {**EUROS, **cost}}]


TWICE = [EVENTS_OF[0], {**EVENTS_OF[1], "return_period_y": 10.0}]
MIXED = [EVENTS_OF[0], {"name": "rare", "frequency_per_year": 0.01}]
NEGATIVE = [{"name": "rare", "frequency_per_year": -0.01}]
KINDS = [EVENTS_OF[0], {"name": "blaze", "return_period_y": 50.0, "hazard": {"model": "fire"}}]


APART = [
    {"name": "ten", "frequency_per_year": 0.1, "hazard": {"rain_mm": 60.0}},
    {"name": "blaze", "frequency_per_year": 0.01, "hazard": {"model": "fire"}},
]


def test_events_may_be_files_and_chains(tmp_path: Path) -> None:
    scenarios = ROOT / "pipelines" / "scenarios"
    events = [
        {"name": "rain", "frequency_per_year": 0.1, "file": str(scenarios / "cloudburst.toml")},
        {
            "name": "quake",
            "frequency_per_year": 0.01,
            "file": str(scenarios / "earthquake-fire.toml"),
        },
    ]
    found = Risk.from_table({"events": events}, "the risk", tmp_path)
    assert isinstance(found.set.events[0].source, Scenario)
    assert isinstance(found.set.events[1].source, Chain)
    assert found.hazard() is None
    with pytest.raises(CityTwinError, match="does not act on the hazard 'earthquake'"):
        Risk.from_table({"events": events, "strategies": [PAVE]}, "the risk", tmp_path)
    flooded = Chain.from_table(
        {
            "steps": [
                {"name": "rain", "hazard": STORM},
                {"name": "blaze", "hazard": {"model": "fire"}},
            ]
        }
    )
    flooded.save(tmp_path / "chain.toml")
    both = [{"name": "both", "return_period_y": 50.0, "file": "chain.toml"}]
    paved = Risk.from_table({"events": both, "strategies": [PAVE]}, "the risk", tmp_path)
    source = paved.sources()["pave"][0]
    assert isinstance(source, Chain)
    assert [len(step.scenario.measures) for step in source.steps] == [1, 0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"events": TWICE}, "'ten' and 'hundred' of the risk have the same return period of 10 years"),
        ({"events": NEGATIVE}, r"'events\.0\.frequency_per_year' of the risk is wrong: .*than 0"),
        ({"events": MIXED}, "some events a return period and others a frequency"),
        ({"events": [{"name": "a"}]}, "needs either return_period_y or frequency_per_year"),
        ({"events": [EVENTS_OF[0]] * 2}, "two events of the risk are called 'ten'"),
        ({"events": KINDS}, r"different kinds \(fire; flood\) by return period"),
        ({"events": None}, "has no events: give one of"),
        ({"events": EVENTS_OF, "catalogue": "a.csv"}, "gives events and catalogue: give one of"),
        ({"events": EVENTS_OF, "years": 30.0}, "'years' of the risk says nothing beside return"),
        ({"hazard": None}, "event 'ten' of the risk lacks the key 'hazard.model'"),
        ({"events": [{**EVENTS_OF[0], "file": "no.toml", "hazard": {}}], "hazard": None},
         "no scenario file no.toml"),
        ({"events": [{**EVENTS_OF[0], "file": "no.toml", "hazard": {}}]},
         r"\[hazard\] stands beside events that are all from files"),
        ({"events": EVENTS_OF, "base": "b.toml"}, r"'base' stands beside \[\[events\]\]"),
        ({"events": EVENTS_OF, "columns": {"a": "rain_mm"}}, "stands without a catalogue"),
        ({"strategies": strategy(measures=costing(currency="USD", year=2024))},
         r"cost in USD 2024, but damage is in EUR 2010: give the table \[exchange\]"),
        ({"strategies": strategy(measures=costing(year=2020))}, "has a cost in EUR 2020"),
        ({"strategies": strategy(measures=[PAVING])}, "is in the money of its measures' costs"),
        ({"strategies": strategy(measures=[])}, "has no measures"),
        ({"strategies": strategy(name="as it is")}, "'as it is', which always runs"),
        ({"strategies": strategy() * 2}, "two strategies of the risk are called 'pave'"),
        ({"strategies": strategy(years=0)}, "'years' of strategy 1 of the risk is wrong"),
        ({"strategies": strategy(discount=-0.1)}, "'discount' of strategy 1 of the risk is wrong"),
        ({"strategies": strategy(upkeep_per_year=-1.0)}, "'upkeep_per_year' of strategy 1"),
        ({"hazard": {"model": "fire"},
          "events": [{"name": "a", "frequency_per_year": 0.1}]}, "does not act on the hazard 'fire'"),
        ({"evnts": []}, "did you mean 'events'"),
        ({"exchange": {"dollars": 0.5}}, "'exchange.dollars"),
        ({"exchange": {"USD 2024": -0.5}}, "'exchange.USD 2024' of the risk is wrong: .* than 0"),
        ({"events": APART, "strategies": None, "above": 0.5}, "its events are of several kinds"),
    ],
)  # fmt: skip
def test_wrong_risks_are_one_sentence(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CityTwinError, match=words) as caught:
        risk(**changes)
    assert "\n" not in str(caught.value)


def test_costs_in_other_money_count_by_their_exchange(whole: Path, city: City) -> None:
    dollars = strategy(measures=costing(currency="USD", year=2024))
    there = run_risk(
        risk(strategies=dollars, exchange={"USD 2024": 0.5}), city, folder=whole.parent
    )
    paved = read_manifest(there)["alternatives"][1]
    assert paved["investment"] == 500.0
    assert paved["upkeep_per_year"] == 5.0


@pytest.mark.parametrize(
    ("rows", "changes", "words"),
    [
        ("rain_mm\n60\n", {"columns": {"rain": "rain_mm"}}, "lacks the column 'rain'"),
        (
            "rain_mm\n60\n",
            {"columns": {"rain_mm": "rain"}},
            "'rain' in the columns of the risk is no",
        ),
        ("rain_mm\n60\n", {"columns": {}}, r"lacks the table \[columns\]"),
        ("rain_mm\n60\n", {"years": None}, "nothing says how often"),
        ("rain_mm\n", {}, "is empty: give it a row or more"),
        ("rain_mm\nmuch\n", {}, "'rain_mm' in line 2 .* is not a number but 'much'"),
        ("rain_mm\n-5\n", {}, r"'hazard\.rain_mm' of line 2 of the catalogue .* is wrong"),
        (
            "rain_mm,frequency_per_year\n60,-1\n",
            {},
            "'frequency_per_year' in line 2 .* is -1: give a",
        ),
        ("rain_mm,return_period_y\n60,10\n", {}, "says nothing beside return periods"),
        ("rain_mm\nnan\n", {}, "is nan: give a number"),
        ("rain_mm,frequency_per_year\n60,0.001\n", {}, "was not seen in 30 years"),
        (
            "rain_mm,return_period_y\n60,10\n70,10\n",
            {"years": None},
            "have the same return period of 10 years",
        ),
        ("rain_mm,return_period_y,frequency_per_year\n60,10,1\n", {}, "leave one out"),
        (None, {}, "there is no catalogue"),
        ("rain_mm\n60\n", {"hazard": None}, r"give either \[hazard\] or 'base'"),
    ],
)
def test_wrong_catalogues_are_one_sentence(
    tmp_path: Path, rows: str | None, changes: dict[str, Any], words: str
) -> None:
    if rows is not None:
        (tmp_path / "events.csv").write_text(rows, encoding="utf-8")
    table = {
        "hazard": STORM, "catalogue": "events.csv", "columns": {"rain_mm": "rain_mm"}, "years": 30.0,
    } | changes  # fmt: skip
    table = {name: value for name, value in table.items() if value is not None}
    with pytest.raises(CityTwinError, match=words) as caught:
        Risk.from_table(table, "the risk", tmp_path)
    assert "\n" not in str(caught.value)


def test_a_number_that_is_no_money_is_refused_as_damage(whole: Path, city: City) -> None:
    for name, words in (("roads_m", "in 'm', but costs"), ("nothing", "choose from")):
        with pytest.raises(CityTwinError, match=words):
            run_risk(risk(damage=name), city, folder=whole.parent)
    with pytest.raises(CityTwinError, match="holds no risk"):
        read_manifest(whole / "nothing")
