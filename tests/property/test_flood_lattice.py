"""The lattice's weights and the roofs' rain: laws that hold for any skew and any town."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.grid.lattice import Lattice, lattice_of, regular_lattice
from citytwin.grid.window import cover
from citytwin.hazards.flood.terrain import flood_terrain, shed_roofs

#: Lattices no more skewed than those of cities: the sides differ by up to a third.
SIDE = st.floats(0.75, 1.3)
ANGLE = st.floats(np.radians(50.0), np.radians(70.0))
TURN = st.floats(0.0, 2.0 * np.pi)
GRID = cover((-122.4500, 37.7540, -122.4470, 37.7565), 12)


@st.composite
def lattices(draw: st.DrawFn) -> Lattice:
    scale, turn = draw(st.floats(0.5, 500.0)), draw(TURN)
    between = np.pi - draw(ANGLE)
    first = scale * np.array([np.cos(turn), np.sin(turn)])
    second = scale * draw(SIDE) * np.array([np.cos(turn + between), np.sin(turn + between)])
    return lattice_of(first, second)


@given(lattices())
def test_weights_make_the_identity(lattice: Lattice) -> None:
    total = sum(w * np.outer(d, d) for w, d in zip(lattice.weights, lattice.vectors, strict=True))
    assert np.allclose(total, np.eye(2), atol=1e-12)


@given(lattices(), st.tuples(*[st.floats(-1.0, 1.0)] * 6))
def test_gradient_and_laplacian_are_exact_to_the_second_degree(
    lattice: Lattice, c: tuple[float, ...]
) -> None:
    def u(p: Any) -> Any:
        x, y = (p / lattice.lengths[0]).T
        return c[0] + c[1] * x + c[2] * y + c[3] * x * x + c[4] * x * y + c[5] * y * y

    ahead, back, here = u(lattice.vectors), u(-lattice.vectors), u(np.zeros((1, 2)))
    gradient = (lattice.weights[:, None] * lattice.vectors * (ahead - back)[:, None] / 2).sum(
        axis=0
    )
    laplacian = (lattice.weights * (ahead - 2.0 * here + back)).sum()
    size = lattice.lengths[0]
    assert np.allclose(gradient * size, [c[1], c[2]], atol=1e-11)
    assert laplacian * size**2 == pytest.approx(2.0 * (c[3] + c[5]), abs=1e-10)


@given(lattices())
def test_the_wave_bound_holds_for_every_wave(lattice: Lattice) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.0, 2.0 * np.pi, (2, 500))
    waves = np.stack([np.cos(a), np.cos(b), np.cos(a + b)])
    assert (2.0 * lattice.weights @ (1.0 - waves)).max() <= lattice.largest_eigenvalue * 1.001


def test_regular_hexagons_have_their_own_edges() -> None:
    lattice = regular_lattice(12.0)
    assert np.allclose(lattice.edges, 12.0 / np.sqrt(3.0))
    assert lattice.cell_area == pytest.approx(144.0 * np.sqrt(3.0) / 2.0)
    assert np.allclose(lattice.lengths, 12.0)
    assert np.allclose(np.hypot(*lattice.directions.T), 1.0)


def test_shanghai_s_lattice_is_that_of_the_design_table() -> None:
    """Centre distances [m] at resolution 12, and effective edges, worked out apart from this code."""
    lattice = cover((121.46, 31.225, 121.48, 31.24), 12).lattice
    order = np.argsort(lattice.lengths)
    assert np.allclose(lattice.lengths[order], [15.29, 16.84, 17.42], atol=0.05)
    assert np.allclose(lattice.edges[order], [11.53, 9.12, 7.95], atol=0.1)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.98))
def test_shed_roofs_conserve_area(seed: int, built: float) -> None:
    rng = np.random.default_rng(seed)
    is_open = rng.uniform(size=len(GRID)) >= built
    is_open[rng.integers(len(GRID))] = True
    shed = shed_roofs(GRID.area, is_open, GRID.neighbours())
    assert (shed[~is_open] == 0.0).all()
    assert (shed >= 0.0).all()
    # The window is one piece, so every wall has a way to open ground.
    assert shed.sum() == pytest.approx(GRID.area[~is_open].sum(), rel=1e-12, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_all_rain_on_a_town_reaches_its_ground(seed: int, gaps: float) -> None:
    rng = np.random.default_rng(seed)
    cover_share = rng.choice([0.0, 0.3, 0.7, 1.0], len(GRID), p=[0.4, 0.2, 0.2, 0.2])
    layers = {
        "building_cover": cover_share,
        "ground_elevation": rng.uniform(0.0, 9.0, len(GRID)),
        "manning": np.full(len(GRID), 0.03),
        "pervious_share": rng.uniform(size=len(GRID)),
        "water_share": np.zeros(len(GRID)),
    }
    terrain = flood_terrain(GRID, layers, gaps, 1e-6)
    caught = (terrain.rain_factor * terrain.storage).sum() * GRID.lattice.cell_area
    assert caught == pytest.approx(GRID.area.sum(), rel=1e-12)
    assert (terrain.rain_factor[terrain.drains] == 0.0).all()


def test_roofs_shed_beside_the_house() -> None:
    """One wall in the open: its rain falls in equal parts on the six cells around it."""
    middle = int(np.argmin(np.hypot(GRID.x, GRID.y)))
    is_open = np.arange(len(GRID)) != middle
    shed = shed_roofs(GRID.area, is_open, GRID.neighbours())
    around = GRID.neighbours()[middle]
    assert np.allclose(shed[around], GRID.area[middle] / 6.0)
    assert np.count_nonzero(shed) == 6
