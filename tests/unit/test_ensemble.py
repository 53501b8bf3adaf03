"""Ensembles as they are planned: the sample, its statistics, what is wrong in one sentence."""

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import stats
from uncertain_storm import STORM, ensemble

from citytwin.ensemble import Ensemble
from citytwin.ensemble.distributions import AnyDistribution
from citytwin.ensemble.doubts import all_notes, notes_of
from citytwin.ensemble.member import Member
from citytwin.ensemble.running import (
    kept_of,
    risk_of,
)
from citytwin.ensemble.showing import pictures_of
from citytwin.ensemble.statistics import LEVELS, cell_statistics, probability_band
from citytwin.errors import ScenarioError
from citytwin.hazards.earthquake import Earthquake
from citytwin.hazards.plume import Plume
from citytwin.impact.numbers import short
from citytwin.kernels.quantiles import cell_quantiles

DISTRIBUTIONS: dict[str, tuple[dict[str, Any], Any]] = {
    "uniform": ({"low": 2.0, "high": 6.0}, stats.uniform(2.0, 4.0)),
    "normal": ({"mean": 3.0, "deviation": 2.0}, stats.norm(3.0, 2.0)),
    "lognormal": ({"median": 4.0, "sigma": 0.5}, stats.lognorm(0.5, scale=4.0)),
    "triangular": (
        {"low": 1.0, "likeliest": 2.0, "high": 5.0}, stats.triang(0.25, loc=1.0, scale=4.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_quantiles_are_those_of_the_distribution(name: str) -> None:
    fields, expected = DISTRIBUTIONS[name]
    adapter: TypeAdapter[Any] = TypeAdapter(AnyDistribution)
    found = adapter.validate_python({"field": "x", "distribution": name, **fields})
    shares = np.linspace(0.001, 0.999, 77)
    assert expected.cdf(found.quantile(shares)) == pytest.approx(shares, abs=1e-12)


def test_a_cut_normal_keeps_to_its_ends_and_choices_are_as_likely() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(AnyDistribution)
    shares = np.linspace(0.0, 1.0, 10_001)[:-1]
    cut = adapter.validate_python(
        {
            "field": "x",
            "distribution": "normal",
            "mean": 0.0,
            "deviation": 9.0,
            "low": -1.0,
            "high": 2,
        }
    )
    assert cut.quantile(shares).min() == pytest.approx(-1.0)
    assert cut.quantile(np.array([1.0])) == pytest.approx(2.0)
    choice = adapter.validate_python(
        {"field": "x", "distribution": "choice", "values": [7, 1, 5, 5]}
    )
    values, counts = np.unique(choice.quantile(shares), return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([1.0, 5.0, 7.0], [2500, 5000, 2500])
    seeds = adapter.validate_python({"field": "x", "distribution": "seed"}).quantile(shares)
    assert np.unique(seeds).size == seeds.size
    assert (seeds == np.floor(seeds)).all()


def test_each_member_has_its_own_slice_of_each_parameter() -> None:
    shares = ensemble(members=50).plan.shares()
    assert shares.shape == (50, 2)
    for column in shares.T:
        assert sorted(np.floor(column * 50).astype(int)) == list(range(50))
    assert (ensemble(members=50).plan.shares() == shares).all()
    assert (ensemble(members=50, seed=4).plan.shares() != shares).any()


def test_parameters_that_go_together_do_so_and_keep_their_slices() -> None:
    pair = [["rain_mm", "infiltration_mm_h", -0.7]]
    shares = ensemble(members=400, correlations=pair).plan.shares()
    scores = stats.norm.ppf(shares)
    assert np.corrcoef(scores, rowvar=False)[0, 1] == pytest.approx(-0.7, abs=0.02)
    for column in shares.T:
        assert sorted(np.floor(column * 400).astype(int)) == list(range(400))
    for wrong, words in (
        ([["rain_mm", "wind", 0.5]], "names 'wind', which no parameter is called"),
        ([["rain_mm", "rain_mm", 0.5]], "with itself"),
        ([["rain_mm", "infiltration_mm_h", 1.5]], "less than 1"),
    ):
        with pytest.raises(ScenarioError, match=words):
            ensemble(correlations=wrong)


def test_risk_is_the_rate_times_what_members_say() -> None:
    values = np.array([0.0, 10.0, 20.0, 30.0])
    found = risk_of({"people": values, "balance.error": values}, 0.2)
    assert set(found) == {"people"}
    people = found["people"]
    assert people["average_annual"] == pytest.approx(3.0)
    assert people["low"] < 3.0 < people["high"]
    assert people["by_return_period"]["20"] == pytest.approx(30.0)
    assert "50" not in people["by_return_period"]  # four members at 0.2 a year: 20 years
    assert risk_of({"people": values}, None) == {}


def test_what_is_fixed_holds_for_every_member() -> None:
    found = ensemble(fixed={"coarser": 1, "precision": "float64"}).members()
    assert {(m.hazard.coarser, m.hazard.precision) for m in found} == {(1, "float64")}  # type: ignore[union-attr]
    with pytest.raises(ScenarioError, match=r"unknown key 'hazard\.colour'"):
        ensemble(fixed={"colour": 1}).members()


def test_members_are_the_scenario_with_their_values() -> None:
    found = ensemble().members()
    values = ensemble().plan.values()
    assert [m.hazard.rain_mm for m in found] == pytest.approx(values[:, 0])  # type: ignore[attr-defined]
    assert {m.hazard.simulated_h for m in found} == {0.05}  # type: ignore[attr-defined]


def test_statistics_of_cells_are_those_of_their_members() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(37, 500)).astype(np.float32)
    found = cell_statistics(values, 0.5)
    for level, layer in zip(LEVELS, (found.p10, found.p50, found.p90), strict=True):
        assert layer == pytest.approx(np.quantile(values, level, axis=0), abs=1e-6)
    assert found.probability == pytest.approx((values >= 0.5).mean(axis=0))
    one, many = (cell_quantiles(values, np.asarray(LEVELS), parallel=p) for p in (False, True))
    assert one.tobytes() == many.tobytes()
    order = rng.permutation(37)
    assert cell_statistics(values[order], 0.5).p90.tobytes() == found.p90.tobytes()


def test_what_never_came_counts_as_later_than_all_that_came() -> None:
    values = np.array([[10.0, np.nan], [20.0, np.nan], [np.nan, 5.0], [30.0, np.nan]], np.float32)
    found = cell_statistics(values, None)
    assert found.probability.tolist() == [0.75, 0.25]
    assert found.p50.tolist()[0] == 25.0
    assert np.isnan(found.p50[1])
    assert np.isnan(found.p90).all()
    odd = np.array([[1.0], [2.0], [3.0], [np.nan], [np.nan]], np.float32)
    assert cell_statistics(odd, None).p50.tolist() == [3.0]  # the third of five is a member


def test_the_band_of_a_probability_is_that_of_clopper_and_pearson() -> None:
    low, high = probability_band(3, 20, 0.95)
    assert stats.binom.sf(2, 20, low) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 20, high) == pytest.approx(0.025)
    assert probability_band(0, 200)[1] == pytest.approx(1.0 - 0.05 ** (1.0 / 200.0))
    assert probability_band(5, 5) == (pytest.approx(0.05**0.2), 1.0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1234.5, "1,234"),
        (99.94, "99.9"),
        (0.5, "0.5"),
        (7.6e-13, "0"),
        (-250.0, "-250"),
        (0.0, "0"),
    ],
)
def test_numbers_are_as_people_read_them(value: float, words: str) -> None:
    assert short(value) == words


