"""Rain: formulas against published values, shapes against their definitions, files read and refused."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.errors import InputError, ScenarioError, SourceError, UnknownNameError
from citytwin.hazards.flood.rain import Rain, design_storm, read_field, read_series
from citytwin.hazards.flood.rain.cf import plain_unit
from citytwin.hazards.flood.rain.formulas import Terms, choose_formula, read_formulas
from citytwin.hazards.flood.rain.shapes import Chicago, Steps, Triangle, alternating_blocks
from citytwin.tables import read_rows, table_path

MM, MINUTE, HOUR = 1e-3, 60.0, 3600.0
#: Terms of the Shanghai formula for 5 a, a storm of two hours and the peak at 0.405.
TERMS = choose_formula("shanghai-2017-lg", 5.0, 2 * HOUR).terms(5.0)


def depth_mm(name: str, years: float, minutes: float) -> float:
    """Depth by a formula of the table [mm]."""
    formula = choose_formula(name, years, minutes * MINUTE)
    return formula.terms(years).depth(minutes * MINUTE) / MM


def heaviest(rain: Rain, span: float, end: float) -> float:
    """Most that falls in a span of that length anywhere up to an end [m], on a grid of 3,001 starts."""
    return max(rain.between(t, t + span) for t in np.linspace(-span, end, 3001))


# Formulas


@pytest.mark.parametrize(
    ("name", "years", "minutes", "expected"),
    [
        # design/platforms.md, section 3
        ("shanghai-2017-lg", 1, 60, 36.5),
        ("shanghai-2017-lg", 3, 60, 51.3),
        ("shanghai-2017-lg", 5, 60, 58.1),
        ("shanghai-2017-lg", 100, 60, 98.3),
        ("shanghai-2017-power", 3, 60, 49.6),
        ("shanghai-2017-power", 5, 60, 56.3),
        ("shanghai-2017-power", 100, 60, 101.0),
        ("guangzhou-2021-central", 5, 60, 84.2),
        ("guangzhou-2021-central", 50, 60, 120.0),
        ("beijing-classic", 5, 60, 56.2),
    ],
)
def test_depths_of_the_formulas(name: str, years: float, minutes: float, expected: float) -> None:
    assert depth_mm(name, years, minutes) == pytest.approx(expected, abs=0.05)


def test_shanghai_power_at_one_year_is_outside_its_range_but_as_published() -> None:
    formula = read_formulas()["shanghai-2017-power"][0]
    assert formula.terms(1.0).depth(HOUR) / MM == pytest.approx(35.5, abs=0.05)
    with pytest.raises(
        ScenarioError, match=r"does not reach to .* 1 a .* 2 to 100 a .*return_period_y"
    ):
        choose_formula("shanghai-2017-power", 1.0, HOUR)


@pytest.mark.parametrize(
    ("years", "minutes", "physical"), [(2, 5, 12.51), (100, 60, 110.54), (10, 30, None)]
)
def test_shenzhen_divides_by_167(years: float, minutes: float, physical: float | None) -> None:
    # The official text turns q into depth by q / 167 t. By 0.006 mm/min for 1 L/(s ha), which is
    # 0.2 % more, the values are those of design/platforms.md.
    official = {(2, 5): 12.475, (100, 60): 110.095, (10, 30): 58.706}[years, minutes]
    depth = depth_mm("shenzhen-2024-central", years, minutes)
    assert depth == pytest.approx(official, rel=0.003)
    if physical is not None:
        assert depth * 167 * 0.006 == pytest.approx(physical, abs=0.005)


@pytest.mark.parametrize(
    ("name", "depths"),
    [
        # Tables 9 to 11 of the official text: depths of 5, 60 and 180 min, by return period.
        ("west", {2: (11.426, 58.078, 79.961), 5: (14.409, 78.879, 117.624),
                  20: (17.287, 99.719, 165.320), 100: (20.228, 122.243, 220.739)}),
        ("central", {2: (12.475, 59.067, 86.717), 5: (14.462, 74.971, 114.779),
                     20: (16.653, 93.548, 153.473), 100: (18.568, 110.095, 190.929)}),
        ("east", {2: (12.856, 63.425, 103.559), 5: (14.579, 74.996, 131.466),
                  20: (17.559, 96.749, 177.908), 100: (20.432, 117.770, 221.775)}),
    ],
)  # fmt: skip
def test_shenzhen_against_its_own_tables(name: str, depths: dict[int, tuple[float, ...]]) -> None:
    # The tables come from formulas for single return periods, to which the ones in use were fitted.
    for years, expected in depths.items():
        got = [depth_mm(f"shenzhen-2024-{name}", years, minutes) for minutes in (5, 60, 180)]
        np.testing.assert_allclose(got, expected, rtol=0.01)


def test_ten_years_belong_to_the_later_branch() -> None:
    assert depth_mm("shenzhen-2024-central", 10, 30) == pytest.approx(58.7, abs=0.2)
    first = read_formulas()["shenzhen-2024-central"][0]
    assert first.terms(10.0).depth(30 * MINUTE) / MM == pytest.approx(60.40 / 1.002, abs=0.05)


def test_wuhan_is_written_in_mm_per_minute() -> None:
    assert depth_mm("wuhan-2020", 10, 60) == pytest.approx(60 * 9.686 * 1.887 / 71.23**0.658)


def test_a_formula_outside_its_range_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"500 a and 60 min: it holds for 1 to 100 a and 5 to"):
        design_storm("chicago", formula="shanghai-2017-lg", years=500.0)
    with pytest.raises(ScenarioError, match="720 min: it holds"):
        design_storm("even", formula="shanghai-2017-lg", years=5.0, duration=12 * HOUR)
    with pytest.raises(UnknownNameError, match=r"no storm formula called 'nowhere'.*shenzhen-2024"):
        design_storm("chicago", formula="nowhere", years=5.0)


def test_every_row_gives_rain_that_grows_with_time_and_return_period() -> None:
    for branches in read_formulas().values():
        for branch in branches:
            minutes = np.linspace(*branch.minutes, 7)
            depths = [
                [branch.terms(years).depth(m * MINUTE) for m in minutes]
                for years in np.linspace(*branch.years, 5)
            ]
            assert np.all(np.diff(depths, axis=1) > 0.0)
            assert np.all(np.diff(depths, axis=0) > 0.0)
            assert branch.source
            assert 5.0 < depths[0][-1] / MM < 500.0


def test_a_city_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    lines = table_path("idf.csv").read_text(encoding="utf-8").splitlines()
    head = next(line for line in lines if not line.startswith("#"))
    row = "here,Here,lg,2000,0.8,8,0.7,,,,,,L/(s ha),1,100,5,120,0.3,current,nobody,no"
    path.write_text(f"# mine\n{head}\n{row}\n", encoding="utf-8")
    storm = design_storm("chicago", formula="here", years=10.0, table=path)
    assert storm.total / MM == pytest.approx(60 * 0.006 * 2000 * 1.8 / 68**0.7)
    assert storm.peak == 0.3
    assert "here (not verified)" in storm.words
    for old, new, message in (
        (",lg,", ",lq,", "'kind' in line 3 .* is 'lq': give one of lg, ln, power"),
        ("2000", "two", "'c1' in line 3 .* is not a number but 'two'"),
        (",1,100,", ",9,1,", "line 3 .* has a range that is empty"),
        ("nobody,", "nobody,,", "line 3 .* has 22 fields, not 21"),
        ("L/(s ha)", "mm/h", "'unit' in line 3 .* is 'mm/h'"),
    ):
        broken = tmp_path / f"broken{len(new)}{new[:2].strip(',')}.csv"
        broken.write_text(f"# mine\n{head}\n{row.replace(old, new)}\n", encoding="utf-8")
        with pytest.raises(InputError, match=message):
            read_formulas(broken)
    with pytest.raises(InputError, match="lacks the column 'name'"):
        read_rows(table_path("soils.csv").with_name("street_widths.csv"), ("name",))
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "no.csv", ("name",))


# Chicago


def test_chicago_intensity_is_the_closed_formula() -> None:
    storm, r = Chicago(TERMS, 2 * HOUR, 0.405, ""), 0.405
    a, b, n = TERMS
    for minute in (1.0, 20.0, 40.0, 48.0, 49.0, 60.0, 119.0):
        tau = minute - r * 120.0
        side = r if tau < 0.0 else 1.0 - r
        exact = a * ((1 - n) * abs(tau) / side + b) / (abs(tau) / side + b) ** (n + 1)
        rate = storm.between((minute - 5e-3) * MINUTE, (minute + 5e-3) * MINUTE) / MM / 0.01
        # The difference over 0.6 s is off by the curvature near the peak, about 1e-6 of it.
        assert rate == pytest.approx(exact, rel=2e-6)


@given(
    a=st.floats(1.0, 100.0),
    b=st.floats(1.0, 40.0),
    n=st.floats(0.4, 0.98),
    hours=st.floats(0.25, 24.0),
    peak=st.floats(0.0, 1.0),
    share=st.floats(0.001, 1.0),
)
def test_the_heaviest_rain_of_every_duration_is_the_formulas(
    a: float, b: float, n: float, hours: float, peak: float, share: float
) -> None:
    terms, duration = Terms(a, b, n), hours * HOUR
    storm = Chicago(terms, duration, peak, "")
    assert storm.between(-1.0, duration + 1.0) == pytest.approx(storm.total, rel=1e-12)
    assert storm.total == pytest.approx(terms.depth(duration), rel=1e-12)
    span = share * duration
    around = storm.between(peak * (duration - span), peak * (duration - span) + span)
    assert around == pytest.approx(terms.depth(span), rel=1e-9)
    starts = np.linspace(0.0, duration - span, 41)
    assert max(storm.between(t, t + span) for t in starts) <= terms.depth(span) * (1 + 1e-9)


def test_chicago_against_the_official_hyetograph_of_guangzhou() -> None:
    # Table 6-1 of the Guangzhou report: intensities at whole minutes [mm/min] of the storm of 60 min,
    # once in 5 a. Its peak of 0.533 falls on minute 32. The rest is its formula for 5 a alone.
    storm = design_storm("chicago", formula="guangzhou-2021-central-ln", years=5.0, peak=32 / 60)
    official = {1: 0.543, 10: 0.785, 20: 1.343, 30: 2.945, 40: 1.621, 50: 0.839, 59: 0.546}
    got = [storm.between((m - 0.01) * MINUTE, (m + 0.01) * MINUTE) / 0.02 / MM for m in official]
    np.testing.assert_allclose(got, list(official.values()), rtol=0.004)
    assert storm.total / MM == pytest.approx(80.600, rel=0.003)


def test_published_peaks_are_taken_unless_one_is_given() -> None:
    def peak(minutes: float, given: float | None = None) -> float:
        return design_storm(
            "chicago", formula="guangzhou-2021-central", years=5.0, duration=minutes * MINUTE,
            peak=given,
        ).peak  # fmt: skip

    assert peak(90) == 0.477
    assert peak(120) == 0.312
    assert peak(120, 0.5) == 0.5
    assert design_storm("chicago", formula="beijing-classic", years=5.0).peak == 0.4
    words = design_storm("chicago", formula="beijing-classic", years=5.0).words
    assert (
        words
        == "Chicago storm of 56.2 mm in 60 min, once in 5 years by beijing-classic (superseded)."
    )


# Other shapes


@pytest.mark.parametrize("peak", [0.0, 0.2, 0.4, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 24])
def test_alternating_blocks_hold_the_formulas_depths(peak: float, count: int) -> None:
    duration, block = 2 * HOUR, 2 * HOUR / count
    storm = alternating_blocks(TERMS, duration, block, peak)
    depths = np.diff(storm.fallen)
    assert np.argmax(depths) == round(peak * (count - 1))
    assert storm.total == pytest.approx(TERMS.depth(duration), rel=1e-12)
    for k in range(1, count + 1):
        windows = storm.fallen[k:] - storm.fallen[:-k]
        assert windows.max() == pytest.approx(TERMS.depth(k * block), rel=1e-9)


def test_alternating_blocks_fall_to_both_sides() -> None:
    depths = np.diff(alternating_blocks(TERMS, 7 * 600.0, 600.0, 0.5).fallen)
    order = np.argsort(-depths)
    np.testing.assert_array_equal(order, [3, 4, 2, 5, 1, 6, 0])


@pytest.mark.parametrize("peak", [0.0, 0.4, 1.0])
def test_triangle_rises_and_falls_in_straight_lines(peak: float) -> None:
    storm = Triangle(0.08, HOUR, peak, "")
    rates = np.array([storm.between(t, t + 1.0) for t in np.arange(0.0, HOUR, 1.0)])
    assert rates.sum() == pytest.approx(0.08, rel=1e-12)
    assert rates.max() == pytest.approx(2 * 0.08 / HOUR, rel=1e-3)
    bend = np.abs(np.diff(rates, 2)) > 1e-12
    assert bend.sum() <= 2
    assert storm.until(peak * HOUR) == pytest.approx(peak * 0.08, rel=1e-12)


def test_even_storm() -> None:
    storm = design_storm("even", total=0.036, duration=2 * HOUR)
    assert storm.between(600.0, 1200.0) == pytest.approx(0.003, rel=1e-12)
    assert storm.between(2 * HOUR, 9 * HOUR) == 0.0
    assert storm.words == "Even storm of 36.0 mm in 120 min."


@pytest.mark.parametrize(
    ("kind", "noon"), [("I", 0.682), ("IA", 0.664), ("II", 0.663), ("III", 0.5)]
)
def test_scs_storms_last_a_day(kind: str, noon: float) -> None:
    storm = design_storm("scs", total=0.1, distribution=kind)
    assert storm.total == pytest.approx(0.1, rel=1e-12)
    assert storm.until(12 * HOUR) == pytest.approx(noon * 0.1, rel=1e-12)
    assert storm.until(24 * HOUR) == pytest.approx(0.1, rel=1e-12)
    assert np.all(np.diff(storm.fallen) >= 0.0)
    peak_hour = {"I": 10, "IA": 8, "II": 12, "III": 12.25}[kind]
    at = np.argmax([storm.between(t, t + 900.0) for t in np.arange(0, 24 * HOUR, 300.0)]) * 300.0
    assert at / HOUR == pytest.approx(peak_hour, abs=0.75)


def test_scs_type_ii_holds_the_ratios_of_neh_630() -> None:
    # Figure 4-46 of NEH 630: most in a duration over the day's depth, in the type II storm.
    storm = design_storm("scs", total=1.0, distribution="II")
    ratios = {5: 0.114, 10: 0.201, 15: 0.270, 30: 0.380, 60: 0.454, 120: 0.538, 180: 0.595,
              360: 0.707, 720: 0.841}  # fmt: skip
    for minutes, ratio in ratios.items():
        # Ordinates have three digits: two of them are off by up to 0.001.
        starts = np.arange(5 * HOUR, 14 * HOUR, 15.0)
        most = max(storm.between(t, t + minutes * MINUTE) for t in starts)
        assert most == pytest.approx(ratio, abs=0.0015)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (
            {"kind": "round", "total": 0.1},
            "no storm of the kind 'round': choose one of chicago, alt",
        ),
        ({"kind": "chicago", "total": 0.1}, "kind 'chicago' needs a 'formula' and 'years'"),
        ({"kind": "even"}, "the storm has no depth: give a 'total', or a 'formula' and 'years'"),
        ({"kind": "even", "total": -1.0}, "'total' of the storm is -1 m: give 0 or more"),
        ({"kind": "even", "total": 0.1, "duration": 0.0}, "'duration' of the storm is 0 s"),
        ({"kind": "triangular", "total": 0.1, "peak": 1.2}, "'peak' of the storm is 1.2"),
        (
            {"kind": "scs", "total": 0.1, "distribution": "IV"},
            "no SCS distribution 'IV'.*I, IA, II, I",
        ),
        ({"kind": "chicago", "formula": "beijing-classic"}, "needs a return period in 'years'"),
        (
            {"kind": "even", "formula": "beijing-classic", "years": 5.0, "total": 0.1},
            "both a 'formula' and a 'total'",
        ),
        (
            {"kind": "alternating", "formula": "beijing-classic", "years": 5.0, "block": 420.0},
            "blocks of 420 s do not go into a storm of 3600 s .*: change rain_h",
        ),
        (
            {"kind": "alternating", "formula": "beijing-classic", "years": 5.0, "block": 60.0},
            "shorter than the 300 s from which the storm formula holds",
        ),
    ],
)
def test_wrong_storms_are_refused(wish: dict[str, object], message: str) -> None:
    with pytest.raises((ScenarioError, UnknownNameError), match=message):
        design_storm(**wish)  # type: ignore[arg-type]


ALL = {
    "chicago": design_storm("chicago", formula="shanghai-2017-lg", years=5.0),
    "alternating": design_storm("alternating", formula="shanghai-2017-lg", years=5.0),
    "triangular": design_storm("triangular", total=0.08),
    "even": design_storm("even", total=0.08),
    "scs": design_storm("scs", total=0.08),
}


@given(name=st.sampled_from(sorted(ALL)), times=st.tuples(*[st.floats(-1e4, 1e5)] * 3))
def test_parts_add_up(name: str, times: tuple[float, float, float]) -> None:
    storm, (a, b, c) = ALL[name], sorted(times)
    whole = storm.between(a, c)
    assert storm.between(a, b) + storm.between(b, c) == pytest.approx(whole, rel=1e-12, abs=1e-15)
    assert 0.0 <= whole <= storm.total * (1.0 + 1e-12)
    assert not storm.varies
    assert storm.changes.size == 0


# Series


def series(folder: Path, text: str | bytes) -> Path:
    """A file of rain."""
    path = folder / "gauge.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_depths_fall_in_the_interval_before_their_time(tmp_path: Path) -> None:
    path = series(tmp_path, "# gauge 7\ntime_min,rain_mm\n5,1.0\n10,3.0\n15,0\n")
    rain = read_series(path)
    assert rain.total == pytest.approx(0.004)
    assert rain.between(0.0, 300.0) == pytest.approx(0.001)
    assert rain.between(300.0, 450.0) == pytest.approx(0.0015)
    assert rain.between(600.0, 1e6) == 0.0
    assert rain.words == "Measured rain of 4.0 mm in 15 min from gauge.csv."


def test_rates_hold_until_the_next_time(tmp_path: Path) -> None:
    rain = read_series(series(tmp_path, "rain_mm_h;time_h\n36;0\n72;0.5\n0;1\n"))
    assert rain.between(0.0, 1800.0) == pytest.approx(0.018)
    assert rain.total == pytest.approx(0.054)


def test_dates_count_from_the_first_interval_or_a_start(tmp_path: Path) -> None:
    text = "time\train_mm\n2021-07-20T16:05Z\t1\n2021-07-20T16:10Z\t2\n2021-07-20T16:15Z\t4\n"
    path = series(tmp_path, "\ufeff" + text)
    assert read_series(path).between(300.0, 600.0) == pytest.approx(0.002)
    later = read_series(path, start=datetime(2021, 7, 20, 16, 10, tzinfo=UTC))
    assert later.between(0.0, 300.0) == pytest.approx(0.004)
    assert later.total == pytest.approx(0.004)
    with pytest.raises(SourceError, match="must both have a time zone"):
        read_series(path, start=datetime(2021, 7, 20, 16, 10))  # noqa: DTZ001
    with pytest.raises(SourceError, match="ends before the simulation starts"):
        read_series(path, start=datetime(2022, 7, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time_s,rain_mm\n60,1\n120,-9\n", "line 3, 'rain_mm', .* is -9: rain cannot be below 0"),
        ("time_s,rain_mm\n60,1\n180,1\n120,1\n", "line 4, 'time_s', .* is earlier than the row"),
        ("time_s,rain_mm\n60,1\n60,1\n", "line 3, 'time_s', .* repeats the time of the row"),
        ("time_s,rain_mm\n60,nan\n120,1\n", "line 2, 'rain_mm', .* is 'nan': give a number"),
        ("time_s,rain_mm\n60,\n120,1\n", "line 2, 'rain_mm', .* is '': give a number, or fill"),
        ("time_s,rain_mm\n60,1\n120,1\n180,1\n600,1\n", "line 5, .* comes 7 min after .* 1 min is"),
        ("time_s,depth\n60,1\n", "line 1 of .* has a column 'depth': allowed are one of time_s"),
        ("time_s,rain_mm,rain_mm_h\n60,1,1\n", "must name one column of times"),
        ("time_s,time_h\n60,1\n", "must name one column of times .* and one of rain"),
        ("time_s,rain_mm\n", "has no rows: it needs a header and one row"),
        ("", "has no rows"),
        (b"time_s,rain_mm\n60,\xb1\n120,1\n", "is not UTF-8: save it as UTF-8"),
        ("time_s,rain_mm\n60,17\n120,1\n", "line 2, 'rain_mm', .* means 1,020 mm/h: more than"),
        ("time_h,rain_mm_h\n0,1001\n1,0\n", "line 2, 'rain_mm_h', .* means 1,001 mm/h"),
        ("time_h,rain_mm_h\n0,10\n1,5\n", "line 3, 'rain_mm_h', .* is a rate without an end"),
        ("time_h,rain_mm\n1,10\n", "has one row of 'rain_mm', so how long it fell is unknown"),
        ("time_h,rain_mm\n-1,0\n0,1\n", "line 2, 'time_h', .* is before the start"),
        ("time_min,rain_mm\n0,1\n5,1\n", "line 2, 'rain_mm', .* fell before time 0"),
        ("time_s,rain_mm\n60,1,2\n", "line 2 of .* has 3 fields, not 2"),
        ("time,rain_mm\nnoon,1\n", "line 2, 'time', .* is 'noon': give a date and time in ISO"),
        (
            "time,rain_mm\n2021-07-20T16:00Z,0\n2021-07-20T16:05,1\n",
            "line 3, 'time', .* some times have a time zone",
        ),
    ],
)
def test_wrong_series_are_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read_series(series(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_series_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: check its path"):
        read_series(tmp_path / "none.csv")
    path = series(tmp_path, "time_s,rain_mm\n60,1\n120,1\n")
    with pytest.raises(SourceError, match="counts from the start of the simulation in 'time_s'"):
        read_series(path, start=datetime(2021, 7, 20, tzinfo=UTC))


@settings(max_examples=40)
@given(
    depths=st.lists(st.floats(0.0, 10.0), min_size=2, max_size=30),
    cuts=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
)
def test_a_series_keeps_its_total(
    tmp_path_factory: pytest.TempPathFactory, depths: list[float], cuts: tuple[float, float]
) -> None:
    rows = "".join(f"{5 * (k + 1)},{depth!r}\n" for k, depth in enumerate(depths))
    path = series(tmp_path_factory.mktemp("rain"), "time_min,rain_mm\n" + rows)
    rain = read_series(path)
    end = 300.0 * len(depths)
    a, b = sorted(cut * end for cut in cuts)
    assert rain.total == pytest.approx(sum(depths) * MM, rel=1e-12, abs=1e-18)
    parts = rain.between(0.0, a) + rain.between(a, b) + rain.between(b, end)
    assert parts == pytest.approx(rain.total, rel=1e-12, abs=1e-15)


# Fields


netcdf = pytest.mark.skipif(
    not all(find_spec(name) for name in ("xarray", "h5netcdf", "h5py")),
    reason="the extra 'netcdf' is not installed",
)

#: Centres of four cells, in two pixels of 0.01 degrees [degrees].
LON = np.array([121.471, 121.474, 121.4751, 121.479])
LAT = np.array([31.231, 31.234, 31.231, 31.234])


def field(
    path: Path,
    values: np.ndarray,
    *,
    units: str = "mm h-1",
    change: Callable[[object], object] = lambda data: data,
    **attributes: str,
) -> Path:
    """A NetCDF file of rain by 5 minutes on 3 by 4 pixels around the cells, changed at the end."""
    import xarray

    times = np.datetime64("2021-07-20T16:00", "ns") + 300 * np.arange(len(values)) * np.timedelta64(
        10**9, "ns"
    )
    data = xarray.Dataset(
        {"rain": (("time", "lat", "lon"), values, {"units": units, **attributes})},
        {
            "time": times,
            "lat": ("lat", [31.22, 31.23, 31.24], {"units": "degrees_north"}),
            "lon": ("lon", [121.46, 121.47, 121.48, 121.49], {"units": "degrees_east"}),
        },
    )
    change(data).to_netcdf(path, engine="h5netcdf")
    return path


def steps() -> np.ndarray:
    """Three steps: 12 mm/h at 121.47, 24 at 121.48; then none; then 36 everywhere."""
    values = np.zeros((3, 3, 4))
    values[0, :, 1], values[0, :, 2] = 12.0, 24.0
    values[2] = 36.0
    return values


@netcdf
def test_each_cell_has_the_rain_of_its_pixel(tmp_path: Path) -> None:
    rain = read_field(field(tmp_path / "radar.nc", steps()), LON, LAT)
    assert rain.varies
    np.testing.assert_allclose(rain.changes, [0.0, 300.0, 600.0, 900.0])
    np.testing.assert_allclose(rain.between(0.0, 300.0), [1e-3, 1e-3, 2e-3, 2e-3])
    np.testing.assert_allclose(rain.between(150.0, 650.0), [1e-3, 1e-3, 1.5e-3, 1.5e-3])
    np.testing.assert_allclose(rain.between(900.0, 9000.0), 0.0)
    assert rain.total == pytest.approx(4.5e-3)
    assert "2 pixels of 0.01 by 0.01 degrees" in rain.words
    for a, b, c in ((0.0, 100.0, 700.0), (-50.0, 299.0, 2000.0)):
        parts = rain.between(a, b) + rain.between(b, c)
        np.testing.assert_allclose(parts, rain.between(a, c), rtol=1e-12)


@pytest.mark.parametrize(
    ("units", "factor"),
    [
        ("mm/h", 1.0), ("mm hr^-1", 1.0), ("kg m-2 s-1", 1 / 3600), ("kg/m2/s", 1 / 3600),
        ("m/s", 1e-3 / 3600), ("mm s**-1", 1 / 3600), ("mm/day", 24.0), ("kg.m-2.s-1", 1 / 3600),
    ],
)  # fmt: skip
@netcdf
def test_units_of_rates(tmp_path: Path, units: str, factor: float) -> None:
    rain = read_field(field(tmp_path / "r.nc", steps() * factor, units=units), LON, LAT)
    assert rain.total == pytest.approx(4.5e-3, rel=1e-9)


@pytest.mark.parametrize(
    ("units", "factor"), [("mm", 1 / 12), ("kg m-2", 1 / 12), ("m", 1e-3 / 12)]
)
@netcdf
def test_amounts_fall_in_the_interval_before_their_time(
    tmp_path: Path, units: str, factor: float
) -> None:
    rain = read_field(field(tmp_path / "r.nc", steps() * factor, units=units), LON, LAT)
    assert rain.total == pytest.approx(4.5e-3, rel=1e-9)
    start = datetime(2021, 7, 20, 16, 0)  # noqa: DTZ001
    later = read_field(tmp_path / "r.nc", LON, LAT, start=start)
    np.testing.assert_allclose(later.between(0.0, 300.0), 0.0, atol=1e-15)
    assert later.total == pytest.approx(3e-3, rel=1e-9)


@netcdf
def test_bounds_of_the_time_axis_count(tmp_path: Path) -> None:
    def bounded(data: object) -> object:
        stamps = data["time"].values
        half = np.timedelta64(150, "s")
        pairs = np.stack([stamps - half, stamps + half], axis=1)
        data = data.assign({"time_bnds": (("time", "nv"), pairs)})
        data["time"].attrs["bounds"] = "time_bnds"
        data["time"].encoding["units"] = "seconds since 2021-07-20"
        return data

    path = field(tmp_path / "b.nc", steps(), change=bounded)
    start = datetime(2021, 7, 20, 16, 0, tzinfo=UTC)
    rain = read_field(path, LON, LAT, start=start)
    np.testing.assert_allclose(rain.changes, [-150.0, 150.0, 450.0, 750.0])
    np.testing.assert_allclose(rain.between(0.0, 150.0), [0.5e-3, 0.5e-3, 1e-3, 1e-3])


@netcdf
def test_longitudes_from_zero_and_rows_from_the_north(tmp_path: Path) -> None:
    def turned(data: object) -> object:
        data = data.isel(lat=slice(None, None, -1))
        return data.assign_coords(lon=("lon", data["lon"].values + 360.0, data["lon"].attrs))

    rain = read_field(field(tmp_path / "t.nc", steps(), change=turned), LON, LAT)
    np.testing.assert_allclose(rain.between(0.0, 300.0), [1e-3, 1e-3, 2e-3, 2e-3])


@netcdf
def test_a_projected_field(tmp_path: Path) -> None:
    import xarray
    from pyproj import CRS, Transformer

    crs = CRS.from_epsg(32651)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(LON, LAT)
    xs, ys = np.arange(-4, 5) * 100.0 + x.mean(), np.arange(-4, 5) * 100.0 + y.mean()
    rates = xs[None, None, :] - xs[0] + 0.0 * ys[None, :, None]
    rates = np.repeat(rates, 2, axis=0) / 10.0
    data = xarray.Dataset(
        {
            "pr": (
                ("time", "y", "x"), rates,
                {"units": "mm/h", "standard_name": "rainfall_rate", "grid_mapping": "crs"},
            ),
            "crs": ((), 0, {"crs_wkt": crs.to_wkt()}),
        },
        {"time": np.array(["2021-07-20T16", "2021-07-20T17"], "datetime64[ns]"),
         "y": ("y", ys, {"units": "m"}), "x": ("x", xs, {"units": "m"})},
    )  # fmt: skip
    path = tmp_path / "p.nc"
    data.to_netcdf(path, engine="h5netcdf")
    rain = read_field(path, LON, LAT, duration=2 * HOUR)
    nearest = np.abs(xs[None, :] - x[:, None]).argmin(axis=1)
    np.testing.assert_allclose(rain.between(0.0, HOUR), (xs[nearest] - xs[0]) / 10.0 * MM)
    data.drop_vars("crs").to_netcdf(tmp_path / "q.nc", engine="h5netcdf")
    with pytest.raises(SourceError, match=r"neither on latitude and longitude .* 'grid_mapping'"):
        read_field(tmp_path / "q.nc", LON, LAT)


@netcdf
def test_missing_values_matter_only_over_the_city(tmp_path: Path) -> None:
    values = steps()
    values[1, 2, 3] = np.nan
    assert read_field(field(tmp_path / "a.nc", values), LON, LAT).total == pytest.approx(4.5e-3)
    values[1, 1, 1] = np.nan
    with pytest.raises(SourceError, match=r"'rain' of .* has missing values over the city"):
        read_field(field(tmp_path / "b.nc", values), LON, LAT)


def _changed(name: str) -> Callable[[object], object]:
    def no_dates(data: object) -> object:
        return data.assign_coords(time=[0.0, 1.0, 2.0])

    def backward(data: object) -> object:
        return data.isel(time=[1, 0, 2])

    def one_date(data: object) -> object:
        return data.isel(time=[0])

    def two(data: object) -> object:
        return data.assign(more=data["rain"])

    def levels(data: object) -> object:
        return data.rename(lat="level")

    def mixed(data: object) -> object:
        return data.isel(lon=[0, 2, 1, 3])

    return {f.__name__: f for f in (no_dates, backward, one_date, two, levels, mixed)}[name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("no_dates", "'time' of .* holds no dates"),
        ("backward", "'time' of .* does not rise throughout"),
        ("one_date", "'time' of .* has one date and no bounds"),
        ("two", "one variable of rain .* has several: rain, more: name it in 'variable'"),
        ("levels", "has the dimensions time, level, lon: it needs time, y and x"),
        ("mixed", "'lon' of .* must have two pixels or more whose centres rise or fall"),
    ],
)
@netcdf
def test_fields_that_cannot_be_understood(tmp_path: Path, change: str, message: str) -> None:
    import xarray

    path = field(tmp_path / "w.nc", steps(), change=_changed(change))
    if change == "levels":
        with xarray.open_dataset(path) as data:
            plain = data.load()
        plain["level"].attrs.clear()
        plain.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(SourceError, match=message) as caught:
        read_field(path, LON, LAT)
    assert "\n" not in str(caught.value)


@netcdf
def test_fields_that_do_not_fit_the_city(tmp_path: Path) -> None:
    path = field(tmp_path / "f.nc", steps())
    with pytest.raises(
        SourceError, match="does not cover the city: 1 of 4 cells lie outside its lon"
    ):
        read_field(path, LON + np.array([0.0, 0.0, 0.0, 0.1]), LAT)
    with pytest.raises(
        SourceError, match=r"ends before the simulation does: it covers 0 to 0\.25 h"
    ):
        read_field(path, LON, LAT, duration=HOUR)
    with pytest.raises(SourceError, match="begins after the simulation starts"):
        read_field(path, LON, LAT, start=datetime(2021, 7, 20, 15, tzinfo=UTC), duration=HOUR)
    with pytest.raises(SourceError, match="ends before the simulation starts"):
        read_field(path, LON, LAT, start=datetime(2021, 7, 21, tzinfo=UTC))
    with pytest.raises(SourceError, match="has no variable 'snow': it has rain"):
        read_field(path, LON, LAT, variable="snow")
    with pytest.raises(SourceError, match="falls below 0 over the city, to -1 mm"):
        read_field(field(tmp_path / "n.nc", steps() - 12.0), LON, LAT)
    with pytest.raises(SourceError, match="reaches 36,000 mm/h over the city"):
        read_field(field(tmp_path / "u.nc", steps() * 1e3), LON, LAT)
    with pytest.raises(SourceError, match=r"'rain' of .* has the units 'furlongs'"):
        read_field(field(tmp_path / "k.nc", steps(), units="furlongs"), LON, LAT, variable="rain")
    with pytest.raises(SourceError, match="has none: name it in 'variable'"):
        read_field(tmp_path / "k.nc", LON, LAT)
    with pytest.raises(SourceError, match="is not there: check its path"):
        read_field(tmp_path / "none.nc", LON, LAT)
    (tmp_path / "junk.nc").write_bytes(b"CDF\x09 no such thing")
    with pytest.raises(SourceError, match="is no NetCDF file"):
        read_field(tmp_path / "junk.nc", LON, LAT)


def test_a_missing_reader_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"needs a reader of NetCDF: install citytwin\[netcdf\]"):
        read_field(tmp_path / "r.nc", LON, LAT)


def test_spellings_of_units() -> None:
    spelt = ("mm/hr", "mm hour-1", "mm h^-1", "mm h**-1", "mm/h")
    assert {plain_unit(unit) for unit in spelt} == {"mm h-1"}
    assert plain_unit("kg m**-2 s**-1") == plain_unit("kg/m2/s") == "kg m-2 s-1"


def test_steps_start_where_the_simulation_does() -> None:
    rain = Steps(np.array([-60.0, 60.0]), np.array([0.0, 0.002]), "")
    assert rain.total == pytest.approx(0.001)
    assert heaviest(rain, 30.0, 60.0) == pytest.approx(0.0005)
