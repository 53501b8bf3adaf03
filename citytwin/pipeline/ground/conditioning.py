"""Ground made fit for water: what bridges, culverts and dykes do to it, and false hollows drained."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from citytwin.arrays import Bools, Floats
from citytwin.grid.false_hollows import without_false_hollows
from citytwin.grid.window import Grid
from citytwin.pipeline.ground.openings import Limits, culverts, tunnels
from citytwin.pipeline.ground.structures import Structure, bridges, dykes
from citytwin.sources.base import Layers

#: Structures that stand higher than this above the ground that they cross are opened [m].
LEAST_CUT = 0.1
#: Classes of barriers that hold water.
DYKES = ("dyke", "dike", "levee", "embankment")
#: Classes of water whose hollows are real, however shallow.
STANDING = ("lake", "basin", "water", "reservoir", "pond")


class Conditioning(BaseModel):
    """What is done to the ground before water runs on it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    bridges: bool = Field(
        default=True, description="Lower the cells under bridges to the ground on both sides"
    )
    culverts: bool = Field(
        default=True, description="Cut culverts, piped streams and short tunnels through the ground"
    )
    longest_opening: float = Field(
        default=200.0,
        ge=0.0,
        le=10_000.0,
        description="Longest culvert or tunnel that is cut [m]; an open cut carries more than a pipe",
    )
    deepest_opening: float = Field(
        default=8.0,
        ge=0.0,
        le=100.0,
        description="Most ground above a culvert or tunnel that is cut [m]; more is a hill",
    )
    embankments: Literal["keep", "raise"] = Field(
        default="keep",
        description="Dykes and embankments as the ground has them, or raised to their crest",
    )
    crest_height: float = Field(
        default=1.0,
        ge=0.0,
        le=50.0,
        description="Height of a raised crest above the ground beside it, where it is not given [m]",
    )
    vertical_error: float = Field(
        default=0.5,
        ge=0.0,
        le=50.0,
        description="Error of the heights from cell to cell [m]: shallower hollows are drained, "
        "deeper ones are real",
    )


@dataclass(frozen=True, eq=False)
class Conditioned:
    """Ground made fit for water.

    Attributes
    ----------
    elevation
        (n,) height of each cell [m].
    changed
        (n,) cells whose height is not the data's.
    figures
        What was changed, by which structure.
    """

    elevation: Floats
    changed: Bools
    figures: dict[str, Any]


@dataclass(eq=False)
class _Work:
    grid: Grid
    ground: Floats
    done: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)


def condition(grid: Grid, ground: Floats, layers: Layers, settings: Conditioning) -> Conditioned:
    """Open what water passes, raise what holds it, drain hollows that are errors of the data.

    In this order: dykes are raised if the recipe says so; culverts and short tunnels are cut as an
    even slope from one end to the other; cells under bridges are lowered to the line between the
    ground on the two sides of the bridge; hollows no deeper than the vertical error are drained by
    cutting or filling, whichever moves less. A structure only ever lowers the ground, a dyke only
    raises it.

    Parameters
    ----------
    grid
        Cells.
    ground
        (n,) height of each cell [m].
    layers
        Layers in the city's plane [m]; uses roads, railways, waterways, barriers and water.
    settings
        Settings of the recipe.
    """
    work = _Work(grid, np.array(ground, np.float64))
    if settings.embankments == "raise":
        found = dykes(grid, work.ground, layers, DYKES, settings.crest_height)
        _apply(work, found, raise_ground=True)
    if settings.culverts:
        limits = Limits(settings.longest_opening, settings.deepest_opening)
        for openings in (culverts, tunnels):
            structures, left = openings(grid, work.ground, layers, limits)
            _apply(work, structures)
            work.left += left
    if settings.bridges:
        _apply(work, bridges(grid, work.ground, layers))
    opened = work.ground
    levelled = without_false_hollows(grid, opened, settings.vertical_error, _standing_water(layers))
    result = levelled.ground
    figures = _moved(grid, np.asarray(ground), result) | {
        "structures": work.done,
        "left": work.left,
        "hollows": _moved(grid, opened, result) | {"kept": levelled.kept},
    }
    return Conditioned(result, np.abs(result - ground) > 1e-9, figures)


def conditioning_remarks(figures: dict[str, Any]) -> list[str]:
    """Figures as lines for the log."""
    remarks = []
    for kind in sorted({row["kind"] for row in figures["structures"]}):
        rows = [row for row in figures["structures"] if row["kind"] == kind]
        moved = sum(row["m3"] for row in rows)
        verb = "raised" if kind == "dyke" else "opened"
        remarks.append(f"{len(rows)} {kind}(s) {verb}: {moved:,.0f} m³")
    if figures["left"]:
        remarks.append(
            f"{len(figures['left'])} culvert(s) and tunnel(s) left: too long or too deep to be cut"
        )
    hollows = figures["hollows"]
    remarks.append(
        f"hollows within the error of the data: {hollows['cells_changed']} cells changed, "
        f"{hollows['filled_m3']:,.0f} m³ filled, {hollows['cut_m3']:,.0f} m³ cut; "
        f"{hollows['kept']} deeper ones kept"
    )
    return remarks


def _apply(work: _Work, structures: list[Structure], *, raise_ground: bool = False) -> None:
    """Move the ground to where each structure wants it, and note what that took."""
    for structure in structures:
        here = work.ground[structure.cells]
        step = structure.target - here if raise_ground else here - structure.target
        far = step > LEAST_CUT
        if not far.any():
            continue
        cells = structure.cells[far]
        work.ground[cells] = structure.target[far]
        work.done.append(
            {
                "kind": structure.kind,
                "layer": structure.layer,
                "id": structure.source_id,
                "cells": int(far.sum()),
                "m3": float((step[far] * work.grid.area[cells]).sum()),
                "largest_m": float(step.max()),
            }
        )


def _standing_water(layers: Layers) -> NDArray[Any]:
    if "water" not in layers or "class" not in layers["water"].columns:
        return np.empty(0, dtype=object)
    table = layers["water"]
    return np.asarray(table.geometry[table["class"].isin(STANDING)], dtype=object)


def _moved(grid: Grid, before: Floats, after: Floats) -> dict[str, Any]:
    change = after - before
    volume = change * grid.area
    return {
        "cells_changed": int((np.abs(change) > 1e-9).sum()),
        "filled_m3": float(volume[volume > 0.0].sum()),
        "cut_m3": float(-volume[volume < 0.0].sum()),
        "largest_change_m": float(np.abs(change).max(initial=0.0)),
    }
