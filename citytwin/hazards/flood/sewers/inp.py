"""A SWMM input file as text: its sections, options, nodes and pipes."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from citytwin.errors import ScenarioError

FOOT = 0.3048
#: Sections by the word that their header starts with, as SWMM finds them; longer words first.
SECTIONS = (
    "INLET_USAGE", "COORDINATE", "TIMESERIES", "TEMPERATURE", "SUBCATCHMENT", "GROUNDWATER",
    "HYDROGRAPH", "LID_CONTROL", "LID_USAGE", "COVERAGE", "RAINGAGE", "SNOWPACK", "XSECTION",
    "OUTFALL", "STORAGE", "DIVIDER", "CONDUIT", "SUBAREA", "AQUIFER", "LOADING", "OPTION", "INFLOW",
    "REPORT", "EVENT", "INFIL", "INLET", "FILE", "JUNC", "RDII", "GWF",
)  # fmt: skip
#: Flow units, cubic feet a second in each (SWMM's own rounded numbers), and whether they are metric.
FLOW_UNITS = {
    "CFS": (1.0, False), "GPM": (448.831, False), "MGD": (0.64632, False),
    "CMS": (0.02832, True), "LPS": (28.317, True), "MLD": (2.4466, True),
}  # fmt: skip
_WORDS = re.compile(r'"([^"]*)"|(\S+)')
#: Where the depth of a divider stands, by its kind.
_DIVIDER_DEPTH = {"OVERFLOW": 4, "CUTOFF": 5, "TABULAR": 5, "WEIR": 7}


@dataclass(frozen=True)
class Line:
    """One line of a section that says something.

    Attributes
    ----------
    number
        Its place in the file, from 1.
    words
        Its words without comments.
    """

    number: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A node of the network, in metres.

    Attributes
    ----------
    name, kind
        Its name, and ``junction``, ``divider``, ``storage`` or ``outfall``.
    invert
        Elevation of its floor [m].
    depth, start
        Depth of the manhole, 0 if not given, and of its water at the start [m].
    bolted
        True if the file lets its head rise above the rim: a lid that holds.
    line
        Number of its line.
    """

    name: str
    kind: str
    invert: float
    depth: float
    start: float
    bolted: bool
    line: int


@dataclass(frozen=True)
class Pipe:
    """A conduit: its name, length and height [m]."""

    name: str
    length: float
    height: float


@dataclass(frozen=True, eq=False)
class SwmmFile:
    """The text of a SWMM input file, by sections.

    Attributes
    ----------
    path
        Where it came from.
    text
        Its lines.
    sections
        Lines by section, by the words of ``SECTIONS``; others are left out.
    """

    path: Path
    text: tuple[str, ...]
    sections: dict[str, tuple[Line, ...]]

    @cached_property
    def options(self) -> dict[str, str]:
        """Values of [OPTIONS] by key, both in capitals."""
        lines = self.sections.get("OPTION", ())
        return {x.words[0].upper(): x.words[1].upper() for x in lines if len(x.words) > 1}

    @property
    def flow_units(self) -> str:
        """Unit of the flows."""
        return self.options.get("FLOW_UNITS", "CFS")

    @property
    def metre(self) -> float:
        """Length of the file's unit [m]."""
        return 1.0 if FLOW_UNITS[self.flow_units][1] else FOOT

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, junctions first and outfalls last."""
        kinds = (
            ("JUNC", "junction"), ("DIVIDER", "divider"), ("STORAGE", "storage"),
            ("OUTFALL", "outfall"),
        )  # fmt: skip
        return tuple(
            self._node(line, section, kind)
            for section, kind in kinds
            for line in self.sections.get(section, ())
        )

    def _node(self, line: Line, section: str, kind: str) -> Node:
        invert = self.number(line, 1, section, needed=True) * self.metre
        depth, start, above = 0.0, 0.0, 0.0
        if kind in ("junction", "divider"):
            first = 2 if kind == "junction" else _divider_depth(line.words)
            depth, start, above = (
                self.number(line, k, section) * self.metre for k in (first, first + 1, first + 2)
            )
        return Node(line.words[0], kind, invert, depth, start, bolted=above > 0.0, line=line.number)

    @cached_property
    def pipes(self) -> tuple[Pipe, ...]:
        """Conduits; those without a height in their cross-section are left out."""
        heights = {
            x.words[0]: float(x.words[2]) * self.metre
            for x in self.sections.get("XSECTION", ())
            if len(x.words) > 2 and _is_number(x.words[2])
        }
        return tuple(
            Pipe(x.words[0], self.number(x, 3, "CONDUITS") * self.metre, heights[x.words[0]])
            for x in self.sections.get("CONDUIT", ())
            if x.words[0] in heights
        )

    @cached_property
    def coordinates(self) -> dict[str, tuple[float, float]]:
        """Easting and northing, or longitude and latitude, by node."""
        return {
            x.words[0]: (
                self.number(x, 1, "COORDINATES", needed=True),
                self.number(x, 2, "COORDINATES", needed=True),
            )
            for x in self.sections.get("COORDINATE", ())
        }

    def number(self, line: Line, place: int, section: str, *, needed: bool = False) -> float:
        """Number at a place of a line; 0 where the line ends before and it is not needed.

        Raises
        ------
        ScenarioError
            If the word there is no number, or missing.
        """
        word = line.words[place] if place < len(line.words) else "" if needed else "0"
        if not _is_number(word):
            raise ScenarioError(
                f"line {line.number} of {self.path} has '{word}' in [{section}] where a number must "
                "stand: mend the line"
            )
        return float(word)


def _divider_depth(words: tuple[str, ...]) -> int:
    kind = words[3].upper() if len(words) > 3 else ""
    return _DIVIDER_DEPTH.get(kind, _DIVIDER_DEPTH["OVERFLOW"])


def _is_number(word: str) -> bool:
    try:
        return abs(float(word)) < 1e30
    except ValueError:
        return False


def read_swmm(path: Path) -> SwmmFile:
    """Read a SWMM input file and see whether the street can be coupled with it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ScenarioError
        If it is missing, not of SWMM, without junctions or outfalls, not routed by dynamic waves,
        or if it routes the street itself or goes on from an earlier run.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise ScenarioError(
            f"the drainage network {path} cannot be read: give the path of a SWMM .inp file"
        ) from error
    return swmm_of(path, text)


