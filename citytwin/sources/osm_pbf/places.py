"""Points from tags of nodes and areas: places to go to, facilities, small parts, names, peaks."""

import math

from citytwin.sources.osm_pbf import classes
from citytwin.sources.osm_pbf.numbers import count, signed
from citytwin.sources.osm_pbf.rules import Row, Rule, Tags, first, text


def poi(tags: Tags) -> Row | None:
    """Row of ``pois``: name and kind."""
    for key in classes.POIS:
        value = tags.get(key)
        if value is not None and value not in classes.NO_POIS:
            return text(tags, "name"), value
    return None


def facility(tags: Tags) -> Row | None:
    """Row of ``facilities``: class, name and capacity (beds, else people)."""
    found = first(tags, classes.FACILITIES)
    if found is None:
        return None
    if found[2] == "shelter" and (
        tags.get("shelter_type") in classes.SMALL_SHELTERS
        or tags.get("public_transport") is not None
    ):
        return None
    for key in ("capacity:beds", "beds", "capacity:persons", "capacity"):
        capacity = count(text(tags, key))
        if not math.isnan(capacity):
            return found[2], text(tags, "name"), capacity
    return found[2], text(tags, "name"), math.nan


def component(tags: Tags) -> Row | None:
    """Row of ``components``: class and kind."""
    found = first(tags, classes.COMPONENTS)
    return None if found is None else (found[2], found[1])


def place(tags: Tags) -> Row | None:
    """Row of ``places``: name, Chinese name and kind."""
    value = tags.get("place")
    if value is None or value in classes.NO_PLACES or tags.get("name") is None:
        return None
    chinese = text(tags, "name:zh-Hans") or text(tags, "name:zh")
    return text(tags, "name"), chinese, value


def peak(tags: Tags) -> Row | None:
    """Row of ``peaks``: elevation [m] and name."""
    if tags.get("natural") not in ("peak", "volcano"):
        return None
    return signed(text(tags, "ele")), text(tags, "name")


POIS = Rule("pois", ("name", "kind"), poi)
FACILITIES = Rule("facilities", ("class", "name", "capacity"), facility)
COMPONENTS = Rule("components", ("class", "kind"), component)
PLACES = Rule("places", ("name", "name_zh", "kind"), place)
PEAKS = Rule("peaks", ("elevation", "name"), peak)
