"""The fused kernel against the same scheme written plainly: one edge at a time, from a neighbour table.

The reference follows the docstring of ``citytwin.hazards.flood.kernel`` and shares no code with it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.grid.lattice import Lattice
from citytwin.hazards.flood.inertial.solver import InertialSolver as Solver
from citytwin.hazards.flood.verification import border, skewed_lattice

GRAVITY, THETA, COURANT, THINNEST = 9.80665, 0.8, 0.7, 1e-5
DRAIN = 1e4
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
    flux: dict[tuple[Cell, int], float] = field(default_factory=dict)
    flow: dict[Cell, Any] = field(default_factory=dict)

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
        """Bates et al. 2010, eq. 11, with θ and the magnitude of the flow vector."""
        level_a, level_b = self.ground[a] + self.depth[a], self.ground[b] + self.depth[b]
        deep = max(level_a, level_b) - max(self.ground[a], self.ground[b])
        if deep <= THINNEST:
            return 0.0
        old = self.flux.get((a, way), 0.0)
        beside = [self.flux.get((self.ahead(a, way, -1), way), 0.0), self.flux.get((b, way), 0.0)]
        beside = [q if q != 0.0 else old for q in beside]
        wave = np.sqrt(GRAVITY * deep * self.lattice.largest_eigenvalue)
        weight = (1.0 - THETA) * dt * wave / (2.0 * COURANT)
        smooth = (1.0 - weight) * old + weight * (beside[0] + beside[1]) / 2.0
        still = np.zeros(2)
        mean = sum(float(np.hypot(*self.flow.get(cell, still))) for cell in (a, b)) / 2.0
        size = max(mean, abs(old))
        roughness = (self.manning[a] ** 2 + self.manning[b] ** 2) / 2.0
        slope = (level_b - level_a) / self.lattice.lengths[way]
        drag = 1.0 + GRAVITY * dt * roughness * size * deep ** (-7.0 / 3.0)
        return float((smooth - GRAVITY * deep * dt * slope) / drag)

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
            moved = volume[a, way] * scale
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


def case(seed: int, steepness: float) -> tuple[dict[str, Any], Lattice]:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(5, 9)), int(rng.integers(5, 9)))
    storage = np.where(rng.uniform(size=shape) < 0.25, 0.0, rng.uniform(0.3, 1.0, shape))
    storage[2, 2] = 1.0
    drains = border(*shape) & (rng.uniform(size=shape) < 0.3)
    wet = (rng.uniform(size=shape) < 0.7) & (storage > 0.0) & ~drains
    wet[2, 2] = True
    arrays = {
        # The solver holds ground in whole 1/4096 m.
        "elevation": np.round(rng.uniform(0.0, steepness, shape) * 4096.0) / 4096.0,
        "storage": storage,
        "manning": rng.uniform(0.01, 0.15, shape),
        "drains": drains,
        "depth": np.where(wet, rng.uniform(0.0, 1.0, shape), 0.0),
    }
    return arrays, skewed_lattice(rng.uniform(0.2, 1.5))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.5, 5.0]), st.integers(1, 6))
def test_the_kernel_equals_the_plain_scheme(seed: int, steepness: float, count: int) -> None:
    arrays, lattice = case(seed, steepness)
    fast = Solver(lattice, **arrays, dtype=np.float64)
    room = np.where(arrays["drains"], DRAIN, arrays["storage"])
    plain = Naive(lattice, arrays["elevation"], room, arrays["manning"], arrays["depth"])
    deepest = arrays["depth"].max()
    dt = COURANT * 2.0 / np.sqrt(GRAVITY * deepest * lattice.largest_eigenvalue)
    assert fast.stable_step == pytest.approx(dt, rel=1e-12)
    for _ in range(count):
        held = plain.depth > 1e-9
        fast.advance(1)
        plain.step(dt)
        assert np.allclose(fast.depth, plain.depth, rtol=0.0, atol=1e-10)
        if (held & (plain.depth < 1e-14)).any():
            # In a cell that ran dry to rounding, rounding decides whether it still flows.
            break
    assert np.abs(plain.depth - arrays["depth"]).max() > 1e-6


def test_the_reference_itself_conserves_water_and_moves_it_downhill() -> None:
    arrays, lattice = case(3, 0.5)
    plain = Naive(
        lattice, arrays["elevation"], arrays["storage"], arrays["manning"], arrays["depth"]
    )
    before = (plain.depth * plain.room).sum()
    energy = (plain.depth * plain.room * (plain.ground + plain.depth / 2.0)).sum()
    for _ in range(20):
        plain.step(0.2)
    assert (plain.depth * plain.room).sum() == pytest.approx(before, rel=1e-12)
    assert (plain.depth * plain.room * (plain.ground + plain.depth / 2.0)).sum() < energy
