"""Impact of fire, gas and shaking: the rules every impact keeps to, on one small made-up city."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from made_up import made_up_buildings

from citytwin import registry
from citytwin.arrays import Floats
from citytwin.grid.overlay import Shares, polygon_shares
from citytwin.grid.window import Grid, cover
from citytwin.hazards.base import Given, Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.plume import Plume
from citytwin.impact.base import Impact, ImpactModel, Moment
from citytwin.impact.consistency import consistent
from citytwin.impact.exposure import Choices, Exposure
from citytwin.impact.gas import Breathing
from citytwin.impact.hazus.debris import debris_reach
from citytwin.impact.shaking import COVERED, blocked_chance, debris_cells
from citytwin.impact.totals import groups

#: Hazards with an impact of their own.
NAMES = ("earthquake", "fire", "flood", "plume")
#: A storm hard enough to reach walls on a slope.
HARD: dict[str, dict[str, Any]] = {"flood": {"rain_mm": 400.0, "rain_h": 0.2, "simulated_h": 0.3}}


def exposure_on(grid: Grid) -> Exposure:
    """The made-up houses, and a street through every cell."""
    houses = made_up_buildings(grid)
    cells = np.arange(len(grid))
    streets = Shares(np.zeros(cells.size, np.int64), cells, np.full(cells.size, 40.0))
    return Exposure(
        grid, np.full(len(grid), 0.3), houses, np.where(houses.kind == "house", 1.0, 0.0),
        ("street",), np.ones(1, np.bool_), streets, Choices("asia", "CHN", "china"),
    )  # fmt: skip


@pytest.fixture(params=NAMES)
def case(
    request: pytest.FixtureRequest, grid: Grid, layers: dict[str, Floats]
) -> tuple[type[ImpactModel], Exposure, Hazard, Impact]:
    model = registry.hazards.get(request.param)
    exposure = exposure_on(grid)
    event = model(**HARD.get(request.param, {}))
    hazard = event.simulate(grid, layers, given=Given(buildings=exposure.buildings))
    counter = registry.impacts.get(hazard.variable)
    return counter, exposure, hazard, counter.count(exposure, hazard)


def test_every_hazard_of_ours_has_an_impact() -> None:
    outputs = {registry.hazards.get(name).output for name in NAMES}
    assert outputs <= set(registry.impacts.names())


def test_worse_levels_never_hit_more(case: tuple[Any, Exposure, Hazard, Impact]) -> None:
    _, exposure, _, impact = case
    names = [level.name for level in impact.levels]
    for counted in (impact.people, impact.buildings):
        values = [counted[name] for name in names]
        assert values == sorted(values, reverse=True)
    assert impact.people[names[0]] <= exposure.buildings.people.sum() * (1 + 1e-12)
    assert impact.buildings[names[0]] <= len(exposure.buildings)
    assert impact.buildings[names[0]] > 0.0, "nothing happened"


def test_levels_are_what_each_building_says(case: tuple[Any, Exposure, Hazard, Impact]) -> None:
    _, exposure, _, impact = case
    for level in impact.levels:
        on = np.asarray(impact.reached[level.name], np.float64)
        assert impact.buildings[level.name] == pytest.approx(on.sum())
        assert impact.people[level.name] == pytest.approx(exposure.buildings.people @ on)
    rows = groups(exposure, impact)
    assert {row["what"] for row in rows} >= {"people", "buildings"}


def test_numbers_say_who_is_counted_in_both_languages(
    case: tuple[Any, Exposure, Hazard, Impact],
) -> None:
    model, exposure, _, impact = case
    for count in impact.counts:
        assert count.title
        assert re.search(r"[一-鿿]", count.title_zh), count.name
        assert count.who, count.name
        assert 0.0 <= count.value <= (np.inf if count.of is None else count.of * (1 + 1e-12))
    names = [count.name for count in impact.counts]
    assert len(set(names)) == len(names)
    assert all(len(words) == 2 for words in (model.people_word, model.buildings_word))
    first = impact.levels[0].name
    displaced = [count.value for count in impact.counts if count.name == "displaced"]
    assert all(value <= impact.people[first] * (1 + 1e-12) for value in displaced)
    del exposure


def test_numbers_agree_with_one_another(case: tuple[Any, Exposure, Hazard, Impact]) -> None:
    _, exposure, _, impact = case
    assert consistent(impact, exposure) is impact


def test_a_gas_kills_fewer_behind_shut_windows(grid: Grid, layers: dict[str, Floats]) -> None:
    exposure = exposure_on(grid)
    event = registry.hazards.get("plume")(substance="chlorine", treat_as_passive=True)
    hazard = event.simulate(grid, layers, given=Given(buildings=exposure.buildings))
    impact = registry.impacts.get(hazard.variable).count(exposure, hazard)
    found = {count.name: count.value for count in impact.counts}
    assert 0.0 < found["killed_outdoors"] <= exposure.buildings.people.sum()
    assert found["killed_night"] < found["killed_outdoors"]
    assert any("probit" in curve.title for curve in impact.curves)


def test_debris_is_as_wide_at_corners_as_beside_walls() -> None:
    fine = cover((-122.4490, 37.7560, -122.4478, 37.7570), 13)
    x, y = fine.x.mean(), fine.y.mean()
    outlines = np.array([shapely.box(x - 9.0, y - 9.0, x + 9.0, y + 9.0)], dtype=object)
    number = np.ones(1)
    word = np.array(["house"], dtype=object)
    shares = polygon_shares(fine, outlines)
    house = Buildings(outlines, shares, 15.0 * number, 5.0 * number, number, number, word, word,
                      np.nan * number)  # fmt: skip
    none = Shares(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    there = Exposure(fine, np.zeros(len(fine)), house, number, (), np.zeros(0, np.bool_), none)
    found = debris_cells(there)
    heap = shapely.buffer(outlines[0], debris_reach(house.height)[0], quad_segs=64)
    inside = shapely.area(shapely.intersection(shapely.polygons(fine.corners()), heap))
    assert set(found.cell) == set(np.flatnonzero(inside >= COVERED * fine.area))
    assert found.amount.sum() == pytest.approx(inside[found.cell].sum(), rel=2e-3)


def test_a_gas_that_burns_counts_where(grid: Grid, layers: dict[str, Floats]) -> None:
    exposure = exposure_on(grid)
    found = {}
    for gas in ("methane", "chlorine"):
        event = Plume(substance=gas, rate_kg_s=500.0, hour=2.0, treat_as_passive=True)
        hazard = event.simulate(grid, layers, given=Given(buildings=exposure.buildings))
        counts = Breathing.count(exposure, hazard).counts
        found[gas] = {count.name: count.value for count in counts}
    # Methane has no zones of toxic load: all else is 0.
    assert found["methane"]["present_night"] == 0.0
    assert 0.0 < found["methane"]["can_burn"] <= found["methane"]["may_burn"]
    assert not {"can_burn", "may_burn"} & set(found["chlorine"]), "it does not burn"


def test_expected_deaths_take_the_mean_over_a_building(grid: Grid) -> None:
    houses = made_up_buildings(grid)
    item = np.arange(len(houses))
    # A quarter of each house lies in the one deadly cell.
    item, cell = np.repeat(item, 2), np.tile([0, 1], item.size)
    cells = Shares(item, cell, np.where(cell == 0, 25.0, 75.0))
    exposure = replace(exposure_on(grid), buildings=replace(houses, cells=cells))
    none, everywhere = np.zeros(len(grid)), np.ones(len(grid))
    deadly = np.where(np.arange(len(grid)) == 0, 1.0, 0.0)
    summary = {"aegl_zone": 3.0 * everywhere, "indoor_zone": none, "arrival": none,
               "better_inside": none, "lethality": deadly, "indoor_lethality": none}  # fmt: skip
    hazard = Hazard(
        "concentration", np.zeros(1), none[None], summary, {}, ".", substance="chlorine"
    )
    found = {count.name: count.value for count in Breathing.count(exposure, hazard).counts}
    assert found["killed_outdoors"] == pytest.approx(0.25 * houses.people.sum())
    assert found["killed_night"] == 0.0


def test_marks_and_streets_belong_to_the_run(case: tuple[Any, Exposure, Hazard, Impact]) -> None:
    model, exposure, hazard, impact = case
    held = {**hazard.buildings, **impact.per_building}
    whole = Moment(float("inf"), hazard.summary.__getitem__, hazard.summary.__getitem__, held)
    marks = model.marked(exposure, whole)
    assert marks.shape == (len(exposure.buildings),)
    assert marks.min() >= 0
    assert marks.max() <= len(model.building_marks)
    chance = model.closed_chance(exposure, whole)
    assert chance.min() >= 0.0
    assert chance.max() <= 1.0
    fields = {hazard.variable: hazard.intensity[0]} | {k: v[0] for k, v in hazard.fields.items()}
    start = Moment(0.0, fields.__getitem__, hazard.summary.__getitem__, held)
    if hazard.times.size > 1:
        assert (model.marked(exposure, start) > 0).sum() <= (marks > 0).sum()
    assert model.closed(exposure, start).dtype == np.bool_
    if impact.roads:
        assert impact.roads["impassable_m"] <= impact.roads["total_m"] * (1 + 1e-12)


def test_the_course_ends_in_the_whole(case: tuple[Any, Exposure, Hazard, Impact]) -> None:
    _, _, hazard, impact = case
    if not impact.series:
        assert hazard.times.size == 1
        return
    for what, counted in (("people", impact.people), ("buildings", impact.buildings)):
        for level, values in impact.series[what].items():
            assert len(values) == hazard.times.size
            assert max(values) <= counted[level] * (1 + 1e-9) + 1e-9


def test_debris_of_one_house_closes_what_it_reaches(grid: Grid) -> None:
    exposure = exposure_on(grid)
    pairs = debris_cells(exposure)
    chance = np.zeros(len(exposure.buildings))
    assert (blocked_chance(exposure, chance) == 0.0).all()
    if not pairs.item.size:
        return
    chance[pairs.item[0]] = 0.4
    closed = blocked_chance(exposure, chance)
    reached = pairs.cell[pairs.item == pairs.item[0]]
    assert closed[reached] == pytest.approx(0.4)
    assert np.count_nonzero(closed) == np.unique(reached).size


@pytest.mark.parametrize(
    ("substance", "source", "verified"),
    [("chlorine", "Withers and Lees 1985", True), ("ammonia", "Lees, as OSD/30 has it", False)],
)
def test_deaths_by_gas_name_the_source_of_the_substance(
    grid: Grid, layers: dict[str, Floats], *, substance: str, source: str, verified: bool
) -> None:
    exposure = exposure_on(grid)
    event = Plume(substance=substance, simulated_h=0.1, duration_min=5.0, output_min=3.0)
    hazard = event.simulate(grid, layers, given=Given(buildings=exposure.buildings))
    deaths = Breathing.count(exposure, hazard).curves[1]
    assert deaths.title.startswith("share of people who die")
    assert deaths.source.startswith(source)
    assert deaths.verified is verified
