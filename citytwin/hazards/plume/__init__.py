"""Gas and smoke in a wind that turns: Gaussian puffs, dose, health zones, indoors and out."""

from citytwin.hazards.plume.model import Plume

__all__ = ["Plume"]
