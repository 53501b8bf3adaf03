"""Risk: closed forms, a set by hand, benefits; damage of many assets against a plain reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.impact.flood_damage import depth_damage
from citytwin.impact.risk import (
    annuity,
    average_annual_impact,
    average_annual_of_return_periods,
    exceedance,
    sampled_annual_impact,
    worth,
)
from citytwin.kernels.assets import asset_losses

SEED = st.integers(0, 2**32 - 1)


def test_a_set_of_three_events_by_hand() -> None:
    impact, frequency = np.array([10.0, 100.0, 1.0]), np.array([0.1, 0.01, 1.0])
    curve = exceedance(impact, frequency)
    assert curve.impact.tolist() == [100.0, 10.0, 1.0]
    assert curve.frequency == pytest.approx([0.01, 0.11, 1.11])
    assert curve.return_period == pytest.approx([100.0, 1 / 0.11, 1 / 1.11])
    assert average_annual_impact(impact, frequency) == pytest.approx(1.0 + 1.0 + 1.0)
    assert curve.at(100.0) == pytest.approx(100.0)
    assert curve.at(1e6) == pytest.approx(100.0)
    assert curve.at(0.5) == 0.0
    middle = np.sqrt(100.0 / 0.11)
    assert curve.at(middle) == pytest.approx(55.0)


def test_the_average_is_the_area_of_an_exponential_exceedance() -> None:
    """Impacts above x come λ exp(−x/b) times a year: the mean of a year is λ b."""
    rate, scale, count = 0.3, 5e6, 200_000
    share = (np.arange(count) + 0.5) / count
    impact = -scale * np.log(1.0 - share)
    found = average_annual_impact(impact, np.full(count, rate / count))
    assert found == pytest.approx(rate * scale, rel=1e-4)
    curve = exceedance(impact, np.full(count, rate / count))
    for period in (10.0, 100.0, 1000.0):
        assert curve.at(period) == pytest.approx(scale * np.log(rate * period), rel=1e-3)


def test_design_events_give_the_closed_integral_of_a_power_law() -> None:
    """I(T) = a (1 − 1/T) from one year on: the integral over the frequency is a/2."""
    periods = np.geomspace(1.0, 1e6, 4000)
    impact = 7.0 * (1.0 - 1.0 / periods)
    assert average_annual_of_return_periods(impact, periods) == pytest.approx(3.5, rel=1e-5)
    order = np.random.default_rng(0).permutation(periods.size)
    again = average_annual_of_return_periods(impact[order], periods[order])
    assert again == pytest.approx(3.5, rel=1e-5)


def test_two_design_events_by_hand() -> None:
    """10 at 10 years and 30 at 100: (0.1 − 0.01) · 20 + 0.01 · 30."""
    found = average_annual_of_return_periods(np.array([30.0, 10.0]), np.array([100.0, 10.0]))
    assert found == pytest.approx(0.09 * 20.0 + 0.3)


@settings(deadline=None, max_examples=40)
@given(SEED)
def test_the_average_is_the_area_below_the_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    impact, frequency = rng.exponential(1e6, 50), rng.uniform(1e-4, 0.1, 50)
    curve = exceedance(impact, frequency)
    steps = -np.diff(curve.impact, append=0.0)
    assert float(steps @ curve.frequency) == pytest.approx(average_annual_impact(impact, frequency))


def test_the_band_of_a_sampled_average_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    inside = 0
    for number in range(150):
        band = sampled_annual_impact(rng.exponential(10.0, 200), 0.5, number)
        assert band.low <= band.value <= band.high
        inside += band.low <= 5.0 <= band.high
    assert 0.82 <= inside / 150 <= 0.96  # 90 %, less a little for the skew, and chance


def test_benefits_are_those_of_the_closed_annuity() -> None:
    assert annuity(3, 0.0) == 3.0
    assert annuity(2, 0.1) == pytest.approx(1 / 1.1 + 1 / 1.21)
    found = worth(100.0, 40.0, investment=300.0, upkeep=5.0, years=30, discount=0.03)
    factor = sum(1.03**-year for year in range(1, 31))
    assert found.benefit == pytest.approx(60.0 * factor)
    assert found.cost == pytest.approx(300.0 + 5.0 * factor)
    assert found.ratio == pytest.approx(found.benefit / found.cost)
    assert found.net == pytest.approx(found.benefit - found.cost)


def test_wrong_sets_are_one_sentence() -> None:
    one = np.ones(2)
    for impact, frequency, words in (
        (one, np.ones(3), "2 impacts and 3 frequencies"),
        (np.array([-1.0, 1.0]), one, "negative"),
        (one, np.array([0.0, 1.0]), "not above 0"),
    ):
        with pytest.raises(InputError, match=words):
            exceedance(impact, frequency)
    with pytest.raises(InputError, match="same return period"):
        average_annual_of_return_periods(one, one)
    with pytest.raises(InputError, match="a life of a year"):
        worth(1.0, 0.0, investment=1.0, upkeep=0.0, years=0, discount=0.0)


def plain(
    intensity: Floats,
    cell: Floats,
    value: Floats,
    curve: Floats,
    curves: list[tuple[Floats, Floats]],
) -> Floats:
    """(e, a) losses, asset by asset."""
    there = intensity[:, cell.astype(int)]
    shares = np.stack([np.interp(there, *corners) for corners in curves])
    picked = np.take_along_axis(shares, curve.astype(int)[None, None, :], axis=0)[0]
    return np.where(there > 0.0, picked * value, 0.0)


@settings(deadline=None, max_examples=20)
@given(SEED)
def test_losses_of_assets_are_those_added_up_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = (("europe", "residential"), ("asia", "commercial"), ("north america", "residential"))
    curves = [(c.depth, c.damage) for c in (depth_damage(*name) for name in names)]
    intensity = np.maximum(rng.normal(0.5, 2.0, (7, 40)), 0.0)
    cell, curve = rng.integers(0, 40, 300), rng.integers(0, 3, 300)
    value, weight = rng.uniform(1.0, 9.0, 300), rng.uniform(0.0, 1.0, 7)
    expected = plain(intensity, cell, value, curve, curves)
    for parallel in (False, True):
        by_event, by_asset = asset_losses(
            intensity, cell, value, curve, curves, weight, parallel=parallel
        )
        assert by_event == pytest.approx(expected.sum(axis=1), rel=1e-12)
        assert by_asset == pytest.approx(weight @ expected, rel=1e-12)
    assert float(by_asset.sum()) == pytest.approx(float(weight @ by_event), rel=1e-12)
