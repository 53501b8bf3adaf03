"""How often the events of a set come, how well that is known, and what a year brings on average.

Three kinds: design events of given return periods, whose curve is joined between them; events of known
frequencies; and events that were observed for some years, or sampled from such, whose frequencies are
as uncertain as their number. All are linear in the impact, so that the average of a year can be taken
of the city, of each cell, and of the difference that a measure makes.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.errors import InputError
from citytwin.impact.risk import Band, exceedance

#: Return periods for which impacts are given [a].
PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
#: Frequencies drawn for a band, and its ends.
_DRAWS, _ENDS = 2000, (0.05, 0.95)


@dataclass(frozen=True)
class Point:
    """A point of an exceedance curve: return period [a], impact, 90 % band (not a number if unknown)."""

    return_period: float
    impact: float
    low: float
    high: float


class Frequencies(ABC):
    """How often the events of a set come."""

    @property
    @abstractmethod
    def how(self) -> str:
        """What the band of an average is, in words."""

    @property
    @abstractmethod
    def weights(self) -> Floats:
        """(e,) what each event counts in the average of a year [1/a]."""

    @abstractmethod
    def band(self, impact: Floats) -> tuple[float, float]:
        """Ends of the band of the average of a year; not numbers where nothing says them."""

    @abstractmethod
    def curve(self, impact: Floats) -> list[Point]:
        """Impact by return period, rising."""

    @abstractmethod
    def exceeded(self, reached: AnyFloats) -> Floats:
        """(n,) how often something is reached [1/a], from (e, n): 1 where an event reaches it."""

    def annual(self, impact: Floats) -> Band:
        """Average of a year of an impact, or of the difference of two, with its band."""
        low, high = self.band(impact)
        return Band(float(self.weights @ impact), low, high)

    def averted(self, before: Floats, after: Floats) -> Band:
        """What is averted in a year of (e,) impacts before and after, with its band."""
        return self.annual(before - after)


@dataclass(frozen=True, eq=False)
class DesignEvents(Frequencies):
    """Events of one kind, each as severe as is reached once in its return period.

    Attributes
    ----------
    return_period
        (e,) return periods [a], all different, in any order.
    """

    return_period: Floats

    def __post_init__(self) -> None:
        _positive(self.return_period)
        if np.unique(self.return_period).size != self.return_period.size:
            raise InputError("two events have the same return period: leave one of them out")

    @property
    def how(self) -> str:
        """As in ``Frequencies``."""
        return (
            "lower and upper sums between the design events; what is more frequent than the first "
            "counts nothing and what is rarer than the last counts as that one, in the band too; how "
            "well the return periods are known is not in it"
        )

    @property
    def weights(self) -> Floats:
        """As in ``Frequencies``: trapezoids over the frequency, the rarest event beyond itself."""
        order = np.argsort(self.return_period)
        frequency = 1.0 / self.return_period[order]
        step = -np.diff(frequency)
        found = np.zeros(order.size)
        found[order] = np.append(step, 0.0) / 2.0 + np.append(0.0, step) / 2.0
        found[order[-1]] += frequency[-1]
        return found

    def band(self, impact: Floats) -> tuple[float, float]:
        """As in ``Frequencies``: between two events the smaller, or the greater, of both."""
        order = np.argsort(self.return_period)
        frequency, known = 1.0 / self.return_period[order], impact[order]
        step, beyond = -np.diff(frequency), float(known[-1] * frequency[-1])
        low = float(step @ np.minimum(known[:-1], known[1:])) + beyond
        return low, float(step @ np.maximum(known[:-1], known[1:])) + beyond

    def averted(self, before: Floats, after: Floats) -> Band:
        """As in ``Frequencies``; no band, for it may rise and fall between the events."""
        return Band(float(self.weights @ (before - after)), float("nan"), float("nan"))

    def curve(self, impact: Floats) -> list[Point]:
        """As in ``Frequencies``: a milder event that did more harm lifts the rarer ones to its own."""
        order = np.argsort(self.return_period)
        reached = np.maximum.accumulate(impact[order])
        return [
            Point(float(period), float(value), float("nan"), float("nan"))
            for period, value in zip(self.return_period[order], reached, strict=True)
        ]

    def exceeded(self, reached: AnyFloats) -> Floats:
        """As in ``Frequencies``: as often as the most frequent event that reaches it."""
        frequency = (1.0 / self.return_period)[:, None]
        return np.asarray(np.where(np.asarray(reached) > 0, frequency, 0.0).max(axis=0))


@dataclass(frozen=True, eq=False)
class KnownFrequencies(Frequencies):
    """Events apart from one another, each with its frequency.

    Attributes
    ----------
    frequency
        (e,) how often each comes [1/a].
    """

    frequency: Floats

    def __post_init__(self) -> None:
        _positive(self.frequency)

    @property
    def how(self) -> str:
        """As in ``Frequencies``."""
        return "none: nothing says how well the frequencies are known (give 'years' to have one)"

    @property
    def weights(self) -> Floats:
        """As in ``Frequencies``."""
        return self.frequency

    def band(self, impact: Floats) -> tuple[float, float]:
        """As in ``Frequencies``."""
        del impact
        return float("nan"), float("nan")

    def curve(self, impact: Floats) -> list[Point]:
        """As in ``Frequencies``: every event is a point."""
        found = exceedance(np.maximum(impact, 0.0), self.frequency)
        rows = zip(found.return_period[::-1], found.impact[::-1], strict=True)
        return [Point(float(t), float(x), float("nan"), float("nan")) for t, x in rows]

    def exceeded(self, reached: AnyFloats) -> Floats:
        """As in ``Frequencies``."""
        return np.asarray(self.weights @ (np.asarray(reached) > 0), np.float64)


@dataclass(frozen=True, eq=False)
class ObservedFrequencies(KnownFrequencies):
    """Events whose frequencies come from what was seen in some years.

    The frequency of an event seen k times in T years is gamma with shape k and rate T (the prior is one
    over the frequency); for events seen once each, that is Rubin's Bayesian bootstrap (1981,
    10.1214/aos/1176345338) of the events with an uncertain number of them. Events sampled from what
    was seen share its number, so that a large sample is not surer than the years behind it.

    Attributes
    ----------
    years
        How long was watched [a].
    sampled
        Whether the events are a sample of what was seen, not the events themselves.
    seed
        Of the draws.
    """

    years: float
    sampled: bool = False
    seed: int = 0

    @property
    def how(self) -> str:
        """As in ``Frequencies``."""
        seen = float(self.frequency.sum()) * self.years
        return (
            f"90 %, from {seen:,.4g} events in {self.years:,.4g} years: gamma frequencies, the events "
            "resampled by Rubin's Bayesian bootstrap"
        )

    @cached_property
    def drawn(self) -> Floats:
        """(d, e) frequencies as they may be [1/a]; the same for every impact, so that they compare."""
        rng = np.random.default_rng(self.seed)
        seen = self.frequency * self.years
        count = (_DRAWS, seen.size)
        if not self.sampled or float(seen.max()) <= 1.0:
            return rng.gamma(np.broadcast_to(seen, count)) / self.years
        # Fewer events than were seen: as sure of their number, but no surer of what they are.
        share = rng.gamma(np.ones(count))
        total = rng.gamma(float(seen.sum()), size=(_DRAWS, 1)) / self.years
        return np.asarray(total * share / share.sum(axis=1, keepdims=True))

    def band(self, impact: Floats) -> tuple[float, float]:
        """As in ``Frequencies``."""
        low, high = np.quantile(self.drawn @ impact, _ENDS)
        return float(low), float(high)

    def curve(self, impact: Floats) -> list[Point]:
        """As in ``Frequencies``: round return periods within those that the events reach."""
        held = np.maximum(impact, 0.0)
        found = exceedance(held, self.frequency)
        order = np.argsort(-held, kind="stable")
        summed = np.cumsum(self.drawn[:, order], axis=1)
        first, last = float(found.return_period[-1]), float(found.return_period[0])
        points = []
        for period in (one for one in PERIODS if first <= one <= last):
            low, high = np.quantile(_at(held[order], summed, period), _ENDS)
            points.append(Point(period, float(found.at(period)), float(low), float(high)))
        return points


def _at(impact: Floats, frequency: Floats, period: float) -> Floats:
    """(d,) impact of a return period, as ``Exceedance.at`` gives it.

    Parameters
    ----------
    impact
        (e,) falling.
    frequency
        (d, e) how often each is reached [1/a], rising along the events.
    period
        Return period [a].
    """
    count = impact.size
    rarer = (frequency < 1.0 / period).sum(axis=1)
    after = np.minimum(rarer, count - 1)
    before = np.maximum(after - 1, 0)
    rows = np.arange(len(frequency))
    far, near = (-np.log(np.maximum(frequency[rows, at], 1e-300)) for at in (before, after))
    share = np.clip((np.log(period) - near) / np.maximum(far - near, 1e-300), 0.0, 1.0)
    between = impact[after] + share * (impact[before] - impact[after])
    return np.asarray(
        np.where(rarer == 0, impact[0], np.where(rarer == count, 0.0, between)), np.float64
    )


def _positive(rate: Floats) -> None:
    if not rate.size:
        raise InputError("the event set is empty: give an event or more")
    if not (np.isfinite(rate).all() and (rate > 0.0).all()):
        raise InputError(
            "an event's frequency or return period is not above 0: check the event set"
        )
