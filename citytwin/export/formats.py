"""The formats that a city can be written in, by name."""

from dataclasses import dataclass

from citytwin.export.columns import CELLS

#: Fewest people of a published number, if nobody says otherwise.
LEAST_PEOPLE = 10
#: Word for every format that the chosen layers allow.
ALL = "all"


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    title
        What it is, in words.
    needs
        Layer without which there is nothing to write; ``""`` if any will do.
    """

    title: str
    needs: str = ""


FORMATS: dict[str, Format] = {
    "geoparquet": Format("GeoParquet 1.1, a file a layer"),
    "gpkg": Format("GeoPackage, all layers in one file"),
    "flatgeobuf": Format("FlatGeobuf, a file a layer"),
    "cog": Format("cloud-optimised GeoTIFF, a file a variable on cells", CELLS),
    "cityjson": Format("CityJSON 2.0 and CityJSONSeq, buildings as blocks", "buildings"),
    "pmtiles": Format("PMTiles, vector tiles for maps"),
}
