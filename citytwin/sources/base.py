"""What a source is: one provider or format, described by its table in the recipe."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import geopandas as gpd
from pydantic import BaseModel, ConfigDict, Field

#: Layers of a source: name of the layer to a table with geometry in EPSG:4326.
Layers = dict[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class Provenance:
    """Where one file of a city comes from.

    Attributes
    ----------
    source
        Name of the source that read it.
    path
        Path as the recipe gives it, never an absolute one.
    sha256, size
        Checksum and size [bytes] of the file as it was read.
    licence, attribution, origin, date
        As the recipe states them.
    notes
        What a user must know about the content.
    """

    source: str
    path: str
    sha256: str
    size: int
    licence: str
    attribution: str
    origin: str
    date: str
    notes: str = ""


@dataclass(frozen=True)
class Reading:
    """What a source read: its layers, the files that they came from, and remarks for the log."""

    layers: Layers
    provenance: list[Provenance]
    remarks: list[str] = field(default_factory=list)


class Source(BaseModel):
    """One source of a city. Subclasses set ``name`` and read their files."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: ClassVar[str]

    path: Path = Field(description="File or folder, relative to the recipe")
    licence: str = Field(description="Licence of the data, as an SPDX name where there is one")
    attribution: str = Field(description="Words that must stand beside the data")
    origin: str = Field(default="", description="Where the files were taken from")
    date: str = Field(default="", description="Date of the data, as far as it is known")
    notes: str = Field(default="", description="What a user must know about the data")

    def read(self, folder: Path) -> Reading:
        """Read the layers.

        Parameters
        ----------
        folder
            Folder of the recipe, from which ``path`` counts.

        Raises
        ------
        SourceError
            If a file is missing or broken.
        """
        raise NotImplementedError

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north [degrees] that the source covers whole, if it knows them."""
        return None

    def provenance(self, path: Path, folder: Path, content: bytes) -> Provenance:
        """Provenance of one file of this source."""
        return Provenance(
            source=self.name,
            path=_relative(path, folder),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            licence=self.licence,
            attribution=self.attribution,
            origin=self.origin,
            date=self.date,
            notes=self.notes,
        )


def _relative(path: Path, folder: Path) -> str:
    """Path from the recipe's folder if it lies near, else its name: machine paths stay out."""
    try:
        return path.resolve().relative_to(folder.resolve().parent).as_posix()
    except ValueError:
        return path.name
