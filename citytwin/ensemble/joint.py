"""Quantities that come together, such as rain, surge and wind, sampled from the days that saw them."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy import stats
from scipy.special import ndtri

from citytwin.arrays import Floats
from citytwin.ensemble.days import clusters, read_days
from citytwin.ensemble.sample import coupled, latin
from citytwin.ensemble.tails import Margin, fitted
from citytwin.errors import InputError
from citytwin.hazards.paths import FileName

#: Fewest events from which anything is sampled. Judged.
_FEWEST = 5


@dataclass(frozen=True, eq=False)
class Record:
    """The independent events of a catalogue of days.

    Attributes
    ----------
    events
        (e, c) greatest of each quantity in each event.
    years
        How long was watched [a].
    """

    events: Floats
    years: float

    @property
    def rate(self) -> float:
        """How often an event comes [1/a]."""
        return len(self.events) / self.years


class Joint(BaseModel):
    """A catalogue of days that gives several numbers of what happens, together.

    Attributes
    ----------
    file
        CSV file, one row a day.
    date
        Column of the date.
    columns
        Column to the number that it gives: ``surge_m = "shores.0.surge_peak"``.
    above
        Column to the value from which on a day counts; one of them is enough. Without any, every day
        is an event.
    apart_days
        Most days from one such day of an event to its next.
    dependence
        ``ranks``: the ranks of an event that was seen, each quantity with a tail of its own;
        ``gaussian``: the ranks go together as those of correlated normals, which only one threshold in
        ``above`` allows; ``rows``: events as they were, none worse than what was seen.
    tail
        Share of the events to whose greatest values a generalised Pareto tail is fitted.
    years
        How long was watched, where the rows are not every day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    file: FileName = Field(min_length=1, description="CSV file, one row a day")
    date: str = Field("date", min_length=1, description="Column of the date")
    columns: dict[str, str] = Field(
        min_length=1, max_length=20, description="Column to the number that it gives"
    )
    above: dict[str, float] = Field({}, description="Column to the value from which a day counts")
    apart_days: int = Field(3, ge=1, le=365, description="Most days within an event")
    dependence: Literal["ranks", "gaussian", "rows"] = Field(
        "ranks", description="How the quantities go together"
    )
    tail: float = Field(0.1, ge=0, le=0.5, description="Share of the events in the tail")
    years: float | None = Field(None, gt=0, description="How long was watched [a]")

    @model_validator(mode="after")
    def _columns_are_known(self) -> Self:
        for name in self.above:
            if name not in self.columns:
                raise ValueError(
                    f"'above' names the column '{name}', which 'columns' does not: choose from "
                    f"{', '.join(self.columns)}"
                )
        if self.dependence == "gaussian" and len(self.above) > 1:
            # Days that reach one threshold or the other are no sample of any Gaussian copula.
            raise ValueError(
                "dependence 'gaussian' needs days chosen by one quantity: leave one threshold in "
                "'above', or take dependence 'ranks'"
            )
        for field in self.columns.values():
            if list(self.columns.values()).count(field) > 1:
                raise ValueError(f"two columns give '{field}': leave one of them out")
        return self

    @property
    def names(self) -> list[str]:
        """Numbers that it gives."""
        return list(self.columns.values())

    def record(self) -> Record:
        """Its independent events.

        Raises
        ------
        InputError
            If the file is wrong, or has too few events.
        """
        path = Path(self.file)
        written = path.stat().st_mtime_ns if path.exists() else 0
        above = tuple(self.above.items())
        return _record(
            self.file, self.date, tuple(self.columns), above, self.apart_days, self.years, written
        )

    def margins(self) -> list[Margin]:
        """Distribution of each quantity in the events."""
        events = self.record().events
        share = 0.0 if self.dependence == "rows" else self.tail
        return [
            fitted(events[:, at], share, f"'{name}' in {self.file}")
            for at, name in enumerate(self.columns)
        ]

    def correlation(self) -> Floats:
        """(c, c) correlations of the normal scores of the events.

        Raises
        ------
        InputError
            If a column has one value only.
        """
        events = self.record().events
        for at, name in enumerate(self.columns):
            if np.ptp(events[:, at]) == 0.0:
                raise InputError(
                    f"'{name}' in {self.file} is the same in all events: leave it out of 'columns'"
                )
        return normal_correlation(events)

    def sample(self, count: int, seed: int) -> Floats:
        """(count, c) events as likely as one another; equal seeds give equal ones.

        Raises
        ------
        InputError
            If there are too few, or two columns say the same.
        """
        events = self.record().events
        if self.dependence == "rows":
            return events[np.random.default_rng(seed).integers(0, len(events), count)]
        share = self._shares(events, count, seed)
        return np.stack(
            [margin.quantile(share[:, at]) for at, margin in enumerate(self.margins())], axis=1
        )

    def _shares(self, events: Floats, count: int, seed: int) -> Floats:
        """(count, c) probabilities at which the margins are read."""
        if self.dependence == "ranks":
            return rank_shares(events, count, seed)
        share = latin(count, len(self.columns), seed)
        if len(self.columns) > 1:
            if count <= len(self.columns) + 1:
                raise InputError(
                    f"{count} members are too few for {len(self.columns)} columns that go together: "
                    f"take more than {len(self.columns) + 1}"
                )
            share = coupled(share, self._factor())
        return share

    def _factor(self) -> Floats:
        try:
            return np.asarray(np.linalg.cholesky(self.correlation()))
        except np.linalg.LinAlgError as error:
            raise InputError(
                f"two columns of {self.file} rise and fall as one: leave one of them out, or set "
                "dependence = 'rows'"
            ) from error

    def facts(self) -> dict[str, Any]:
        """What was found in it, as plain values."""
        record, several = self.record(), len(self.columns) > 1
        tails = zip(self.columns, self.margins(), strict=True)
        return {
            "events": len(record.events),
            "years": record.years,
            "rate_per_year": record.rate,
            "dependence": self.dependence,
            "tails": {name: asdict(one.tail) for name, one in tails if one.tail is not None},
            "correlation": self.correlation().tolist() if several else [],
        }


