"""The front of a fire through vegetation: when it arrives in each cell of a city."""

from functools import cached_property
from typing import Any

import numpy as np

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.fire.ellipse import BED, slowness
from citytwin.hazards.fire.front.march import march
from citytwin.hazards.fire.front.sources import disc, go, sow
from citytwin.hazards.fire.front.spread import Spread, beds_of, rises_of
from citytwin.hazards.fire.front.state import (
    BARE,
    BURNT,
    GONE_X,
    GONE_Y,
    PAD,
    TIME,
    Phases,
    fresh,
    ring,
)  # fmt: skip
from citytwin.hazards.fire.front.turn import settle, turn
from citytwin.hazards.fire.rothermel import flame_length
from citytwin.hazards.wind import Wind

#: The wind is sampled in the middle of steps of this length [s], and steady within each.
WIND_STEP = 300.0
#: How far beyond what is told the march goes, in times to cross the longest step of the lattice
#: without wind, times the eccentricity.
_MARGIN = 1.0
_HEAT, _STAY = BED.index("heat"), BED.index("stay")
#: What of a front changes while it goes on, beside its cells and their states.
_KEPT = (
    "_blows", "_tilt", "_level", "_lit", "_when", "_gone", "_later", "_pending", "_since", "_sure",
    "_margin", "_changed", "_new", "time", "worked", "arrival", "rate",
)  # fmt: skip


