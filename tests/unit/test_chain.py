"""Chains: one step's result is another's input, one timeline, one manifest, bands by an ensemble."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citytwin.city import City
from citytwin.ensemble import Ensemble, run_ensemble
from citytwin.ensemble.running import arrived, read_manifest
from citytwin.errors import ScenarioError
from citytwin.impact.hazus.ignitions import ignition_times
from citytwin.scenario import Results
from citytwin.scenario.chain import Chain
from citytwin.scenario.chaining import run_chain
from citytwin.scenario.timeline import _moments

#: A strong shock near the city, and half an hour of the fires that it starts.
TABLE: dict[str, Any] = {
    "name": "Shock and fire",
    "seed": 5,
    "steps": [
        {"name": "shock", "hazard": {"model": "earthquake", "magnitude": 7.9, "distance_km": 8.0}},
        {
            "name": "fire",
            "after": "shock",
            "from_h": 0.25,
            "hazard": {"model": "fire", "simulated_h": 1.5, "wind_m_s": 8.0, "output_min": 15.0},
        },
    ],
}


def chain(**changes: Any) -> Chain:
    return Chain.from_table({**TABLE, **changes})


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chains")


@pytest.fixture(scope="module")
def manifest(city: City, workplace: Path) -> dict[str, Any]:
    return run_chain(chain(), city, runs=workplace / "runs", folder=workplace / "chains")


def test_the_shaking_starts_the_fires(manifest: dict[str, Any], workplace: Path) -> None:
    shock, fire = (Results.open(step["results"]) for step in manifest["steps"])
    started = ignition_times(shock.buildings["ignitions"].astype(np.float64), 5)
    # They count from the shaking, a quarter of an hour before the fire's own clock.
    wanted = np.maximum(started - 0.25 * 3600.0, 0.0)
    lit = np.isfinite(started) & (wanted < 1.5 * 3600.0)
    assert (lit & (wanted > 0.0)).any()
    assert (lit & (wanted == 0.0)).any()
    assert fire.buildings["ignited_s"][lit] == pytest.approx(wanted[lit], rel=1e-6)
    assert fire.manifest["chain"]["after"] == "shock"
    assert fire.manifest["chain"]["run"] == shock.key
    named = manifest["steps"][0]["impact"]["counts"]
    expected = next(count["value"] for count in named if count["name"] == "ignitions")
    assert expected == pytest.approx(float(shock.buildings["ignitions"].sum()), rel=1e-5)


def test_there_is_one_timeline_in_order_and_in_both_languages(manifest: dict[str, Any]) -> None:
    entries = manifest["timeline"]
    times = [entry["time"] for entry in entries]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert times[-1] == (0.25 + 1.5) * 3600.0
    assert {entry["step"] for entry in entries} == {"shock", "fire"}
    assert all(entry["words"] and entry["words_zh"] for entry in entries)
    last = manifest["steps"][1]["impact"]
    assert f"{last['buildings']['caught']:,.0f} caught fire" in entries[-1]["words"]


def test_streets_that_two_steps_close_count_once(manifest: dict[str, Any]) -> None:
    alone = [step["impact"]["roads"]["impassable_m"] for step in manifest["steps"]]
    together = manifest["streets"]["impassable_m"]
    assert max(alone) * (1.0 - 1e-9) <= together <= sum(alone) * (1.0 + 1e-9)


def test_it_is_kept_and_not_run_twice(
    manifest: dict[str, Any], city: City, workplace: Path
) -> None:
    path = workplace / "chains" / manifest["key"] / "manifest.json"
    assert json.loads(path.read_text(encoding="utf-8")) == manifest
    before = {p: p.stat().st_mtime_ns for p in (workplace / "runs").rglob("*") if p.is_file()}
    again = run_chain(
        chain(name="other words"), city, runs=workplace / "runs", folder=workplace / "chains"
    )
    assert again["key"] == manifest["key"]
    after = {p: p.stat().st_mtime_ns for p in (workplace / "runs").rglob("*") if p.is_file()}
    assert after == before


def test_its_key_follows_the_physics_of_each_step_and_what_it_starts_from() -> None:
    keys = chain().step_keys("city")
    other = chain(seed=6).step_keys("city")
    assert keys["shock"] == other["shock"]
    assert keys["fire"] != other["fire"]
    stronger = json.loads(json.dumps(TABLE))
    stronger["steps"][0]["hazard"]["magnitude"] = 7.0
    assert Chain.from_table(stronger).step_keys("city")["fire"] != keys["fire"]
    alone = json.loads(json.dumps(TABLE))
    del alone["steps"][1]["after"]
    assert Chain.from_table(alone).step_keys("city")["fire"] not in keys.values()


def test_its_key_follows_what_its_manifest_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [
        {"name": "one", "hazard": {"model": "flood"}},
        {"name": "two", "hazard": {"model": "flood", "rain_mm": 9.0}},
    ]
    late = [both[0], {**both[1], "from_h": 1.0}]
    first = chain(steps=both)
    others = [chain(steps=late), chain(steps=both[::-1])]
    # The runs are the same; the timeline is another.
    assert all(one.step_keys("city") == first.step_keys("city") for one in others)
    keys = {one.key("city") for one in (first, *others)}
    assert len(keys) == 3
    assert chain(steps=both, name="other words").key("city") in keys
    monkeypatch.setattr("citytwin.scenario.chain.VERSION", "other")
    assert first.key("city") not in keys


def test_it_survives_a_round_trip_through_toml(tmp_path: Path) -> None:
    chain().save(tmp_path / "chain.toml")
    assert Chain.load(tmp_path / "chain.toml") == chain()


def test_an_ensemble_of_a_chain_gives_bands(city: City, tmp_path: Path) -> None:
    plan = {
        "members": 4,
        "parameters": [
            {"field": "seed", "distribution": "seed"},
            {"field": "fire.wind_m_s", "distribution": "uniform", "low": 4.0, "high": 12.0},
        ],
    }
    ensemble = Ensemble.from_table({**TABLE, "ensemble": plan}, "the ensemble")
    folder = run_ensemble(ensemble, city, folder=tmp_path, workers=2)
    found = read_manifest(folder)
    assert found["complete"]
    assert found["quantity"] == "arrival"
    figures = found["figures"]
    caught = figures["fire.buildings.caught"]
    assert caught["p10"] <= caught["p50"] <= caught["p90"]
    assert caught["least"] < caught["greatest"]
    assert figures["shock.buildings.moderate"]["deviation"] == pytest.approx(0.0, abs=1e-9)
    first = ensemble.members()[0]
    direct = run_chain(first, city, runs=tmp_path / "runs", folder=tmp_path / "chains")  # type: ignore[arg-type]
    member = arrived(folder)[0]
    assert (
        member.figures["fire.buildings.caught"]
        == direct["steps"][1]["impact"]["buildings"]["caught"]
    )
    assert member.figures["roads_m"] == pytest.approx(direct["streets"]["impassable_m"], rel=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": []}, "'steps' of the chain is wrong"),
        ({"steps": "fire"}, "is not a list of tables"),
        ({"steps": [{"name": "a"}]}, "step 1 of the chain lacks the key 'hazard'"),
        ({"steps": [TABLE["steps"][1]]}, "no step before it is called"),
        ({"steps": [TABLE["steps"][0]] * 2}, "two steps are called 'shock'"),
        (
            {"steps": [{**TABLE["steps"][0], "from_h": 5.0}, TABLE["steps"][1]]},
            "the step 'fire' starts before the step 'shock'",
        ),
        ({"steps": [{**TABLE["steps"][0], "name": "a.b"}]}, "'name' of step 1"),
        (
            {"steps": [TABLE["steps"][0], {**TABLE["steps"][1], "hazard": {"model": "plume"}}]},
            "leads from the step 'shock' to the hazard plume: what is known is fire after earthquake",
        ),
        ({"steps": [{**TABLE["steps"][0], "form_h": 1.0}]}, "did you mean 'from_h'"),
    ],
)
def test_wrong_input_is_one_sentence(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words) as caught:
        chain(**change)
    assert "\n" not in str(caught.value)


def test_the_moment_with_the_most_people_is_told_where_there_are_fewer_later() -> None:
    times = np.arange(0.0, 7201.0, 600.0)
    rising = [float(number) for number in range(times.size)]
    falling = [*rising[:5], *[1.0] * (times.size - 5)]
    assert [times[at] / 60.0 for at in _moments(times, rising)] == [60.0, 120.0]
    assert [times[at] / 60.0 for at in _moments(times, falling)] == [40.0, 60.0, 120.0]
