"""Hazus: structural types from the map, damage, casualties, debris, ignitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import made_up_buildings

from citytwin.errors import InputError
from citytwin.grid.window import cover
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.impact.hazus import tables
from citytwin.impact.hazus.capacity import capacity_of, damage_by_spectrum, displacements
from citytwin.impact.hazus.casualties import casualties, collapse_probabilities, indoor_share
from citytwin.impact.hazus.classes import (
    classified,
    constructions,
    design_levels,
    structural_types,
)
from citytwin.impact.hazus.debris import debris_reach
from citytwin.impact.hazus.fragility import (
    KNOWN_SHAKING,
    damage_by_drift,
    damage_by_pga,
    drawn_states,
)
from citytwin.impact.hazus.ignitions import expected_ignitions, ignition_times

TYPES = list(tables.types())


def names(kind: str, material: str, levels: float, construction: str = "north_america") -> str:
    found = structural_types(
        np.array([kind], object), np.array([material], object), np.array([levels]), construction
    )
    return TYPES[found[0]]


def test_there_are_36_types_with_all_their_numbers() -> None:
    assert len(TYPES) == 36
    assert np.isfinite(tables.casualty_rates()).all()
    assert np.isfinite(tables.collapse_shares()).all()
    for demand in ("pga", "drift"):
        medians, betas = tables.fragility(demand)
        assert medians.shape == betas.shape == (36, 6, 4)
        assert (np.diff(medians, axis=2) > 0.0).all()


def test_medians_are_the_published_ones() -> None:
    # Wood and unreinforced masonry, read in two public transcriptions.
    medians, betas = tables.fragility("pga")
    assert medians[TYPES.index("W1"), 2].tolist() == [0.24, 0.43, 0.91, 1.34]
    assert medians[TYPES.index("URML"), 0].tolist() == [0.13, 0.17, 0.26, 0.37]
    # No unreinforced masonry at high code: the low one stands for it.
    assert medians[TYPES.index("URML"), 3].tolist() == [0.14, 0.20, 0.32, 0.46]
    assert (betas == 0.64).all()


@pytest.mark.parametrize(
    ("kind", "material", "levels", "construction", "expected"),
    [
        ("house", "", 2, "north_america", "W1"),
        ("building", "", 4, "north_america", "W2"),
        ("apartments", "", 9, "north_america", "C2H"),
        ("house", "brick", 2, "north_america", "URML"),
        ("school", "", 2, "north_america", "RM1L"),
        ("warehouse", "", 1, "europe", "PC1"),
        ("building", "", 5, "china", "RM2M"),
        ("building", "", 20, "china", "C2H"),
        ("house", "", 2, "japan", "W1"),
        ("", "", 4, "europe", "URMM"),
        ("house", "", float("nan"), "north_america", "W1"),
        ("house", "", 0, "north_america", "W1"),
    ],
)
def test_types_follow_the_map(
    kind: str, material: str, levels: float, construction: str, expected: str
) -> None:
    assert names(kind, material, levels, construction) == expected


@pytest.mark.parametrize("construction", constructions())
def test_every_height_has_a_type(construction: str) -> None:
    for material in ("", "wood", "brick", "concrete", "steel", "straw"):
        for levels in range(100):
            assert names("anything", material, levels, construction) in TYPES


def test_levels_follow_the_year() -> None:
    year = np.array([1900.0, 1960.0, 1990.0, np.nan, 1900.0])
    structure = np.array([TYPES.index(name) for name in ("C2L", "C2L", "C2L", "C2L", "W1")])
    found = [tables.LEVELS[k] for k in design_levels(year, structure)]
    assert found == ["pre", "moderate", "high", "moderate", "moderate"]


def test_an_unknown_construction_is_refused() -> None:
    with pytest.raises(InputError, match="construction must be one of north_america"):
        names("house", "", 2, "moon")


def test_a_city_s_buildings_are_classified() -> None:
    buildings = made_up_buildings(cover((0.0, 45.0, 0.01, 45.01), 10))
    structure, level = classified(buildings)
    assert structure.shape == level.shape == (len(buildings),)


@given(st.floats(0.0, 50.0), st.integers(0, 35), st.integers(0, 5))
def test_damage_is_a_distribution_that_worsens(pga: float, structure: int, level: int) -> None:
    chosen = np.full(2, structure), np.full(2, level)
    found = damage_by_pga(np.array([pga, 1.1 * pga + 0.01]), *chosen)
    assert found.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-12)
    assert (found >= 0.0).all()
    worse = found[:, ::-1].cumsum(axis=1)
    assert (worse[1] >= worse[0] - 1e-12).all()


def test_half_the_buildings_reach_a_state_at_its_median() -> None:
    chosen = np.array([TYPES.index("C1M")]), np.array([2])
    found = damage_by_pga(np.array([0.21 * GRAVITY]), *chosen)
    assert found[0, 2:].sum() == pytest.approx(0.5)
    known = damage_by_pga(np.array([0.21 * GRAVITY]), *chosen, beta=KNOWN_SHAKING)
    assert known[0, 2:].sum() == pytest.approx(0.5)
    assert known[0, 4] < found[0, 4]
    drift = damage_by_drift(np.array([0.01]), np.array([TYPES.index("C2L")]), np.array([3]))
    assert drift[0, 2:].sum() == pytest.approx(0.5, abs=0.01)


def test_the_capacity_curve_is_smooth_and_ends_flat() -> None:
    for name in ("W1", "S1H", "C2M", "URML", "MH"):
        capacity = capacity_of(np.full(400, TYPES.index(name)), np.full(400, 1), 7.0)
        at = np.linspace(0.0, 2.0 * capacity.ultimate_at[0], 400)
        strength = capacity.strength(at)
        assert capacity.strength(capacity.yield_at) == pytest.approx(capacity.yield_strength)
        assert strength[-1] == pytest.approx(capacity.ultimate_strength[-1])
        slope = np.diff(strength) / np.diff(at)
        # Without a corner at the yield point, never stiffer than before, flat from the ultimate one.
        assert (np.diff(slope) <= 1e-6 * slope[0]).all()
        beyond = 1.000001 * capacity.yield_at
        assert (capacity.strength(beyond) - capacity.yield_strength) / (
            beyond - capacity.yield_at
        ) == pytest.approx(capacity.yield_strength / capacity.yield_at, rel=1e-3)


def test_a_weak_shake_leaves_a_structure_elastic() -> None:
    # 0.05 g at the yield period: Sd = Sa (T / 2π)² with the structure's own damping.
    structure, level = np.array([TYPES.index("S1M")]), np.array([3])
    capacity = capacity_of(structure, level, 7.0)
    period = 2.0 * np.pi * np.sqrt(capacity.yield_at / capacity.yield_strength)
    sa10 = np.array([0.05 * GRAVITY])
    lowered = sa10 / period * (2.31 - 0.41 * np.log(6.0)) / 1.65
    expected = lowered * (period / (2.0 * np.pi)) ** 2
    found = displacements(2.5 * sa10, sa10, capacity, 7.0)
    assert found < capacity.yield_at
    assert found == pytest.approx(expected, rel=1e-6)


@given(st.floats(0.01, 3.0), st.floats(0.2, 1.2), st.integers(0, 35), st.integers(0, 5))
def test_more_shaking_sways_more(sa03: float, ratio: float, structure: int, level: int) -> None:
    chosen = np.full(3, structure), np.full(3, level)
    given = GRAVITY * sa03 * np.array([1.0, 1.2, 1.2])
    long = ratio * given * np.array([1.0, 1.0, 1.3])
    capacity = capacity_of(*chosen, magnitude=7.0)
    first, more, longer = displacements(given, long, capacity, 7.0)
    assert first <= more * (1.0 + 1e-9)
    assert more <= longer * (1.0 + 1e-9)
    damage = damage_by_spectrum(given, long, *chosen, magnitude=7.0)
    assert damage.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)


def test_long_shaking_wears_a_structure_down() -> None:
    chosen = np.full(1, TYPES.index("C1M")), np.full(1, 2)
    sway = [
        displacements(
            np.array([9.0]), np.array([5.0]), capacity_of(*chosen, magnitude=m), magnitude=7.0
        )[0]
        for m in (5.0, 7.0, 7.9)
    ]
    assert sway[0] < sway[1] < sway[2]
    short, moderate, long = (capacity_of(*chosen, magnitude=m).kappa[0] for m in (5.0, 7.0, 7.9))
    ends = [capacity_of(*chosen, magnitude=m).kappa[0] for m in (5.5, 5.51, 7.49, 7.5)]
    assert ends == [short, moderate, moderate, long], "shaking is long from 7.5 on"


def test_no_shaking_hurts_nobody() -> None:
    found = damage_by_pga(np.zeros(2), np.array([0, 33]), np.array([0, 0]))
    assert found[:, 0].tolist() == [1.0, 1.0]
    assert casualties(found, np.array([0, 33]), np.array([5.0, 9.0])).sum() == 0.0


def test_drawn_states_follow_the_probabilities() -> None:
    chosen = np.full(40_000, TYPES.index("URML")), np.zeros(40_000, np.int64)
    weak, strong = (damage_by_pga(np.full(40_000, g * GRAVITY), *chosen) for g in (0.2, 0.4))
    states = drawn_states(weak, 3)
    assert np.bincount(states, minlength=5) / 40_000 == pytest.approx(weak[0], abs=0.01)
    assert (drawn_states(strong, 3) >= states).all()
    assert (drawn_states(weak, 3) == states).all()
    assert (drawn_states(weak, 4) != states).any()


def test_casualties_by_hand() -> None:
    # Complete damage of unreinforced masonry: 15 % collapse (Hazus 6.1, tables 12-7 and 12-8).
    structure, whole = np.array([TYPES.index("URML")]), np.eye(5)[[4]]
    rates = tables.casualty_rates()[structure[0]]
    found = casualties(whole, structure, np.array([100.0]))
    assert found[0] == pytest.approx(85.0 * rates[3] + 15.0 * rates[4])
    assert collapse_probabilities(whole, structure) == pytest.approx([0.15])
    assert rates[4].tolist() == [0.4, 0.2, 0.05, 0.1]


def test_people_are_indoors_at_night() -> None:
    assert indoor_share("home", "night") > indoor_share("home", "day")


def test_rubble_reaches_as_published() -> None:
    height = np.array([0.0, 12.0, 24.0, 54.0, 100.0, 300.0])
    long = debris_reach(height)
    assert long == pytest.approx([0.0, 8.0, 16.0, 27.0, 50.0, 90.0])
    assert (debris_reach(height, side="short") <= long).all()
    assert debris_reach(height, 0.1) == pytest.approx(0.1 * long)


def test_ignitions_by_hand() -> None:
    area = np.array([92_903.04, 92_903.04, 92_903.04])
    pga = np.array([0.5, 0.04, 0.0]) * GRAVITY
    assert expected_ignitions(pga, area) == pytest.approx([0.13075175, 0.0, 0.0], abs=1e-7)


def test_fires_start_as_often_and_as_late_as_they_should() -> None:
    expected = np.full(60_000, 0.05)
    times = ignition_times(expected, 1)
    lit = np.isfinite(times)
    assert lit.mean() == pytest.approx(1.0 - np.exp(-0.05), abs=0.004)
    assert times[lit].min() >= 0.0
    assert times[lit].max() <= 24.0 * 3600.0
    assert (times[lit] <= 3600.0).mean() == pytest.approx(0.5, abs=0.03)
    assert (ignition_times(expected, 1) == times).all()
    more = ignition_times(2.0 * expected, 1)
    assert (more <= times).all()
    assert np.isinf(ignition_times(np.zeros(9), 1)).all()


def test_what_is_not_verified_is_said() -> None:
    said = " ".join(tables.notes())
    assert "not verified" in said
    assert "indoors" not in said, "no share of the people is indoors: all of them are"
    assert "assumed" in said
