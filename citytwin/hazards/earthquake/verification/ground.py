"""Slope and velocity of the ground, random fields, a ShakeMap that is read back."""

import tempfile
from pathlib import Path

import numpy as np
from scipy import fft

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured, Site
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.hazards.earthquake.residuals import (
    PERIODS,
    Raster,
    correlation_length,
    correlations,
    period_of,
    raster_for,
    root_of,
    unit_fields,
)
from citytwin.hazards.earthquake.shakemap import read_shakemap
from citytwin.hazards.earthquake.site import slopes, vs30_by_slope

MEASURES = tuple(PERIODS)
#: Velocity [m/s] by slope as published, and far beyond the tables' ends.
ACTIVE = (
    (3e-4, 180),
    (3.5e-3, 240),
    (0.01, 300),
    (0.018, 360),
    (0.05, 490),
    (0.1, 620),
    (0.14, 760),
)
STABLE = (
    (2e-5, 180),
    (2e-3, 240),
    (4e-3, 300),
    (7.2e-3, 360),
    (0.013, 490),
    (0.018, 620),
    (0.025, 760),
)
BEYOND = ((1e-7, 180), (5.0, 900))
#: Distances at which correlations are compared [m].
LAGS = np.array([1e3, 2e3, 5e3, 10e3, 20e3, 40e3])


def off_table(_: Site | None) -> float:
    """Largest relative difference of the velocity by slope from the tables."""
    worst = 0.0
    for tectonics, rows in (("active", ACTIVE), ("stable", STABLE)):
        slope, known = np.array(rows + BEYOND).T
        found = vs30_by_slope(slope, "active" if tectonics == "active" else "stable")
        worst = max(worst, float(np.abs(found / known - 1.0).max()))
    return worst


def off_slope(_: Site | None) -> Measured:
    """Largest relative error of the slope of an even hillside, to the city's edge.

    A law beside it: of a hill z = A exp(−r²/2s²) under Gaussian windows of deviation d, with t = s² + d²
    and u = 1 + 2d²/t, the mean square slope is A² s⁴/t⁴ exp(−r²/tu) (2d²/u² + r²/u³).
    """
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0.0, 4000.0, (2, 40_000))
    plane = slopes(x, y, 12.0 + 0.03 * x - 0.04 * y, 926.0, 20.0)
    off = float(np.abs(plane / 0.05 - 1.0).max())
    x, y = rng.uniform(-6000.0, 6000.0, (2, 250_000))
    size, window = 2000.0, 463.0
    total = size**2 + window**2
    spread = 1.0 + 2.0 * window**2 / total
    r2 = x**2 + y**2
    square = np.exp(-r2 / total / spread) * (2.0 * window**2 / spread**2 + r2 / spread**3)
    known = 100.0 * size**2 / total**2 * np.sqrt(square)
    found = slopes(x, y, 100.0 * np.exp(-0.5 * r2 / size**2), 926.0, 25.0)
    inner = np.maximum(np.abs(x), np.abs(y)) < 4000.0
    hill = float(np.abs(found - known)[inner].max() / known.max())
    return Measured(off, (Law("slope of a smoothed hill, over its steepest", hill, 0.03),))


def off_correlation(_: Site | None) -> Measured:
    """Largest difference between the correlation that the fields have and the published one.

    Of the fields' own spectrum, not of samples: for every measure, both cases of the paper, two cities,
    at every distance up to the city's diagonal.
    """
    off, variance = 0.0, 0.0
    for extent in (3e3, 60e3):
        for clustered in (True, False):
            lengths = [correlation_length(period_of(m), clustered=clustered) for m in MEASURES]
            raster = raster_for(extent, max(lengths))
            near = raster.distance <= np.sqrt(2.0) * extent
            for length in lengths:
                found = raster.correlation(length)
                known = np.exp(-3.0 * raster.distance / length)
                off = max(off, float(np.abs(found - known)[near].max()))
                variance = max(variance, abs(float(found[0, 0]) - 1.0))
    return Measured(off, (Law("variance off 1", variance, 1e-9),))


