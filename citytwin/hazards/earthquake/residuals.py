"""What no model of ground motion foresees, at random: how an earthquake and its places differ.

Between events one number for each measure; within an event Gaussian fields over the city whose
correlation falls with the distance h as exp(−3 h / b) (Jayaram & Baker 2009, doi:10.1002/eqe.922,
equations 17 to 20). Measures are correlated as Baker & Jayaram 2008 found (doi:10.1193/1.2857544).

The fields are made on a square raster by circulant embedding: white noise in wave numbers times the
root of the spectrum, and one inverse transform a measure. One noise serves all measures, so that they
keep their correlation. Between nodes values are bilinear, and each is divided by the standard deviation
that this leaves it, so that the variance is 1 everywhere.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numba import njit, prange
from scipy import fft

from citytwin.arrays import Floats
from citytwin.kernels.both import both

#: Nodes of the raster in each direction.
NODES = 512
#: Period at which a measure without one is looked up [s]: PGA as a very short one; PGV goes with 1 s.
PERIODS = {"pga": 0.0, "pgv": 1.0, "sa0.3": 0.3, "sa1": 1.0, "sa3": 3.0}
_KILOMETRE = 1e3


def period_of(measure: str) -> float:
    """Period of a measure [s]."""
    return PERIODS[measure] if measure in PERIODS else float(measure.removeprefix("sa"))


def correlation_length(period: float, *, clustered: bool) -> float:
    """Distance b at which the correlation has fallen to 5 per cent [m].

    Parameters
    ----------
    period
        Period [s].
    clustered
        Whether the velocities of the ground go together in space (case 2 of the paper).
    """
    if period >= 1.0:
        return _KILOMETRE * (22.0 + 3.7 * period)
    return _KILOMETRE * (40.7 - 15.0 * period if clustered else 8.5 + 17.2 * period)


def correlation_of(first: float, second: float) -> float:
    """Correlation of the residuals at two periods [s], 0.01 to 10: Baker & Jayaram 2008."""
    low, high = sorted((max(first, 0.01), max(second, 0.01)))
    c1 = 1.0 - np.cos(np.pi / 2.0 - 0.366 * np.log(high / max(low, 0.109)))
    c2 = 0.0
    if high < 0.2:
        fall = 1.0 - 1.0 / (1.0 + np.exp(100.0 * high - 5.0))
        c2 = 1.0 - 0.105 * fall * (high - low) / (high - 0.0099)
    c3 = c2 if high < 0.109 else c1
    c4 = c1 + 0.5 * (np.sqrt(c3) - c3) * (1.0 + np.cos(np.pi * low / 0.109))
    if high < 0.109:
        return float(c2)
    if low > 0.109:
        return float(c1)
    return float(min(c2, c4) if high < 0.2 else c4)


def correlations(measures: tuple[str, ...]) -> Floats:
    """(k, k) correlation of the residuals of measures at one place."""
    periods = [period_of(name) for name in measures]
    return np.array([[correlation_of(a, b) for b in periods] for a in periods])


def root_of(matrix: Floats) -> Floats:
    """Square root of a correlation matrix that may be singular, rows of length 1."""
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))


@dataclass(frozen=True)
class Raster:
    """Square raster that closes on itself.

    Attributes
    ----------
    nodes
        Nodes in each direction.
    spacing
        Distance of nodes [m].
    """

    nodes: int
    spacing: float

    @cached_property
    def distance(self) -> Floats:
        """(nodes, nodes) distance of each node from the first, the short way round [m]."""
        steps = np.minimum(np.arange(self.nodes), self.nodes - np.arange(self.nodes))
        return np.asarray(self.spacing * np.hypot(steps[:, None], steps[None, :]))

    @lru_cache(maxsize=16)  # noqa: B019  (rasters are few and small)
    def root_spectrum(self, length: float) -> Floats:
        """Root of the spectrum of exp(−3 h / length), scaled to a variance of 1."""
        spectrum = fft.rfft2(np.exp(-3.0 * self.distance / length)).real
        spectrum = np.maximum(spectrum, 0.0)
        return np.asarray(np.sqrt(spectrum / fft.irfft2(spectrum, s=(self.nodes,) * 2)[0, 0]))

    def correlation(self, length: float) -> Floats:
        """(nodes, nodes) correlation that the fields have, by ``distance``."""
        spectrum = self.root_spectrum(length) ** 2
        return np.asarray(fft.irfft2(spectrum, s=(self.nodes,) * 2))


def raster_for(extent: float, longest: float) -> Raster:
    """Raster for a city.

    Parameters
    ----------
    extent
        Longer side of the city [m].
    longest
        Greatest distance at which a correlation has fallen to 5 per cent [m].

    Returns
    -------
    Raster
        Twice the city or more, so that the way round is never the shorter one, and so large that the
        correlation has gone half-way round; in steps of 5 km, so that one seed gives one field
        whatever the resolution of the cells.
    """
    wanted = max(2.0 * extent, extent + 2.5 * longest)
    period = 5_000.0 * np.ceil(wanted / 5_000.0)
    return Raster(NODES, float(period / NODES))


def unit_fields(raster: Raster, lengths: tuple[float, ...], mixing: Floats, seed: int) -> Floats:
    """(k, nodes, nodes) Gaussian fields of mean 0 and variance 1 on a raster.

    Parameters
    ----------
    raster
        The raster.
    lengths
        (k,) distance at which each field's correlation has fallen to 5 per cent [m].
    mixing
        (k, k) root of the correlation of the fields at one place.
    seed
        Seed of the noise.
    """
    rng = np.random.default_rng(seed)
    shape = (len(lengths), raster.nodes, raster.nodes)
    noise = fft.rfft2(rng.standard_normal(shape))
    # Not by BLAS, whose sums may depend on the number of threads.
    mixed = np.einsum("kj,jab->kab", mixing, noise)
    for k, length in enumerate(lengths):
        mixed[k] *= raster.root_spectrum(length)
    return np.asarray(fft.irfft2(mixed, s=shape[1:]))


@njit(cache=True, nogil=True)
def spread_left(r: float, c: float, side: float, diagonal: float) -> float:
    """Standard deviation that a bilinear mean of four neighbouring nodes leaves.

    Parameters
    ----------
    r, c
        Place between the nodes, 0 to 1.
    side, diagonal
        Correlation of nodes side by side, and across.
    """
    a, b, d, e = (1.0 - r) * (1.0 - c), (1.0 - r) * c, r * (1.0 - c), r * c
    square = a * a + b * b + d * d + e * e
    sides, across = a * b + a * d + b * e + d * e, a * e + b * d
    return float(np.sqrt(square + 2.0 * (side * sides + diagonal * across)))


def _read(
    fields: Floats, side: Floats, diagonal: Floats, row: Floats, column: Floats, out: Floats
) -> None:
    """Values of (k, nodes, nodes) fields between their nodes, with a variance of 1, to (k, n)."""
    nodes = fields.shape[1]
    for i in prange(row.size):
        r0, c0 = int(np.floor(row[i])), int(np.floor(column[i]))
        r, c = row[i] - r0, column[i] - c0
        r0, c0 = r0 % nodes, c0 % nodes
        r1, c1 = (r0 + 1) % nodes, (c0 + 1) % nodes
        for k in range(fields.shape[0]):
            upper = (1.0 - c) * fields[k, r0, c0] + c * fields[k, r0, c1]
            lower = (1.0 - c) * fields[k, r1, c0] + c * fields[k, r1, c1]
            mean = (1.0 - r) * upper + r * lower
            out[k, i] = mean / spread_left(r, c, side[k], diagonal[k])


_, _read_parallel = both(_read)


def within_event(
    x: Floats, y: Floats, measures: tuple[str, ...], seed: int, *, clustered: bool = True
) -> Floats:
    """(k, n) residuals within an event at points, in standard deviations.

    Parameters
    ----------
    x, y
        (n,) points in a plane whose origin lies in the city's middle [m].
    measures
        k names.
    seed
        Seed.
    clustered
        Whether the velocities of the ground go together in space.
    """
    lengths = tuple(correlation_length(period_of(m), clustered=clustered) for m in measures)
    extent = 2.0 * max(float(np.abs(x).max()), float(np.abs(y).max()))
    raster = raster_for(extent, max(lengths))
    fields = unit_fields(raster, lengths, root_of(correlations(measures)), seed)
    half = raster.nodes // 2
    side, diagonal = (
        np.exp(-3.0 * raster.spacing * far / np.array(lengths)) for far in (1.0, np.sqrt(2.0))
    )
    out = np.empty((len(measures), x.size))
    row, column = y / raster.spacing + half, x / raster.spacing + half
    _read_parallel(fields, side, diagonal, row, column, out)
    return out


def between_events(measures: tuple[str, ...], seed: int) -> Floats:
    """(k,) residuals of an event, in standard deviations, correlated as those within events are."""
    rng = np.random.default_rng([seed, 1])
    return np.asarray(root_of(correlations(measures)) @ rng.standard_normal(len(measures)))
