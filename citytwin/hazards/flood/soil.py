"""What the ground of a city takes, by the event's choice of a model and a soil."""

from typing import TYPE_CHECKING

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.base import Layers
from citytwin.hazards.flood.losses import Losses
from citytwin.tables import read_rows, table_path

if TYPE_CHECKING:
    from citytwin.hazards.flood.model import Flood

_COLUMNS = ("name", "kind")
_MM_PER_HOUR = 1e-3 / 3600.0


def _names(kind: str) -> tuple[str, ...]:
    rows = read_rows(table_path("soils.csv"), _COLUMNS)
    return tuple(row["name"] for row in rows if row["kind"] == kind)


#: Texture classes with parameters of Green and Ampt, and soil groups with those of Horton.
TEXTURES, GROUPS = _names("green-ampt"), _names("horton")


def losses_of(event: "Flood", layers: Layers) -> Losses:
    """What the ground of each cell takes, with (n,) parameters."""
    pervious = np.asarray(layers["pervious_share"], np.float64)
    if event.losses == "horton":
        return Losses.horton([event.soil_group] * pervious.size, pervious)
    if event.losses == "green_ampt":
        return Losses.green_ampt([event.soil] * pervious.size, pervious, event.dryness)
    return Losses.constant(event.infiltration_mm_h * _MM_PER_HOUR, pervious)


def sewer_of(event: "Flood", layers: Layers) -> Floats:
    """(n,) rate at which assumed sewers take water off the ground that is not pervious [m/s]."""
    sealed = 1.0 - np.asarray(layers["pervious_share"], np.float64)
    return np.asarray(event.sewer_mm_h * _MM_PER_HOUR * sealed)
