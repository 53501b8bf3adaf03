"""For each cell of a city: how much of it rests on assumption. And what that is in all."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from citytwin.arrays import Floats
from citytwin.grid.window import Grid
from citytwin.pipeline.overlays import shares_of
from citytwin.pipeline.quality.rows import Row, row
from citytwin.pipeline.work import Work

#: Class of the ground that a raster and no polygon shows, in the areas of the classes.
_BY_RASTER = "by raster"
#: Values of the cells by the names of :mod:`citytwin.variables`.
Columns = Mapping[str, Floats]


def assumed_columns(work: Work) -> dict[str, Floats]:
    """Columns of ``cells`` that say how much of each cell rests on assumption.

    Parameters
    ----------
    work
        What the steps of the build gave.

    Returns
    -------
    (n,) shares, as :mod:`citytwin.variables` defines them: height_assumed, ground_assumed,
    cover_assumed and assumed.
    """
    area, height = _heights(work)
    ground = ground_states(work)["assumed"]
    cover = _cover_assumed(work)
    built = np.minimum(area / work.grid.area, 1.0)
    surface = built * height + (1.0 - built) * cover
    rests = np.maximum(surface, ground) if "ground" in work.results else surface
    return {
        "height_assumed": height,
        "ground_assumed": ground,
        "cover_assumed": cover,
        "assumed": np.clip(rests, 0.0, 1.0),
    }


def _heights(work: Work) -> tuple[Floats, Floats]:
    """(n,) building area of each cell [m²], and the share of it whose height is assumed."""
    table = work.table("buildings")
    guessed = (table["height_from"] == "assumed").to_numpy(dtype=np.float64)
    shares = shares_of(work.results["overlay buildings"])
    area = shares.per_cell(work.grid)
    part = shares.per_cell(work.grid, guessed)
    share = np.divide(part, area, out=np.zeros_like(area), where=area > 0.0)
    return area, np.clip(share, 0.0, 1.0)


def _cover_assumed(work: Work) -> Floats:
    """(n,) share of the open ground of each cell whose class no source says."""
    return np.asarray(work.results["land cover"]["assumed_share"], dtype=np.float64)


def ground_states(work: Work) -> dict[str, Floats]:
    """(n,) share of each cell whose ground is real, derived and assumed; the three sum to one."""
    count = len(work.grid)
    if "ground" not in work.results:
        assumed, derived = np.ones(count), np.zeros(count)
    elif work.inputs.recipe.terrain.method == "contours":
        assumed = _outside(work.grid, work.flat("contours"))
        derived = 1.0 - assumed
    else:
        ground = work.results["ground"]
        assumed = _flags(ground, "filled", count)
        derived = _flags(ground, "derived", count) * (1.0 - assumed)
    return {"real": 1.0 - assumed - derived, "derived": derived, "assumed": assumed}


def _flags(result: Any, name: str, count: int) -> Floats:
    return np.asarray(result[name], dtype=np.float64) if name in result else np.zeros(count)


def _outside(grid: Grid, lines: Any) -> Floats:
    """(n,) 1 for cells whose centre lies outside the outermost contours."""
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(lines)))
    shapely.prepare(hull)
    return np.asarray(1.0 - shapely.intersects_xy(hull, grid.x, grid.y).astype(np.float64))


def cell_rows(work: Work, cells: Columns) -> list[Row]:
    """Rows of the table ``quality`` for the quantities on cells, by area or by people."""
    area = work.grid.area
    return [
        _ground_row(work, area),
        *_cover_rows(work, area, np.asarray(cells["building_area"], dtype=np.float64)),
        row("cells", "building_cover", "m2", {"real": float(area.sum())}, "outlines"),
        row("cells", "water_share", "m2", {"real": float(area.sum())}, "outlines"),
        *_water_rows(float((area * np.asarray(cells["water_share"])).sum())),
        _people_row(work, np.asarray(cells["people"]), np.asarray(cells["people_assumed"])),
    ]


def _water_rows(area: float) -> list[Row]:
    """No source of this version tells how deep waters are."""
    return [row("water", "bed", "m2", {"unknown": area}, "water_bed")] if area else []


def _ground_row(work: Work, area: Floats) -> Row:
    if "ground" not in work.results:
        unknown = {"unknown": float(area.sum())}
        return row("cells", "ground_elevation", "m2", unknown, "ground_none")
    amounts = {name: float((area * share).sum()) for name, share in ground_states(work).items()}
    key = "ground_contours"
    if work.inputs.recipe.terrain.method != "contours":
        key = "ground_surface" if amounts["derived"] > amounts["real"] else "ground_bare_earth"
    return row("cells", "ground_elevation", "m2", amounts, key)


def _cover_rows(work: Work, area: Floats, building_area: Floats) -> list[Row]:
    """Class, roughness and perviousness of the open ground."""
    recipe, cover = work.inputs.recipe, work.results["land cover"]
    default = recipe.land_cover.default
    by_class = cover["class_areas"]
    open_ground = np.maximum(area - building_area, 0.0)
    assumed = float((open_ground * _cover_assumed(work)).sum())
    known = max(float(open_ground.sum()) - assumed, 0.0)
    trusted = _verified(work)
    checked = sum(size for name, size in by_class.items() if name in trusted and name != default)
    checked = min(checked, known)
    rough = {"derived": checked, "assumed": assumed + known - checked}
    key = "cover_raster" if _BY_RASTER in by_class else "cover"
    return [
        row("cells", "cover", "m2", {"real": known, "assumed": assumed}, key, default=default),
        row("cells", "manning", "m2", rough, "manning"),
        row("cells", "pervious_share", "m2", {"assumed": assumed + known}, "pervious"),
    ]


def _verified(work: Work) -> set[str]:
    """Names of the classes whose roughness was compared with its source."""
    names: set[str] = set()
    for field in ("table", "raster_table"):
        if not all(work.inputs.of(f"land_cover.{field}").values()):
            continue  # a recipe needs one of the two only
        table: pd.DataFrame = work.coefficients("land_cover", field, ("name",))
        if "verified" in table:
            names |= set(table.loc[table["verified"] == "yes", "name"].astype(str))
    return names


def _people_row(work: Work, people: Floats, assumed: Floats) -> Row:
    chosen = work.inputs.recipe.population
    guessed = float((people * assumed).sum())
    if chosen.method == "floor_area":
        facts = {"floor_area_per_person": chosen.floor_area_per_person}
        return row("cells", "people", "1", {"assumed": guessed}, "people_modelled", **facts)
    counted = max(float(people.sum()) - guessed, 0.0)
    return row("cells", "people", "1", {"derived": counted, "assumed": guessed}, "people_counted")
