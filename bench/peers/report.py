"""The report of bench/flood_peers.py as Markdown."""

from typing import Any

#: Cell-steps a second of LISFLOOD-FP 8.1 on two threads, measured elsewhere, where the triad gave
#: 40 GB/s; how many times that our solvers aim at.
LISFLOOD = {"inertial": ("ACC", 86e6, 3.0), "full, order 1": ("FV1", 38e6, 2.0)}
LISFLOOD_TRIAD = 40e9

Runs = dict[str, dict[str, Any]]


def report(whole: dict[str, Any]) -> str:
    """The whole page."""
    lines = [
        "# The flood solvers beside their peers",
        "",
        f"One run on {whole['machine']}, {whole['cores']} cores, {whole['threads']} threads each; "
        f"STREAM triad {whole['triad_bytes_per_s'] / 1e9:.1f} GB/s (median of one before each run, "
        f"{min(whole['triads']) / 1e9:.1f} to {max(whole['triads']) / 1e9:.1f}); load of the machine "
        f"{whole['load'][0]:.1f} before and {whole['load'][1]:.1f} after (a quiet machine ends near "
        f"{whole['threads']}); OMP_WAIT_POLICY={whole['wait']}. Made by `python bench/flood_peers.py`.",
    ]
    if max(whole["load"]) > whole["threads"] + 0.8:
        lines += [
            "",
            "**The machine was busy with other work: do not quote these seconds, rates and ratios.** "
            "Errors, steps and balances hold; processor seconds are less disturbed.",
        ]
    for case in whole["cases"]:
        lines += ["", f"## {case['name']}. {case['title']}", "", *_case(case)]
    lines += ["", "## Against LISFLOOD-FP's published rates", "", *_normalised(whole)]
    lines += ["", "## What ran", "", *_about(whole["cases"])]
    lines += ["", "## To bear in mind", "", *(f"- {remark}" for remark in REMARKS)]
    return "\n".join(lines) + "\n"


def _case(case: dict[str, Any]) -> list[str]:
    runs: Runs = case["runs"]
    ran = {label: run for label, run in runs.items() if "skipped" not in run}
    judges = list(dict.fromkeys(name for run in ran.values() for name in run["off"]))
    head = ["program", "cells", "steps", "mean step, s", "seconds", "processor s", "M cell-steps/s"]
    head += [f"off {name}" for name in judges] + ["water made or lost"]
    rows = [[label, *_figures(run, judges)] for label, run in ran.items()]
    lines = [f"{case['until_s']:,.0f} s simulated. {ABOUT[case['name']]}", "", *_table(head, rows)]
    lines += [
        f"\nSkipped: {label}: {run['skipped']}." for label, run in runs.items() if label not in ran
    ]
    ratios = _ratios(ran)
    if ratios:
        lines += ["", "Ours against theirs in this run (above 1 is in our favour):", "", *ratios]
    return lines


def _figures(run: dict[str, Any], judges: list[str]) -> list[str]:
    return [
        f"{run['cells']:,}", f"{run['steps']:,}", f"{run['step_s']['mean']:.2f}",
        f"{run['seconds']:.2f}", f"{run['processor_seconds']:.1f}",
        f"{run['cell_steps_per_s'] / 1e6:.1f}",
        *(_off(run["off"].get(name)) for name in judges), f"{run['balance_error']:+.0e}",
    ]  # fmt: skip


def _off(off: dict[str, Any] | None) -> str:
    if off is None:
        return ""
    if "blocks_m" in off:
        return f"{1e3 * off['blocks_m']:.1f} mm ({off['share']:.1%})"
    low, high = 1e3 * min(off["gauges_m"]), 1e3 * max(off["gauges_m"])
    late = off.get("arrival_s")
    return f"{low:.1f} to {high:.1f} mm" + (f", {late:.0f} s" if late is not None else "")


def _ratios(ran: Runs) -> list[str]:
    ours = {
        label: run for label, run in ran.items() if run["program"] == "citytwin" and not run["fine"]
    }
    theirs = {
        label: run for label, run in ran.items() if run["program"] != "citytwin" and not run["fine"]
    }
    if not ours or not theirs:
        return []
    rows = []
    for label, run in theirs.items():
        row = [label]
        for own in ours.values():
            faster = run["seconds"] / own["seconds"]
            rate = own["cell_steps_per_s"] / run["cell_steps_per_s"]
            row.append(f"{faster:.1f} / {rate:.1f}")
        rows.append(row)
    return _table(["times faster to the same time / times the cell-steps a second", *ours], rows)


