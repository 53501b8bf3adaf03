"""What the cases share about water: the solvers, water that enters, laws that always hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Place, Solver

Make = Callable[..., Solver]

#: Every way to let water flow, by the name that cases and pages use.
SOLVERS: dict[str, Make] = {
    "inertial": InertialSolver,
    "full, first order": partial(FullSolver, order=1),
    "full, second order": partial(FullSolver, order=2),
}
INERTIAL, FULL1, FULL2 = SOLVERS
FULL = (FULL1, FULL2)

#: Water that may appear or vanish, as a share of what was there and entered, by precision.
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


def laws(*waters: Solver) -> tuple[Law, ...]:
    """Conservation of mass and no negative depth, for the worst of some solvers that have run."""
    return (
        Law(
            "water that appeared or vanished, over what is allowed",
            max(abs(w.balance.error) / TOLERANCE[w.depth.dtype.name] for w in waters),
            1.0,
        ),
        Law("depth below zero [m]", max(-min(float(w.depth.min()), 0.0) for w in waters), 0.0),
    )


@dataclass(frozen=True, eq=False)
class Run(Measured):
    """A figure with the solvers that computed it."""

    waters: tuple[Solver, ...] = ()


def measured(figure: float, *waters: Solver, beside: tuple[Law, ...] = ()) -> Run:
    """A figure beside the laws that must hold in the same runs, and further ones."""
    return Run(float(figure), (*laws(*waters), *beside), waters)


class Inflow:
    """Water that enters some cells by a hydrograph, to the last litre.

    Parameters
    ----------
    place
        Cells that share the water evenly.
    times, flow
        (t,) corners of the hydrograph: time [s] and discharge [m³/s], straight in between.
    """

    def __init__(
        self, place: Place, times: Sequence[float] | AnyFloats, flow: Sequence[float] | AnyFloats
    ) -> None:
        self._place = place
        self._times, self._flow = np.asarray(times, np.float64), np.asarray(flow, np.float64)
        parts = np.diff(self._times) * (self._flow[1:] + self._flow[:-1]) / 2.0
        self._volume = np.concatenate([[0.0], np.cumsum(parts)])
        self._given = 0.0

    def until(self, time: float) -> float:
        """Volume that has entered by a time [m³]."""
        k = int(np.clip(np.searchsorted(self._times, time) - 1, 0, self._times.size - 2))
        past = min(time, float(self._times[-1])) - float(self._times[k])
        flow = np.interp(time, self._times, self._flow)
        return float(self._volume[k] + past * (self._flow[k] + flow) / 2.0)

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Add what enters in a step, with what rounding of the depths has left over."""
        del start
        wanted = self.until(end) - self._given
        if wanted > 0.0:
            share = np.full(self._place[0].size, wanted / self._place[0].size)
            self._given += float(water.add(self._place, share, "inflow").sum())

    def state(self) -> dict[str, Any]:
        """What has entered."""
        return {"given": self._given}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._given = float(state["given"])


class Stage:
    """A steady level that the water of some cells is held to.

    Parameters
    ----------
    place
        The cells.
    level
        (k,) their levels [m].
    """

    def __init__(self, place: Place, level: Floats) -> None:
        self._place, self._level = place, level

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Set the level."""
        del start, end
        water.hold_level(self._place, self._level, "level")

    def state(self) -> dict[str, Any]:
        """Nothing to remember."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing to go on from."""
        del state


def run_recording(
    water: Solver, times: AnyFloats, look: Callable[[Solver], Any], **options: Any
) -> list[Any]:
    """What ``look`` sees at some times [s] of a run."""
    seen = []
    for time in times:
        if time > water.time:
            water.run(float(time), **options)
        seen.append(look(water))
    return seen
