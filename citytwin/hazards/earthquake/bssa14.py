"""Ground motion of shallow crustal earthquakes: Boore, Stewart, Seyhan & Atkinson 2014 (BSSA14).

doi:10.1193/070113EQS184M. Equations are those of the paper; coefficients come from its table.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numba import prange

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.kernels.both import both
from citytwin.tables import number, read_rows, table_path

Mechanism = Literal["strike_slip", "normal", "reverse", "unspecified"]
Region = Literal["global", "china_turkey", "italy_japan"]
Basin = Literal["none", "california", "japan"]

#: Standard gravity [m/s²].
GRAVITY: Final = 9.80665
_TABLE = "bssa14_coefficients.csv"
#: Coefficients that the kernel reads, in this order.
_KERNEL = ("c1", "c2", "c3", "h", "c", "Vc", "f4", "f5", "R1", "R2", "DfR", "DfV", "f6", "f7")
_SOURCE: dict[str, str] = {
    "unspecified": "e0",
    "strike_slip": "e1",
    "normal": "e2",
    "reverse": "e3",
}
_REGIONS: dict[str, str] = {
    "china_turkey": "dc3_china_turkey",
    "italy_japan": "dc3_italy_japan",
}
_BASINS: dict[str, int] = {"none": 0, "california": 1, "japan": 2}


@dataclass(frozen=True)
class Coefficients:
    """Row of the table: values by name, and whether they were verified."""

    values: dict[str, float]
    verified: bool


@dataclass(frozen=True, eq=False)
class Motion:
    """Ground motion at sites, of several measures.

    Attributes
    ----------
    median
        (k, n) natural logarithm of the median in SI: m/s², or m/s for ``pgv``.
    tau
        (k,) standard deviation between events, of the natural logarithm.
    phi
        (k, n) standard deviation within an event, of the natural logarithm.
    """

    median: Floats
    tau: Floats
    phi: Floats

    @property
    def sigma(self) -> Floats:
        """(k, n) total standard deviation of the natural logarithm."""
        return np.asarray(np.hypot(self.tau[:, None], self.phi))


@lru_cache(maxsize=4)
def coefficients() -> dict[str, Coefficients]:
    """Coefficients by measure: ``pga``, ``pgv``, ``sa0.3`` and so on."""
    path = table_path(_TABLE)
    found = {}
    for row in read_rows(path, ("measure", "verified", *_KERNEL)):
        names = [name for name in row if name not in ("measure", "period", "verified", "line")]
        values = {name: number(row, name, path) for name in names}
        values["period"] = float(row["period"] or 0.0)
        found[row["measure"]] = Coefficients(values, row["verified"] == "yes")
    return found


def _known(measure: str) -> Coefficients:
    found = coefficients().get(measure)
    if found is None:
        raise InputError(
            f"there are no coefficients for the measure '{measure}': take pga, pgv, or sa and a period "
            "of data/tables/bssa14_coefficients.csv"
        )
    return found


def _row(measure: str, magnitude: float, mechanism: Mechanism, region: Region) -> Floats:
    """Numbers of a measure for the kernel; what depends on the magnitude alone is worked out."""
    c = _known(measure).values
    over = magnitude - c["Mh"]
    scaling = c["e4"] * over + c["e5"] * over**2 if over <= 0.0 else c["e6"] * over
    part = min(max(magnitude - 4.5, 0.0), 1.0)
    phi = c["f1"] + (c["f2"] - c["f1"]) * part
    dc3 = c[_REGIONS[region]] if region in _REGIONS else 0.0
    long_enough = 1.0 if c["period"] >= 0.65 else 0.0
    unit = np.log(0.01 if measure == "pgv" else GRAVITY)
    head = [c[_SOURCE[mechanism]] + scaling, phi, long_enough, unit]
    tail = [c[name] + (dc3 if name == "c3" else 0.0) for name in _KERNEL]
    # What the kernel would work out at every site.
    ready = [np.exp(c["f5"] * 400.0), np.log(c["Vc"] / 760.0), np.log(c["R2"] / c["R1"])]
    return np.array(head + tail + ready)


def taus(measures: tuple[str, ...], magnitude: float) -> Floats:
    """(k,) standard deviation between events, of the natural logarithm (equation 14)."""
    part = min(max(magnitude - 4.5, 0.0), 1.0)
    rows = [_known(measure).values for measure in measures]
    return np.array([c["tau1"] + (c["tau2"] - c["tau1"]) * part for c in rows])


def _site(
    table: Floats,
    rock: Floats,
    magnitude: float,
    rjb: Floats,
    vs30: Floats,
    basin: int,
    z1: float,
    median: Floats,
    phi: Floats,
) -> None:
    """Fill (k, n) medians and spreads; ``rock`` is the row of PGA, ``z1`` a depth [m]."""
    count = table.shape[0]
    low, cap = 225.0, 300.0
    for i in prange(rjb.size):
        distance = rjb[i] * 1e-3
        r = np.sqrt(distance * distance + rock[7] * rock[7])
        path = (rock[4] + rock[5] * (magnitude - 4.5)) * np.log(r) + rock[6] * (r - 1.0)
        strength = np.log((np.exp(rock[0] + path) + 0.1) / 0.1)
        speed = vs30[i]
        slow = min(speed, 760.0)
        log_speed = np.log(speed / 760.0)
        deep = 0.0
        if basin == 1:
            base = (speed**4 + 570.94**4) / (1360.0**4 + 570.94**4)
            deep = (z1 - np.exp(-7.15 / 4.0 * np.log(base))) * 1e-3
        elif basin == 2:
            base = (speed**2 + 412.39**2) / (1360.0**2 + 412.39**2)
            deep = (z1 - np.exp(-5.23 / 2.0 * np.log(base))) * 1e-3
        for k in range(count):
            c = table[k]
            r = np.sqrt(distance * distance + c[7] * c[7])
            value = c[0] + (c[4] + c[5] * (magnitude - 4.5)) * np.log(r) + c[6] * (r - 1.0)
            value += c[8] * (log_speed if speed <= c[9] else c[19])
            value += c[10] * (np.exp(c[11] * (slow - 360.0)) - c[18]) * strength
            if basin != 0 and c[2] > 0.0:
                value += c[16] * deep if deep <= c[17] / c[16] else c[17]
            median[k, i] = value + c[3]
            spread = c[1]
            if distance > c[13]:
                spread += c[14]
            elif distance > c[12]:
                spread += c[14] * np.log(distance / c[12]) / c[20]
            if speed <= low:
                spread -= c[15]
            elif speed <= cap:
                spread -= c[15] * np.log(cap / speed) / np.log(cap / low)
            phi[k, i] = spread


_serial, _parallel = both(_site)


def ground_motion(
    measures: tuple[str, ...],
    magnitude: float,
    mechanism: Mechanism,
    rjb: Floats,
    vs30: Floats,
    *,
    region: Region = "global",
    basin: Basin = "none",
    z1: float = 0.0,
    parallel: bool = True,
) -> Motion:
    """Median and spread of the ground motion of an earthquake at sites.

    Parameters
    ----------
    measures
        k names: ``pga``, ``pgv``, ``sa`` and a period, as in the table.
    magnitude
        Moment magnitude, 3 to 8.5.
    mechanism
        Kind of fault.
    rjb
        (n,) distance to the surface projection of the rupture [m].
    vs30
        (n,) mean shear-wave velocity of the uppermost 30 m [m/s].
    region
        Regional attenuation.
    basin, z1
        Model of the depth at which shear waves reach 1 km/s, and that depth [m].
    parallel
        Whether all threads work; the result is the same to the bit.

    Raises
    ------
    InputError
        If there are no coefficients for a measure.
    """
    table = np.stack([_row(name, magnitude, mechanism, region) for name in measures])
    rock = _row("pga", magnitude, mechanism, region)
    median = np.empty((len(measures), rjb.size))
    phi = np.empty_like(median)
    kernel = _parallel if parallel else _serial
    kernel(table, rock, magnitude, rjb, vs30, _BASINS[basin], z1, median, phi)
    return Motion(median, taus(measures, magnitude), phi)
