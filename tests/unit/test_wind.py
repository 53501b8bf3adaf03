"""The wind of an event: where it blows to, how a forecast turns, what is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from citytwin.hazards.wind import WindRows, wind_of


def test_a_west_wind_blows_to_the_east() -> None:
    assert wind_of(5.0, 270.0, ()).at(0.0) == pytest.approx((5.0, 0.0))
    assert wind_of(5.0, 0.0, ()).at(1e6) == pytest.approx((0.0, -5.0))


def test_a_forecast_turns_in_straight_lines_and_stays_at_its_ends() -> None:
    wind = wind_of(99.0, 99.0, ((1.0, 4.0, 270.0), (3.0, 4.0, 180.0)))
    assert wind.at(0.0) == pytest.approx((4.0, 0.0))
    assert wind.at(7200.0) == pytest.approx((2.0, 2.0))
    assert wind.at(1e9) == pytest.approx((0.0, 4.0))


def test_rows_that_do_not_rise_and_impossible_winds_are_refused() -> None:
    rows: TypeAdapter[WindRows] = TypeAdapter(WindRows)
    assert rows.validate_python([[0.0, 3.0, 10.0], [1.0, 3.0, 20.0]])
    for wrong, word in (
        ([[1.0, 3.0, 10.0], [1.0, 3.0, 20.0]], "do not rise"),
        ([[0.0, -3.0, 10.0]], "greater than or equal to 0"),
        ([[0.0, 3.0, 400.0]], "less than or equal to 360"),
    ):
        with pytest.raises(ValidationError, match=word):
            rows.validate_python(wrong)
