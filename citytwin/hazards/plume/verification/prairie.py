"""Project Prairie Grass: greatest concentrations on arcs at 50 to 800 m, measured and computed.

Barad 1958, Project Prairie Grass, a field program in diffusion, Geophysical Research Papers 59.
"""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured, Site
from citytwin.hazards.plume.stability import stability_of
from citytwin.hazards.plume.verification.scene import NO_LID, air_by, at_points, long_one, sky_of

#: The file of the case, and the height of the release [m]; the samplers stood at 1.5 m.
FILE = "prairie_grass/prairie_grass_5runs.csv"
HEIGHT = 0.46
#: Height at which the wind was measured [m], and that of a forecast.
_MEASURED, _FORECAST = 2.0, 10.0


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs of one run: distances [m], measured and computed greatest concentrations [kg/m³]."""

    run: str
    stability: str
    distance: Floats
    measured: Floats
    computed: Floats


def arcs_of(text: str) -> list[Arcs]:
    """All runs of the file, each with what the plume gives."""
    rows = [line.split(",") for line in text.strip().splitlines()[1:]]
    found = []
    for run in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == run]
        letter, rate, wind = mine[0][1], float(mine[0][2]) * 1e-3, float(mine[0][3])
        profile = stability_of(letter, "open").profile
        speed = wind * (_FORECAST / _MEASURED) ** profile
        air, _ = air_by(sky_of(letter, "open", NO_LID), speed, HEIGHT, 3600.0)
        distance = np.array([float(row[5]) for row in mine])
        computed = at_points(
            long_one(air, HEIGHT, rate, 3600.0), 3600.0, distance, np.zeros(distance.size)
        )
        measured = np.array([float(row[6]) for row in mine])
        found.append(Arcs(run, letter, distance, measured, computed))
    return found


@dataclass(frozen=True)
class Scores:
    """Agreement as in Chang & Hanna 2004, doi:10.1007/s00703-003-0070-7.

    Attributes
    ----------
    fac2, missed
        Share within a factor of two, and not.
    fb, nmse
        Fractional bias, normalised mean square error.
    mg, vg
        Geometric mean bias and variance, measured over computed.
    """

    fac2: float
    missed: float
    fb: float
    nmse: float
    mg: float
    vg: float


def scores(measured: Floats, computed: Floats) -> Scores:
    """Scores of pairs."""
    ratio = computed / measured
    near = (ratio >= 0.5) & (ratio <= 2.0)
    log = np.log(measured / computed)
    means = float(measured.mean()), float(computed.mean())
    return Scores(
        fac2=float(near.mean()),
        missed=float((~near).mean()),
        fb=2.0 * (means[0] - means[1]) / sum(means),
        nmse=float(((measured - computed) ** 2).mean()) / (means[0] * means[1]),
        mg=float(np.exp(log.mean())),
        vg=float(np.exp((log**2).mean())),
    )


def prairie_misses(site: Site | None, text: str) -> Measured:
    """Share of the arcs that are not within a factor of two; bias and scatter as laws, run by run."""
    del site
    runs = arcs_of(text)
    whole = scores(
        np.concatenate([run.measured for run in runs]),
        np.concatenate([run.computed for run in runs]),
    )
    laws = [
        Law("fractional bias, all runs", abs(whole.fb), 0.3),
        Law("normalised mean square error, all runs", whole.nmse, 4.0),
        Law("geometric bias as a factor, all runs", max(whole.mg, 1.0 / whole.mg), 1.3),
        Law("geometric variance, all runs", whole.vg, 4.0),
    ]
    for run in runs:
        own = scores(run.measured, run.computed)
        laws.append(Law(f"fractional bias, run {run.run}", abs(own.fb), 0.7))
        laws.append(Law(f"normalised mean square error, run {run.run}", own.nmse, 4.0))
    return Measured(whole.missed, tuple(laws))
