"""Random fields: lengths, mixing, the variance between nodes, seeds."""

from typing import Any

import numpy as np
import pytest

from citytwin.hazards.earthquake import residuals
from citytwin.hazards.earthquake.residuals import (
    between_events,
    correlation_length,
    correlation_of,
    correlations,
    raster_for,
    root_of,
    within_event,
)

NAMES = tuple(residuals.PERIODS)


@pytest.mark.parametrize(
    ("period", "clustered", "length"),
    [
        (0.0, True, 40.7),
        (0.0, False, 8.5),
        (0.5, False, 17.1),
        (1.0, True, 25.7),
        (3.0, False, 33.1),
    ],
)
def test_lengths_are_the_published_ones(period: float, clustered: Any, length: float) -> None:
    assert correlation_length(period, clustered=clustered) == pytest.approx(1e3 * length)


def test_measures_go_together_as_published() -> None:
    # Baker & Jayaram 2008, figure 4: neighbouring periods nearly 1, far ones less.
    assert correlation_of(0.3, 0.3) == pytest.approx(1.0)
    assert correlation_of(0.3, 1.0) == pytest.approx(
        1.0 - np.cos(np.pi / 2.0 - 0.366 * np.log(1.0 / 0.3))
    )
    assert correlation_of(1.0, 0.3) == correlation_of(0.3, 1.0)
    assert correlation_of(0.02, 0.05) > 0.9
    assert 0.2 < correlation_of(0.05, 2.0) < correlation_of(0.5, 2.0) < 1.0


def test_the_root_gives_the_matrix_back() -> None:
    matrix = correlations(NAMES)
    root = root_of(matrix)
    assert root @ root.T == pytest.approx(matrix, abs=1e-9)
    assert np.linalg.norm(root, axis=1) == pytest.approx(np.ones(len(NAMES)))


def test_a_city_fits_on_its_raster_without_a_short_way_round() -> None:
    for extent in (3e3, 40e3, 150e3):
        raster = raster_for(extent, 40.7e3)
        assert raster.nodes * raster.spacing >= 2.0 * extent
        assert raster.spacing < 40.7e3 / 60.0


def test_variance_between_nodes_is_that_of_four_neighbours() -> None:
    spacing, length, row, column = 500.0, 9e3, 0.3, 0.8
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    weights = np.abs(1 - corners[:, 0] - row) * np.abs(1 - corners[:, 1] - column)
    apart = spacing * np.linalg.norm(corners[:, None] - corners[None], axis=2)
    expected = np.sqrt(weights @ np.exp(-3.0 * apart / length) @ weights)
    side, diagonal = (np.exp(-3.0 * spacing * far / length) for far in (1.0, np.sqrt(2.0)))
    assert residuals.spread_left(row, column, side, diagonal) == pytest.approx(expected)


def test_fields_are_read_bilinearly_and_go_round() -> None:
    fields = np.random.default_rng(0).standard_normal((2, 8, 8))
    row, column = np.array([2.0, 2.25, 7.5, -0.5]), np.array([3.0, 3.5, 7.5, -0.5])
    out = np.empty((2, 4))
    fully = np.ones(2)
    residuals._read_parallel(fields, fully, fully, row, column, out)
    upper, lower = fields[:, 2, 3:5].mean(axis=1), fields[:, 3, 3:5].mean(axis=1)
    corners = fields[:, [7, 7, 0, 0], [7, 0, 7, 0]].mean(axis=1)
    expected = [fields[:, 2, 3], 0.75 * upper + 0.25 * lower, corners, corners]
    assert out == pytest.approx(np.array(expected).T)


def test_the_spread_is_one_at_any_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residuals, "NODES", 64)
    x, y = np.array([0.0, 777.0, -1300.0]), np.array([0.0, 333.0, 900.0])
    drawn = np.stack([within_event(x, y, ("pga", "sa1"), seed) for seed in range(3000)])
    assert drawn.mean(axis=0) == pytest.approx(np.zeros((2, 3)), abs=0.07)
    assert drawn.var(axis=0) == pytest.approx(np.ones((2, 3)), abs=0.09)


def test_a_seed_gives_one_field_whatever_the_cells() -> None:
    x, y = np.random.default_rng(0).uniform(-1500.0, 1500.0, (2, 300))
    once = within_event(x, y, NAMES, 7)
    assert (within_event(x[::-1], y[::-1], NAMES, 7)[:, ::-1] == once).all()
    few = within_event(x[:50], y[:50], NAMES, 7)
    assert few == pytest.approx(once[:, :50], abs=1e-9)
    assert np.abs(within_event(x, y, NAMES, 8) - once).max() > 0.1


def test_events_differ_by_their_seed() -> None:
    drawn = np.stack([between_events(NAMES, seed) for seed in range(4000)])
    assert np.corrcoef(drawn.T) == pytest.approx(correlations(NAMES), abs=0.04)
    assert drawn.std(axis=0) == pytest.approx(np.ones(len(NAMES)), abs=0.05)
