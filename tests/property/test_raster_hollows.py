"""Real and false hollows against a plain search over every cell."""

import heapq
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.grid.false_hollows import FALL, without_false_hollows
from citytwin.grid.window import Grid, cover

GRIDS = {
    "San Francisco": cover((-122.4500, 37.7540, -122.4480, 37.7556), 12),
    "Shanghai": cover((121.4700, 31.2300, 121.4720, 31.2316), 12),
}
NONE = np.empty(0, dtype=object)


def depth_of(grid: Grid, ground: Any, start: int, ends: Any) -> float:
    """Least rise on any way from a cell to lower ground, to a cell of ``ends`` or out of the city."""
    around = grid.neighbours()
    seen = {start}
    queue = [(float(ground[start]), start)]
    while queue:
        height, cell = heapq.heappop(queue)
        if ends[cell] or ground[cell] < ground[start] or (around[cell] < 0).any():
            return height - float(ground[start])
        for other in around[cell]:
            if other not in seen:
                seen.add(int(other))
                heapq.heappush(queue, (max(height, float(ground[other])), int(other)))
    return float("inf")


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(GRIDS)),
    st.integers(0, 2**32 - 1),
    st.floats(0.05, 3.0),
    st.sampled_from([0.0, 0.05]),
)
def test_deep_pits_stay_and_all_others_drain(
    place: str, seed: int, error: float, slope: float
) -> None:
    grid = GRIDS[place]
    rng = np.random.default_rng(seed)
    ground = slope * grid.x + rng.uniform(0.0, 4.0, len(grid))
    nowhere = np.zeros(len(grid), bool)
    depth = np.array([depth_of(grid, ground, cell, nowhere) for cell in range(len(grid))])
    real = depth > error
    found = without_false_hollows(grid, ground, error, NONE)
    assert found.kept == real.sum()
    assert np.array_equal(found.ground[real], ground[real])
    left = np.array([depth_of(grid, found.ground, cell, real) for cell in range(len(grid))])
    assert left.max() < 1e-9
    assert np.abs(found.ground - ground).max() <= max(error, 0.02) + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_whole_metres_stay_whole_but_for_the_fall_of_cuts(seed: int) -> None:
    grid = GRIDS["Shanghai"]
    rng = np.random.default_rng(seed)
    ground = np.round(rng.uniform(0.0, 5.0, len(grid)))
    found = without_false_hollows(grid, ground, 1.5, NONE).ground
    assert np.abs(found - np.round(found)).max() <= 50 * FALL
