"""Any vector file: GeoPackage, FlatGeobuf, Shapefile, GeoJSON, GML, KML, GeoParquet and more."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from citytwin.registry import sources
from citytwin.sources.base import Box, Reading
from citytwin.sources.mapped.mapped_reading import joined, mapped_reading
from citytwin.sources.mapped.mapping import MappedSource
from citytwin.sources.mapped.matching_files import matching_files, with_companions
from citytwin.sources.mapped.vector_reading import Request, read_features


@sources.register
class VectorFile(MappedSource):
    """One table of a vector file, or of several files of one kind, whose columns the recipe names.

    Reads what GDAL reads (GeoPackage, FlatGeobuf, Shapefile, also in a .zip, GeoJSON, GML, KML and
    more), GeoParquet, and Parquet with WKB. Of what lies outside the box as little is read as the
    format allows. ``path`` may be a pattern, for example ``wards/*.gpkg``.
    """

    name: ClassVar[str] = "vector_file"

    table: str = Field(
        default="",
        description="Layer inside the file, if it has several; for plain Parquet the column of WKB",
    )
    crs: str = Field(
        default="",
        description="Coordinate system instead of the file's own: EPSG:…, WKT, GCJ-02 or BD-09",
    )
    encoding: str = Field(
        default="", description="Encoding of text, for old shapefiles, for example gb18030"
    )

    def files(self, folder: Path) -> list[Path]:
        """The files that the path means, and those that belong to them (.dbf, .prj …)."""
        return with_companions(matching_files(self.place(folder)))

    def read(self, folder: Path, box: Box) -> Reading:
        """Read and map all files; see :class:`Source`."""
        return joined(self._read_one(path, box) for path in matching_files(self.place(folder)))

    def _read_one(self, path: Path, box: Box) -> Reading:
        request = Request(path, box, tuple(self.theirs()), self.table, self.crs, self.encoding)
        return mapped_reading(self, read_features(request), box, request.where)
