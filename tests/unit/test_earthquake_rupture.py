"""Ruptures from few numbers, and distances to them, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytwin.hazards.earthquake.rupture import (
    distances,
    plane_rupture,
    point_rupture,
    size_of,
    trace_rupture,
)


def test_a_point_is_as_far_as_it_is() -> None:
    rupture = point_rupture(3e3, 4e3, 12e3)
    x, y = np.array([0.0, 3e3]), np.array([0.0, 4e3])
    assert distances(rupture, x, y) == pytest.approx([5e3, 0.0])
    assert distances(rupture, x, y, flat=False) == pytest.approx([13e3, 12e3])


def test_a_vertical_plane_projects_to_a_line() -> None:
    rupture = plane_rupture((0.0, 0.0, 10e3), 0.0, 90.0, 20e3, 10e3)
    assert rupture.top == pytest.approx(5e3)
    x, y = np.array([3e3, 0.0, 4e3]), np.array([0.0, 15e3, 13e3])
    assert distances(rupture, x, y) == pytest.approx([3e3, 5e3, 5e3])
    assert distances(rupture, x, y, flat=False) == pytest.approx([34e6**0.5, 50e6**0.5, 50e6**0.5])


def test_a_dipping_plane_has_a_hanging_wall() -> None:
    # Strike north, dip 30° to the east, from the surface: it lies below 0 < x < 10 cos 30°.
    rupture = plane_rupture((0.0, 0.0, 0.0), 0.0, 30.0, 20e3, 10e3)
    assert rupture.top == 0.0
    x, y = np.array([5e3, -2e3, 12e3]), np.zeros(3)
    edge = 10e3 * np.cos(np.radians(30.0))
    assert distances(rupture, x, y) == pytest.approx([0.0, 2e3, 12e3 - edge])
    assert distances(rupture, x, y, flat=False)[0] == pytest.approx(5e3 * np.sin(np.radians(30.0)))


def test_no_plane_sticks_out_of_the_ground() -> None:
    rupture = plane_rupture((0.0, 0.0, 3e3), 90.0, 60.0, 30e3, 20e3)
    assert rupture.top == pytest.approx(0.0, abs=1e-6)
    assert rupture.width == pytest.approx(20e3)
    assert rupture.length == pytest.approx(30e3)


def test_a_bent_trace_is_near_each_of_its_pieces() -> None:
    rupture = trace_rupture(
        np.array([0.0, 0.0, 10e3]), np.array([0.0, 10e3, 10e3]), 2e3, 90.0, 12e3
    )
    x, y = np.array([-1e3, 5e3, 11e3]), np.array([5e3, 12e3, 10e3])
    assert distances(rupture, x, y) == pytest.approx([1e3, 2e3, 1e3])
    assert rupture.length == pytest.approx(20e3)
    assert distances(rupture, x, y, flat=False)[0] == pytest.approx(np.hypot(1e3, 2e3))


def test_a_trace_that_closes_dips_somewhere() -> None:
    ring = np.array([0.0, 1e3, 0.0]), np.array([0.0, 1e3, 0.0])
    rupture = trace_rupture(*ring, 0.0, 45.0, 1e3)
    assert np.isfinite(rupture.down).all()


@given(st.floats(0.0, 360.0), st.floats(5.0, 90.0), st.floats(-50e3, 50e3), st.floats(-50e3, 50e3))
def test_turning_the_world_changes_no_distance(
    strike: float, dip: float, x: float, y: float
) -> None:
    angle = np.radians(strike)
    turned = (
        np.array([x * np.cos(angle) + y * np.sin(angle)]),
        np.array([y * np.cos(angle) - x * np.sin(angle)]),
    )
    straight = plane_rupture((0.0, 0.0, 20e3), 0.0, dip, 30e3, 15e3)
    rotated = plane_rupture((0.0, 0.0, 20e3), strike, dip, 30e3, 15e3)
    for flat in (True, False):
        first = distances(straight, np.array([x]), np.array([y]), flat=flat)
        assert distances(rotated, *turned, flat=flat) == pytest.approx(first, abs=1e-3)


def test_a_rupture_is_never_nearer_than_its_projection() -> None:
    rupture = plane_rupture((1e3, 2e3, 12e3), 40.0, 50.0, 25e3, 12e3)
    x, y = np.random.default_rng(0).uniform(-60e3, 60e3, (2, 2000))
    assert (distances(rupture, x, y, flat=False) >= distances(rupture, x, y) - 1e-6).all()


def test_ruptures_grow_with_magnitude() -> None:
    length, width = size_of(7.0, "strike_slip")
    assert length == pytest.approx(58.88e3, rel=1e-3)
    assert width == pytest.approx(13.49e3, rel=1e-3)
    assert size_of(7.9, "strike_slip")[0] > 3.0 * length
