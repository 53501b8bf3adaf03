"""What one source gives, in the form that steps of a build hand on."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from citytwin.city.schema import LAYERS
from citytwin.errors import SourceError
from citytwin.pipeline.repair import faults_table
from citytwin.pipeline.values import Values
from citytwin.sources.base import Box, CellValues, Raster, Source


def reading(source: Source, folder: Path, box: Box, sums: dict[str, str]) -> Values:
    """Read a source.

    Parameters
    ----------
    source
        The source, pointing to files of this machine.
    folder
        Folder of the recipe.
    box
        West, south, east, north of the city [degrees].
    sums
        Checksums of its files by path.

    Returns
    -------
    ``layer <name>`` tables, ``raster <number>`` and ``cells <variable> …`` as the source has them;
    ``faults``, ``remarks`` and ``date``.

    Raises
    ------
    SourceError
        If a file is missing or broken, or the source gives what a city does not have.
    """
    read = source.read(folder, box)
    unknown = sorted((set(read.layers) | set(source.layers)) - set(LAYERS))
    if unknown:
        raise SourceError(
            f"the source '{source.id}' has the layer '{unknown[0]}', which no city has: "
            f"'layers' may hold {', '.join(LAYERS)}"
        )
    wanted = source.layers or tuple(LAYERS)
    values: Values = {
        f"layer {name}": table.reset_index(drop=True)
        for name, table in read.layers.items()
        if name in wanted
    }
    for number, raster in enumerate(read.rasters):
        values[f"raster {number}"] = _plain(raster, sums)
    for cells in read.cells:
        values[f"cells {cells.variable} index"] = cells.cells.astype(np.uint64)
        values[f"cells {cells.variable} value"] = cells.values.astype(np.float64)
    values["faults"] = faults_table([f for f in read.faults if f.layer in wanted])
    values["remarks"] = list(read.remarks)
    values["date"] = read.date
    return values


def _plain(raster: Raster, sums: dict[str, str]) -> dict[str, Any]:
    """A raster as JSON can hold it, with the checksums of its files."""
    content = asdict(raster)
    content["paths"] = [str(path) for path in raster.paths]
    content["sha256"] = sorted(sums.items())
    return content


def rasters(readings: Iterable[Any], variable: str) -> list[Raster]:
    """Rasters of one variable from the results of all sources, in the order of the recipe."""
    found = []
    for values in readings:
        for name in values.names("raster "):
            content = dict(values[name])
            del content["sha256"]
            content["paths"] = tuple(Path(path) for path in content["paths"])
            if content["variable"] == variable:
                found.append(Raster(**content))
    return _mosaics(found)


def _mosaics(found: list[Raster]) -> list[Raster]:
    """Rasters that differ in their files only, such as tiles of one data set, as one."""
    together: dict[Raster, list[Path]] = {}
    for raster in found:
        together.setdefault(replace(raster, paths=()), []).extend(raster.paths)
    return [replace(raster, paths=tuple(paths)) for raster, paths in together.items()]


def cell_values(readings: Iterable[Any], variable: str) -> list[CellValues]:
    """A quantity on H3 cells from the results of all sources."""
    return [
        CellValues(variable, values[f"cells {variable} index"], values[f"cells {variable} value"])
        for values in readings
        if f"cells {variable} index" in values
    ]
