"""What a flood's run answers: arrays on the cells, the balance by term, and sentences for people."""

import numpy as np

from citytwin.arrays import Floats, Floats32
from citytwin.hazards.base import Hazard, Series
from citytwin.hazards.flood.balance import WITHIN, Balance
from citytwin.hazards.flood.course import Course

#: Terms of the balance in words: how water came, and how it went.
CAME = {
    "rain": "rain",
    "inflow": "rivers",
    "sea": "the sea",
    "main": "burst mains",
    "pool": "what stood there at the start",
    "sewers": "surcharged sewers",
}
WENT = {
    "infiltrated": "went into the ground",
    "drained": "left the area",
    "sewers": "went into the sewers",
    "sea": "went back to the sea",
    "pumped": "was pumped away",
    "stored": "went into storage",
    "paving": "went into beds under permeable paving",
}


def hazard_of(
    course: Course,
    notes: tuple[str, ...],
    count: int,
    series: tuple[Series, ...] = (),
    report: dict[str, float] | None = None,
) -> Hazard:
    """The answer of a course.

    Parameters
    ----------
    course
        It has run, to its end or until it was stopped.
    notes
        What a reader must know.
    count
        Number of the city's cells.
    series, report
        More of both, from the sewers.
    """
    water = course.domain.solver
    record = course.domain.view.record(water)
    times, depth, speed = course.pictures(record)
    deepest = record["depth_max"]
    # Buildings may be raised: the water stands on the solver's ground, as at the gauges.
    ground = course.domain.view.ground(water, np.arange(count))
    level = np.where(deepest > 0.0, ground + deepest, np.nan)
    summary = {
        "depth_max": deepest,
        "level_max": level.astype(np.float32),
        "speed_max": record["speed_max"],
        "momentum_max": record["momentum_max"],
        "hazard_max": record["hazard_max"],
        "rise_max": rise(times, depth),
        "arrival": _never(record["arrival"]),
        "duration": record["duration"],
    }
    balance = water.balance
    return Hazard(
        variable="depth",
        times=times,
        intensity=depth,
        summary=summary,
        report={**report_of(balance), **_steps(course), **(report or {})},
        sentence=water_sentence(balance),
        fields={"speed": speed},
        series=(*course.series(record), *series),
        notes=notes,
        complete=course.complete,
    )


def rise(times: Floats, depth: Floats32) -> Floats32:
    """(n,) fastest rise between two of (t, n) pictures of the depth [m/s], 0 where it only falls."""
    fastest = np.zeros(depth.shape[1], np.float32)
    for before, after, span in zip(depth[:-1], depth[1:], np.diff(times), strict=True):
        fastest = np.maximum(fastest, (after - before) / np.float32(span))
    return fastest


def report_of(balance: Balance) -> dict[str, float]:
    """The balance term by term [m³], and its error as a share of the water that entered."""
    came = {f"{name}_in_m3": value for name, value in balance.entered.items()}
    went = {f"{name}_out_m3": value for name, value in balance.left.items()}
    return {
        "before_m3": balance.before,
        **came,
        **went,
        "stored_m3": balance.stored,
        "rain_m3": balance.rain,
        "infiltrated_m3": balance.infiltrated,
        "drained_m3": balance.drained,
        "balance_error": balance.error,
    }


def _steps(course: Course) -> dict[str, float]:
    water = course.domain.solver
    return {
        "flow_steps": float(water.steps),
        "mean_step_s": water.time / max(water.steps, 1),
        "rushing_share": water.rushing,
    }


def water_sentence(balance: Balance) -> str:
    """Where the water came from and where it went, in words."""
    all_of_it = balance.came
    if all_of_it <= 0.0:
        return "No rain fell and no water came in."
    ways = [
        (CAME.get(name, name), value)
        for name, value in balance.entered.items()
        if name not in WITHIN
    ]
    if balance.before > 0.0:
        ways.insert(0, ("the start", balance.before))
    origin = " and ".join(f"{value:,.0f} m³ from {name}" for name, value in ways if value > 0.0)
    if len(ways) == 1:
        origin = f"{ways[0][1]:,.0f} m³ of {ways[0][0]}" if ways[0][0] == "rain" else origin
    ends = [f"{balance.stored / all_of_it:.0%} stands on the ground"]
    ends += [
        f"{value / all_of_it:.0%} {WENT.get(name, name)}"
        for name, value in balance.left.items()
        if name not in WITHIN
    ]
    told = ", ".join(ends[:-1]) + " and " + ends[-1] if len(ends) > 1 else ends[0]
    return f"Of {origin}, {told}; {abs(balance.error):.0e} of it is unaccounted for."


def _never(arrival: Floats32) -> Floats32:
    return np.where(np.isfinite(arrival), arrival, np.float32(np.nan)).astype(np.float32)
