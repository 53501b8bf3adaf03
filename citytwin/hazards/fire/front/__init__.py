"""The front of a fire through vegetation: arrival on the cells of a city."""

from citytwin.hazards.fire.front.front import WIND_STEP, Front
from citytwin.hazards.fire.front.spread import Spread

__all__ = ["WIND_STEP", "Front", "Spread"]
