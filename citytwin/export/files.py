"""What is known of each exported file: path, format, content, checksum."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from citytwin.export.columns import About


@dataclass(frozen=True)
class Band:
    """The one band of an exported raster.

    Attributes
    ----------
    name, description, unit
        Variable, what it is, and its unit as the raster has it.
    data_type
        Type of the values, as STAC names it.
    statistics
        ``minimum``, ``maximum``, ``mean`` and ``valid_percent``.
    """

    name: str
    description: str
    unit: str
    data_type: str
    statistics: dict[str, float]


@dataclass(frozen=True)
class File:
    """One exported file.

    Attributes
    ----------
    path
        Path in the folder, with ``/``.
    format
        Name of the format in ``FORMATS``.
    media_type
        IANA media type, or the one in general use.
    title
        What it is, in words.
    layers
        Layers that it holds.
    crs
        Coordinate system as authority and code.
    rows
        Number of features; ``None`` for rasters.
    columns
        What the columns mean, for files of one layer.
    band
        The band of a raster.
    size, sha256
        Size [bytes] and checksum; set by :func:`stamped`.
    """

    path: str
    format: str
    media_type: str
    title: str
    layers: tuple[str, ...]
    crs: str = "EPSG:4326"
    rows: int | None = None
    columns: dict[str, About] | None = None
    band: Band | None = None
    size: int = 0
    sha256: str = ""

    def facts(self) -> dict[str, Any]:
        """What it is, for machines."""
        known: dict[str, Any] = {
            "path": self.path,
            "format": self.format,
            "media_type": self.media_type,
            "title": self.title,
            "layers": list(self.layers),
            "crs": self.crs,
            "size": self.size,
            "sha256": self.sha256,
        }
        return known if self.rows is None else {**known, "rows": self.rows}


def stamped(file: File, folder: Path) -> File:
    """The same file with its size and checksum."""
    path = folder / file.path
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return replace(file, size=path.stat().st_size, sha256=digest)
