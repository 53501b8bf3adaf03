"""Radiant heat on people against sums over small pieces, closed forms and laws."""

from collections.abc import Callable, Iterator

import numpy as np
import shapely

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.hazards.fire.front.front import Front
from citytwin.hazards.fire.front.spread import Spread
from citytwin.hazards.fire.heat.flux import panel
from citytwin.hazards.fire.heat.heat import Heat
from citytwin.hazards.fire.heat.places import EYE
from citytwin.hazards.fire.heat.sight import sight_of
from citytwin.hazards.fire.houses.classes import stock_of
from citytwin.hazards.fire.houses.pairs import pairs_of
from citytwin.hazards.fire.houses.radiation import direction, flame
from citytwin.hazards.fire.houses.states import HEAT, IGNITION, Houses
from citytwin.hazards.fire.houses.tables import coefficients
from citytwin.hazards.fire.rothermel import flame_length
from citytwin.hazards.fire.verification.block import buildings_at
from citytwin.hazards.fire.verification.scene import MODERATE
from citytwin.hazards.fire.verification.town import town
from citytwin.hazards.wind import wind_of

_SIDE, _HEIGHT = 10.0, 6.0
_OURS = "citytwin's own bound"
_SUM = "sum over small pieces of cos cos / (pi r²)"


def _lone(x: Floats, y: Floats) -> tuple[Heat, Houses]:
    """Houses on the ground of the made-up town, all at full fire in still air, and their heat."""
    grid = town(2, 1).grid
    buildings = buildings_at(x, y, _SIDE, _HEIGHT, grid)
    houses = Houses(stock_of(buildings, 1.0, 4.0, 0), pairs_of(buildings))
    return Heat(grid, sight_of(buildings, grid)), houses


def _light(heat: Heat, houses: Houses, which: Floats) -> None:
    """Set houses to full fire and look at the heat."""
    lit, air = np.asarray(which, np.int64), direction(0.0, 0.0)
    houses.ignite(lit, np.zeros(lit.size), IGNITION, 0.0, air)
    houses.progress[lit] = 1.0
    houses.house[lit, HEAT] = houses.stock.power[lit]
    heat.of_buildings(houses, 0.0, air)


