"""How often events come: averages, bands and curves by hand and in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from citytwin.errors import InputError
from citytwin.impact.flood_damage import DAMAGED, depth_damage, greatest_damage
from citytwin.impact.flood_losses import STOREYS, flood_losses
from citytwin.impact.frequencies import (
    DesignEvents,
    KnownFrequencies,
    ObservedFrequencies,
    _at,
)
from citytwin.impact.risk import Exceedance, average_annual_of_return_periods
from citytwin.impact.uses import priced_uses
from citytwin.impact.verification import many_houses

SEED = st.integers(0, 2**32 - 1)


def test_design_events_by_hand() -> None:
    """10 at 10 years, 30 at 100: middle 0.09 · 20 + 0.3, low 0.09 · 10 + 0.3, high 0.09 · 30 + 0.3."""
    often = DesignEvents(np.array([100.0, 10.0]))
    found = often.annual(np.array([30.0, 10.0]))
    assert (found.value, found.low, found.high) == (
        pytest.approx(2.1), pytest.approx(1.2), pytest.approx(3.0),
    )  # fmt: skip
    assert [(p.return_period, p.impact) for p in often.curve(np.array([30.0, 10.0]))] == [
        (10.0, 10.0),
        (100.0, 30.0),
    ]
    reached = np.array([[1, 1, 0], [0, 1, 0]])
    assert often.exceeded(reached).tolist() == [0.01, 0.1, 0.0]


@settings(deadline=None, max_examples=50)
@given(SEED)
def test_the_average_of_design_events_lies_between_their_sums(seed: int) -> None:
    rng = np.random.default_rng(seed)
    periods, impact = rng.uniform(1.0, 500.0, 7), rng.exponential(9.0, 7)
    often = DesignEvents(periods)
    found = often.annual(impact)
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(average_annual_of_return_periods(impact, periods))
    assert often.annual(2.0 * impact).value == pytest.approx(2.0 * found.value)
    curve = [point.impact for point in often.curve(impact)]
    assert curve == sorted(curve)


def test_known_frequencies_have_no_band() -> None:
    often = KnownFrequencies(np.array([0.1, 0.01]))
    found = often.annual(np.array([10.0, 100.0]))
    assert found.value == pytest.approx(2.0)
    assert np.isnan([found.low, found.high]).all()
    assert [p.impact for p in often.curve(np.array([10.0, 100.0]))] == [10.0, 100.0]
    assert often.exceeded(np.array([[1, 0], [1, 1]])) == pytest.approx([0.11, 0.01])


def test_equal_impacts_have_the_band_of_the_gamma_distribution() -> None:
    often = ObservedFrequencies(np.full(12, 1.0 / 30.0), 30.0)
    found = often.annual(np.full(12, 5.0))
    ends = stats.gamma(12, scale=1.0 / 30.0).ppf((0.05, 0.95)) * 5.0
    assert [found.low, found.high] == pytest.approx(ends, rel=0.03)
    assert found.value == pytest.approx(2.0)


def test_a_large_sample_is_not_surer_than_the_years_behind_it() -> None:
    """1,000 events sampled from 20 seen in 10 years: of equal impacts gamma with shape 20."""
    sampled = ObservedFrequencies(np.full(1000, 2.0 / 1000), 10.0, sampled=True)
    found = sampled.annual(np.ones(1000))
    ends = stats.gamma(20, scale=0.1).ppf((0.05, 0.95))
    assert [found.low, found.high] == pytest.approx(ends, rel=0.03)
    few = ObservedFrequencies(np.full(5, 2.0 / 5), 10.0, sampled=True).annual(np.ones(5))
    assert [few.low, few.high] == pytest.approx(ends, rel=0.03)
    impact = np.random.default_rng(0).exponential(1.0, 1000)
    wide, seen = sampled.annual(impact), ObservedFrequencies(np.full(20, 0.1), 10.0)
    assert wide.high - wide.low > 0.6 * (
        seen.annual(impact[:20]).high - seen.annual(impact[:20]).low
    )


def test_a_difference_has_its_own_band() -> None:
    """What every event loses alike is as sure as the number of events, however unlike the events."""
    rng = np.random.default_rng(1)
    before = rng.exponential(100.0, 40)
    often = ObservedFrequencies(np.full(40, 0.1), 10.0)
    averted = often.annual(before - (before - 1.0))
    assert averted.value == pytest.approx(4.0)
    assert averted.high - averted.low < 2.5
    assert often.annual(before).high - often.annual(before).low > 100.0


@settings(deadline=None, max_examples=30)
@given(SEED)
def test_the_curve_of_many_draws_is_that_of_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    impact = np.sort(rng.exponential(5.0, 15))[::-1]
    summed = np.cumsum(rng.gamma(1.0, 0.05, (20, 15)), axis=1)
    for period in (0.5, 2.0, 10.0, 100.0):
        one = [float(Exceedance(impact, row).at(period)) for row in summed]
        assert _at(impact, summed, period) == pytest.approx(one)


def test_the_curve_of_observed_events_keeps_within_what_they_reach() -> None:
    often = ObservedFrequencies(np.full(60, 1.0 / 30.0), 30.0)
    curve = often.curve(np.random.default_rng(2).exponential(5.0, 60))
    assert [point.return_period for point in curve] == [2.0, 5.0, 10.0, 20.0]
    assert all(point.low <= point.impact * 1.001 for point in curve)
    assert all(point.impact <= point.high * 1.001 for point in curve)


def test_wrong_frequencies_are_one_sentence() -> None:
    for wrong, words in (
        (np.array([1.0, 1.0]), "same return period"),
        (np.array([0.0, 1.0]), "not above 0"),
        (np.empty(0), "empty"),
    ):
        with pytest.raises(InputError, match=words):
            DesignEvents(wrong)
    with pytest.raises(InputError, match="not above 0"):
        KnownFrequencies(np.array([-0.1]))


def test_damage_of_a_run_is_that_of_the_functions_one_by_one() -> None:
    city = many_houses(500)
    rng = np.random.default_rng(9)
    at_walls = np.maximum(rng.normal(0.5, 1.5, (6, 500)), 0.0)
    at_walls[0, :4] = 0.15, 0.1499999, 6.0, 9.0
    use, plain = priced_uses(city), np.zeros((6, 500))
    area = city.buildings.area * np.minimum(city.buildings.levels, STOREYS)
    for name in DAMAGED:
        mine = use == name
        there = at_walls[:, mine]
        share = np.where(there >= 0.15, depth_damage("europe", name).at(there), 0.0)
        plain[:, mine] = share * area[mine] * greatest_damage("DEU", name)
    weight = rng.uniform(0.0, 0.1, 6)
    by_flood, by_building = flood_losses(city, at_walls, 0.15, weight)
    assert plain.any()
    assert by_flood == pytest.approx(plain.sum(axis=1), rel=1e-12)
    assert by_building == pytest.approx(weight @ plain, rel=1e-12, abs=1e-9)
    assert flood_losses(city, at_walls[:1], 0.15)[1] == pytest.approx(plain[0], rel=1e-12, abs=1e-9)
