"""Outages from step to step: pumps stop, the water rises, what lasts and what is done anew."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basin import GRID, basin, on_cells, spot, volume

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.cli.words import chain_lines, run_lines
from citytwin.ensemble import Ensemble, run_ensemble
from citytwin.ensemble.member import run_member
from citytwin.ensemble.running import read_manifest
from citytwin.ensemble.varying import changed
from citytwin.errors import ScenarioError
from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard
from citytwin.hazards.flood import Flood
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.watch import Watch
from citytwin.measures import prepare
from citytwin.measures.base import middle_point
from citytwin.measures.gate import Gate
from citytwin.measures.pump import Pump
from citytwin.scenario import Results, Scenario
from citytwin.scenario.chain import Chain, Step
from citytwin.scenario.chaining import run_chain
from citytwin.scenario.checkpoint import read_state, write_state
from citytwin.scenario.outages import further_pass, titles_zh
from citytwin.scenario.running import run

FLAT = np.zeros(len(GRID))
SUB, PUMP = "Panhandle substation", "Fell Street pump"
SOLVERS = pytest.mark.parametrize("solver", [InertialSolver, FullSolver])


# Pumps and gates


@SOLVERS
def test_a_pump_stops_when_its_lifeline_goes_dark(solver: type[Solver]) -> None:
    pump = Pump(at=spot(), capacity=0.4, starts=0.1, stops=0.0, supply="S")
    taken = {}
    for dark in (0.0, 100.3, 250.0, np.inf):
        works = pump.works(GRID, FLAT)
        works.darken({"S": dark, "other": 0.0})
        water = basin(depth=0.5, solver=solver)
        start = volume(water)
        time = 0.0
        while time < 200.0:
            for forcing in works.forcings:
                forcing.apply(water, time, time + 2.0)
            time += 2.0
        taken[dark] = start - volume(water)
    assert taken[0.0] == 0.0
    assert taken[100.3] == pytest.approx(0.4 * 100.3, rel=1e-9)
    assert taken[250.0] == taken[np.inf] == pytest.approx(0.4 * 200.0, rel=1e-9)


def test_a_gate_stays_as_it_is_when_its_lifeline_goes_dark() -> None:
    line = (spot(0.0, -500.0), spot(0.0, 500.0))
    west = GRID.x < GRID.x.mean()
    gate = Gate(line=line, rule="times", shut_h=((0.0, 0.01),), supply="S")
    flown = {}
    for dark in (np.inf, 10.0):
        works = gate.works(GRID, FLAT)
        works.darken({"S": dark})
        water = basin(depth=np.where(west, 0.5, 0.0))
        water.run(60.0, forcings=works.forcings)  # it would open at 36 s
        flown[dark] = float(on_cells(water)[~west].sum())
    assert flown[np.inf] > 0.0
    assert flown[10.0] == 0.0


def flooded(
    grid: Grid, layers: dict[str, Floats], solver: str, watch: Watch, dark: float
) -> Hazard:
    at = middle_point(grid)
    flood = Flood(rain_mm=80.0, rain_h=0.2, simulated_h=0.4, output_min=6.0, solver=solver)
    pump = Pump(at=at, capacity=0.05, starts=0.01, stops=0.0, supply="S")
    changed, works = prepare((pump,), "flood", grid, layers)
    return flood.simulate(grid, changed, watch, Given(works=works, outages={"S": dark}))


class After:
    """Says stop after so many questions."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("solver", ["inertial", "full"])
def test_a_run_in_pieces_stops_its_pump_at_the_same_moment(
    solver: str, grid: Grid, layers: dict[str, Floats], tmp_path: Path
) -> None:
    whole = flooded(grid, layers, solver, Watch(), 700.0)
    never = flooded(grid, layers, solver, Watch(), np.inf)
    assert never.report["pumped_out_m3"] > whole.report["pumped_out_m3"] > 0.0
    kept = None
    for _ in range(1000):
        watch = Watch(stopped=After(7), kept=kept)
        hazard = flooded(grid, layers, solver, watch, 700.0)
        if hazard.complete:
            break
        assert watch.state is not None
        write_state(tmp_path, watch.state)
        kept = read_state(tmp_path)
    assert hazard.intensity.tobytes() == whole.intensity.tobytes()
    assert hazard.report == whole.report


