"""How much is released by when: all at once, at a steady rate, from a pool that evaporates."""

from dataclasses import dataclass, field

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.substances import ATMOSPHERE, GAS, Substance
from citytwin.hazards.wind import Wind

#: Heat of a fire that makes a buoyancy flux: F = 8.8 m⁴/s³ for each megawatt (Briggs 1969).
FLUX = 8.8
#: Viscosity of air and diffusivity of water vapour in it [m²/s], molar mass of water [kg/mol].
_VISCOSITY, _WATER_DIFFUSES, _WATER = 1.5e-5, 2.4e-5, 0.018015
#: Ground under a pool: conductivity [W/(m K)] and diffusivity [m²/s] of concrete. Judged, handbooks.
GROUND = (1.3, 6.5e-7)
#: Steps in which a pool is followed.
_STEPS = 400
_MINUTE = 60.0


@dataclass(frozen=True, eq=False)
class Emission:
    """Mass released by time.

    Attributes
    ----------
    start, end
        From when to when [s]; equal if all at once.
    times, released
        (t,) times [s] and the mass released up to them [kg], in straight lines between.
    changes
        Times at which the rate changes and pieces of the plume should end [s].
    pool
        Mass that was in a pool at the start [kg]; 0 where there is none.
    """

    start: float
    end: float
    times: Floats
    released: Floats
    changes: Floats = field(default_factory=lambda: np.zeros(0))
    pool: float = 0.0

    @property
    def at_once(self) -> bool:
        """Whether it is released in a moment."""
        return self.end <= self.start

    def mass(self, time: Floats) -> Floats:
        """Mass released up to times [kg]."""
        if self.at_once:
            return np.where(np.asarray(time) >= self.start, self.released[-1], 0.0)
        return np.asarray(np.interp(time, self.times, self.released))

    @property
    def peak_rate(self) -> float:
        """Greatest rate over a minute [kg/s]: a pool that boils starts with an endless one."""
        if self.at_once:
            return 0.0
        span = min(_MINUTE, self.end - self.start)
        ends = np.clip(self.times, self.start + span, self.end)
        return float((self.mass(ends) - self.mass(ends - span)).max() / span)


def at_once(mass: float, start: float) -> Emission:
    """All of a mass [kg] at a time [s]."""
    return Emission(start, start, np.array([start]), np.array([mass]))


def steady(rate: float, start: float, lasts: float) -> Emission:
    """A rate [kg/s] from a time on, for so long [s]."""
    times = np.array([start, start + lasts])
    return Emission(start, start + lasts, times, np.array([0.0, rate * lasts]))


@dataclass(frozen=True)
class Pool:
    """A pool of a substance.

    Attributes
    ----------
    mass
        At the start [kg].
    area
        At the start [m²].
    """

    substance: Substance
    mass: float
    area: float


def evaporation(
    pool: Pool, wind: Floats, temperature: float, since: Floats
) -> tuple[Floats, Floats]:
    """(t,) mass that leaves a square metre [kg/(m² s)] by wind, and by boiling on the ground.

    Below its boiling point by the wind: k P M / (R T), with k = 0.0048 u^(7/9) Z^(−1/9) Sc^(−2/3)
    (Mackay & Matsugu 1973, doi:10.1002/cjce.5450510407) and the correction for a high vapour
    pressure, −(P₀/P) ln(1 − P/P₀) (Brighton 1985). At its boiling point by heat from the ground:
    λ (T − T_b) / (L √(π α t)) (Shaw & Briscoe 1978, SRD R100). Neither paper was read here.

    Parameters
    ----------
    wind
        (t,) at 10 m [m/s].
    temperature
        Of air and ground [K].
    since
        (t,) time since the spill [s].
    """
    gas = pool.substance
    boils = gas.boiling_point < temperature
    if boils:
        conducts, diffuses = GROUND
        heat = conducts * (temperature - gas.boiling_point)
        root = np.sqrt(np.pi * diffuses * since)
        return np.zeros(wind.size), heat / (gas.latent_heat * root)
    diameter = np.sqrt(4.0 * pool.area / np.pi)
    schmidt = _VISCOSITY / (_WATER_DIFFUSES * np.sqrt(_WATER / gas.molar_mass))
    speed = 0.0048 * np.maximum(wind, 0.1) ** (7.0 / 9.0) * diameter ** (-1.0 / 9.0)
    speed = speed * schmidt ** (-2.0 / 3.0)
    share = min(gas.vapour_pressure(temperature) / ATMOSPHERE, 0.99)
    pull = -np.log(1.0 - share) / share
    density = share * ATMOSPHERE * gas.molar_mass / (GAS * temperature)
    return np.asarray(speed * density * pull), np.zeros(wind.size)


