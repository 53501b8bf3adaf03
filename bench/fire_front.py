"""Speed and error of the fire front: burned cells a second, growth with size, beside pyretechnics.

Run with: python bench/fire_front.py [--peer PYTHON]

Writes bench/results/fire_front.md and bench/img/fire_front_error.png. PYTHON is an interpreter with
pyretechnics; without it, an environment is made in .peers, or the peer is skipped with a reason.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.fire.front import Front, Spread
from citytwin.hazards.fire.verification import shapes
from citytwin.hazards.fire.verification.scene import MODERATE, plane
from citytwin.hazards.fire.verification.vegetation import STRONG, lattices
from citytwin.hazards.wind import wind_of

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

from environments import SkippedError, environment, interpreter, last_line  # noqa: E402

PEER = "pyretechnics==2026.10.20"
#: Cells of 400 m², hexagons here and squares there; wind at 10 m [m/s] from the west.
AREA, WIND = 400.0, 8.0
LATTICE = regular_lattice(float(np.sqrt(AREA * 2.0 / np.sqrt(3.0))))
SIZES = (316, 1000, 3163)
RINGS = (5, 10, 20, 40, 80)
MIXED = (102, 104, 122, 145, 165, 183)


def burn(side: int, *, mixed: bool = False, minutes: float = 1e6) -> dict:
    """Burned cells, seconds of ``advance`` alone, and cells taken up, on a square window."""
    grid = plane(LATTICE, side, side)
    fuel = np.full(len(grid), shapes.GRASS)
    if mixed:
        fuel = np.random.default_rng(1).choice(MIXED, len(grid))
    front = Front(grid, fuel, Spread(np.array(MODERATE)), wind_of(WIND, 270.0, ()), end=1e9)
    front.ignite(np.array([side // 2 * side + side // 2]), np.array([0.0]))
    start = time.perf_counter()
    burned = front.advance(60.0 * minutes)
    seconds = time.perf_counter() - start
    return {"burned": int(burned.size), "seconds": seconds, "taken": front.worked}


def one(job: dict) -> None:
    """In a process of its own: print the figures of one run and the memory of the whole process."""
    burn(31)
    found = burn(**job)
    found["gigabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps(found))


def apart(**job: object) -> dict:
    """One run in a process of its own."""
    command = [sys.executable, __file__, "--one", json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def theirs(python: str | None, side: int, minutes: float) -> dict:
    """The peer on the same landscape.

    Raises
    ------
    SkippedError
        If it cannot be had or fails.
    """
    python = python or str(
        environment(PEER, HERE.parent / ".peers/pyretechnics", interpreter()).python
    )
    job = {
        "side": side, "length": np.sqrt(AREA), "wind_km_h": 3.6 * WIND, "fuel": shapes.GRASS,
        "moisture": MODERATE, "minutes": minutes,
    }  # fmt: skip
    command = [python, str(HERE / "peers/run_pyretechnics.py"), json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SkippedError(f"pyretechnics failed: {last_line(done.stderr)}")
    return json.loads(done.stdout)


def error_lines() -> list[str]:
    """Greatest error by distance, for both lattices and three winds; draws the curve by direction."""
    lines = ["| wind at 10 m | length to width | lattice | " + " | ".join(
        f"{a} to {2 * a} cells" for a in RINGS) + " |", "|---" * (3 + len(RINGS)) + "|"]  # fmt: skip
    curves = []
    for speed in (0.0, STRONG, 25.0):
        longer = shapes.length_to_width(speed)
        for name, lattice in lattices().items():
            worst = np.zeros(len(RINGS))
            for from_deg in (210.0, 285.0):
                grid = plane(lattice, 321, 321)
                front = shapes.lit(grid, wind_of(speed, from_deg, ()))
                exact = shapes.ellipse_time(grid, speed, from_deg, (0.0, 0.0))
                away = np.hypot(grid.x, grid.y) / lattice.lengths.mean()
                with np.errstate(invalid="ignore"):
                    error = np.abs(front.arrival / exact - 1.0)
                for k, ring in enumerate(RINGS):
                    worst[k] = max(worst[k], error[(away >= ring) & (away < 2 * ring)].max())
                direction = np.degrees(np.arctan2(grid.y, grid.x)) % 360.0
                curves.append(
                    (f"{speed:g} m/s from {from_deg:g}°, {name}", longer, direction, away, error)
                )
            figures = " | ".join(f"{value:.2%}" for value in worst)
            lines.append(f"| {speed:g} m/s | {longer:.2f} | {name} | {figures} |")
    draw(curves)
    return lines


def draw(curves: list) -> None:
    """Greatest error in each degree of direction, beyond ten cells."""
    import matplotlib as mpl  # noqa: PLC0415  (only for the picture)

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    for name, _, direction, away, error in curves:
        if name.startswith("0 ") and "285" in name:
            continue
        sector = direction.astype(int)
        far = (away >= 10.0) & (away < 150.0)
        worst = np.zeros(360)
        np.maximum.at(worst, sector[far], error[far])
        axes.semilogy(np.arange(360) + 0.5, np.maximum(worst, 1e-7), lw=1, label=name)
    axes.axhline(0.02, color="k", ls="--", lw=1, label="bound of 2 %")
    axes.set_xlabel("direction from the ignition [degrees, anticlockwise from east]")
    axes.set_ylabel("greatest relative error of the arrival")
    axes.set(xlim=(0, 360), ylim=(1e-7, 0.05))
    axes.legend(fontsize=7, ncols=2)
    figure.savefig(HERE / "img/fire_front_error.png", dpi=110)


def speed_lines(python: str | None) -> list[str]:
    """Tables of speed and growth."""
    runs = [apart(side=side) for side in SIZES]
    runs.append(apart(side=1000, mixed=True))
    lines = ["| landscape | burned cells | seconds | burned cells a second | cells taken up, "
        "each | memory of the process [GB] |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for kind, found in zip(("even grass",) * 3 + ("six fuels at random",), runs, strict=True):
        rate = found["burned"] / found["seconds"]
        lines.append(
            f"| {kind} | {found['burned']:,} | {found['seconds']:.2f} | {rate:,.0f} | "
            f"{found['taken'] / found['burned']:.2f} | {found['gigabytes']:.2f} |"
        )
    growth = np.log(runs[2]["seconds"] / runs[0]["seconds"])
    growth /= np.log(runs[2]["burned"] / runs[0]["burned"])
    lines += ["", f"Seconds grow with the {growth:.2f}th power of the burned cells.", ""]
    side, minutes = 1000, 240.0
    mine = apart(side=1400, minutes=minutes)
    try:
        peer = theirs(python, side, minutes)
    except SkippedError as reason:
        return [*lines, f"pyretechnics was skipped: {reason}."]
    rate, other = (found["burned"] / found["seconds"] for found in (mine, peer))
    lines += [
        "| the same fire after four hours | burned cells of 400 m² | seconds | burned cells a "
        "second | ratio |",
        "|---|---|---|---|---|",
        f"| citytwin | {mine['burned']:,} | {mine['seconds']:.3f} | {rate:,.0f} | 1 |",
        f"| {PEER.replace('==', ' ')} | {peer['burned']:,} | {peer['seconds']:.3f} | "
        f"{other:,.0f} | {other / rate:.3f} |",
    ]  # fmt: skip
    return lines


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer")
    parser.add_argument("--one")
    options = parser.parse_args()
    if options.one:
        one(json.loads(options.one))
        return
    lines = ["# Fire front: speed and error", ""]
    speed = speed_lines(options.peer)
    lines += [
        f"Grass (GR4) in a wind of {WIND:g} m/s at 10 m from one ignition; one thread; "
        f"{platform.machine()}, "
        f"{os.cpu_count()} threads, load at the end {os.getloadavg()[0]:.1f}. Made by `python "
        "bench/fire_front.py`. Making the landscape and compiling are in no time.",
        "", *speed, "", "## Error against the ellipse", "",
        "Greatest relative error of the arrival in all directions, by distance from the "
        "ignition, in winds "
        "from 210° and 285°. Halving the cells doubles the number of them to a place: read a "
        "row from left "
        "to right for the error with cell size.",
        "", *error_lines(), "",
        "![Greatest error by direction](../img/fire_front_error.png)", "",
    ]  # fmt: skip
    (HERE / "results/fire_front.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
