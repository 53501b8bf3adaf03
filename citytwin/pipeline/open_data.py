"""Public data sets that cover the world, by the file that holds a place.

The addresses are those that the publishers name. They could not be tried where this was written,
so a recipe that uses them says so; citytwin itself fetches nothing that a recipe does not name.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from citytwin.sources.base import Box

_DEM = "https://copernicus-dem-30m.s3.amazonaws.com/{name}/{name}.tif"
_COVER = (
    "https://esa-worldcover.s3.eu-central-1.amazonaws.com/v200/2021/map/"
    "ESA_WorldCover_10m_2021_v200_{tile}_Map.tif"
)
_PEOPLE = "https://data.worldpop.org/GIS/Population/Global_2000_2020/2020/{upper}/{lower}_ppp_2020_UNadj.tif"


@dataclass(frozen=True)
class OpenData:
    """One file of a public data set.

    Attributes
    ----------
    id
        Name for the source in a recipe.
    url
        Where the publisher offers it.
    settings
        Fields of the source ``raster`` for it.
    """

    id: str
    url: str
    settings: dict[str, str]


def terrain(box: Box) -> Iterator[OpenData]:
    """Tiles of Copernicus GLO-30, one degree each: a surface model, roofs and trees included."""
    settings = {
        "variable": "elevation",
        "surface": "surface",
        "vertical_datum": "EGM2008",
        "licence": "Copernicus DEM licence: free of charge, with attribution",
        "attribution": "© DLR e.V. 2010-2014 and © Airbus Defence and Space GmbH 2014-2018, "
        "provided under COPERNICUS by the European Union and ESA; all rights reserved",
        "date": "2011/2015",
    }
    for south, west in _tiles(box, 1):
        place = f"{_north(south)}_00_{_east(west)}_00"
        name = f"Copernicus_DSM_COG_10_{place}_DEM"
        yield OpenData(f"terrain-{_tile(south, west)}", _DEM.format(name=name), settings)


def land_cover(box: Box) -> Iterator[OpenData]:
    """Tiles of ESA WorldCover 2021, 10 m, three degrees each."""
    settings = {
        "variable": "land_cover",
        "licence": "CC-BY-4.0",
        "attribution": "© ESA WorldCover project 2021 / Contains modified Copernicus Sentinel data "
        "(2021) processed by ESA WorldCover consortium",
        "date": "2021",
    }
    for south, west in _tiles(box, 3):
        tile = _tile(south, west)
        yield OpenData(f"land-cover-{tile}", _COVER.format(tile=tile.upper()), settings)


def people(country: str) -> OpenData:
    """WorldPop's residents of 2020 in pixels of three seconds, by the country's ISO 3166 code."""
    settings = {
        "variable": "people",
        "licence": "CC-BY-4.0",
        "attribution": "WorldPop (www.worldpop.org), University of Southampton",
        "date": "2020",
    }
    url = _PEOPLE.format(upper=country.upper(), lower=country.lower())
    return OpenData(f"people-{country.lower()}", url, settings)


def _tiles(box: Box, size: int) -> Iterator[tuple[int, int]]:
    """South-west corners [degrees] of the tiles that a box meets."""
    west, south, east, north = box
    for lat in range(math.floor(south / size) * size, math.ceil(north), size):
        for lon in range(math.floor(west / size) * size, math.ceil(east), size):
            yield lat, lon


def _north(lat: int) -> str:
    return f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}"


def _east(lon: int) -> str:
    return f"{'E' if lon >= 0 else 'W'}{abs(lon):03d}"


def _tile(lat: int, lon: int) -> str:
    return (_north(lat) + _east(lon)).lower()
