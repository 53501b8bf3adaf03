"""Mapbox vector tiles in a folder."""

from citytwin.sources.vector_tiles.source import VectorTiles

__all__ = ["VectorTiles"]
