"""Vector tiles of layers and cells, made by DuckDB: every tile of a zoom in one query."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely

from citytwin.arrays import Ints
from citytwin.city.store import connect_new

#: Steps along the side of a tile, and how far features reach over it.
EXTENT, BUFFER = 4096, 64
#: Half the side of the square world of web maps (EPSG:3857) [m].
HALF = 20037508.342789244
#: A polygon is shown from the zoom where its square root of area is this share of a tile.
_SEEN = 1.0 / 1024.0
#: Zoom from which streets of a class are shown; others, other lines and points from 13.
_STREETS = {
    "motorway": 10,
    "trunk": 10,
    "primary": 10,
    "secondary": 11,
    "tertiary": 11,
    "street": 12,
    "link": 12,
}
_OTHERS = 13

Tiles = dict[tuple[int, int], bytes]


class Tiler:
    """Cuts tables into tiles; a context manager."""

    def __init__(self) -> None:
        self._connection = connect_new(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def load(self, name: str, frame: gpd.GeoDataFrame, first: Ints) -> None:
        """Take a table in.

        Parameters
        ----------
        name
            Name of the layer.
        frame
            Features in EPSG:4326; ``id`` becomes the features' id.
        first
            (n,) zoom from which each feature is shown.
        """
        flat = np.asarray(frame.geometry.to_crs(3857))
        plain = frame.drop(columns="geometry")
        columns = {column: pa.array(plain[column], from_pandas=True) for column in plain.columns}
        columns = {name: _slim(array) for name, array in columns.items()}
        columns["first_zoom"] = pa.array(first)
        columns["wkb"] = pa.array(shapely.to_wkb(flat).tolist(), pa.binary())
        self._connection.register("incoming", pa.table(columns))
        self._connection.execute(
            f"CREATE OR REPLACE TABLE {_quoted(name)} AS "  # noqa: S608 names are quoted
            "SELECT * EXCLUDE (wkb), ST_GeomFromWKB(wkb) AS geom FROM incoming"
        )
        self._connection.unregister("incoming")

    def cut(self, name: str, fields: list[str], zoom: int) -> Tiles:
        """Tiles of one layer at one zoom: (column, row) to the layer, encoded.

        The geometry is cut only after the join with the tiles, and nothing filters on it: a filter
        would be pushed below the cut, which then runs for every pair (100 times slower).
        """
        side = 2.0 * HALF / 2**zoom
        reach = BUFFER / EXTENT
        last = 2**zoom - 1
        properties = "".join(f", {_text(field)}: {_quoted(field)}" for field in fields)
        number = "'id'" if "id" in fields else "NULL"
        rows = self._connection.execute(
            f"""
            WITH boxed AS (
                SELECT *,
                    greatest(0, floor((ST_XMin(geom) + {HALF}) / {side} - {reach}))::INTEGER AS x0,
                    least({last}, floor((ST_XMax(geom) + {HALF}) / {side} + {reach}))::INTEGER AS x1,
                    greatest(0, floor(({HALF} - ST_YMax(geom)) / {side} - {reach}))::INTEGER AS y0,
                    least({last}, floor(({HALF} - ST_YMin(geom)) / {side} + {reach}))::INTEGER AS y1
                FROM {_quoted(name)}
                WHERE first_zoom <= {zoom}
            ),
            columned AS (SELECT *, unnest(range(x0, x1 + 1)) AS x FROM boxed),
            placed AS (SELECT *, unnest(range(y0, y1 + 1)) AS y FROM columned)
            SELECT x, y, ST_AsMVT(
                {{'geom': ST_AsMVTGeom(geom, ST_Extent(ST_MakeEnvelope(
                    x * {side} - {HALF}, {HALF} - (y + 1) * {side},
                    (x + 1) * {side} - {HALF}, {HALF} - y * {side}
                )), {EXTENT}, {BUFFER}, true){properties}}},
                {_text(name)}, {EXTENT}, 'geom', {number}
            )
            FROM placed GROUP BY x, y ORDER BY x, y
            """  # noqa: S608 names are quoted
        )
        return {(int(x), int(y)): bytes(tile) for x, y, tile in rows.fetchall()}


def first_zooms(frame: gpd.GeoDataFrame, low: int, high: int) -> Ints:
    """(n,) zoom from which each feature is worth showing, within the zooms of the archive."""
    geometry = np.asarray(frame.geometry.to_crs(3857))
    dimension = shapely.get_dimensions(geometry)
    zoom = np.full(len(frame), _OTHERS, dtype=np.int64)
    if "class" in frame:
        streets = [_STREETS.get(str(kind), _OTHERS) for kind in frame["class"]]
        zoom = np.where(dimension == 1, np.array(streets, dtype=np.int64), zoom)
    across = np.sqrt(np.maximum(shapely.area(geometry), 1e-6))
    seen = np.ceil(np.log2(2.0 * HALF * _SEEN / across)).astype(np.int64)
    zoom = np.where(dimension == 2, seen, zoom)
    return np.clip(zoom, low, high)


def joined(parts: Iterator[Tiles]) -> Tiles:
    """Tiles of several layers as one: the encoded layers follow one another."""
    whole: Tiles = {}
    for tiles in parts:
        for place, content in tiles.items():
            whole[place] = whole.get(place, b"") + content
    return whole


def _slim(array: pa.Array) -> pa.Array:
    """A column as a type that tiles know; fractions with 32 bits, which are enough for a map."""
    if pa.types.is_floating(array.type):
        return array.cast(pa.float32(), safe=False)
    if pa.types.is_boolean(array.type):
        return array
    whole = pa.types.is_integer(array.type) and array.type != pa.uint64()
    return array.cast(pa.int64() if whole else pa.string())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
