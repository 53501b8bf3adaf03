"""What people can do about a hazard: walls, gates, pumps and the like, placed by geometry."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers
from citytwin.measures.base import Cost, Measure, refuse_idle

if TYPE_CHECKING:
    from citytwin.hazards.flood.forcing.works import Works

__all__ = ["Builder", "Cost", "Measure", "prepare"]

#: Builds the works on the cells of a solver with their ground [m]; new ones every time it is called.
Builder = Callable[[Grid, Floats], "Works"]


def prepare(
    measures: Sequence[Measure], hazard: str, grid: Grid, layers: Layers
) -> tuple[Layers, Builder | None]:
    """What measures make of a city before a hazard befalls it.

    Parameters
    ----------
    measures
        In the order in which they change the layers.
    hazard
        Name of the hazard.
    grid, layers
        Cells of the city and their (n,) layers, which stay as they are.

    Returns
    -------
    The changed layers; and what builds the works on the cells of a solver, from their ground. The latter
    is none without measures.

    Raises
    ------
    ScenarioError
        If a measure does not act on the hazard, or lies where it cannot.
    InputError
        If a layer is missing.
    """
    refuse_idle(measures, hazard)
    changed = dict(layers)
    for measure in measures:
        for name, values in measure.change_layers(grid, changed).items():
            if values.shape != (len(grid),):
                raise InputError(
                    f"{measure.what} gives the layer '{name}' the shape {values.shape}, but the city "
                    f"has {len(grid)} cells: mend the measure"
                )
            changed[name] = values
    return changed, partial(_build, tuple(measures)) if measures else None


def _build(measures: tuple[Measure, ...], grid: Grid, ground: Floats) -> "Works":
    from citytwin.hazards.flood.forcing.works import together  # noqa: PLC0415  (only for a run)

    ground = np.asarray(ground, np.float64)
    return together([measure.works(grid, ground) for measure in measures])
