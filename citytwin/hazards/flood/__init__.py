"""Flood by a cloudburst: rain, shallow water over the streets, infiltration, open boundary."""

from citytwin.hazards.flood.model import Flood

__all__ = ["Flood"]
