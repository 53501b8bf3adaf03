"""Lines from tags of ways: roads, railways, waterways, barriers and the coast."""

import math

from citytwin.sources.osm_pbf import classes
from citytwin.sources.osm_pbf.ground import AREA, NO
from citytwin.sources.osm_pbf.numbers import WIDEST, count, signed, speed, within
from citytwin.sources.osm_pbf.rules import Row, Rule, Tags, first, text

#: Values of ``oneway``: along the line, against it, both ways.
ALONG, AGAINST, BOTH = ("yes", "true", "1"), ("-1", "reverse"), ("no", "false", "0")


def road(tags: Tags) -> Row | None:
    """Row of ``roads``; ``oneway`` is 1 along the line, −1 against it, 0 both ways."""
    value = tags.get("highway")
    if value is None or value not in classes.ROADS or tags.get("area") in AREA:
        return None
    road_class = classes.ROADS[value]
    if road_class in classes.LIMITED and tags.get("access") in classes.SHUT:
        road_class = "street_limited"
    structure = structure_of(tags)
    return (
        road_class,
        value,
        text(tags, "name"),
        oneway(tags, value),
        structure,
        level(tags, structure),
        lanes(tags),
        speed(text(tags, "maxspeed") or text(tags, "maxspeed:forward")),
        text(tags, "surface"),
    )


def oneway(tags: Tags, highway: str) -> int:
    """1 along the line, −1 against it, 0 both ways; motorways and roundabouts imply 1."""
    value = tags.get("oneway")
    if value in ALONG:
        return 1
    if value in AGAINST:
        return -1
    implied = highway == "motorway" or tags.get("junction") in ("roundabout", "circular")
    return 1 if value is None and implied else 0


def structure_of(tags: Tags) -> str:
    """``bridge``, ``tunnel``, ``ford`` or ``none``; a passage through a house is on the ground."""
    if text(tags, "bridge") not in NO:
        return "bridge"
    if text(tags, "tunnel") not in (*NO, "building_passage"):
        return "tunnel"
    return "none" if text(tags, "ford") in NO else "ford"


def level(tags: Tags, structure: str) -> float:
    """Order above one another; without a word bridges are 1, tunnels −1, all else 0."""
    told = within(signed(text(tags, "layer")), -20.0, 20.0)
    if not math.isnan(told):
        return told
    return {"bridge": 1.0, "tunnel": -1.0}.get(structure, 0.0)


def lanes(tags: Tags) -> float:
    """Lanes of both directions together."""
    total = within(count(text(tags, "lanes")), 0.5, WIDEST)
    if not math.isnan(total):
        return total
    each = count(text(tags, "lanes:forward")) + count(text(tags, "lanes:backward"))
    return within(each, 0.5, WIDEST)


def railway(tags: Tags) -> Row | None:
    """Row of ``railways``: class, kind and structure."""
    value = tags.get("railway")
    if value is not None and value in classes.RAILWAYS:
        side = tags.get("service") is not None and tags.get("service") != "crossover"
        rail_class = "minor_rail" if side else classes.RAILWAYS[value]
        return rail_class, value, rail_structure(tags)
    cable = tags.get("aerialway")
    if cable is None or cable in classes.NO_AERIALWAYS:
        return None
    return "aerialway", cable, "none"


def rail_structure(tags: Tags) -> str:
    """As for roads, but rails have no fords."""
    found = structure_of(tags)
    return "none" if found == "ford" else found


def waterway(tags: Tags) -> Row | None:
    """Row of ``waterways``: class, name and structure."""
    value = tags.get("waterway")
    if value is None or value not in classes.WATERWAYS or tags.get("area") in AREA:
        return None
    tunnel = text(tags, "tunnel")
    dark = "culvert" if tunnel == "culvert" else "none" if tunnel in NO else "tunnel"
    return classes.WATERWAYS[value], text(tags, "name"), dark


def barrier(tags: Tags) -> Row | None:
    """Row of ``barriers``: class."""
    value = tags.get("barrier")
    if value is not None and value not in ("no", "yes"):
        return (value,)
    found = first(tags, classes.BARRIERS)
    if found is not None:
        return (found[2],)
    return ("barrier",) if value == "yes" else None


def coastline(tags: Tags) -> Row | None:
    """Row of ``coastline``: it has no columns of its own."""
    return () if tags.get("natural") == "coastline" else None


ROADS = Rule(
    "roads",
    (
        *("class", "kind", "name", "oneway", "structure", "level", "lanes", "speed_limit"),
        "surface",
    ),
    road,
)
RAILWAYS = Rule("railways", ("class", "kind", "structure"), railway)
WATERWAYS = Rule("waterways", ("class", "name", "structure"), waterway)
BARRIERS = Rule("barriers", ("class",), barrier)
COASTLINE = Rule("coastline", (), coastline)