def test_notes_that_differ_in_numbers_alone_are_said_once() -> None:
    none = np.empty(0, np.float32)
    said = [
        (f"Heavy gas, {times:g} times the limit: not verified.", "Rain: 3 mm.", "As given.")
        for times in (9.5, 12.0, 9.5)
    ]
    members = [Member(at, none, {}, notes=notes) for at, notes in enumerate(said)]
    once = "Heavy gas, 9.5 times the limit: not verified. (others say so with other numbers)"
    assert notes_of(members) == [once, "Rain: 3 mm.", "As given."]
    assert all_notes(members) == [once, "Rain: 3 mm.", "As given."]
    worse = Member(3, none, {}, notes=(*said[0], "WARNING: beyond the range.", "Sewers take 9 mm."))
    assert notes_of([*members, worse])[-1] == "WARNING: beyond the range."


def test_shares_of_the_variance_are_those_of_a_function_that_is_known() -> None:
    """Ishigami & Homma 1990: S1 = 0.3139, 0.4424, 0; ST = 0.5576, 0.4424, 0.2437 (a = 7, b = 0.1)."""
    pytest.importorskip("SALib")
    from citytwin.ensemble.sensitivity import saltelli, sobol_indices

    x = np.pi * (2.0 * saltelli(3, 4096, 1) - 1.0)
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    rows = sobol_indices(["a", "b", "c"], {"y": y, "flat": np.ones(len(y))}, 1)
    assert {row["figure"] for row in rows} == {"y"}
    assert [row["first_order"] for row in rows] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [row["total"] for row in rows] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"members": 0}, "'ensemble.members' of the ensemble is wrong"),
        ({"parameters": []}, "the ensemble is wrong: nothing varies: give 'parameters' or 'joint'"),
        (
            {"parameters": [{"field": "rain", "distribution": "uniform", "low": 0.0, "high": 1.0}]},
            "'rain' of the ensemble's parameters is no number of what happens",
        ),
        (
            {"parameters": [{"field": "rain_mm", "distribution": "uniform", "low": 9.0, "high": 1.0}]},
            "'high' of 'rain_mm' is not above 'low'",
        ),
        (
            {"parameters": [{"field": "rain_mm", "distribution": "uniform", "low": -9.0, "high": 0.1}]},
            "'hazard.rain_mm' of member",
        ),
        ({"parameters": STORM["ensemble"]["parameters"][:1] * 2}, "'rain_mm' varies twice"),
        ({"members": 6, "sensitivity": True}, "must be a power of two"),
        (
            {"members": 3, "correlations": [["rain_mm", "infiltration_mm_h", 0.5]]},
            "3 members are too few for correlated parameters",
        ),
        ({"membres": 6}, "did you mean 'members'"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_sentence(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words) as caught:
        ensemble(**changes).members()
    assert "\n" not in str(caught.value)


def test_the_probability_s_title_says_the_class_where_it_has_words() -> None:
    leak = {"distribution": "uniform", "low": 1.0, "high": 2.0, "field": "rate_kg_s"}
    plan = {"members": 2, "parameters": [leak]}
    table = {"hazard": {"model": "plume"}, "ensemble": plan}
    ensemble = Ensemble.from_table(table, "the leak")
    (first, *_) = pictures_of(ensemble, "aegl_zone", 2.0)
    zone = next(one for one in Plume.pictures if one.values == "aegl_zone")
    assert first.title == f"Probability of “{zone.words[1]}” or more: {zone.short}"
    assert first.title_zh == f"达到“{zone.words_zh[1]}”的概率：{zone.short_zh}"


def test_the_probability_of_an_earthquake_counts_from_damage_on() -> None:
    assert kept_of(Earthquake, "", None) == ("mmi", 6.5)
    assert kept_of(Plume, "", None) == ("aegl_zone", 2.0)
