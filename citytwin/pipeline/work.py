"""What the steps of a build hand on to each other."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from citytwin.grid.window import Grid
from citytwin.pipeline.inputs import Inputs
from citytwin.pipeline.memo import Memo, Result
from citytwin.pipeline.overlays import grid_of
from citytwin.pipeline.tables import read_table
from citytwin.sources.base import Box


@dataclass(eq=False)
class Work:
    """What the steps hand on to each other.

    Attributes
    ----------
    inputs
        Recipe and files.
    box
        The city's box [degrees].
    memo
        Where results of steps are kept.
    readings, layers
        Results by source and by layer; ``layers[name]["table"]`` is the table.
    results
        Results of the other steps by name.
    faults
        Features that were repaired or dropped.
    """

    inputs: Inputs
    box: Box
    memo: Memo
    readings: dict[str, Result] = field(default_factory=dict)
    layers: dict[str, Result] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    faults: pd.DataFrame = field(default_factory=pd.DataFrame)
    _flat: dict[str, NDArray[Any]] = field(default_factory=dict)
    _grid: Grid | None = None

    @property
    def grid(self) -> Grid:
        """The cells."""
        if self._grid is None:
            self._grid = grid_of(self.results["grid"])
        return self._grid

    @property
    def crs(self) -> str:
        """The city's plane."""
        return str(self.results["grid"]["frame"]["crs"])

    def table(self, name: str) -> Any:
        """A layer, or nothing if the city has none of that name."""
        return self.layers[name]["table"] if name in self.layers else None

    def flat(self, name: str) -> NDArray[Any]:
        """(m,) geometries of a layer in the city's plane [m]."""
        if name not in self._flat:
            self._flat[name] = np.asarray(self.table(name).geometry.to_crs(self.crs))
        return self._flat[name]

    def forget_flat(self) -> None:
        """Let go of the geometries in the plane."""
        self._flat.clear()

    def flat_layers(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Those of some layers that the city has, in its plane."""
        return {
            name: self.table(name).set_geometry(self.flat(name), crs=self.crs)
            for name in names
            if name in self.layers
        }

    def digests(self, *names: str) -> dict[str, str]:
        """Digests of layers, '' for those that the city does not have, and of the grid."""
        found = {n: self.layers[n].digests["table"] if n in self.layers else "" for n in names}
        return found | {f"grid {n}": d for n, d in self.results["grid"].digests.items()}

    def coefficients(self, part: str, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """A table of coefficients that the recipe names."""
        (path,) = self.inputs.of(f"{part}.{name}")
        return read_table(Path(path), columns, f"{part}.{name}")

    def sums(self, *tables: str) -> list[str]:
        """Checksums of tables of coefficients."""
        return [sum_ for name in tables for sum_ in self.inputs.of(name).values()]
