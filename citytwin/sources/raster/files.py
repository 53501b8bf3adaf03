"""Raster files: what their heads say, checked, and the values of a window."""

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.windows import Window

from citytwin.errors import SourceError
from citytwin.sources.raster.quiet import opened, quiet, shown

#: Endings of the files that are taken from a folder or an archive.
ENDINGS = (".tif", ".tiff", ".hgt", ".vrt", ".img", ".asc", ".bil", ".dem", ".jp2", ".dt1", ".dt2")
#: Drivers of grids written as text. Where numbers are missing at the end of the file, GDAL 3.10 takes
#: a time that doubles with every missing row, so the numbers are counted first.
_TEXT = ("AAIGrid", "GRASSASCIIGrid", "ISG")
#: Most bytes that one block of a file may need unpacked: it can only be read whole.
_LARGEST_BLOCK = 2**30


@dataclass(frozen=True)
class RasterFile:
    """What the head of a raster file says.

    Attributes
    ----------
    path
        Path that GDAL opens; in an archive it begins with ``/vsizip``.
    crs
        Coordinate system, horizontal.
    transform
        From column and row of a pixel's corner to coordinates.
    shape
        Rows and columns.
    block
        Rows and columns that are read at once.
    nodata
        Value that stands for none, as the file says it.
    unit
        Unit of the values, as the file says it.
    """

    path: Path
    crs: CRS
    transform: Affine
    shape: tuple[int, int]
    block: tuple[int, int]
    nodata: float | None
    unit: str


def members(path: Path) -> list[Path]:
    """Paths that GDAL opens: the file itself, or the rasters in a ZIP archive.

    Raises
    ------
    SourceError
        If an archive is broken or has no raster.
    """
    if path.suffix.lower() != ".zip":
        return [path]
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SourceError(
            f"the archive {path} cannot be read: fetch it again, it may be cut off"
        ) from error
    known = tuple(ending for ending in ENDINGS if ending != ".asc")
    rasters = [name for name in names if name.lower().endswith(known)]
    if not rasters:
        raise SourceError(
            f"the archive {path} has no raster in it: give one with {', '.join(known)}, or unpack it"
        )
    return [Path(f"/vsizip/{{{path.resolve()}}}/{name}") for name in rasters]


def head(path: Path, band: int, crs: str | None) -> RasterFile:
    """Head of a raster file, checked.

    Parameters
    ----------
    path
        Path that GDAL opens.
    band
        Band that will be read, from one.
    crs
        Coordinate system in place of the file's own.

    Raises
    ------
    SourceError
        If the file cannot be read, lacks the band, or does not say where on Earth it lies.
    """
    with quiet(path), opened(path) as file:
        if not 1 <= band <= file.count:
            raise SourceError(
                f"{path} has {file.count} band(s), so 'band' cannot be {band}: count from one"
            )
        kind = np.dtype(file.dtypes[band - 1]) if file.dtypes[band - 1] else np.dtype("c8")
        if kind.kind not in "iuf":
            raise SourceError(
                f"{path} holds {file.dtypes[band - 1]}, not numbers: convert it first"
            )
        if file.driver in _TEXT and _numbers(path) < file.width * file.height:
            raise SourceError(
                f"{shown(path)} has fewer numbers than its {file.height} rows of {file.width} need: "
                "fetch it again, it may be cut off"
            )
        block = file.block_shapes[band - 1]
        if block[0] * block[1] * kind.itemsize > _LARGEST_BLOCK:
            raise SourceError(
                f"{path} is stored in blocks of {block[0]} × {block[1]} pixels, too large to read "
                "one by one: convert it to a cloud-optimised GeoTIFF"
            )
        return RasterFile(
            path=path,
            crs=_system(path, crs if crs is not None else file.crs),
            transform=_placed(path, file.transform),
            shape=(file.height, file.width),
            block=block,
            nodata=file.nodatavals[band - 1],
            unit=file.units[band - 1] or "",
        )


def parts(path: Path) -> list[Path]:
    """Files that belong to a raster: itself, those that a VRT names, and its side files."""
    if path.suffix.lower() == ".zip":
        return [path]
    try:
        with quiet(path), opened(path) as file:
            return sorted({path, *(Path(name) for name in file.files if Path(name).is_file())})
    except SourceError:
        return [path]


def values(file: Any, band: int, window: Window, nodata: float | None) -> NDArray[np.float64]:
    """Values of a window as floats, NaN where there is none; scale and offset of the file applied.

    Parameters
    ----------
    file
        Open file.
    band
        Band, from one.
    window
        Window inside the file.
    nodata
        Value that stands for none, in place of the file's own.
    """
    found = file.read(band, window=window, masked=nodata is None)
    with np.errstate(invalid="ignore"):  # numbers of a broken file may be signalling NaNs
        result = np.ma.getdata(found).astype(np.float64)
    if nodata is None:
        result[np.ma.getmaskarray(found)] = np.nan
    else:
        result[result == _as_stored(nodata, found.dtype)] = np.nan
    result[~np.isfinite(result)] = np.nan
    scale, offset = file.scales[band - 1], file.offsets[band - 1]
    return result if (scale, offset) == (1.0, 0.0) else result * scale + offset


def _as_stored(nodata: float, kind: np.dtype[Any]) -> float:
    """The no-data value as a file of this kind of number holds it."""
    return float(np.float32(nodata)) if kind == np.float32 else nodata


def _numbers(path: Path) -> int:
    """Count of the words in a grid written as text, without its head."""
    count = 0
    with path.open("rb") as file:
        for line in file:
            words = line.split()
            count += 0 if words and words[0][:1].isalpha() else len(words)
    return count


def _system(path: Path, given: Any) -> CRS:
    """Horizontal coordinate system."""
    if given is None:
        raise SourceError(
            f"{shown(path)} names no coordinate system: give it as 'crs', for example EPSG:4326"
        )
    try:
        crs = CRS.from_user_input(given if isinstance(given, str) else given.to_wkt())
    except CRSError as error:
        raise SourceError(
            f"the coordinate system of {shown(path)} is not known: give it as 'crs', for example "
            "EPSG:4326"
        ) from error
    crs = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (crs.is_geographic or crs.is_projected or crs.is_bound):
        raise SourceError(
            f"the coordinate system of {shown(path)}, {crs.name}, is not one of the Earth: give it "
            "as 'crs', for example EPSG:4326"
        )
    return crs


def _placed(path: Path, transform: Affine) -> Affine:
    numbers = transform[:6]
    if not all(map(math.isfinite, numbers)) or not 1e-12 < abs(transform.determinant) < 1e12:
        raise SourceError(f"{shown(path)} does not say how large its pixels are: georeference it")
    if transform == Affine.identity():
        raise SourceError(f"{shown(path)} does not say where it lies: georeference it")
    return transform
