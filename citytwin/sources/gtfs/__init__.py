"""GTFS: stops and services of public transport."""

from citytwin.sources.gtfs.source import Gtfs

__all__ = ["Gtfs"]
