"""Damage of many assets in many events: a curve read at each asset's intensity, added up.

A curve is found in bins half as wide as its nearest corners, so that a bin holds one corner at most and
an asset's place on the curve takes one step, whatever the curve.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.errors import InputError
from citytwin.kernels.both import both

#: Assets are added up in blocks of so many, whatever the number of threads, so that the bits are the
#: same; a block stays in the cache from event to event.
_BLOCK = 4096
#: Most bins of a curve.
_MOST_BINS = 1_000_000


@njit(cache=True, nogil=True)
def _event(
    row: AnyFloats, cell: Ints, value: Floats, start: float, scale: float, lines: Floats,
    factor: float, by_asset: Floats,
) -> float:  # fmt: skip
    """Loss of one event at assets of one curve; adds to the sum of each asset."""
    last, total = lines.shape[0] - 1, 0.0
    for asset in range(cell.size):
        x = np.float64(row[cell[asset]])
        line = min(max(np.int64((x - start) * scale), 0), last)
        before = lines[line, 1] + lines[line, 2] * x
        after = lines[line, 3] + lines[line, 4] * x
        share = before if x < lines[line, 0] else after
        loss = value[asset] * share if x > 0.0 else 0.0
        total += loss
        by_asset[asset] += factor * loss
    return total


def _losses(
    intensity: AnyFloats, cell: Ints, value: Floats, blocks: Ints, curve: Ints, start: Floats,
    scale: Floats, bins: Ints, lines: Floats, weight: Floats, by_event: Floats, by_asset: Floats,
) -> None:  # fmt: skip
    """Losses by event, and by asset the sum over events times their weights."""
    for block in prange(curve.size):
        low, high, kind = blocks[block], blocks[block + 1], curve[block]
        own = lines[bins[kind] : bins[kind + 1]]
        for event in range(intensity.shape[0]):
            by_event[block, event] = _event(
                intensity[event],
                cell[low:high],
                value[low:high],
                start[kind],
                scale[kind],
                own,
                weight[event],
                by_asset[low:high],
            )


_serial, _parallel = both(_losses)


@dataclass(frozen=True, eq=False)
class _Curves:
    """Curves in bins.

    Attributes
    ----------
    start, scale
        (c,) intensity at which a curve's bins begin, and bins per unit of it.
    bins
        (c + 1,) where the bins of each curve begin.
    lines
        (bins, 5) intensity of the corner in each bin, and share at 0 and slope of the line before
        and of the line after it.
    """

    start: Floats
    scale: Floats
    bins: Ints
    lines: Floats


def _binned(curves: list[tuple[Floats, Floats]]) -> _Curves:
    """Curves, flat before the first corner and after the last."""
    parts = [_bins(np.asarray(at, np.float64), np.asarray(share)) for at, share in curves]
    return _Curves(
        np.array([float(at[0]) for at, _ in curves]),
        np.array([1.0 / width for width, _ in parts]),
        np.cumsum([0, *(len(lines) for _, lines in parts)]).astype(np.int64),
        np.concatenate([lines for _, lines in parts]),
    )


def _bins(at: Floats, share: Floats) -> tuple[float, Floats]:
    """Width of a curve's bins, and their lines."""
    gaps = np.diff(at)
    if at.size < 2 or not (gaps > 0.0).all():
        raise InputError("a curve needs two corners or more, with rising intensities")
    width = float(gaps.min()) / 2.0
    count = int(np.ceil((at[-1] - at[0]) / width)) + 2
    if count > _MOST_BINS:
        raise InputError("a curve has corners too close together: leave some out")
    # Line k goes to corner k: flat to the first, flat behind the last.
    slope = np.concatenate([[0.0], np.diff(share) / gaps, [0.0]])
    begin = np.concatenate([[0], np.arange(at.size)])
    base = share[begin] - slope * at[begin]
    # A corner on a bin's very edge counts to the bin behind it.
    edges = at[0] + width * np.arange(count) - 0.25 * width
    line = np.searchsorted(at, edges, side="right")
    corner = np.append(at, np.inf)[line]
    after = np.minimum(line + 1, at.size)
    return width, np.stack([corner, base[line], slope[line], base[after], slope[after]], axis=1)


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
        (e, n) intensity of each event on the cells; 0 does no harm.
    cell
        (a,) cell of each asset.
    value
        (a,) what each asset is worth.
    curve
        (a,) number of each asset's curve.
    curves
        Corners of each curve: (k,) intensities, rising, and (k,) shares of the value; flat beyond
        the first and the last.
    weight
        (e,) weight of each event in the sum over events: its frequency.
    parallel
        Whether to use all threads.

    Returns
    -------
    (e,) losses by event, and (a,) sums over events of loss times weight.

    Raises
    ------
    InputError
        If the intensities of a curve do not rise.
    """
    if not cell.size:
        return np.zeros(intensity.shape[0]), np.zeros(0)
    known = _binned(curves)
    order = _order(cell, curve)
    blocks, kinds = _blocks(curve[order])
    by_event = np.zeros((kinds.size, intensity.shape[0]))
    sums, by_asset = np.zeros(cell.size), np.empty(cell.size)
    run = _parallel if parallel else _serial
    run(
        intensity, cell[order], value[order], blocks, kinds, known.start, known.scale, known.bins,
        known.lines, weight, by_event, sums,
    )  # fmt: skip
    by_asset[order] = sums
    return by_event.sum(axis=0), by_asset


def _order(cell: Ints, curve: Ints) -> Ints | slice:
    """Assets by curve, then by cell; all as they are if they stand so."""
    step = np.diff(curve)
    if bool(((step > 0) | ((step == 0) & (np.diff(cell) >= 0))).all()):
        return slice(None)
    return np.lexsort((cell, curve))


def _blocks(curve: Ints) -> tuple[Ints, Ints]:
    """Where blocks of assets of one curve begin, with the end, and the curve of each."""
    begin = np.flatnonzero(np.diff(curve, prepend=-1))
    end = np.append(begin[1:], curve.size)
    starts = np.concatenate(
        [np.arange(low, high, _BLOCK) for low, high in zip(begin, end, strict=True)]
        or [np.empty(0, np.int64)]
    ).astype(np.int64)
    return np.append(starts, curve.size), curve[starts]
