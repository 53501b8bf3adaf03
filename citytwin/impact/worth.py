"""What buildings cost to build anew, for damage of any cause."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.impact.base import Curve
from citytwin.impact.exposure import Exposure
from citytwin.impact.flood_damage import CURRENCY, DAMAGED, SOURCE, construction_cost
from citytwin.impact.uses import priced_uses

__all__ = ["CURRENCY", "cost_curve", "rebuilding"]


def rebuilding(exposure: Exposure) -> Floats:
    """(b,) cost of building each building anew [EUR of 2010]; zeros without a country.

    Schools count as commercial, and what stands empty, as garages do, as industrial (``PRICED``).
    """
    cost = np.zeros(len(exposure.buildings))
    if not exposure.choices.country:
        return cost
    use = priced_uses(exposure)
    for name in DAMAGED:
        mine = use == name
        price = construction_cost(exposure.choices.country, name)
        cost[mine] = exposure.buildings.floor_area[mine] * price
    return cost


def cost_curve(exposure: Exposure) -> Curve:
    """Where the cost of building anew is from."""
    return Curve(
        f"cost of building anew per m² of floor, {exposure.choices.country}", SOURCE, verified=False
    )
