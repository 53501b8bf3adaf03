"""How much of each column of each layer is real, derived, assumed or not known."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citytwin.arrays import Floats
from citytwin.city.quality_words import how
from citytwin.city.schema import LAYERS, ROAD_CLASSES

#: What a value can be: as a source gives it, computed from one, taken without one, not known.
STATES = ("real", "derived", "assumed", "unknown")
#: Columns that say nothing by being empty.
_SILENT = ("structure", "level", "maki", "name_zh")
#: What ``height_from`` and ``levels_from`` of a building mean; any other word is derived.
_FROM = {"source": "real", "assumed": "assumed"}
#: Kinds of buildings that say no more than "building".
_UNSAID = ("", "building", "yes")
#: Share of the buildings with a height from which one height is worth a remark, and the fewest.
_USUAL_SHARE, _USUAL_COUNT = 0.3, 100

Row = dict[str, Any]


def row(
    layer: str, aspect: str, unit: str, amounts: dict[str, float], key: str, **facts: Any
) -> Row:
    """One row of the table ``quality``.

    Parameters
    ----------
    layer, aspect
        What is judged.
    unit
        ``1`` (features or people), ``m`` or ``m2``.
    amounts
        How much there is of each of ``STATES``.
    key
        Key of the words that say how the values were found.
    **facts
        Settings and figures for the words.
    """
    total = float(sum(amounts.values()))
    shares = {s: float(amounts.get(s, 0.0)) / total if total else 0.0 for s in STATES}
    return {
        "layer": layer,
        "aspect": aspect,
        "unit": unit,
        "amount": total,
        **shares,
        "how": key,
        "facts": json.dumps(facts, sort_keys=True, ensure_ascii=False),
        "words": how(key, facts),
    }


def layer_rows(name: str, table: gpd.GeoDataFrame, settings: dict[str, float]) -> list[Row]:
    """Rows of one layer; streets count by their length, all else by number.

    Parameters
    ----------
    name
        Name of the layer.
    table
        The layer as the city has it.
    settings
        storey_height and default_height [m].
    """
    special = {"buildings": _building_rows, "roads": _road_rows}
    rows = special[name](table, settings) if name in special else []
    done = {found["aspect"] for found in rows}
    weight, unit = _weight(name, table)
    for column, about in LAYERS[name].columns.items():
        if column in done or column in _SILENT or about.kind == "yes/no":
            continue
        values = table[column]
        known = (values != "") if about.kind == "text" else values.notna()
        states = np.where(known.to_numpy(dtype=bool), "real", "unknown")
        rows.append(row(name, column, unit, amounts(states, weight), "known"))
    return rows


def amounts(states: Any, weight: Floats) -> dict[str, float]:
    """Sum of weights by state."""
    return {s: float(weight[np.asarray(states) == s].sum()) for s in STATES}


def _weight(name: str, table: gpd.GeoDataFrame) -> tuple[Floats, str]:
    if name == "roads" and "length" in table:
        return table["length"].to_numpy(dtype=np.float64), "m"
    return np.ones(len(table)), "1"


def _building_rows(table: gpd.GeoDataFrame, settings: dict[str, float]) -> list[Row]:
    one = np.ones(len(table))
    height = table["height_from"].map(_FROM).fillna("derived")
    levels = table["levels_from"].map(_FROM).fillna("derived")
    said = np.where(table["kind"].isin(_UNSAID), "unknown", "real")
    floors = amounts(levels, table["floor_area"].to_numpy(dtype=np.float64))
    return [
        row("buildings", "outline", "1", {"real": len(table)}, "outlines"),
        row(
            "buildings", "height", "1", amounts(height, one), "heights", **settings, **_usual(table)
        ),
        row("buildings", "levels", "1", amounts(levels, one), "levels", **settings),
        row("cells", "floor_area", "m2", floors, "floors"),
        row("buildings", "kind", "1", amounts(said, one), "kinds"),
    ]


def _usual(table: gpd.GeoDataFrame) -> dict[str, float]:
    """The most frequent height that the source gives, if it is so frequent that it may be filled in."""
    heights = table.loc[table["height_from"] == "source", "height"]
    if len(heights) < _USUAL_COUNT:
        return {}
    counted = heights.value_counts(normalize=True).sort_index(ascending=True)
    share = float(counted.max())
    return {"usual": float(counted.idxmax()), "share": share} if share >= _USUAL_SHARE else {}


def _road_rows(table: gpd.GeoDataFrame, settings: dict[str, float]) -> list[Row]:
    del settings
    length, unit = _weight("roads", table)
    known = np.where(table["class"].isin(ROAD_CLASSES), "real", "unknown")
    marked = np.where(table["oneway"].to_numpy(dtype=bool), "real", "assumed")
    every = {"assumed": float(length.sum())}
    return [
        row("roads", "class", unit, amounts(known, length), "road_class"),
        row("roads", "width", unit, every, "road_width"),
        row("roads", "oneway", unit, amounts(marked, length), "oneway"),
        row("cells", "street_length", unit, {"real": float(length.sum())}, "lengths"),
    ]


def table_of(rows: list[Row]) -> pd.DataFrame:
    """Rows as the table ``quality``."""
    columns = ["layer", "aspect", "unit", "amount", *STATES, "how", "facts", "words"]
    return pd.DataFrame(rows, columns=columns)
