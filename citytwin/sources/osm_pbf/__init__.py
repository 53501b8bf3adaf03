"""OpenStreetMap extracts (PBF)."""

from citytwin.sources.osm_pbf.source import OsmPbf

__all__ = ["OsmPbf"]
