"""What a source is: one provider or format, described by its table in the recipe."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import geopandas as gpd
from pydantic import BaseModel, ConfigDict, Field, field_validator

from citytwin.arrays import Cells, Floats

#: Layers of a source: name of the layer to a table with geometry in EPSG:4326.
Layers = dict[str, gpd.GeoDataFrame]
#: How a ``source_id`` begins that is only a place in a file: it names a fault, and no feature.
ROW = "row "
#: West, south, east, north [degrees].
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Raster:
    """A raster that a source offers; it is opened and read in windows when a step needs it.

    Attributes
    ----------
    variable
        What the values are: ``elevation`` [m], ``building_height`` [m], ``people`` (a count in
        each pixel) or ``land_cover`` (codes of classes).
    paths
        Files of one mosaic; where they overlap, the first with a value counts.
    band
        Band, counted from one.
    crs, nodata
        Instead of what the files say; ``None`` takes the files' own.
    scale
        Factor to SI: 0.3048 where the heights are in feet.
    surface
        For elevation: ``bare_earth`` or ``surface`` (roofs and tree tops included).
    """

    variable: str
    paths: tuple[Path, ...]
    band: int = 1
    crs: str | None = None
    nodata: float | None = None
    scale: float = 1.0
    surface: str = ""


@dataclass(frozen=True, eq=False)
class CellValues:
    """A quantity on H3 cells of one resolution, any resolution.

    Attributes
    ----------
    variable
        Name of the quantity, for example ``people``; values add up.
    cells
        (m,) H3 indexes, without repeats.
    values
        (m,) value of each.
    """

    variable: str
    cells: Cells
    values: Floats


@dataclass(frozen=True)
class Fault:
    """One feature that was not taken as it stood.

    Attributes
    ----------
    layer
        Layer in which it is.
    source_id
        Its name in the source, for example ``way/1234``.
    fault
        What is wrong with it.
    action
        ``repaired`` or ``dropped``.
    """

    layer: str
    source_id: str
    fault: str
    action: str


@dataclass(frozen=True)
class Reading:
    """What a source read.

    Attributes
    ----------
    layers
        Tables by the names and with the columns of :mod:`citytwin.city.schema`, as far as the
        source knows them, in EPSG:4326. Geometries may be broken; the build repairs them.
    rasters, cells
        Rasters, and quantities on H3 cells.
    faults
        Features that the source itself had to repair or to drop.
    remarks
        Lines for the log.
    date
        Date of the content [ISO 8601], where the files state it.
    """

    layers: Layers = field(default_factory=dict)
    rasters: list[Raster] = field(default_factory=list)
    cells: list[CellValues] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    date: str = ""


class Source(BaseModel):
    """One source of a city. Subclasses set ``name`` and read their files."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: ClassVar[str]

    id: str = Field(
        default="",
        pattern=r"^(\w[\w.-]*)?$",
        description="Name in this recipe, for --path; else the source's own name",
    )
    path: Path = Field(
        default=Path(),
        description="File or folder, relative to the recipe; not needed where there is a url",
    )
    url: str = Field(default="", description="Where to fetch the file if 'path' is not given")
    checksum: str = Field(
        default="", pattern=r"^([0-9a-f]{64})?$", description="SHA-256 of the file at 'url'"
    )
    layers: tuple[str, ...] = Field(
        default=(), description="Layers to take from this source; all that it has if left out"
    )
    licence: str = Field(description="Licence of the data, as an SPDX name where there is one")
    attribution: str = Field(description="Words that must stand beside the data")
    origin: str = Field(default="", description="Where the files were taken from")
    date: str = Field(default="", description="Date of the data, as far as it is known")
    notes: str = Field(default="", description="What a user must know about the data")

    @field_validator("path")
    @classmethod
    def _is_a_path(cls, path: Path) -> Path:
        if "\0" in str(path):
            raise ValueError("a path cannot hold a null character")
        return path

    def read(self, folder: Path, box: Box) -> Reading:
        """Read what lies in a box; more may come, the build clips it.

        Parameters
        ----------
        folder
            Folder of the recipe, from which ``path`` counts.
        box
            West, south, east, north of the city [degrees].

        Raises
        ------
        SourceError
            If a file is missing or broken.
        """
        raise NotImplementedError

    def files(self, folder: Path) -> list[Path]:
        """Every file whose content decides what ``read`` gives, sorted; they may be missing."""
        return [self.place(folder)]

    def streams(self) -> bool:
        """Whether the source reads ``url`` by itself instead of a fetched copy."""
        return False

    def place(self, folder: Path) -> Path:
        """Path of the file or folder of this source."""
        return Path(os.path.normpath(folder / self.path))

    def bounds(self) -> Box | None:
        """West, south, east, north [degrees] that the source covers whole, if it knows them."""
        return None
