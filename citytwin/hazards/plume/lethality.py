"""How many die of a toxic load: probits of the substances that have a published one for man."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from citytwin.arrays import AnyFloats, Floats
from citytwin.hazards.plume.substances import ROOM, Substance
from citytwin.hazards.plume.tables import number, rows_of, table_path

_TABLE = "probits.csv"
_COLUMNS = ("substance", "a", "b", "n")
_MINUTE, _MILLION = 60.0, 1e6


@dataclass(frozen=True)
class Probit:
    """Share of people who die of a toxic load.

    Attributes
    ----------
    a, b, n
        Of Y = a + b ln(C^n t), C in ppm by volume at 25 °C, t in minutes.
    source
        Where they are from.
    verified
        Whether they were compared with their source.
    """

    a: float
    b: float
    n: float
    source: str
    verified: bool

    def share(self, load_ppm_min: AnyFloats) -> Floats:
        """(n,) share who die, of loads in ppm^n min."""
        load = np.asarray(load_ppm_min, np.float64)
        with np.errstate(divide="ignore"):
            units = self.a + self.b * np.log(load)
        return np.where(load > 0.0, ndtr(units - 5.0), 0.0)


@cache
def probit_of(name: str, n: float) -> Probit | None:
    """Probit of a substance for toxic loads of an exponent; none where none was published for it."""
    path = table_path(_TABLE)
    for row in rows_of(_TABLE, _COLUMNS):
        a, b, own = (number(row, column, path) for column in ("a", "b", "n"))
        if row["substance"] == name and own == n:
            return Probit(a, b, own, row["source"], row["verified"] == "yes")
    return None


def in_ppm_minutes(gas: Substance, load: AnyFloats) -> Floats:
    """(n,) toxic loads [ppm^n min] of those in SI [(kg/m³)^n s]."""
    ppm = _MILLION / gas.vapour_density(ROOM)
    found: Floats = np.asarray(load, np.float64) * (ppm**gas.toxic_n / _MINUTE)
    return found


def lethality(gas: Substance, load: AnyFloats) -> Floats | None:
    """(n,) share of people who die of toxic loads [(kg/m³)^n s]; none without a probit."""
    probit = probit_of(gas.name, gas.toxic_n)
    return probit.share(in_ppm_minutes(gas, load)) if probit else None
