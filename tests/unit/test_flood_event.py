"""A flood with everything in it, and each wrong input refused in one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.errors import CityTwinError, StepError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given
from citytwin.hazards.flood import Flood
from citytwin.measures import prepare
from citytwin.scenario import Scenario
from citytwin.scenario.running import run

NETWORK = """[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 01/01/2024
START_TIME 00:00:00
END_DATE 01/01/2024
END_TIME 06:00:00
ROUTING_STEP 1
[JUNCTIONS]
J1 {invert1:.3f} 2.5 0 0 0
[OUTFALLS]
{outfall}
[CONDUITS]
C1 J1 O1 60 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.6 0 0 0
[COORDINATES]
J1 {x1:.6f} {y1:.6f}
O1 {x2:.6f} {y2:.6f}
"""


def lonlat(grid: Grid, share: float) -> list[float]:
    """Longitude and latitude of the cell that lies at a share of the grid's order."""
    k = int(share * (len(grid) - 1))
    lon, lat = grid.unproject(grid.x[[k]], grid.y[[k]])
    return [float(lon[0]), float(lat[0])]


def network(folder: Path, grid: Grid, layers: dict[str, Floats], *, outfall: bool = True) -> Path:
    (x1, y1), (x2, y2) = lonlat(grid, 0.45), lonlat(grid, 0.55)
    level = float(layers["ground_elevation"].min()) - 4.0
    cell = int(0.45 * (len(grid) - 1))
    text = NETWORK.format(
        invert1=float(layers["ground_elevation"][cell]) - 2.5, x1=x1, y1=y1, x2=x2, y2=y2,
        outfall=f"O1 {level:.3f} FREE NO" if outfall else "",
    )  # fmt: skip
    if not outfall:
        text = text.replace("[OUTFALLS]\n\n", "").replace("C1 J1 O1", "C1 J1 J1")
        text = text[: text.index("O1 ")]
    path = folder / "network.inp"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("solver", ["inertial", "full"])
def test_all_the_water_at_once_is_accounted_for(
    solver: str, grid: Grid, layers: dict[str, Floats], tmp_path: Path
) -> None:
    west, middle, east = (lonlat(grid, share) for share in (0.2, 0.5, 0.8))
    table: dict[str, Any] = {
        "hazard": {
            "model": "flood", "solver": solver, "precision": "float64", "rain_mm": 50.0,
            "rain_h": 0.2, "simulated_h": 0.3, "output_min": 6.0, "losses": "horton",
            "sewers": {"swmm_file": str(network(tmp_path, grid, layers))},
            "inflows": [{"name": "R", "place": west, "hydrograph": [[0, 1.0], [0.2, 3.0]]}],
            "bursts": [{"name": "M", "at": east, "rate": 0.4}],
            "gauges": [{"name": "G", "at": middle}],
            "lines": [{"name": "L", "line": [west, east]}],
        },
        "measures": [
            {"kind": "wall", "line": [west, middle], "height": 1.0},
            {"kind": "pump", "at": middle, "capacity": 0.05},
        ],
    }  # fmt: skip
    scenario = Scenario.from_table(table)
    assert Scenario.from_table(scenario.table()) == scenario
    changed, works = prepare(scenario.measures, "flood", grid, layers)
    hazard = scenario.hazard.simulate(grid, changed, given=Given(works))
    report = hazard.report
    assert abs(report["balance_error"]) < 1e-12
    assert report["inflow_in_m3"] == pytest.approx(0.3 * 3600 * 2.0 + 0.1 * 3600 * 1.0, rel=1e-9)
    assert report["main_in_m3"] == pytest.approx(0.3 * 3600 * 0.4, rel=1e-9)
    assert report["sewers_out_m3"] > 0.0
    names = {(series.kind, series.name) for series in hazard.series}
    assert {("gauge", "G"), ("line", "L")} <= names
    assert any("drains took" in note for note in hazard.notes)
    assert f"Solver {solver}, as the scenario says." in hazard.notes
    for word in ("rivers", "burst mains", "sewers"):
        assert word in hazard.sentence


def test_auto_says_which_solver_and_why(grid: Grid, layers: dict[str, Floats]) -> None:
    calm = Flood(rain_mm=20.0, rain_h=0.2, simulated_h=0.2, output_min=6.0)
    assert calm.simulate(grid, layers).notes[0].startswith("Solver inertial, auto: ")
    # A smooth, steep chute makes the water faster than its waves.
    chute = layers | {
        "ground_elevation": 100.0 + 0.3 * (grid.x - grid.x.min()),
        "manning": np.full(len(grid), 0.01),
        "building_cover": np.zeros(len(grid)),
    }
    river = {"name": "R", "place": lonlat(grid, 0.9), "hydrograph": [[0, 4000.0], [1, 4000.0]]}
    fast = Flood(rain_mm=0.0, simulated_h=0.2, output_min=6.0, inflows=[river])
    hazard = fast.simulate(grid, chute)
    assert hazard.notes[0].startswith("Solver full, auto: ")
    assert "of the flow ran fast and far" in hazard.notes[0]


def test_buildings_as_raised_ground_or_obstacles(grid: Grid, layers: dict[str, Floats]) -> None:
    built = np.asarray(layers["building_cover"]) >= 0.5
    assert built.any()
    depth = {}
    for kind in ("porous", "obstacles", "raised"):
        event = Flood(rain_mm=60, rain_h=0.2, simulated_h=0.3, output_min=6, buildings=kind)
        hazard = event.simulate(grid, layers)
        depth[kind] = hazard.summary["depth_max"]
        assert abs(hazard.report["balance_error"]) < 1e-5
        # Roofs keep nothing: all the city's rain falls, whatever the buildings are.
        rain = 0.06 * float(grid.area.sum())
        assert hazard.report["rain_m3"] == pytest.approx(rain, rel=1e-5)
    assert (depth["obstacles"][built] == 0.0).all()
    assert depth["porous"][built].max() > 0.0
    assert not np.array_equal(depth["porous"], depth["raised"])


@pytest.mark.parametrize("kind", ["porous", "raised"])
def test_cells_and_gauges_measure_levels_from_one_ground(
    grid: Grid, layers: dict[str, Floats], kind: str
) -> None:
    built = int(np.argmax(layers["building_cover"]))
    lon, lat = grid.unproject(grid.x[[built]], grid.y[[built]])
    gauge = {"name": "Roof", "at": [float(lon[0]), float(lat[0])]}
    event = Flood(
        rain_mm=60, rain_h=0.2, simulated_h=0.2, output_min=6, buildings=kind, gauges=[gauge]
    )
    hazard = event.simulate(grid, layers)
    series = {one.variable: one.values for one in hazard.series}
    ground = hazard.summary["level_max"][built] - hazard.summary["depth_max"][built]
    assert series["level"] - series["depth"] == pytest.approx(float(ground), abs=1e-3)


def river(grid: Grid, **more: Any) -> Flood:
    """A river that pours into the middle of dry ground."""
    inflow = {"name": "R", "place": lonlat(grid, 0.5), "hydrograph": [[0.0, 30.0], [1.0, 30.0]]}
    fields = {"rain_mm": 0.0, "simulated_h": 0.15, "output_min": 0.5, "solver": "inertial"}
    return Flood(**{**fields, "inflows": [inflow], **more})


def test_no_moment_is_faster_than_the_greatest_speed(grid: Grid, layers: dict[str, Floats]) -> None:
    hazard = river(grid).simulate(grid, layers)
    assert (hazard.fields["speed"] <= hazard.summary["speed_max"]).all()


@pytest.mark.parametrize("coarser", [0, 1])
def test_what_was_wet_was_so_at_some_time(
    grid: Grid, layers: dict[str, Floats], coarser: int
) -> None:
    event = river(grid, coarser=coarser)
    found = event.simulate(grid, layers).summary
    wet = found["depth_max"] >= event.wet_depth
    assert wet.any()
    assert (np.isfinite(found["arrival"]) == wet).all()


def test_assumed_sewers_take_water_and_are_told(grid: Grid, layers: dict[str, Floats]) -> None:
    event = Flood(rain_mm=40, rain_h=0.2, simulated_h=0.3, output_min=6, sewer_mm_h=30.0)
    hazard = event.simulate(grid, layers)
    assert hazard.report["sewers_out_m3"] > 0.0
    assert any("are assumed to take 30 mm/h" in note for note in hazard.notes)


def test_coarser_cells_with_tables_answer_nearly_the_same(city: City) -> None:
    """The city's cells of resolution 11 in their parents of 10, with a river, a gauge and a line."""
    grid, layers = city.grid, {name: city.layers[name] for name in Flood.inputs}
    west, middle, east = (lonlat(grid, share) for share in (0.2, 0.5, 0.8))
    hazards = [
        Flood(
            rain_mm=60.0, rain_h=0.5, simulated_h=1.0, output_min=10.0, precision=precision,
            sewer_mm_h=5.0, solver="inertial", coarser=coarser,
            inflows=[{"name": "R", "place": west, "hydrograph": [[0, 1.0], [0.5, 3.0]]}],
            bursts=[{"name": "M", "at": east, "rate": 0.4}],
            gauges=[{"name": "G", "at": east}],
            lines=[{"name": "L", "line": [west, middle]}],
        ).simulate(grid, layers)
        for coarser, precision in ((0, "float32"), (1, "float32"), (1, "float64"))
    ]  # fmt: skip
    plain, single, double = hazards
    assert single.notes[:2] == (
        "Solver inertial, the one that works with tables of the fine ground.",
        "Computed on cells of resolution 10 with tables of the ground at 11.",
    )
    assert abs(single.report["balance_error"]) < 1e-5
    assert abs(double.report["balance_error"]) < 1e-12
    for name in ("rain_m3", "inflow_in_m3", "main_in_m3"):
        assert single.report[name] == pytest.approx(plain.report[name], rel=1e-5), name
    for name, bound in (("infiltrated_m3", 0.1), ("sewers_out_m3", 0.1), ("drained_m3", 0.1)):
        assert single.report[name] == pytest.approx(plain.report[name], rel=bound), name
    assert single.report["flow_steps"] < plain.report["flow_steps"]
    ours, theirs = single.summary["depth_max"], plain.summary["depth_max"]
    assert ours.shape == theirs.shape == (len(grid),)
    wet, seen = ours >= 0.15, theirs >= 0.15
    assert (wet & seen).sum() / (wet | seen).sum() > 0.6
    assert np.abs(ours - theirs)[wet | seen].mean() < 0.5 * theirs[seen].mean()
    assert np.allclose(ours, double.summary["depth_max"], atol=0.02)
    for hazard in hazards:
        assert (np.asarray(hazard.intensity) <= hazard.summary["depth_max"]).all()
        assert (np.asarray(hazard.fields["speed"]) <= hazard.summary["speed_max"]).all()
    series = {(s.name, s.variable): s.values for s in single.series}
    assert series["G", "depth"].max() > 0.0
    assert np.isfinite(series["L", "discharge"]).all()


def test_measures_on_edges_want_the_city_s_own_cells(city: City, tmp_path: Path) -> None:
    west, east = (lonlat(city.grid, share) for share in (0.4, 0.5))
    table = {
        "hazard": {"model": "flood", "simulated_h": 0.2, "coarser": 1},
        "measures": [{"kind": "wall", "line": [west, east], "height": 1.0}],
    }
    with pytest.raises(CityTwinError, match=r"coarser cells hide the edges .* set 'coarser' to 0"):
        run(Scenario.from_table(table), city, runs=tmp_path)


Change = Callable[[Grid, dict[str, Floats], Path], dict[str, Any]]
WRONG: dict[str, tuple[Change, str]] = {
    "negative rain": (
        lambda grid, layers, folder: {"rain_mm": -1.0},
        "'hazard.rain_mm' of the scenario is wrong: input should be greater than or equal to 0",
    ),
    "negative measured rain": (
        lambda grid, layers, folder: {
            "rain_file": _csv(folder, "time_min,rain_mm\n0,0\n5,-2\n10,0\n")
        },
        "rain.csv",
    ),
    "unsorted series": (
        lambda grid, layers, folder: {
            "rain_file": _csv(folder, "time_min,rain_mm\n0,0\n10,2\n5,0\n")
        },
        "rain.csv",
    ),
    "unsorted hydrograph": (
        lambda grid, layers, folder: {
            "inflows": [
                {"name": "R", "place": lonlat(grid, 0.5), "hydrograph": [[1, 1.0], [0, 2.0]]}
            ]
        },
        "hydrograph",
    ),
    "gauge outside": (
        lambda grid, layers, folder: {"gauges": [{"name": "X", "at": [2.0, 48.0]}]},
        "the gauge 'X'",
    ),
    "breach without a wall": (
        lambda grid, layers, folder: {
            "breaches": [{"name": "B", "at": lonlat(grid, 0.5), "width": 20.0, "forms_h": 0.1}]
        },
        "the breach 'B'",
    ),
    "no outfall": (
        lambda grid, layers, folder: {
            "sewers": {"swmm_file": str(network(folder, grid, layers, outfall=False))}
        },
        "outfall",
    ),
    "formula without its name": (lambda grid, layers, folder: {"shape": "chicago"}, "formula"),
    "coarser and full": (
        lambda grid, layers, folder: {"coarser": 1, "solver": "full"},
        "coarser works with the inertial solver only: set 'coarser' to 0",
    ),
    "coarser and a network": (
        lambda grid, layers, folder: {
            "coarser": 1,
            "sewers": {"swmm_file": str(network(folder, grid, layers))},
        },
        "leave out 'sewers', or set 'coarser' to 0",
    ),
    "coarser and a lake": (
        lambda grid, layers, folder: {
            "coarser": 1,
            "pools": [
                {"name": "P", "area": [lonlat(grid, s) for s in (0.1, 0.5, 0.9)], "level": 1.0}
            ],
        },
        "leave out 'pools', or set 'coarser' to 0",
    ),
    "coarser than the city is wide": (
        lambda grid, layers, folder: {"coarser": 3},
        "coarser = 3 does not fit this city",
    ),
    "drains twice": (
        lambda grid, layers, folder: {
            "sewer_mm_h": 5.0,
            "sewers": {"swmm_file": str(network(folder, grid, layers))},
        },
        "count the drains twice",
    ),
}


def _csv(folder: Path, text: str) -> str:
    path = folder / "rain.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_input_is_refused_in_one_sentence(
    what: str, grid: Grid, layers: dict[str, Floats], tmp_path: Path
) -> None:
    change, words = WRONG[what]
    table = {"hazard": {"model": "flood", "simulated_h": 0.2, **change(grid, layers, tmp_path)}}
    with pytest.raises(CityTwinError) as caught:
        Scenario.from_table(table).hazard.simulate(grid, layers)
    text = str(caught.value)
    assert words in text
    assert "\n" not in text
    assert len(text) < 400


