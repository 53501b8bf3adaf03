"""The function that writes each format."""

from collections.abc import Callable
from pathlib import Path

from citytwin.export.cityjson import write_cityjson
from citytwin.export.files import File
from citytwin.export.geoparquet import write_geoparquet
from citytwin.export.rasters import write_cog
from citytwin.export.selection import Selection
from citytwin.export.tile_archive import write_pmtiles
from citytwin.export.vector_files import write_flatgeobuf, write_geopackage

#: Format to what writes a selection into a folder and says which files it wrote.
WRITERS: dict[str, Callable[[Selection, Path], list[File]]] = {
    "geoparquet": write_geoparquet,
    "gpkg": write_geopackage,
    "flatgeobuf": write_flatgeobuf,
    "cog": write_cog,
    "cityjson": write_cityjson,
    "pmtiles": write_pmtiles,
}
