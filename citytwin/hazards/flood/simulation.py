"""The run of a flood event on a city: which solver, what acts on the water, what comes out."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.errors import ScenarioError, StepError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard, Layers, Series
from citytwin.hazards.flood.answer import hazard_of
from citytwin.hazards.flood.course import Course, Posts, Rushing
from citytwin.hazards.flood.domain import Domain, make_domain
from citytwin.hazards.flood.forcing import Works, forcings
from citytwin.hazards.flood.rain.base import Rain
from citytwin.hazards.flood.sewers.forcing import SewerForcing, open_sewers
from citytwin.hazards.flood.sewers.report import report_of as sewers_report
from citytwin.hazards.flood.sewers.report import sewers_sentence
from citytwin.hazards.flood.sewers.series import series_of
from citytwin.hazards.flood.terrain import FRAME
from citytwin.hazards.watch import Watch

if TYPE_CHECKING:
    from citytwin.hazards.flood.model import Flood

#: Gives the works of the measures on the cells of a solver, from their ground [m].
Builder = Callable[[Grid, Floats], Works]
_HOUR = 3600.0
#: Share of the water that may appear or vanish before a run is refused, by precision.
BALANCE_TOLERANCE = {"float32": 1e-5, "float64": 1e-11}
#: Share of the flow that may be faster than its waves before ``auto`` takes the full solver. Judged.
MOST_RUSHING = 0.2


def simulate(event: "Flood", grid: Grid, layers: Layers, watch: Watch, given: Given) -> Hazard:
    """Let a flood event happen; see ``HazardModel.simulate``.

    Parameters
    ----------
    event, grid, layers, watch
        As there.
    given
        Its works give those of the measures on the cells of a solver, from their ground; what runs on
        a lifeline stops when that is out of service.
    """
    rain = event.rain(grid)
    kept = watch.kept
    name, why = _first_choice(event) if kept is None else (kept["solver"], kept["why"])
    while True:
        with ExitStack() as stack:
            scene = _scene(event, name, grid, layers, watch, rain, given, stack)
            course = scene.course
            if kept is not None:
                course.restore(kept["course"])
            try:
                course.follow()
            except Rushing:
                share = course.domain.solver.rushing
                name, kept = "full", None
                why = f"auto: {share:.0%} of the flow ran fast and far, where its momentum counts"
                continue
            except StepError as error:
                raise _placed(error, course.domain.grid) from error
            if not course.complete:
                watch.state = {"solver": name, "why": why, "course": course.save()}
            course.domain.solver.check(BALANCE_TOLERANCE[event.precision])
            if event.solver == "auto" and name == "inertial":
                why = f"{why} ({course.domain.solver.rushing:.0%} of it runs fast and far)"
            notes = (*_solver_notes(name, why, course.domain, grid), *_notes(event, rain))
            notes += scene.notes()
            return hazard_of(course, notes, len(grid), scene.series(), scene.report())


@dataclass(frozen=True, eq=False)
class _Scene:
    """A course with the sewers that take part in it."""

    course: Course
    sewers: SewerForcing | None

    def notes(self) -> tuple[str, ...]:
        if self.sewers is None:
            return ()
        return (sewers_sentence(self.sewers), *self.sewers.notes)

    def series(self) -> tuple[Series, ...]:
        if self.sewers is None:
            return ()
        network = self.sewers.record.network
        return series_of(network, (*network.nodes, *network.pipes))

    def report(self) -> dict[str, float]:
        return {} if self.sewers is None else sewers_report(self.sewers)


def _first_choice(event: "Flood") -> tuple[str, str]:
    """Solver to begin with, and why."""
    if event.coarser:
        return "subgrid", "the one that works with tables of the fine ground"
    if event.solver != "auto":
        return event.solver, "as the scenario says"
    if event.breaches or event.pools:
        return "full", "auto: where a wall breaks, the water's momentum counts"
    return "inertial", "auto: momentum counts for little in this flow"


def _scene(
    event: "Flood",
    name: str,
    grid: Grid,
    layers: Layers,
    watch: Watch,
    rain: Rain,
    given: Given,
    stack: ExitStack,
) -> _Scene:
    """The water of an event with all that acts on it; the sewers are closed with the stack."""
    domain = make_domain(event, name, grid, layers)
    works = _works(given.works, domain, grid, layers)
    works.darken(given.outages)
    works.build(domain.solver)
    acting = [*forcings(event.parts, domain.grid, works), *works.forcings]
    sewers = None
    if event.sewers is not None:
        sea = event.shores[0].level if event.shores else None
        sewers = open_sewers(event.sewers, domain.grid, domain.solver, sea)
        stack.enter_context(sewers)
        acting.append(sewers)
    judged = event.solver == "auto" and name == "inertial"
    course = Course(
        domain=domain,
        times=picture_times(event.simulated_h * _HOUR, event.output_min * 60.0),
        rain=_rain_on(rain, domain),
        forcings=acting,
        posts=_posts(event, grid, domain.grid),
        watch=watch,
        rushing=MOST_RUSHING if judged else 1.0,
    )
    return _Scene(course, sewers)


def _works(build: Builder | None, domain: Domain, city: Grid, layers: Layers) -> Works:
    """What measures have built on the solver's cells."""
    if build is None:
        return Works()
    if domain.tables is None:
        return build(domain.grid, domain.ground)
    works = build(city, np.asarray(layers["ground_elevation"], np.float64))
    if works.barriers or works.forcings:
        raise ScenarioError(
            "coarser cells hide the edges and places on which measures stand (walls, gates, pumps and "
            "the like): set 'coarser' to 0, or leave those measures out"
        )
    return works


