"""Relations that hold areas: what they are, which ways they are made of, which do not close."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from osmium import osm

from citytwin.sources.base import Box, Fault
from citytwin.sources.osm_pbf.rules import Row, Rule
from citytwin.sources.osm_pbf.stream import PbfFile
from citytwin.sources.osm_pbf.ways import meets

#: Layer and row of an object.
Rows = list[tuple[str, Row]]


@dataclass(frozen=True)
class AreaRelation:
    """A relation that holds an area.

    Attributes
    ----------
    rows
        What it is; nothing where only its outer way says so (the old way to draw holes).
    outer
        Ids of the ways around it.
    members
        Ids of all its ways.
    """

    rows: Rows
    outer: tuple[int, ...]
    members: tuple[int, ...]


@dataclass
class AreaRelations:
    """Relations of one file that hold an area of a layer.

    Attributes
    ----------
    by_id
        The relations.
    untagged
        Way to relation, where the tags are on the one outer way and the relation adds holes.
    made
        Ids of those whose area was made.
    open
        Ids of those that do not close.
    """

    by_id: dict[int, AreaRelation] = field(default_factory=dict)
    untagged: dict[int, int] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)

    def gather(self, relations: Iterable[osm.Relation], rules: Iterable[Rule]) -> None:
        """Take what belongs to a layer."""
        for relation in relations:
            found = [(rule.layer, rule.row(relation.tags)) for rule in rules]
            rows = [(layer, row) for layer, row in found if row is not None]
            ways = [(member.ref, member.role) for member in relation.members if member.type == "w"]
            outer = tuple(way for way, role in ways if role != "inner")
            area = AreaRelation(rows, outer, tuple(way for way, _ in ways))
            if rows:
                self.by_id[relation.id] = area
            elif len(outer) == 1 and len(ways) > 1 and relation.tags.get("type") != "boundary":
                self.by_id[relation.id] = area
                self.untagged[outer[0]] = relation.id

    def outlines(self, layer: str) -> dict[str, str]:
        """Source id of each way around a made area of a layer, and the area's source id."""
        return {
            f"way/{way}": f"relation/{number}"
            for number in sorted(self.made)
            if any(name == layer for name, _ in self.by_id[number].rows)
            for way in self.by_id[number].outer
        }

    def faults(self, file: PbfFile, box: Box) -> tuple[list[Fault], list[str]]:
        """Relations without an area: those near the box one by one, the others as a number."""
        lost = {
            number: area
            for number, area in self.by_id.items()
            if number not in self.made and area.rows
        }
        if not lost:
            return [], []
        ways = {way for area in lost.values() for way in area.members}
        near = {way for way, nodes in file.places(ways) if meets(nodes, box)}
        faults = [
            Fault(layer, f"relation/{number}", self._why(number), "dropped")
            for number, area in sorted(lost.items())
            if not near.isdisjoint(area.members)
            for layer, _ in area.rows
        ]
        far = sum(near.isdisjoint(area.members) for area in lost.values())
        if not far:
            return faults, []
        return faults, [
            f"{far} relations of areas do not close and have no way in the box: left out"
        ]

    def _why(self, number: int) -> str:
        if number in self.open:
            return "its ways do not close to a ring, or cross"
        return "some of its ways are not in the file"
