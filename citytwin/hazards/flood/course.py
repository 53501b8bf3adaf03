"""The course of a flood: from picture to picture, with series at single places; it can be stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.hazards.base import Series
from citytwin.hazards.flood.domain import Domain
from citytwin.hazards.flood.solver import Edges, Forcing, Rain, Solver
from citytwin.hazards.watch import Watch

#: Shortest time between two values of a series [s].
SERIES_STEP = 10.0


class Stopped(Exception):  # noqa: N818  (no error)
    """Somebody asked the run to stop; the water stands between two steps."""


class Rushing(Exception):  # noqa: N818  (no error)
    """Too much of the flow is faster than its waves for this solver."""


@dataclass(frozen=True, eq=False)
class Posts:
    """Places at which series are kept.

    Attributes
    ----------
    gauges
        Names of gauges and their cells in the city.
    lines
        Names of lines, the edges that cross them, and +1 or −1 for each: which way counts.
    """

    gauges: dict[str, int] = field(default_factory=dict)
    lines: dict[str, tuple[Edges, Floats]] = field(default_factory=dict)


class Course:
    """One run of one solver through its pictures.

    Parameters
    ----------
    domain
        The water and how the city sees it.
    times
        (t,) times of the pictures [s], the first 0.
    rain
        Rain between two times [m].
    forcings
        What acts at single cells and edges.
    posts
        Where series are kept.
    watch
        Who is told, and who may stop the run.
    rushing
        Share of the flow that may be faster than its waves; beyond it the course ends in ``Rushing``.
    """

    def __init__(
        self,
        domain: Domain,
        times: Floats,
        rain: Rain | None,
        forcings: Sequence[Forcing],
        posts: Posts,
        watch: Watch,
        rushing: float = 1.0,
    ) -> None:
        self.domain = domain
        self._times = times
        self._rain = rain
        self._forcings = forcings
        self._posts = posts
        self._watch = watch
        self._most_rushing = rushing
        self._cells: Ints = np.array(list(posts.gauges.values()), np.int64)
        self.taken = 0
        self._moments: list[Floats32] = []
        self._clock: list[float] = []
        self._at_posts: list[Floats32] = []
        self._crossed: list[list[float]] = []
        self.complete = False

    def follow(self) -> None:
        """Run to the last picture, or until somebody stops it.

        Raises
        ------
        Rushing
            If more of the flow is faster than its waves than this course bears.
        """
        if not self.taken:
            self.domain.solver.prime(self._forcings)
        try:
            for time in self._times[self.taken :]:
                self.domain.solver.run(float(time), self._rain, self._each_span, self._forcings)
                self._moments.append(self.domain.view.moment(self.domain.solver))
                self.taken += 1
                if self.domain.solver.rushing > self._most_rushing:
                    raise Rushing
        except Stopped:
            return
        self.complete = True

    def _each_span(self, water: Solver) -> None:
        if not self._clock or water.time >= self._clock[-1] + SERIES_STEP:
            self._note_posts(water)
        end = float(self._times[-1])
        self._watch(water.time / end, f"{water.time / 60.0:.0f} of {end / 60.0:.0f} min simulated")
        if water.time < end and self._watch.stopped():
            raise Stopped

    def _note_posts(self, water: Solver) -> None:
        self._clock.append(water.time)
        self._at_posts.append(self.domain.view.moment(water, self._cells))
        self._crossed.append(
            [
                float(np.sum(water.discharge(edges) * sign))
                for edges, sign in self._posts.lines.values()
            ]
        )

    def pictures(self, record: dict[str, Floats32]) -> tuple[Floats, Floats32, Floats32]:
        """(t,) times [s], (t, n) depth [m] and speed [m/s]; of a stopped run its last moment, too.

        Parameters
        ----------
        record
            The view's record at the end.
        """
        water, view = self.domain.solver, self.domain.view
        times, moments = self._times[: self.taken], list(self._moments)
        if not self.complete and (not self.taken or water.time > times[-1]):
            times = np.append(times, water.time)
            moments.append(view.moment(water))
        return np.asarray(times), *view.seen(water, record, np.stack(moments))

    def series(self, record: dict[str, Floats32]) -> tuple[Series, ...]:
        """Depth, level and speed at the gauges, flow across the lines."""
        if not self._clock:
            return ()
        water, view = self.domain.solver, self.domain.view
        times, crossed = np.array(self._clock), np.array(self._crossed, np.float64)
        depth, speed = view.seen(water, record, np.stack(self._at_posts), self._cells)
        level = view.ground(water, self._cells) + depth
        return (
            *(
                Series("gauge", name, variable, unit, times, values[:, k].astype(np.float64))
                for k, name in enumerate(self._posts.gauges)
                for variable, unit, values in (
                    ("depth", "m", depth), ("level", "m", level), ("speed", "m/s", speed)
                )
            ),
            *(
                Series("line", name, "discharge", "m3/s", times, crossed[:, k])
                for k, name in enumerate(self._posts.lines)
            ),
        )  # fmt: skip

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        return {
            "water": self.domain.solver.save(),
            "forcings": [forcing.state() for forcing in self._forcings],
            "taken": self.taken,
            "moments": list(self._moments),
            "clock": list(self._clock),
            "posts": list(self._at_posts),
            "crossed": list(self._crossed),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self.domain.solver.restore(kept["water"])
        for forcing, state in zip(self._forcings, kept["forcings"], strict=True):
            forcing.restore(state)
        self.taken = kept["taken"]
        self._moments, self._clock = list(kept["moments"]), list(kept["clock"])
        self._at_posts, self._crossed = list(kept["posts"]), list(kept["crossed"])
