"""Whether a release is so dense that it flows as a heavy gas at first."""

import numpy as np

from citytwin.hazards.plume.substances import AIR, ATMOSPHERE, GAS, Substance

_GRAVITY = 9.80665
#: Beyond these a release behaves as a dense gas: continuous and instantaneous, Britter & McQuaid
#: 1988, Workbook on the dispersion of dense gases, HSE 17, as reprinted; not read here.
CONTINUOUS, INSTANTANEOUS = 0.15, 0.20


def reduced_gravity(gas: Substance, release: float, air: float) -> float:
    """Pull g (ρ − ρ_air) / ρ_air on pure vapour [m/s²], at its own and the air's temperature [K]."""
    around = ATMOSPHERE * AIR / (GAS * air)
    return _GRAVITY * (gas.vapour_density(release) - around) / around


def release_temperature(gas: Substance, air: float, *, liquid: bool) -> float:
    """Temperature of the vapour where it leaves [K]: what boils off a liquid is at its boiling point."""
    return min(gas.boiling_point, air) if liquid and gas.boiling_point > 0.0 else air


def density_number(
    gas: Substance,
    air: float,
    wind: float,
    *,
    liquid: bool = True,
    rate: float = 0.0,
    mass: float = 0.0,
    width: float = 0.0,
) -> float:
    """How dense a release is for the wind; 1 is the limit of Britter & McQuaid, below it is passive.

    Continuous: (g' q / (u³ D))^(1/3) / 0.15 with D = √(q / u); instantaneous:
    √(g' V^(1/3)) / u / 0.20.

    Parameters
    ----------
    air
        Temperature of the air [K].
    wind
        At 10 m [m/s].
    liquid
        Whether it boils off a liquid and leaves cold.
    rate, mass
        Of the release [kg/s] or [kg].
    width
        Of a continuous release [m], where it is wider than √(q / u).
    """
    cold = release_temperature(gas, air, liquid=liquid)
    pull = max(reduced_gravity(gas, cold, air), 0.0)
    if mass > 0.0:
        volume = mass / gas.vapour_density(cold)
        return float(np.sqrt(pull * np.cbrt(volume)) / wind / INSTANTANEOUS)
    flow = rate / gas.vapour_density(cold)
    if flow <= 0.0:
        return 0.0
    wide = max(np.sqrt(flow / wind), width)
    return float(np.cbrt(pull * flow / (wind**3 * wide)) / CONTINUOUS)
