"""The passes over an OpenStreetMap file: objects with their places, chosen by keys in C++."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import osmium
from osmium import osm
from osmium.filter import EntityFilter, KeyFilter, TagFilter
from osmium.osm.types import OSMEntity

from citytwin.errors import SourceError
from citytwin.sources.base import Box
from citytwin.sources.osm_pbf.blobs import check_texts
from citytwin.sources.osm_pbf.ways import Place

#: Keys by which objects are chosen; the rules say what becomes of them.
NODE_KEYS = (
    *("amenity", "shop", "tourism", "office", "leisure", "emergency", "healthcare", "highway"),
    *("power", "man_made", "manhole", "place", "natural"),
)
AREA_KEYS = (
    *("building", "building:part", "landuse", "leisure", "amenity", "tourism", "natural"),
    *("aeroway", "power", "man_made", "highway", "area:highway", "landcover", "waterway"),
    *("boundary", "shop", "office", "emergency", "healthcare", "manhole"),
)
WAY_KEYS = (*AREA_KEYS, "railway", "aerialway", "barrier")
#: What the reader raises on a broken file.
BROKEN = (RuntimeError, ValueError, OverflowError, MemoryError, OSError)


class PbfFile:
    """One file, read in passes.

    Parameters
    ----------
    path
        Path of the file.

    Raises
    ------
    SourceError
        If it is missing, no PBF file or a history of edits.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise SourceError(
                f"{path} is not there: give the path of an OpenStreetMap extract (.osm.pbf)"
            )
        try:
            check_texts(path)
            header = self._processor().header
        except BROKEN as error:
            raise self._broken(error) from error
        if header.has_multiple_object_versions:
            raise SourceError(
                f"{path} is a history of edits: take one date out of it with 'osmium time-filter'"
            )
        stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
        self.date = stamp if re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:.]+Z?)?", stamp) else ""
        self.box = _box(header.box())
        self._locations: osmium.index.LocationTable | None = None

    def relations(self) -> Iterator[osm.Relation]:
        """Relations that hold an area, whatever their other tags."""
        chosen = TagFilter(("type", "multipolygon"), ("type", "boundary"))
        for found in self._each(self._processor(osm.RELATION).with_filter(chosen)):
            if isinstance(found, osm.Relation):
                yield found

    def features(self, *, areas: bool) -> Iterator[OSMEntity]:
        """Nodes and ways with their places, by keys, and areas of closed ways and relations.

        Parameters
        ----------
        areas
            Whether areas are wanted.
        """
        ways, nodes = KeyFilter(*WAY_KEYS), KeyFilter(*NODE_KEYS)
        ways.enable_for(osm.WAY)
        nodes.enable_for(osm.NODE)
        processor = self._processor().with_locations()
        self._locations = processor.node_location_storage
        if areas:
            processor = processor.with_areas()
        processor = processor.with_filter(EntityFilter(osm.NODE | osm.WAY | osm.AREA))
        return self._each(processor.with_filter(ways).with_filter(nodes))

    def places(self, ids: Collection[int]) -> Iterator[tuple[int, list[Place]]]:
        """Id and places of the nodes of some ways, after :meth:`features` was read to its end."""
        for found in self._each(self._processor(osm.WAY)):
            if found.id in ids and isinstance(found, osm.Way):
                yield found.id, [self._place(node.ref) for node in found.nodes]

    def _place(self, ref: int) -> Place:
        try:
            location = self._locations.get(ref) if self._locations is not None else None
        except KeyError:
            return None
        if location is None:
            return None
        return ref, location.lon, location.lat

    def _processor(self, entities: osm.osm_entity_bits = osm.ALL) -> osmium.FileProcessor:
        return osmium.FileProcessor(osmium.io.File(str(self.path), "pbf"), entities)

    def _each(self, processor: osmium.FileProcessor) -> Iterator[OSMEntity]:
        try:
            yield from processor
        except BROKEN as error:
            raise self._broken(error) from error

    def _broken(self, error: BaseException) -> SourceError:
        reason = " ".join(str(error).split()) or type(error).__name__
        return SourceError(
            f"{self.path} is no whole OpenStreetMap PBF file ({reason}): fetch it again"
        )


def _box(box: osm.Box) -> Box | None:
    """West, south, east, north [degrees] of the header, if it says so."""
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat
