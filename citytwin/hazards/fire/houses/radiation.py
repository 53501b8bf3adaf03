"""What burning buildings radiate on their neighbours: from walls, and from flames above roofs."""

import math

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.fire.houses.pairs import TOUCH
from citytwin.hazards.fire.houses.views import view

#: Nearest that a flame comes to what it heats [m].
_NEAREST = 0.5
_GRAVITY = 9.81


@njit(cache=True, nogil=True)
def quickening(wind: float, cosine: float, rate: float) -> float:
    """How much faster than in still air a fire grows in a building towards a direction.

    Parameters
    ----------
    wind
        Speed [m/s].
    cosine
        Of the angle between the direction and where the air goes.
    rate
        The coefficient ``wind_growth`` [(s/m)^1.5].
    """
    return float(1.0 + rate * wind**1.5 * (0.5 + 0.5 * cosine) ** 4)


@njit(cache=True, nogil=True)
def flame(
    power: float, area: float, wind: float, height: float, width: float, burning: float
) -> tuple[float, float, float]:
    """Length of the flames above a roof [m], and cosine and sine of their tilt from upright.

    Parameters
    ----------
    power
        Heat release [W].
    area
        Of the roof [m²].
    wind
        Speed [m/s].
    height, width
        Heskestad's coefficients [m/kW^(2/5)] and [1].
    burning
        Heat of combustion times the density of air [J/m³].

    Source: Heskestad for the length; American Gas Association 1974 as in the SFPE Handbook for the
    tilt; neither was read here.
    """
    across = math.sqrt(4.0 * area / math.pi)
    length = max(height * (power / 1000.0) ** 0.4 - width * across, 0.0)
    rising = (_GRAVITY * power / (area * burning) * across) ** (1.0 / 3.0)
    share = rising / wind if wind > rising else 1.0
    cosine = math.sqrt(share)
    return length, cosine, math.sqrt(1.0 - share)


@njit(cache=True, nogil=True)
def expose(
    active: Ints,
    first: Ints,
    target: Ints,
    shape: Floats,
    met: Floats,
    state: Ints,
    house: Floats,
    party: Floats,
    wind: Floats,
    law: Floats,
    step: float,
    flux: Floats,
    touched: Floats,
) -> None:
    """Add up radiation and burnt-through walls of all burning buildings.

    Parameters
    ----------
    active
        (m,) burning buildings, rising.
    first, target
        Pairs, as in ``pairs.Pairs``.
    shape
        (p, 6) gap, east, north, left, right and wall of each pair.
    met
        (p,) share of the growth to full fire at the wall that faces the other; advanced here.
    state
        (b,) 0 where untouched.
    house
        (b, 7) height [m], area [m²], growth [s], what the wall radiates at full fire, averaged over it
        [kW/m²], heat release now [W], share of full heat that is left after growth, share that engines
        leave: below 1 the fire grows no more.
    party
        (b,) time for which a shared wall holds [s].
    wind
        (3,) speed [m/s], east and north of where the air goes, of length 1.
    law
        (5,) wind_growth, flame height, flame width, heat of combustion times density of air, and flame
        emission.
    step
        Length of the step [s].
    flux, touched
        (b,) radiation [kW/m²] and share of a shared wall burnt through; both added to.
    """
    for i in active:
        height, area, growth, wall = house[i, 0], house[i, 1], house[i, 2], house[i, 3]
        left, free = house[i, 5] * house[i, 6], house[i, 6] >= 1.0
        length, upright, tilt = flame(house[i, 4], area, wind[0], law[1], law[2], law[3])
        for k in range(first[i], first[i + 1]):
            j = target[k]
            if state[j] != 0:
                continue
            cosine = shape[k, 1] * wind[1] + shape[k, 2] * wind[2]
            gain = quickening(wind[0], cosine, law[0]) * step / growth if free else 0.0
            share = min(met[k] + 0.5 * gain, 1.0) ** 2 * left
            met[k] += gain
            gap = shape[k, 0]
            if gap < TOUCH:
                touched[j] += share * step / max(party[i], party[j])
                continue
            top = height + length * upright
            eye = min(house[j, 0], top)
            near = max(gap - length * tilt * max(cosine, 0.0), _NEAREST)
            sheet = view(shape[k, 3], shape[k, 4], height - eye, top - eye, near)
            flux[j] += share * (wall * shape[k, 5] + law[4] * sheet)


