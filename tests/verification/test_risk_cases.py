"""The cases of ``citytwin verify`` on how often events come and on days that come together."""

import pytest

from citytwin.ensemble.verification import CASES as ENSEMBLES
from citytwin.hazards.cases import Verification, verify
from citytwin.impact.risk_verification import CASES

JOINT = tuple(case for case in ENSEMBLES if case.name.startswith(("shape of", "rank correlation")))


@pytest.mark.parametrize("case", [*CASES, *JOINT], ids=lambda case: case.name)
def test_case_keeps_its_bound(case: Verification) -> None:
    [outcome] = verify((case,), None)
    assert outcome.passed, (outcome.figure, outcome.laws)


def test_both_joint_cases_are_there() -> None:
    assert len(JOINT) == 2
