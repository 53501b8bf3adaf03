"""Days that saw several things together: events, tails, dependence, and their way into an ensemble."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from citytwin.arrays import Floats
from citytwin.ensemble import Ensemble
from citytwin.ensemble.days import Days, clusters, read_days
from citytwin.ensemble.joint import Joint, normal_correlation
from citytwin.ensemble.running import risk_of
from citytwin.ensemble.tails import FEWEST, fitted
from citytwin.ensemble.varying import changed, numbers_of
from citytwin.errors import CityTwinError, InputError, ScenarioError
from citytwin.scenario import Scenario

SEED = st.integers(0, 2**32 - 1)
COLUMNS = {"rain_mm": "rain_mm", "surge_m": "shores.0.surge_peak"}
STORM: dict[str, Any] = {
    "model": "flood",
    "simulated_h": 1.0,
    "shores": [{"name": "sea", "line": [[-122.45, 37.755], [-122.44, 37.755]], "mean_level": 1.0}],
}


def made_up(count: int, seed: int = 0, correlation: float = 0.6) -> Floats:
    """Synthetic days: lognormal rain and normal surge that go together. No real record."""
    scores = np.random.default_rng(seed).multivariate_normal(
        np.zeros(2), [[1.0, correlation], [correlation, 1.0]], count
    )
    return np.stack([20.0 * np.exp(0.6 * scores[:, 0]), 0.3 + 0.2 * scores[:, 1]], axis=1)


def write_days(path: Path, values: Floats, first: str = "1990-01-01") -> Path:
    dates = np.datetime64(first) + np.arange(len(values))
    rows = [
        f"{day},{rain:.9g},{surge:.9g}" for day, (rain, surge) in zip(dates, values, strict=True)
    ]
    path.write_text("\n".join(["date,rain_mm,surge_m", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def days(tmp_path: Path) -> Path:
    return write_days(tmp_path / "days.csv", made_up(3000))


def joint(path: Path, **changes: Any) -> Joint:
    return Joint.model_validate({"file": str(path), "columns": COLUMNS, **changes})


def test_days_that_are_near_are_one_event() -> None:
    rain = np.array([0.0, 30.0, 5.0, 40.0, 0.0, 0.0, 0.0, 25.0, 0.0])
    surge = np.array([0.1, 0.2, 0.9, 0.3, 0.1, 0.1, 0.1, 0.2, 2.0])
    dates = np.datetime64("2001-01-01") + np.arange(9)
    found = clusters(Days(dates, np.stack([rain, surge], axis=1)), np.array([20.0, np.inf]), 3)
    assert found.tolist() == [[40.0, 0.9], [25.0, 0.2]]
    both = clusters(Days(dates, np.stack([rain, surge], axis=1)), np.array([20.0, 1.5]), 1)
    assert both.tolist() == [[30.0, 0.2], [40.0, 0.3], [25.0, 2.0]]
    none = clusters(Days(dates, np.stack([rain, surge], axis=1)), np.array([99.0, np.inf]), 1)
    assert none.shape == (0, 2)


def test_the_rate_is_that_of_the_events_in_the_years_of_the_days(days: Path) -> None:
    record = joint(days, above={"rain_mm": 60.0}, apart_days=1).record()
    rain = made_up(3000)[:, 0] >= 60.0
    runs = int((np.diff(rain.astype(int), prepend=0) == 1).sum())
    assert record.years == pytest.approx(3000 / 365.25)
    assert len(record.events) == runs
    assert record.rate == pytest.approx(runs / record.years)
    said = joint(days, above={"rain_mm": 60.0}, apart_days=1, years=40.0).record()
    assert said.rate == pytest.approx(runs / 40.0)


@pytest.mark.parametrize("shape", [-0.25, 0.0, 0.25])
def test_a_tail_has_the_shape_that_its_sample_has(shape: float) -> None:
    values = stats.genpareto.rvs(shape, scale=5.0, size=4000, random_state=3)
    tail = fitted(values, 0.25, "it").tail
    assert tail is not None
    error = (1.0 + shape) / np.sqrt(1000.0)  # Smith 1987
    assert tail.shape == pytest.approx(shape, abs=3.0 * error)
    # Above a threshold u a generalised Pareto is one with the scale 5 + shape · u.
    assert tail.scale == pytest.approx(5.0 + shape * tail.threshold, rel=0.15)


@settings(deadline=None, max_examples=15)
@given(SEED)
def test_quantiles_rise_and_pass_from_the_values_to_the_tail_without_a_step(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(2.0, 0.7, 300)
    margin = fitted(values, 0.2, "it")
    shares = np.linspace(0.001, 0.9999, 999)
    found = margin.quantile(shares)
    assert (np.diff(found) >= 0.0).all()
    low, high = margin.quantile(np.array([0.8 - 1e-9, 0.8 + 1e-9]))
    assert high - low < 1e-5 * np.ptp(values)
    below = shares <= 0.8
    assert found[below] == pytest.approx(np.quantile(values, shares[below]))
    assert fitted(values, 0.0, "it").quantile(np.array([1.0])) == values.max()


def test_a_sample_goes_beyond_what_was_seen_only_with_a_tail(days: Path) -> None:
    seen = joint(days).record().events
    assert joint(days).sample(20_000, 1)[:, 0].max() > seen[:, 0].max()
    assert joint(days, tail=0.0).sample(20_000, 1)[:, 0].max() <= seen[:, 0].max()


@pytest.mark.parametrize("dependence", ["ranks", "gaussian"])
@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.7])
def test_ranks_of_a_sample_go_together_as_those_of_the_days(
    tmp_path: Path, correlation: float, dependence: str
) -> None:
    values = made_up(2000, 5, correlation)
    path = write_days(tmp_path / "days.csv", values)
    found = joint(path, dependence=dependence).sample(1500, 2)
    ours, theirs = (float(stats.spearmanr(one).statistic) for one in (found, values))
    assert ours == pytest.approx(theirs, abs=0.03)
    for column in range(2):
        assert stats.kstest(found[:, column], values[:, column]).statistic < 0.02


def test_equal_seeds_give_equal_rows_and_others_others(days: Path) -> None:
    for dependence in ("ranks", "gaussian", "rows"):
        one = joint(days, dependence=dependence)
        assert (one.sample(50, 7) == one.sample(50, 7)).all()
        assert (one.sample(50, 7) != one.sample(50, 8)).any()


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_what_meets_meets_as_often_whichever_threshold_chose_the_days(
    tmp_path: Path, correlation: float
) -> None:
    """Days that reach one threshold or the other: no event without either, both as often as seen."""
    values = made_up(20_000, 9, correlation)
    limits = np.quantile(values, 0.98, axis=0)
    above = {"rain_mm": float(limits[0]), "surge_m": float(limits[1])}
    one = joint(write_days(tmp_path / "days.csv", values), above=above, apart_days=1)
    found, seen = one.sample(5000, 1), one.record().events
    both, seen_both = (float((v >= limits).all(axis=1).mean()) for v in (found, seen))
    assert both == pytest.approx(seen_both, abs=0.02)
    assert (found >= limits - 0.01 * np.abs(limits)).any(axis=1).mean() > 0.97
    with pytest.raises(ValidationError, match="days chosen by one quantity"):
        joint(tmp_path / "days.csv", above=above, dependence="gaussian")


def test_values_that_tie_at_the_threshold_do_not_thicken_the_tail() -> None:
    values = np.concatenate([np.zeros(380), np.linspace(1.0, 9.0, 20)])
    found = fitted(values, 0.1, "it").quantile((np.arange(4000) + 0.5) / 4000)
    assert np.mean(found > 0.0) == pytest.approx(0.05, abs=0.005)


def test_drawn_rows_are_rows_that_were_seen(days: Path) -> None:
    one = joint(days, dependence="rows")
    seen = {tuple(row) for row in one.record().events.tolist()}
    assert {tuple(row) for row in one.sample(500, 3).tolist()} <= seen


def test_normal_scores_forget_the_margins() -> None:
    values = made_up(4000, 1)
    assert normal_correlation(values)[0, 1] == pytest.approx(0.6, abs=0.03)
    moved = np.stack([np.exp(values[:, 0] / 50.0), values[:, 1] ** 3], axis=1)
    assert normal_correlation(moved) == pytest.approx(normal_correlation(values))


def test_numbers_of_parts_can_vary() -> None:
    scenario = Scenario.from_table({"hazard": STORM})
    known = numbers_of(scenario)
    assert not known["shores.0.mean_level"]
    assert known["order"]
    found = changed(scenario, {"shores.0.mean_level": 2.5, "rain_mm": 7.0}, "it")
    assert isinstance(found, Scenario)
    assert found.hazard.shores[0].mean_level == 2.5  # type: ignore[attr-defined]
    assert found.hazard.shores[0].name == "sea"  # type: ignore[attr-defined]
    assert found.hazard.rain_mm == 7.0  # type: ignore[attr-defined]
    assert found.key("f") != scenario.key("f")
    for values, words in (
        ({"shores.0.mean_level": 1e9}, r"'hazard\.shores\.0\.mean_level' of it is wrong"),
        ({"shores.3.mean_level": 1.0}, r"unknown key 'hazard\.shores\.3\.mean_level'"),
        ({"shores.0.colour": 1.0}, r"unknown key 'hazard\.shores\.0\.colour'"),
    ):
        with pytest.raises(ScenarioError, match=words):
            changed(scenario, values, "it")


def ensemble(path: Path, **changes: Any) -> Ensemble:
    plan = {"members": 40, "joint": {"file": path.name, "columns": COLUMNS}, **changes}
    return Ensemble.from_table({"hazard": STORM, "ensemble": plan}, "the ensemble", path.parent)


def test_members_of_an_ensemble_have_what_came_together(days: Path) -> None:
    found = ensemble(days)
    assert found.plan.rate == pytest.approx(365.25)
    values = found.plan.values()
    assert values.shape == (40, 2)
    members = found.members()
    for member, (rain, surge) in zip(members, values, strict=True):
        assert member.hazard.rain_mm == pytest.approx(rain)  # type: ignore[union-attr]
        assert member.hazard.shores[0].surge_peak == pytest.approx(surge)  # type: ignore[union-attr]
    mixed = ensemble(
        days,
        parameters=[
            {"field": "infiltration_mm_h", "distribution": "uniform", "low": 0.0, "high": 9.0}
        ],
    )
    assert mixed.plan.names == ["infiltration_mm_h", "rain_mm", "shores.0.surge_peak"]
    assert mixed.plan.values().shape == (40, 3)
    assert abs(stats.spearmanr(mixed.plan.values()[:, :2]).statistic) < 0.5
    facts = found.plan.joint.facts() if found.plan.joint else {}
    assert facts["events"] == 3000
    assert set(facts["tails"]) == {"rain_mm", "surge_m"}


def test_the_key_is_of_the_days_and_not_of_where_they_lie(days: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "days.csv"
    copy.write_bytes(days.read_bytes())
    assert ensemble(days).key("f") == ensemble(copy).key("f")
    write_days(copy, made_up(3000, 1))
    assert ensemble(days).key("f") != ensemble(copy).key("f")


def test_risk_of_sampled_days_is_as_unsure_as_the_days() -> None:
    values = np.random.default_rng(0).exponential(10.0, 500)
    found = risk_of({"people": values}, 2.0, 10.0)["people"]
    sure = risk_of({"people": values}, 2.0)["people"]
    assert found["average_annual"] == pytest.approx(sure["average_annual"])
    assert found["high"] - found["low"] > 2.0 * (sure["high"] - sure["low"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": {"rain": "rain_mm"}}, "lacks the column 'rain'"),
        (
            {"columns": {"rain_mm": "rain_cm"}},
            "'rain_cm' of the ensemble's parameters is no number",
        ),
        ({"columns": {"rain_mm": "rain_mm", "surge_m": "rain_mm"}}, "two columns give 'rain_mm'"),
        ({"above": {"wind": 3.0}}, "names the column 'wind', which 'columns' does not"),
        ({"above": {"rain_mm": 1e6}}, "has 0 events, too few to sample from"),
        ({"file": "nothing.csv"}, "there is no catalogue of days"),
        ({"date": "day"}, "lacks the column 'day'"),
        ({"dependence": "vine"}, "'ensemble.joint.dependence'"),
        ({"tail": 0.001}, f"too few for a tail of 0.001 of the events, it takes {FEWEST}"),
    ],
)
def test_wrong_days_are_one_sentence(days: Path, changes: dict[str, Any], words: str) -> None:
    plan = {"file": days.name, "columns": COLUMNS, **changes}
    with pytest.raises(CityTwinError, match=words) as caught:
        ensemble(days, joint=plan).members()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("2001-01-02,1,2\n2001-01-01,1,2\n", "line 3 .* does not follow the one before"),
        ("2001-13-02,1,2\n", "is '2001-13-02': write days as 2024-07-31"),
        ("2001-01-02,,2\n", "'rain_mm' in line 2 .* is not a number"),
        ("2001-01-02,nan,2\n", "'rain_mm' in line 2 .* is not a number"),
        ("", "is empty"),
    ],
)
def test_wrong_rows_are_one_sentence(tmp_path: Path, lines: str, words: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(f"date,rain_mm,surge_m\n{lines}", encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_days(path, "date", ("rain_mm", "surge_m"))


def test_days_with_gaps_need_their_years(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(
        "date,rain_mm\n" + "".join(f"{year}-06-01,{year % 50}\n" for year in range(1980, 2000)),
        encoding="utf-8",
    )
    one = Joint(file=str(path), columns={"rain_mm": "rain_mm"})
    with pytest.raises(InputError, match="say 'years', the time that was watched"):
        one.record()
    assert one.model_copy(update={"years": 20.0}).record().rate == 1.0


def test_columns_that_say_the_same_are_refused(tmp_path: Path) -> None:
    rain = made_up(50)[:, 0]
    path = write_days(tmp_path / "days.csv", np.stack([rain, 2.0 * rain], axis=1))
    with pytest.raises(InputError, match="rise and fall as one"):
        joint(path, tail=0.0, dependence="gaussian").sample(100, 0)
    flat = write_days(tmp_path / "flat.csv", np.stack([rain, np.ones(50)], axis=1))
    with pytest.raises(InputError, match="is the same in all events"):
        joint(flat, tail=0.0, dependence="gaussian").sample(100, 0)
    with pytest.raises(InputError, match="too few for 2 columns"):
        joint(path, tail=0.0, dependence="gaussian").sample(3, 0)
