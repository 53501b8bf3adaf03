"""Points from tables and GeoJSON: sensors, shelters, facilities, places, small parts of a city."""

from pathlib import Path
from typing import ClassVar, Literal, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field, model_validator

from citytwin.arrays import Bools, Floats
from citytwin.city.schema import LAYERS, POINT
from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import ROW, Box, Fault, Reading
from citytwin.sources.coordinates import coordinate_system
from citytwin.sources.mapped.csv_table import read_csv
from citytwin.sources.mapped.mapped_reading import joined, mapped_reading
from citytwin.sources.mapped.mapping import MappedSource
from citytwin.sources.mapped.matching_files import matching_files, with_companions
from citytwin.sources.mapped.vector_reading import Features, Request, read_features

#: Endings of files that are tables of text; all others are vector files.
TABLES = (".csv", ".tsv", ".txt")


@sources.register
class Points(MappedSource):
    """Points from tables of text with two columns of coordinates, or from vector files.

    For a table (.csv, .tsv, .txt) ``crs`` must be given, since a table cannot say it. ``path`` may
    be a pattern, for example ``shelters/emergency_*.json``.
    """

    name: ClassVar[str] = "points"

    lon: str = Field(default="lon", description="Column of longitudes or eastings, for tables")
    lat: str = Field(default="lat", description="Column of latitudes or northings, for tables")
    crs: str = Field(
        default="", description="Coordinate system: EPSG:…, WKT, GCJ-02 or BD-09; tables need it"
    )
    encoding: str = Field(default="", description="Encoding of text; UTF-8 if left out")
    delimiter: str = Field(default="", description="Between columns; found out if left out")
    decimal: Literal[".", ","] = Field(default=".", description="Sign before decimals in tables")

    @model_validator(mode="after")
    def _takes_points(self) -> Self:
        if LAYERS[self.layer].dimension != POINT:
            kinds = sorted(name for name, layer in LAYERS.items() if layer.dimension == POINT)
            raise ValueError(f"the layer {self.layer} is not one of points ({', '.join(kinds)})")
        return self

    def files(self, folder: Path) -> list[Path]:
        """The files that the path means, and those that belong to them (.dbf, .prj …)."""
        return with_companions(matching_files(self.place(folder)))

    def read(self, folder: Path, box: Box) -> Reading:
        """Read and map all files; see :class:`Source`."""
        return joined(self._read_one(path, box) for path in matching_files(self.place(folder)))

    def _read_one(self, path: Path, box: Box) -> Reading:
        if path.suffix.lower() in TABLES:
            return self._read_table(path, box)
        request = Request(path, box, tuple(self.theirs()), crs=self.crs, encoding=self.encoding)
        return mapped_reading(self, read_features(request), box, request.where)

    def _read_table(self, path: Path, box: Box) -> Reading:
        where = f"the file {path}"
        table = read_csv(path, self.encoding, self.delimiter)
        system = coordinate_system(self.crs, where)
        x, y = self._coordinates(table, "lon", where), self._coordinates(table, "lat", where)
        names = [str(name) for name in table.columns]
        if "source_id" not in names:
            table["source_id"] = [f"{ROW}{row} of {path.name}" for row in range(1, len(table) + 1)]
        known = np.isfinite(x) & np.isfinite(y)
        if len(table) and not known.any():
            raise SourceError(
                f"no row of {where} has numbers in '{self.lon}' and '{self.lat}': "
                "check 'lon', 'lat' and 'decimal' in the recipe"
            )
        points = gpd.GeoDataFrame(table[known], geometry=shapely.points(x[known], y[known]))
        features = Features(points, system, names, np.asarray(points.total_bounds))
        reading = mapped_reading(self, features, box, where)
        return joined([reading, Reading(faults=self._faults(table, known))])

    def _coordinates(self, table: pd.DataFrame, axis: Literal["lon", "lat"], where: str) -> Floats:
        """Numbers of one axis; NaN where there is none."""
        column: str = getattr(self, axis)
        if column not in table.columns:
            listed = ", ".join(map(str, table.columns))
            raise SourceError(
                f"{where} has no column '{column}', which '{axis}' in the recipe names "
                f"(its columns are {listed})"
            )
        text = table[column].str.strip().str.replace(self.decimal, ".", regex=False)
        return np.asarray(pd.to_numeric(text, errors="coerce"), dtype=np.float64)

    def _faults(self, table: pd.DataFrame, known: Bools) -> list[Fault]:
        return [
            Fault(self.layer, str(name), "it has no coordinates", "dropped")
            for name in table["source_id"][~known]
        ]