def wall_error() -> Measured:
    """Heat of a house at full fire on people straight before its walls, against a sum of pieces."""
    heat, houses = _lone(np.zeros(1), np.zeros(1))
    _light(heat, houses, np.zeros(1))
    x, y = np.abs(heat.places.x), np.abs(heat.places.y)
    before = (np.minimum(x, y) < 4.5) & (np.maximum(x, y) > 6.0) & (np.maximum(x, y) < 35.0)
    names = coefficients()
    length, *_ = flame(float(houses.house[0, HEAT]), _SIDE**2, 0.0, *houses.law[1:4])
    worst, cells = 0.0, np.flatnonzero(before & (heat.most > 0.0))
    for c in cells[:: max(cells.size // 20, 1)]:
        foot, away = float(min(x[c], y[c])), float(max(x[c], y[c])) - _SIDE / 2.0
        wall = _sum(foot, away, 0.0, _HEIGHT) * float(houses.house[0, 3])
        sheet = _sum(foot, away, _HEIGHT, _HEIGHT + length) * names["flame_emission"]
        exact = min(wall + sheet, names["flame_emission"])
        worst = max(worst, abs(float(heat.most[c]) / exact - 1.0))
    return Measured(worst, (Law("cells looked at are too few", float(cells.size < 20), 0.0),))


def _sum(foot: float, away: float, low: float, high: float) -> float:
    """View factor of a wall 10 m wide from a person who stands before it, by 250,000 pieces."""
    count = 500
    x = (np.arange(count) + 0.5) / count * _SIDE - _SIDE / 2.0 - foot
    z = (np.arange(count) + 0.5) / count * (high - low) + low - EYE
    square = x[None, :] ** 2 + z[:, None] ** 2 + away**2
    piece = _SIDE * (high - low) / count**2
    return float((away**2 / (np.pi * square**2)).sum() * piece)


def far_error() -> float:
    """Heat of a flame of plants far away against the square of the distance."""
    worst = 0.0
    for length, width in ((2.0, 8.0), (1.0, 20.0)):
        exact = 80.0 * length * width / np.pi
        for away in (1000.0, 2000.0, 4000.0):
            worst = max(worst, abs(panel(length, width, away, 80.0) * away**2 / exact - 1.0))
    return worst


def line_ratio() -> Measured:
    """Heat of a long straight front over that of an endless wall of flame, E sin(atan(L/2d)).

    The flames of a cell are a panel turned to the person; so a straight front is up to 4/pi too hot.
    A row of cells is straight to half a cell, 3.4 m of 25 m and more here.
    """
    place = town(2, 1)
    grid = place.grid
    empty = buildings_at(np.empty(0), np.empty(0), _SIDE, grid=grid)
    heat = Heat(grid, sight_of(empty, grid))
    fuel = np.full(len(grid), 104, np.int64)
    front = Front(grid, fuel, Spread(np.array(MODERATE)), wind_of(8.0, 270.0, ()), end=1e5)
    width = float(np.sqrt(grid.area.mean()))
    row = np.flatnonzero(np.abs(grid.y - np.median(grid.y)) < width / 2.0)
    front.ignite(row, np.zeros(row.size))
    fresh = front.advance(1e-3)
    heat.of_plants(front, fresh, 0.0)
    length = float(flame_length(front.intensity_of(fresh)).min())
    away = np.abs(grid.y - np.median(grid.y))
    inner = np.abs(grid.x - grid.x.mean()) < 50.0
    near = inner & (away > 25.0) & (away < 40.0) & (heat.most > 0.0)
    exact = coefficients()["plant_emission"] * np.sin(
        np.arctan(length / 2.0 / (away[near] - width / 2.0))
    )
    ratio = heat.most[near] / exact
    laws = (
        Law("least ratio below 0.9", float(0.9 - ratio.min()), 0.0),
        Law("cells looked at are too few", float(near.sum() < 20), 0.0),
    )
    return Measured(float(ratio.max()), laws)


def behind_a_house() -> float:
    """Greatest heat on people whose sight of the fire another house hides [kW/m²]."""
    heat, houses = _lone(np.array([0.0, 15.0]), np.zeros(2))
    _light(heat, houses, np.zeros(1))
    x, y = heat.places.x, heat.places.y
    line = shapely.linestrings(np.stack([np.stack([x, y], 1), np.zeros((x.size, 2))], axis=1))
    inner = shapely.box(11.0, -4.0, 19.0, 4.0)
    shade = (x > 21.0) & (np.abs(y) < 4.0) & shapely.intersects(line, inner)
    return float(heat.most[shade].max()) if shade.any() else np.inf


def opposite_fires() -> float:
    """Heat midway between two equal fires, over that of the hotter one alone, less 1."""
    at = np.array([-20.0, 20.0])
    both, houses = _lone(at, np.zeros(2))
    _light(both, houses, np.arange(2.0))
    single = np.zeros(both.most.size)
    for one in range(2):
        heat, houses = _lone(at, np.zeros(2))
        _light(heat, houses, np.array([float(one)]))
        single = np.maximum(single, heat.most)
    x, y = both.places.x, both.places.y
    midway = (np.abs(x) < 12.0) & (np.abs(y) < 3.0) & (single > 0.0)
    return float((both.most[midway] / single[midway]).max() - 1.0) if midway.any() else np.inf


def _plain(run_it: Callable[[], float | Measured]) -> Callable[..., float | Measured]:
    def figure(site: Site | None) -> float | Measured:
        del site
        return run_it()

    return figure


def _cases() -> Iterator[Verification]:
    for name, run_it, bound, unit, source in (
        ("heat on people before a burning house", wall_error, 1e-5, "1", _SUM),
        ("heat of plants far away", far_error, 1e-4, "1", "emission times area over pi d²"),
        ("heat before a long front over that of an endless wall of flame", line_ratio, 1.45, "1",
         "E sin(atan(L/2d)); our panels turn to the person, up to 4/pi too hot"),
        ("heat on people whom a house hides", behind_a_house, 0.0, "kW/m2", _OURS),
        ("two fires on opposite sides do not add up", opposite_fires, 0.02, "1",
         "a surface faces one side"),
    ):  # fmt: skip
        yield Verification(f"people: {name}", _plain(run_it), bound, unit, source)


CASES = tuple(_cases())