def rank_shares(events: Floats, count: int, seed: int) -> Floats:
    """(count, c) draws from the empirical copula of (e, c) events: the ranks of one, each spread evenly.

    What came together comes together, whichever threshold chose the events; a quantity's greatest ranks
    lie in its tail (Rüschendorf 2009, 10.1016/j.jspi.2009.05.030, on the spread of ranks).
    """
    rng = np.random.default_rng(seed)
    ranks = stats.rankdata(events, method="ordinal", axis=0)
    # Every event is drawn as often as every other, or once more.
    row = np.floor((np.arange(count) + rng.uniform()) / count * len(events)).astype(np.int64)
    chosen = ranks[rng.permutation(len(events))[row]][rng.permutation(count)]
    return np.asarray((chosen - rng.uniform(size=chosen.shape)) / len(events))


def normal_correlation(events: Floats) -> Floats:
    """(c, c) correlations of the normal scores of (e, c) events; equal values share their rank."""
    ranks = stats.rankdata(events, axis=0)
    return np.atleast_2d(np.corrcoef(ndtri(ranks / (len(events) + 1.0)), rowvar=False))


@lru_cache(maxsize=8)
def _record(
    file: str,
    date: str,
    columns: tuple[str, ...],
    above: tuple[tuple[str, float], ...],
    apart: int,
    years: float | None,
    _written: int,
) -> Record:
    days = read_days(Path(file), date, columns)
    watched = days.years(file) if years is None else years
    if above:
        limits = dict(above)
        edges = np.array([limits.get(name, np.inf) for name in columns])
        events = clusters(days, edges, apart)
    else:
        events = days.values
    if len(events) < _FEWEST:
        raise InputError(
            f"the catalogue {file} has {len(events)} events, too few to sample from, it takes "
            f"{_FEWEST}: lower the thresholds in 'above'"
        )
    return Record(events, watched)
