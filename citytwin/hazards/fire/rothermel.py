"""Rothermel's surface fire in a bed of fuel of a given moisture.

Rothermel 1972 (INT-115) with the changes of Albini 1976 (INT-30), as set out by Andrews 2018
(RMRS-GTR-371, doi:10.2737/RMRS-GTR-371); it is computed in the pounds and feet of its coefficients
and handed out in SI. Wind at midflame height: Andrews 2012 (RMRS-GTR-266, doi:10.2737/RMRS-GTR-266).
"""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.hazards.fire.fuels import FuelModel

_FOOT = 0.3048
#: From short tons per acre to pounds per square foot.
_LOAD = 2000.0 / 43560.0
#: From Btu/ft² to J/m².
_BTU_FT2 = 1055.05585 / _FOOT**2
_DENSITY, _MINERALS, _FREE_OF_SILICA = 32.0, 0.0555, 0.010
#: Least surface to volume [1/ft] of the classes of size that share a weight (Albini 1976).
_SIZES = np.array([1200.0, 192.0, 96.0, 48.0, 16.0])
#: The wind at 10 m over that at 20 ft above the plants (Andrews 2012).
TEN_METRES = 1.15

#: Moistures [kg/kg]: dead fuel of 1 h, 10 h and 100 h, live herbs, live wood.
Moisture = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Bed:
    """What a bed of fuel of some moisture does in any wind and on any slope.

    Attributes
    ----------
    rate
        Rate of spread in still air on level ground [m/s]; 0 if it does not burn.
    reaction
        Reaction intensity [W/m²].
    residence
        How long a point flames [s]; Anderson 1969 as in Andrews 2018.
    wind_factor, wind_power
        Wind of speed U at midflame height [m/s] adds factor · U^power rates.
    slope_factor
        Ground that rises by tan φ adds factor · tan² φ rates.
    wind_limit
        Greatest effective wind at midflame height [m/s], 0.9 of the reaction intensity in
        Rothermel's units.
    adjustment
        Wind at midflame height over that at 10 m.
    """

    rate: float
    reaction: float
    residence: float
    wind_factor: float
    wind_power: float
    slope_factor: float
    wind_limit: float
    adjustment: float

    @property
    def heat(self) -> float:
        """Heat that the flaming front frees on an area [J/m²]."""
        return self.reaction * self.residence

    def row(self) -> tuple[float, ...]:
        """The numbers that the kernels take, in the order of ``ellipse.BED``."""
        return (
            self.rate, self.wind_factor, self.wind_power, self.slope_factor, self.wind_limit,
            self.adjustment, self.heat, self.residence,
        )  # fmt: skip


def bed(
    fuel: FuelModel, moisture: Moisture, canopy_cover: float = 0.0, canopy_height: float = 0.0
) -> Bed:
    """Bed of a fuel model at a moisture.

    Parameters
    ----------
    fuel
        The fuel model.
    moisture
        Of dead 1 h, 10 h, 100 h, live herbs and live wood [kg/kg].
    canopy_cover, canopy_height
        Trees above the fuel, which shelter it: share of the ground that they cover and their
        height [m].
    """
    load, wet, sav = _classes(fuel, moisture)
    live = np.array([False, False, False, False, True, True])
    surface = load * sav / _DENSITY
    by_kind = np.array([surface[~live].sum(), surface[live].sum()])
    share_of_kind = by_kind / by_kind.sum()
    of_kind = np.where(live, by_kind[1], by_kind[0])
    share = np.divide(surface, of_kind, out=np.zeros(6), where=of_kind > 0.0)
    sigma = float(sum(share_of_kind[k] * (share * sav)[live == k].sum() for k in (0, 1)))
    packing = float(load.sum() / (_DENSITY * fuel.depth_ft))
    optimum = packing / (3.348 * sigma**-0.8189)
    reaction = _reaction(fuel, (load, wet, sav, share, live), sigma, optimum)
    flux = np.exp((0.792 + 0.681 * np.sqrt(sigma)) * (packing + 0.1)) / (192.0 + 0.2595 * sigma)
    heating = np.exp(-138.0 / np.where(sav > 0.0, sav, 1.0)) * (sav > 0.0)
    ignition = share * heating * (250.0 + 1116.0 * wet)
    sink = load.sum() / fuel.depth_ft
    sink *= sum(share_of_kind[k] * ignition[live == k].sum() for k in (0, 1))
    power = 0.02526 * sigma**0.54
    factor = 7.47 * np.exp(-0.133 * sigma**0.55) * optimum ** -(0.715 * np.exp(-3.59e-4 * sigma))
    return Bed(
        rate=float(reaction * flux / sink) * _FOOT / 60.0,
        reaction=reaction * _BTU_FT2 / 60.0,
        residence=384.0 / sigma * 60.0,
        wind_factor=float(factor * (60.0 / _FOOT) ** power),
        wind_power=float(power),
        slope_factor=5.275 * packing**-0.3,
        wind_limit=0.9 * reaction * _FOOT / 60.0,
        adjustment=wind_adjustment(fuel.depth_ft * _FOOT, canopy_cover, canopy_height) / TEN_METRES,
    )


