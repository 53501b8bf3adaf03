"""What the fire finds in each cell: its bed of fuel and how the ground rises."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import AnyFloats, Floats, Floats32, Ints
from citytwin.errors import InputError
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid
from citytwin.hazards.fire.fuels import fuel_model, is_bare
from citytwin.hazards.fire.rothermel import bed

_CLASSES = ("dead 1 h", "dead 10 h", "dead 100 h", "live herbs", "live wood")


@dataclass(frozen=True, eq=False)
class Spread:
    """Ground, moisture and shelter of the fuel.

    Attributes
    ----------
    moisture
        (5,) for all cells or (n, 5): of dead fuel of 1 h, 10 h and 100 h, live herbs, live wood
        [kg/kg].
    elevation
        (n,) height of the ground [m]; level if left out.
    canopy_cover, canopy_height
        Trees that shelter the fuel from the wind: share of the ground under them, and their height
        [m]; one number or (n,).
    limited
        Whether the effective wind is limited by the reaction intensity (Rothermel 1972).
    """

    moisture: AnyFloats
    elevation: AnyFloats | None = None
    canopy_cover: AnyFloats | float = 0.0
    canopy_height: AnyFloats | float = 0.0
    limited: bool = True


def beds_of(fuel: Ints, spread: Spread) -> tuple[Floats, Ints]:
    """Table of the beds in a city, and the row of each cell's, −1 where nothing burns.

    Parameters
    ----------
    fuel
        (n,) fuel model of each cell, 0 where nothing burns.
    spread
        What else the fire finds.

    Raises
    ------
    InputError
        If a fuel model is unknown or a moisture, cover or height no sensible number.
    """
    moisture = np.asarray(spread.moisture, np.float64)
    if moisture.shape not in ((5,), (fuel.size, 5)):
        raise InputError(
            f"'moisture' has the shape {moisture.shape}: give five numbers, or five a cell, for "
            + ", ".join(_CLASSES)
        )
    if not bool(((moisture > 0.0) & (moisture <= 5.0)).all()):
        raise InputError("'moisture' is not above 0 and at most 5: give it as kg of water per kg")
    parts = [fuel.astype(np.float64)]
    parts += [moisture[..., k] for k in range(5)]
    parts += [np.asarray(spread.canopy_cover), np.asarray(spread.canopy_height)]
    if any(part.ndim for part in parts[1:]):
        rows = np.stack([np.broadcast_to(part, fuel.shape) for part in parts], axis=1)
        kinds, place = np.unique(rows, axis=0, return_inverse=True)
    else:
        # Much faster than unique rows where only the fuel differs.
        known, place = np.unique(fuel, return_inverse=True)
        kinds = np.stack(
            [np.broadcast_to(part, known.shape) for part in (known, *parts[1:])], axis=1
        )
    table = np.zeros((len(kinds), 8))
    for at, (key, *wet, cover, height) in enumerate(kinds):
        if not (0.0 <= cover <= 1.0 and 0.0 <= height <= 150.0):
            raise InputError(
                "'canopy_cover' is a share from 0 to 1, 'canopy_height' from 0 to 150 m"
            )
        if not is_bare(int(key)):
            table[at] = bed(fuel_model(int(key)), tuple(wet), cover, height).row()
    burns = table[:, 0] > 0.0
    number = np.where(burns, np.cumsum(burns) - 1, -1)
    return table[burns], number[place.reshape(-1)]


def rises_of(grid: Grid, elevation: AnyFloats | None) -> Floats32:
    """(n, 2) gradient of the ground, by the weights of the lattice; level beyond the city."""
    rises = np.zeros((len(grid), 2), np.float32)
    if elevation is None:
        return rises
    if np.shape(elevation) != (len(grid),) or not np.isfinite(elevation).all():
        raise InputError("'elevation' is not one finite height a cell: give heights in metres")
    high = np.pad(
        grid.scatter(np.asarray(elevation, np.float64), np.nan), 1, constant_values=np.nan
    )
    here = high[1:-1, 1:-1]
    lattice = grid.lattice
    for (r, c), vector, weight in zip(STEPS, lattice.vectors, lattice.weights, strict=True):
        ahead = high[1 + r : high.shape[0] - 1 + r, 1 + c : high.shape[1] - 1 + c]
        behind = high[1 - r : high.shape[0] - 1 - r, 1 - c : high.shape[1] - 1 - c]
        ahead, behind = (np.where(np.isnan(side), here, side) for side in (ahead, behind))
        change = grid.gather((ahead - behind) / 2.0)
        rises += (weight * change)[:, None] * vector
    return rises
