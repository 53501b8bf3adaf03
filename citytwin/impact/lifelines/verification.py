"""The cases of lifelines: a graph by hand, many graphs against time step by step, chances of damage."""

from collections.abc import Sequence
from math import erf, inf, log, nan, sqrt
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.impact.lifelines.graph import Needs, cascade
from citytwin.impact.lifelines.kinds import fragilities
from citytwin.impact.lifelines.own import chance, crossing
from citytwin.tables import number, read_rows, table_path

_OURS = "citytwin's own bound"
_HOUR = 3600.0


def by_hand(site: Site | None) -> float:
    """Most that a time of a small city is off the one worked out by hand [s].

    Two substations; a pump on the first; a hospital that either feeds, with a day of its own; an
    exchange on the first with eight hours; a fire station on exchange and pump; a ring of two.
    """
    del site
    first, second, pump, hospital, exchange, station, left, right = range(8)
    fails = [1800.0, 5400.0, inf, inf, inf, 9000.0, inf, inf]
    needs: list[list[list[int]]] = [[] for _ in fails]
    needs[pump], needs[hospital] = [[first]], [[first, second]]
    needs[exchange], needs[station] = [[first]], [[exchange], [pump]]
    needs[left], needs[right] = [[right]], [[left], [second, pump]]
    backup = [0.0, 0.0, 0.0, 24 * _HOUR, 8 * _HOUR, 0.0, 600.0, 60.0]
    found = [dark.time for dark in cascade(fails, needs, backup)]
    # The ring: its right end loses both substation and pump at 5,400 s, and takes the left one along.
    known = [1800.0, 5400.0, 1800.0, 5400 + 24 * _HOUR, 1800 + 8 * _HOUR, 1800.0, 6060.0, 5460.0]
    return max(abs(a - b) for a, b in zip(found, known, strict=True))


def stepped(fails: Sequence[int], needs: Sequence[Needs], backup: Sequence[int]) -> list[float]:
    """Times at which nodes go dark, by looking at every whole second in turn; for comparison."""
    since = [inf] * len(fails)
    dark = [inf] * len(fails)
    for now in range(sum(backup) + int(max((f for f in fails if f < inf), default=0)) + 2):
        changed = True
        while changed:
            changed = False
            for node, entries in enumerate(needs):
                gone = any(all(dark[other] <= now for other in entry) for entry in entries)
                if gone and since[node] == inf:
                    since[node] = now
                if dark[node] == inf and (fails[node] <= now or since[node] + backup[node] <= now):
                    dark[node], changed = now, True
    return dark


def drawn_graph(seed: int) -> tuple[list[Any], list[list[list[int]]], list[int]]:
    """A graph at random, rings and all: failures, needs, own supplies, in whole seconds."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 9))
    fails = np.where(rng.uniform(size=count) < 0.4, rng.integers(0, 20, count), inf).tolist()
    needs = [
        [
            rng.integers(0, count, rng.integers(1, 4)).tolist()
            for _ in range(int(rng.integers(0, 3)))
        ]
        for _ in range(count)
    ]
    return fails, needs, rng.integers(0, 5, count).tolist()


def off_stepped(site: Site | None) -> Measured:
    """Graphs of 300 whose times differ from those found second by second."""
    del site
    off = other_order = later = 0
    for seed in range(300):
        fails, needs, backup = drawn_graph(seed)
        found = [dark.time for dark in cascade(fails, needs, backup)]
        off += found != stepped(fails, needs, backup)
        turned = [len(fails) - 1 - node for node in range(len(fails))]
        swapped = [[[turned[n] for n in reversed(e)] for e in entries] for entries in needs]
        back = cascade(fails[::-1], swapped[::-1], backup[::-1])
        other_order += found != [dark.time for dark in back][::-1]
        # One more failure makes nothing go dark later.
        worse = cascade([0, *fails[1:]], needs, backup)
        later += any(new.time > old for new, old in zip(worse, found, strict=True))
    laws = (
        Law("graphs that differ in another order of the nodes", float(other_order), 0.0),
        Law("graphs in which a further failure helps somebody", float(later), 0.0),
    )
    return Measured(float(off), laws)


def off_lognormal(site: Site | None) -> Measured:
    """Largest difference of a class's chances from the lognormal of its row, by the error function."""
    del site
    path = table_path("lifeline_fragility.csv")
    worst = crossed = 0.0
    for row in read_rows(path, ("class", "median_slight", "verified")):
        for shaken in (0.02, 0.1, 0.3, 1.0, 3.0):
            before = lowest = 1.0
            for state in fragilities()[row["class"]]:
                median, beta = (number(row, f"{what}_{state}", path) for what in ("median", "beta"))
                plain = 0.5 * (1.0 + erf(log(shaken / median) / beta / sqrt(2.0)))
                lowest = min(lowest, plain)
                ours = chance(shaken, row["class"], state)
                worst, crossed = max(worst, abs(ours - lowest)), max(crossed, ours - before)
                before = ours
    return Measured(worst, (Law("a worse state likelier than a milder one", crossed, 0.0),))


def off_crossing(site: Site | None) -> float:
    """Most that the first crossing of a threshold is off that of a straight course [s]."""
    del site
    times = np.arange(0.0, 1000.0, 60.0)
    rise, reached = times / 1000.0, [0.0, 0.1, 0.333, 0.9]
    off = max(abs(crossing(times, rise, one, 1.0) - 1000.0 * one) for one in reached)
    never = crossing(times, rise, 2.0, 1.0) == inf
    between = crossing(times, rise, 2.0, 2.5) == times[-1]
    return off if never and between and not _early(times) else inf


def _early(times: Floats) -> int:
    """Courses that reach a threshold between two moments only, and whose time is not the right one."""
    dry, falls, top = 0.0 * times, 0.5 - times / 4000.0, np.where(times == 300.0, 0.5, 0.0)
    known = (
        # Dry whenever it was looked at: when the water came, or after the first look.
        (dry, 0.7, 130.0, 130.0), (dry, 0.7, inf, 60.0), (dry, 0.7, nan, 60.0), (dry, 0.5, inf, inf),
        # Its greatest known value is the first: later all the same.
        (falls, 0.7, 0.0, 60.0), (falls, 0.7, inf, 60.0), (falls + 0.2, 0.7, 0.0, 0.0),
        # Not before the water came.
        (top, 0.7, 280.0, 300.0), (top, 0.7, 310.0, 310.0),
    )  # fmt: skip
    return sum(
        crossing(times, course, 0.6, greatest, came) != right
        for course, greatest, came, right in known
    )


CASES = (
    Verification("lifelines: eight by hand, off", by_hand, 1e-9, "s", _OURS),
    Verification("lifelines: graphs at random, off second by second", off_stepped, 0.0, "1", _OURS),
    Verification(
        "lifelines: chances of damage, off the lognormals of their table", off_lognormal, 1e-12, "1",
        "Hazus, data/tables/lifeline_fragility.csv",
    ),
    Verification("lifelines: when water reaches a threshold, off", off_crossing, 1e-9, "s", _OURS),
)  # fmt: skip
