"""Segments of Overture's transportation theme, cut where others join and where their rules change.

A segment may be longer than a street between two crossings: connectors and rules hold at places
along it, given as shares of its length from 0 to 1.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from citytwin.arrays import Floats
from citytwin.sources.overture.words import NOT_THERE, ROADS, WITH_LINKS

Rule = dict[str, Any]
Row = dict[str, Any]

#: A place along a segment is a vertex of it if it lies this near [m].
NEAR = 0.1
_METRES_PER_DEGREE = 111_195.0
_SPEEDS = {"km/h": 1.0 / 3.6, "mph": 0.44704}
#: Conditions that a rule may have beside a direction of travel.
_CONDITIONS = ("during", "using", "recognized", "vehicle")
_DRIVERS = frozenset({"vehicle", "motor_vehicle", "car"})


@dataclass(frozen=True)
class Stretch:
    """Part of a segment along which every rule is the same.

    Attributes
    ----------
    line
        Its line in degrees, in the direction of travel if it is one way.
    row
        Columns of our layer of roads, without geometry.
    """

    line: shapely.LineString
    row: Row


def stretches(line: shapely.Geometry | None, segment: Row, *, joints: bool) -> Iterator[Stretch]:
    """Parts of a segment that somebody may travel on.

    Parameters
    ----------
    line
        Line of the segment in degrees.
    segment
        Its columns as Overture has them.
    joints
        Whether to cut at connectors, too.
    """
    if line is None or line.is_empty or line.geom_type != "LineString" or line.length == 0.0:
        return
    cuts = _cuts(segment, joints=joints)
    for low, high, part in _parts(line, cuts):
        middle = (low + high) / 2.0
        flags = {
            flag
            for name in ("road_flags", "rail_flags")
            for rule in _at(segment.get(name), middle)
            for flag in rule.get("values") or ()
        }
        if not flags.intersection(NOT_THERE):
            row = _row(segment, middle, flags)
            against = row.pop("against")
            yield Stretch(shapely.reverse(part) if against else part, row)


def _cuts(segment: Row, *, joints: bool) -> list[float]:
    """Places along the segment where something joins or changes, ends left out."""
    places: list[float] = []
    if joints:
        places += [float(each["at"]) for each in segment.get("connectors") or () if each.get("at")]
    for name in ("road_flags", "rail_flags", "level_rules", "speed_limits", "road_surface"):
        for rule in segment.get(name) or ():
            places += [float(place) for place in rule.get("between") or () if place is not None]
    for rule in segment.get("access_restrictions") or ():
        if _denied(rule):
            places += [float(place) for place in rule.get("between") or () if place is not None]
    return sorted({place for place in places if 0.0 < place < 1.0})


def _parts(
    line: shapely.LineString, cuts: list[float]
) -> Iterator[tuple[float, float, shapely.LineString]]:
    """Pieces of a line with their places along it; vertices near a cut are the cut."""
    points = shapely.get_coordinates(line)
    if not cuts:
        yield 0.0, 1.0, line
        return
    flat = points * [math.cos(math.radians(float(points[:, 1].mean()))), 1.0]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(flat, axis=0).T))])
    total = float(along[-1])
    near = NEAR / _METRES_PER_DEGREE
    ends = [0]
    for cut in cuts:
        place = cut * total
        after = int(np.searchsorted(along, place))
        vertex = min((after - 1, after), key=lambda index: abs(along[index] - place))
        if abs(along[vertex] - place) > near:
            points, along = _inserted(points, along, after, place)
            vertex = after
        if ends[-1] < vertex < len(points) - 1:
            ends.append(vertex)
    ends.append(len(points) - 1)
    for first, last in pairwise(ends):
        piece = shapely.LineString(points[first : last + 1])
        yield float(along[first]) / total, float(along[last]) / total, piece


def _inserted(points: Floats, along: Floats, after: int, place: float) -> tuple[Floats, Floats]:
    """A line with one more vertex before the one at ``after``."""
    before = after - 1
    share = (place - along[before]) / (along[after] - along[before])
    new = points[before] + share * (points[after] - points[before])
    return np.insert(points, after, new, axis=0), np.insert(along, after, place)


def _at(rules: Any, place: float) -> list[Rule]:
    """Rules that hold at a place along the segment."""
    found = []
    for rule in rules or ():
        low, high = (*(rule.get("between") or ()), None, None)[:2]
        if (low or 0.0) <= place <= (1.0 if high is None else high):
            found.append(rule)
    return found


def _row(segment: Row, place: float, flags: set[str]) -> Row:
    """Our columns at a place along the segment."""
    denied = [_denied(rule) for rule in _at(segment.get("access_restrictions"), place)]
    level = next((rule["value"] for rule in _at(segment.get("level_rules"), place)), 0)
    surface = next((rule["value"] for rule in _at(segment.get("road_surface"), place)), "")
    kind = str(segment.get("class") or "")
    return {
        "source_id": str(segment["id"]),
        "class": _class(kind, flags, segment, shut="both" in denied),
        "kind": kind,
        "name": str(segment.get("name") or ""),
        "oneway": ("backward" in denied) != ("forward" in denied),
        "against": "forward" in denied and "backward" not in denied,
        "structure": _structure(flags),
        "level": float(level or 0),
        "speed_limit": _speed(_at(segment.get("speed_limits"), place)),
        "surface": "" if surface in {None, "unknown"} else str(surface),
    }


def _structure(flags: set[str]) -> str:
    if "is_tunnel" in flags:
        return "tunnel"
    return "bridge" if "is_bridge" in flags else "none"


def _class(kind: str, flags: set[str], segment: Row, *, shut: bool) -> str:
    if kind in WITH_LINKS and ("is_link" in flags or segment.get("subclass") == "link"):
        return "link"
    found = ROADS.get(kind, "street")
    return "street_limited" if found == "street" and shut else found


def _denied(rule: Rule) -> str:
    """Direction in which nobody may drive by a rule: forward, backward, both, or ``""``."""
    when = {name: value for name, value in (rule.get("when") or {}).items() if value}
    if rule.get("access_type") != "denied" or any(name in when for name in _CONDITIONS):
        return ""
    if "mode" in when and not _DRIVERS.intersection(when["mode"]):
        return ""
    return str(when.get("heading") or "both")


def _speed(rules: list[Rule]) -> float:
    """Speed limit that holds always [m/s], the lowest of several; NaN if there is none."""
    limits = [
        rule["max_speed"]["value"] * _SPEEDS.get(rule["max_speed"]["unit"], math.nan)
        for rule in rules
        if rule.get("max_speed") and not any((rule.get("when") or {}).values())
    ]
    return min((limit for limit in limits if not math.isnan(limit)), default=math.nan)