def sampled(seeds: int, *, clustered: bool = True) -> tuple[Floats, Floats, Floats]:
    """(k, lags) correlation, (k,) variance and (k, k) correlation at one place of drawn fields."""
    raster = Raster(128, 1000.0)
    lengths = tuple(correlation_length(period_of(m), clustered=clustered) for m in MEASURES)
    mixing = root_of(correlations(MEASURES))
    along = np.zeros((len(MEASURES), 128))
    across = np.zeros((len(MEASURES),) * 2)
    for seed in range(seeds):
        fields = unit_fields(raster, lengths, mixing, seed)
        power = np.abs(fft.rfft2(fields)) ** 2
        product = fft.irfft2(power, s=(128, 128)) / 128.0**2
        along += 0.5 * (product[:, 0, :] + product[:, :, 0])
        flat = fields.reshape(len(MEASURES), -1)
        across += flat @ flat.T / flat.shape[1]
    along, across = along / seeds, across / seeds
    variance = np.diagonal(across)
    place = LAGS / raster.spacing
    at = np.stack([np.interp(place, np.arange(128), row) for row in along]) / variance[:, None]
    return at, variance, across / np.sqrt(np.outer(variance, variance))


def off_sampled(_: Site | None) -> Measured:
    """Largest difference of the correlation of 120 drawn fields from the published one."""
    found, variance, across = sampled(120)
    lengths = np.array([correlation_length(period_of(m), clustered=True) for m in MEASURES])
    off = np.abs(found - np.exp(-3.0 * LAGS / lengths[:, None])).max()
    mixed = np.abs(across - correlations(MEASURES)).max()
    laws = (
        Law("variance off 1", float(np.abs(variance - 1.0).max()), 0.06),
        Law("correlation of two measures off Baker & Jayaram's", float(mixed), 0.06),
    )
    return Measured(float(off), laws)


def shakemap_text(rows: int, columns: int) -> str:
    """A grid.xml whose fields rise evenly to the east and north; PGA is 20 + 10 lon + 5 lat [%g]."""
    names = ("LON dd", "LAT dd", "PGA %g", "PGV cm/s", "MMI intensity", "PSA03 %g", "PSA10 %g",
             "PSA30 %g", "STDPGA ln(pctg)", "SVEL m/s")  # fmt: skip
    fields = "".join(
        f'<grid_field index="{k}" name="{name.split()[0]}" units="{name.split()[1]}" />\n'
        for k, name in enumerate(names, start=1)
    )
    lines = []
    for row in range(rows):
        for column in range(columns):
            lon, lat = column / (columns - 1), 1.0 - row / (rows - 1)
            pga = 20.0 + 10.0 * lon + 5.0 * lat
            values = (
                lon,
                lat,
                pga,
                pga,
                7.0 + lon,
                2 * pga,
                pga,
                pga / 2,
                0.5,
                300.0 + 400.0 * lat,
            )
            lines.append(" ".join(f"{value:.9g}" for value in values))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<shakemap_grid '
        'xmlns="http://earthquake.usgs.gov/eqcenter/shakemap" event_id="made" shakemap_version="1" '
        'map_status="RELEASED" shakemap_event_type="SCENARIO">\n'
        '<event event_id="made" magnitude="7" depth="10" lat="0.5" lon="0.5" />\n'
        f'<grid_specification lon_min="0" lat_min="0" lon_max="1" lat_max="1" '
        f'nominal_lon_spacing="{1 / (columns - 1)}" nominal_lat_spacing="{1 / (rows - 1)}" '
        f'nlon="{columns}" nlat="{rows}" />\n{fields}<grid_data>\n' + "\n".join(lines)
        + "\n</grid_data>\n</shakemap_grid>\n"
    )  # fmt: skip


def off_shakemap(_: Site | None) -> float:
    """Largest relative difference of a ShakeMap between its places from the even field it holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grid.xml"
        path.write_text(shakemap_text(11, 21), encoding="utf-8")
        found = read_shakemap(path)
    lon, lat = np.random.default_rng(1).uniform(0.0, 1.0, (2, 500))
    percent = 20.0 + 10.0 * lon + 5.0 * lat
    known = {
        "pga": percent / 100.0 * GRAVITY,
        "pgv": percent / 100.0,
        "sa03": percent / 50.0 * GRAVITY,
    }
    known |= {"mmi": 7.0 + lon, "vs30": 300.0 + 400.0 * lat}
    return max(float(np.abs(found.at(lon, lat, n) / v - 1.0).max()) for n, v in known.items())
