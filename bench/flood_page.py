"""The page of the flood's verification: sections, rows, and how they are written."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification.water import TOLERANCE, Run

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One computation: what, with which solver, on how many cells, and what came out."""

    case: str
    solver: str
    cells: int
    steps: int
    seconds: float
    figure: str
    bound: str
    verdict: str
    balance: str


@dataclass
class Section:
    """A part of the page."""

    title: str
    text: str
    source: str
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)

    def add(
        self,
        case: str,
        solver: str,
        waters: Solver | tuple[Solver, ...],
        seconds: float,
        figure: float,
        unit: str,
        bound: float | None = None,
    ) -> None:
        """A row; without a bound it is only reported. The balance is the worst of the solvers'."""
        every = waters if isinstance(waters, tuple) else (waters,)
        water = every[-1]
        worst = max(abs(w.balance.error) for w in every)
        allowed = TOLERANCE[water.depth.dtype.name]
        kept = figure <= bound if bound is not None else None
        self.rows.append(
            Row(
                case, solver, open_cells(water), water.steps, seconds, with_unit(figure, unit),
                "reported" if bound is None else f"≤ {with_unit(bound, unit)}",
                {None: "—", True: "pass", False: "**fail**"}[kept],
                f"{worst:.0e}" + ("" if worst <= allowed else f" **> {allowed:.0e}**"),
            )
        )  # fmt: skip

    def add_run(
        self,
        case: str,
        solver: str,
        run: Callable[..., Run],
        values: tuple[Any, ...],
        unit: str,
        bound: float | None = None,
        **named: Any,
    ) -> None:
        """A row of a case of ``citytwin verify``, computed here."""
        found, seconds = timed(run, *values, **named)
        self.add(case, solver, found.waters, seconds, found.figure, unit, bound)


def with_unit(value: float, unit: str) -> str:
    """A figure for people; metres below a tenth as millimetres."""
    if unit == "m" and abs(value) < 0.1:
        return f"{value * 1000:.3g} mm"
    if unit == "1":
        return f"{value:.3g}"
    return f"{value:.3g} {unit}"


def open_cells(water: Solver) -> int:
    """Cells that can hold water."""
    return int((water._storage > 0.0).sum())  # noqa: SLF001


def timed(run: Callable[..., T], *values: Any, **named: Any) -> tuple[T, float]:
    """What a call gives, and its wall time [s]."""
    start = time.perf_counter()
    found = run(*values, **named)
    return found, time.perf_counter() - start


def section_lines(section: Section) -> list[str]:
    """Markdown of a section."""
    lines = [f"## {section.title}", "", section.text, "", f"Source: {section.source}", ""]
    if section.rows:
        lines += [
            "| case | solver | cells | steps | seconds | figure | bound | | balance off |",
            "|---|---|---:|---:|---:|---:|---:|---|---:|",
        ]
        lines += [
            f"| {r.case} | {r.solver} | {r.cells:,} | {r.steps:,} | {r.seconds:.1f} | {r.figure} | "
            f"{r.bound} | {r.verdict} | {r.balance} |"
            for r in section.rows
        ]
        lines.append("")
    for name, words in section.images:
        lines += [f"![{words}](img/{name})", "", f"*{words}*", ""]
    lines += [line for remark in section.remarks for line in (f"- {remark}",)]
    return [*lines, ""]