def _normalised(whole: dict[str, Any]) -> list[str]:
    scale = LISFLOOD_TRIAD / whole["triad_bytes_per_s"]
    head = [
        "case",
        "ours",
        "M cell-steps/s here",
        "at a triad of 40 GB/s",
        "LISFLOOD-FP",
        "times it",
        "aim",
    ]
    rows = []
    for case in whole["cases"]:
        for kind, (name, rate, aim) in LISFLOOD.items():
            run = case["runs"].get(f"citytwin {kind}", {"skipped": ""})
            if "skipped" in run:
                continue
            here = run["cell_steps_per_s"]
            rows.append([
                case["name"], kind, f"{here / 1e6:.0f}", f"{here * scale / 1e6:.0f}",
                f"{name}, {rate / 1e6:.0f}", f"{here * scale / rate:.1f}", f"{aim:.0f}",
            ])  # fmt: skip
    return [
        "**LISFLOOD-FP did not run here.** It is in no package registry; its rates (all cells times "
        "steps, wet or dry, two threads) were measured on another machine, whose triad gave about "
        "40 GB/s. Ours are scaled by the triad of this run, as if both were bound by memory: at these "
        "sizes, which fit in a cache, and with steps that cost more than they move, neither quite is.",
        "",
        *_table(head, rows),
    ]


def _about(cases: list[dict[str, Any]]) -> list[str]:
    head = ["case", "program", "package", "licence", "method", "threads", "precision"]
    head += ["least and most step, s", "wet at the end", "settings", "its own balance"]
    rows = []
    for case in cases:
        for label, run in case["runs"].items():
            if "skipped" in run:
                continue
            own = run.get("own_balance", {})
            rows.append([
                case["name"], label, f"{run['package']} {run['version']}", run["licence"],
                run["scheme"], str(run["threads"]), run["precision"],
                f"{run['step_s']['least']:.2f} to {run['step_s']['most']:.2f}",
                f"{run['wet_share']:.0%}", _words(run["settings"]), _words(own) or "none given",
            ])  # fmt: skip
    return _table(head, rows)


def _words(settings: dict[str, Any]) -> str:
    said = []
    for name, value in settings.items():
        said.append(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}")
    return ", ".join(said)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


ABOUT = {
    "A": "1000 × 2000 m, flat, n = 0.05, dry, closed; 20 m³/s at most over 20 m of the west wall. "
    "Cells of 25 m² (squares of 5 m, hexagons of the same area, four triangles to a square of 10 m). "
    "Off: root mean square error of depth at six points, least and most of them, and the greatest "
    "difference of arrival (0.01 m).",
    "B": "1500 × 1500 m of bare ground, n = 0.03, dry, closed all round; 100 mm/h of rain on every "
    "cell. Cells of 25 m². Off: root mean square error of the depth averaged over squares of 20 m "
    "at the end, and its share of the root mean square depth.",
}

REMARKS = (
    "Seconds are those of the time loop, forcing and reading of gauges included; importing, building "
    "meshes and compiling are not in them. Cell-steps count every cell in every step, wet or dry: a "
    "program that leaves out dry cells (citytwin, anuga with its active set) gains in case A by that.",
    "A rate is not a speed: steps differ in length and order (anuga DE1 counts two stages as one "
    "step). Seconds to the same time, beside the error, are what a user waits for.",
    "Each peer runs as its authors advise: landlab with the step it finds itself and, on steep ground, "
    "`steep_slopes` (without it its depths in case B swing by metres below zero); itzi with its own "
    "parameters, which on the steep ground of case B break down, and then with its own longest step "
    "`dtmax` at 1 s, the longest of those tried that holds; anuga with its C kernels and, in case A, "
    "its active set. landlab and itzi step by √(g h), ours by |u| + √(g h).",
    "anuga and citytwin's full solver keep the advection of momentum, the others do not: how far they "
    "are from a finest run of the full equations holds this difference of model as well as the error "
    "of the cells. `steep_slopes` holds landlab at a Froude number of 1 and below, so that on steep "
    "ground its water runs slower and deeper. The fine run of landlab shows it against "
    "itself, without the difference of model, and anuga's run stands for full equations by other "
    "hands. itzi has none: on squares of 2.5 m it broke down in every way tried (steps of at most "
    "0.5, 0.25 and 0.15 s; θ 0.7; a Courant number of 0.35).",
    "The finest run of citytwin is ours: where a peer agrees less with it than ours does, part of that "
    "is kinship. The published LISFLOOD-FP run is nobody's kin here. Its depths are those of the 5 m "
    "cell that holds a point; the points lie on corners, so that it is compared at the middle of the "
    "cell north-east of each (at the corner itself every program, the finest run too, is off by the "
    "time in which the front runs 2.5 m).",
    "Water enters case A as a source in the cells at the wall, without momentum, in every program. "
    "All pause at the same stops (about each minute, and the published times): landlab and itzi hold "
    "the mean inflow between two, citytwin and anuga follow it in each step.",
    "Walls are closed all round because that is what all can do alike. landlab starts from its own "
    "film of 0.01 mm, taken out of the balance. Water made or lost: stored less entered, over "
    "entered, from the depths that each program gives.",
    "The ground of case B is bilinear between points 4 m apart, which each program reads at the "
    "middles of its cells; no buildings, no losses. The hexagons tile the plain exactly, stretched by "
    "under 1 %; their west and east walls zigzag by a quarter of a cell.",
    "Float32 for citytwin and itzi, float64 for landlab and anuga: each as it comes.",
)
