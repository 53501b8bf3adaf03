"""Priority flood against a naive reference, on random grounds."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from citytwin.kernels.depressions import NEIGHBOURS, flood, label_hollows, rim

SHAPE = (7, 8)
GROUND = arrays(np.float64, SHAPE, elements=st.integers(0, 6).map(float))
VALID = arrays(np.bool_, SHAPE, elements=st.sampled_from([True, True, True, True, False]))


def naive_level(ground: Any, valid: Any, outlet: Any, rise: float) -> Any:
    """Lower the water everywhere until nothing changes."""
    level = np.where(outlet, ground, np.inf)
    changed = True
    while changed:
        changed = False
        for i, j in np.argwhere(valid & ~outlet):
            for di, dj in NEIGHBOURS:
                a, b = i + di, j + dj
                if 0 <= a < SHAPE[0] and 0 <= b < SHAPE[1] and valid[a, b]:
                    here = max(ground[i, j], level[a, b] + rise)
                    if here < level[i, j]:
                        level[i, j] = here
                        changed = True
    return level


def flooded(ground: Any, valid: Any, rise: float) -> tuple[Any, Any, Any]:
    outlet = np.zeros(SHAPE, dtype=np.bool_)
    rim(valid, outlet)
    level, towards = np.full(SHAPE, np.nan), np.full(SHAPE, -2, dtype=np.int64)
    flood(ground, valid, outlet, rise, level, towards)
    return outlet, level, towards


@settings(max_examples=60, deadline=None)
@given(GROUND, VALID, st.sampled_from([0.0, 0.25]))
def test_levels_equal_the_naive_ones(ground: Any, valid: Any, rise: float) -> None:
    outlet, level, _ = flooded(ground, valid, rise)
    expected = naive_level(ground, valid, outlet, rise)
    assert np.array_equal(level[valid], expected[valid])


@settings(max_examples=60, deadline=None)
@given(GROUND, VALID)
def test_the_way_out_never_rises_and_ends_at_an_outlet(ground: Any, valid: Any) -> None:
    outlet, level, towards = flooded(ground, valid, 0.0)
    for cell in np.flatnonzero(valid):
        here, steps = int(cell), 0
        while towards.flat[here] >= 0:
            there = int(towards.flat[here])
            assert level.flat[there] <= level.flat[here]
            here, steps = there, steps + 1
            assert steps <= ground.size
        assert outlet.flat[here]


@settings(max_examples=60, deadline=None)
@given(GROUND, VALID)
def test_hollows_are_the_cells_under_water(ground: Any, valid: Any) -> None:
    _, level, _ = flooded(ground, valid, 0.0)
    label = np.zeros(SHAPE, dtype=np.int64)
    count = label_hollows(ground, level, valid, label)
    assert np.array_equal(label > 0, valid & (level > ground))
    assert set(np.unique(label)) - {0} == set(range(1, count + 1))
