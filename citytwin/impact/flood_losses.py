"""Damage of water to buildings in money, in one flood or in many: the functions read by the kernel."""

from functools import lru_cache

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.impact.exposure import Exposure
from citytwin.impact.flood_damage import DAMAGED, depth_damage, greatest_damage
from citytwin.impact.uses import priced_uses
from citytwin.kernels.assets import asset_losses

#: Storeys that JRC's functions cover: they reach their greatest damage at 6 m.
STOREYS = 2.0


def flood_losses(
    exposure: Exposure, at_walls: Floats, least: float, weight: Floats | None = None
) -> tuple[Floats, Floats]:
    """Damage in each flood, and of each building over all floods.

    Parameters
    ----------
    exposure
        What stands in the way; its choices name the country and the continent.
    at_walls
        (e, b) water at the walls of each building in each flood [m].
    least
        Depth below which no damage is done [m].
    weight
        (e,) weight of each flood in the sum over floods: its frequency; 1 if left out.

    Returns
    -------
    (e,) damage by flood, and (b,) sums over floods of damage times weight [EUR of 2010].
    """
    held, value, curve = _assets(exposure)
    corners = [depth_damage(exposure.choices.continent, name) for name in DAMAGED]
    by_flood, by_asset = asset_losses(
        np.where(at_walls >= least, at_walls, 0.0),
        held,
        value,
        curve,
        [(one.depth, one.damage) for one in corners],
        np.ones(len(at_walls)) if weight is None else weight,
        # A few hundred thousand buildings in one flood take a millisecond: threads would not pay.
        parallel=len(at_walls) > 1,
    )
    by_building = np.zeros(len(exposure.buildings))
    by_building[held] = by_asset
    return by_flood, by_building


@lru_cache(maxsize=1)  # of a city that many floods befall
def _assets(exposure: Exposure) -> tuple[Ints, Floats, Ints]:
    """(a,) buildings that have a function, by function; greatest damage [EUR of 2010]; the function."""
    use = priced_uses(exposure)
    area = exposure.buildings.area * np.minimum(exposure.buildings.levels, STOREYS)
    parts = [np.flatnonzero(use == name) for name in DAMAGED]
    value = [
        area[mine] * greatest_damage(exposure.choices.country, name)
        for name, mine in zip(DAMAGED, parts, strict=True)
    ]
    curve = np.repeat(np.arange(len(parts)), [mine.size for mine in parts])
    return np.concatenate(parts), np.concatenate(value), curve