def _classes(fuel: FuelModel, moisture: Moisture) -> tuple[Floats, Floats, Floats]:
    """(6,) load [lb/ft²], moisture, surface to volume: 1 h, 10 h, 100 h, cured, herbs, wood."""
    one, ten, hundred, herb, woody = (_LOAD * value for value in fuel.loads_t_ac)
    sav = fuel.sav_ft
    green = min(max((moisture[3] - 0.3) / 0.9, 0.0), 1.0) if fuel.dynamic else 1.0
    load = np.array([one, ten, hundred, herb * (1.0 - green), herb * green, woody])
    wet = np.array([*moisture[:3], moisture[0], *moisture[3:]])
    return load, wet, np.array([*sav[:3], sav[3], *sav[3:]])


def _reaction(fuel: FuelModel, bed: tuple[AnyFloats, ...], sigma: float, optimum: float) -> float:
    """Reaction intensity [Btu/ft²/min]."""
    load, wet, sav, share, live = bed
    size = np.searchsorted(-_SIZES, -sav)
    heat = 0.0
    for kind, extinction in enumerate((fuel.extinction, _live_extinction(fuel, load, wet, sav))):
        mine = live == kind
        weights = [share[mine & (size == one)].sum() for one in size[mine]]
        net = float((weights * load[mine]).sum()) * (1.0 - _MINERALS)
        ratio = min(float((share * wet)[mine].sum()) / extinction, 1.0)
        damping = 1.0 - 2.59 * ratio + 5.11 * ratio**2 - 3.52 * ratio**3 if ratio < 1.0 else 0.0
        heat += net * fuel.heat_btu_lb * damping * 0.174 * _FREE_OF_SILICA**-0.19
    rise = 133.0 * sigma**-0.7913
    greatest = sigma**1.5 / (495.0 + 0.0594 * sigma**1.5)
    return float(heat * greatest * optimum**rise * np.exp(rise * (1.0 - optimum)))


def _live_extinction(fuel: FuelModel, load: AnyFloats, wet: AnyFloats, sav: AnyFloats) -> float:
    """Moisture at which live fuel stops to burn [kg/kg] (Albini 1976)."""
    scale = np.array([-138.0] * 4 + [-500.0] * 2)
    fine = load * np.exp(scale / np.where(sav > 0.0, sav, 1.0)) * (sav > 0.0)
    dead, live = float(fine[:4].sum()), float(fine[4:].sum())
    if dead <= 0.0 or live <= 0.0:
        return fuel.extinction
    dead_moisture = float((fine * wet)[:4].sum()) / dead
    found = 2.9 * dead / live * (1.0 - dead_moisture / fuel.extinction) - 0.226
    return max(found, fuel.extinction)


def wind_adjustment(depth: float, canopy_cover: float = 0.0, canopy_height: float = 0.0) -> float:
    """Wind at midflame height over that 20 ft above the plants (Andrews 2012, eqs. 2 and 6).

    Parameters
    ----------
    depth
        Depth of the bed of fuel [m].
    canopy_cover, canopy_height
        Share of the ground under trees and their height [m].
    """
    filled, height = canopy_cover / 3.0, canopy_height / _FOOT
    if filled >= 0.05 and height >= 6.0:
        above = np.log((20.0 + 0.36 * height) / (0.13 * height))
        return float(0.555 / (np.sqrt(filled * height) * above))
    depth_ft = depth / _FOOT
    return float(1.83 / np.log((20.0 + 0.36 * depth_ft) / (0.13 * depth_ft)))


def flame_length(intensity: AnyFloats) -> Floats:
    """Length of flames [m] of a front of some fireline intensity [W/m] (Byram 1959)."""
    return np.asarray(0.0775 * (np.asarray(intensity) / 1000.0) ** 0.46, np.float64)
