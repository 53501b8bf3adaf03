"""The cases of ``citytwin verify ensemble``: the sample, the statistics, the same bits everywhere."""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager

import numpy as np
from scipy import stats

from citytwin.arrays import Floats32
from citytwin.ensemble.executors import LOCAL, dask, processes
from citytwin.ensemble.plan import Plan
from citytwin.ensemble.sensitivity import saltelli, sobol_indices
from citytwin.ensemble.statistics import cell_statistics, probability_band
from citytwin.errors import AbsentError, InputError
from citytwin.grid.window import cover
from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.hazards.flood import Flood

_OURS = "citytwin's own bound"
_MEMBERS = 4


def off_slices(site: Site | None) -> Measured:
    """Slices of a Latin hypercube that are missed or hit twice, correlated parameters included."""
    del site
    plan = Plan.model_validate(
        {
            "members": 500,
            "parameters": [
                {"field": "a", "distribution": "uniform", "low": 0.0, "high": 1.0},
                {"field": "b", "distribution": "normal", "mean": 0.0, "deviation": 1.0},
                {"field": "c", "distribution": "lognormal", "median": 1.0, "sigma": 0.5},
            ],
            "correlations": [["a", "b", 0.6], ["b", "c", -0.3]],
        }
    )
    shares = plan.shares()
    missed = sum(500 - np.unique(np.floor(column * 500)).size for column in shares.T)
    found = np.corrcoef(stats.norm.ppf(shares), rowvar=False)
    off = max(abs(found[0, 1] - 0.6), abs(found[1, 2] + 0.3), abs(found[0, 2]))
    return Measured(
        float(missed), (Law("correlation of the normal scores, off", float(off), 0.02),)
    )


def off_quantiles(site: Site | None) -> Measured:
    """Largest difference of quantiles on cells from those of numpy; of a band from the binomial."""
    del site
    values = np.random.default_rng(2).normal(size=(73, 4000)).astype(np.float32)
    found = cell_statistics(values, 1.0)
    plain = np.quantile(values.astype(np.float64), (0.1, 0.5, 0.9), axis=0)
    off = max(
        float(np.abs(ours - theirs).max())
        for ours, theirs in zip((found.p10, found.p50, found.p90), plain, strict=True)
    )
    low, high = probability_band(7, 40, 0.9)
    tails = stats.binom.sf(6, 40, low) - 0.05, stats.binom.cdf(7, 40, high) - 0.05
    worst = float(np.abs(tails).max())
    return Measured(off, (Law("tails of the band, off 5 %", worst, 1e-9),))


def off_ishigami(site: Site | None) -> float:
    """Largest difference of Sobol indices from those of a function in closed form."""
    del site
    try:
        shares = saltelli(3, 4096, 1)
    except InputError as error:
        raise AbsentError(str(error)) from error
    x = np.pi * (2.0 * shares - 1.0)
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    rows = sobol_indices(["a", "b", "c"], {"y": y}, 1)
    # V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = b^2 pi^8 (1/18 - 1/50), with a = 7, b = 0.1.
    one, two = 0.5 * (1.0 + 0.1 * np.pi**4 / 5.0) ** 2, 49.0 / 8.0
    both = 0.01 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = one + two + both
    first = np.array([one, two, 0.0]) / whole
    total = np.array([one + both, two, both]) / whole
    off = [abs(r["first_order"] - f) for r, f in zip(rows, first, strict=True)]
    off += [abs(r["total"] - t) for r, t in zip(rows, total, strict=True)]
    return float(max(off))


def small_member(number: int) -> Floats32:
    """Greatest depth of a short storm on a few cells, different for each number."""
    grid = cover((-122.450, 37.7540, -122.446, 37.7575), 11)
    rng = np.random.default_rng(0)
    layers = {
        "ground_elevation": 50.0 + 0.02 * grid.x + rng.uniform(0.0, 1.0, len(grid)),
        "building_cover": np.zeros(len(grid)),
        "manning": np.full(len(grid), 0.03),
        "pervious_share": np.full(len(grid), 0.3),
    }
    storm = Flood(
        rain_mm=50.0 + 10.0 * number,
        rain_h=0.05,
        simulated_h=0.05,
        output_min=3.0,
        solver="inertial",
    )
    return storm.simulate(grid, layers).summary["depth_max"]


def _off_here(open_pool: Callable[[], AbstractContextManager[Executor]]) -> float:
    """Members whose bits differ from those of this process."""
    here = [small_member(number).tobytes() for number in range(_MEMBERS)]
    with open_pool() as pool:
        tasks = [pool.submit(small_member, number) for number in range(_MEMBERS)]
        there = [task.result().tobytes() for task in tasks]
    return float(sum(a != b for a, b in zip(here, there, strict=True)))


def off_processes(site: Site | None) -> float:
    """Members whose bits differ in two processes."""
    del site
    return _off_here(lambda: processes(2))


def off_cluster(site: Site | None) -> float:
    """Members whose bits differ on a Dask cluster of two workers."""
    del site
    try:
        return _off_here(lambda: dask(LOCAL, 2))
    except InputError as error:
        raise AbsentError(str(error)) from error


CASES = (
    Verification(
        "slices of the Latin hypercube missed", off_slices, 0.0, "1",
        "McKay, Beckman & Conover 1979, 10.2307/1268522; Iman & Conover 1982",
    ),
    Verification("quantiles on cells, off numpy's", off_quantiles, 1e-6, "1", _OURS),
    Verification(
        "shares of the variance of Ishigami's function, off the closed form", off_ishigami, 0.02, "1",
        "Ishigami & Homma 1990, 10.1109/ISUMA.1990.151285; bound citytwin's own",
    ),
    Verification("members that differ in two processes", off_processes, 0.0, "1", _OURS),
    Verification("members that differ on a Dask cluster", off_cluster, 0.0, "1", _OURS),
)  # fmt: skip
