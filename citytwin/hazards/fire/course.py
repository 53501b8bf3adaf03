"""The course of a fire: plants, buildings, embers and the brigade, step by step."""

from typing import Any

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.hazards.fire.houses import embers as ember
from citytwin.hazards.fire.houses.near import heat_of_plants, lit_by_walls
from citytwin.hazards.fire.houses.radiation import direction
from citytwin.hazards.fire.houses.states import EMBERS, HEAT, IGNITION, PLANTS, UNTOUCHED
from citytwin.hazards.fire.houses.tables import coefficients, construction
from citytwin.hazards.fire.rothermel import flame_length
from citytwin.hazards.fire.scene import Scene

#: Steps from one fall of embers to the next.
_FALL = 3
#: Share of the growth to full fire at which a building lights the plants around it.
_LIGHTS = 0.7
#: Cells that fire reached in this time are its front for the engines [s].
_FRONT = 600.0


class Course:
    """A run going on.

    Parameters
    ----------
    scene
        What takes part.
    end, step
        End of the run and length of a step [s]; the last step may be shorter.
    embers
        Whether fires throw embers.
    """

    def __init__(self, scene: Scene, end: float, step: float, *, embers: bool) -> None:
        self.scene, self.now, self._embers = scene, 0.0, embers
        self._ends = np.append(np.arange(1, int(np.ceil(end / step - 1e-9))) * step, end)
        self._number, names = 0, coefficients()
        houses, near = scene.houses, scene.near
        wall = houses.house[:, 3]
        self._lights = lit_by_walls(near, scene.stock.area, scene.stock.height, wall)
        self._lit = np.zeros(len(houses), dtype=np.bool_)
        self._thrown = np.zeros(len(houses))
        self._fresh: list[Ints] = []
        self._roof = construction().ember_factor[scene.stock.kind] * scene.chance_roof
        self._roof_bins = scene.embers.at(*scene.buildings.centres)
        green = np.flatnonzero(scene.fuel > 0)
        self._green = green
        self._plants = names["ember_factor_plants"] * scene.chance_plants[green]
        self._green_bins = scene.embers.at(scene.grid.x[green], scene.grid.y[green])
        self._start_cells()

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return int(self._ends.size)

    @property
    def done(self) -> int:
        """Steps that are done."""
        return self._number

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        scene = self.scene
        return {
            "number": self._number,
            "lit": self._lit.copy(),
            "thrown": self._thrown.copy(),
            "fresh": list(self._fresh),
            "fuel": scene.fuel.copy(),
            "front": scene.front.save(),
            "houses": scene.houses.save(),
            "embers": scene.embers.save(),
            "engines": scene.engines.save(),
            "heat": scene.heat.save(),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        scene = self.scene
        self._number = int(kept["number"])
        self.now = float(self._ends[self._number - 1]) if self._number else 0.0
        self._lit, self._thrown, self._fresh = kept["lit"], kept["thrown"], list(kept["fresh"])
        scene.fuel[:] = kept["fuel"]
        for name in ("front", "houses", "embers", "engines", "heat"):
            getattr(scene, name).restore(kept[name])

    def go(self) -> None:
        """One step."""
        scene, begin, end = self.scene, self.now, float(self._ends[self._number])
        wind = direction(*scene.wind.at(0.5 * (begin + end)))
        before = scene.houses.spent[scene.houses.burning].copy()
        burning = scene.houses.burning
        scene.houses.step(begin, end - begin, wind)
        self._thrown[burning] += (scene.houses.spent[burning] - before) * scene.stock.load[burning]
        self._start_buildings(begin, end, wind)
        self._burn_plants(begin, end, wind)
        scene.heat.of_buildings(scene.houses, end, wind)
        self._light_plants(end)
        self._number += 1
        self.now = end
        if self._embers and self._number % _FALL == 0:
            self._fall(end, wind)
        if scene.engines.brigade.engines:
            scene.engines.step(scene.houses, scene.starts.first, end)
            self._hold_plants(begin, end)

    def look_last(self) -> None:
        """Look at the heat of what burns at the end of what was computed; after ``save`` only."""
        scene, wind = self.scene, direction(*self.scene.wind.at(self.now))
        scene.heat.of_buildings(scene.houses, self.now, wind, last=True)

    def _hold_plants(self, begin: float, end: float) -> None:
        """Engines without a building hold the front in the plants nearest to them."""
        scene = self.scene
        if end < scene.starts.first + scene.engines.brigade.response:
            return
        arrival = scene.front.arrival
        ahead = scene.neighbours[np.flatnonzero((arrival > end - _FRONT) & np.isfinite(arrival))]
        ahead = np.unique(ahead[ahead >= 0])
        ahead = ahead[(scene.fuel[ahead] > 0) & np.isinf(arrival[ahead])]
        if not ahead.size:
            return
        width = float(np.sqrt(scene.grid.area.mean()))
        x, y = scene.grid.x[ahead], scene.grid.y[ahead]
        held = scene.engines.hold(ahead, x, y, width, end - begin)
        if held.size:
            scene.front.shut(held)
            scene.fuel[held] = 0

    def _start_cells(self) -> None:
        starts = self.scene.starts
        inside = starts.cell_times <= self.scene.front.end
        self.scene.front.ignite(starts.cells[inside], starts.cell_times[inside])

    def _start_buildings(self, begin: float, end: float, wind: Floats) -> None:
        starts = self.scene.starts
        first = begin == 0.0
        due = (starts.building_times < end) & ((starts.building_times >= begin) | first)
        if due.any():
            self.scene.houses.ignite(
                starts.buildings[due], starts.building_times[due], IGNITION, end, wind
            )

    def _burn_plants(self, begin: float, end: float, wind: Floats) -> None:
        """Let the front go on; what it reaches heats people and the buildings there."""
        scene, front = self.scene, self.scene.front
        cells = front.advance(end)
        scene.heat.of_plants(front, cells, begin)
        if not cells.size:
            return
        self._fresh.append(cells)
        if not len(scene.houses):
            return
        flame = np.zeros(len(scene.grid))
        flame[cells] = flame_length(front.intensity_of(cells))
        warmed, dose = heat_of_plants(
            scene.near, cells, flame, front.residence, scene.stock.height, scene.houses.limit
        )
        scene.houses.dose[warmed] += dose
        caught = warmed[
            (scene.houses.dose[warmed] >= 1.0) & (scene.houses.state[warmed] == UNTOUCHED)
        ]
        scene.houses.ignite(caught, np.full(caught.size, end), PLANTS, end, wind)

    def _light_plants(self, end: float) -> None:
        """Buildings well on fire light the plants beside them."""
        scene = self.scene
        burning = scene.houses.burning
        hot = burning[(scene.houses.progress[burning] >= _LIGHTS) & ~self._lit[burning]]
        if not hot.size:
            return
        self._lit[hot] = True
        pairs = np.concatenate([scene.near.cells_of(int(one)) for one in hot])
        cells = np.unique(scene.near.cell[pairs[self._lights[pairs]]])
        cells = cells[np.isinf(scene.front.arrival[cells])]
        if end < scene.front.end:
            scene.front.ignite(cells, np.full(cells.size, end))

    def _fall(self, end: float, wind: Floats) -> None:
        """Embers fall; where they are enough, roofs and plants catch fire."""
        scene = self.scene
        if not self._throw(wind):
            return
        fallen = scene.embers.fallen
        fresh = scene.houses.state == UNTOUCHED
        roofs = np.flatnonzero(fresh & (fallen[self._roof_bins] >= self._roof))
        scene.houses.ignite(roofs, np.full(roofs.size, end), EMBERS, end, wind)
        cells = self._green[fallen[self._green_bins] >= self._plants]
        cells = cells[np.isinf(scene.front.arrival[cells])]
        if end < scene.front.end:
            scene.front.ignite(cells, np.full(cells.size, end))

    def _throw(self, wind: Floats) -> bool:
        """Throw the embers of the last steps; says whether there were any."""
        scene = self.scene
        fires = np.flatnonzero(self._thrown > 0.0)
        cells = np.concatenate([*self._fresh, np.empty(0, np.int64)])
        if not fires.size and not cells.size:
            return False
        x, y = scene.buildings.centres
        heat = np.stack([self._thrown[fires], scene.houses.house[fires, HEAT]], axis=1)
        thrown = ember.from_buildings(x[fires], y[fires], scene.stock.area[fires], heat, wind[0])
        front = scene.front
        line, stays = front.intensity_of(cells), front.residence[cells]
        width = np.sqrt(scene.grid.area[cells])
        rate = front.rate[cells]
        plants = ember.from_plants(
            scene.grid.x[cells], scene.grid.y[cells], line,
            line * width * np.where(rate > 0.0, width / np.maximum(rate, 1e-9), stays), wind[0],
        )  # fmt: skip
        scene.embers.fall(np.concatenate([thrown, plants]), wind)
        self._thrown[fires] = 0.0
        self._fresh.clear()
        return True
