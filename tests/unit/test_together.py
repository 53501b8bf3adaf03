"""Damage of several steps is counted once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from citytwin.scenario.together import damage_together

SHARES = arrays(np.float64, 6, elements=st.floats(0.0, 1.0))
WORTH = np.array([1.0, 10.0, 200.0, 3e3, 4e4, 5e5])


@given(SHARES, SHARES)
def test_between_the_worse_and_the_sum(first: np.ndarray, second: np.ndarray) -> None:
    """Two hazards do at least what the worse does, at most what both do, never more than all."""
    a, b = first * WORTH, second * WORTH
    found = damage_together(WORTH, [("pga", a), ("fire_state", b)])
    slack = 1e-9 * WORTH
    assert np.all(found >= np.maximum(a, b) - slack)
    assert np.all(found <= np.minimum(a + b, WORTH) + slack)
    assert np.allclose(found, damage_together(WORTH, [("fire_state", b), ("pga", a)]))


def test_a_half_after_a_half_leaves_a_quarter() -> None:
    """Shaken to a half and half burnt: three quarters are lost."""
    found = damage_together(np.array([8.0]), [("pga", np.array([4.0])), ("fire", np.array([4.0]))])
    assert found[0] == 6.0


def test_of_two_floods_the_worse_counts() -> None:
    """A flood that goes on is the same flood; what is not known is no damage."""
    worth = np.array([8.0, 8.0, 0.0])
    first, second = np.array([2.0, np.nan, 0.0]), np.array([3.0, 1.0, 0.0])
    found = damage_together(worth, [("depth", first), ("depth", second)])
    assert found.tolist() == [3.0, 1.0, 0.0]


def test_contents_may_be_worth_more_than_the_house() -> None:
    """A damage above the cost of building anew stands."""
    assert damage_together(np.array([1.0]), [("depth", np.array([2.0]))])[0] == 2.0
