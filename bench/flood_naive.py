"""The yardstick: the same flood step with a neighbour table, as one writes it first.

One entry for each cell and each edge, branches, ``pow``, three passes over memory. Kept beside the
dense-window kernel to show what the window is worth, and as an independent check of its numbers.
"""

import numpy as np
from numba import njit, prange

GRAVITY = 9.80665
THINNEST = 1e-5
COURANT = 0.7


def neighbour_table(rows: int, cols: int) -> np.ndarray:
    """(n, 6) neighbours of each cell of a full window, −1 outside; forward three, then back."""
    index = np.full((rows + 2, cols + 2), -1, np.int64)
    index[1:-1, 1:-1] = np.arange(rows * cols).reshape(rows, cols)
    steps = ((0, 1), (1, 0), (1, 1), (0, -1), (-1, 0), (-1, -1))
    views = [index[1 + r : 1 + r + rows, 1 + c : 1 + c + cols].ravel() for r, c in steps]
    return np.stack(views, axis=1)


@njit(parallel=True)
def fluxes(z, h, q, flow, manning, table, lengths, blend, dt, swiftest, new):
    """New flux (n, 3) [m²/s] on the forward edges."""
    for a in prange(z.size):
        for k in range(3):
            new[a, k] = 0.0
            b = table[a, k]
            if b < 0:
                continue
            deep = max(z[a] + h[a], z[b] + h[b]) - max(z[a], z[b])
            if deep <= THINNEST:
                continue
            old = q[a, k]
            before, behind = old, old
            if table[a, k + 3] >= 0 and q[table[a, k + 3], k] != 0.0:
                before = q[table[a, k + 3], k]
            if q[b, k] != 0.0:
                behind = q[b, k]
            size = max(0.5 * (flow[a] + flow[b]), abs(old))
            n2 = 0.5 * (manning[a] ** 2 + manning[b] ** 2)
            still = np.sqrt(GRAVITY * deep)
            wave = max(min(still + size / deep, swiftest), still)
            swift = (wave / still) ** 2
            drag = swift * GRAVITY * dt * n2 * size / deep ** (7.0 / 3.0)
            push = swift * GRAVITY * deep * dt * (z[b] + h[b] - z[a] - h[a]) / lengths[k]
            weight = blend * np.sqrt(deep)
            mean = 0.5 * (before + behind)
            new[a, k] = (old + weight * (mean - old) - push + drag * old) / (1.0 + 2.0 * drag)


@njit(parallel=True)
def shares(h, q, table, crossing, share):
    """Share of each cell's outflow that its water allows."""
    for a in prange(h.size):
        out = 0.0
        for k in range(3):
            out += max(q[a, k], 0.0) * crossing[k]
            if table[a, k + 3] >= 0:
                out -= min(q[table[a, k + 3], k], 0.0) * crossing[k]
        share[a] = min(1.0, h[a] / out) if out > 0.0 else 1.0


@njit(parallel=True)
def limit(q, table, share):
    """Scale each flux by the share of the cell that gives the water."""
    for a in prange(share.size):
        for k in range(3):
            if table[a, k] >= 0:
                q[a, k] *= share[a] if q[a, k] > 0.0 else share[table[a, k]]


@njit(parallel=True)
def depths(h, q, flow, table, crossing, turn):
    """New depth and size of the flow vector."""
    for a in prange(h.size):
        gain, x, y = 0.0, 0.0, 0.0
        for k in range(3):
            back = q[table[a, k + 3], k] if table[a, k + 3] >= 0 else 0.0
            gain += crossing[k] * (back - q[a, k])
            x += turn[k, 0] * (q[a, k] + back)
            y += turn[k, 1] * (q[a, k] + back)
        h[a] = max(h[a] + gain, 0.0)
        flow[a] = np.sqrt(x * x + y * y)


class NaiveSolver:
    """The same scheme as ``citytwin``'s solver, without walls, on a neighbour table."""

    def __init__(self, lattice, elevation, manning, depth, theta, dtype=np.float32):
        rows, cols = elevation.shape
        self.lattice, self.theta, self.dtype = lattice, dtype(theta), dtype
        self.table = neighbour_table(rows, cols)
        self.z = elevation.ravel().astype(dtype)
        self.h = depth.ravel().astype(dtype)
        self.manning = manning.ravel().astype(dtype)
        self.q = np.zeros((self.z.size, 3), dtype)
        self.new = np.zeros_like(self.q)
        self.flow = np.zeros_like(self.h)
        self.share = np.ones(self.z.size, dtype)

    def advance(self, count: int, dt: float) -> None:
        """Take so many steps of ``dt`` seconds."""
        lattice, dtype = self.lattice, self.dtype
        crossing = (lattice.edges * dt / lattice.cell_area).astype(dtype)
        turn = (0.5 * (lattice.weights * lattice.lengths)[:, None] * lattice.vectors).astype(dtype)
        lengths = lattice.lengths.astype(dtype)
        wave = np.sqrt(GRAVITY * lattice.largest_eigenvalue)
        blend = dtype((1.0 - self.theta) * dt * wave / (2.0 * COURANT))
        swiftest = dtype(2.0 / (dt * np.sqrt(lattice.largest_eigenvalue)))
        for _ in range(count):
            fluxes(
                self.z, self.h, self.q, self.flow, self.manning, self.table, lengths,
                blend, dtype(dt), swiftest, self.new,
            )  # fmt: skip
            self.q, self.new = self.new, self.q
            shares(self.h, self.q, self.table, crossing, self.share)
            limit(self.q, self.table, self.share)
            depths(self.h, self.q, self.flow, self.table, crossing, turn)
