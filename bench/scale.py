"""A whole build as the city grows: seconds and memory of each step, central Tokyo 1 to 30 times.

Run with: python bench/scale.py [TIMES …]    (writes bench/results/scale.md)

Thirty times are 1.74 million buildings and 3.1 million cells: all 23 wards of Tokyo. Each size is
built in a process of its own, from files, without results of earlier builds. Needs
../shared/data/tokyo-plateau; memory by step is Linux's own count.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np
from scale_city import write_city

from citytwin.pipeline import build

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared/data/tokyo-plateau/tokyo_central_buildings.parquet"
TABLES = HERE.parent / "data/tables"
TIMES = (1, 3, 10, 30)
#: What the 23 wards are to be built in.
MOST_SECONDS, MOST_BYTES = 600, 8 * 10**9


def measured_build(recipe: Path) -> dict:
    """Build in this process; seconds and greatest memory [bytes] of each step."""
    status = Path("/proc/self/status")
    peaks = {}

    def peak() -> int:
        """Greatest memory since the last reset."""
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def report(step: str, done: float, note: str) -> None:
        assert 0.0 <= done <= 1.0
        if note:
            peaks[step] = peak()
            print(f"{step}: {note} {peaks[step] / 1e9:.2f} GB", file=sys.stderr, flush=True)
        Path("/proc/self/clear_refs").write_text("5")

    start, processor = time.perf_counter(), time.process_time()
    with build(recipe, recipe.with_suffix(".duckdb"), progress=report) as city:
        seconds = time.perf_counter() - start
        steps = city.query("SELECT name, seconds FROM steps ORDER BY number")
        counts = city.counts
    return {
        "seconds": seconds,
        "processor_seconds": time.process_time() - processor,
        "load": os.getloadavg()[0],
        "steps": dict(zip(steps["name"], steps["seconds"].tolist(), strict=True)),
        "peaks": peaks,
        "bytes": max(peaks.values()),
        "buildings": counts["buildings"],
        "roads": counts["roads"],
        "cells": counts["cells"],
        "file": recipe.with_suffix(".duckdb").stat().st_size,
    }


def in_own_process(times: int) -> dict:
    """Make a city and build it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        recipe = write_city(Path(folder), DATA, TABLES, times)
        command = [sys.executable, __file__, "--build", str(recipe)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {"times": times, **json.loads(done.stdout.splitlines()[-1])}


def exponent(rows: list[dict], values: list[float]) -> float:
    """Power of the number of buildings with which a value grows, over all sizes."""
    sizes = np.log([row["buildings"] for row in rows])
    return float(np.polyfit(sizes, np.log(np.maximum(values, 1e-3)), 1)[0])


def last_exponent(rows: list[dict], values: list[float]) -> float:
    """The same between the two largest sizes: constant costs are small there."""
    return exponent(rows[-2:], values[-2:])


def report(rows: list[dict]) -> str:
    """Tables as Markdown."""
    last = rows[-1]
    within = last["seconds"] <= MOST_SECONDS and last["bytes"] <= MOST_BYTES
    lines = [
        "# A whole build as the city grows",
        "",
        f"Central Tokyo's buildings (PLATEAU) laid side by side, with made streets, river and "
        f"parks (see `bench/scale_city.py`); H3 resolution 12, no terrain. {platform.machine()}, "
        f"{numba.get_num_threads()} cores; each size once, in a process of its own, from files. "
        "Kernels are compiled before. Load is the number of programs that ran at the end, this one "
        "among them; above 2 the seconds are those of a shared machine. Made by "
        "`python bench/scale.py`.",
        "",
        f"The largest takes {last['seconds'] / 60:.1f} minutes and {last['bytes'] / 1e9:.1f} GB, "
        f"{'within' if within else 'NOT within'} the target of {MOST_SECONDS // 60} minutes and "
        f"{MOST_BYTES // 10**9} GB.",
        "",
        "| times | buildings | streets | cells | seconds | processor seconds | load of the machine "
        "| greatest memory | city file |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['times']} | {row['buildings']:,} | {row['roads']:,} | {row['cells']:,} "
        f"| {row['seconds']:.1f} | {row['processor_seconds']:.1f} | {row['load']:.1f} "
        f"| {row['bytes'] / 1e9:.2f} GB | {row['file'] / 1e6:.0f} MB |"
        for row in rows
    ]
    if len(rows) > 1:
        spent = [row["processor_seconds"] for row in rows]
        lines += [
            "",
            "Processor seconds, which other programs do not lengthen much, grow with the power "
            f"{exponent(rows, spent):.2f} of the number of buildings, and "
            f"{last_exponent(rows, spent):.2f} between the last two sizes.",
            "",
            *steps_table(rows),
        ]
    return "\n".join(lines) + "\n"


def steps_table(rows: list[dict]) -> list[str]:
    """Seconds and memory of each step, and how they grow."""
    heads = [f"{row['times']}×" for row in rows]
    lines = [
        "Seconds of each step, the power of the number of buildings with which they grow (over "
        "all sizes, and between the last two), and the greatest memory while it runs, what is "
        "held from before included:",
        "",
        f"| step | {' | '.join(heads)} | power | last power | {' | '.join(heads)} |",
        "|" + "---|" * (3 + 2 * len(rows)),
    ]
    for step in rows[0]["steps"]:
        took = [row["steps"][step] for row in rows]
        memory = [row["peaks"].get(step, 0) for row in rows]
        powers = [f"{power(rows, took):.2f}" for power in (exponent, last_exponent)]
        lines.append(
            f"| {step} | {' | '.join(f'{s:.2f}' for s in took)} "
            f"| {' | '.join(powers if took[-1] > 0.5 else ['', ''])} "
            f"| {' | '.join(f'{m / 1e9:.2f} GB' for m in memory)} |"
        )
    whole = [row["seconds"] for row in rows]
    memory = [f"{row['bytes'] / 1e9:.2f} GB" for row in rows]
    lines.append(
        f"| **all** | {' | '.join(f'{s:.1f}' for s in whole)} | {exponent(rows, whole):.2f} "
        f"| {last_exponent(rows, whole):.2f} "
        f"| {' | '.join(memory)} |"
    )
    return lines


def main() -> None:
    """Measure all sizes and write the tables."""
    if sys.argv[1:2] == ["--build"]:
        print(json.dumps(measured_build(Path(sys.argv[2]))))
        return
    if not DATA.exists():
        sys.exit(f"{DATA} is missing: the benchmark needs central Tokyo's buildings")
    times = [int(word) for word in sys.argv[1:]] or list(TIMES)
    in_own_process(1)  # compiles the kernels
    text = report([in_own_process(number) for number in times])
    if times == list(TIMES):
        (HERE / "results" / "scale.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
