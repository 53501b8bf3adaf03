"""City: one city file, open for reading."""

import json
import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import geopandas as gpd
import numpy as np

from citytwin.arrays import Floats
from citytwin.city.store import FORMAT, attach, read_layer
from citytwin.errors import CityFileError
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid
from citytwin.variables import VARIABLES

_INDEX = ("cell", "row", "col")


class CellLayers(Mapping[str, Floats]):
    """Layers on the cells of a city, read once when first asked for."""

    def __init__(self, city: "City", names: list[str]) -> None:
        self._city = city
        self._names = names
        self._read: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            rows = self._city.query(f'SELECT "{name}" AS v FROM cells ORDER BY row, col')  # noqa: S608
            values = np.asarray(rows["v"], dtype=np.float64)
            values.flags.writeable = False
            self._read[name] = values
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class City:
    """A city file open for reading. Use ``City.open``; it is a context manager.

    Attributes
    ----------
    path
        Path of the file.
    name, title, title_zh
        Name in files, and names for people.
    fingerprint
        Hash of the content: equal for builds from equal inputs.
    bounds
        West, south, east, north [degrees].
    resolution
        H3 resolution.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.path = path
        self._facts: dict[str, Any] = {
            key: json.loads(value)
            for key, value in connection.execute("SELECT key, value FROM facts").fetchall()
        }
        self.name: str = self._facts["name"]
        self.title: str = self._facts["title"]
        self.title_zh: str = self._facts["title_zh"]
        self.fingerprint: str = self._facts["fingerprint"]
        self.resolution: int = self._facts["resolution"]
        west, south, east, north = self._facts["bounds"]
        self.bounds: tuple[float, float, float, float] = (west, south, east, north)

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a city file.

        Raises
        ------
        CityFileError
            If the file is missing, is no city, or has the layout of another version.
        """
        path = Path(path)
        if not _is_file(path):
            raise CityFileError(
                f"there is no city file {path}: build one with 'citytwin build RECIPE'"
            )
        try:
            connection = attach(path)
        except duckdb.Error as error:
            raise _no_city(path) from error
        try:
            _check_format(connection, path)
            return cls(path, connection)
        except CityFileError:
            connection.close()
            raise
        except (duckdb.Error, KeyError, ValueError) as error:
            connection.close()
            raise _no_city(path) from error

    def close(self) -> None:
        """Close the file. What was read stays usable."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"City({self.name!r}, resolution {self.resolution}, {self.fingerprint[:12]})"

    def query(self, sql: str) -> dict[str, Any]:
        """Columns of an SQL query as arrays; safe to call from several threads."""
        with self._lock:
            return self._connection.execute(sql).fetchnumpy()

    @cached_property
    def grid(self) -> Grid:
        """The cells."""
        rows = self.query("SELECT cell, row, col FROM cells ORDER BY row, col")
        shape = self._facts["shape"]
        return Grid(
            resolution=self.resolution,
            cells=np.asarray(rows["cell"], dtype=np.uint64),
            row=np.asarray(rows["row"], dtype=np.int64),
            col=np.asarray(rows["col"], dtype=np.int64),
            shape=(int(shape[0]), int(shape[1])),
            crs=self._facts["crs"],
        )

    @cached_property
    def layers(self) -> CellLayers:
        """Layers on the cells: (n,) arrays by the names of ``citytwin.variables``."""
        columns = self.query("SELECT * FROM cells LIMIT 0")
        return CellLayers(self, [name for name in columns if name in VARIABLES])

    @cached_property
    def tables(self) -> list[str]:
        """Names of the layers that ``table`` reads."""
        return [str(name) for name in self._facts["tables"]]

    def table(self, name: str) -> gpd.GeoDataFrame:
        """A layer with geometry in EPSG:4326, in the order of its ids.

        Raises
        ------
        CityFileError
            If the city has no such layer.
        """
        if name not in self.tables:
            raise CityFileError(
                f"the city {self.path} has no layer '{name}': it has {', '.join(self.tables)}"
            )
        with self._lock:
            return read_layer(self._connection, name)

    @cached_property
    def building_cells(self) -> Shares:
        """Area [m²] of each building in each cell; ``item`` counts in the order of the table."""
        return self._shares("building_cells")

    @cached_property
    def road_cells(self) -> Shares:
        """Length [m] of each road in each cell; ``item`` counts in the order of the table."""
        return self._shares("road_cells")

    def _shares(self, name: str) -> Shares:
        rows = self.query(f"SELECT item, cell, amount FROM {name} ORDER BY item, cell")  # noqa: S608
        return Shares(
            np.asarray(rows["item"], dtype=np.int64),
            np.asarray(rows["cell"], dtype=np.int64),
            np.asarray(rows["amount"], dtype=np.float64),
        )

    @cached_property
    def sources(self) -> list[dict[str, Any]]:
        """Provenance of every file that the city was built from."""
        return self._records("SELECT * FROM sources ORDER BY path")

    @cached_property
    def totals(self) -> dict[str, dict[str, Any]]:
        """Totals before and after moving to cells, with their unit, by name."""
        rows = self._records("SELECT * FROM totals ORDER BY name")
        return {row.pop("name"): row for row in rows}

    @cached_property
    def districts(self) -> list[dict[str, Any]]:
        """Totals by district, by admin level; each level ends with what lies outside them all.

        Empty if no source of the city has boundaries.
        """
        if "boundaries" not in self.tables:
            return []
        return self._records("SELECT * FROM districts ORDER BY admin_level, id < 0, id")

    @cached_property
    def district_cells(self) -> dict[str, tuple[list[str], dict[str, Any]]]:
        """Cells of the districts by admin level: names, and columns district, cell, share.

        ``district`` counts in the order of the names, the last of which is outside them all; ``cell``
        is the position in the grid. Empty if no source of the city has boundaries.
        """
        found = {}
        position = {cell: at for at, cell in enumerate(self.grid.cells.tolist())}
        rows = (
            self.query("SELECT district, cell, share FROM district_cells") if self.districts else {}
        )
        for level in dict.fromkeys(str(row["admin_level"]) for row in self.districts):
            mine = [row for row in self.districts if str(row["admin_level"]) == level]
            number = {row["id"]: at for at, row in enumerate(mine)}
            chosen = np.isin(rows["district"], list(number))
            found[level] = (
                _told_apart([str(row["name"]) for row in mine]),
                {
                    "district": np.array([number[i] for i in rows["district"][chosen].tolist()]),
                    "cell": np.array([position[c] for c in rows["cell"][chosen].tolist()]),
                    "share": rows["share"][chosen].astype(np.float64),
                },
            )
        return found

    @cached_property
    def notes(self) -> dict[str, Any]:
        """What was assumed and measured while building, by topic."""
        return dict(self._facts["notes"])

    @property
    def lifelines(self) -> list[dict[str, Any]]:
        """Lifelines of the recipe as plain values; empty if it names none."""
        return list(self.notes.get("lifelines", []))

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows of each layer, and the number of cells."""
        return {str(name): int(count) for name, count in self._facts["counts"].items()}

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """Steps of the build with rows and seconds."""
        return self._records("SELECT * FROM steps ORDER BY number")

    @property
    def attribution(self) -> str:
        """Words that must stand beside pictures of this city."""
        return "; ".join(dict.fromkeys(row["attribution"] for row in self.sources))

    def _records(self, sql: str) -> list[dict[str, Any]]:
        with self._lock:
            result = self._connection.execute(sql)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _told_apart(names: list[str]) -> list[str]:
    """Names, with a number behind those that come more than once."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if names.count(name) == 1 else f"{name} ({seen[name]})")
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for the file system
        return False


def _no_city(path: Path) -> CityFileError:
    return CityFileError(f"{path} is not a city file: build one with 'citytwin build RECIPE'")


def _check_format(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        row = connection.execute("SELECT value FROM facts WHERE key = 'format'").fetchone()
    except duckdb.Error as error:
        raise _no_city(path) from error
    found = json.loads(row[0]) if row else None
    if found != FORMAT:
        raise CityFileError(
            f"the city file {path} has layout {found} and this version of citytwin reads {FORMAT}: "
            "build it again with 'citytwin build RECIPE'"
        )
