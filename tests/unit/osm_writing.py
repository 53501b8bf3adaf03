"""Small OpenStreetMap files for tests."""

from pathlib import Path

import osmium

from citytwin.sources.base import Reading
from citytwin.sources.osm_pbf.source import OsmPbf

Tags = dict[str, str]


class Drawing:
    """Objects of a file, numbered from one by kind."""

    def __init__(self) -> None:
        self.nodes: list[tuple[float, float, Tags]] = []
        self.ways: list[tuple[list[int], Tags]] = []
        self.relations: list[tuple[list[tuple[str, int, str]], Tags]] = []

    def node(self, x: float, y: float, **tags: str) -> int:
        self.nodes.append((x, y, tags))
        return len(self.nodes)

    def way(self, nodes: list[int], tags: Tags) -> int:
        self.ways.append((nodes, tags))
        return len(self.ways)

    def line(self, points: list[tuple[float, float]], tags: Tags) -> int:
        return self.way([self.node(*point) for point in points], tags)

    def ring(self, points: list[tuple[float, float]], tags: Tags) -> int:
        nodes = [self.node(*point) for point in points]
        return self.way([*nodes, nodes[0]], tags)

    def square(self, x: float, y: float, side: float, tags: Tags) -> int:
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        return self.ring(corners, tags)

    def relation(self, tags: Tags, **members: list[int]) -> int:
        ways = [("w", way, role) for role, found in members.items() for way in found]
        self.relations.append((ways, tags))
        return len(self.relations)

    def write(self, path: Path, *, header: Tags | None = None, ways_first: bool = False) -> Path:
        head = osmium.io.Header()
        for key, value in (header or {}).items():
            head.set(key, value)
        mutable = osmium.osm.mutable
        nodes = [
            mutable.Node(id=number, location=(x, y), tags=tags)
            for number, (x, y, tags) in enumerate(self.nodes, 1)
        ]
        ways = [
            mutable.Way(id=number, nodes=refs, tags=tags)
            for number, (refs, tags) in enumerate(self.ways, 1)
        ]
        relations = [
            mutable.Relation(id=number, members=members, tags=tags)
            for number, (members, tags) in enumerate(self.relations, 1)
        ]
        with osmium.SimpleWriter(str(path), header=head, overwrite=True) as writer:
            for way in ways if ways_first else ():
                writer.add_way(way)
            for node in nodes:
                writer.add_node(node)
            for way in () if ways_first else ways:
                writer.add_way(way)
            for relation in relations:
                writer.add_relation(relation)
        return path


def read(path: Path, box: tuple[float, float, float, float] = (-1.0, -1.0, 11.0, 11.0)) -> Reading:
    """Read a file as a recipe would."""
    source = OsmPbf(path=path, licence="ODbL-1.0", attribution="© OpenStreetMap contributors")
    return source.read(path.parent, box)
