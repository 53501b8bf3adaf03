"""The honesty report of a city: what in it is real, derived or assumed, and what is wrong with it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from citytwin.arrays import Floats
from citytwin.pipeline.overlays import shares_of
from citytwin.pipeline.quality.cells import assumed_columns, cell_rows
from citytwin.pipeline.quality.checks import Row, check, checks_table, filled_ground, holes
from citytwin.pipeline.quality.overlaps import SAME_PLACE, overlaps
from citytwin.pipeline.quality.rows import STATES, layer_rows, table_of
from citytwin.pipeline.work import Work

#: Classes of road along which people live.
_RESIDENTIAL = ("street", "street_limited")


def quality_tables(work: Work, cells: Mapping[str, Floats]) -> dict[str, pd.DataFrame]:
    """The tables of a city file that say how good it is.

    Parameters
    ----------
    work
        What the steps of the build gave; layers are complete.
    cells
        (n,) columns of the table ``cells``, in the order of the grid, with those of
        :func:`citytwin.pipeline.quality.cells.assumed_columns`.

    Returns
    -------
    ``quality``: for each layer and aspect the shares that are real, derived, assumed and not
    known; ``faults``: features that were repaired or dropped; ``building_overlaps``: the
    largest overlaps of buildings; ``checks``: overlaps and holes counted.
    """
    settings = work.inputs.recipe.buildings.model_dump()
    rows = cell_rows(work, cells)
    for name in sorted(work.layers):
        rows += layer_rows(name, work.table(name), settings)
    names = work.table("buildings")["source_id"].to_numpy(dtype=object)
    found = work.memo.run(
        "overlaps",
        overlaps,
        work.digests("buildings"),
        [],
        lambda: (work.flat("buildings"), names),
    )
    return {
        "quality": table_of(rows),
        "faults": work.faults.reset_index(drop=True),
        "building_overlaps": found["table"],
        "checks": checks_table(_checks(work, cells, found["figures"])),
    }


def quality_remarks(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What is worth a line in the log."""
    quality = tables["quality"].set_index(["layer", "aspect"])
    heights = quality.loc[("buildings", "height")]
    shares = (f"{heights[state]:.1%} {state}" for state in STATES[:3])
    checks = zip(tables["checks"]["name"], tables["checks"]["count"], strict=True)
    counted = [f"{name.replace('_', ' ')}: {count:,}" for name, count in checks]
    return [f"heights of buildings: {', '.join(shares)}", *counted]


def _checks(work: Work, cells: Mapping[str, Floats], figures: Mapping[str, float]) -> list[Row]:
    built = float(work.table("buildings")["area"].sum())
    rows = []
    if figures["pairs"]:
        area = float(figures["area"])
        share = area / built
        rows.append(check("overlaps", "buildings", int(figures["pairs"]), area, "m2", share))
    if figures["same_place"]:
        area = float(figures["same_place_area"])
        count, share = int(figures["same_place"]), area / built
        rows.append(
            check("same_place", "buildings", count, area, "m2", share, share_from=SAME_PLACE)
        )
    rows += holes(work.grid, cells, _residential(work))
    if "ground" in work.results:
        rows += filled_ground(work.grid, cells["ground_assumed"])
    return rows


def _residential(work: Work) -> Floats:
    """(n,) length of residential streets in each cell [m]."""
    if "roads" not in work.layers:
        return np.zeros(len(work.grid))
    chosen = work.table("roads")["class"].isin(_RESIDENTIAL).to_numpy(dtype=np.float64)
    return shares_of(work.results["overlay roads"]).per_cell(work.grid, chosen)


__all__ = ["assumed_columns", "quality_remarks", "quality_tables"]
