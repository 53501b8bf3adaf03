"""Heights, storeys, speeds and years as people tag them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytwin.sources.osm_pbf.buildings import building, building_part, heights
from citytwin.sources.osm_pbf.numbers import count, length, signed, speed, year


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12", 12.0),
        ("12 m", 12.0),
        ("12m", 12.0),
        ("12.5 metres", 12.5),
        ("12 м", 12.0),
        ("12,5", 12.5),
        (" 12. ", 12.0),
        (".5", 0.5),
        ("39 ft", 39 * 0.3048),
        ("39'", 39 * 0.3048),
        ("39′", 39 * 0.3048),
        ("12'6\"", 12.5 * 0.3048),
        ("12′ 6″", 12.5 * 0.3048),
        ("12 ft 6 in", 12.5 * 0.3048),
        ('30"', 30 * 0.0254),
        ("1200 cm", 12.0),
        ("3;4", 4.0),
        ("3; 4 m", 4.0),
        ("3-4", 4.0),
        ("3;tall", 3.0),
        ("~12", 12.0),
        ("ca. 12 m", 12.0),
        ("１２", 12.0),
    ],
)
def test_lengths_as_people_write_them(text: str, metres: float) -> None:
    assert length(text) == pytest.approx(metres, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yes", "tall", "12 storeys", "1.2.3", "12 13", "-5", "m", "'", "1e3", "nan"),
        *("inf", "12 parsecs", "9" * 400, "0x10", ";;", "12'6\"7", "--", "١٢ قدم؟"),
    ],
)
def test_nonsense_is_unknown(text: str) -> None:
    assert math.isnan(length(text))


@given(st.text(max_size=60))
def test_no_text_breaks_the_readers(text: str) -> None:
    for reader in (length, count, speed, year, signed):
        value = reader(text)
        assert math.isnan(value) or math.isfinite(value)
    assert math.isnan(length(text)) or length(text) >= 0.0


@given(st.floats(0.0, 1e4).map(lambda value: round(value, 2)))
def test_every_way_to_write_a_length_means_the_same(value: float) -> None:
    for text in (
        f"{value:.2f}",
        f"{value:.2f} m",
        f"{value:.2f}m",
        f"{value:.2f}".replace(".", ","),
    ):
        assert length(text) == pytest.approx(value, abs=1e-9)
    for text in (f"{value:.2f} ft", f"{value:.2f}'", f"{value:.2f} feet"):
        assert length(text) == pytest.approx(value * 0.3048, abs=1e-9)


@given(st.integers(0, 900), st.integers(0, 11))
def test_feet_and_inches(feet: int, inches: int) -> None:
    expected = feet * 0.3048 + inches * 0.0254
    assert length(f"{feet}'{inches}\"") == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=5))
def test_of_several_the_greatest_in_any_order(values: list[int]) -> None:
    assert length(";".join(map(str, values))) == max(values)
    assert count(";".join(map(str, reversed(values)))) == max(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50 / 3.6),
        ("50 km/h", 50 / 3.6),
        ("30 mph", 30 * 0.44704),
        ("30mph", 30 * 0.44704),
        ("10 knots", 10 * 1852 / 3600),
        ("50;30", 30 / 3.6),
    ],
)
def test_speed_limits(text: str, expected: float) -> None:
    assert speed(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["walk", "none", "FR:urban", "signals", "0", "-50", "9000", ""])
def test_words_and_slips_are_no_speed(text: str) -> None:
    assert math.isnan(speed(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1896", 1896), ("1896-05-01", 1896), ("~1890", 1890), ("before 1900", 1900), ("2019", 2019)],
)
def test_years(text: str, expected: int) -> None:
    assert year(text) == expected


@pytest.mark.parametrize("text", ["", "C19", "late", "12345", "0999", "3020"])
def test_no_years(text: str) -> None:
    assert math.isnan(year(text))


@pytest.mark.parametrize(
    ("text", "expected"), [("-1", -1.0), ("−2", -2.0), ("+3", 3.0), ("4", 4.0)]
)
def test_signed(text: str, expected: float) -> None:
    assert signed(text) == expected


def test_storeys_in_the_roof_are_above_ground_too() -> None:
    tags = {"building:levels": "5", "roof:levels": "1", "roof:height": "4 m", "height": "20"}
    assert heights(tags)[0] == 20.0
    assert heights(tags)[2:] == (6.0, 4.0)
    assert math.isnan(heights({"roof:levels": "2"})[2]), "a roof says nothing of what is below"


@pytest.mark.parametrize("text", ["0", "-3", "1001", "12345 ft", "high"])
def test_heights_that_no_building_has_are_unknown(text: str) -> None:
    assert math.isnan(heights({"height": text})[0])


def test_the_bottom_in_storeys() -> None:
    told = {"height": "20", "building:levels": "5", "building:min_level": "2"}
    assert heights(told)[1] == pytest.approx(8.0), "two of five storeys of 20 m"
    assert heights({"building:min_level": "2"})[1] == pytest.approx(6.0), "3 m each if not told"
    assert heights({"min_height": "7", "building:min_level": "2"})[1] == 7.0
    assert math.isnan(heights({"height": "5", "min_height": "9"})[1]), "a bottom above the top"


@pytest.mark.parametrize(
    "tags",
    [
        {"building": "no"},
        {"building": "yes", "location": "underground"},
        {"building": "parking", "parking": "underground"},
        {"building": "yes", "building:levels": "0", "building:levels:underground": "2"},
        {"building": "demolished"},
        {},
    ],
)
def test_what_does_not_stand_on_the_ground_is_no_building(tags: dict[str, str]) -> None:
    assert building(tags) is None


def test_a_cellar_does_not_make_a_house_vanish() -> None:
    tags = {"building": "house", "building:levels": "2", "building:levels:underground": "1"}
    row = building(tags)
    assert row is not None
    assert row[4] == "house"


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"building": "apartments"}, "apartments"),
        ({"building": "yes"}, ""),
        ({"building": "yes", "amenity": "hospital"}, "hospital"),
        ({"building": "yes", "shop": "bakery"}, "retail"),
        ({"building": "yes", "tourism": "hotel"}, "hotel"),
        ({"building": "church", "amenity": "place_of_worship"}, "church"),
    ],
)
def test_kind(tags: dict[str, str], kind: str) -> None:
    row = building(tags)
    assert row is not None
    assert row[4] == kind


def test_parts() -> None:
    row = building_part({"building:part": "yes", "height": "30", "min_height": "12"})
    assert row is not None
    assert row[:2] == (30.0, 12.0)
    assert building_part({"building:part": "no", "building": "yes"}) is None
