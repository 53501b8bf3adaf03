"""Fire through vegetation and from building to building."""

from citytwin.hazards.fire.model import Fire

__all__ = ["Fire"]
