"""CityJSON and CityJSONSeq."""

from citytwin.sources.cityjson.source import CityJSON

__all__ = ["CityJSON"]
