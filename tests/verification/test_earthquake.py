"""The earthquake against another program, closed forms and published tables, and that it can fail."""

import numpy as np
import pytest

from citytwin.cli.published import published_in
from citytwin.hazards.cases import Verification, verify
from citytwin.hazards.earthquake import Earthquake, bssa14, residuals, site
from citytwin.impact.hazus import tables
from citytwin.impact.hazus.verification import CASES as HAZUS

CASES = {case.name: case for case in (*Earthquake.verification(), *HAZUS)}
PUBLISHED = published_in(None)


def case_of(part: str) -> Verification:
    (found,) = (case for name, case in CASES.items() if part in name)
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_figure_keeps_to_its_bound(name: str) -> None:
    (outcome,) = verify((CASES[name],), None, PUBLISHED)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.figure >= 0.0
    assert outcome.passed, (f"{outcome.figure:.3g}, at most {outcome.case.bound:g}", outcome.laws)


def test_the_issue_s_bounds_are_the_bounds() -> None:
    bounds = {
        "off hazardlib's medians": 1e-6,
        "damage by drift": 1e-12,
        "damage by peak ground": 1e-12,
        "distance to a vertical fault": 1e-3,
    }
    for part, bound in bounds.items():
        assert case_of(part).bound == bound
    assert all(case.source and case.unit for case in CASES.values())


# That the cases can fail


def fails(part: str) -> bool:
    (outcome,) = verify((case_of(part),), None, PUBLISHED)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    return not outcome.passed


@pytest.mark.parametrize("name", ["c3", "f5", "e2", "dc3_italy_japan", "f6"])
def test_ground_motion_fails_with_a_coefficient_a_thousandth_off(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    true = bssa14.coefficients()
    wrong = {
        measure: bssa14.Coefficients(row.values | {name: 1.001 * row.values[name]}, row.verified)
        for measure, row in true.items()
    }
    monkeypatch.setattr(bssa14, "coefficients", lambda: wrong)
    assert fails("off hazardlib's medians")


def test_sigma_fails_with_another_tau(monkeypatch: pytest.MonkeyPatch) -> None:
    taus = bssa14.taus
    monkeypatch.setattr(bssa14, "taus", lambda *given: taus(*given) + 1e-5)
    assert fails("off hazardlib's medians")


def test_fields_fail_with_a_tenth_more_length(monkeypatch: pytest.MonkeyPatch) -> None:
    root = residuals.Raster.root_spectrum
    monkeypatch.setattr(
        residuals.Raster, "root_spectrum", lambda self, length: root(self, 1.1 * length)
    )
    assert fails("random fields at every distance")


def test_drawn_fields_fail_with_a_third_of_the_length(monkeypatch: pytest.MonkeyPatch) -> None:
    root = residuals.Raster.root_spectrum
    monkeypatch.setattr(
        residuals.Raster, "root_spectrum", lambda self, length: root(self, length / 3.0)
    )
    assert fails("120 drawn fields")


def test_slope_fails_with_a_little_more_steepness(monkeypatch: pytest.MonkeyPatch) -> None:
    true = site._steepness
    monkeypatch.setattr(site, "_steepness", lambda *given: 1.00001 * true(*given))
    assert fails("even hillside")


def test_damage_fails_with_another_median(monkeypatch: pytest.MonkeyPatch) -> None:
    medians, betas = tables.fragility("drift")
    wrong = medians.copy()
    wrong[0, 3, 2] *= 1.0 + 1e-9
    monkeypatch.setattr("citytwin.impact.hazus.fragility.fragility", lambda demand: (wrong, betas))
    assert fails("damage by drift")


def test_casualties_fail_with_another_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tables.casualty_rates().copy()
    wrong[5, 4, 3] += 1e-6
    monkeypatch.setattr("citytwin.impact.hazus.casualties.casualty_rates", lambda: wrong)
    assert fails("casualties and collapse")


def test_a_mean_hides_nothing() -> None:
    # Medians of neighbouring magnitudes differ by far more than the bound.
    pair = [
        bssa14.ground_motion(("pga",), m, "reverse", np.array([1e4]), np.array([400.0])).median[
            0, 0
        ]
        for m in (6.0, 6.001)
    ]
    assert abs(pair[1] - pair[0]) > 1e-4
