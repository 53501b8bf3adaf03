"""What the ground takes: closed forms, exact implicit equations, soils by name."""

from collections.abc import Callable
from math import exp, expm1, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from citytwin.errors import ScenarioError, UnknownNameError
from citytwin.hazards.flood.losses import CONSTANT, GREEN_AMPT, HORTON, Losses, capacity

MM_H = 1e-3 / 3600.0
#: Initial rate, final rate [m/s] and decay [1/s] of a loam.
LOAM_HORTON = (76.2 * MM_H, 5.7 * MM_H, 4.0 / 3600.0)
#: Conductivity [m/s], suction [m] and deficit of a loam.
LOAM_GREEN_AMPT = (3.4 * MM_H, 0.0889, 0.217)


def horton_taken(initial: float, final: float, decay: float, time: float) -> float:
    """Depth that Horton's curve has taken until a time."""
    return final * time - (initial - final) / decay * expm1(-decay * time)


def green_ampt_time(conductivity: float, pull: float, taken: float) -> float:
    """Time in which ground under water takes a depth, by the implicit equation."""
    return (taken - pull * log1p(taken / pull)) / conductivity


def green_ampt_taken(conductivity: float, pull: float, time: float) -> float:
    """Depth taken in a time, by bisection of the implicit equation."""
    high = conductivity * time + 2.0 * np.sqrt(2.0 * conductivity * pull * time) + 1e-12

    def miss(taken: float) -> float:
        return green_ampt_time(conductivity, pull, taken) - time

    return brentq(miss, 0.0, high, xtol=1e-18, rtol=1e-14)


def storm(kind: int, p: tuple[float, float, float], rain: np.ndarray, span: float) -> np.ndarray:
    """Depth taken until the end of each span when so much rains in each."""
    taken, course = 0.0, []
    for depth in rain:
        taken += min(depth, capacity(kind, *p, taken, span))
        course.append(taken)
    return np.array(course)


def test_constant_rate_takes_rate_times_span() -> None:
    assert capacity(CONSTANT, 2e-6, 0.0, 0.0, 0.3, 60.0) == pytest.approx(1.2e-4, rel=1e-15)


@given(
    initial=st.floats(1e-6, 1e-3),
    ratio=st.floats(1e-6, 0.999),
    decay=st.floats(1e-5, 1e-2),
    age=st.floats(0.0, 30.0),
    span=st.floats(0.01, 3600.0),
)
def test_horton_follows_its_closed_form(
    initial: float, ratio: float, decay: float, age: float, span: float
) -> None:
    final, time = initial * ratio, age / decay
    taken = horton_taken(initial, final, decay, time)
    exact = final * span - (initial - final) / decay * exp(-age) * expm1(-decay * span)
    # 1e-8 is the rest of the starting value after one step of fourth order; at the end of a long
    # curve the time is known from `taken` only to the last digit of it.
    loose = 1e-8 + 1e-15 * taken / (exact or 1.0)
    assert capacity(HORTON, initial, final, decay, taken, span) == pytest.approx(exact, rel=loose)


def test_horton_under_water_is_the_integral_whatever_the_spans() -> None:
    exact = horton_taken(*LOAM_HORTON, 7200.0)
    for span in (1.0, 60.0, 7200.0):
        course = storm(HORTON, LOAM_HORTON, np.full(int(7200 / span), 1.0), span)
        assert course[-1] == pytest.approx(exact, rel=1e-7)


def test_horton_is_condensed_in_time_by_weak_rain() -> None:
    # An hour of 10 mm/h, all of it taken, then water stands: the curve goes on from the moment at
    # which it would have taken 10 mm, not from one hour.
    weak = storm(HORTON, LOAM_HORTON, np.full(3600, 10.0 * MM_H), 1.0)
    assert weak[-1] == pytest.approx(0.010, rel=1e-12)
    moment = brentq(lambda t: horton_taken(*LOAM_HORTON, t) - 0.010, 0.0, 3600.0, xtol=1e-9)
    assert moment < 700.0
    next_minute = capacity(HORTON, *LOAM_HORTON, weak[-1], 60.0)
    exact = horton_taken(*LOAM_HORTON, moment + 60.0) - 0.010
    assert next_minute == pytest.approx(exact, rel=1e-7)


