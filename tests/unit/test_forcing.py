"""Rivers, sea, pools, breaches and bursts: exact volumes, levels, growth, restarts, and refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basin import GRID, basin, on_cells, spot, volume
from pydantic import ValidationError
from scipy.ndimage import binary_dilation

from citytwin.errors import InputError, ScenarioError
from citytwin.hazards.flood.edges import outward, place_of
from citytwin.hazards.flood.forcing import (
    Breach,
    Burst,
    Constituent,
    Gauge,
    Inflow,
    Line,
    Pool,
    Shore,
    Works,
    forcings,
)
from citytwin.hazards.flood.forcing.breach import froehlich
from citytwin.hazards.flood.forcing.coefficients import coefficients
from citytwin.hazards.flood.forcing.series import curve
from citytwin.hazards.flood.solver import CLOSED, GRAVITY, Forcing, Solver
from citytwin.hazards.flood.terrain import FRAME
from citytwin.measures.levee import Levee

#: A flood wave: its volume by hand is (10 + 40) / 2 · 0.1 h + (40 + 0) / 2 · 0.2 h.
WAVE = [[0.0, 10.0], [0.1, 40.0], [0.3, 0.0]]
WAVE_VOLUME = (2.5 + 4.0) * 3600.0
WEST_EAST = (spot(-400.0), spot(400.0))
SOUTH_NORTH = (spot(0.0, -500.0), spot(0.0, 500.0))


def run(water: Solver, until: float, *acting: Forcing) -> Solver:
    water.run(until, forcings=acting)
    return water


# Rivers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("place", [spot(), [spot(-60.0), spot(60.0)]], ids=["point", "line"])
def test_a_river_brings_its_volume_to_the_last_bit(dtype: Any, place: Any) -> None:
    river = Inflow(name="Creek", place=place, hydrograph=WAVE)
    # Deep water: single precision then rounds every depth to 5e-7 m, 0.001 m³ in a cell.
    water = run(basin(depth=5.0, dtype=dtype), 1800.0, *forcings([river], GRID))
    # One rounding of one cell's depth is left, however many steps it took.
    rounding = np.finfo(dtype).eps * 6.0 * GRID.area.max()
    assert water.steps > 100
    ledger = 1e-14 * WAVE_VOLUME
    assert abs(water.balance.terms["inflow"] - WAVE_VOLUME) <= 3.0 * rounding + ledger
    assert abs(water.balance.error) < {np.float32: 1e-6, np.float64: 1e-14}[dtype]


def test_a_river_is_straight_between_its_times_and_constant_outside() -> None:
    wave = curve(((1.0, 10.0), (2.0, 30.0)))
    assert wave.at(0.0) == 10.0
    assert wave.at(1.5 * 3600.0) == 20.0
    assert wave.at(1e6) == 30.0
    assert wave.until(0.0) == 0.0
    assert wave.until(3600.0) == pytest.approx(36_000.0, rel=1e-14)
    assert wave.until(1.5 * 3600.0) == pytest.approx(36_000.0 + 15.0 * 1800.0, rel=1e-14)
    assert wave.until(3.0 * 3600.0) == pytest.approx(36_000.0 + 72_000.0 + 108_000.0, rel=1e-14)


def test_a_series_that_began_before_the_start_counts_from_the_start() -> None:
    wave = curve(((-1.0, 0.0), (1.0, 20.0)))
    assert wave.until(0.0) == 0.0
    assert wave.until(3600.0) == pytest.approx(15.0 * 3600.0, rel=1e-14)


def test_a_river_rises_alike_on_all_cells_and_leaves_out_walls() -> None:
    river = Inflow(name="Creek", place=[spot(-150.0), spot(150.0)], hydrograph=[[0, 5], [1, 5]])
    (acting,) = forcings([river], GRID)
    water = basin()
    acting.apply(water, 0.0, 10.0)
    wet = on_cells(water) > 0.0
    assert wet.sum() >= 6
    assert np.ptp(on_cells(water)[wet]) < 1e-15
    assert volume(water) == pytest.approx(50.0, rel=1e-12)


def test_a_hydrograph_may_lie_in_a_file(tmp_path: Path) -> None:
    text = "# gauge 7\ntime_min,note,discharge_m3_s\n0,a,10\n6,b,40\n18,c,0\n"
    (tmp_path / "q.csv").write_text(text, encoding="utf-8")
    given = {"name": "Creek", "place": spot(), "hydrograph": "q.csv"}
    from_file = Inflow.model_validate(given, context={"folder": tmp_path})
    assert from_file == Inflow(name="Creek", place=spot(), hydrograph=WAVE)
    # The event holds the numbers, so it is the same without the file.
    assert Inflow.model_validate(from_file.model_dump(mode="json")) == from_file


FAULTS = {
    "unsorted": (
        [[0, 1], [2, 1], [1, 1]],
        r"row 3 .* \(1 h\) does not come after .* \(2 h\): sort",
    ),
    "twice": ([[0, 1], [0, 2]], r"row 2 .*\(0 h\) does not come after the row before it"),
    "negative": ([[0, 1], [1, -2]], r"row 2 of the hydrograph has -2 m³/s: it must not be below 0"),
    "not a number": ([[0, 1], [1, float("nan")]], r"row 2 of the hydrograph is not finite"),
    "one row": ([[0, 1]], r"the hydrograph has 1 rows: give two or more"),
    "three columns": ([[0, 1, 2], [1, 1, 2]], r"row 1 of the hydrograph is not two numbers: give"),
    "words": ([[0, "much"], [1, 1]], r"row 1 of the hydrograph is not two numbers"),
    "no list": (7.0, r"the hydrograph is no series: give rows"),
    "no file": ("none.csv", r"there is no file .*none\.csv: mend the path"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_series_is_refused_in_a_sentence(fault: str) -> None:
    rows, message = FAULTS[fault]
    with pytest.raises(ValidationError, match=message) as caught:
        Inflow(name="Creek", place=spot(), hydrograph=rows)
    assert len(caught.value.errors()) == 1


FILES = {
    "header": ("hour,q\n0,1\n", r"first line of .*q\.csv must name the columns 'discharge_m3_s'"),
    "two times": ("time_h,time_s,discharge_m3_s\n", r"one of time_h, time_min, time_s"),
    "empty": ("", r"first line of .*q\.csv must name"),
    "text": ("time_h,discharge_m3_s\n0,1\nx,2\n", r"line 3 of .*q\.csv has no number"),
    "short": ("time_h,discharge_m3_s\n# note\n\n0\n", r"line 4 of .*q\.csv has no number"),
    "unsorted": ("time_h,discharge_m3_s\n1,1\n0,1\n", r"line 3 of .*q\.csv of the .*sort the rows"),
    "negative": ("time_h,discharge_m3_s\n1,1\n2,-1\n", r"line 3 of .*q\.csv .*has -1 m³/s"),
    "not finite": ("time_h,discharge_m3_s\n1,nan\n2,1\n", r"line 2 of .*q\.csv .*not finite"),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_wrong_file_is_refused_with_its_line(fault: str, tmp_path: Path) -> None:
    text, message = FILES[fault]
    (tmp_path / "q.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError, match=message):
        Inflow(name="Creek", place=spot(), hydrograph=str(tmp_path / "q.csv"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValidationError, match=r"q\.csv cannot be read: give a CSV file of UTF-8"):
        Inflow(name="Creek", place=spot(), hydrograph=str(tmp_path / "q.csv"))


# Sea


def test_the_sea_stands_at_its_level_along_the_shoreline() -> None:
    shore = Shore(
        name="Bay", line=SOUTH_NORTH, mean_level=1.0,
        tide=[{"amplitude": 0.4, "period_h": 0.4}, {"amplitude": 0.1, "period_h": 0.2, "phase_deg": 90}],
    )  # fmt: skip
    ground = 0.01 * (GRID.x - GRID.x.mean())
    (acting,) = forcings([shore], GRID)
    water = basin(ground)
    place = acting._place
    for minute in (6, 12, 18):
        run(water, minute * 60.0, acting)
        turn = 2.0 * np.pi * minute / 12.0
        level = 1.0 + 0.4 * np.cos(turn / 2.0) + 0.1 * np.cos(turn - np.pi / 2.0)
        assert shore.level(minute * 60.0) == pytest.approx(level, abs=1e-12)
        acting.apply(water, water.time, water.time)
        assert np.allclose(water.level_at(place), level, atol=1e-12)
    assert water.balance.terms["sea"] > 0.0
    assert abs(water.balance.error) < 1e-12


def test_ground_above_the_sea_stays_dry_and_sheds_its_water_into_it() -> None:
    shore = Shore(name="Quay", line=SOUTH_NORTH, mean_level=1.0)
    (acting,) = forcings([shore], GRID)
    water = basin(ground=2.0, depth=0.1)
    acting.apply(water, 0.0, 1.0)
    assert not water.depth_at(acting._place).any()
    assert water.balance.terms["sea"] < 0.0


def test_a_surge_has_its_peak_its_end_and_its_shape() -> None:
    shore = Shore(
        name="Bay", line=SOUTH_NORTH, mean_level=0.5, stage=[[0, 0.0], [10, 1.0]],
        surge_peak=2.0, surge_peak_h=6.0, surge_lasts_h=4.0,
    )  # fmt: skip
    hour = 3600.0
    assert shore.level(6.0 * hour) == pytest.approx(0.5 + 0.6 + 2.0)
    assert shore.level(5.0 * hour) == pytest.approx(0.5 + 0.5 + 1.0)
    assert shore.level(4.0 * hour) == pytest.approx(0.5 + 0.4)
    assert shore.level(9.0 * hour) == pytest.approx(0.5 + 0.9)


def test_a_sea_without_a_level_is_refused() -> None:
    with pytest.raises(ValidationError, match="the sea has no level: give mean_level or stage"):
        Shore(name="Bay", line=SOUTH_NORTH)
    with pytest.raises(ValidationError, match="a line needs 2 points or more that differ"):
        Shore(name="Bay", line=[spot(), spot()], mean_level=0.0)
    assert Constituent(amplitude=1.0, period_h=12.42).at(0.0) == 1.0


# Pools


def test_a_pool_is_filled_once_and_then_flows() -> None:
    corners = [spot(-200, -300), spot(0, -300), spot(0, 300), spot(-200, 300)]
    ground = np.where(GRID.y > GRID.y.mean(), 1.0, 0.0)
    (acting,) = forcings([Pool(name="Lake", area=corners, level=0.5)], GRID)
    water = basin(ground)
    acting.apply(water, 0.0, 0.0)
    depth = on_cells(water)
    assert set(np.round(depth, 3)) == {0.0, 0.5}
    assert not depth[ground > 0.5].any()
    filled = volume(water)
    run(water, 300.0, acting)
    assert water.balance.terms == {"pool": pytest.approx(filled)}
    assert volume(water) == pytest.approx(filled, rel=1e-12)
    assert on_cells(water).max() < 0.5


# At the border

BORDER = [spot(-2000, -2000), spot(2000, -2000), spot(2000, 2000), spot(-2000, 2000)]


def open_town() -> Solver:
    """A level town whose border drains whatever reaches it."""
    inside = np.pad(GRID.window_index >= 0, FRAME)
    drains = ~inside & binary_dilation(inside, np.ones((3, 3)))
    return basin(drains=drains)


@pytest.mark.parametrize(
    "part",
    [
        Pool(name="Bay", area=BORDER, level=1.0),
        Shore(name="Bay", line=[spot(-300, y) for y in range(-400, 401, 5)], mean_level=1.0),
        Inflow(name="Creek", place=[spot(-300, -60), spot(-300, 60)], hydrograph=[[0, 2], [1, 2]]),
    ],
    ids=["pool", "sea", "river"],
)
def test_water_that_goes_on_beyond_the_border_does_not_drain_there(part: Any) -> None:
    (acting,) = forcings([part], GRID)
    water = open_town()
    acting.apply(water, 0.0, 0.0)
    place = acting._place
    out = outward(GRID, GRID.window_index[place[0] - FRAME, place[1] - FRAME])
    assert out[0].size
    way, row, col = out
    assert (water._crest[row + 3, way, col + 3] == CLOSED).all()
    if isinstance(part, Pool):
        run(water, 60.0, acting)
        assert "drained" not in water.balance.terms
        assert np.allclose(on_cells(water), 1.0)


# Burst mains


def test_a_burst_main_gives_its_rate_while_it_is_open() -> None:
    burst = Burst(name="Main", at=spot(), rate=0.5, from_h=0.1, to_h=0.3)
    water = run(basin(), 0.2 * 3600.0, *forcings([burst], GRID))
    assert water.balance.terms["main"] == pytest.approx(0.5 * 360.0, rel=1e-12)
    water = run(basin(), 0.5 * 3600.0, *forcings([burst], GRID))
    assert water.balance.terms["main"] == pytest.approx(0.5 * 720.0, rel=1e-12)


def test_a_burst_by_its_pressure_is_an_orifice() -> None:
    burst = Burst(name="Main", at=spot(), diameter=0.3, pressure_head=30.0)
    free = np.pi * 0.15**2 * np.sqrt(2.0 * GRAVITY * 30.0)
    assert 0.60 * free <= burst.discharge <= 0.65 * free


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "give either rate, or diameter and pressure_head"),
        ({"rate": 1.0, "diameter": 0.2}, "give either rate"),
        ({"diameter": 0.2}, "give either rate"),
        ({"rate": 1.0, "from_h": 2.0, "to_h": 1.0}, "to_h does not come after from_h"),
        ({"rate": -1.0}, "greater than or equal to 0"),
    ],
)
def test_a_burst_without_one_rate_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Burst(name="Main", at=spot(), **fields)


# Breaches


def levee(crest: float = 3.0) -> Works:
    return Levee(name="Dyke", line=SOUTH_NORTH, crest=crest).works(GRID, np.zeros(len(GRID)))


def test_froehlich_gives_what_the_regression_gives() -> None:
    # 0.27 · 1.0 · (251.4e6)^0.32 · 76.2^0.04 and 63.2 √(251.4e6 / (g · 76.2²)): Teton Dam, piping.
    width, time = froehlich(251.4e6, 76.2, "piping")
    assert width == pytest.approx(156.6, rel=1e-3)
    assert time / 3600.0 == pytest.approx(1.166, rel=1e-3)
    assert froehlich(251.4e6, 76.2, "overtopping")[0] == pytest.approx(1.3 * width)


def test_a_breach_grows_to_its_width_and_its_bottom() -> None:
    breach = Breach(name="Gap", at=spot(), width=100.0, forms_h=0.5, start_h=0.5, bottom=1.0)
    works = levee()
    water = basin()
    works.build(water)
    (acting,) = forcings([breach], GRID, works)
    edges = works.crests()[0]

    def crests() -> Any:
        way, row, col = edges
        return water._crest[row + 3, way, col + 3]

    assert (crests() == 3.0).all()
    acting.apply(water, 0.0, 1800.0)
    assert (crests() == 3.0).all()
    acting.apply(water, 1800.0, 2700.0)
    open_half = GRID.lattice.edges[edges[0]][crests() < 3.0].sum()
    assert crests().min() == pytest.approx(2.0)
    acting.apply(water, 2700.0, 3600.0)
    width = GRID.lattice.edges[edges[0]]
    assert crests().min() == pytest.approx(1.0)
    # Edges that are open wholly fall short of 100 m by less than one of them.
    assert 100.0 - width.max() < width[crests() == 1.0].sum() <= 100.0
    assert open_half <= 50.0
    before = crests().copy()
    acting.apply(water, 3600.0, 7200.0)
    assert (crests() == before).all()


def test_a_dam_s_breach_takes_its_size_from_the_water_behind_it() -> None:
    breach = Breach(name="Gap", at=spot(), growth="froehlich", volume=1e8, failure="piping")
    assert breach.size(3.0) == froehlich(1e8, 3.0, "piping")
    works = levee()
    water = basin()
    works.build(water)
    (acting,) = forcings([breach], GRID, works)
    width, time = froehlich(1e8, 3.0, "piping")
    edges, _ = works.crests()
    acting.apply(water, 0.0, 0.5 * time)
    assert np.min(water._crest[water._crest > -1e29]) == pytest.approx(1.5)
    acting.apply(water, 0.5 * time, time)
    way, row, col = edges
    opened = GRID.lattice.edges[way][water._crest[row + 3, way, col + 3] == 0.0].sum()
    assert width - GRID.lattice.edges.max() < opened <= width
    with pytest.raises(InputError, match=r"hydraulics\.csv has no formula 'none'"):
        coefficients("none")


def test_a_breach_part_of_an_edge_wide_lets_its_share_pass() -> None:
    edge = GRID.lattice.edges.min()
    breach = Breach(name="Gap", at=spot(), width=float(0.25 * edge), forms_h=0.0)
    works = levee()
    water = basin(depth=np.where(GRID.x < GRID.x.mean(), 2.0, 0.0))
    works.build(water)
    (acting,) = forcings([breach], GRID, works)
    acting.apply(water, 0.0, 1.0)
    head = 2.0 - np.min(water._crest[water._crest > -1e29])
    first = works.crests()[0][0]
    share = 0.25 * edge / GRID.lattice.edges[np.unique(first)]
    # Crests are held in whole 1/4096 m.
    assert np.isclose(head**1.5 / 2.0**1.5, share, rtol=3e-4).any()


def test_a_breach_down_to_the_ground_ends_there() -> None:
    works = levee()
    water = basin(ground=0.5)
    works.build(water)
    (acting,) = forcings([Breach(name="Gap", at=spot(), width=80.0, forms_h=0.0)], GRID, works)
    acting.apply(water, 0.0, 1.0)
    assert np.min(water._crest[water._crest > -1e29]) == pytest.approx(0.5)


def test_a_breach_where_there_is_no_wall_is_refused() -> None:
    breach = Breach(name="Gap", at=spot(250.0), width=50.0, forms_h=0.5)
    for works in (Works(), levee()):
        with pytest.raises(
            ScenarioError, match=r"the breach 'Gap' at 121\.\d+, 31\.\d+ has no wall"
        ):
            forcings([breach], GRID, works)
    high = Breach(name="Gap", at=spot(), width=50.0, forms_h=0.5, bottom=3.0)
    (acting,) = forcings([high], GRID, levee())
    with pytest.raises(ScenarioError, match=r"bottom at 3\.00 m, but the wall's crest is at 3"):
        acting.apply(basin(), 0.0, 1.0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "linear growth takes width and forms_h"),
        ({"width": 5.0}, "linear growth takes width and forms_h"),
        ({"width": 5.0, "forms_h": 1.0, "volume": 1e6}, "and no volume"),
        ({"growth": "froehlich"}, "froehlich takes volume"),
        ({"growth": "froehlich", "volume": 1e6, "width": 5.0}, "neither width nor forms_h"),
        ({"growth": "sudden", "width": 5.0, "forms_h": 1.0}, "'linear' or 'froehlich'"),
    ],
)
def test_a_breach_without_its_growth_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Breach(name="Gap", at=spot(), **fields)


# All together


def test_two_parts_of_a_kind_need_two_names_and_posts_do_nothing() -> None:
    gauge = Gauge(name="Bridge", at=spot())
    line = Line(name="Bridge", line=SOUTH_NORTH)
    assert forcings([gauge, line], GRID) == []
    assert gauge.cell(GRID) in range(len(GRID))
    assert line.crossing(GRID).edges[0].size > 10
    with pytest.raises(ScenarioError, match="two parts of the event are called the gauge 'Bridge'"):
        forcings([gauge, gauge], GRID)


def test_a_source_in_a_building_is_refused() -> None:
    (acting,) = forcings([Burst(name="Main", at=spot(), rate=1.0)], GRID)
    shut = basin()
    row, col = place_of(GRID, np.array([Gauge(name="g", at=spot()).cell(GRID)]))
    shut._storage[row + 3, col + 3] = 0.0
    with pytest.raises(
        ScenarioError, match="the burst main 'Main' lies where buildings leave no room"
    ):
        acting.apply(shut, 0.0, 1.0)


def parts() -> list[Any]:
    return [
        Pool(name="Lake", area=[spot(-250, -300), spot(-100, -300), spot(-100, 300)], level=0.5),
        Inflow(name="Creek", place=[spot(-60.0), spot(-20.0)], hydrograph=WAVE),
        Shore(name="Bay", line=[spot(250, -400), spot(250, 400)], mean_level=0.2,
              tide=[{"amplitude": 0.1, "period_h": 0.2}]),
        Breach(name="Gap", at=spot(), width=75.0, forms_h=0.1),
        Burst(name="Main", at=spot(100.0), rate=0.3),
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_restart_goes_on_to_the_same_bit(dtype: Any) -> None:
    def fresh() -> tuple[Solver, list[Forcing]]:
        water = basin(ground=0.001 * (GRID.x - GRID.x.mean()), dtype=dtype)
        levee().build(water)
        return water, forcings(parts(), GRID, levee())

    straight, acting = fresh()
    run(straight, 300.0, *acting)
    kept = straight.save(), [forcing.state() for forcing in acting]
    run(straight, 600.0, *acting)
    again, others = fresh()
    again.restore(kept[0])
    for forcing, state in zip(others, kept[1], strict=True):
        forcing.restore(state)
    run(again, 600.0, *others)
    assert again.steps == straight.steps
    assert again.depth.tobytes() == straight.depth.tobytes()
    assert again.balance == straight.balance


@pytest.mark.parametrize("part", [Inflow, Shore, Pool, Breach, Burst, Gauge, Line])
def test_every_field_is_described_with_its_unit(part: Any) -> None:
    assert part.__doc__
    assert part.title
    assert any("\u4e00" <= sign <= "\u9fff" for sign in part.title_zh)
    for name, about in part.model_json_schema()["properties"].items():
        real = [about, *about.get("anyOf", [])]
        assert len(about["description"]) > 5, name
        assert about["title"], name
        assert about["title_zh"], name
        if any(option.get("type") in ("number", "integer") for option in real):
            assert about["unit"], name
            assert any({"minimum", "exclusiveMinimum"} & set(option) for option in real), name
            assert any({"maximum", "exclusiveMaximum"} & set(option) for option in real), name


def test_parts_are_frozen_and_strict() -> None:
    gauge = Gauge(name="Bridge", at=list(spot()))
    with pytest.raises(ValidationError, match="frozen"):
        gauge.name = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="forbidden"):
        Gauge(name="Bridge", at=spot(), colour="red")
    with pytest.raises(ValidationError, match="less than or equal to 90"):
        Gauge(name="Bridge", at=(31.0, 121.0))
    for wrong in ("here", [121.0], [121.0, "north"], [121.0, True]):
        with pytest.raises(ValidationError, match=r"a point is \[longitude, latitude\] in degrees"):
            Gauge(name="Bridge", at=wrong)
    with pytest.raises(ValidationError, match="a line is a list of points"):
        Line(name="Bridge", line="there")
    with pytest.raises(ValidationError, match="an area needs 3 points or more that differ"):
        Pool(name="Lake", area=[spot(), spot(9), spot()], level=1.0)
    closed = Pool(name="Lake", area=[spot(), spot(9), spot(0, 9), spot()], level=1.0)
    assert closed == Pool(name="Lake", area=[spot(), spot(9), spot(0, 9)], level=1.0)
    with pytest.raises(ValidationError, match="at least 1 character"):
        Gauge(name="", at=spot())
