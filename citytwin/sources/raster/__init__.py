"""Rasters: elevation, land cover, people."""

from citytwin.sources.raster.source import RasterSource

__all__ = ["RasterSource"]
