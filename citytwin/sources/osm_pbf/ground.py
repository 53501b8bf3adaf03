"""The ground from tags of areas: use and cover of the land, water, districts."""

from citytwin.sources.osm_pbf.classes import (
    CAR_PARKS_INSIDE,
    LANDCOVER,
    LANDUSE,
    NO_BUILDINGS,
    NO_LANDUSE,
    OF_BUILDINGS,
    ROADS,
    WATER,
    WATER_KINDS,
)
from citytwin.sources.osm_pbf.numbers import count
from citytwin.sources.osm_pbf.rules import Row, Rule, Tags, first, text

#: The word that a closed way is an area, where its tags alone say a line.
AREA = ("yes", "true", "1")


def is_area(tags: Tags) -> bool:
    """Whether a closed way or a relation is an area although its other tags do not say so."""
    return tags.get("area") in AREA or tags.get("type") == "multipolygon"


def landuse(tags: Tags) -> Row | None:
    """Row of ``landuse``: class, kind and name."""
    if tags.get("location") == "underground":
        return None
    value = tags.get("landuse")
    if value is not None and value not in NO_LANDUSE:
        return LANDUSE["landuse"].get(value, value), value, text(tags, "name")
    found = _use(tags)
    return None if found is None else (*found, text(tags, "name"))


def _use(tags: Tags) -> tuple[str, str] | None:
    is_building = (tags.get("building") or "no") not in NO_BUILDINGS
    for key, classes in LANDUSE.items():
        value = tags.get(key)
        if value is None or value not in classes or (is_building and key in OF_BUILDINGS):
            continue
        if value == "parking" and tags.get("parking") in CAR_PARKS_INSIDE:
            continue
        return classes[value], value
    return _paved(tags, is_building=is_building)


def _paved(tags: Tags, *, is_building: bool) -> tuple[str, str] | None:
    """Squares and other streets that are drawn as areas; lines of them are roads."""
    value = tags.get("area:highway")
    if value is None and is_area(tags):
        value = tags.get("highway")
    if value is None or value not in ROADS or is_building or tags.get("indoor") == "yes":
        return None
    on_foot = ROADS[value] in ("pedestrian", "path")
    return ("pedestrian" if on_foot else "street"), value


def landcover(tags: Tags) -> Row | None:
    """Row of ``landcover``: class."""
    found = first(tags, LANDCOVER)
    return None if found is None else (found[2],)


def water(tags: Tags) -> Row | None:
    """Row of ``water``: class and name; nothing that runs or stands in the dark."""
    found = first(tags, WATER)
    if found is None or tags.get("location") == "underground" or text(tags, "tunnel") not in NO:
        return None
    if found[1] in LINES_OF_WATER and not is_area(tags):
        return None
    kind = WATER_KINDS.get(text(tags, "water"), found[2]) if found[0] == "natural" else found[2]
    return kind, text(tags, "name")


def boundary(tags: Tags) -> Row | None:
    """Row of ``boundaries``: name and level of an administrative district."""
    if tags.get("boundary") != "administrative":
        return None
    return text(tags, "name"), count(text(tags, "admin_level"))


#: Values of ``waterway`` that are lines, closed or not, if nothing says that they are areas.
LINES_OF_WATER = ("river", "canal")
#: Ways to say that there is no tunnel or bridge.
NO = ("", "no", "false", "0")

LANDUSES = Rule("landuse", ("class", "kind", "name"), landuse)
LANDCOVERS = Rule("landcover", ("class",), landcover)
WATERS = Rule("water", ("class", "name"), water)
BOUNDARIES = Rule("boundaries", ("name", "admin_level"), boundary)
