"""Buildings on fire: who burns, since when, why, and how much of each fire load is gone."""

from typing import Any

import numpy as np

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.fire.houses import radiation
from citytwin.hazards.fire.houses.classes import Stock
from citytwin.hazards.fire.houses.pairs import Pairs
from citytwin.hazards.fire.houses.tables import coefficients, construction

#: States of a building.
UNTOUCHED, BURNING, BURNT, PUT_OUT, CLEARED = range(5)
#: Why a building burns.
IGNITION, RADIATION, EMBERS, PLANTS = range(1, 5)
#: Columns of ``Houses.house`` that change.
HEAT, LEFT, FREE = 4, 5, 6
#: Arrays of ``Houses`` that change in a run.
_KEPT = ("state", "cause", "ignited", "ended", "progress", "spent", "dose", "house")


class Houses:
    """Buildings of a run, stepped together.

    Parameters
    ----------
    stock
        Buildings as fire sees them.
    pairs
        Pairs that see each other.

    Attributes
    ----------
    state, cause
        (b,) as the constants of this module; the cause is 0 where nothing burnt.
    ignited, ended
        (b,) times at which each caught fire, and was burnt or put out [s]; infinite where not yet.
    progress, spent
        (b,) share of the growth to full fire, and share of the fire load that is burnt.
    dose
        (b,) share of what ignites it that an untouched building has received.
    house
        (b, 7) as in ``radiation.expose``.
    released
        Heat released by all of them [J].
    law
        (5,) as in ``radiation.expose``.
    """

    def __init__(self, stock: Stock, pairs: Pairs) -> None:
        self.stock, self.pairs = stock, pairs
        count, table, names = stock.kind.size, construction(), coefficients()
        self.state = np.zeros(count, np.int64)
        self.cause = np.zeros(count, np.int64)
        self.ignited = np.full(count, np.inf)
        self.ended = np.full(count, np.inf)
        self.progress, self.spent = np.zeros(count), np.zeros(count)
        self.dose, self.released = np.zeros(count), 0.0
        wall = (table.opening_share * table.emission)[stock.kind]
        zero, one = np.zeros(count), np.ones(count)
        self.house = np.stack(
            [stock.height, stock.area, stock.growth, wall, zero, one, one], axis=1
        )
        self._shape = np.stack(
            [pairs.gap, pairs.east, pairs.north, pairs.left, pairs.right, pairs.wall], axis=1
        )
        self._met = np.zeros(len(pairs))
        self._party = table.party[stock.kind]
        self.limit = np.stack(
            [values[stock.kind] for values in (table.critical_flux, table.dose, table.exponent)],
            axis=1,
        )
        burning = names["heat_of_combustion"] * 1e6 * names["air_density"]
        self.law = np.array(
            [names["wind_growth"], names["flame_height"], names["flame_width"], burning,
             names["flame_emission"]]
        )  # fmt: skip

    def __len__(self) -> int:
        return int(self.state.size)

    @property
    def burning(self) -> Ints:
        """(m,) buildings on fire."""
        return np.flatnonzero(self.state == BURNING)

    def clear(self, buildings: Ints | Bools) -> None:
        """Take buildings away before the fire: they neither burn nor shelter others."""
        self.state[buildings] = CLEARED

    def ignite(self, buildings: Ints, times: Floats, cause: int, now: float, wind: Floats) -> Ints:
        """Set fire to those that are untouched; gives them.

        Parameters
        ----------
        buildings, times
            (m,) buildings and when [s], not after ``now``.
        cause
            Why.
        now
            Time up to which the others have burnt [s].
        wind
            As ``radiation.direction`` gives it.
        """
        fresh = self.state[buildings] == UNTOUCHED
        buildings, times = buildings[fresh], times[fresh]
        self.state[buildings], self.cause[buildings] = BURNING, cause
        self.ignited[buildings] = times
        rate = self.law[0]
        gain = radiation.mean_quickening(wind[0], rate)
        for building, time in zip(buildings.tolist(), times.tolist(), strict=True):
            growth = self.stock.growth[building]
            self.progress[building] = gain * (now - time) / growth
            radiation.start(
                building, now - time, self.pairs.first, self._shape, self._met, growth, wind, rate
            )
        return buildings

    def step(self, begin: float, step: float, wind: Floats) -> Ints:
        """Let them burn for a step; gives those that caught fire from others."""
        active = self.burning
        if not active.size:
            return active
        flux, touched = np.zeros(len(self)), np.zeros(len(self))
        radiation.expose(
            active, self.pairs.first, self.pairs.target, self._shape, self._met, self.state,
            self.house, self._party, wind, self.law, step, flux, touched,
        )  # fmt: skip
        done = np.zeros(len(self), dtype=np.bool_)
        self.released += radiation.burn(
            active, self.house, self.stock.load, self.stock.power, self.progress, self.spent,
            radiation.mean_quickening(wind[0], self.law[0]), step, done,
        )  # fmt: skip
        self.state[done], self.ended[done] = BURNT, begin + step
        when = np.full(len(self), np.inf)
        radiation.catch(flux, touched, self.state, self.dose, self.limit, begin, step, when)
        caught = np.flatnonzero(np.isfinite(when))
        return self.ignite(caught, when[caught], RADIATION, begin + step, wind)

    def put_out(self, building: int, time: float) -> None:
        """A fire goes out under water."""
        self.state[building], self.ended[building] = PUT_OUT, time
        self.house[building, HEAT] = 0.0

    def counts(self) -> dict[str, int]:
        """How many buildings are in each state."""
        found = np.bincount(self.state, minlength=5)
        names = ("untouched", "burning", "burnt", "put_out", "cleared")
        return {name: int(number) for name, number in zip(names, found, strict=True)}

    def kept(self) -> dict[str, Any]:
        """What befell each building, as a result keeps it."""
        fire = np.isfinite(self.ignited)
        gone = self.state == BURNT
        return {
            "ignited_s": np.where(fire, self.ignited, np.nan).astype(np.float32),
            "burnt_s": np.where(gone, self.ended, np.nan).astype(np.float32),
            "put_out_s": np.where(self.state == PUT_OUT, self.ended, np.nan).astype(np.float32),
            "state": self.state.astype(np.float32),
            "cause": self.cause.astype(np.float32),
            "load_burnt": self.spent.astype(np.float32),
        }

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        arrays = {name: getattr(self, name).copy() for name in _KEPT}
        return {**arrays, "met": self._met.copy(), "released": self.released}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        for name in _KEPT:
            setattr(self, name, kept[name])
        self._met, self.released = kept["met"], kept["released"]
