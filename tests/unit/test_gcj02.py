"""GCJ-02 and BD-09: against independent programs, both ways, and outside China."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.sources.gcj02 import (
    LARGEST_SHIFT,
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "gcj02.csv"
#: Places well inside the rectangle, so that their images are inside it, too.
inside = st.tuples(st.floats(72.1, 137.7), st.floats(0.9, 55.7))


def columns(*names: str) -> Floats:
    with GOLDEN.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return np.array([[float(row[name]) for name in names] for row in rows])


def test_other_programs_give_the_same() -> None:
    plain = columns("lon", "lat")
    assert len(plain) == 8
    gcj, bd = columns("gcj_lon", "gcj_lat"), columns("bd_lon", "bd_lat")
    assert np.abs(wgs84_to_gcj02(plain) - gcj).max() < 1e-12
    assert np.abs(gcj02_to_bd09(gcj) - bd).max() < 1e-12
    assert np.abs(wgs84_to_bd09(plain) - bd).max() < 1e-12
    assert np.abs(gcj02_to_wgs84(gcj) - plain).max() < 1e-12
    assert np.abs(bd09_to_wgs84(bd) - plain).max() < 1e-12


@given(inside)
def test_there_and_back_inside_china(place: tuple[float, float]) -> None:
    points = np.array([place])
    for there, back in (
        (wgs84_to_gcj02, gcj02_to_wgs84),
        (gcj02_to_bd09, bd09_to_gcj02),
        (wgs84_to_bd09, bd09_to_wgs84),
    ):
        assert np.abs(back(there(points)) - points).max() < 1e-11
        assert np.abs(there(back(points)) - points).max() < 1e-11
        assert np.abs(there(points) - points).max() < LARGEST_SHIFT


@given(st.tuples(st.floats(-180.0, 72.0), st.floats(-90.0, 90.0)))
def test_outside_china_nothing_is_shifted(place: tuple[float, float]) -> None:
    points = np.array([place])
    assert (wgs84_to_gcj02(points) == points).all()
    assert (gcj02_to_wgs84(points) == points).all()


def test_on_the_meridian_of_the_kink() -> None:
    lon = 105.0 + np.concatenate([[0.0], np.logspace(-14, -6, 200), -np.logspace(-14, -6, 200)])
    points = np.stack([lon, np.full_like(lon, 35.0)], axis=1)
    assert np.abs(gcj02_to_wgs84(wgs84_to_gcj02(points)) - points).max() < 1e-11


def test_many_at_once_and_one_by_one_are_the_same() -> None:
    points = np.stack([np.linspace(73.0, 137.0, 50), np.linspace(2.0, 55.0, 50)], axis=1)
    alone = np.concatenate([bd09_to_wgs84(point[None]) for point in points])
    assert np.abs(bd09_to_wgs84(points) - alone).max() < 1e-12
    assert bd09_to_wgs84(np.empty((0, 2))).shape == (0, 2)


def test_what_is_no_number_stays_so() -> None:
    points = np.array([[np.nan, 31.0], [121.0, np.inf], [121.0, 31.0]])
    with np.errstate(invalid="ignore"):
        back = gcj02_to_wgs84(points)
    assert np.isnan(back[0, 0])
    assert np.isinf(back[1, 1])
    assert np.isfinite(back[2]).all()


def test_a_way_back_that_does_not_settle_is_an_error() -> None:
    with pytest.raises(InputError, match="check that 'crs' is right"):
        bd09_to_gcj02(np.array([[1e9, 1e9]]))
