"""Full shallow water on a hexagonal lattice: one time step as one fused sweep over the rows.

Godunov's finite volumes for depth h and flow h u on hexagons of one shape, A the area of a cell, s its
open share. Each edge has the unit normal n and length L of the true cell: its corners are the centres
of the triangles of neighbouring cells (``geometry``), so that Σ L n = 0 round a cell and Σ L n dᵀ = A
I over the directions. An edge is open over the share w = min(s_A, s_B) of its length.

Flux. On both sides of an edge the depth above its sill is taken, the hydrostatic reconstruction of
Audusse et al. 2004 (10.1137/S1064827503431090),

    h* = max(0, z + h − max(z_A, z_B, crest))

and between the states (h*, u) the HLL flux F of mass and of normal momentum, with the speeds of the
two-rarefaction estimate (Toro 2001, Shock-Capturing Methods for Free-Surface Shallow Flows, §10); a
side without water takes u ± 2 c of the other. Transverse momentum goes with the mass, from the side
that gives it, which makes HLLC of it. Momentum is written in differences that vanish at rest: a cell c
whose face lies at level η_e and depth h_e gets from an edge

    − L n [ w (F − ½ g h*²) + s ½ g (h_e + h_c) (η_e − η_c) ]

since Σ L n ½ g s h_c² = 0. A lake is therefore at rest to the last bit, in float32 too, over any ground
and at any shore. What is closed of an edge presses back with ½ g h_c², as a wall does: in this form
with nothing.

First order: h and u are even in a cell. The bed is not: on an even slope the step of the bed would hold
thin water back (Delestre et al. 2012, 10.1016/j.crma.2012.08.004). So each may tilt towards its edge by r, half of the limited difference of the *bed* across it, but
by no more than half of the difference of level over that edge. The bed tilts along, z_e = z + r. The
force takes the depth of the cell, but not more than its neighbour's where that lies higher: a film on
the bank does not push a lake.

Second order: η, h and u get limited differences (monotonised central) across the cell in each of the
three directions, u in its normal and transverse part, and a cell's state moves on by half a step of its
own change before the flux is taken (Hancock: van Leer 1984, 10.1137/0905001). Where water is thinner
than the steps of the bed, depth and bed take the smaller difference (minmod), so that a level never
leans on a dry bank and the bed's halves never overlap. Next to walls and crests all is even.

Outflow: all that leaves a cell is scaled down to the water that it holds, and the momentum with it: no
depth falls below zero and no water is made.

Friction: Manning's, implicit, with the magnitude of the flow; with q* the flow after the edges,

    q = 2 q* / (1 + √(1 + 4 Δt g n² h^(−7/3) |q*|))

solves q + Δt g n² h^(−7/3) |q| q = q*: it never turns a flow, and keeps the normal depth for any Δt.
Velocity is 2 h q / (h² + max(h², ε²)), q / h but in films thinner than ε.

The rows of a band pass through the stages one row behind another, so that the arrays travel from memory
once in a step: velocity (row r + 2) → slopes and half step (r + 1) → flux (r) → share (r) → limit
(r − 1) → depth and flow (r − 1). First order has no slopes. A band reads three rows of each neighbour
from a snapshot taken before the step: the result does not depend on the number of bands, to the last
bit.
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
            halo[band, k] = state[bands[band] - HALO + k]
            halo[band, HALO + k] = state[bands[band + 1] + k]


def _steps(
    state: AnyFloats, ground: AnyFloats, tilt: AnyFloats, crest: AnyFloats, crossed: AnyFloats,
    bands: Ints, halo: AnyFloats, low: Ints, high: Ints,
    second: bool, ring: AnyFloats, p: AnyFloats, c: AnyFloats, count: int,  # noqa: FBT001
) -> None:  # fmt: skip
    """``count`` time steps.

    ``state`` (rows, 3, cols) and ``ground`` (rows, 3, cols) as ``sweep`` names their parts; ``tilt``
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
