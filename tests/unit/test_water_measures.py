"""Measures on water: what each does to it, in numbers, and one sentence for each mistake."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basin import GRID, basin, on_cells, spot, volume
from pydantic import ValidationError

import citytwin as ct
from citytwin.errors import ScenarioError
from citytwin.grid.finding import cell_at
from citytwin.hazards.flood.edges import crossing, ends_of, place_of
from citytwin.hazards.flood.forcing import Breach, Shore, Works, forcings
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.losses import CONSTANT, Losses
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.terrain import FRAME
from citytwin.measures import prepare
from citytwin.measures.closed_underpass import ClosedUnderpass
from citytwin.measures.gate import Gate
from citytwin.measures.levee import Levee
from citytwin.measures.permeable_paving import PermeablePaving
from citytwin.measures.pump import Pump
from citytwin.measures.raised_road import RaisedRoad
from citytwin.measures.storage import Storage
from citytwin.measures.wall import Wall
from citytwin.scenario import Scenario

FLAT = np.zeros(len(GRID))
WEST = GRID.x < GRID.x.mean()
ACROSS = (spot(0.0, -500.0), spot(0.0, 500.0))
BOX = [spot(-120, -120), spot(120, -120), spot(120, 120), spot(-120, 120)]
SOLVERS = pytest.mark.parametrize("solver", [InertialSolver, FullSolver])
#: Free flow over a broad crest, (2/3)^1.5 √g ≈ 1.705 [m^0.5/s].
WEIR = (2.0 / 3.0) ** 1.5 * np.sqrt(9.80665)


def built(works: Works, **options: Any) -> Solver:
    water = basin(**options)
    works.build(water)
    return water


# Walls and levees


@SOLVERS
def test_no_water_passes_a_wall_below_its_crest(solver: type[Solver]) -> None:
    works = Wall(line=ACROSS, crest=1.0).works(GRID, FLAT)
    low = built(works, depth=np.where(WEST, 0.95, 0.0), solver=solver)
    low.run(120.0)
    assert not on_cells(low)[~WEST].any()
    high = built(works, depth=np.where(WEST, 1.4, 0.0), solver=solver)
    high.run(120.0)
    assert on_cells(high)[~WEST].max() > 0.05
    # What stands above the crest may pass, and no more.
    gone = np.sum(on_cells(high)[~WEST] * GRID.area[~WEST])
    assert gone <= 0.4 * GRID.area[WEST].sum()


@SOLVERS
def test_a_ring_of_walls_keeps_its_inside_dry(solver: type[Solver]) -> None:
    ring = (*BOX, BOX[0])
    works = Levee(line=ring, height=2.0).works(GRID, FLAT)
    x, y = GRID.x - GRID.x.mean(), GRID.y - GRID.y.mean()
    inside = (np.abs(x) < 120.0) & (np.abs(y) < 120.0)
    water = built(works, depth=np.where(inside, 0.0, 1.5), solver=solver)
    # Some waves before the water rests.
    water.run(300.0)
    assert not on_cells(water)[inside].any()


def test_a_wall_s_height_counts_from_the_higher_ground_beside_it() -> None:
    ground = np.where(WEST, 1.0, 0.2)
    (barrier,) = Wall(line=ACROSS, height=1.5).works(GRID, ground).barriers
    before, behind = ends_of(GRID, barrier.edges)
    inside = (before >= 0) & (behind >= 0)
    assert np.allclose(barrier.level[inside], 2.5)
    # An edge that leads out of the city knows the ground on one side.
    assert set(np.round(barrier.level[~inside], 9)) <= {2.5, 1.7}


def test_a_wall_under_the_ground_or_with_two_crests_is_refused() -> None:
    with pytest.raises(
        ScenarioError, match=r"the flood wall 'Quay' has its crest at 1 m, below the"
    ):
        Wall(name="Quay", line=ACROSS, crest=1.0).works(GRID, FLAT + 3.0)
    for fields in ({}, {"crest": 1.0, "height": 1.0}):
        with pytest.raises(ValidationError, match="give either height or crest"):
            Wall(line=ACROSS, **fields)


# Breaches of them


@SOLVERS
def test_the_flow_through_a_breach_grows_to_that_of_a_broad_weir(solver: type[Solver]) -> None:
    width, head = 120.0, 1.5
    works = Levee(line=ACROSS, crest=3.0).works(GRID, FLAT)
    # The sea keeps the level in the west; the east lies low, so that the flow stays free.
    ground = np.where(WEST, 0.0, -8.0)
    water = built(works, ground=ground, depth=np.where(WEST, 2.0, 0.0), solver=solver)
    sea = Shore(name="Sea", line=[spot(-80.0, -400.0), spot(-80.0, 400.0)], mean_level=2.0)
    gap = Breach(name="Gap", at=spot(), width=width, forms_h=0.05, bottom=0.5)
    acting = forcings([sea, gap], GRID, works)
    line = crossing(GRID, ACROSS, "the line")
    water.discharge(line.edges)
    flow = []
    # It passes water once its bottom is below the sea's level, two fifths of the way down.
    for time in (60.0, 120.0, 150.0, 180.0, 240.0, 300.0):
        water.run(time, forcings=acting)
        # The line runs north, so that east is its right.
        flow.append(-float(np.sum(line.side * water.discharge(line.edges))))
    assert flow[0] == 0.0
    assert 0.0 < flow[1] < flow[2] < flow[3]
    assert flow[-1] == pytest.approx(flow[-2], rel=0.1)
    # The sea stands 80 m away: some of the head is lost on the way. The order is what counts.
    weir = WEIR * width * head**1.5
    assert 0.5 * weir < flow[-1] < 1.5 * weir
    assert abs(water.balance.error) < 1e-12


# Gates


@SOLVERS
def test_a_gate_shuts_by_the_level_and_opens_again(solver: type[Solver]) -> None:
    gate = Gate(line=ACROSS, rule="above", point=spot(-150.0), level=1.0, margin=0.2)
    works = gate.works(GRID, FLAT)
    water = built(works, depth=np.where(WEST, 1.5, 0.0), solver=solver)
    water.run(60.0, forcings=works.forcings)
    assert works.forcings[0].state() == {"shut": True}
    assert not on_cells(water)[~WEST].any()
    at = place_of(GRID, np.array([cell_at(GRID, spot(-150.0), "it")]))
    water.hold_level(at, 0.9, "test")
    works.forcings[0].apply(water, 60.0, 60.0)
    assert works.forcings[0].state() == {"shut": True}, "within the margin it stays as it is"
    water.hold_level(at, 0.7, "test")
    works.forcings[0].apply(water, 60.0, 60.0)
    assert works.forcings[0].state() == {"shut": False}
    before = on_cells(water)[~WEST].sum()
    water.run(70.0)
    assert on_cells(water)[~WEST].sum() > before


@SOLVERS
def test_a_gate_shuts_and_opens_by_the_clock(solver: type[Solver]) -> None:
    gate = Gate(line=ACROSS, rule="times", shut_h=[[0.0, 0.01], [0.03, 1.0]])
    works = gate.works(GRID, FLAT)
    water = built(works, depth=np.where(WEST, 0.5, 0.0), solver=solver)
    seen = []
    for time in (36.0, 108.0, 200.0):
        water.run(time, forcings=works.forcings)
        seen.append(float(np.sum(on_cells(water)[~WEST] * GRID.area[~WEST])))
    assert seen[0] == 0.0
    assert seen[1] > 100.0
    # A step that began before the hour may still pass some.
    kept = seen[2]
    water.run(400.0, forcings=works.forcings)
    assert float(np.sum(on_cells(water)[~WEST] * GRID.area[~WEST])) == pytest.approx(
        kept, rel=1e-12
    )


def test_a_gate_below_a_level_holds_water_back_when_it_falls() -> None:
    gate = Gate(line=ACROSS, rule="below", point=spot(-150.0), level=1.0, margin=0.0, crest=3.0)
    (moving,) = gate.works(GRID, FLAT).forcings
    for depth, shut in ((0.8, True), (1.2, False), (0.0, True)):
        moving.apply(basin(depth=depth), 0.0, 0.0)
        assert moving.state() == {"shut": shut}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "the rule 'above' takes point and level"),
        ({"rule": "times"}, "the rule 'times' takes shut_h"),
        ({"rule": "times", "shut_h": [[2.0, 1.0]]}, "a pair of shut_h does not rise"),
        ({"rule": "below", "point": spot()}, "the rule 'below' takes point and level"),
        ({"rule": "times", "shut_h": [[0, 1]], "crest": 1.0, "sill": 2.0}, "sill is not below"),
        ({"rule": "now"}, "'above', 'below' or 'times'"),
    ],
)
def test_a_gate_without_its_rule_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Gate(line=ACROSS, **fields)


# Pumps


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_pump_moves_its_capacity_while_there_is_water(dtype: Any) -> None:
    pump = Pump(at=spot(-150.0), to=spot(150.0), capacity=0.8, starts=0.3, stops=0.1)
    # Two basins with a ridge between them, so that what is pumped over stays there.
    ridge = np.where(np.abs(GRID.x - GRID.x.mean()) < 60.0, 5.0, 0.0)
    water = basin(ground=ridge, depth=np.where(WEST & (ridge == 0.0), 1.0, 0.0), dtype=dtype)
    east = ~WEST & (ridge == 0.0)
    works = pump.works(GRID, FLAT)
    water.run(600.0, forcings=works.forcings)
    came = float(np.sum(on_cells(water)[east] * GRID.area[east]))
    assert came == pytest.approx(0.8 * 600.0, rel={np.float32: 2e-5, np.float64: 1e-12}[dtype])
    assert abs(water.balance.terms["moved"]) < 0.01
    assert abs(water.balance.error) < {np.float32: 1e-6, np.float64: 1e-13}[dtype]


def test_a_pump_stops_when_its_water_is_gone_and_takes_no_more() -> None:
    pump = Pump(at=spot(), capacity=50.0, starts=0.3, stops=0.1)
    cell = cell_at(GRID, spot(), "it")
    depth = np.zeros(len(GRID))
    depth[cell] = 1.0
    # The cell is a pit, so that its water stays.
    ground = np.where(np.arange(len(GRID)) == cell, -3.0, 0.0)
    water = basin(ground=ground, depth=depth)
    works = pump.works(GRID, FLAT)
    water.run(300.0, forcings=works.forcings)
    assert on_cells(water)[cell] == pytest.approx(0.1, abs=1e-12)
    assert -water.balance.terms["pumped"] == pytest.approx(0.9 * GRID.area[cell], rel=1e-9)
    # Between its two depths it stays off.
    water.hold_level(place_of(GRID, np.array([cell])), -2.75, "test")
    before = volume(water)
    water.run(400.0, forcings=works.forcings)
    assert volume(water) == pytest.approx(before, rel=1e-12)
    assert abs(water.balance.error) < 1e-13


def test_a_pump_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValidationError, match="starts is below stops: raise it"):
        Pump(at=spot(), capacity=1.0, starts=0.1, stops=0.2)
    with pytest.raises(
        ScenarioError, match="the pump 'P' gives its water to the cell that it takes"
    ):
        Pump(name="P", at=spot(), to=spot(1.0), capacity=1.0).works(GRID, FLAT)
    with pytest.raises(ScenarioError, match=r"the outlet of the pump 'P' at 10, 45 lies outside"):
        Pump(name="P", at=spot(), to=(10.0, 45.0), capacity=1.0).works(GRID, FLAT)


# Storage


def test_a_tank_fills_at_its_rate_until_it_is_full() -> None:
    works = Storage(area=BOX, volume=600.0, inlet_rate=2.0).works(GRID, FLAT)
    water = basin(depth=0.3)
    held = []
    for time in (100.0, 200.0, 400.0):
        water.run(time, forcings=works.forcings)
        held.append(-water.balance.terms["stored"])
    assert held == pytest.approx([200.0, 400.0, 600.0], rel=1e-9)
    assert abs(water.balance.error) < 1e-13


def test_a_tank_takes_no_more_than_there_is() -> None:
    works = Storage(area=BOX, volume=1e6, inlet_rate=1e4).works(GRID, FLAT)
    water = basin(depth=0.05)
    water.run(600.0, forcings=works.forcings)
    assert water.depth.min() >= 0.0
    assert -water.balance.terms["stored"] <= 0.05 * GRID.area.sum()
    assert on_cells(water).max() < 0.05
    assert abs(water.balance.error) < 1e-12


def test_a_basin_holds_what_was_dug_out() -> None:
    basin_ = Storage(area=BOX, dug=1.5)
    layers, _ = prepare([basin_], "flood", GRID, {"ground_elevation": FLAT + 4.0})
    dug = np.sum((4.0 - layers["ground_elevation"]) * GRID.area)
    assert dug == pytest.approx(1.5 * 240.0 * 240.0, rel=1e-4)
    assert layers["ground_elevation"].min() == pytest.approx(2.5)


@pytest.mark.parametrize(
    "fields", [{}, {"volume": 5.0}, {"dug": 1.0, "volume": 5.0}, {"dug": 1.0, "inlet_rate": 5.0}]
)
def test_storage_is_a_tank_or_a_basin(fields: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="give either volume and inlet_rate, or dug"):
        Storage(area=BOX, **fields)


# Paving


def test_paving_lets_the_soil_take_more() -> None:
    pervious = {"pervious_share": FLAT + 0.2}
    layers, _ = prepare([PermeablePaving(area=BOX, pervious=0.8)], "flood", GRID, pervious)
    share = layers["pervious_share"]
    assert share.max() == pytest.approx(0.8)
    assert np.sum((share - 0.2) * GRID.area) == pytest.approx(0.6 * 240.0**2, rel=1e-4)
    taken = []
    for layer in (pervious, layers):
        rate = np.pad(GRID.scatter(np.asarray(layer["pervious_share"]) * 1e-5), FRAME)
        nothing = np.zeros(rate.shape)
        water = basin(depth=0.1, losses=Losses(CONSTANT, rate, nothing, nothing))
        water.run(600.0)
        taken.append(-water.balance.terms["infiltrated"])
    assert taken[1] - taken[0] == pytest.approx(0.6 * 240.0**2 * 1e-5 * 600.0, rel=1e-3)
    less, _ = prepare([PermeablePaving(area=BOX, pervious=0.1)], "flood", GRID, pervious)
    assert (less["pervious_share"] == 0.2).all()


def test_the_bed_of_paving_takes_its_rate_until_it_is_full() -> None:
    works = PermeablePaving(area=BOX, bed_mm=20.0, bed_mm_h=120.0).works(GRID, FLAT)
    water = basin(depth=0.1)
    water.run(300.0, forcings=works.forcings)
    assert -water.balance.terms["paving"] == pytest.approx(0.010 * 240.0**2, rel=1e-4)
    water.run(1200.0, forcings=works.forcings)
    assert -water.balance.terms["paving"] == pytest.approx(0.020 * 240.0**2, rel=1e-4)
    with pytest.raises(ValidationError, match="the paving takes no water: give pervious or bed_mm"):
        PermeablePaving(area=BOX, pervious=0.0)


# Roads and underpasses


@SOLVERS
def test_a_raised_road_stays_dry_and_holds_water_back(solver: type[Solver]) -> None:
    road = RaisedRoad(line=ACROSS, width=120.0, height=1.0)
    layers, build = prepare([road], "flood", GRID, {"ground_elevation": FLAT})
    ground = layers["ground_elevation"]
    assert build is not None
    water = built(build(GRID, ground), ground=ground, depth=np.where(WEST & (ground < 0.01), 0.6, 0.0),
                  solver=solver)  # fmt: skip
    water.run(300.0)
    assert not on_cells(water)[ground > 0.999].any()
    assert (ground > 0.999).any()
    assert not on_cells(water)[~WEST].any()


@SOLVERS
def test_a_road_narrower_than_a_cell_is_a_bank_all_the_same(solver: type[Solver]) -> None:
    road = RaisedRoad(line=ACROSS, width=8.0, height=1.0)
    layers, build = prepare([road], "flood", GRID, {"ground_elevation": FLAT})
    ground = layers["ground_elevation"]
    assert build is not None
    works = build(GRID, ground)
    assert ground.max() < 0.5
    assert np.allclose(works.barriers[0].level, 1.0, atol=1e-9)
    water = built(works, ground=ground, depth=np.where(WEST, 0.6 - ground, 0.0), solver=solver)
    water.run(120.0)
    assert not on_cells(water)[~WEST].any()


def test_a_road_is_a_line_with_a_width_or_an_area() -> None:
    layers, _ = prepare(
        [RaisedRoad(area=BOX, height=2.0)], "flood", GRID, {"ground_elevation": FLAT}
    )
    assert np.sum(layers["ground_elevation"] * GRID.area) == pytest.approx(2.0 * 240.0**2, rel=1e-4)
    for fields in ({}, {"line": ACROSS}, {"area": BOX, "width": 2.0}):
        with pytest.raises(ValidationError, match="give either line and width, or area"):
            RaisedRoad(height=1.0, **fields)


@SOLVERS
@pytest.mark.parametrize("place", [{"line": ACROSS}, {"area": BOX}])
def test_nothing_passes_a_closed_underpass(place: Any, solver: type[Solver]) -> None:
    works = ClosedUnderpass(**place).works(GRID, FLAT)
    x, y = GRID.x - GRID.x.mean(), GRID.y - GRID.y.mean()
    box = (np.abs(x) < 120.0) & (np.abs(y) < 120.0)
    dry = ~WEST if "line" in place else box
    water = built(works, depth=np.where(dry, 0.0, 20.0), solver=solver)
    water.run(10.0)
    assert not on_cells(water)[dry].any()
    assert on_cells(water)[~dry].max() > 15.0


def test_an_underpass_is_no_wall_for_a_breach() -> None:
    works = ClosedUnderpass(line=ACROSS).works(GRID, FLAT)
    with pytest.raises(ScenarioError, match="no wall or levee lies within"):
        forcings([Breach(name="Gap", at=spot(), width=50.0, forms_h=1.0)], GRID, works)
    for fields in ({}, {"line": ACROSS, "area": BOX}):
        with pytest.raises(ValidationError, match="give either line or area"):
            ClosedUnderpass(**fields)


def test_walls_on_one_edge_stand_as_high_as_the_highest() -> None:
    low, high = (Wall(line=ACROSS, crest=crest).works(GRID, FLAT) for crest in (1.0, 2.0))
    both = Works((*high.barriers, *low.barriers))
    edges, level = both.crests()
    assert edges[0].size == low.barriers[0].edges[0].size
    assert (level == 2.0).all()
    assert (both.crest_at(low.barriers[0].edges) == 2.0).all()


# In a scenario

WALL = '[[measures]]\nkind = "wall"\nline = [[121.47, 31.23], [121.48, 31.24]]\n'
GOOD = '[hazard]\nmodel = "flood"\n'
MISTAKES = {
    "kind": (WALL.replace("wall", "wal"), r"'kind' of measure 1 of .*'wal': choose .*gate.*wall"),
    "no kind": ("[[measures]]\nheight = 2.0\n", r"measure 1 of .* lacks the key 'kind': choose"),
    "no list": ("[measures]\nheight = 2.0\n", r"'measures' of .* is not a list of tables"),
    "words": ("measures = [1]\n", r"'measures' of .* is not a list of tables"),
    "key": (WALL + "heigth = 2.0\n", r"measure 1 \(wall\) of .*'heigth': did you mean 'height'"),
    "value": (WALL + "height = -2.0\n", r"'height' of measure 1 \(wall\) of .*greater than 0.*-2"),
    "both": (WALL, r"measure 1 \(wall\) of .* is wrong: give either height or crest"),
    "place": (WALL.replace("[121.47", "[221.47") + "crest = 2.0\n", r"'line\.0\.0' of measure 1 "),
    "second": (WALL + "crest = 2.0\n" + WALL + "crest = true\n", r"'crest' of measure 2 \(wall\)"),
    "cost": (WALL + "crest = 2.0\ncost = { amount = 1.0, currency = 'yuan', year = 2024 }\n",
             r"'cost\.currency' of measure 1 \(wall\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_a_scenario_gets_one_sentence(case: str, tmp_path: Path) -> None:
    text, message = MISTAKES[case]
    text = text + GOOD if case == "words" else GOOD + text
    (tmp_path / "storm.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=message) as caught:
        Scenario.load(tmp_path / "storm.toml")
    assert "storm.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_measures_in_a_file_are_those_in_code(tmp_path: Path) -> None:
    path = tmp_path / "storm.toml"
    path.write_text(GOOD + WALL + "crest = 2\n" + WALL.replace("wall", "levee") + "height = 1.5\n")
    scenario = Scenario.load(path)
    line = ((121.47, 31.23), (121.48, 31.24))
    assert scenario.measures == (Wall(line=line, crest=2.0), Levee(line=line, height=1.5))
    assert scenario == Scenario(hazard=ct.Flood(), measures=scenario.measures)


def test_a_scenario_without_measures_keeps_its_table_and_its_key() -> None:
    scenario = Scenario(hazard=ct.Flood())
    assert "measures" not in scenario.table()
    assert scenario.key("city") == Scenario(hazard=ct.Flood(), measures=()).key("city")
    layers = {"ground_elevation": FLAT}
    same, build = prepare((), "flood", GRID, layers)
    assert same == layers
    assert build is None


def test_a_missing_layer_is_named() -> None:
    with pytest.raises(
        ct.CityTwinError, match="the layer 'pervious_share' is missing: build the city"
    ):
        prepare([PermeablePaving(area=BOX)], "flood", GRID, {})


PARTS = {
    "misspelt": (
        {"hydrogaph": []},
        r"unknown key 'hazard\.inflows\.0\.hydrogaph': did you mean 'hy",
    ),
    "negative": (
        {"hydrograph": [[0, 1], [1, -2]]},
        r"^'hazard\.inflows\.0\.hydrograph' of the scenario is wrong: row 2 .*below 0$",
    ),
    "no file": ({"hydrograph": "none.csv"}, r"there is no file .*none\.csv: mend the path$"),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_mistake_in_a_part_of_the_event_gets_one_sentence(case: str) -> None:
    fields, message = PARTS[case]
    good = {"name": "Creek", "place": list(spot()), "hydrograph": [[0, 1], [1, 1]]}
    table = {"hazard": {"model": "flood", "inflows": [{**good, **fields}]}}
    with pytest.raises(ScenarioError, match=message):
        Scenario.from_table(table)


def test_a_hydrograph_s_file_is_read_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("time_h,discharge_m3_s\n0,1\n1,3\n", encoding="utf-8")
    inflow = '[[hazard.inflows]]\nname = "Creek"\nplace = [121.47, 31.23]\nhydrograph = "q.csv"\n'
    (tmp_path / "s.toml").write_text(GOOD + inflow, encoding="utf-8")
    scenario = Scenario.load(tmp_path / "s.toml")
    assert scenario.hazard.inflows[0].hydrograph == ((0.0, 1.0), (1.0, 3.0))  # type: ignore[attr-defined]
    # The scenario holds the numbers: saved elsewhere it is the same.
    (tmp_path / "other").mkdir()
    scenario.save(tmp_path / "other" / "s.toml")
    assert Scenario.load(tmp_path / "other" / "s.toml") == scenario


def test_the_key_follows_the_content_of_the_event_s_files(tmp_path: Path) -> None:
    path = tmp_path / "rain.csv"
    path.write_text("time_min,rain_mm\n0,0\n60,10\n", encoding="utf-8")
    scenario = Scenario(hazard=ct.Flood(rain_file=str(path)))
    key = scenario.key("city")
    assert scenario.key("city") == key
    path.write_text("time_min,rain_mm\n0,0\n60,20\n", encoding="utf-8")
    assert scenario.key("city") != key
    path.unlink()
    with pytest.raises(ScenarioError, match=r"file .*rain\.csv cannot be read .*: check the path"):
        scenario.key("city")
