"""Tables of other people's columns to tables of ours, by the mapping of a recipe."""

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citytwin.arrays import Bools, Floats
from citytwin.city.schema import LAYERS, POINT, ROAD_CLASSES
from citytwin.errors import SourceError
from citytwin.sources.mapped.mapping import MappedSource, Value
from citytwin.sources.mapped.pieces import join_pieces
from citytwin.sources.osm_pbf.numbers import count, length, signed, speed, year

#: Words for yes; every other known word is a no, as in OpenStreetMap and in most tables.
YES = frozenset(
    {"yes", "true", "1", "t", "y", "on", "ja", "si", "sí", "oui", "sim", "是", "有", "○"}
)
#: Words for no in columns where anything else, for example a kind of bridge, means yes.
NO = frozenset(
    {"", "no", "false", "0", "f", "n", "off", "none", "nein", "non", "não", "无", "否", "×"}
)
#: How the text of a column is read where it is written as in OpenStreetMap.
_TAGGED: dict[str, Callable[[str], float]] = {
    **dict.fromkeys(("height", "min_height", "roof_height"), length),
    **dict.fromkeys(("levels", "lanes", "capacity", "people"), count),
    "speed_limit": speed,
    "year": year,
}


def mapped(
    source: MappedSource, raw: gpd.GeoDataFrame, where: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Our columns of a table of theirs.

    Parameters
    ----------
    source
        The source with its mapping.
    raw
        Their table, in any coordinate system.
    where
        The file, for messages.

    Returns
    -------
    table
        Rows that ``where`` keeps, with our columns and the geometry; points for layers of points.
    remarks
        Lines for the log: values that could not be read.

    Raises
    ------
    SourceError
        If a column does not exist, or a class of roads is none of ours.
    """
    source.check_columns([str(name) for name in raw.columns if name != raw.geometry.name], where)
    raw = raw.loc[_kept(source, raw)]
    remarks: list[str] = []
    columns: dict[str, Any] = {}
    if "source_id" in raw.columns and "source_id" not in source.columns:
        columns["source_id"] = words(raw["source_id"])
    for ours, kind in source.kinds().items():
        if ours in source.columns or ours in source.flags or ours in source.constants:
            columns[ours], remark = _column(source, raw, ours, kind)
            remarks += [f"{where}: {remark}"] if remark else []
    if source.layer == "roads" and "class" in columns:
        _check_classes(columns["class"], where)
    geometry = np.asarray(raw.geometry.values, dtype=object)
    table = gpd.GeoDataFrame(columns, index=raw.index, geometry=geometry, crs=raw.crs)
    if source.parse == "osm" and source.layer == "roads" and "oneway" in source.columns:
        table = _turned_round(table, _first_known(source, raw, "oneway"))
    if source.join_pieces:
        table = join_pieces(table)
    if LAYERS[source.layer].dimension == POINT:
        table["geometry"] = points_inside(np.asarray(table.geometry.values, dtype=object))
    return table.reset_index(drop=True), remarks


def words(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Values as text without blanks around: whole numbers without a point, ``""`` for unknown."""
    if pd.api.types.is_bool_dtype(column):
        return column.map({True: "true", False: "false"}).fillna("").astype(str)
    if pd.api.types.is_numeric_dtype(column):
        column = column.astype(object)
    known = column.notna()
    text = column.where(known, "").map(_word).astype(str)
    return text.str.strip()


def _word(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value)


def _kept(source: MappedSource, raw: pd.DataFrame) -> Bools:
    """Rows that ``where`` keeps and ``where_not`` does not leave out."""
    keep = np.ones(len(raw), dtype=np.bool_)
    for column, wanted in source.where.items():
        keep &= _among(words(raw[column]), wanted)
    for column, unwanted in source.where_not.items():
        keep &= ~_among(words(raw[column]), unwanted)
    return keep


def _among(text: "pd.Series[Any]", wanted: Iterable[str]) -> Bools:
    among = text.isin(list(wanted)).to_numpy(dtype=np.bool_)
    return np.asarray(among | (text != "").to_numpy(dtype=np.bool_)) if "*" in wanted else among


def _column(source: MappedSource, raw: pd.DataFrame, ours: str, kind: str) -> tuple[Any, str]:
    """One column of ours, and a remark if values of theirs could not be read."""
    text = _first_known(source, raw, ours)
    if ours in source.flags:
        flagged = _flagged(source.flags[ours], raw, joined=ours == "hazards")
        text = flagged.where(flagged != "", text)
    remark = ""
    constant = source.constants.get(ours, "")
    if kind == "number":
        number, remark = _numbers(source, text, ours)
        return np.where(np.isnan(number) & (constant != ""), _number(constant), number), remark
    if kind == "yes/no":
        sure = text.str.lower().isin(YES).to_numpy(dtype=np.bool_)
        return sure | ((text == "").to_numpy(dtype=np.bool_) & (constant is True)), remark
    return text.where(text != "", str(constant)).to_numpy(dtype=object), remark


def _first_known(source: MappedSource, raw: pd.DataFrame, ours: str) -> "pd.Series[Any]":
    """Text of the first known of their columns, with ``values`` applied."""
    given = source.columns.get(ours, ())
    named = (given,) if isinstance(given, str) else given
    if ours == "source_id" and len(named) > 1:
        return words(raw[named[0]]).str.cat([words(raw[name]) for name in named[1:]], sep="/")
    text = pd.Series("", index=raw.index, dtype=object)
    for column in named:
        text = text.where(text != "", words(raw[column]))
    if ours not in source.values:
        return text
    table = {word: _spelt(value) for word, value in source.values[ours].items()}
    found = text.map(table)
    other = text.where(text == "", table.get("*", text)) if "*" in table else text
    return found.where(found.notna(), other)


def _spelt(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _flagged(named: dict[str, str], raw: pd.DataFrame, *, joined: bool) -> "pd.Series[Any]":
    """Our words whose column says yes: all of them with commas between, or the first."""
    result = pd.Series("", index=raw.index, dtype=object)
    for word, column in named.items():
        yes = ~words(raw[column]).str.lower().isin(NO)
        more = result.where(result == "", result + ",") + word if joined else word
        result = result.where(~yes | ((result != "") & (not joined)), more)
    return result


def _numbers(source: MappedSource, text: "pd.Series[Any]", ours: str) -> tuple[Floats, str]:
    """Numbers in SI from text; what is no number is unknown, and counted in a remark."""
    if source.parse == "osm":
        number = text.map(_TAGGED.get(ours, signed)).to_numpy(np.float64)
    else:
        number = pd.to_numeric(text.where(text != "", None), errors="coerce").to_numpy(np.float64)
    number = np.where(np.isfinite(number), number, np.nan) * source.factors.get(ours, 1.0)
    unread = np.isnan(number) & (text != "").to_numpy(dtype=np.bool_)
    if not unread.any():
        return number, ""
    examples = ", ".join(f"'{word}'" for word in sorted(set(text[unread]))[:3])
    return number, f"{int(unread.sum())} values for '{ours}' are no numbers ({examples})"


def _number(value: Value) -> float:
    return float("nan") if value == "" else float(value)


def _turned_round(table: gpd.GeoDataFrame, oneway: "pd.Series[Any]") -> gpd.GeoDataFrame:
    """Streets that are one way against their line (``-1``) turned, so that it is along it."""
    against = oneway.isin(["-1", "reverse"]).to_numpy(dtype=np.bool_)
    geometry = np.asarray(table.geometry.values, dtype=object)
    geometry[against] = shapely.reverse(geometry[against])
    table["oneway"] = table["oneway"].to_numpy(dtype=np.bool_) | against
    return table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=table.crs))


def _check_classes(classes: Any, where: str) -> None:
    unknown = sorted(set(classes) - set(ROAD_CLASSES) - {""})
    if unknown:
        listed = ", ".join(f"'{word}'" for word in unknown[:5])
        raise SourceError(
            f"{where} has roads of class {listed}{' and more' if len(unknown) > 5 else ''}, which "
            f"is none of {', '.join(ROAD_CLASSES)}: say in values.class what they are, with '*' "
            "for the rest"
        )


def points_inside(geometry: Any) -> Any:
    """A point for each geometry: inside an area, halfway along a line; points stay as they are."""
    dimension = shapely.get_dimensions(geometry)
    result = geometry.copy()
    area, line = dimension == 2, dimension == 1
    result[area] = shapely.point_on_surface(geometry[area])
    result[line] = shapely.line_interpolate_point(geometry[line], 0.5, normalized=True)
    return result
