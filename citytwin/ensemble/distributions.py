"""Distributions of uncertain parameters, by their quantiles."""

from abc import abstractmethod
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy import stats

from citytwin.arrays import Floats


class Distribution(BaseModel):
    """A parameter that nobody knows exactly.

    Attributes
    ----------
    field
        Field of the event.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    field: str = Field(min_length=1, max_length=80, description="Field of the event")

    @abstractmethod
    def quantile(self, share: Floats) -> Floats:
        """(m,) values below which shares (0 to 1) of the probability lie."""


class Uniform(Distribution):
    """All values between two are as likely."""

    distribution: Literal["uniform"]
    low: float = Field(description="Lowest value")
    high: float = Field(description="Highest value")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"'high' of '{self.field}' is not above 'low': raise it")
        return self

    def quantile(self, share: Floats) -> Floats:
        """As in ``Distribution``."""
        return np.asarray(self.low + share * (self.high - self.low))


class Normal(Distribution):
    """Normal, cut off where the event's field ends if ``low`` and ``high`` say so."""

    distribution: Literal["normal"]
    mean: float = Field(description="Mean")
    deviation: float = Field(gt=0, description="Standard deviation")
    low: float | None = Field(None, description="No value lies below; the rest is scaled up")
    high: float | None = Field(None, description="No value lies above; the rest is scaled up")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.low is not None and self.high is not None and self.high <= self.low:
            raise ValueError(f"'high' of '{self.field}' is not above 'low': raise it")
        return self

    def quantile(self, share: Floats) -> Floats:
        """As in ``Distribution``."""
        ends = (
            -np.inf if self.low is None else (self.low - self.mean) / self.deviation,
            np.inf if self.high is None else (self.high - self.mean) / self.deviation,
        )
        return np.asarray(self.mean + self.deviation * stats.truncnorm.ppf(share, *ends))


class Lognormal(Distribution):
    """Its logarithm is normal."""

    distribution: Literal["lognormal"]
    median: float = Field(gt=0, description="Median")
    sigma: float = Field(gt=0, le=10, description="Standard deviation of the natural logarithm")

    def quantile(self, share: Floats) -> Floats:
        """As in ``Distribution``."""
        return np.asarray(self.median * np.exp(self.sigma * stats.norm.ppf(share)))


class Triangular(Distribution):
    """Rises in a straight line to the likeliest value and falls in another."""

    distribution: Literal["triangular"]
    low: float = Field(description="Lowest value")
    likeliest: float = Field(description="Likeliest value")
    high: float = Field(description="Highest value")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if not self.low <= self.likeliest <= self.high or self.low == self.high:
            raise ValueError(f"'{self.field}' needs low <= likeliest <= high, not all equal")
        return self

    def quantile(self, share: Floats) -> Floats:
        """As in ``Distribution``."""
        width = self.high - self.low
        return np.asarray(
            stats.triang.ppf(share, (self.likeliest - self.low) / width, self.low, width)
        )


class Choice(Distribution):
    """One of some numbers, all as likely: seeds, classes, winds on record."""

    distribution: Literal["choice"]
    values: tuple[float, ...] = Field(min_length=1, max_length=100_000, description="The numbers")

    def quantile(self, share: Floats) -> Floats:
        """As in ``Distribution``; in the order in which the numbers are given."""
        count = len(self.values)
        at = np.minimum((np.asarray(share) * count).astype(np.int64), count - 1)
        return np.asarray(self.values, np.float64)[at]


class Draws(Distribution):
    """A different whole number for each member: for the seed of what is random by nature."""

    distribution: Literal["seed"]

    def quantile(self, share: Floats) -> Floats:
        """As in ``Distribution``: from 0 to 2³¹ − 1."""
        return np.floor(np.asarray(share) * (2.0**31 - 1.0))


AnyDistribution = Annotated[
    Uniform | Normal | Lognormal | Triangular | Choice | Draws, Field(discriminator="distribution")
]
