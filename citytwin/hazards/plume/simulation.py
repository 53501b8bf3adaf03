"""The run of a plume: releases, steps in time, what people breathe, where the mass is."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from citytwin.arrays import Floats, Floats32
from citytwin.errors import BalanceError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, Layers
from citytwin.hazards.plume.answer import Masses, hazard_of
from citytwin.hazards.plume.carrying import carrying_wind
from citytwin.hazards.plume.chain import Moment, Release, at_moment
from citytwin.hazards.plume.exposure import IN, Breathing
from citytwin.hazards.plume.field import Elements, Field, alike, field_of, join
from citytwin.hazards.plume.instants import instants
from citytwin.hazards.plume.outlets import middle_of, noticed_by, releases_of
from citytwin.hazards.plume.setting import setting_of
from citytwin.hazards.plume.substances import Substance
from citytwin.hazards.watch import Watch

if TYPE_CHECKING:
    from citytwin.hazards.plume.model import Plume

_HOUR, _MINUTE = 3600.0, 60.0
_ZERO_C = 273.15
#: Share of the mass that may appear or vanish before a run is refused.
TOLERANCE = 1e-6
#: By how much the cells may hold more than there is in the air: the sum over a lattice.
LATTICE = 0.02


@dataclass(eq=False)
class Course:
    """A plume from its start to its end.

    Attributes
    ----------
    releases, cells, breathing
        What is released, where it is looked at, what people breathe.
    areas
        (n,) areas of the cells, in the order of their rows [m²].
    pictures
        (t,) times of the stored pictures [s].
    purest
        Concentration of the pure gas where it leaves; infinite for what is no gas [kg/m³].
    taken
        Steps that are done.
    before, now
        Elements for which the concentration on the cells was last computed, and it [kg/m³].
    """

    releases: tuple[Release, ...]
    cells: Field
    areas: Floats
    breathing: Breathing
    pictures: Floats
    watch: Watch
    purest: float = np.inf
    seen: list[Floats32] = field(default_factory=list)
    indoors: list[Floats32] = field(default_factory=list)
    complete: bool = True
    taken: int = 0
    before: Elements | None = None
    now: Floats = field(default_factory=lambda: np.zeros(0))

    def follow(self) -> None:
        """Go from step to step to the end, or until someone stops it."""
        end = float(self.pictures[-1])
        times = instants(self.releases, self.pictures)
        while self.taken < times.size:
            time = float(times[self.taken])
            self._step(time)
            self.taken += 1
            self.watch(time / end, f"{time / _MINUTE:.0f} min")
            if self.taken < times.size and self.watch.stopped() and self.seen:
                self.complete = False
                return

    def _step(self, time: float) -> None:
        parts = self.elements(time)
        # In a steady wind a plume stands still once its front has left the city.
        if not alike(self.before, parts):
            # No cell holds more than pure gas: the wind of the start made the widths of a heavy one.
            found = np.minimum(self.cells.concentration(parts), self.purest)
            self.before, self.now = parts, found
        self.breathing.go_on(self.now, time)
        if time >= self.pictures[len(self.seen)] - 1e-9:
            self._check_cells(self.moments(time))
            self.seen.append(self._in_city_order(self.now))
            self.indoors.append(self._in_city_order(self.breathing.state[IN]))

    def told(self) -> tuple[Floats, Floats32, Floats32]:
        """(t,) times [s], (t, n) air outdoors and indoors [kg/m³]; the last of a stopped run, too."""
        times, seen, indoors = self.pictures[: len(self.seen)], self.seen, self.indoors
        if self.breathing.time > times[-1]:
            times = np.append(times, self.breathing.time)
            seen = [*seen, self._in_city_order(self.now)]
            indoors = [*indoors, self._in_city_order(self.breathing.state[IN])]
        return times, np.stack(seen), np.stack(indoors)

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        return {
            "taken": self.taken,
            "time": self.breathing.time,
            "breathed": self.breathing.state,
            "seen": list(self.seen),
            "indoors": list(self.indoors),
            "now": self.now,
            "before": None if self.before is None else vars(self.before),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self.taken, self.now = int(kept["taken"]), kept["now"]
        self.breathing.time, self.breathing.state = kept["time"], kept["breathed"]
        self.seen, self.indoors = list(kept["seen"]), list(kept["indoors"])
        self.before = None if kept["before"] is None else Elements(**kept["before"])

    def elements(self, time: float) -> Elements:
        """Pieces and puffs of all releases at a time [s]."""
        return join([self.cells.in_reach(found.elements) for found in self.moments(time)])

    def moments(self, time: float) -> list[Moment]:
        """All releases at a time [s]."""
        return [at_moment(release, time) for release in self.releases]

    @property
    def settling(self) -> float:
        """Fastest deposition velocity of its releases [m/s]; a heavy gas has none."""
        return max(release.puff.settling for release in self.releases)

    def _in_city_order(self, values: Floats) -> Floats32:
        found = np.empty(values.size, np.float32)
        found[self.cells.order] = values
        return found

    def masses(self) -> Masses:
        """Where the mass is at the end [kg].

        Raises
        ------
        BalanceError
            If mass appeared or vanished.
        """
        time = self.breathing.time
        moments = self.moments(time)
        found = Masses(
            released=sum(float(r.emission.mass(np.array([time]))[0]) for r in self.releases),
            pool=sum(pool_left(r, time) for r in self.releases),
            in_air=sum(moment.in_air for moment in moments),
            over_city=self._over_city(moments),
            lost=sum(moment.released - moment.in_air for moment in moments),
        )
        if abs(found.error) > TOLERANCE:
            raise BalanceError(
                f"a share of {found.error:.1e} of the gas appeared or vanished, more than "
                f"{TOLERANCE:g}: report this event as a fault"
            )
        return found

    def _check_cells(self, moments: list[Moment]) -> None:
        """See that the cells hold no more than there is in the air."""
        in_air, over_city = sum(moment.in_air for moment in moments), self._over_city(moments)
        if over_city > in_air * (1.0 + LATTICE) + 1e-9:
            raise BalanceError(
                f"the cells hold {over_city:.4g} kg of gas where {in_air:.4g} kg are in the air: report "
                "this event as a fault"
            )

    def _over_city(self, moments: list[Moment]) -> float:
        """Mass over the cells, from the ground up: the same sum with a share of 1 upward [kg]."""
        columns = [self.cells.in_reach(column_of(moment)) for moment in moments]
        return float((self.cells.concentration(join(columns)) * self.areas).sum())


def purest_of(gas: Substance, air: float) -> float:
    """Concentration of the pure gas where it leaves, boiling or as warm as the air [K]; in kg/m³."""
    if gas.boiling_point == 0.0:
        return float("inf")
    return gas.vapour_density(min(gas.boiling_point, air))


def column_of(moment: Moment) -> Elements:
    """Elements that give the mass over a square metre [kg/m²] in place of a concentration."""
    parts = moment.elements
    puffs = parts.puffs.copy()
    if puffs.size:
        puffs[:, 3] = moment.puff_masses
    return Elements(
        parts.pieces, parts.lines, parts.way, parts.wide, np.ones(parts.way.size), puffs
    )


def pool_left(release: Release, time: float) -> float:
    """Mass that a pool still holds at a time [kg]."""
    emission = release.emission
    if not emission.pool:
        return 0.0
    return emission.pool - float(emission.mass(np.array([time]))[0])


def simulate(event: "Plume", grid: Grid, layers: Layers, watch: Watch) -> Hazard:
    """Let a plume happen; see ``HazardModel.simulate``."""
    end = event.simulated_h * _HOUR
    wind = carrying_wind(event.wind_m_s, event.wind_deg, event.wind)
    middle = middle_of(event, grid)
    setting = setting_of(event, layers["building_cover"], wind, middle, end)
    made = releases_of(event, grid, wind, setting.sky, end)
    cells = field_of(grid)
    limit, limit_words = noticed_by(event)
    breathing = Breathing(
        len(grid), made.substance.toxic_n, event.air_changes_h / _HOUR, limit,
        event.leave_min * _MINUTE,
    )  # fmt: skip
    times = picture_times(end, event.output_min * _MINUTE)
    course = Course(
        made.releases, cells, grid.area[cells.order], breathing, times, watch,
        purest_of(made.substance, event.temperature_c + _ZERO_C),
    )  # fmt: skip
    if watch.kept is not None:
        course.restore(watch.kept)
    course.follow()
    if not course.complete:
        watch.state = course.save()
    notes = (*made.notes, *setting.notes, limit_words)
    return hazard_of(event, course, made.substance, grid, notes)


def picture_times(end: float, interval: float) -> Floats:
    """(t,) times of the stored pictures [s], the start and the end among them."""
    times = np.arange(0.0, end - 1e-6 * interval, interval)
    return np.append(times, end).astype(np.float64)
