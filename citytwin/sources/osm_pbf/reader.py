"""One OpenStreetMap file into rows of layers: nodes, ways and the areas of relations."""

from osmium import osm

from citytwin.errors import SourceError
from citytwin.sources.base import Box, Fault
from citytwin.sources.osm_pbf.buildings import BUILDINGS, PARTS
from citytwin.sources.osm_pbf.ground import BOUNDARIES, LANDCOVERS, LANDUSES, WATERS
from citytwin.sources.osm_pbf.lines import BARRIERS, COASTLINE, RAILWAYS, ROADS, WATERWAYS
from citytwin.sources.osm_pbf.places import COMPONENTS, FACILITIES, PEAKS, PLACES, POIS
from citytwin.sources.osm_pbf.relations import AreaRelations, Rows
from citytwin.sources.osm_pbf.rules import Rule, Tags
from citytwin.sources.osm_pbf.stream import PbfFile
from citytwin.sources.osm_pbf.tables import Collector
from citytwin.sources.osm_pbf.ways import area, line, meets, places, point, runs

NODE_RULES = (POIS, FACILITIES, COMPONENTS, PLACES, PEAKS)
LINE_RULES = (ROADS, RAILWAYS, WATERWAYS, BARRIERS, COASTLINE)
AREA_RULES = (
    *(BUILDINGS, PARTS, LANDUSES, LANDCOVERS, WATERS, BOUNDARIES),
    *(POIS, FACILITIES, COMPONENTS),
)


class OsmReader:
    """Reads one file once.

    Parameters
    ----------
    file
        The file.
    box
        West, south, east, north [degrees]; only what meets it stays.

    Attributes
    ----------
    collectors
        Rows by layer.
    relations
        Relations that hold areas.
    faults, remarks
        What could not be taken as it stands, and lines for the log.
    """

    def __init__(self, file: PbfFile, box: Box) -> None:
        self._file = file
        self._box = box
        rules = dict.fromkeys((*AREA_RULES, *LINE_RULES, *NODE_RULES))
        self.collectors = {rule.layer: Collector(rule, box) for rule in rules}
        self.relations = AreaRelations()
        self.faults: list[Fault] = []
        self.remarks: list[str] = []
        self._held: dict[int, tuple[str, Rows]] = {}
        self._ways = self._placeless = 0

    def read(self) -> None:
        """Read the file.

        Raises
        ------
        SourceError
            If it is broken, or sorted so that ways come before their nodes.
        """
        try:
            self.relations.gather(self._file.relations(), AREA_RULES)
            for found in self._file.features(areas=bool(self.relations.by_id)):
                if isinstance(found, osm.Way):
                    self._way(found)
                elif isinstance(found, osm.Area):
                    self._area(found)
                elif isinstance(found, osm.Node):
                    self._node(found)
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{self._file.path} has tags that are not UTF-8 text: fetch it again"
            ) from error
        for way, (wkb, rows) in sorted(self._held.items()):
            self._add(f"way/{way}", wkb, rows)
        self._look_back()

    def _node(self, node: osm.Node) -> None:
        rows = _rows(NODE_RULES, node.tags)
        if rows:
            wkb = point(node)
            if wkb is not None:
                self._add(f"node/{node.id}", wkb, rows)

    def _way(self, way: osm.Way) -> None:
        lines = _rows(LINE_RULES, way.tags)
        closed = way.is_closed() and way.tags.get("area") != "no"
        areas = _rows(AREA_RULES, way.tags) if closed else []
        if not lines and not areas:
            return
        self._ways += 1
        name = f"way/{way.id}"
        wkb = line(way) if len(way.nodes) > 1 else None
        if wkb is None:
            self._piecemeal(way, lines, areas)
            return
        for layer, row in lines:
            refs = [node.ref for node in way.nodes] if layer == "roads" else None
            self.collectors[layer].add(name, wkb, row, refs)
        if areas and len(way.nodes) < 4:
            self._report(areas, name, "it has fewer than three corners", "dropped")
        elif areas and way.id in self.relations.untagged:
            self._held[way.id] = wkb, areas
        else:
            self._add(name, wkb, areas)

    def _piecemeal(self, way: osm.Way, lines: Rows, areas: Rows) -> None:
        """Take what is left of a way some of whose nodes are not in the file."""
        nodes = places(way)
        self._placeless += None in nodes
        if not meets(nodes, self._box):
            return
        name, pieces = f"way/{way.id}", runs(nodes)
        for layer, row in lines:
            for wkb, refs in pieces:
                self.collectors[layer].add(name, wkb, row, refs if layer == "roads" else None)
        fault = f"the file lacks {nodes.count(None)} of its {len(nodes)} nodes"
        if len(nodes) == 1:
            fault = "it has one node only"
        self._report(lines, name, fault, "repaired" if pieces else "dropped")
        self._report(areas, name, fault, "dropped")

    def _area(self, found: osm.Area) -> None:
        relation = None if found.from_way() else self.relations.by_id.get(found.orig_id())
        if relation is None:
            return
        number = found.orig_id()
        wkb = area(found)
        if wkb is None:
            self.relations.open.add(number)
            return
        self.relations.made.add(number)
        self._add(f"relation/{number}", wkb, relation.rows)
        if not relation.rows and relation.outer[0] in self._held:
            way = relation.outer[0]
            _, rows = self._held.pop(way)
            self._add(f"way/{way}", wkb, rows)
            holes = f"its holes are drawn by relation/{number}, which has no tags of its own"
            self._report(rows, f"way/{way}", holes, "repaired")

    def _add(self, name: str, wkb: str, rows: Rows) -> None:
        for layer, row in rows:
            self.collectors[layer].add(name, wkb, row)

    def _report(self, rows: Rows, name: str, fault: str, action: str) -> None:
        self.faults += [Fault(layer, name, fault, action) for layer, _ in rows]

    def _look_back(self) -> None:
        if self._ways and self._placeless == self._ways:
            raise SourceError(
                f"no way in {self._file.path} has all its nodes before it: sort the file with "
                "'osmium sort', or extract it with complete ways"
            )
        if not self._ways:
            self.remarks.append(f"{self._file.path.name} holds no ways: is it whole?")
        if self._placeless:
            self.remarks.append(
                f"{self._placeless} of {self._ways} ways miss nodes: the extract was cut through"
            )
        faults, remarks = self.relations.faults(self._file, self._box)
        self.faults += faults
        self.remarks += remarks


def _rows(rules: tuple[Rule, ...], tags: Tags) -> Rows:
    found = []
    for rule in rules:
        row = rule.row(tags)
        if row is not None:
            found.append((rule.layer, row))
    return found
