"""Windows of a raster, read from the files that hold them and checked for what they may be."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.windows import Window

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.sources.base import Raster
from citytwin.sources.raster.files import RasterFile, values
from citytwin.sources.raster.lattice import Lattice
from citytwin.sources.raster.quiet import opened, quiet, shown

#: Files that are open at a time.
_MOST_OPEN = 64
#: Values that a variable can have, in SI.
_RANGES = {
    "elevation": (-11_000.0, 9_000.0),
    "building_height": (-100.0, 1_000.0),
    "people": (0.0, np.inf),
    "land_cover": (0.0, 2.0**31),
}
#: Values that often stand for none where a file forgets to say so.
_OFTEN_NONE = (-9999.0, -32768.0, -32767.0, -99999.0)


class Reader:
    """Windows of the lattices of a raster, with few files open at a time."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster
        self._open: dict[Path, tuple[Any, ExitStack]] = {}

    def close(self) -> None:
        """Close the files."""
        for path in list(self._open):
            self._open.pop(path)[1].close()

    def read(self, lattice: Lattice, window: tuple[int, int, int, int]) -> Floats:
        """Values in SI of a window (first and last row and column, ends not included), or NaN."""
        row, row_end, col, col_end = window
        result = np.full((row_end - row, col_end - col), np.nan)
        for file, (top, bottom, left, right) in zip(
            lattice.files, lattice.places.tolist(), strict=True
        ):
            r0, r1 = max(row, top), min(row_end, bottom)
            c0, c1 = max(col, left), min(col_end, right)
            if r0 >= r1 or c0 >= c1:
                continue
            target = result[r0 - row : r1 - row, c0 - col : c1 - col]
            gap = np.isnan(target)
            if gap.any():
                part = self._window(file, Window(c0 - left, r0 - top, c1 - c0, r1 - r0))
                target[gap] = part[gap]
        return result

    def _window(self, file: RasterFile, window: Window) -> Floats:
        with quiet(file.path):
            found = values(self._file(file.path), self._raster.band, window, self._raster.nodata)
        checked(found, file, self._raster)
        return found if self._raster.scale == 1.0 else found * self._raster.scale

    def _file(self, path: Path) -> Any:
        if path not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open)))[1].close()
            stack = ExitStack()
            self._open[path] = stack.enter_context(opened(path)), stack
        return self._open[path][0]


def checked(found: Floats, file: RasterFile, raster: Raster) -> None:
    """Refuse values that the variable cannot have: mostly no-data that the file does not declare."""
    some = found[np.isfinite(found)]
    if not some.size:
        return
    low, high = _RANGES.get(raster.variable, (-np.inf, np.inf))
    least, most = float(some.min()), float(some.max())
    bad = [value for value in (least, most) if not low <= value * raster.scale <= high]
    if raster.variable == "elevation":
        bad += [least] * (least in _OFTEN_NONE)
    if bad:
        raise SourceError(
            f"{shown(file.path)} holds {bad[0]:g}, which cannot be {raster.variable}: give that "
            "value as 'nodata' if it stands for none, or check 'band' and 'unit'"
        )
    if raster.variable == "land_cover" and (some != np.floor(some)).any():
        raise SourceError(
            f"{shown(file.path)} holds numbers that are not whole, so they are no codes of land "
            "cover: check 'variable' and 'band'"
        )
