"""Damage of many assets in many events: a curve read at each asset's intensity, added up."""

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.kernels.both import both


@njit(cache=True, nogil=True, inline="always")
def _share(x: float, at: Floats, share: Floats, slope: Floats, first: int, last: int) -> float:
    """Value of a curve of straight lines between corners ``first`` to ``last``; flat beyond them."""
    if x <= at[first]:
        return float(share[first])
    k = first
    while k + 1 < last and x >= at[k + 1]:
        k += 1
    if x >= at[last]:
        return float(share[last])
    return float(share[k] + slope[k] * (x - at[k]))


def _losses(
    intensity: AnyFloats, cell: Ints, value: Floats, curve: Ints, begin: Ints, at: Floats,
    share: Floats, slope: Floats, by_event: Floats, by_asset: Floats, weight: Floats,
) -> None:  # fmt: skip
    """Losses by event, and by asset the sum over events times their weights."""
    assets, events = cell.size, intensity.shape[0]
    blocks = by_event.shape[0]
    for block in prange(blocks):
        low, high = block * assets // blocks, (block + 1) * assets // blocks
        for event in range(events):
            total = 0.0
            for asset in range(low, high):
                x = intensity[event, cell[asset]]
                if x > 0.0:
                    first = begin[curve[asset]]
                    last = begin[curve[asset] + 1] - 1
                    loss = value[asset] * _share(x, at, share, slope, first, last)
                    total += loss
                    by_asset[asset] += weight[event] * loss
            by_event[block, event] = total


_serial, _parallel = both(_losses)
#: Assets are added up in so many blocks whatever the number of threads, so that the bits are the same.
_BLOCKS = 64


def asset_losses(
    intensity: AnyFloats,
    cell: Ints,
    value: Floats,
    curve: Ints,
    curves: list[tuple[Floats, Floats]],
    weight: Floats,
    *,
    parallel: bool = True,
) -> tuple[Floats, Floats]:
    """Loss of each event, and of each asset over all events.

    Parameters
    ----------
    intensity
        (e, n) intensity of each event on the cells.
    cell
        (a,) cell of each asset.
    value
        (a,) what each asset is worth.
    curve
        (a,) number of each asset's curve.
    curves
        Corners of each curve: (k,) intensities, rising, and (k,) shares of the value.
    weight
        (e,) weight of each event in the sum over events: its frequency.
    parallel
        Whether to use all threads.

    Returns
    -------
    (e,) losses by event, and (a,) sums over events of loss times weight.
    """
    begin = np.concatenate([[0], np.cumsum([at.size for at, _ in curves])]).astype(np.int64)
    at = np.concatenate([x for x, _ in curves]).astype(np.float64)
    share = np.concatenate([y for _, y in curves]).astype(np.float64)
    step = np.diff(at, append=at[-1:] + 1.0)
    slope = np.diff(share, append=share[-1:]) / np.where(step > 0.0, step, 1.0)
    by_event = np.zeros((_BLOCKS, intensity.shape[0]))
    by_asset = np.zeros(cell.size)
    run = _parallel if parallel else _serial
    run(intensity, cell, value, curve, begin, at, share, slope, by_event, by_asset, weight)
    return by_event.sum(axis=0), by_asset
