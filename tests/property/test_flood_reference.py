"""The fused kernel against the same scheme written plainly: one edge at a time, from a neighbour table.

The reference follows the docstring of ``citytwin.hazards.flood.inertial.kernel`` and shares no code
with it. Then what must not change one bit: bands, threads, the columns that are worked on, and the
guess that no cell runs short of water.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.flood.active import active_spans
from citytwin.hazards.flood.inertial.kernel import DEPTH
from citytwin.hazards.flood.inertial.solver import InertialSolver as Solver
from citytwin.hazards.flood.layout import level_step
from citytwin.hazards.flood.verification import border, skewed_lattice
from citytwin.kernels.roots import inverse_cube_root

GRAVITY, THETA, COURANT, THINNEST = 9.80665, 0.8, 0.7, 1e-5
DRAIN = 1e4
NO_CREST, CLOSED = -1e30, 1e30
STEPS = ((0, 1), (1, 0), (1, 1))
Cell = tuple[int, int]


@dataclass
class Naive:
    """Depth, edge fluxes and flow vectors of a window, by cell and by edge."""

    lattice: Lattice
    ground: Any
    room: Any
    manning: Any
    depth: Any
    crest: Any
    flux: dict[tuple[Cell, int], float] = field(default_factory=dict)
    flow: dict[Cell, Any] = field(default_factory=dict)
    crossed: dict[tuple[Cell, int], float] = field(default_factory=dict)

    def ahead(self, cell: Cell, way: int, steps: int = 1) -> Cell:
        return cell[0] + steps * STEPS[way][0], cell[1] + steps * STEPS[way][1]

    def is_open(self, cell: Cell) -> bool:
        inside = 0 <= cell[0] < self.ground.shape[0] and 0 <= cell[1] < self.ground.shape[1]
        return inside and bool(self.room[cell] > 0.0)

    def edges(self) -> list[tuple[Cell, Cell, int]]:
        """Edges between open cells: from, to, direction."""
        found = []
        for row, col in np.ndindex(self.ground.shape):
            for way in range(3):
                other = self.ahead((row, col), way)
                if self.is_open((row, col)) and self.is_open(other):
                    found.append(((row, col), other, way))
        return found

    def new_flux(self, a: Cell, b: Cell, way: int, dt: float) -> float:
        """Bates et al. 2010, eq. 11, with θ, the magnitude of the flow vector, and weirs."""
        level_a, level_b = (
            self.ground[a] + self.depth[a],
            self.ground[b] + self.depth[b],
        )
        sill = max(self.ground[a], self.ground[b], self.crest[way][a])
        deep = max(level_a, level_b) - sill
        if deep <= THINNEST:
            return 0.0
        old = self.flux.get((a, way), 0.0)
        beside = [
            self.flux.get((self.ahead(a, way, -1), way), 0.0),
            self.flux.get((b, way), 0.0),
        ]
        beside = [q if q != 0.0 else old for q in beside]
        wave = np.sqrt(GRAVITY * deep * self.lattice.largest_eigenvalue)
        weight = (1.0 - THETA) * dt * wave / (2.0 * COURANT)
        smooth = (1.0 - weight) * old + weight * (beside[0] + beside[1]) / 2.0
        still = np.zeros(2)
        mean = sum(float(np.hypot(*self.flow.get(cell, still))) for cell in (a, b)) / 2.0
        size = max(mean, abs(old))
        roughness = (self.manning[a] ** 2 + self.manning[b] ** 2) / 2.0
        slope = (level_b - level_a) / self.lattice.lengths[way]
        still_wave = np.sqrt(GRAVITY * deep)
        most_wave = 2.0 / (dt * np.sqrt(self.lattice.largest_eigenvalue))
        hastened = max(min(still_wave + size / deep, most_wave), still_wave) ** 2 / still_wave**2
        drag = hastened * GRAVITY * dt * roughness * size * deep ** (-7.0 / 3.0)
        driven = smooth - hastened * GRAVITY * deep * dt * slope
        flux = float((driven + drag * old) / (1.0 + 2.0 * drag))
        if self.crest[way][a] >= max(self.ground[a], self.ground[b]):
            most = np.sqrt(GRAVITY * (2.0 * deep / 3.0) ** 3)
            flux = min(max(flux, -most), most)
        return flux

    def step(self, dt: float) -> None:
        area, edges = self.lattice.cell_area, self.edges()
        flux = {(a, way): self.new_flux(a, b, way, dt) for a, b, way in edges}
        width = {(a, way): min(self.room[a], self.room[b]) for a, b, way in edges}
        volume = {key: flux[key] * width[key] * self.lattice.edges[key[1]] * dt for key in flux}
        out = np.zeros(self.ground.shape)
        for a, b, way in edges:
            out[a if volume[a, way] > 0.0 else b] += abs(volume[a, way])
        held = self.depth * self.room * area
        share = np.where(out > held, held / np.where(out > 0.0, out, 1.0), 1.0)
        gain, flow = np.zeros(self.ground.shape), {}
        for a, b, way in edges:
            scale = share[a if volume[a, way] > 0.0 else b]
            flux[a, way] *= scale
            moved = self.crossed[a, way] = volume[a, way] * scale
            gain[a] -= moved
            gain[b] += moved
            # Half of w |d| d q⁺ from one side, half of w |d| d q⁻ from the other.
            push = self.lattice.weights[way] * self.lattice.lengths[way] * self.lattice.vectors[way]
            for cell in (a, b):
                part = 0.5 * push * flux[a, way] * width[a, way] / self.room[cell]
                flow[cell] = flow.get(cell, np.zeros(2)) + part
        is_open = self.room > 0.0
        change = np.divide(gain, self.room * area, out=np.zeros_like(gain), where=is_open)
        self.depth = np.maximum(self.depth + change, 0.0)
        self.flux, self.flow = flux, flow


def case(seed: int, steepness: float, walls: bool = False) -> tuple[dict[str, Any], Lattice]:  # noqa: FBT001, FBT002
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(5, 9)), int(rng.integers(5, 9)))
    storage = np.where(rng.uniform(size=shape) < 0.25, 0.0, rng.uniform(0.3, 1.0, shape))
    storage[2, 2] = 1.0
    drains = border(*shape) & (rng.uniform(size=shape) < 0.3)
    wet = (rng.uniform(size=shape) < 0.7) & (storage > 0.0) & ~drains
    wet[2, 2] = True
    arrays = {
        # The solver holds ground and crests in whole 1/4096 m.
        "elevation": level_step(rng.uniform(0.0, steepness, shape)),
        "storage": storage,
        "manning": rng.uniform(0.01, 0.15, shape),
        "drains": drains,
        "depth": np.where(wet, rng.uniform(0.0, 1.0, shape), 0.0),
    }
    if walls:
        kind = rng.uniform(size=(3, *shape))
        crest = level_step(rng.uniform(0.0, steepness + 1.0, (3, *shape)))
        crest = np.where(kind < 0.6, NO_CREST, crest)
        arrays["crest"] = np.where(kind > 0.85, CLOSED, crest)
    return arrays, skewed_lattice(rng.uniform(0.2, 1.5))


def twin(arrays: dict[str, Any], lattice: Lattice) -> Naive:
    room = np.where(arrays["drains"], DRAIN, arrays["storage"])
    none = np.full((3, *room.shape), NO_CREST)
    return Naive(
        lattice, arrays["elevation"], room, arrays["manning"], arrays["depth"],
        arrays.get("crest", none),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.05, 0.5, 5.0]),
    st.integers(1, 6),
    st.booleans(),
)
def test_the_kernel_equals_the_plain_scheme(
    seed: int,
    steepness: float,
    count: int,
    walls: bool,  # noqa: FBT001
) -> None:
    arrays, lattice = case(seed, steepness, walls=walls)
    fast = Solver(lattice, **arrays, dtype=np.float64)
    plain = twin(arrays, lattice)
    deepest = arrays["depth"].max()
    dt = COURANT * 2.0 / np.sqrt(GRAVITY * deepest * lattice.largest_eigenvalue)
    assert fast.stable_step == pytest.approx(dt, rel=1e-12)
    pairs = [(a, way) for a, _, way in plain.edges()]
    edges = tuple(np.array(x) for x in zip(*[(w, r, c) for (r, c), w in pairs], strict=True))
    fast.discharge(edges)
    for _ in range(count):
        held = plain.depth > 1e-9
        fast.advance(1)
        plain.step(dt)
        assert np.allclose(fast.depth, plain.depth, rtol=0.0, atol=1e-10)
        crossed = np.array([plain.crossed[pair] for pair in pairs])
        assert np.allclose(fast.discharge(edges) * dt, crossed, rtol=0.0, atol=1e-9)
        if walls:
            closed = np.array([arrays["crest"][w][a] == CLOSED for a, w in pairs])
            assert (fast.discharge(edges)[closed] == 0.0).all()
        if (held & (plain.depth < 1e-14)).any():
            # In a cell that ran dry to rounding, rounding decides whether it still flows.
            break
    if not walls:
        assert np.abs(plain.depth - arrays["depth"]).max() > 1e-6


def test_the_reference_itself_conserves_water_and_moves_it_downhill() -> None:
    arrays, lattice = case(3, 0.5)
    arrays["drains"] = np.zeros_like(arrays["drains"])
    plain = twin(arrays, lattice)
    before = (plain.depth * plain.room).sum()
    energy = (plain.depth * plain.room * (plain.ground + plain.depth / 2.0)).sum()
    for _ in range(20):
        plain.step(0.2)
    assert (plain.depth * plain.room).sum() == pytest.approx(before, rel=1e-12)
    assert (plain.depth * plain.room * (plain.ground + plain.depth / 2.0)).sum() < energy


SHAPE = (41, 37)


def town(dtype: type[np.floating], walls: bool = True, **changes: Any) -> Solver:  # noqa: FBT001, FBT002
    """Hills with buildings and walls, a pond in one corner, dry ground elsewhere."""
    rng = np.random.default_rng(11)
    storage = np.where(rng.uniform(size=SHAPE) < 0.2, 0.0, rng.uniform(0.3, 1.0, SHAPE))
    depth = np.zeros(SHAPE)
    depth[5:14, 4:13] = 3.0
    kind = rng.uniform(size=(3, *SHAPE))
    crest = np.where(kind < 0.7, NO_CREST, rng.uniform(0.0, 2.0, (3, *SHAPE)))
    arrays = {
        "elevation": rng.uniform(0.0, 1.0, SHAPE),
        "storage": storage,
        "manning": rng.uniform(0.02, 0.1, SHAPE),
        "depth": np.where(storage > 0.0, depth, 0.0),
        "crest": np.where(kind > 0.95, CLOSED, crest) if walls else None,
    }
    water = Solver(regular_lattice(5.0), dtype=dtype, **{**arrays, **changes})
    water._everywhere()
    return water


@pytest.mark.parametrize("margin", [1, 2, 6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_only_the_water_s_columns_give_the_same_bits(dtype: type[np.floating], margin: int) -> None:
    whole, narrow = town(dtype), town(dtype)
    widths = []
    for turn in range(60):
        if turn in {0, 30}:
            for water in (whole, narrow):
                # Where the water is taken away, the fluxes are left behind for a step.
                water.depth[:, 8:] = 0.0
                water.depth[20:] = 0.0
                # Drops that never fill a row's span.
                water.depth[22::4, 3::7] = water._storage[25:-3:4, 6:-3:7] > 0.0
        widths.append(
            active_spans(
                narrow._state,
                DEPTH,
                THINNEST,
                margin,
                narrow._low,
                narrow._high,
                *narrow._static,
            )
        )
        narrow._spread()
        for water in (whole, narrow):
            water._flow(0.3, margin)
        assert whole._state.tobytes() == narrow._state.tobytes(), turn
    full = (whole._high - whole._low).sum()
    # The water spread, was taken away, spread again.
    assert widths[0] < 0.9 * full
    assert widths[0] < widths[29]
    assert widths[31] < widths[29]
    assert widths[31] < widths[-1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.floats(0.0, 0.1))
def test_spans_hold_the_water_and_its_margin(seed: int, margin: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    rows, cols = int(rng.integers(1, 20)), int(rng.integers(8, 40))
    state = np.zeros((rows, 5, cols))
    active = rng.uniform(size=(rows, cols)) < share
    state[:, DEPTH] = rng.uniform(0.0, 1e-6, (rows, cols))
    part = rng.integers(0, 5, (rows, cols))
    for k in range(5):
        state[:, k][active & (part == k)] = 1.0 if k == DEPTH else rng.choice([-1e-20, 1.0])
    low0, high0 = rng.integers(1, 4, rows), rng.integers(cols - 4, cols, rows)
    inside = (np.arange(cols) >= low0[:, None]) & (np.arange(cols) < high0[:, None])
    state *= inside[:, None]
    active &= inside
    low, high = low0.copy(), high0.copy()
    total = active_spans(state, DEPTH, 1e-6, margin, low, high, low0, high0)
    assert total == (high - low).sum()
    for r in range(rows):
        near = active[max(0, r - margin) : r + margin + 1].any(axis=0).nonzero()[0]
        first = max(low0[r], near[0] - margin) if near.size else cols
        last = min(high0[r], near[-1] + margin + 1) if near.size else 0
        if first < last:
            assert (low[r], high[r]) == (first, last)
        else:
            assert low[r] == high[r]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("parallel", [False, True])
def test_bands_and_threads_change_no_bit_beside_walls(count: int, parallel: bool) -> None:  # noqa: FBT001
    alone = town(np.float32, parallel=False, bands=1)
    many = town(np.float32, parallel=parallel, bands=count)
    edges = tuple(x.ravel() for x in np.indices((3, *SHAPE)))
    for water in (alone, many):
        water.discharge(edges)
        for _ in range(10):
            water._flow(0.4, 13)
    assert many._bands.size == count + 1
    assert alone._state.tobytes() == many._state.tobytes()
    assert alone._crossed.tobytes() == many._crossed.tobytes()
    assert np.abs(alone._crossed).max() > 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("walls", [False, True])
def test_no_crest_and_crests_far_below_are_the_same(
    dtype: type[np.floating],
    walls: bool,  # noqa: FBT001
) -> None:
    bare = town(dtype, walls=False)
    crested = town(dtype, crest=np.full((3, *SHAPE), -50.0 if walls else NO_CREST))
    assert crested._walls.any() == walls
    for water in (bare, crested):
        water._flow(0.4, 100)
    assert bare._crest.shape[0] == 1 < crested._crest.shape[0]
    assert bare._state.tobytes() == crested._state.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_neighbour_short_of_water_changes_no_bit_elsewhere(
    dtype: type[np.floating],
) -> None:
    """Rows in which a cell gives all it has take another way through the kernel."""
    rng = np.random.default_rng(5)
    rows, left, right = 30, 40, 25
    ground = np.hstack([rng.uniform(0.0, 0.3, (rows, left)), rng.uniform(0.0, 40.0, (rows, right))])
    depth = np.hstack([rng.uniform(1.0, 1.2, (rows, left)), rng.uniform(0.0, 0.1, (rows, right))])
    storage = np.ones((rows, left + right))
    storage[:, left] = 0.0
    depth[:, left] = 0.0
    both, alone = (
        Solver(
            regular_lattice(5.0), ground[:, :cols], storage[:, :cols],
            np.full((rows, cols), 0.03), depth=depth[:, :cols], dtype=dtype,
        )
        for cols in (left + right, left)
    )  # fmt: skip
    for turn in range(40):
        for water in (both, alone):
            water._flow(0.3, 1)
        # Left all is deep; right something runs dry in most rows, at least in the first steps.
        assert alone.depth.min() > 0.5
        if turn < 5:
            assert ((both.depth[:, left + 1 :] < 1e-6).sum(axis=1) > 0).mean() > 0.5
        assert both.depth[:, :left].tobytes() == alone.depth.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lakes_rest_on_both_sides_of_a_wall(dtype: type[np.floating]) -> None:
    rng = np.random.default_rng(2)
    ground = np.asarray(level_step(rng.uniform(100.0, 105.0, SHAPE)))
    level = np.where(np.arange(SHAPE[1]) < 20, level_step(103.3), level_step(101.7))
    depth = np.maximum(np.broadcast_to(level, SHAPE) - ground, 0.0)
    # Low crests under water, and one wall between the lakes that stands above both.
    crest = np.asarray(level_step(rng.uniform(99.0, 106.0, (3, *SHAPE))))
    crest[0, :, 19] = crest[2, :, 19] = level_step(104.0)
    lake = Solver(
        regular_lattice(5.0), ground, rng.uniform(0.3, 1.0, SHAPE), np.full(SHAPE, 0.03),
        depth=depth, crest=crest, dtype=dtype,
    )  # fmt: skip
    before = lake._state.copy()
    lake.advance(200)
    assert (before[:, DEPTH] > 0.0).mean() > 0.2
    assert (lake._state == before).all()


def test_water_passes_a_wall_only_above_its_crest() -> None:
    """Two basins with a wall between them: the upper one drains down to the crest, not further."""
    shape = (6, 12)
    row = np.arange(shape[0])
    wall = tuple(
        np.concatenate(x) for x in [(row * 0, row * 0 + 2), (row, row), (row * 0 + 5,) * 2]
    )
    depth = np.zeros(shape)
    depth[:, :6] = 1.0

    def basin() -> Solver:
        return Solver(
            regular_lattice(5.0), np.zeros(shape), np.ones(shape), np.full(shape, 0.06),
            depth=depth, dtype=np.float64,
        )  # fmt: skip

    water = basin()
    water.set_crest(wall, CLOSED)
    water.run(60.0)
    assert (water.depth == depth).all()
    water.set_crest(wall, 0.75)
    water.run(90.0)
    again = basin()
    again.restore(water.save())
    for one in (water, again):
        one.run(7200.0)
    assert water._state.tobytes() == again._state.tobytes()
    # The last film over the crest is slow: after two hours 0.04 mm are left.
    assert np.allclose(water.depth[:, :6], 0.75, atol=2e-4)
    assert np.allclose(water.depth[:, 6:], 0.25, atol=2e-4)
    water.set_crest(wall, NO_CREST)
    water.run(14400.0)
    assert np.allclose(water.depth, 0.5, atol=2e-4)


def test_inverse_cube_roots_are_close_enough_for_the_friction() -> None:
    """The friction takes h^(−1/3) / h²: its error is that of the root, and shall not pass 1e-4."""

    @njit
    def roots(x: Any, scale: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = inverse_cube_root(x[i], scale)

    for dtype, most in ((np.float32, 5e-5), (np.float64, 1e-14)):
        x = np.geomspace(THINNEST, 1e4, 200_001).astype(dtype)
        out = np.empty_like(x)
        roots(x, dtype(0.5), out)
        exact = 0.5 * x.astype(np.longdouble) ** (-np.longdouble(1.0) / 3.0)
        assert float(np.abs(out / exact - 1.0).max()) <= most
