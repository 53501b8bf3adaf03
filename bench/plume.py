"""The plume: Prairie Grass run by run, speed by size and against plain numpy, time for the city.

    python bench/plume.py [--city san-francisco.duckdb] [--bench ../shared/bench]

No peer is named for the plume: the same pieces on all pairs in plain numpy, in the same run, stand for
one. Writes bench/results/plume.md.
"""

import argparse
import os
import time
from pathlib import Path

import numba
import numpy as np

from citytwin.city import City
from citytwin.cli.published import published_in
from citytwin.errors import AbsentError
from citytwin.hazards.plume import Plume
from citytwin.hazards.plume.speed import measure
from citytwin.hazards.plume.verification.prairie import FILE, arcs_of, scores

RESULT = Path(__file__).parent / "results" / "plume.md"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
TURNING = ((0.0, 3.0, 270.0), (1.0, 4.0, 330.0), (2.0, 2.0, 20.0))


def prairie(folder):
    """Lines on Project Prairie Grass."""
    try:
        runs = arcs_of(published_in(folder)(FILE))
    except AbsentError as absent:
        return [f"Skipped: {absent}."]
    lines = [
        "| run | class | FAC2 | FB | NMSE | MG | VG |",
        "|---|---|---|---|---|---|---|",
    ]
    pairs = [(run.run, run.stability, run.measured, run.computed) for run in runs]
    whole = [np.concatenate([pair[k] for pair in pairs]) for k in (2, 3)]
    for name, letter, measured, computed in [*pairs, ("all", "", *whole)]:
        s = scores(measured, computed)
        lines.append(
            f"| {name} | {letter} | {s.fac2:.2f} | {s.fb:+.2f} | {s.nmse:.2f} | {s.mg:.2f} | "
            f"{s.vg:.2f} |"
        )
    return lines


def sizes():
    """Lines on the kernel by number of cells."""
    lines = [
        "| cells | pieces | million cells × pieces/s | numpy, all pairs | ratio | ms a moment |",
        "|---|---|---|---|---|---|",
    ]
    for cells in SIZES:
        found = measure(cells)
        lines.append(
            f"| {found['cells']:,} | {found['pieces']} | {found['cell_pieces_per_s'] / 1e6:.0f} | "
            f"{found['numpy_all_pairs_per_s'] / 1e6:.1f} | {found['ratio']:.0f} | "
            f"{found['seconds_for_a_moment'] * 1e3:.1f} |"
        )
        print(lines[-1], flush=True)
    return lines


def city(path):
    """Lines on whole runs on a city."""
    if path is None or not Path(path).exists():
        return ["Skipped: no city was named."]
    with City.open(Path(path)) as opened:
        grid = opened.grid
        layers = {"building_cover": opened.layers["building_cover"]}
        events = {
            "continuous, 2 h, steady wind": Plume(simulated_h=2.0, duration_min=120.0),
            "continuous, 2 h, wind that turns": Plume(
                simulated_h=2.0, duration_min=120.0, wind=TURNING
            ),
            "instantaneous, 1 h": Plume(kind="instantaneous"),
        }
        lines = [
            f"{len(grid):,} cells of resolution {grid.resolution}.",
            "",
            "| event | s |",
            "|---|---|",
        ]
        for name, event in events.items():
            event.simulate(grid, layers)
            start, used = time.perf_counter(), time.process_time()
            event.simulate(grid, layers)
            wall, busy = time.perf_counter() - start, time.process_time() - used
            lines.append(f"| {name} | {wall:.1f} | {busy:.1f} |")
            print(lines[-1], flush=True)
    return lines


def main(path, folder):
    """All parts, and the page."""
    load = os.getloadavg()[0]
    text = [
        "# The plume", "",
        f"`python bench/plume.py`, {numba.get_num_threads()} threads, load of the machine {load:.1f} at "
        "the start: times on a shared machine, ratios in one run.", "",
        "## Prairie Grass", "",
        "Greatest concentration on arcs at 50 to 800 m (Barad 1958; secondary transcription of five "
        "runs), release at 0.46 m, samplers at 1.5 m, Briggs's open country, wind as measured at 2 m. "
        "FB and NMSE by Chang & Hanna 2004; MG is measured over computed. Acceptance: FAC2 ≥ 0.5, "
        "|FB| < 0.3, NMSE < 4.",
        "", *prairie(folder), "",
        "## Kernel", "",
        "A continuous release after an hour in a wind that turned, on a square of 6 km; every cell "
        "counts with every piece, in reach or not. Plain numpy does all pairs on up to 20,000 of "
        "the cells. Cells much smaller than the plume cost what they are; coarse ones cost more "
        "each, as points within them are summed.",
        "", *sizes(), "",
        "## The city", "", *city(path), "",
    ]  # fmt: skip
    RESULT.write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--city")
    parser.add_argument("--bench", type=Path)
    given = parser.parse_args()
    main(given.city, given.bench)
