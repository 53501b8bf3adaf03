"""Lifelines against hand-made and step-by-step cases; `citytwin verify impact` runs the same."""

import pytest

from citytwin.hazards.cases import Verification, verify
from citytwin.impact.lifelines.verification import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Verification) -> None:
    (outcome,) = verify((case,), None)
    assert outcome.passed, outcome