def _solver_notes(name: str, why: str, domain: Domain, city: Grid) -> tuple[str, ...]:
    """Which solver, why, and on which cells."""
    if domain.tables is None:
        return (f"Solver {name}, {why}.",)
    coarse, fine = domain.grid.resolution, city.resolution
    cells = f"Computed on cells of resolution {coarse} with tables of the ground at {fine}."
    return (f"Solver inertial, {why}.", cells)


def _posts(event: "Flood", city: Grid, grid: Grid) -> Posts:
    """Gauges on the city's cells, lines on the solver's."""
    lines = {line.name: line.crossing(grid) for line in event.lines}
    return Posts(
        gauges={gauge.name: gauge.cell(city) for gauge in event.gauges},
        lines={name: (crossing.edges, crossing.side) for name, crossing in lines.items()},
    )


def picture_times(end: float, interval: float) -> Floats:
    """(t,) times of the stored pictures [s], the start and the end among them."""
    times = np.arange(0.0, end - 1e-6 * interval, interval)
    return np.append(times, end).astype(np.float64)


def _rain_on(rain: Rain, domain: Domain) -> Any:
    """Rain as a solver asks for it: a number, or an array in its window."""
    if not rain.varies:
        return rain.between

    def between(start: float, end: float) -> AnyFloats:
        return domain.rain_window(np.asarray(rain.between(start, end)))

    return between


def _notes(event: "Flood", rain: Rain) -> tuple[str, ...]:
    """What a reader must know of rain, sewers and buildings."""
    notes = [f"Rain: {rain.words}"]
    if event.sewer_mm_h > 0.0:
        notes.append(f"Sewers are assumed to take {event.sewer_mm_h:g} mm/h; no network was given.")
    if event.buildings != "porous":
        notes.append(f"Buildings are {event.buildings}.")
    return tuple(notes)


def _placed(error: StepError, grid: Grid) -> StepError:
    """The same error with the place where it happened."""
    row, col = error.row - FRAME, error.col - FRAME
    inside = 0 <= row < grid.shape[0] and 0 <= col < grid.shape[1]
    index = int(grid.window_index[row, col]) if inside else -1
    if index < 0:
        return error
    lon, lat = grid.unproject(grid.x[[index]], grid.y[[index]])
    return StepError(f"{error} (longitude {lon[0]:.5f}, latitude {lat[0]:.5f})", row, col)