def test_horton_without_final_rate_takes_what_the_decay_leaves() -> None:
    most = 5e-5 / 1e-3
    assert capacity(HORTON, 5e-5, 0.0, 1e-3, 0.0, 1e9) == pytest.approx(most, rel=1e-12)
    assert capacity(HORTON, 5e-5, 0.0, 1e-3, most, 60.0) == 0.0
    assert capacity(HORTON, 5e-5, 5e-5, 1e-3, 9.0, 60.0) == pytest.approx(3e-3, rel=1e-12)


@given(
    conductivity=st.floats(1e-8, 1e-4),
    pull=st.floats(1e-4, 0.3),
    taken=st.floats(0.0, 2.0),
    span=st.floats(0.1, 86400.0),
)
def test_green_ampt_solves_its_implicit_equation(
    conductivity: float, pull: float, taken: float, span: float
) -> None:
    rise = capacity(GREEN_AMPT, conductivity, pull / 0.3, 0.3, taken, span)
    drained = rise - pull * log1p(rise / (taken + pull))
    # Asked for is 1e-4 of the rise. The equation is flat near 0, so its left side is looser by the
    # slope, which is 1 - S / (F + S + rise) or more.
    assert drained == pytest.approx(conductivity * span, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("taken", [0.0, 1e-3, 0.02, 0.5])
@pytest.mark.parametrize("span", [0.1, 60.0, 3600.0, 86400.0])
def test_green_ampt_rise_is_exact(taken: float, span: float) -> None:
    conductivity, suction, deficit = LOAM_GREEN_AMPT
    pull = suction * deficit
    before = green_ampt_time(conductivity, pull, taken)
    exact = green_ampt_taken(conductivity, pull, before + span) - taken
    got = capacity(GREEN_AMPT, *LOAM_GREEN_AMPT, taken, span)
    assert got == pytest.approx(exact, rel=1e-7)


def test_green_ampt_storm_with_ponding() -> None:
    # Mein & Larson: under steady rain i > K water stands from F = K S / (i - K) on.
    conductivity, suction, deficit = LOAM_GREEN_AMPT
    pull, rate = suction * deficit, 20.0 * MM_H
    ponded = conductivity * pull / (rate - conductivity)
    start = ponded / rate
    assert 200.0 < start < 900.0
    course = storm(GREEN_AMPT, LOAM_GREEN_AMPT, np.full(7200, rate), 1.0)
    times = np.arange(1, 7201)
    before = times <= start
    np.testing.assert_allclose(course[before], rate * times[before], rtol=1e-12)
    shift = start - green_ampt_time(conductivity, pull, ponded)
    exact = [green_ampt_taken(conductivity, pull, time - shift) for time in times[~before][::600]]
    # Ponding falls inside one of the spans of a second.
    np.testing.assert_allclose(course[~before][::600], exact, rtol=1e-4)


def test_green_ampt_does_not_depend_on_the_spans() -> None:
    one = capacity(GREEN_AMPT, *LOAM_GREEN_AMPT, 0.0, 7200.0)
    for span in (0.5, 10.0, 600.0):
        course = storm(GREEN_AMPT, LOAM_GREEN_AMPT, np.full(int(7200 / span), 1.0), span)
        assert course[-1] == pytest.approx(one, rel=1e-7)


def test_green_ampt_of_saturated_or_sealed_ground() -> None:
    assert capacity(GREEN_AMPT, 1e-6, 0.1, 0.0, 0.2, 60.0) == pytest.approx(6e-5, rel=1e-15)
    assert capacity(GREEN_AMPT, 0.0, 0.1, 0.3, 0.0, 60.0) == 0.0


def test_dry_spells_do_not_count() -> None:
    rain = np.concatenate((np.full(600, 30 * MM_H), np.zeros(3600), np.full(600, 30 * MM_H)))
    for kind, p in ((HORTON, LOAM_HORTON), (GREEN_AMPT, LOAM_GREEN_AMPT)):
        with_break = storm(kind, p, rain, 1.0)[-1]
        without = storm(kind, p, rain[rain > 0.0], 1.0)[-1]
        assert with_break == pytest.approx(without, rel=1e-12)


@given(
    rain=st.lists(st.floats(0.0, 0.01), min_size=1, max_size=40),
    kind=st.sampled_from([CONSTANT, HORTON, GREEN_AMPT]),
)
def test_ground_takes_no_more_than_falls_and_less_and_less(rain: list[float], kind: int) -> None:
    p = {CONSTANT: (1e-6, 0.0, 0.0), HORTON: LOAM_HORTON, GREEN_AMPT: LOAM_GREEN_AMPT}[kind]
    course = storm(kind, p, np.array(rain), 30.0)
    assert np.all(np.diff(course, prepend=0.0) >= 0.0)
    assert np.all(course <= np.cumsum(rain) * (1.0 + 1e-12))
    room = [capacity(kind, *p, taken, 30.0) for taken in course]
    assert np.all(np.diff(room) <= 1e-9 * room[0])


def test_soils_by_name() -> None:
    share = np.array([1.0, 0.5, 0.0])
    green = Losses.green_ampt(["sand", "clay", "loam"], share, dryness=0.5)
    assert green.kind == GREEN_AMPT
    np.testing.assert_allclose(green.p0 / MM_H, [117.8, 0.15, 0.0])
    np.testing.assert_allclose(green.p1, [0.0495, 0.3163, 0.0889])
    np.testing.assert_allclose(green.p2, [0.2085, 0.385 * 0.25, 0.0])
    horton = Losses.horton("B", share)
    np.testing.assert_allclose(horton.p0 / MM_H, 76.2 * share)
    np.testing.assert_allclose(horton.p2, 4.0 / 3600.0)
    constant = Losses.constant(10.0 * MM_H, share)
    np.testing.assert_allclose(constant.p0 / MM_H, 10.0 * share)


@pytest.mark.parametrize("build", [Losses.horton, Losses.green_ampt])
def test_half_pervious_ground_takes_half(build: Callable[..., Losses]) -> None:
    soil = "B" if build == Losses.horton else "loam"
    whole, half = build(soil, np.array([1.0])), build(soil, np.array([0.5]))
    for taken in (0.0, 0.004, 0.05):
        full = capacity(whole.kind, whole.p0[0], whole.p1[0], whole.p2[0], taken, 60.0)
        part = capacity(half.kind, half.p0[0], half.p1[0], half.p2[0], taken / 2.0, 60.0)
        assert part == pytest.approx(full / 2.0, rel=1e-9)


def test_sandier_soils_take_more() -> None:
    names = ["sand", "loamy sand", "sandy loam", "clay loam", "silty clay", "clay"]
    soils = Losses.green_ampt(names, np.ones(len(names)))
    hour = [
        capacity(GREEN_AMPT, *p, 0.0, 3600.0)
        for p in zip(soils.p0, soils.p1, soils.p2, strict=True)
    ]
    assert np.all(np.diff(hour) < 0.0)
    groups = Losses.horton(list("ABCD"), np.ones(4))
    hour = [
        capacity(HORTON, *p, 0.0, 3600.0) for p in zip(groups.p0, groups.p1, groups.p2, strict=True)
    ]
    assert np.all(np.diff(hour) < 0.0)


def test_wrong_ground_is_refused() -> None:
    ones = np.ones(2)
    with pytest.raises(UnknownNameError, match=r"no soil 'peat' .* choose one of sand, loamy sand"):
        Losses.green_ampt(["sand", "peat"], ones)
    with pytest.raises(UnknownNameError, match="no soil 'loam' for losses by horton"):
        Losses.horton("loam", ones)
    with pytest.raises(ScenarioError, match="'dryness' of the ground must be a share"):
        Losses.green_ampt("loam", ones, dryness=1.5)
    with pytest.raises(ScenarioError, match="'pervious_share' of the ground must be a share"):
        Losses.constant(1e-6, np.array([0.5, np.nan]))
    with pytest.raises(ScenarioError, match="rate at which the ground takes water is below 0"):
        Losses.constant(-1e-6, ones)
