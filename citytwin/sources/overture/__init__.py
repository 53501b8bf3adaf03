"""Overture Maps."""

from citytwin.sources.overture.source import Overture

__all__ = ["Overture"]
