"""Earthquake: a rupture, the ground motion on the cells, or a ShakeMap in its place."""

from citytwin.hazards.earthquake.model import Earthquake

__all__ = ["Earthquake"]
