"""Ground motion: citytwin beside OpenQuake's hazardlib, and its growth with the number of cells.

Run with: python bench/ground_motion.py [--peer PYTHON]    (writes bench/results/ground_motion.md)

PYTHON is an interpreter with openquake-engine 3.26.2 (or the variable CITYTWIN_HAZARDLIB). Without one
the growth alone is measured. One is made by: python3.12 -m venv FOLDER; FOLDER/bin/pip install --no-deps
openquake-engine==3.26.2, then what it asks for when hazardlib is imported.
"""

import argparse
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numba
import numpy as np
from peers.environments import SkippedError, run_peer

from citytwin.hazards.earthquake.bssa14 import GRAVITY, ground_motion
from citytwin.hazards.earthquake.residuals import within_event
from citytwin.hazards.earthquake.rupture import distances, trace_rupture
from citytwin.hazards.earthquake.speed import MEASURES, sites

HERE = Path(__file__).parent
PAGE = HERE / "results" / "ground_motion.md"
SITES, MAGNITUDE, REPEATS = 100_000, 7.0, 9
#: Turns of each size, of which the best counts: large ones last long on a shared machine.
TURNS = 3
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


@dataclass
class Peer:
    """What hazardlib gave: seconds of each turn, its version, its largest difference from ours."""

    seconds: np.ndarray
    version: str
    off: float


def motion(rjb, vs30, *, parallel=True):
    """Our ground motion."""
    return ground_motion(MEASURES, MAGNITUDE, "strike_slip", rjb, vs30, parallel=parallel)


def seconds_of(work, repeats=REPEATS):
    """Seconds of each turn of something that has run before."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return np.array(found)


def peer(python: str, rjb, vs30) -> Peer:
    """Hazardlib's ground motion at the same sites, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "sites.npz", rjb=rjb, vs30=vs30, magnitude=MAGNITUDE)
        run_peer("openquake-engine", python, HERE / "peers" / "run_hazardlib.py", folder)
        theirs = dict(np.load(Path(folder) / "hazardlib.npz"))
    ours = motion(rjb, vs30)
    off = np.abs(np.expm1(ours.median - np.log(GRAVITY) - theirs["mean"])).max()
    spread = np.abs(ours.phi / theirs["phi"] - 1.0).max()
    return Peer(theirs["seconds"], str(theirs["version"]), float(max(off, spread)))


def growth():
    """Seconds by number of cells: motion, distances to 20 planes, random fields of three measures."""
    trace = np.linspace(-60e3, 60e3, 21), 9e3 + 2e3 * np.sin(np.arange(21.0))
    rupture = trace_rupture(*trace, 0.0, 90.0, 15e3)
    rows = []
    for size in (SIZES[0], *SIZES):
        rjb, vs30 = sites(size)
        x, y = np.random.default_rng(1).uniform(-20e3, 20e3, (2, size))
        work = (
            partial(motion, rjb, vs30),
            partial(distances, rupture, x, y),
            partial(within_event, x, y, MEASURES, 1),
        )
        rows.append((size, *(float(seconds_of(part, TURNS).min()) for part in work)))
        print(rows[-1], flush=True)
    # The first row compiles.
    return rows[1:]


def against(python: str) -> list[str]:
    """Lines of the page on the peer."""
    rjb, vs30 = sites(SITES)
    for parallel in (True, False):
        motion(rjb, vs30, parallel=parallel)
    before = seconds_of(lambda: motion(rjb, vs30))
    alone = seconds_of(lambda: motion(rjb, vs30, parallel=False))
    try:
        found = peer(python, rjb, vs30)
    except SkippedError as why:
        return [f"hazardlib was left out: {why}.", ""]
    after = seconds_of(lambda: motion(rjb, vs30))
    ours, single = float(np.median([*before, *after])), float(np.median(alone))
    theirs = float(np.median(found.seconds))
    rate = SITES * len(MEASURES)
    return [
        "| | seconds | million sites × measures a second | times hazardlib |",
        "|---|---|---|---|",
        *(
            f"| {name} | {seconds:.4f} | {rate / seconds / 1e6:.1f} | {theirs / seconds:.1f} |"
            for name, seconds in (
                (f"citytwin, {numba.get_num_threads()} threads", ours),
                ("citytwin, one thread", single),
                (f"hazardlib {found.version}, one process", theirs),
            )
        ),
        "",
        f"Largest relative difference of a median or of phi: {found.off:.0e}. Medians of "
        f"{2 * REPEATS} turns of ours, half before and half after hazardlib's {REPEATS}; means and "
        "standard deviations are computed by both, distances by none. Starting and compiling are not "
        "counted.",
        "",
    ]


def page(lines: list[str], rows) -> str:
    """The page."""
    first, last = rows[1], rows[-1]
    linear = (last[1] / last[0]) / (first[1] / first[0])
    table = [
        f"| {size:,} | {a:.4f} | {1e9 * a / size / len(MEASURES):.1f} | {b:.4f} | {c:.2f} |"
        for size, a, b, c in rows
    ]
    return "\n".join(
        [
            "# Ground motion",
            "",
            f"Boore et al. 2014, {len(MEASURES)} measures ({', '.join(MEASURES)}) at {SITES:,} sites, "
            f"float64; {platform.machine()}, load at the end {os.getloadavg()[0]:.1f}; made by "
            "`python bench/ground_motion.py`.",
            "",
            *lines,
            "## Growth",
            "",
            "| cells | motion [s] | ns a cell and measure | distances [s] | random fields [s] |",
            "|---|---|---|---|---|",
            *table,
            "",
            f"Best of {TURNS} turns. From {first[0]:,} to {last[0]:,} cells the motion takes "
            f"{linear:.2f} times as long a cell, the distances (to 20 planes) "
            f"{(last[2] / last[0]) / (first[2] / first[0]):.2f} times. The random fields cost the same "
            "raster of 512 × 512 nodes whatever the city, and reading it at the cells.",
            "",
        ]
    )


def main():
    """Measure and write the page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--peer", default=os.environ.get("CITYTWIN_HAZARDLIB", ""))
    lines = against(words.parse_args().peer)
    print("\n".join(lines), flush=True)
    PAGE.write_text(page(lines, growth()), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