# Chains


def table(city: City, **storm: Any) -> dict[str, Any]:
    """A storm with a pump that the city's substation drives, and the storm over again."""
    at = next(one["at"] for one in city.lifelines if one["name"] == PUMP)
    return {
        "name": "Blackout",
        "steps": [
            {
                "name": "storm",
                "hazard": {"model": "flood", "rain_mm": 120.0, "simulated_h": 1.5, "solver": "inertial",
                           "output_min": 5.0, **storm},
                "measures": [{"kind": "pump", "at": list(at), "capacity": 6.0, "starts": 0.05,
                              "stops": 0.0, "supply": PUMP}],
            },
            {"name": "again", "after": "storm"},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outages")


@pytest.fixture(scope="module")
def manifest(city: City, place: Path) -> dict[str, Any]:
    chain = Chain.from_table(table(city))
    return run_chain(chain, city, runs=place / "runs", folder=place / "chains")


def test_more_water_stands_when_the_pump_stops(manifest: dict[str, Any], city: City) -> None:
    storm, again = (Results.open(step["results"]) for step in manifest["steps"])
    dark = {one["name"]: one for one in storm.impact["facilities"]}
    assert dark[SUB]["because"] == "water"
    assert dark[PUMP]["cause"] == SUB
    assert dark[PUMP]["dark_s"] == dark[SUB]["dark_s"] < 1.5 * 3600.0
    given = again.manifest["chain"]["outages_s"]
    assert given == {name: one["dark_s"] for name, one in dark.items()}
    pumped = [run.manifest["balance"]["pumped_out_m3"] for run in (storm, again)]
    assert 0.0 < pumped[1] < 0.9 * pumped[0]
    at = next(one["at"] for one in city.lifelines if one["name"] == PUMP)
    sump = cell_at(city.grid, tuple(at), "the pump")
    last = storm.times.size - 1
    assert again.frame(last)[sump] > storm.frame(last)[sump] + 0.01
    assert again.frame(last).sum() > storm.frame(last).sum()


def test_the_timeline_tells_each_facility(manifest: dict[str, Any]) -> None:
    words = [entry["words"] for entry in manifest["timeline"] if entry["step"] == "storm"]
    told = [line for line in words if line.startswith(f"{PUMP}: dark after ")]
    assert len(told) == 1
    assert f"because {SUB} stands in 0.3 m of water" in told[0]
    times = [entry["time"] for entry in manifest["timeline"]]
    assert times == sorted(times)


def test_the_chain_says_whether_a_further_pass_would_differ(manifest: dict[str, Any]) -> None:
    assert "further_pass" not in manifest["steps"][0]
    found = manifest["steps"][1]["further_pass"]
    assert found["settled"] is True
    assert "a further pass would change nothing" in found["words"]


def test_it_says_what_a_further_pass_would_change() -> None:
    step = Chain.from_table(
        {"steps": [{"name": "a", "hazard": {"model": "flood"},
                    "measures": [{"kind": "pump", "at": [0.0, 50.0], "capacity": 1.0, "supply": "P"}]}]}
    ).steps[0]  # fmt: skip
    earlier = further_pass(step, {"P": 600.0}, {"P": 300.0, "Q": 1.0})
    assert not earlier["settled"]
    assert "P now goes dark after 5 min, not after 10 min" in earlier["words"]
    assert "P now goes dark after 5 min" in further_pass(step, {}, {"P": 300.0})["words"]
    assert "P now stays in service" in further_pass(step, {"P": 300.0}, {})["words"]
    assert further_pass(step, {"Q": 1.0, "P": 300.0}, {"P": 330.0})["settled"]
    called = titles_zh([{"name": "P", "name_zh": "泵站"}, {"name": "Q"}])
    for given, found in (({"P": 600.0}, {"P": 300.0}), ({}, {"P": 300.0}), ({"P": 300.0}, {})):
        words = further_pass(step, given, found, called)["words_zh"]
        assert "泵站" in words
        assert "P" not in words


def test_keys_count_what_goes_over_and_when(city: City) -> None:
    def keys(**changes: Any) -> dict[str, str]:
        rows = table(city)
        rows["steps"][1] |= changes
        return Chain.from_table(rows).step_keys(city.fingerprint)

    same = keys()
    assert same == keys()
    assert len({same["again"], keys(from_h=1.0)["again"], same["storm"]}) == 3
    other = Chain.from_table(table(city, rain_mm=121.0)).step_keys(city.fingerprint)
    assert other["again"] != same["again"]


def test_a_step_without_a_hazard_is_the_earlier_one_over_again(city: City) -> None:
    first, second = Chain.from_table(table(city)).steps
    assert second.repeats(first)
    assert second.scenario.hazard == first.scenario.hazard
    assert second.scenario.measures == first.scenario.measures
    written = Chain.from_table(Chain.from_table(table(city)).table())
    assert written.step_keys("x") == Chain.from_table(table(city)).step_keys("x")


def test_what_the_shaking_broke_stays_broken_in_the_flood(city: City, place: Path) -> None:
    steps = table(city)["steps"]
    shock = {"model": "earthquake", "magnitude": 6.5, "distance_km": 8.0, "seed": 3}
    rows = [
        {"name": "shock", "hazard": shock},
        {**steps[0], "name": "flood", "after": "shock", "from_h": 2.0},
        {"name": "further", "after": "flood"},
    ]
    found = run_chain(
        Chain.from_table({"steps": rows}), city, runs=place / "runs", folder=place / "chains"
    )
    shaken, wet, further = (
        {one["name"]: one for one in step["impact"]["facilities"]} for step in found["steps"]
    )
    broken = [name for name, one in shaken.items() if one["because"] == "shaking"]
    assert broken
    assert all(wet[name]["because"] == "before" for name in broken)
    assert all(wet[name]["dark_s"] == 0.0 for name in broken)
    # A further pass over the flood keeps what the shaking broke, and does the rest anew.
    for because in ("before", "water"):
        names = {name for name, one in wet.items() if one["because"] == because}
        assert names
        assert names == {name for name, one in further.items() if one["because"] == because}
    assert found["steps"][2]["further_pass"]["settled"]
    late = {name: one["dark_s"] for name, one in shaken.items() if one["dark_s"] > 2.0 * 3600.0}
    assert all(wet[name]["dark_s"] <= time - 2.0 * 3600.0 for name, time in late.items())
    result = Results.open(found["steps"][1]["results"])
    assert (PUMP in shaken) == (result.manifest["balance"].get("pumped_out_m3", 0.0) == 0.0)
    assert not any(entry["words"].endswith("before") for entry in found["timeline"])


def test_an_ensemble_counts_facilities(city: City, tmp_path: Path) -> None:
    rows = table(city)
    parameters = [{"field": "storm.rain_mm", "distribution": "uniform", "low": 90.0, "high": 120.0}]
    plan = {"members": 2, "parameters": parameters}
    rows["steps"][1] = {**rows["steps"][0], "name": "again", "after": "storm"}
    ensemble = Ensemble.from_table({**rows, "ensemble": plan}, "the ensemble")
    folder = run_ensemble(ensemble, city, folder=tmp_path)
    figures = read_manifest(folder)["figures"]
    assert figures["storm.facilities_out"]["p90"] >= 2.0
    assert figures["storm.facilities_out_substation"]["p90"] <= 2.0
    assert "again.facilities_out_pump" in figures


def test_what_a_member_changes_goes_on_to_further_passes(city: City) -> None:
    rows = table(city)
    rows["steps"].append({"name": "third", "after": "again"})
    chain = Chain.from_table(rows)
    for values, rain in (
        ({"storm.rain_mm": 90.0}, [90.0, 90.0, 90.0]),
        ({"storm.rain_mm": 90.0, "again.rain_mm": 80.0}, [90.0, 80.0, 80.0]),
        ({"again.rain_mm": 80.0}, [120.0, 80.0, 80.0]),
        ({"seed": 7}, [120.0, 120.0, 120.0]),
    ):
        member = changed(chain, values, "the member")
        assert isinstance(member, Chain)
        hazards = [step.scenario.hazard for step in member.steps]
        assert [one.rain_mm for one in hazards if isinstance(one, Flood)] == rain
        repeats = [step.repeats(member.before(step)) for step in member.steps[1:]]
        assert repeats == [one == other for one, other in pairwise(rain)]
        # As the member goes to its worker.
        assert Chain.from_table(member.table()) == member


def test_a_member_says_that_it_has_not_settled(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def unsettled(step: Step, given: Any, found: Any) -> list[str]:
        asked.append((step.name, given == found))
        return [PUMP]

    chain = Chain.from_table(table(city, simulated_h=0.05, output_min=3.0))
    monkeypatch.setattr("citytwin.scenario.chaining.changes", unsettled)
    member = run_member(0, chain.table(), str(city.path), city.fingerprint, "")
    assert asked == [("again", True)]
    assert f"again: a further pass would change when {PUMP} stops" in member.notes
    monkeypatch.undo()
    member = run_member(0, chain.table(), str(city.path), city.fingerprint, "")
    assert not any("further pass" in note for note in member.notes)


# Mistakes


def test_an_unknown_lifeline_is_said(city: City, tmp_path: Path) -> None:
    pump = Pump(name="P", at=(-122.45, 37.77), capacity=1.0, supply="Nowhere")
    scenario = Scenario(hazard=Flood(), measures=(pump,))
    with pytest.raises(ScenarioError) as caught:
        run(scenario, city, runs=tmp_path)
    assert "'supply' of the pump 'P' is 'Nowhere', which no lifeline of the city" in str(
        caught.value
    )
    assert SUB in str(caught.value)


def test_a_city_without_lifelines_says_so(tile_file: Path, tmp_path: Path) -> None:
    with City.open(tile_file) as tile:
        lon, lat = tile.grid.unproject(tile.grid.x[[5]], tile.grid.y[[5]])
        pump = Pump(at=(float(lon[0]), float(lat[0])), capacity=1.0, supply="S")
        with pytest.raises(ScenarioError, match="it has none, or leave it out"):
            run(Scenario(hazard=Flood(), measures=(pump,)), tile, runs=tmp_path)


def test_mistakes_in_steps_get_one_sentence(city: City) -> None:
    rows = table(city)
    rows["steps"][1]["measures"] = []
    with pytest.raises(
        ScenarioError, match="the step 'again' of the chain has measures but no hazard"
    ):
        Chain.from_table(rows)
    with pytest.raises(ScenarioError, match="step 1 of the chain"):
        Chain.from_table({"steps": [{"name": "a"}]})
    assert Step.model_fields["from_h"].default == 0.0


def test_the_ready_made_chain_runs_on_what_the_embedded_city_has(city: City) -> None:
    chain = Chain.load(
        Path(__file__).parents[2] / "pipelines" / "scenarios" / "flood-blackout.toml"
    )
    storm, blackout = chain.steps
    assert blackout.repeats(storm)
    known = {one["name"]: tuple(one["at"]) for one in city.lifelines}
    assert all(one["assumed"] for one in city.lifelines)
    for pump in storm.scenario.measures:
        assert isinstance(pump, Pump)
        assert known[pump.supply] == pump.at


def test_the_command_line_tells_it(manifest: dict[str, Any]) -> None:
    storm, again = manifest["steps"]
    lines = list(run_lines(Results.open(storm["results"])))
    assert any(line.strip().startswith(f"{PUMP}: dark after") for line in lines)
    assert any("facilities out of service: during the run" in line for line in lines)
    told = list(chain_lines(manifest))
    assert f"Outages     {again['name']}: {again['further_pass']['words']}" in told
    assert not [line for line in told if "(expected)" in line], "floods close streets for certain"
