"""The distribution of one quantity from what was seen of it: the values, and a fitted tail beyond them.

Above a high threshold excesses are generalised Pareto (Balkema & de Haan 1974, 10.1214/aop/1176996548;
Pickands 1975, 10.1214/aos/1176343003); below it the values themselves stand for their distribution.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import stats

from citytwin.arrays import Floats
from citytwin.errors import InputError

#: Fewest excesses to which a tail is fitted. Judged.
FEWEST = 10


@dataclass(frozen=True)
class Tail:
    """A generalised Pareto tail.

    Attributes
    ----------
    share
        Of the probability that lies in it.
    threshold
        Where it begins.
    shape, scale
        Positive shapes have no upper end; scale in the unit of the values.
    """

    share: float
    threshold: float
    shape: float
    scale: float


@dataclass(frozen=True, eq=False)
class Margin:
    """Distribution of one quantity.

    Attributes
    ----------
    values
        (n,) what was seen, rising.
    tail
        Beyond; none keeps to what was seen.
    """

    values: Floats
    tail: Tail | None

    def quantile(self, share: Floats) -> Floats:
        """(m,) values below which shares (0 to 1) of the probability lie."""
        share = np.asarray(share, np.float64)
        if self.tail is None:
            return np.asarray(np.quantile(self.values, share))
        begin = 1.0 - self.tail.share
        below = np.quantile(self.values, np.minimum(share, begin))
        beyond = np.clip((share - begin) / self.tail.share, 0.0, 1.0)
        excess = stats.genpareto.ppf(beyond, self.tail.shape, scale=self.tail.scale)
        below = np.minimum(below, self.tail.threshold)
        return np.asarray(np.where(share > begin, self.tail.threshold + excess, below))


def fitted(values: Floats, share: float, what: str) -> Margin:
    """Distribution of values, with a tail by maximum likelihood.

    Parameters
    ----------
    values
        (n,) what was seen, in any order.
    share
        Share of them that the tail stands for; 0 fits none.
    what
        Their name, for a complaint.

    Raises
    ------
    InputError
        If too few values lie in the tail.
    """
    held = np.sort(np.asarray(values, np.float64))
    if share == 0.0:
        return Margin(held, None)
    threshold = float(np.quantile(held, 1.0 - share))
    excess = held[held > threshold] - threshold
    if excess.size < FEWEST:
        raise InputError(
            f"{excess.size} values of {what} are too few for a tail of {share:g} of the events, it "
            f"takes {FEWEST}: raise 'tail', lower the threshold in 'above', or set tail = 0"
        )
    shape, scale = _first_guess(excess)
    with warnings.catch_warnings():
        # The search may try shapes for which a value is impossible; it goes on from there.
        warnings.simplefilter("ignore", RuntimeWarning)
        shape, _, scale = stats.genpareto.fit(excess, shape, floc=0.0, scale=scale)
    # Where values tie at the threshold, fewer lie above it than were asked for.
    above = excess.size / held.size
    return Margin(held, Tail(above, threshold, float(shape), float(scale)))


def _first_guess(excess: Floats) -> tuple[float, float]:
    """Shape and scale by probability-weighted moments (Hosking & Wallis 1987, 10.2307/1269343)."""
    held = np.sort(excess)
    mean = float(held.mean())
    weight = (held.size - np.arange(1, held.size + 1)) / max(held.size - 1, 1)
    first = float((weight * held).mean())
    spread = max(mean - 2.0 * first, 1e-12 * mean)
    shape = float(np.clip(2.0 - mean / spread, -0.4, 0.4))
    return shape, mean * (1.0 - shape)
