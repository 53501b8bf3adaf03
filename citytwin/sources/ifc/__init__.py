"""IFC: footprint and height of a building."""

from citytwin.sources.ifc.source import Ifc

__all__ = ["Ifc"]
