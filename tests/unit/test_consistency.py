"""Numbers of an impact agree with one another; each way in which they can fail is found and named."""

from dataclasses import replace
from typing import Any

import pytest

from citytwin.errors import BalanceError
from citytwin.impact.base import Count, Impact
from citytwin.impact.consistency import consistent
from citytwin.impact.exposure import Exposure
from citytwin.impact.people_verification import faults, four_cells
from citytwin.impact.water import Water


@pytest.fixture(scope="module")
def case() -> tuple[Exposure, Impact]:
    city, hazard = four_cells()
    return city, Water.count(city, hazard)


def test_what_is_consistent_comes_back_as_it_is(case: tuple[Exposure, Impact]) -> None:
    city, impact = case
    assert consistent(impact, city) is impact


@pytest.mark.parametrize("number", range(15))
def test_every_fault_is_found(case: tuple[Exposure, Impact], number: int) -> None:
    city, impact = case
    all_faults = list(faults(impact, float(city.buildings.people.sum())))
    assert len(all_faults) == 15
    with pytest.raises(BalanceError, match=r"report this run$"):
        consistent(all_faults[number], city)


def named(name: str, value: float, of: float | None = None) -> Count:
    return Count(name, "", "", value, "1", of)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people": {"0.15": 10.0, "0.3": 7.0, "0.5": 8.0, "1": 0.0}},
         "people at '0.5' is 8, above people at '0.3', which is 7"),
        ({"buildings": {"0.15": 5, "0.3": 3, "0.5": 1, "1": 0}},
         "buildings at '0.15' is 5, above all buildings, which is 4"),
        ({"people": {"0.15": 10.0, "0.3": 6.0, "0.5": 1.0, "1": float("inf")}},
         "people at '1' is inf, but counts are finite and not below 0"),
        ({"counts": (named("displaced", 11.0),)},
         "displaced is 11, above people at '0.15', which is 10"),
        ({"counts": (named("present_day", 3.0, 2.0),)},
         "present_day is 3, above all of present_day, which is 2"),
        ({"counts": (named("injured", 2.0), named("dead", 3.0))},
         "dead is 3, above injured, which is 2"),
        ({"counts": (named("present_night", 2.0), named("injured_night", 2.5))},
         "injured_night is 2.5, above present_night, which is 2"),
        ({"counts": (named("severity_1_day", 6.0), named("severity_4_day", 5.0))},
         "all hurt day is 11, above all residents, which is 10"),
        ({"series": {"roads_m": [0.0, -1.0]}}, "series roads_m 1 is -1"),
        ({"series": {"roads_m": [0.0, 1e4]}}, "streets closed at moment 1 [m] is 10000, above"),
    ],
)  # fmt: skip
def test_the_two_numbers_are_named(
    case: tuple[Exposure, Impact], changes: dict[str, Any], words: str
) -> None:
    city, impact = case
    with pytest.raises(BalanceError) as raised:
        consistent(replace(impact, **changes), city)
    assert words in str(raised.value)


def test_rounding_of_sums_is_no_fault(case: tuple[Exposure, Impact]) -> None:
    city, impact = case
    counts = (named("displaced", impact.people["0.15"] * (1.0 + 1e-12)),)
    rounded = replace(impact, counts=counts)
    assert consistent(rounded, city) is rounded
