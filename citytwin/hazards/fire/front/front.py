"""The front of a fire through vegetation: when it arrives in each cell of a city."""

import numpy as np

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.fire.ellipse import BED, slowness
from citytwin.hazards.fire.front.march import march
from citytwin.hazards.fire.front.sources import disc, sow
from citytwin.hazards.fire.front.spread import Spread, beds_of, rises_of
from citytwin.hazards.fire.front.state import BARE, GONE_X, GONE_Y, PAD, Phases, fresh, ring
from citytwin.hazards.fire.front.turn import settle, turn
from citytwin.hazards.fire.rothermel import flame_length
from citytwin.hazards.wind import Wind

#: The wind is sampled in the middle of steps of this length [s], and steady within each.
WIND_STEP = 300.0
_HEAT, _STAY = BED.index("heat"), BED.index("stay")


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
        No fire arrives after it [s].

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
        self._changed = False
        self.time, self.worked = 0.0, 0
        self.arrival = np.full(count, np.inf)
        self.rate = np.zeros(count)
        self._row = number

    @property
    def intensity(self) -> Floats:
        """(n,) fireline intensity with which it came [W/m]; Byram 1959."""
        return self.rate * self._column(_HEAT)

    @property
    def residence(self) -> Floats:
        """(n,) how long a cell flames [s]; 0 where nothing burns."""
        return self._column(_STAY)

    def _column(self, column: int) -> Floats:
        """(n,) a number of each cell's bed, 0 where nothing burns."""
        values = np.append(self._beds[:, column], 0.0)
        return np.asarray(values[self._row])

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
            Time to which arrivals are computed [s].

        Returns
        -------
        Cells in which it arrived since ``time``, in order of arrival.
        """
        until = min(until, self.end)
        found = [np.empty(0, np.int64)]
        while self.time < until:
            stop = min(until, self._steady_until())
            self._blow(0.5 * (self.time + min(stop, self._steady_until())))
            found.append(self._march(stop))
            self.time = stop
        cells = np.concatenate(found)
        return np.asarray(cells[np.argsort(self.arrival[cells], kind="stable")])

    def _steady_until(self) -> float:
        """End of the step of the wind in which the time lies [s]."""
        step = (np.floor(self.time / WIND_STEP + 1e-9) + 1.0) * WIND_STEP
        ahead = self._wind.times[self._wind.times > self.time]
        if not ahead.size or self._wind.times.size == 1:
            return np.inf
        return float(step) if self.time >= self._wind.times[0] else float(ahead[0])

    def _blow(self, moment: float) -> None:
        """Take the wind of a moment; turn the front if it is another than before."""
        middle = (np.floor(moment / WIND_STEP) + 0.5) * WIND_STEP
        wind = self._wind.at(middle)
        if not np.array_equal(wind, self._blows[:2]):
            self._blows[:2], self._changed = wind, True
            self._blows[2] += 1.0
            limited = self._blows[3] > 0.0
            found = [slowness(row, *wind, 0.0, 0.0, limited) for row in self._beds]
            self._level = np.array(found).reshape(-1, 3)
            # The fastest bed on level ground orders the queue.
            fastest = min(found, default=(1.0, 0.0, 0.0))
            self._tilt = self._steps @ np.array(fastest[1:])
        if not self._changed:
            return
        self._changed = False
        self._later = turn(*self._given, self.time, self._ring, self._later)

    @property
    def _given(self) -> tuple[Floats, Floats32, Phases, Floats, Floats, Floats]:
        """What the kernels take first."""
        state = self._state
        return state.cells, state.rise, state.phase, self._beds, self._level, self._blows

    def _march(self, stop: float) -> Ints:
        begin, state = self.time, self._state
        due = np.flatnonzero(self._when < stop)
        gone = self._gone[due]
        reached, alive = sow(
            *self._given, begin, stop, self._lit[due], self._when[due], gone, *self._disc
        )
        self._gone[due] = gone
        keep = np.ones(self._lit.size, bool)
        keep[due] = alive
        self._lit, self._when, self._gone = self._lit[keep], self._when[keep], self._gone[keep]
        band = np.concatenate([self._later, reached])
        burnt, self._later, worked = march(
            *self._given, begin, stop, self._width, self._ring, self._vectors, self._tilt, band
        )
        self.worked += worked
        numbers = self._numbers[burnt].astype(np.int64)
        settle(burnt, numbers, state.cells, state.rise, self.arrival, self.rate)
        return numbers
