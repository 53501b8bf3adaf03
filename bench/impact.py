"""Damage of many assets in many events: citytwin beside CLIMADA, and its growth with the assets.

Run with: python bench/impact.py [--peer PYTHON]    (writes bench/results/impact.md)

What is measured: the kernel that reads damage functions (`asset_losses`), which every run of a flood
and every event of `citytwin risk` uses (`flood_losses`), beside CLIMADA's whole impact calculation; and
`flood_losses` on buildings as a run calls it: one flood at a time, on one thread.

PYTHON is an interpreter with climada (or the variable CITYTWIN_CLIMADA). Without one the growth alone
is measured. One is made by: python3.12 -m venv FOLDER; FOLDER/bin/pip install climada (GDAL's headers
must be there; a GDAL of the system that is older wants the same version of the PyPI package gdal).
"""

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

import numba
import numpy as np
from peers.environments import SkippedError, run_peer

from citytwin.impact.flood_damage import depth_damage
from citytwin.impact.flood_losses import flood_losses
from citytwin.impact.verification import many_houses
from citytwin.kernels.assets import asset_losses

HERE = Path(__file__).parent
PAGE = HERE / "results" / "impact.md"
ASSETS, EVENTS, WET, REPEATS = 200_000, 100, 0.3, 9
GROWTH_EVENTS = RUN_EVENTS = 10
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
CURVE = depth_damage("europe", "residential")


def case(assets: int, events: int) -> dict[str, np.ndarray]:
    """Depths of events on as many cells as assets, most of them dry; values; frequencies."""
    rng = np.random.default_rng(1)
    depth = np.zeros((events, assets), np.float32)
    for row in depth:
        wet = rng.random(assets, np.float32) < WET
        row[wet] = rng.random(int(wet.sum()), np.float32) * 5.0 + 0.01
    return {
        "depth": depth,
        "cell": rng.permutation(assets),
        "value": rng.uniform(1e5, 1e6, assets),
        "frequency": np.full(events, 1.0 / events),
    }


def ours(held, *, parallel=True):
    """Losses by event, and expected loss of each asset."""
    curves = [(CURVE.depth, CURVE.damage)]
    kind = np.zeros(held["cell"].size, np.int64)
    return asset_losses(
        held["depth"],
        held["cell"],
        held["value"],
        kind,
        curves,
        held["frequency"],
        parallel=parallel,
    )


def seconds_of(work, repeats=REPEATS):
    """Seconds of each turn of something that has run before."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return np.array(found)


def peer(python: str, held):
    """CLIMADA's losses of the same assets and events, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(
            Path(folder) / "case.npz", **held, curve_at=CURVE.depth, curve_share=CURVE.damage,
            repeats=REPEATS,
        )  # fmt: skip
        run_peer("climada", python, HERE / "peers" / "run_climada.py", folder)
        return dict(np.load(Path(folder) / "climada.npz"))


def against(python: str) -> list[str]:
    """Lines of the page on the peer."""
    held = case(ASSETS, EVENTS)
    by_event, by_asset = ours(held)
    ours(held, parallel=False)
    before = seconds_of(lambda: ours(held))
    alone = seconds_of(lambda: ours(held, parallel=False))
    try:
        theirs = peer(python, held)
    except SkippedError as why:
        return [f"CLIMADA was left out: {why}.", ""]
    after = seconds_of(lambda: ours(held))
    off = max(
        float(np.abs(by_event / theirs["by_event"] - 1.0).max()),
        float(np.abs(by_asset.sum() / theirs["by_asset"].sum() - 1.0)),
    )
    both, single = float(np.median([*before, *after])), float(np.median(alone))
    median = float(np.median(theirs["seconds"]))
    pairs = int((held["depth"] > 0.0).sum())
    return [
        "| | seconds | million non-zero asset-events a second | times CLIMADA |",
        "|---|---|---|---|",
        *(
            f"| {name} | {seconds:.4f} | {pairs / seconds / 1e6:.0f} | {median / seconds:.1f} |"
            for name, seconds in (
                (f"citytwin, {numba.get_num_threads()} threads", both),
                ("citytwin, one thread", single),
                (f"CLIMADA {theirs['version']}", median),
            )
        ),
        "",
        f"{ASSETS:,} assets, {EVENTS} events, {WET:.0%} of the pairs not zero. Largest relative "
        f"difference of a loss: {off:.0e} (depths are single in both). Medians of {2 * REPEATS} turns "
        f"of ours, half before and half after CLIMADA's {REPEATS}; CLIMADA's turn is "
        "`ImpactCalc(...).impact(save_mat=False)` with its centroids assigned before. Starting and "
        "compiling are not counted.",
        "",
    ]


def growth() -> list[str]:
    """Lines of the page on the growth."""
    rows = []
    for size in (SIZES[0], *SIZES):
        held = case(size, GROWTH_EVENTS)
        held["cell"] = np.arange(size)  # assets in the order of their cells, as a city has them
        seconds = float(seconds_of(lambda held=held: ours(held), 3).min())
        rows.append((size, seconds))
        print(rows[-1], flush=True)
    rows = rows[1:]
    linear = (rows[-1][1] / rows[-1][0]) / (rows[1][1] / rows[1][0])
    return [
        "## Growth",
        "",
        f"| assets | seconds for {GROWTH_EVENTS} events | ns an asset-event |",
        "|---|---|---|",
        *(f"| {n:,} | {s:.4f} | {1e9 * s / n / GROWTH_EVENTS:.2f} |" for n, s in rows),
        "",
        f"At {rows[-1][0]:,} assets an asset-event takes {linear:.2f} times as long as at "
        f"{rows[1][0]:,}; best of 3 turns, assets in the order of their cells.",
        "",
    ]


def of_a_run() -> list[str]:
    """Lines of the page on what a run calls: buildings, one flood at a time."""
    held = case(ASSETS, RUN_EVENTS)
    city = many_houses(ASSETS)
    at_walls = held["depth"].astype(np.float64)
    pairs = int((at_walls >= 0.15).sum())

    def runs():
        for row in at_walls:
            flood_losses(city, row[None, :], 0.15)

    start = time.perf_counter()
    flood_losses(city, at_walls[:1], 0.15)
    first = time.perf_counter() - start
    one_by_one = float(np.median(seconds_of(runs, 5)))
    flood_losses(city, at_walls, 0.15)
    together = float(np.median(seconds_of(lambda: flood_losses(city, at_walls, 0.15), 5)))
    return [
        "## As a run calls it",
        "",
        "| way | seconds a flood | million non-zero asset-events a second |",
        "|---|---|---|",
        *(
            f"| {way} | {seconds / RUN_EVENTS:.4f} | {pairs / seconds / 1e6:.0f} |"
            for way, seconds in (
                ("one flood at a time, one thread, as in a run", one_by_one),
                (f"{RUN_EVENTS} floods at once, all threads", together),
            )
        ),
        "",
        f"`flood_losses` on {ASSETS:,} buildings in no order. The first flood of a city took "
        f"{first:.2f} s: each building's function and greatest damage are found then, and kept.",
        "",
    ]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=os.environ.get("CITYTWIN_CLIMADA", ""))
    python = parser.parse_args().peer
    lines = [
        "# Damage of many assets in many events",
        "",
        f"JRC's depth-damage function of Europe; {platform.machine()}, load at the start "
        f"{os.getloadavg()[0]:.1f}; made by `python bench/impact.py`.",
        "",
        *against(python),
        *of_a_run(),
        *growth(),
    ]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
