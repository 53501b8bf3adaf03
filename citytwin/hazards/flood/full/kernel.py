"""Full shallow water on a hexagonal lattice: TODO."""

from numba import njit, prange

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.full import rows
from citytwin.hazards.flood.full.sweep import DEPTH, FLOW_X, FLOW_Y, HALO, sweep


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
    """``count`` time steps; ``bands`` (b + 1,) first row of each band and the end of the last."""
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


steps_serial = njit(cache=True, nogil=True)(_steps)
steps_parallel = njit(cache=True, nogil=True, parallel=True)(_steps)
waves_serial = njit(cache=True, nogil=True)(_waves)
waves_parallel = njit(cache=True, nogil=True, parallel=True)(_waves)
