"""Kill refreshes at random moments, and fill the disk: the city must always open whole.

    python bench/kills.py --kills 200 --output bench/results/kills.md

A town of one tile of the embedded city is refreshed again and again between two versions of that
tile. Each refresh is a process group of its own, forked from a process that has imported the
program, so that the kills fall into the work; it gets SIGKILL at a random moment. After every kill
the city must open, be the whole old or the whole new one, and the next refresh must succeed and
leave nothing behind. Two readers query the city all the time: one opens it anew each time, the
other holds it open for seconds. The full disk is a small tmpfs, where mounting one is allowed.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from refresh_town import Launcher, Town, fingerprint, make_town

from citytwin.city import City

#: Pause of a reader between two queries, and before it opens the city again [s], so that the
#: refresh gets its share of the cores.
PAUSE, REST = 0.05, 0.25


def read(path: Path, stop: Path, report: Path, hold: float) -> None:
    """Query a city until a file says stop; write what was seen."""
    seen: Counter[str] = Counter()
    errors: list[str] = []
    opened = queries = 0
    while not stop.exists():
        try:
            opened += 1
            seen[fingerprint(path)] += 1
            with City.open(path) as city:
                end = time.monotonic() + hold
                while time.monotonic() < end:
                    rows = city.query("SELECT sum(people) AS p, max(manning) AS m FROM cells")
                    assert rows["p"][0] > 0
                    queries += 1
                    time.sleep(PAUSE)
        except Exception as error:  # noqa: BLE001 whatever it is, it counts
            errors.append(repr(error))
        time.sleep(REST)
    report.write_text(
        json.dumps({"opened": opened, "queries": queries, "seen": seen, "errors": errors})
    )


@contextmanager
def readers(city: Path, folder: Path) -> Iterator[list[Path]]:
    """Two readers in processes of their own, for as long as the block runs."""
    stop, reports = folder / "stop", [folder / "reader-1.json", folder / "reader-2.json"]
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=read, args=(city, stop, report, hold))
        for report, hold in zip(reports, (0.05, 3.0), strict=True)
    ]
    for process in processes:
        process.start()
    try:
        yield reports
    finally:
        stop.touch()
        for process in processes:
            process.join()


@dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    early: int = 0
    old: int = 0
    new: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    reads: list[dict[str, object]] = field(default_factory=list)
    seconds: float = 0.0
    largest: int = 0


def killed(town: Town, moment: float) -> str | None:
    """Refresh and kill it after a time; the step that had ended last, nothing if it was done."""
    process = town.start()
    if town.launcher.wait(moment) is not None:
        return None
    os.killpg(process, signal.SIGKILL)
    if town.launcher.wait(60.0) != -signal.SIGKILL:
        return None  # it ended between the look and the kill
    lines = [line for line in town.log.read_text().splitlines() if line.startswith("refresh: ")]
    return lines[-1].split(": ")[1] if lines else "(nothing yet)"


def trial(town: Town, folder: Path, kills: int, seed: int) -> Tally:
    """Kill refreshes until there were enough, with two readers at the city."""
    rng, tally = random.Random(seed), Tally()  # noqa: S311 moments, not secrets
    start = time.perf_counter()
    town.learn()
    with readers(town.city, folder) as reports:
        usual = town.learn()
        current = list(town.versions)[-1]
        while tally.kills < kills:
            before = town.known[current]
            current = next(name for name in town.versions if name != current)
            town.put(current)
            phase = killed(town, rng.uniform(0.0, 1.1 * usual))
            if phase is None:
                tally.early += 1
                continue
            tally.kills += 1
            tally.phases[phase] += 1
            check(town, current, before, tally)
    tally.reads = [json.loads(report.read_text()) for report in reports]
    for reader in tally.reads:
        tally.faults += reader["errors"]
        tally.faults += [f"reader saw {f}" for f in reader["seen"] if f not in town.known.values()]
    tally.seconds = time.perf_counter() - start
    return tally


def check(town: Town, version: str, before: str, tally: Tally) -> None:
    """The city after a kill, and after the next refresh."""
    known = len(tally.faults)
    found = fingerprint(town.city)
    tally.old += found == before
    tally.new += found == town.known[version]
    if found not in (before, town.known[version]):
        tally.faults.append(f"a city {found[:12]} that is neither old nor new")
    code, told = town.refresh()
    if code or fingerprint(town.city) != town.known[version]:
        tally.faults.append(f"the refresh after the kill failed with {code}: {told}")
    tally.faults += [f"left behind: {name}" for name in town.leftovers()]
    size = sum(path.stat().st_size for path in town.folder.rglob("*") if path.is_file())
    tally.largest = max(tally.largest, size)
    for fault in tally.faults[known:]:
        print(f"FAULT {fault}", file=sys.stderr, flush=True)
    if tally.kills % 10 == 0:
        print(f"{tally.kills} kills, {len(tally.faults)} faults", file=sys.stderr, flush=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A file system of a few megabytes; nothing where mounting is not allowed."""
    place = folder / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def full_disk(folder: Path, launcher: Launcher, trials: int, seed: int) -> dict[str, object] | None:
    """Refreshes that run out of room at random points; nothing where no small disk is to be had."""
    rng = random.Random(seed)  # noqa: S311 sizes, not secrets
    outcome: Counter[str] = Counter()
    faults: list[str] = []
    town = make_town(folder / "full", launcher)
    with small_disk(folder, 256) as disk:
        if disk is None:
            return None
        town.workspace = disk / "workspace"
        town.learn()
        used = shutil.disk_usage(disk).used
        needed = peak(town, disk) - used
        current = list(town.versions)[-1]
        for _ in range(trials):
            before = town.known[current]
            current = next(name for name in town.versions if name != current)
            town.put(current)
            ballast = disk / "ballast"
            room = int(rng.uniform(0.0, 2.0) * needed)
            fill(ballast, shutil.disk_usage(disk).free - room)
            code, told = town.refresh()
            outcome["refused in words" if code == 2 else f"exit {code}"] += 1
            if code not in (0, 2) or "Traceback" in town.log.read_text():
                faults.append(f"exit {code}: {told}")
            if code == 2 and not ("full" in told or "No space" in told):
                faults.append(f"other words: {told}")
            if fingerprint(town.city) != (town.known[current] if code == 0 else before):
                faults.append("the city is not the one that it should be")
            ballast.unlink()
            code, told = town.refresh()
            if code or fingerprint(town.city) != town.known[current]:
                faults.append(f"the next refresh failed with {code}: {told}")
            faults += [f"left behind: {name}" for name in town.leftovers()]
    return {"trials": trials, "outcome": dict(outcome), "faults": faults, "needed": needed}