class Front:
    """Arrival of a surface fire on the cells of a city, as far as it has been computed.

    Parameters
    ----------
    grid
        Cells of the city.
    fuel
        (n,) number of each cell's fuel model, 0 where nothing burns.
    spread
        Moisture, ground and shelter.
    wind
        Wind at 10 m over time.
    end
        Nothing is told of what comes after it [s].

    Attributes
    ----------
    time
        All arrivals up to it are known [s].
    arrival
        (n,) arrival of the fire [s]; inf where it has not come.
    rate
        (n,) rate of spread across the front with which it came [m/s]; 0 where it has not.
    worked
        Cells that the march has taken up so far, repeats counted.

    Raises
    ------
    InputError
        If a fuel model is unknown, or an array has another length than the grid.
    """

    def __init__(self, grid: Grid, fuel: Ints, spread: Spread, wind: Wind, *, end: float) -> None:
        count = len(grid)
        if np.shape(fuel) != (count,):
            raise InputError(f"'fuel' has the shape {np.shape(fuel)}: give one number a cell")
        self._beds, number = beds_of(np.asarray(fuel, np.int64), spread)
        width = grid.shape[1] + 2 * PAD
        self._width, self._ring = width, ring(width)
        # place of a cell in the padded window, and back.
        self._places = (grid.row + PAD) * width + grid.col + PAD
        self._numbers = np.full((grid.shape[0] + 2 * PAD) * width, -1, np.int32)
        self._numbers[self._places] = np.arange(count, dtype=np.int32)
        burns = number >= 0
        rises = rises_of(grid, spread.elevation)
        self._state = fresh(self._places[burns], number[burns], rises[burns], self._numbers.size)
        steps = grid.lattice.vectors
        self._vectors = np.stack([steps[0], steps[2], steps[1], -steps[0], -steps[2], -steps[1]])
        self._steps = np.stack([steps[1], steps[0]])
        self._disc = disc(grid.lattice, width)
        self._wind, self.end = wind, end
        self._blows, self._tilt = np.array([np.nan, np.nan, -1.0, spread.limited]), np.zeros(2)
        self._level = np.empty((0, 3))
        self._lit = np.empty(0, np.int64)
        self._when = np.empty(0)
        self._gone = np.empty((0, self._disc[0].size))
        self._later = np.empty(0, np.int64)
        # Cells that burn, but later than is told; since when the wind blows; to when they are sure.
        self._pending = np.empty(0, np.int64)
        self._since, self._sure, self._margin = 0.0, 0.0, 0.0
        self._longest = float(grid.lattice.lengths.max())
        self._changed, self._new = False, False
        self.time, self.worked = 0.0, 0
        self.arrival = np.full(count, np.inf)
        self.rate = np.zeros(count)
        self._row = number

    @property
    def intensity(self) -> Floats:
        """(n,) fireline intensity with which it came [W/m]; Byram 1959."""
        return self.rate * self._column(_HEAT)

    @cached_property
    def residence(self) -> Floats:
        """(n,) how long a cell flames [s]; 0 where nothing burns."""
        return self._column(_STAY)

    def intensity_of(self, cells: Ints) -> Floats:
        """(m,) the same of some cells; much faster for a few."""
        return np.asarray(self.rate[cells] * self._column(_HEAT, cells))

    def _column(self, column: int, cells: Ints | None = None) -> Floats:
        """(n,) a number of each cell's bed, 0 where nothing burns; or (m,) of some cells."""
        values = np.append(self._beds[:, column], 0.0)
        return np.asarray(values[self._row if cells is None else self._row[cells]])

    @property
    def flame(self) -> Floats:
        """(n,) length of the flames with which it came [m]."""
        return flame_length(self.intensity)

    @property
    def gradient(self) -> Floats:
        """(n, 2) gradient of the arrival [s/m]: it points to where the front went; nan where lit."""
        return np.asarray(self._state.cells[self._places, GONE_X : GONE_Y + 1])

    def ignite(self, cells: Ints, times: Floats) -> None:
        """Light cells; of several times for one, and of fire that comes by itself, the earliest counts.

        Parameters
        ----------
        cells, times
            (m,) cells and times, not before ``time`` [s]. Where nothing burns, nothing happens.

        Raises
        ------
        InputError
            If a cell is not in the city or a time lies before ``time``.
        """
        lit, when = np.asarray(cells, np.int64), np.asarray(times, np.float64)
        if lit.size and not (lit.min() >= 0 and lit.max() < self.arrival.size):
            raise InputError(f"'cells' to light must lie from 0 to {self.arrival.size - 1}")
        if not bool((when >= self.time).all()):
            raise InputError(f"'times' of ignitions must not lie before {self.time:g} s")
        # The order of the window, so that the order of the cells does not matter.
        order = np.lexsort((when, self._places[lit]))
        lit, when = lit[order], when[order]
        first = np.append(True, lit[1:] != lit[:-1])[: lit.size]
        first &= when < self.arrival[lit]
        self._new = True
        self._lit = np.append(self._lit, self._places[lit[first]])
        self._when = np.append(self._when, when[first])
        self._gone = np.append(
            self._gone, np.zeros((int(first.sum()), self._gone.shape[1])), axis=0
        )

    def shut(self, cells: Ints) -> None:
        """Cells that do not burn from now on, and from which no fire goes on."""
        self._state.phase[self._places[np.asarray(cells, np.int64)]] = BARE
        self._changed = True

    def advance(self, until: float) -> Ints:
        """Let the fire go on.

        Parameters
        ----------
        until
            Time to which arrivals are told [s]; not beyond ``end``.

        Returns
        -------
        Cells in which it arrived since ``time``, in order of arrival.
        """
        until = min(until, self.end)
        found = [np.empty(0, np.int64)]
        while self.time < until:
            calm_end = self._steady_until()
            stop = min(until, calm_end)
            blew = self._blows[2]
            if self._turned() or self._changed:
                self._restart(self.time, blew, min(calm_end, self._far(stop)))
            elif stop > self._sure:
                self._restart(self._sure, blew, min(calm_end, self._far(stop)))
            elif self._new:
                self._march(np.empty(0, np.int64))
            found.append(self._tell(stop))
        cells = np.concatenate(found)
        return np.asarray(cells[np.argsort(self.arrival[cells], kind="stable")])

    def _far(self, stop: float) -> float:
        """How far to compute at once in a wind that stays [s]."""
        return min(max(stop, self.time + WIND_STEP + 3.0 * self._margin), self.end)

    def _steady_until(self) -> float:
        """End of the step of the wind in which the time lies [s]."""
        step = (np.floor(self.time / WIND_STEP + 1e-9) + 1.0) * WIND_STEP
        ahead = self._wind.times[self._wind.times > self.time]
        if not ahead.size or self._wind.times.size == 1:
            return np.inf
        return float(step) if self.time >= self._wind.times[0] else float(ahead[0])

    def _turned(self) -> bool:
        """Whether the wind is now another than before; take it."""
        wind = self._wind.at((np.floor(self.time / WIND_STEP + 1e-9) + 0.5) * WIND_STEP)
        if np.array_equal(wind, self._blows[:2]):
            return False
        if self._lit.size:
            go(*self._given, self._since, self.time, *self._sources, *self._disc)
        self._since = self.time
        self._blows[:2] = wind
        self._blows[2] += 1.0
        limited = self._blows[3] > 0.0
        found = [slowness(row, *wind, 0.0, 0.0, limited) for row in self._beds]
        self._level = np.array(found).reshape(-1, 3)
        # The fastest bed on level ground orders the heap.
        fastest = min(found, default=(0.0, 0.0, 0.0))
        self._tilt = self._steps @ np.array(fastest[1:])
        self._margin = _MARGIN * self._longest * float(np.hypot(*fastest[1:]))
        return True

    def _restart(self, moment: float, blew: float, sure: float) -> None:
        """Take the front back to a moment and march on, until arrivals are sure to another."""
        dropped = np.concatenate([self._later, self._pending])
        band = turn(*self._given, moment, blew, self._ring, dropped)
        self._pending = self._pending[self._state.phase[self._pending] == BURNT]
        self._later = np.empty(0, np.int64)
        self._sure, self._changed = sure, False
        self._march(band)

    @property
    def _given(self) -> tuple[Floats, Floats32, Phases, Floats, Floats, Floats]:
        """What the kernels take first."""
        state = self._state
        return state.cells, state.rise, state.phase, self._beds, self._level, self._blows

    @property
    def _sources(self) -> tuple[Ints, Floats, Floats]:
        return self._lit, self._when, self._gone

    def _march(self, band: Ints) -> None:
        """March from a band to beyond the time to which arrivals are to be sure.

        Near its end the march lacks cells that come later, by which others come earlier.
        """
        reached, keep = sow(*self._given, self._since, self.time, *self._sources, *self._disc)
        self._lit, self._when, self._gone = self._lit[keep], self._when[keep], self._gone[keep]
        burnt, later, worked = march(
            *self._given, self.time, self._sure + self._margin, self._width, self._ring,
            self._vectors, self._tilt, np.concatenate([band, reached]),
        )  # fmt: skip
        self.worked += worked
        self._later = np.concatenate([self._later, later])
        self._pending = np.concatenate([self._pending, burnt])
        self._new = False

    def _tell(self, stop: float) -> Ints:
        """Cells that burn by a time, to which arrivals are sure; write what befalls them."""
        state = self._state
        due = state.cells[self._pending, TIME] <= stop
        burnt, self._pending = self._pending[due], self._pending[~due]
        numbers = self._numbers[burnt].astype(np.int64)
        settle(burnt, numbers, state.cells, state.rise, self.arrival, self.rate)
        self.time = stop
        return np.asarray(numbers)

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        kept = {name: getattr(self, name) for name in _KEPT}
        kept = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in kept.items()}
        return {**kept, "cells": self._state.cells.copy(), "phase": self._state.phase.copy()}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        for name in _KEPT:
            setattr(self, name, kept[name])
        self._state.cells[:], self._state.phase[:] = kept["cells"], kept["phase"]
