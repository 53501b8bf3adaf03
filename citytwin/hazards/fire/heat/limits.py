"""What radiant heat means for people, from its tables."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from statistics import NormalDist

from citytwin.tables import number, read_rows, table_path

_KILO = 1e3
#: Probit of one half.
_HALF = 5.0


@dataclass(frozen=True)
class Limit:
    """Heat from which on something counts.

    Attributes
    ----------
    name, title, title_zh, colour
        Its word, what people read, and its colour.
    flux
        Radiant heat flux [W/m²].
    source
        Where it is from.
    verified
        Whether it was read in two independent public documents.
    """

    name: str
    title: str
    title_zh: str
    colour: str
    flux: float
    source: str
    verified: bool


@dataclass(frozen=True)
class Probit:
    """Share of people that heat kills in the open: probit a + b ln(t q^(4/3)), t [s], q [W/m²]."""

    a: float
    b: float
    exposure: float
    source: str
    verified: bool

    def killed(self, flux: float, seconds: float) -> float:
        """Share killed by a heat flux [W/m²] in a time [s].

        Source: Tsao & Perry 1979, table heat_probit.csv.
        """
        if flux <= 0.0 or seconds <= 0.0:
            return 0.0
        return NormalDist(_HALF).cdf(self.a + self.b * log(seconds * flux ** (4.0 / 3.0)))

    def flux_that_kills(self, share: float, seconds: float) -> float:
        """Heat flux that kills a share in a time [s]; the inverse of ``killed`` [W/m²]."""
        dose = exp((NormalDist(_HALF).inv_cdf(share) - self.a) / self.b)
        return float((dose / seconds) ** 0.75)


@lru_cache(maxsize=1)
def limits() -> dict[str, Limit]:
    """All limits by name, rising."""
    path = table_path("heat_flux.csv")
    columns = ("name", "flux_kw_m2", "title", "title_zh", "colour", "source", "verified")
    rows = [
        Limit(
            row["name"], row["title"], row["title_zh"], row["colour"],
            number(row, "flux_kw_m2", path) * _KILO, row["source"], row["verified"] == "yes",
        )
        for row in read_rows(path, columns)
    ]  # fmt: skip
    return {one.name: one for one in sorted(rows, key=lambda one: one.flux)}


@lru_cache(maxsize=1)
def probit() -> Probit:
    """The probit of death in the open."""
    path = table_path("heat_probit.csv")
    (row,) = read_rows(path, ("name", "a", "b", "exposure_s", "source", "verified"))
    a, b, exposure = (number(row, name, path) for name in ("a", "b", "exposure_s"))
    return Probit(a, b, exposure, row["source"], row["verified"] == "yes")
