"""Heavy gas at the ground: how far it stays how dense, and how wide it is, by correlations.

Britter & McQuaid 1988, Workbook on the dispersion of dense gases, HSE contract research report 17:
curves through field trials and wind tunnels, here as straight lines, see
``data/tables/britter_mcquaid.csv``. They give the greatest concentration at a distance and the extent
of a cloud with an even concentration; a Gaussian with the same greatest concentration, mass and second
moment across the wind stands for it. From the end of the correlations on the gas drifts as air does.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.tables import number, rows_of, table_path

_TABLE = "britter_mcquaid.csv"
_COLUMNS = ("kind", "ratio", "up_to", "slope", "level")
#: Range of the correlations in alpha: beyond it the last value holds.
DENSEST = 1.0
#: Near the source: c / c₀ = a / (a + ξ²) with the distance in their lengths, and up to where at most.
_NEAR = {"plume": (306.0, 30.0), "puff": (3.24, np.inf)}
#: Part of the first distance of the curves up to which that holds, for the curves to join it.
_JOIN = 1.0 / 3.0
#: Speed of a heavy cloud that was released at once, over the wind at 10 m; rate at which it widens.
CLOUD_SPEED, CLOUD_GROWTH = 0.4, 1.2
#: Way of the wind while a release lasts over the end of its correlations, below which it counts as all
#: at once (Britter & McQuaid 1988: u t / x = 0.6).
SUDDEN = 0.6
#: Ways in a table, and the first of them in lengths of the source.
_POINTS, _FIRST = 120, 0.02


@dataclass(frozen=True)
class Dense:
    """A heavy gas where it leaves.

    Attributes
    ----------
    pull
        Reduced gravity g (ρ − ρ_air) / ρ_air [m/s²].
    density
        Of the gas there [kg/m³].
    wind
        At 10 m [m/s].
    """

    pull: float
    density: float
    wind: float


@dataclass(frozen=True, eq=False)
class Slumping:
    """Widths of a heavy gas on its way, up to where it drifts as air does.

    Attributes
    ----------
    way
        (k,) way from the source [m], from 0 on.
    across, upward
        (k,) widths of the Gaussian that stands for it [m].
    pace
        Its speed over that of the air that carries it.
    against
        How far it spreads against the wind [m], which is not followed.
    alpha
        Its number in the correlations; above ``DENSEST`` they do not reach.
    """

    way: Floats
    across: Floats
    upward: Floats
    pace: float
    against: float
    alpha: float

    @property
    def reach(self) -> float:
        """Way of the air in which it gets there [m]."""
        return float(self.way[-1] / self.pace)


def ratio_at(kind: str, alpha: float, distance: Floats) -> Floats:
    """Greatest concentration over that at the source, at distances in lengths of the source.

    It is the share of the volume that the gas would have at its own temperature; its mass in a volume
    is as large a share of its density at the source, however warm the cloud has become.

    Parameters
    ----------
    kind
        ``plume`` or ``puff``.
    alpha
        Number of the correlations.
    distance
        (k,) ways over √(q / u) or over the cube root of the volume, up to ``last_distance``.
    """
    ratios, known = _curve(kind, alpha)
    near, most = _NEAR[kind]
    join = min(_JOIN * known[0], most)
    close = near / (near + np.square(np.minimum(distance, join)))
    log = np.interp(
        np.log(np.maximum(distance, join)),
        np.log(np.concatenate([[join], known])),
        np.log(np.concatenate([[near / (near + join**2)], ratios])),
    )
    return np.asarray(np.where(distance <= join, close, np.exp(log)))


def last_distance(kind: str, alpha: float) -> float:
    """Distance at which the correlations end, in lengths of the source."""
    return float(_curve(kind, alpha)[1][-1])


def _curve(kind: str, alpha: float) -> tuple[Floats, Floats]:
    """Ratios of the correlations, falling, and the distance of each for an alpha."""
    at = min(alpha, DENSEST)
    ratios, distances = [], []
    for ratio, pieces in _lines(kind).items():
        slope, level = next((s, b) for up_to, s, b in pieces if at <= up_to)
        ratios.append(ratio)
        distances.append(10.0 ** (slope * at + level))
    return np.array(ratios), np.maximum.accumulate(np.array(distances))


@cache
def _lines(kind: str) -> dict[float, list[tuple[float, float, float]]]:
    path = table_path(_TABLE)
    found: dict[float, list[tuple[float, float, float]]] = {}
    for row in rows_of(_TABLE, _COLUMNS):
        if row["kind"] == kind:
            ratio, *line = (number(row, name, path) for name in _COLUMNS[1:])
            found.setdefault(ratio, []).append((line[0], line[1], line[2]))
    return found


def heavy_plume(
    gas: Dense, rate: float, carried: float, *, lasts: float, width: float = 0.0
) -> Slumping:
    """Widths of a continuous release.

    Parameters
    ----------
    gas
        The gas where it leaves.
    rate
        Of the release [kg/s].
    carried
        Speed of the air that carries it [m/s].
    lasts
        How long it goes on [s]: at its source it spreads no wider than a cloud of all its gas would in
        that time.
    width
        Of a pool [m].
    """
    flow = rate / gas.density
    length = np.sqrt(flow / gas.wind)
    widest = np.sqrt(CLOUD_GROWTH * lasts * np.sqrt(gas.pull * flow * lasts))
    buoyant = min(flow * gas.pull / gas.wind**3, widest / 8.0)
    alpha = 0.2 * float(np.log10(gas.pull**2 * flow / gas.wind**5))
    way = _ways(length * last_distance("plume", alpha), length)
    half = max(length + 8.0 * buoyant, 0.5 * width) + 2.5 * np.cbrt(buoyant * way**2)
    across = half / np.sqrt(3.0)
    held = gas.density * ratio_at("plume", alpha, way / length)
    upward = rate / (np.pi * carried * across * held)
    return Slumping(way, across, upward, 1.0, float(0.5 * length + 2.0 * buoyant), alpha)


def heavy_puff(gas: Dense, mass: float, carried: float) -> Slumping:
    """Widths of a release all at once, of a mass [kg]; see ``heavy_plume``."""
    volume = mass / gas.density
    length = np.cbrt(volume)
    alpha = 0.5 * float(np.log10(gas.pull * length / gas.wind**2))
    way = _ways(length * last_distance("puff", alpha), length)
    time = way / (CLOUD_SPEED * gas.wind)
    first = np.cbrt(3.0 * volume / (4.0 * np.pi))
    radius = np.sqrt(first**2 + CLOUD_GROWTH * np.sqrt(gas.pull * volume) * time)
    across = radius / 2.0
    held = gas.density * ratio_at("puff", alpha, way / length)
    upward = 2.0 * mass / ((2.0 * np.pi) ** 1.5 * across**2 * held)
    pace = min(CLOUD_SPEED * gas.wind / carried, 1.0)
    return Slumping(way, across, upward, pace, float(first), alpha)


def _ways(end: float, length: float) -> Floats:
    return np.concatenate([[0.0], np.geomspace(min(_FIRST * length, 0.1 * end), end, _POINTS)])