@njit(cache=True, nogil=True)
def catch(
    flux: Floats,
    touched: Floats,
    state: Ints,
    dose: Floats,
    limit: Floats,
    begin: float,
    step: float,
    when: Floats,
) -> None:
    """Add to each untouched building's dose; give the time at which it is full.

    Parameters
    ----------
    flux, touched
        (b,) from ``expose``.
    state
        (b,) 0 where untouched.
    dose
        (b,) share of what ignites it that it has received; added to.
    limit
        (b, 3) critical flux, flux-time product and exponent.
    begin, step
        Start and length of the step [s].
    when
        (b,) time of ignition [s], set where the dose gets full.
    """
    for j in range(flux.size):
        if state[j] != 0 or (flux[j] <= 0.0 and touched[j] <= 0.0):
            continue
        gain = touched[j]
        if flux[j] > limit[j, 0]:
            gain += (flux[j] - limit[j, 0]) ** limit[j, 2] * step / limit[j, 1]
        before = dose[j]
        dose[j] = before + gain
        if dose[j] >= 1.0:
            when[j] = begin + step * min(max((1.0 - before) / gain, 0.0), 1.0)


@njit(cache=True, nogil=True)
def start(
    building: int,
    seconds: float,
    first: Ints,
    shape: Floats,
    met: Floats,
    growth: float,
    wind: Floats,
    rate: float,
) -> None:
    """Let a building that caught fire within a step grow for the rest of it, towards each neighbour."""
    for k in range(first[building], first[building + 1]):
        cosine = shape[k, 1] * wind[1] + shape[k, 2] * wind[2]
        met[k] = quickening(wind[0], cosine, rate) * seconds / growth


@njit(cache=True, nogil=True)
def burn(
    active: Ints,
    house: Floats,
    load: Floats,
    power: Floats,
    progress: Floats,
    spent: Floats,
    gain: float,
    step: float,
    done: Bools,
) -> float:
    """Let buildings burn for a step; gives the heat released [J].

    Parameters
    ----------
    active
        (m,) burning buildings.
    house
        As for ``expose``; the heat release now and the share left are set.
    load, power
        (b,) fire load [J] and heat release at full fire [W].
    progress
        (b,) share of the growth to full fire; advanced.
    spent
        (b,) share of the load that is burnt; advanced.
    gain
        Mean over all directions of how much faster than in still air fires grow.
    step
        [s].
    done
        (b,) set where nothing is left.
    """
    total = 0.0
    for i in active:
        if house[i, 6] >= 1.0:
            progress[i] += gain * step / house[i, 2]
        left = _left(spent[i])
        heat = power[i] * min(progress[i], 1.0) ** 2 * left * house[i, 6]
        out = min(heat * step, load[i] * (1.0 - spent[i]))
        spent[i] += out / load[i]
        if spent[i] >= _BURNT:
            out += load[i] * (1.0 - spent[i])
            spent[i], heat, done[i] = 1.0, 0.0, True
        total += out
        house[i, 4], house[i, 5] = heat, _left(spent[i])
    return total


#: Share of the load with which the decay begins, and with which a building counts as burnt out.
_DECAY, _BURNT = 0.8, 0.998


@njit(cache=True, nogil=True)
def _left(spent: float) -> float:
    """Share of full heat release: 1, then falling in a straight line in time while the rest burns."""
    if spent <= 0.8:
        return 1.0
    return math.sqrt(max(1.0 - spent, 0.0) / 0.2)


def mean_quickening(wind: float, rate: float) -> float:
    """Mean over all directions of ``quickening``: the mean of ((1 + cos a)/2)^4 is 35/128."""
    return 1.0 + float(rate * wind**1.5 * 0.2734375)


def direction(east: float, north: float) -> Floats:
    """Speed and direction of a wind as kernels take it; still air goes nowhere."""
    speed = math.hypot(east, north)
    return np.array([speed, east / speed, north / speed] if speed > 0.0 else [0.0, 0.0, 0.0])
