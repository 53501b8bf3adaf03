"""What befalls people: every case of ``citytwin verify impact`` about them holds, and can fail."""

from dataclasses import replace

import pytest

from citytwin.hazards.cases import Verification, verify
from citytwin.impact import moving_water, people_verification
from citytwin.impact.people_verification import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_figure_keeps_to_its_bound(case: Verification) -> None:
    (outcome,) = verify((case,), None, {})
    assert not outcome.skipped
    assert outcome.passed, (outcome.figure, outcome.laws)


def test_a_wrong_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tuple(
        replace(one, product=one.product * 2.0) if one.who == "child" else one
        for one in moving_water.stabilities()
    )
    monkeypatch.setattr(moving_water, "stabilities", lambda: wrong)
    assert people_verification.moving_water(None).figure > 1.0


def test_an_impact_that_is_not_held_to_anything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_verification, "consistent", lambda impact, city: impact)
    found = people_verification.unfound(None)
    assert found.figure == 15.0
