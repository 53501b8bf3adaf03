"""The flood solvers beside landlab, itzi and anuga on the same ground, forcing and cores, in one run.

Run with: python bench/flood_peers.py [--quick]    (writes bench/results/flood_peers.json and .md)

The peers get environments of their own (Python 3.12 or newer) in --env, made from PyPI on the first
run; a peer that cannot be installed, or whose run fails, stands in the report with the reason. Every
program runs alone in a process of its own, with as many threads as cores; a job goes in as JSON, the
figures come out as JSON (bench/peers).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from peers import environments
from peers.cases import Case, Contestant, plain, streets
from peers.environments import PEERS, SkippedError
from peers.judging import arrivals, block_depths, gauges_off, rms
from peers.report import report

from citytwin.kernels.stream import triad_bytes_per_s

HERE = Path(__file__).parent
RESULTS = HERE / "results"
#: No run may take longer [s].
PATIENCE = 900.0


def python_of(program: str, folder: Path, python: str | None) -> Path:
    """The interpreter that runs a program: our own for citytwin.

    Raises
    ------
    SkippedError
        If the program cannot be had.
    """
    if program == "citytwin":
        return Path(sys.executable)
    found = python or environments.interpreter()
    return environments.environment(PEERS[program], folder / program, found).python


def run(contestant: Contestant, case: Case, options: argparse.Namespace, folder: Path) -> dict:
    """The figures of one run, and the triad just before it.

    Raises
    ------
    SkippedError
        If the program cannot be had, fails, or takes too long.
    """
    python = python_of(contestant.program, options.env, options.python)
    job = folder / "job.json"
    written = {
        **case.common, "cell_area": contestant.side**2, "threads": options.threads,
        "options": contestant.options, "result": str(folder / "result.json"),
        "maps": str(folder / f"{case.name} {contestant.label}.npz"),
    }  # fmt: skip
    job.write_text(json.dumps(written), encoding="utf-8")
    settings = {
        **os.environ, "OMP_NUM_THREADS": str(options.threads), "OMP_WAIT_POLICY": options.wait,
        "NUMBA_NUM_THREADS": str(options.threads), "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    triad = triad_bytes_per_s(repeats=5)
    command = [str(python), str(HERE / "peers" / f"run_{contestant.program}.py"), str(job)]
    try:
        done = subprocess.run(
            command,
            env=settings,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise SkippedError(f"it was stopped after {PATIENCE:.0f} s") from error
    if done.returncode:
        raise SkippedError(f"its run failed: {environments.last_line(done.stderr)}")
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    if not np.isfinite(result["stored_m3"]):
        raise SkippedError("its water became no number")
    with np.load(written["maps"]) as maps:
        return {**result, "triad": triad, "maps": dict(maps.items())}


def run_all(case: Case, options: argparse.Namespace, folder: Path) -> dict[str, dict]:
    """What every contestant of a case did, or why it did not, by label."""
    done = {}
    for contestant in case.contestants:
        start = time.perf_counter()
        about = {"program": contestant.program, "side": contestant.side}
        about |= {"fine": contestant.fine, "judge": contestant.judge}
        try:
            done[contestant.label] = {**run(contestant, case, options, folder), **about}
            note = f"{done[contestant.label]['seconds']:.1f} s"
        except SkippedError as error:
            done[contestant.label] = {"skipped": str(error), **about}
            note = f"skipped: {error}"
        whole = time.perf_counter() - start
        print(f"{case.name}  {contestant.label}: {note} ({whole:.0f} s in all)", flush=True)
    return done


def judge(case: Case, done: dict[str, dict]) -> None:
    """Add to each run how far it is from the finest ones and from the published one."""
    ran = {label: result for label, result in done.items() if "skipped" not in result}
    judges = {label: result for label, result in ran.items() if result["judge"]}
    points, theirs = slice(case.gauges), slice(case.gauges, None)
    if not case.gauges:
        for result in ran.values():
            result["blocks"] = block_depths(
                result["maps"], case.common["width"], case.common["height"]
            )
    for label, result in ran.items():
        result["off"] = {}
        if case.published is not None:
            off = gauges_off(result, theirs, case.published[:, 0], case.published[:, 1:])
            result["off"]["LISFLOOD-FP 8.0 DG2, 5 m"] = {"gauges_m": off}
        for name, judge_by in judges.items():
            if name == label:
                continue
            if "blocks" in result:
                off = rms(result["blocks"] - judge_by["blocks"])
                result["off"][name] = {"blocks_m": off, "share": off / rms(judge_by["blocks"])}
                continue
            depths = np.asarray(judge_by["series"])[:, points]
            off = gauges_off(result, points, judge_by["stops"], depths)
            late = np.abs(arrivals(result, points) - arrivals(judge_by, points))
            late = float(np.nanmax(late)) if np.isfinite(late).any() else None
            result["off"][name] = {"gauges_m": off, "arrival_s": late}


def kept(result: dict) -> dict:
    """What the results file keeps of a run: figures, no series and no maps."""
    bulky = {"maps", "blocks", "series", "stops", "steps_until"}
    figures = {name: value for name, value in result.items() if name not in bulky}
    if "skipped" not in result:
        stops, steps = np.array([0.0, *result["stops"]]), np.array([0, *result["steps_until"]])
        took = np.diff(steps) > 0
        lengths = np.diff(stops)[took] / np.diff(steps)[took]
        figures["step_s"] = {
            "mean": result["stops"][-1] / result["steps"],
            "least": float(lengths.min()), "most": float(lengths.max()),
        }  # fmt: skip
        figures["cell_steps_per_s"] = result["cells"] * result["steps"] / result["seconds"]
        figures["wet_share"] = float((result["maps"]["depth"] > 1e-4).mean())
    return figures


def chosen() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--env", type=Path, default=HERE.parent / ".peers", help="folder of environments"
    )
    parser.add_argument("--python", help="interpreter for the peers, 3.12 or newer")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument(
        "--wait", choices=("passive", "active"), default="passive", help="OMP_WAIT_POLICY"
    )
    parser.add_argument("--cases", default="AB", help="A, B or AB")
    parser.add_argument("--city", type=Path, help="built city file of San Francisco")
    parser.add_argument("--plain-until", type=float, default=10_800.0, help="end of case A [s]")
    parser.add_argument("--streets-until", type=float, default=1_800.0, help="end of case B [s]")
    parser.add_argument("--quick", action="store_true", help="short, and no fine runs of the peers")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write to")
    options = parser.parse_args()
    options.env = options.env.resolve()
    if options.quick:
        options.plain_until, options.streets_until = 3_600.0, 600.0
    return options


def main() -> None:
    """Measure and write."""
    options = chosen()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = []
        if "A" in options.cases:
            cases.append(plain(options.plain_until))
        if "B" in options.cases:
            cases.append(
                streets(options.city, folder, options.streets_until, fine_peers=not options.quick)
            )
        load = os.getloadavg()[0]
        tables, triads = [], [triad_bytes_per_s(repeats=5)]
        for case in cases:
            done = run_all(case, options, folder)
            judge(case, done)
            runs = {label: kept(result) for label, result in done.items()}
            triads += [run["triad"] for run in runs.values() if "triad" in run]
            tables.append(
                {
                    "name": case.name,
                    "title": case.title,
                    "until_s": case.common["stops"][-1],
                    "runs": runs,
                }
            )
    whole = {
        "machine": platform.machine(), "cores": os.cpu_count(), "threads": options.threads,
        "wait": options.wait, "load": [load, os.getloadavg()[0]],
        "triad_bytes_per_s": float(np.median(triads)), "triads": triads, "cases": tables,
    }  # fmt: skip
    options.results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    (options.results / "flood_peers.json").write_text(text + "\n", encoding="utf-8")
    text = report(whole)
    (options.results / "flood_peers.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