def evaporating(pool: Pool, wind: Wind, temperature: float, start: float, until: float) -> Emission:
    """A pool that evaporates.

    It lies in a shallow hollow, so that its area shrinks as the root of its mass; then the root of
    its mass falls by ∫ e A₀ / (2 √m₀) dt, with the mass e that leaves a square metre.

    Parameters
    ----------
    wind
        At 10 m.
    temperature
        Of air and ground [K].
    start, until
        Of the spill, and of the run [s].
    """
    # Closer in the beginning, when a boiling pool cools the ground.
    since = (until - start) * (np.arange(_STEPS + 1) / _STEPS) ** 3
    middle = 0.5 * (since[1:] + since[:-1])
    times = start + since
    speed = np.hypot(*(np.interp(start + middle, wind.times, v) for v in (wind.east, wind.north)))
    by_wind, boiling = evaporation(pool, speed, temperature, middle)
    if boiling.any():
        # Exact over each step: the integral of 1 / √t is 2 √t.
        scale = boiling[0] * np.sqrt(middle[0])
        lost = 2.0 * scale * np.diff(np.sqrt(since))
    else:
        lost = by_wind * np.diff(since)
    root = np.sqrt(pool.mass) - np.concatenate(
        [[0.0], np.cumsum(lost) * pool.area / (2.0 * np.sqrt(pool.mass))]
    )
    gone = int(np.argmax(root <= 0.0)) if (root <= 0.0).any() else root.size
    if gone < root.size:
        part = root[gone - 1] / (root[gone - 1] - root[gone])
        end = times[gone - 1] + part * (times[gone] - times[gone - 1])
        times, root = np.append(times[:gone], end), np.append(root[:gone], 0.0)
    released = pool.mass - np.maximum(root, 0.0) ** 2
    changes = times[:: max(times.size // 40, 1)]
    return Emission(start, float(times[-1]), times, released, changes, pool.mass)


def rise_of(flux: float, wind: float, lapse: float, temperature: float) -> tuple[float, float]:
    """How a hot plume rises: factor of way^(2/3), and the most [m].

    Briggs as in EPA-454/B-95-003b: 1.6 F^(1/3) x^(2/3) / u; the most is 21.425 F^(3/4) / u, or
    38.71 F^(3/5) / u from F = 55 m⁴/s³ on; in stable air 2.6 (F / (u s))^(1/3), and in a calm
    4 F^(1/4) s^(−3/8).

    Parameters
    ----------
    flux
        Buoyancy flux F [m⁴/s³].
    wind
        Where it leaves [m/s].
    lapse
        Rise of the potential temperature with height [K/m].
    temperature
        Of the air [K].
    """
    if flux <= 0.0:
        return 0.0, 0.0
    factor = 1.6 * flux ** (1.0 / 3.0) / wind
    if lapse <= 0.0:
        small = flux < 55.0
        top = 21.425 * flux**0.75 / wind if small else 38.71 * flux**0.6 / wind
        return factor, top
    stable = 9.80665 / temperature * lapse
    calm = 4.0 * flux**0.25 * stable ** (-0.375)
    return factor, min(2.6 * (flux / (wind * stable)) ** (1.0 / 3.0), calm)
