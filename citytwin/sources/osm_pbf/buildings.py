"""Buildings and their parts from tags: heights, storeys, kind, year, material."""

import math

from citytwin.sources.osm_pbf.classes import KINDS_OF_BUILDINGS, NO_BUILDINGS
from citytwin.sources.osm_pbf.numbers import HIGHEST, MOST_LEVELS, count, length, within, year
from citytwin.sources.osm_pbf.rules import Row, Rule, Tags, text

#: Height of a storey [m] where a bottom is told in storeys and no height: assumed.
STOREY = 3.0
#: Half a metre: lower things are no heights of buildings, but slips of the pen.
LOWEST = 0.5


def building(tags: Tags) -> Row | None:
    """Row of ``buildings``; ``None`` for what is no building, is not there or lies underground."""
    value = tags.get("building")
    if value is None or value in NO_BUILDINGS or is_underground(tags):
        return None
    return (
        *heights(tags),
        kind(tags, value),
        text(tags, "name"),
        year(text(tags, "start_date") or text(tags, "building:year")),
        text(tags, "building:material"),
    )


def building_part(tags: Tags) -> Row | None:
    """Row of ``building_parts``."""
    value = tags.get("building:part")
    if value is None or value in NO_BUILDINGS or is_underground(tags):
        return None
    return (*heights(tags), "" if value == "yes" else value)


def is_underground(tags: Tags) -> bool:
    """Whether all of it lies below the ground."""
    if tags.get("location") == "underground" or tags.get("parking") == "underground":
        return True
    below = count(text(tags, "building:levels:underground")) > 0.0
    return below and count(text(tags, "building:levels")) == 0.0


def heights(tags: Tags) -> tuple[float, float, float, float]:
    """Height, bottom [m], storeys above ground and height of the roof [m]; NaN if not told.

    ``building:levels`` does not count storeys in the roof, so ``roof:levels`` is added to it.
    A bottom told in storeys only (``building:min_level``) is that share of the height, or
    3 m a storey.
    """
    height = within(length(text(tags, "height")), LOWEST, HIGHEST)
    if math.isnan(height):
        height = within(length(text(tags, "building:height")), LOWEST, HIGHEST)
    walls = within(count(text(tags, "building:levels")), 0.0, MOST_LEVELS)
    under_roof = within(count(text(tags, "roof:levels")), 0.0, MOST_LEVELS)
    levels = walls + (0.0 if math.isnan(under_roof) else under_roof)
    roof = within(length(text(tags, "roof:height")), 0.0, HIGHEST)
    return height, _bottom(tags, height, levels), levels, roof


def _bottom(tags: Tags, height: float, levels: float) -> float:
    bottom = within(length(text(tags, "min_height")), 0.0, HIGHEST)
    if math.isnan(bottom):
        skipped = within(count(text(tags, "building:min_level")), 0.0, MOST_LEVELS)
        bottom = skipped * (height / levels if height > 0.0 and levels > 0.0 else STOREY)
    return math.nan if bottom >= height else bottom


def kind(tags: Tags, value: str) -> str:
    """Kind of a building: the value of ``building``; for a mere ``yes`` what it is used for."""
    if value != "yes":
        return value
    for key, word in KINDS_OF_BUILDINGS.items():
        use = tags.get(key)
        if use is not None and use not in ("no", "yes", "vacant"):
            return word or use
    return ""


BUILDINGS = Rule(
    "buildings",
    ("height", "min_height", "levels", "roof_height", "kind", "name", "year", "material"),
    building,
)
PARTS = Rule(
    "building_parts", ("height", "min_height", "levels", "roof_height", "kind"), building_part
)
