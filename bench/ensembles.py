"""Ensembles on the embedded city: speed-up and overhead of processes and of a Dask cluster.

Run with: python bench/ensembles.py --city CITY [--members N]    (writes bench/results/ensembles_N.md)

Each kind of ensemble is run by two processes, of which one is killed half-way, and by a local Dask
cluster of two workers; their members must be the same to the last bit. A tenth of it is run by one
process, from which the speed-up follows.
"""

import argparse
import hashlib
import os
import platform
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from citytwin.city import City
from citytwin.ensemble import Ensemble, run_ensemble
from citytwin.ensemble.member import run_member
from citytwin.ensemble.running import arrived, kept_quantity, read_manifest
from citytwin.hazards.watch import silent

RESULTS = Path(__file__).parent / "results"
RAIN = [
    {"field": "rain_mm", "distribution": "normal", "mean": 80.0, "deviation": 20.0, "low": 5.0},
    {"field": "rain_h", "distribution": "triangular", "low": 0.5, "likeliest": 1.0, "high": 2.0},
]
WIND = [
    {"field": "wind_m_s", "distribution": "lognormal", "median": 6.0, "sigma": 0.4},
    {"field": "wind_deg", "distribution": "uniform", "low": 200.0, "high": 340.0},
    {"field": "seed", "distribution": "seed"},
]
KINDS = {
    "fire, three hours": {
        "hazard": {"model": "fire", "simulated_h": 3.0, "output_min": 60.0},
        "ensemble": {"seed": 1, "parameters": WIND},
    },
    "cloudburst, two hours": {
        "hazard": {"model": "flood", "solver": "inertial", "coarser": 2, "output_min": 60.0},
        "ensemble": {"seed": 1, "parameters": RAIN},
    },
}
WAYS = (("two processes, one killed half-way", 2, ""), ("Dask, two workers", 2, "local"))
#: One process runs one in so many of the members.
PART = 10


def killer() -> tuple[Callable[[float, str], None], list[int]]:
    """Progress that kills a worker once half the members are there, and whom it killed."""
    killed: list[int] = []

    def kill(done: float, note: str) -> None:
        del note
        if done >= 0.5 and not killed:
            children = psutil.Process().children(recursive=True)
            workers = [one for one in children if "spawn_main" in " ".join(one.cmdline())]
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    return kill, killed


def digest(folder: Path) -> str:
    """Hash of all that the members gave."""
    found = hashlib.sha256()
    for member in arrived(folder):
        found.update(member.cells.tobytes())
        found.update(repr(sorted(member.figures.items())).encode())
    return found.hexdigest()


def measure(name: str, table: dict, city: City, members: int) -> tuple[list[str], dict]:
    """Lines of the page on one kind of ensemble, and its manifest."""
    plan = {**table["ensemble"], "members": members}
    ensemble = Ensemble.from_table({"name": name, **table, "ensemble": plan}, "the ensemble")
    quantity, _ = kept_quantity(ensemble)
    few = max(1, members // PART)
    part = ensemble.model_copy(update={"plan": ensemble.plan.model_copy(update={"members": few})})
    tables = [member.table() for member in part.members()]
    run_member(0, tables[0], str(city.path), city.fingerprint, quantity)  # compiles
    start = time.perf_counter()
    for number, member in enumerate(tables):
        run_member(number, member, str(city.path), city.fingerprint, quantity)
    alone = (time.perf_counter() - start) / few
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        run_ensemble(part, city, folder=folder, workers=1)
        base = (time.perf_counter() - start) / few
    rows, digests, manifest = [], set(), {}
    for words, workers, scheduler in WAYS:
        kill, killed = killer() if not scheduler else (silent, [0])
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            there = run_ensemble(
                ensemble, city, folder=folder, workers=workers, scheduler=scheduler, progress=kill
            )
            assert killed, "no worker was killed"
            rows.append((words, workers, time.perf_counter() - start))
            digests.add(digest(there))
            manifest = read_manifest(there)
            assert manifest["members"] == members, "members were lost"
        print(name, rows[-1], flush=True)
    same = "the same to the last bit" if len(digests) == 1 else "DIFFERENT"
    lines = [
        f"## {name[:1].upper()}{name[1:]}: {members} members",
        "",
        "| way | seconds | a member | speed-up | overhead |",
        "|---|---|---|---|---|",
        f"| one process, {few} members | {base * few:.1f} | {base:.2f} | 1 | {base / alone - 1.0:.0%} |",
        *(
            f"| {words} | {seconds:.1f} | {seconds / members:.2f} | {base * members / seconds:.2f} | "
            f"{workers * seconds / (members * alone) - 1.0:.0%} |"
            for words, workers, seconds in rows
        ),
        "",
        f"A member alone, warm, in one thread, mean of {few}: {alone:.2f} s. Overhead: workers × "
        "seconds over members × that, less one; it holds the start of the processes, what the killed "
        "one had begun, and the statistics. Members are "
        f"{same} on both.",
        "",
    ]
    return lines, manifest


def told(manifest: dict) -> list[str]:
    """What the ensemble says, as a table."""
    rows = [
        f"| {name} | {one['p10']:,.4g} | {one['p50']:,.4g} | {one['p90']:,.4g} |"
        for name, one in manifest["figures"].items()
        if not name.startswith("balance.")
    ]
    return ["| number | p10 | p50 | p90 |", "|---|---|---|---|", *rows, ""]


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, required=True)
    parser.add_argument("--members", type=int, default=200)
    chosen = parser.parse_args()
    lines = ["# Ensembles on the embedded city", ""]
    load = os.getloadavg()[0]
    with City.open(chosen.city) as city:
        lines += [
            f"{city.title}, {len(city.grid):,} cells of resolution {city.resolution}; "
            f"{platform.machine()}, {os.cpu_count()} cores, load at the start {load:.1f}; made by "
            f"`python bench/ensembles.py --members {chosen.members}`.",
            "",
        ]
        for name, table in KINDS.items():
            found, manifest = measure(name, table, city, chosen.members)
            lines += [*found, *told(manifest)]
    lines += [f"Load at the end: {os.getloadavg()[0]:.1f}."]
    page = RESULTS / f"ensembles_{chosen.members}.md"
    page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
