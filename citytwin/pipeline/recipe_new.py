"""Write a recipe for a place: an OpenStreetMap extract, and public rasters that cover the world."""

import math
from pathlib import Path
from typing import Any

import tomli_w

from citytwin.errors import InputError
from citytwin.impact.flood_damage import has_values
from citytwin.pipeline.open_data import OpenData, land_cover, people, terrain
from citytwin.sources.base import Box

#: Mean area of an H3 cell of resolution 0 [m²], and of the next one as a share (h3geo.org, tables
#: of cell statistics): 4,357,449 km², a seventh each.
_AREA_0, _SEVENTH = 4.357449e12, 7.0
#: Cells of a new recipe at most: an answer while the user waits.
_MOST_CELLS = 1_000_000
_FINEST, _COARSEST = 13, 9


def new_recipe(
    name: str,
    title: str,
    box: Box,
    *,
    osm: str,
    resolution: int | None = None,
    country: str = "",
    tables: str = "../data/tables",
) -> str:
    """Text of a recipe.

    Parameters
    ----------
    name, title
        Name in files, and for people.
    box
        West, south, east, north [degrees].
    osm
        Path or URL of an OpenStreetMap extract (``.osm.pbf``).
    resolution
        H3 resolution; the finest with at most a million cells if not given.
    country
        ISO 3166 code of three letters, for people counted by WorldPop; people are modelled from
        floor area without it.
    tables
        Folder of the tables of coefficients, from the recipe.

    Raises
    ------
    InputError
        If the box or the country is wrong.
    """
    west, south, east, north = box
    if not (-180.0 <= west < east <= 180.0 and -85.0 <= south < north <= 85.0):
        raise InputError(
            f"--bbox {west:g} {south:g} {east:g} {north:g} is not a box: give west, south, east, "
            "north in degrees"
        )
    if country and not (len(country) == 3 and country.isalpha() and country.isascii()):
        raise InputError(
            f"--country {country} is no ISO 3166 code of three letters: say CHN or FRA"
        )
    head = {"name": name, "title": title, "resolution": resolution or _resolution(box)}
    parts = [
        (
            "# Paths count from this file. Addresses are those of the publishers; what they name is "
            "fetched once\n# and kept. To use files of your own: citytwin build RECIPE --path ID=FILE"
        ),
        tomli_w.dumps(head) + f"bounds = [{west}, {south}, {east}, {north}]",
        _source("osm_pbf", "osm", osm, _OSM),
        *(_source("raster", data.id, data.url, data.settings) for data in _rasters(box, country)),
        tomli_w.dumps({"population": _population(country, tables)}),
        tomli_w.dumps({"land_cover": _cover(tables)}),
        tomli_w.dumps({"terrain": {"method": "raster"}}),
        *([tomli_w.dumps({"vulnerability": {"country": country}})] if has_values(country) else []),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


_OSM = {
    "licence": "ODbL-1.0",
    "attribution": "© OpenStreetMap contributors",
    "origin": "OpenStreetMap",
}


def _rasters(box: Box, country: str) -> list[OpenData]:
    return [*terrain(box), *land_cover(box), *([people(country)] if country else [])]


def _source(kind: str, name: str, place: str, settings: dict[str, str]) -> str:
    where = {"url": place} if place.startswith(("http://", "https://")) else {"path": place}
    return "[[sources]]\n" + tomli_w.dumps({"name": kind, "id": name} | where | settings)


def _population(country: str, tables: str) -> dict[str, Any]:
    method = "counts" if country else "floor_area"
    return {"method": method, "kinds": f"{tables}/building_kinds.csv"}


def _cover(tables: str) -> dict[str, str]:
    return {
        "table": f"{tables}/land_cover.csv",
        "street_widths": f"{tables}/street_widths.csv",
        "raster_table": f"{tables}/worldcover.csv",
    }


def _resolution(box: Box) -> int:
    """Finest resolution with at most a million cells."""
    west, south, east, north = box
    height = math.radians(north - south) * 6.371e6
    width = math.radians(east - west) * 6.371e6 * math.cos(math.radians((south + north) / 2.0))
    area = height * width
    for resolution in range(_FINEST, _COARSEST, -1):
        if area / (_AREA_0 / _SEVENTH**resolution) <= _MOST_CELLS:
            return resolution
    return _COARSEST


def tables_from(recipe: Path, shared: Path) -> str:
    """Folder of the tables of coefficients as a recipe at a path should name it."""
    try:
        return Path("..", shared.resolve().relative_to(recipe.resolve().parents[1])).as_posix()
    except (ValueError, IndexError):
        return shared.resolve().as_posix()
