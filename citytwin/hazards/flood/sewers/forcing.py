"""The drains as a forcing of the flood: water goes down the inlets and comes up again."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.flood.sewers.cells import Cells
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.flood.sewers.history import History, steps_of
from citytwin.hazards.flood.sewers.inp import SwmmFile, read_swmm
from citytwin.hazards.flood.sewers.law import inlet_flow, settling
from citytwin.hazards.flood.sewers.openings import find_openings
from citytwin.hazards.flood.sewers.placing import Spots, place_nodes
from citytwin.hazards.flood.sewers.rewriting import routing_step, swmm_text
from citytwin.hazards.flood.sewers.series import Record
from citytwin.hazards.flood.sewers.spilling import Spills
from citytwin.hazards.flood.sewers.swmm import LEAST_FLOW, Swmm
from citytwin.hazards.flood.solver import Solver

#: Name of this water in the balance.
TERM = "sewers"
#: Level of the sea at a time [m].
Sea = Callable[[float], float]
#: Two times closer than this are the same [s].
_MOMENT = 1e-6
#: The flow of the pipes counts for nodes whose water stands less than this below the street [m], and
#: for those that the flow from the street fills in two steps.
_NEAR = 0.5


class SewerForcing:
    """A network under the street.

    SWMM follows the flood in even steps of its own. During one of them the exchange is found before
    every flow step, from the street's level now and the node's level at the step's start, taken from
    the street or poured onto it, and kept; when the flood has passed the step's end, SWMM takes the
    step with what was kept as its inflow. So every drop is on the street, in SWMM, or kept.

    Water carries no momentum through the inlets.

    Parameters
    ----------
    event, file, spots
        What the event says, the network, and where its nodes lie.
    water
        The solver that it will act on.
    sea
        Level of the sea, for outfalls that follow it.

    Attributes
    ----------
    notes
        What a reader must know.
    step
        Time step of the network [s].
    taken, returned
        What the nodes took from the street, and gave back to it [m³].
    given, drained
        What SWMM has got of it, net, and what left by the outfalls, net [m³].
    spills
        What overflows elsewhere.
    record
        Series of the network.
    """

    def __init__(
        self, event: Sewers, file: SwmmFile, spots: Spots, water: Solver, sea: Sea | None = None
    ) -> None:
        if event.outfalls == "sea" and sea is None:
            raise ScenarioError(
                "outfalls = 'sea' needs a level of the sea: give the flood a shore, or set 'file'"
            )
        self._event, self._file, self._spots = event, file, spots
        self._sea = sea if event.outfalls == "sea" else None
        openings = find_openings(event, file, spots, water)
        self.step = routing_step(file, event.sewer_step_s)
        how = (
            f"The drains of {file.path.name} run in steps of {self.step:g} s, from the file's start "
            "date on, with a slot over full pipes; their manholes are open shafts."
        )
        self.notes = (*openings.notes, how)
        self._text = swmm_text(file, openings.shafts, event.shaft_area_m2, self.step)
        self.names = tuple(shaft.node.name for shaft in openings.shafts)
        self._inlets, self._level = openings.inlets, openings.level
        self._floor = np.array([-shaft.depth for shaft in openings.shafts])
        self._width = water.shape[1]
        self._cells = Cells(openings.place, self._width)
        self._room = water.room_at(openings.place)
        self._begin()

    def _begin(self) -> None:
        """Start the network anew, with its water as the file has it."""
        self.swmm = Swmm(self._file, self._text, self.step)
        self._nodes = [self.swmm.place[name] for name in self.names]
        self._kept, self._flow = np.zeros(self._level.size), np.zeros(self._level.size)
        self.taken, self.returned, self.given, self.drained = 0.0, 0.0, 0.0, 0.0
        self._outflow = 0.0
        self._origin: float | None = None
        self._history = History(self._level.size)
        self.spills = Spills(self.swmm, self._spots, self._width, self.step)
        self.record = Record(self.swmm, self.names, self._event.series_s)
        for node in self._nodes:
            self.swmm.give(node, 0.0)
        self._look()

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Exchange water with the street from ``start`` to ``end`` [s]; SWMM follows behind."""
        if self._origin is None:
            self._origin = start
        self.spills.pour(water, TERM)
        now = start
        while now < end - _MOMENT:
            due = self._origin + (self.swmm.steps + 1) * self.step
            until = min(end, due)
            self._exchange(water, until - now, self.step - (due - now))
            if until >= due - _MOMENT:
                self._go_on(due)
            now = until

    def _exchange(self, water: Solver, span: float, since: float) -> None:
        """Move water for some seconds, so many seconds after SWMM's last step."""
        shaft = self._event.shaft_area_m2
        over = np.maximum(self._cells.level(water) - self._level, 0.0)
        # Half of the last flows is still to come: SWMM takes the mean of a flow's two ends.
        coming = self._kept + 0.5 * self.step * (self._flow + self._net) + self._net * since
        head = self._head + coming / shaft
        if not (over.any() or (head > 0.0).any()):
            return
        flow = inlet_flow(over, head, self._inlets)
        room = settling(over, head, self._room, shaft, span / self.step)
        # Beside that, a shaft may lose what the pipes bring and take what they carry off.
        most_out = room + np.maximum(self._net, 0.0) * span
        most_in = room + np.maximum(-self._net, 0.0) * span
        volume = np.clip(flow * span, -most_out, most_in)
        went = self._cells.trade(water, volume, TERM)
        self._kept += went
        self.taken += float(went[went > 0.0].sum())
        self.returned -= float(went[went < 0.0].sum())

    def _go_on(self, time: float) -> None:
        """Let SWMM take a step with what was kept."""
        # In 32 bits, for a short history; what that leaves over stays kept.
        flow = (self._kept / self.step).astype(np.float32).astype(np.float64)
        flow[np.abs(flow) < LEAST_FLOW] = 0.0
        self._kept -= flow * self.step
        level = np.nan if self._sea is None else self._sea(time) - self._event.datum_m
        self._advance(flow, level)

    def _advance(self, flow: Floats, level: float) -> None:
        before, outflow = float(self._flow.sum()), self._outflow
        for k in np.flatnonzero(flow != self._flow):
            self.swmm.give(self._nodes[k], float(flow[k]))
        if not np.isnan(level):
            for outfall in self.swmm.outfalls:
                self.swmm.hold(outfall, level)
        self.swmm.step()
        self._flow = flow
        # SWMM counts the mean of a flow at the two ends of a step.
        self._outflow = self.swmm.outfall_flow()
        self.given += 0.5 * self.step * (before + float(self._flow.sum()))
        self.drained += 0.5 * self.step * (outflow + self._outflow)
        self._history.add(flow, level)
        self.spills.collect()
        self.record.note(self.swmm.steps * self.step, self._flow)
        self._look()

    def _look(self) -> None:
        """Level of the nodes over their openings [m], and what the pipes bring there [m³/s]."""
        self._head = self.swmm.depths(self._nodes) + self._floor
        self._net = np.zeros(self._level.size)
        filling = 2.0 * self.step * self._flow > -self._head * self._event.shaft_area_m2
        near = np.flatnonzero((self._head > -_NEAR) | filling)
        if near.size:
            inflow = self.swmm.net_inflow([self._nodes[k] for k in near])
            self._net[near] = inflow - self._flow[near]

    @property
    def held(self) -> float:
        """Water between the street and SWMM [m³]: kept for the next step, and half of the last flow."""
        return float(self._kept.sum()) + 0.5 * self.step * float(self._flow.sum())

    def state(self) -> dict[str, Any]:
        """All that was given to SWMM, step by step, and what is on its way.

        SWMM's own hot start files hold 32-bit numbers and no flow of the step before: a run that
        goes on from one differs. So a restart repeats SWMM's steps, which gives the same bits.
        """
        return {
            "history": self._history.state(),
            "kept": self._kept.copy(),
            "spills": self.spills.state(),
            "taken": self.taken,
            "returned": self.returned,
            "origin": self._origin,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave, after repeating SWMM's steps."""
        self.close()
        self._begin()
        for flow, level in steps_of(state["history"]):
            self._advance(flow, level)
        self._kept = np.array(state["kept"])
        self.spills.restore(state["spills"])
        self.taken, self.returned = state["taken"], state["returned"]
        self._origin = state["origin"]

    def close(self) -> None:
        """Let SWMM go; another network may then run."""
        self.swmm.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_sewers(event: Sewers, grid: Grid, water: Solver, sea: Sea | None = None) -> SewerForcing:
    """Read an event's network and couple it with a solver.

    Parameters
    ----------
    event
        What the event says of its drains.
    grid
        Cells of the solver, in a window with a frame around them.
    water
        The solver.
    sea
        Level of the sea at a time [m], for outfalls that follow it.
    """
    file = read_swmm(Path(event.swmm_file))
    return SewerForcing(event, file, place_nodes(file, event, grid, water), water, sea)
