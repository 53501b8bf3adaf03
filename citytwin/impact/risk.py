"""Risk: impact and how often it comes. Exceedance, return periods, average annual impact, benefits.

Events of a set are taken as independent, each with its own frequency; that two of them come in one
year is counted twice, which is right for the average and for rare impacts (UNDRR 2015, Global
Assessment Report, annex 1; the words are those of UNDRR's terminology).
"""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.errors import InputError


@dataclass(frozen=True, eq=False)
class Exceedance:
    """How often an impact is reached or exceeded.

    Attributes
    ----------
    impact
        (e,) impacts, from the greatest to the smallest.
    frequency
        (e,) how often each is reached or exceeded [1/a].
    """

    impact: Floats
    frequency: Floats

    @property
    def return_period(self) -> Floats:
        """(e,) mean time between events that reach each impact [a]."""
        return np.asarray(1.0 / self.frequency)

    def at(self, return_period: AnyFloats | float) -> Floats:
        """Impact of a return period [a], any shape.

        Between two events impact goes in a straight line with the logarithm of the return period;
        below the most frequent one nothing is known to happen, and beyond the rarest one the
        greatest impact stands for a lower bound.
        """
        wanted = np.log(np.asarray(return_period, np.float64))
        known = np.log(self.return_period)[::-1]
        return np.asarray(
            np.interp(wanted, known, self.impact[::-1], left=0.0, right=float(self.impact[0]))
        )


def exceedance(impact: Floats, frequency: Floats) -> Exceedance:
    """Exceedance curve of a set of events.

    Parameters
    ----------
    impact
        (e,) impact of each event, not negative.
    frequency
        (e,) how often each comes [1/a].

    Raises
    ------
    InputError
        If there is no event, or a frequency is not positive.
    """
    _refuse(impact, frequency)
    order = np.argsort(-impact, kind="stable")
    return Exceedance(impact[order], np.cumsum(frequency[order]))


def average_annual_impact(impact: Floats, frequency: Floats) -> float:
    """Mean impact of a year: the sum over events of impact times frequency [unit/a].

    It is the area below the exceedance curve.
    """
    _refuse(impact, frequency)
    return float(impact @ frequency)


def average_annual_of_return_periods(impact: Floats, return_period: Floats) -> float:
    """Mean impact of a year from events of given return periods, as of design storms [unit/a].

    The area below the exceedance curve by trapezoids over the frequency; what is more frequent than
    the first event does no harm, and what is rarer than the last does as much as that one.

    Parameters
    ----------
    impact
        (e,) impact of the event of each return period.
    return_period
        (e,) return periods [a], all different.

    Raises
    ------
    InputError
        If there is no event, a return period is not positive, or two are equal.
    """
    _refuse(impact, return_period)
    if np.unique(return_period).size != return_period.size:
        raise InputError("two events have the same return period: leave one of them out")
    order = np.argsort(return_period)
    frequency, known = 1.0 / return_period[order], impact[order]
    between = float(np.sum((frequency[:-1] - frequency[1:]) * (known[:-1] + known[1:]) / 2.0))
    return between + float(known[-1] * frequency[-1])


def _refuse(impact: Floats, rate: Floats) -> None:
    if impact.shape != rate.shape or impact.ndim != 1 or not impact.size:
        raise InputError(
            f"risk needs one frequency for each event: there are {impact.size} impacts and "
            f"{rate.size} frequencies"
        )
    if not (np.isfinite(impact).all() and (impact >= 0.0).all()):
        raise InputError("an event's impact is negative or not a number: check the event set")
    if not (np.isfinite(rate).all() and (rate > 0.0).all()):
        raise InputError(
            "an event's frequency or return period is not above 0: check the event set"
        )


@dataclass(frozen=True)
class Band:
    """A number with its 90 % band."""

    value: float
    low: float
    high: float


def sampled_annual_impact(impact: Floats, rate: float, seed: int = 0) -> Band:
    """Average annual impact of a sample of events, all as likely, that come at a rate, with its band.

    The band is that of the mean by resampling the events (Efron 1979, 10.1214/aos/1176344552); the
    rate itself is taken as known.

    Parameters
    ----------
    impact
        (m,) impact of each sampled event.
    rate
        How often an event comes [1/a].
    seed
        Of the resampling.
    """
    _refuse(impact, np.full(impact.size, rate))
    rng = np.random.default_rng(seed)
    means = [float(rng.choice(impact, impact.size).mean()) for _ in range(2000)]
    low, high = np.quantile(means, (0.05, 0.95))
    return Band(rate * float(impact.mean()), rate * float(low), rate * float(high))


@dataclass(frozen=True)
class Worth:
    """What a measure is worth.

    Attributes
    ----------
    benefit, cost
        Present values of what it averts, and of what it costs.
    ratio
        Benefit over cost.
    net
        Benefit less cost: the net present value.
    """

    benefit: float
    cost: float

    @property
    def ratio(self) -> float:
        """Benefit over cost; infinite where it costs nothing."""
        return self.benefit / self.cost if self.cost > 0.0 else float("inf")

    @property
    def net(self) -> float:
        """Net present value."""
        return self.benefit - self.cost


def annuity(years: int, discount: float) -> float:
    """Present value of one a year, paid at the end of each of so many years.

    Parameters
    ----------
    years
        How many.
    discount
        Rate by which a year later counts less [1/a].
    """
    if discount == 0.0:
        return float(years)
    return float((1.0 - (1.0 + discount) ** -years) / discount)


def worth(
    without: float, with_measure: float, *, investment: float, upkeep: float, years: int,
    discount: float,
) -> Worth:  # fmt: skip
    """What a measure is worth over its life.

    Parameters
    ----------
    without, with_measure
        Average annual impact without it and with it, in money [1/a].
    investment
        What it costs at the start.
    upkeep
        What it costs each year.
    years
        How long it lasts.
    discount
        Rate by which a year later counts less [1/a].

    Raises
    ------
    InputError
        If it lasts no year, or a cost or the discount is negative.
    """
    if years < 1 or min(investment, upkeep, discount) < 0.0:
        raise InputError(
            "a measure needs a life of a year or more, and costs and a discount that are not negative"
        )
    factor = annuity(years, discount)
    return Worth((without - with_measure) * factor, investment + upkeep * factor)
