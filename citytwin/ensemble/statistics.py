"""What the members of an ensemble say together: quantiles and probabilities on cells and of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from citytwin.arrays import Floats, Floats32
from citytwin.kernels.quantiles import cell_quantiles

#: Shares of the members below the three values that are given.
LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class CellStatistics:
    """Statistics of a quantity on the cells.

    Attributes
    ----------
    p10, p50, p90
        (n,) values that 10, 50 and 90 % of the members do not exceed; not a number where it never
        came in so many of them.
    probability
        (n,) share of the members at or above the value that counts, or that it came at all.
    members
        How many members are in it.
    """

    p10: Floats32
    p50: Floats32
    p90: Floats32
    probability: Floats32
    members: int


def cell_statistics(values: Floats32, above: float | None) -> CellStatistics:
    """Statistics of members that have arrived.

    Quantiles are those of the ordered members with straight lines between them (Hyndman & Fan 1996,
    10.1080/00031305.1996.10473566, type 7). What never came (not a number, as an arrival) counts as
    later than all that came.

    Parameters
    ----------
    values
        (m, n) value of each member on each cell.
    above
        Value from which on the probability is counted; none counts where it came at all.
    """
    low, middle, high = cell_quantiles(values, np.asarray(LEVELS))
    hit = np.isfinite(values) if above is None else values >= np.float32(above)
    share = hit.mean(axis=0, dtype=np.float64).astype(np.float32)
    return CellStatistics(low, middle, high, share, len(values))


def summary_of(values: Sequence[float]) -> dict[str, float]:
    """Mean, deviation, p10, p50, p90 of a number, and the standard error of the mean."""
    held: Floats = np.asarray(values, np.float64)
    low, middle, high = np.quantile(held, LEVELS)
    deviation = float(held.std(ddof=1)) if held.size > 1 else 0.0
    return {
        "mean": float(held.mean()),
        "deviation": deviation,
        "standard_error": deviation / float(np.sqrt(held.size)),
        "p10": float(low),
        "p50": float(middle),
        "p90": float(high),
        "least": float(held.min()),
        "greatest": float(held.max()),
    }


def probability_band(hits: int, members: int, confidence: float = 0.9) -> tuple[float, float]:
    """Interval of a probability from how many members were hit (Clopper & Pearson 1934).

    doi:10.1093/biomet/26.4.404
    """
    rest = (1.0 - confidence) / 2.0
    low = stats.beta.ppf(rest, hits, members - hits + 1) if hits else 0.0
    high = stats.beta.ppf(1.0 - rest, hits + 1, members - hits) if hits < members else 1.0
    return float(low), float(high)
