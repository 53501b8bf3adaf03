"""Archives of vector tiles: PMTiles and MBTiles."""

from citytwin.sources.pmtiles.source import TileArchive

__all__ = ["TileArchive"]
