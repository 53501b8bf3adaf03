"""The fire against laws, closed forms and Hamada: the cases of ``citytwin verify``, which can fail."""

from typing import Any

import numpy as np
import pytest

from citytwin.cli.published import published_in
from citytwin.hazards.cases import Site, Verification, verify
from citytwin.hazards.fire import Fire, scene
from citytwin.hazards.fire.houses import embers, pairs, radiation, tables
from citytwin.hazards.fire.houses.states import Houses
from citytwin.hazards.fire.houses.suppression import Engines
from citytwin.hazards.fire.verification import houses, town
from citytwin.hazards.fire.verification.block import velocities_of

CASES = {case.name: case for case in Fire.verification()}
PUBLISHED = published_in(None)


def case_of(part: str) -> Verification:
    (found,) = (case for name, case in CASES.items() if part in name)
    return found


def fails(part: str) -> bool:
    (outcome,) = verify((case_of(part),), None)
    return not outcome.passed


@pytest.mark.parametrize("name", CASES)
def test_the_figure_keeps_to_its_bound(name: str, request: pytest.FixtureRequest) -> None:
    case = CASES[name]
    site: Site | None = request.getfixturevalue("site") if case.needs_site else None
    (outcome,) = verify((case,), site, PUBLISHED)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.figure >= 0.0
    assert outcome.passed, (f"{outcome.figure:.3g}, at most {case.bound:g}", outcome.laws)


def test_what_the_issue_asks_of_buildings_is_there() -> None:
    wanted = {
        "downwind against Hamada's, 0 to 20": 0.25,
        "across the wind against Hamada's": 0.25,
        "upwind against Hamada's": 0.25,
        "bare strip of 40 m": 0.0,
        "bare strip of 60 m": 0.0,
        "add up to all": 0.0,
        "in a square block": 1e-3,
    }
    for part, bound in wanted.items():
        assert case_of(part).bound == bound
    assert all(case.source and case.unit for case in CASES.values())


def test_hamada_s_curve_rises_with_the_wind_and_falls_off_against_it() -> None:
    still = velocities_of(25, 10.0, 5.0, 0.0)
    windy = velocities_of(41, 10.0, 5.0, 10.0)
    assert np.ptp(still) < 1e-6 * still[0]
    assert windy[0] > 3.0 * windy[1] > windy[2] > 0.0


# That the cases can fail


def test_a_narrow_strip_is_crossed() -> None:
    assert houses.across_strip(8.0, 15.0).figure > 0.0


def test_the_curve_fails_with_half_the_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Houses.__init__

    def quicker(self: Houses, *args: object) -> None:
        start(self, *args)  # type: ignore[arg-type]
        self.house[:, 2] *= 0.5

    monkeypatch.setattr(Houses, "__init__", quicker)
    assert fails("across the wind against Hamada's")


def test_the_heat_fails_if_a_hundredth_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    burn = radiation.burn
    monkeypatch.setattr(radiation, "burn", lambda *args: 0.99 * burn(*args))
    assert fails("heat released by a block")


def test_symmetry_fails_if_one_side_sees_more(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Houses.__init__

    def favoured(self: Houses, *args: object) -> None:
        start(self, *args)  # type: ignore[arg-type]
        self._shape[:, 5] *= 1.0 + 1e-3 * (self._shape[:, 1] > 0.5)

    monkeypatch.setattr(Houses, "__init__", favoured)
    assert fails("in a square block")


def test_turning_fails_if_sight_follows_the_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    find = pairs.find_pairs

    def grid_bound(*args: object) -> pairs.Pairs:
        found = find(*args)  # type: ignore[arg-type]
        return pairs.Pairs(
            found.first, found.target, found.gap, np.round(found.east), np.round(found.north),
            found.left, found.right, found.wall,
        )  # fmt: skip

    monkeypatch.setattr(pairs, "find_pairs", grid_bound)
    assert fails("turned with its wind")


def test_engines_fail_if_they_never_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engines, "step", lambda *args: None)
    assert fails("engines put out")


def test_embers_fail_if_they_fall_against_the_wind(monkeypatch: pytest.MonkeyPatch) -> None:
    fall = embers.Embers.fall

    def against(self: embers.Embers, thrown: np.ndarray, wind: np.ndarray) -> None:
        fall(self, thrown, wind * [1.0, -1.0, 1.0])

    monkeypatch.setattr(embers.Embers, "fall", against)
    assert fails("embers fall where")


def test_the_break_fails_if_plants_on_it_still_burn(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = scene._cut

    def forget(*args: Any) -> np.ndarray:
        return cut(*args)[:0]

    monkeypatch.setattr(scene, "_cut", forget)
    assert fails("fire break of 45 m")


def test_the_counts_fail_if_a_state_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Houses.counts
    monkeypatch.setattr(Houses, "counts", lambda self: counts(self) | {"cleared": 1})
    assert fails("add up to all")


def test_unverified_coefficients_are_counted() -> None:
    for number, total in tables.unverified().values():
        assert 0 < number <= total
    hazard = town.run(town.town(2, 1), simulated_h=0.5)
    assert sum("not verified" in note for note in hazard.notes) == 4  # the share of wood among them