def test_a_step_that_collapses_says_where_and_why(grid: Grid, layers: dict[str, Floats]) -> None:
    # A cubic kilometre of water a second on one cell.
    event = Flood(
        rain_mm=0.0, simulated_h=0.2, output_min=6.0,
        inflows=[{"name": "R", "place": lonlat(grid, 0.5), "hydrograph": [[0, 1e9], [1, 1e9]]}],
    )  # fmt: skip
    with pytest.raises(StepError) as caught:
        event.simulate(grid, layers)
    text = str(caught.value)
    assert "the flow step fell to" in text
    assert "longitude" in text
    assert "check the ground" in text


def test_rain_files_start_from_the_scenario_s_folder(city: City, tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text("time_min,rain_mm\n0,0\n5,4\n10,6\n15,0\n", encoding="utf-8")
    path = tmp_path / "storm.toml"
    path.write_text(
        '[hazard]\nmodel = "flood"\nrain_file = "rain.csv"\nsimulated_h = 0.3\noutput_min = 6.0\n'
        'solver = "inertial"\n',
        encoding="utf-8",
    )
    scenario = Scenario.load(path)
    results = run(scenario, city, runs=tmp_path / "runs")
    rain = 0.010 * float(city.grid.area.sum())
    assert results.manifest["balance"]["rain_m3"] == pytest.approx(rain, rel=1e-4)
    key = scenario.key(city.fingerprint)
    (tmp_path / "rain.csv").write_text("time_min,rain_mm\n0,0\n5,4\n10,7\n15,0\n", encoding="utf-8")
    assert scenario.key(city.fingerprint) != key, "another rain is another run"