def peak(town: Town, disk: Path) -> int:
    """Most bytes in use while a version is refreshed [byte]."""
    town.put(next(iter(town.versions)))
    town.start()
    most = 0
    while (code := town.launcher.wait(0.005)) is None:
        most = max(most, shutil.disk_usage(disk).used)
    assert code == 0, town.log.read_text()
    town.put(list(town.versions)[-1])
    assert town.refresh()[0] == 0
    return most


def fill(path: Path, size: int) -> None:
    """Take room on the disk."""
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(size, 1))


def words(tally: Tally, full: dict[str, object] | None, usual: float) -> str:
    """Results as Markdown."""
    lines = [
        "# Kills of a refresh",
        "",
        f"`python bench/kills.py --kills {tally.kills}`, {time.strftime('%Y-%m-%d', time.gmtime())}"
        f", {os.cpu_count()} cores, Python {sys.version.split()[0]}. A refresh that is not killed "
        f"takes {usual:.1f} s here, imports left out; {tally.seconds / 60:.0f} minutes in all.",
        "",
        "| what | number |",
        "|---|---:|",
        f"| refreshes killed (SIGKILL to the process group) | {tally.kills} |",
        f"| … that had ended before the kill, not counted | {tally.early} |",
        f"| after the kill the city was the whole old one | {tally.old} |",
        f"| after the kill the city was the whole new one | {tally.new} |",
        f"| faults (city does not open, is neither, next refresh fails, leftovers, reader errors) | "
        f"{len(tally.faults)} |",
        f"| most that the city's folder held, snapshots and steps included | "
        f"{tally.largest / 1e6:.1f} MB |",
    ]
    for number, reader in enumerate(tally.reads, 1):
        lines.append(
            f"| reader {number}: opened the city / queries / errors | "
            f"{reader['opened']:,} / {reader['queries']:,} / {len(reader['errors'])} |"  # type: ignore[arg-type]
        )
    lines += ["", "| last step that had ended when the kill came | kills |", "|---|---:|"]
    lines += [f"| {phase} | {count} |" for phase, count in tally.phases.most_common()]
    lines += ["", "## Full disk", ""]
    if full is None:
        lines.append("Not run: a small tmpfs cannot be mounted here.")
    else:
        lines.append(
            f"{full['trials']} refreshes on a tmpfs with room for 0 to 200 % of the "
            f"{full['needed'] / 1e6:.1f} MB that one needs at most: "  # type: ignore[operator]
            + ", ".join(f"{count} {name}" for name, count in sorted(full["outcome"].items()))  # type: ignore[attr-defined]
            + f"; {len(full['faults'])} faults. The city opened each time, and each refresh after "  # type: ignore[arg-type]
            "there was room again succeeded."
        )
    faults = tally.faults + (full["faults"] if full else [])  # type: ignore[operator]
    lines += ["", *(f"- FAULT {fault}" for fault in faults)] if faults else []
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the kills and the full disk; exit with 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--full", type=int, default=20, help="trials with a full disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, launcher = Path(name), Launcher()
        town = make_town(folder / "town", launcher)
        tally = trial(town, folder, options.kills, options.seed)
        town.put(next(v for v in town.versions if town.known[v] != fingerprint(town.city)))
        start = time.perf_counter()
        assert town.refresh()[0] == 0
        usual = time.perf_counter() - start
        full = full_disk(folder, launcher, options.full, options.seed) if options.full else None
        launcher.close()
    text = words(tally, full, usual)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    sys.exit(1 if tally.faults or (full and full["faults"]) else 0)


if __name__ == "__main__":
    main()