def swmm_of(path: Path, text: str) -> SwmmFile:
    """See whether the street can be coupled with the text of a SWMM input file.

    Parameters
    ----------
    path
        Where it came from, for messages and for the files that it names.
    text
        What it says.
    """
    file = _sectioned(path, text)
    if not file.sections:
        raise ScenarioError(f"{path} is not a SWMM input file: it has no sections like [JUNCTIONS]")
    if file.flow_units not in FLOW_UNITS:
        raise ScenarioError(
            f"{path} has the unknown FLOW_UNITS '{file.flow_units}': use {', '.join(FLOW_UNITS)}"
        )
    kinds = {node.kind for node in file.nodes}
    if "outfall" not in kinds:
        raise ScenarioError(f"{path} has no outfall, so its water could not leave: add [OUTFALLS]")
    if not kinds & {"junction", "divider"}:
        raise ScenarioError(
            f"{path} has no junctions, so no water could enter: add [JUNCTIONS] with the manholes"
        )
    routing = file.options.get("FLOW_ROUTING", "")
    if routing not in ("DYNWAVE", "DW"):
        raise ScenarioError(
            f"{path} has FLOW_ROUTING {routing or 'left out'}, which knows no surcharge: "
            "set FLOW_ROUTING DYNWAVE in [OPTIONS]"
        )
    _refuse_other_ways(file)
    return file


def _refuse_other_ways(file: SwmmFile) -> None:
    if file.sections.get("INLET_USAGE"):
        raise ScenarioError(
            f"{file.path} routes streets in SWMM ([INLET_USAGE]), which the flood does itself: "
            "take the streets and [INLET_USAGE] out"
        )
    for line in file.sections.get("FILE", ()):
        if [word.upper() for word in line.words[:2]] == ["USE", "HOTSTART"]:
            raise ScenarioError(
                f"line {line.number} of {file.path} goes on from a hot start file, which does not "
                "fit the coupled network: take it out and give depths in [JUNCTIONS]"
            )


def _sectioned(path: Path, text: str) -> SwmmFile:
    lines = tuple(text.splitlines())
    sections: dict[str, list[Line]] = {}
    name = ""
    for number, line in enumerate(lines, start=1):
        words = tuple(a or b for a, b in _WORDS.findall(line.partition(";")[0]))
        if words and words[0].startswith("["):
            header = words[0][1:].upper()
            name = next((word for word in SECTIONS if header.startswith(word)), "")
            if name:
                sections.setdefault(name, [])
        elif words and name:
            sections[name].append(Line(number, words))
    return SwmmFile(path, lines, {key: tuple(found) for key, found in sections.items()})
