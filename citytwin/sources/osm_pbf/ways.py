"""Places of the nodes of a way: its line, and what is left of it where nodes are missing."""

import osmium
import shapely
from osmium import osm

from citytwin.sources.base import Box

#: Id, longitude and latitude [degrees] of a node; ``None`` where the file does not have it.
Place = tuple[int, float, float] | None

_FACTORY = osmium.geom.WKBFactory()


def line(way: osm.Way) -> str | None:
    """Hexadecimal WKB of the line through all nodes of a way; ``None`` if some have no place."""
    try:
        return _FACTORY.create_linestring(way, osmium.geom.ALL)
    except osmium.InvalidLocationError:
        return None


def area(found: osm.Area) -> str | None:
    """Hexadecimal WKB of an area; ``None`` where its ways do not close."""
    try:
        return _FACTORY.create_multipolygon(found)
    except (RuntimeError, osmium.InvalidLocationError):
        return None


def point(node: osm.Node) -> str | None:
    """Hexadecimal WKB of a node; ``None`` if it has no place."""
    try:
        return _FACTORY.create_point(node)
    except osmium.InvalidLocationError:
        return None


def places(way: osm.Way) -> list[Place]:
    """Places of the nodes of a way."""
    return [
        (node.ref, node.location.lon, node.location.lat) if node.location.valid() else None
        for node in way.nodes
    ]


def meets(nodes: list[Place], box: Box) -> bool:
    """Whether the bounds of what is there of a way meet a box."""
    there = [node for node in nodes if node is not None]
    if not there:
        return False
    _, x, y = zip(*there, strict=True)
    west, south, east, north = box
    return bool(min(x) <= east and max(x) >= west and min(y) <= north and max(y) >= south)


def runs(nodes: list[Place]) -> list[tuple[str, list[int]]]:
    """Hexadecimal WKB and ids of the nodes of each unbroken run of two nodes or more."""
    found: list[list[tuple[int, float, float]]] = [[]]
    for node in nodes:
        if node is None:
            found.append([])
        else:
            found[-1].append(node)
    return [
        (
            shapely.to_wkb(shapely.LineString([place[1:] for place in run]), hex=True),
            [place[0] for place in run],
        )
        for run in found
        if len(run) > 1
    ]
