"""Full shallow water on a hexagonal lattice: one time step as one fused sweep over the rows.

Godunov's finite volumes for depth h and flow q = h u on hexagons of one shape; A is the area of a
cell, s its open share. Each edge has the unit normal n and the length L of the true cell, whose
corners are the centres of the triangles of neighbouring cells (``geometry``): Σ L n = 0 round a
cell, and the divergence of a linear flow and the gradient of a linear level come out exactly. An
edge is open over the share w = min(s_A, s_B) of its length.

**Flux.** On both sides the depth above the edge's sill is taken (hydrostatic reconstruction,
Audusse et al. 2004, 10.1137/S1064827503431090),

    h* = max(0, z + h − max(z_A, z_B, crest)),

nothing below 10⁻⁸ m, and between the states (h*, u) the HLL flux, F of mass and Φ of normal
momentum. Its wave speeds are

    S_A = min(u_A − c_A, u* − c*),  S_B = max(u_B + c_B, u* + c*),
    u* = (u_A + u_B) / 2 + c_A − c_B,  c* = (c_A + c_B) / 2 + (u_A − u_B) / 4,

with c = √(g h*), and u = u_B − 2 c_B or u_A + 2 c_A on a side without water (two rarefactions;
Toro 2001, Shock-Capturing Methods for Free-Surface Shallow Flows). Transverse momentum goes with
the mass, at the speed of the side that gives it, as in HLLC.

**Momentum** is written in differences that vanish at rest. From an edge whose face has, on the
cell's side, the depth h_e and the level η_e, the cell gets

    − L n [ w (Φ − ½ g h*²) + s ½ g (h_e + h) (η_e − η) ],

pressure and weight in one, since Σ L n ½ g s h² = 0. A lake rests to the last bit, in float32 too,
over any ground and at any shore. What is closed of an edge presses back with ½ g h² as a wall
does, which in this form is nothing: walls take no momentum along them, whatever way the lattice
runs.

**First order** takes h and u as even in a cell, but not the bed: on an even slope its steps would
hold back thin water (Delestre et al. 2012, 10.1016/j.crma.2012.08.004; a remedy like the one here
in Xia et al. 2017, 10.1002/2016WR020055). Level and bed of a cell tilt together towards the edge
by r, half of the limited difference of the bed across the cell, but by no more than half of the
difference of level over that edge. The force is g h r; where the neighbour stands higher, with the
lesser of both depths, so that a film on the bank does not push a lake.

**Second order** takes limited differences (monotonised central) of η, h, and of u along n and
across it, in each of the three directions, and moves a cell on by half a step of its own change
before the fluxes (Hancock; van Leer 1984, 10.1137/0905001): with N = L n / A

    h ← h − ½ Δt Σ (u·N δh + h N·δu),  u ← u − ½ Δt Σ (u·N δu + g N δη), then friction.

Where water is not deeper than the steps of the bed to its neighbours, the differences of h and of
the bed η − h are held to the smaller neighbour's (minmod), and as much beyond it as the water is
deeper: no level leans on a dry bank, and the halves of the bed never overlap. Beside walls and
crests all is even.

**Outflow** of a cell is scaled down to the water that it holds, momentum with it: no depth falls
below zero and no water is made.

**Friction** is Manning's, implicit in the magnitude of the flow. With q* the flow after the edges,

    q = 2 q* / (1 + √(1 + 4 Δt g n² h^(−7/3) |q*|))

solves q + Δt g n² h^(−7/3) |q| q = q*. It never turns a flow, and keeps the normal depth for any
Δt. The speed is u = 2 h q / (h² + max(h², ε²)): q / h, but in films thinner than ε.

The rows of a band pass through the stages one row behind another, so that the arrays travel from
memory once in a step: speed (row r + 2) → differences and half step (r + 1) → flux (r) → share (r)
→ limit (r − 1) → depth and flow (r − 1). A band reads three rows of each neighbour from a snapshot
taken before the step: the result does not depend on the number of bands, to the last bit; nor on
the columns worked on, as long as they hold all water and what it can reach.
"""

from numba import njit, prange

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.full import rows
from citytwin.hazards.flood.full.sweep import DEPTH, FLOW_X, FLOW_Y, HALO, sweep
from citytwin.kernels.both import both


@njit(cache=True, nogil=True)
def _take_snapshot(state: AnyFloats, bands: Ints, halo: AnyFloats) -> None:
    """Copy the rows that each band reads from its neighbours, before anything moves."""
    for band in range(bands.size - 1):
        for k in range(HALO):
            for part in range(state.shape[1]):
                for j in range(state.shape[2]):
                    halo[band, k, part, j] = state[bands[band] - HALO + k, part, j]
                    halo[band, HALO + k, part, j] = state[bands[band + 1] + k, part, j]


def _steps(
    state: AnyFloats, ground: AnyFloats, tilt: AnyFloats, crest: AnyFloats, crossed: AnyFloats,
    bands: Ints, halo: AnyFloats, low: Ints, high: Ints,
    second: bool, ring: AnyFloats, p: AnyFloats, c: AnyFloats, count: int,  # noqa: FBT001
) -> None:  # fmt: skip
    """``count`` time steps.

    ``state`` (rows, 4, cols) and ``ground`` (rows, 3, cols) as ``sweep`` names their parts; ``tilt``
    (rows, 3, cols) of ``geometry.tilts``; ``crest`` (rows or 1, 3, cols) [m]; ``crossed`` receives, if
    it has all rows, the volume that crossed each edge in the last step over the cell area [m];
    ``bands`` (b + 1,) first row of each band and the end of the last; ``low``, ``high`` (rows,) first
    and one past the last column that water can reach; ``second`` the order; ``halo``, ``ring`` scratch;
    ``p`` (3, 3), ``c`` (14,) constants, see ``rows``.
    """
    for _ in range(count):
        _take_snapshot(state, bands, halo)
        for band in prange(bands.size - 1):
            sweep(
                state, ground, tilt, crest, crossed, halo[band], bands[band], bands[band + 1],
                low, high, second, ring[band], p, c,
            )  # fmt: skip


def _waves(
    state: AnyFloats, bands: Ints, low: Ints, high: Ints, ring: AnyFloats, fastest: AnyFloats,
    c: AnyFloats,
) -> None:  # fmt: skip
    """Speed of the fastest wave in each band, |u| + √(g h) [m/s]."""
    for band in prange(bands.size - 1):
        peak = ring[band, 0]
        peak[:] = c[rows.ZERO]
        for r in range(bands[band], bands[band + 1]):
            lo, hi = low[r], high[r]
            rows.wave_row(
                state[r, DEPTH, lo:hi], state[r, FLOW_X, lo:hi], state[r, FLOW_Y, lo:hi],
                peak[lo:hi], c,
            )  # fmt: skip
        fastest[band] = peak.max()


steps_serial, steps_parallel = both(_steps)
waves_serial, waves_parallel = both(_waves)
