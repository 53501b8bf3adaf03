"""The cases of ``citytwin verify ensemble``: the sample, the statistics, the same bits everywhere."""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy import stats

from citytwin.arrays import Floats32
from citytwin.ensemble.executors import LOCAL, dask, processes
from citytwin.ensemble.joint import Joint
from citytwin.ensemble.plan import Plan
from citytwin.ensemble.sensitivity import saltelli, sobol_indices
from citytwin.ensemble.statistics import cell_statistics, probability_band
from citytwin.ensemble.tails import fitted
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


def tail_off(site: Site | None) -> Measured:
    """Shape of a fitted tail off that of the sample's own distribution, in sampling errors."""
    del site
    worst, jump, off = 0.0, 0.0, 0.0
    for seed, shape in enumerate((-0.2, 0.0, 0.2)):
        share = (np.random.default_rng(seed).permutation(20_000) + 0.5) / 20_000
        margin = fitted(stats.genpareto.ppf(share, shape, scale=7.0), 0.25, "it")
        tail = margin.tail
        if tail is None:
            raise AssertionError("a tail was asked for")
        # Smith 1987: deviation (1 + shape) / sqrt(excesses); the threshold keeps shape, not scale.
        worst = max(worst, abs(tail.shape - shape) / ((1.0 + shape) / np.sqrt(5000.0)))
        off = max(off, abs(tail.scale / (7.0 + shape * tail.threshold) - 1.0))
        sides = margin.quantile(0.75 + np.array([-1e-9, 1e-9]))
        jump = max(jump, abs(float(sides[1] - sides[0])) / 7.0)
    return Measured(
        worst,
        (
            Law("scale of the tail off theory, share", off, 0.06),
            Law("step at the threshold, in scales", jump, 1e-4),
        ),
    )


def joint_off(site: Site | None) -> Measured:
    """Correlation of the ranks in a joint sample off that of the days, and margins off theirs."""
    del site
    rng = np.random.default_rng(5)
    factor = np.linalg.cholesky(np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.5], [0.3, 0.5, 1.0]]))
    scores = rng.normal(size=(600, 3)) @ factor.T
    days = np.stack(
        [
            30.0 * np.exp(0.4 * scores[:, 0]),
            0.5 + 0.2 * scores[:, 1],
            8.0 * np.exp(scores[:, 2] / 3),
        ],
        axis=1,
    )
    dates = np.datetime64("1990-01-01") + np.arange(600)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "days.csv"
        rows = [
            f"{d},{','.join(f'{v:.9g}' for v in row)}" for d, row in zip(dates, days, strict=True)
        ]
        path.write_text("\n".join(["date,rain,surge,wind", *rows]) + "\n", encoding="utf-8")
        joint = Joint(file=str(path), columns={name: name for name in ("rain", "surge", "wind")})
        drawn = joint.sample(2000, 3)
    ours, theirs = (np.asarray(stats.spearmanr(one).statistic) for one in (drawn, days))
    margins = max(
        float(stats.kstest(drawn[:, at], days[:, at]).statistic) for at in range(days.shape[1])
    )
    return Measured(
        float(np.abs(ours - theirs).max()),
        (Law("largest difference of a margin's distribution from the days'", margins, 0.02),),
    )


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
    Verification(
        "shape of a generalised Pareto tail, off, in standard errors", tail_off, 3.0, "1",
        "Smith 1987, 10.1214/aos/1176350499: asymptotic deviation",
    ),
    Verification(
        "rank correlation of a joint sample, off that of its days", joint_off, 0.03, "1", _OURS
    ),
    Verification("members that differ in two processes", off_processes, 0.0, "1", _OURS),
    Verification("members that differ on a Dask cluster", off_cluster, 0.0, "1", _OURS),
)  # fmt: skip
