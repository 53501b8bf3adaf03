"""Lifelines of a recipe: read from a file of their own, and placed in the city."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from citytwin.errors import InputError, RecipeError, ScenarioError
from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.impact.lifelines.lifeline import Lifeline
from citytwin.tables import read_rows

#: Columns of a table that are numbers, and those that are yes or no.
_NUMBERS, _FLAGS = ("backup_h", "fails_from_m"), ("assumed",)
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "")
#: Between needs, and between alternatives of one need, in a table.
_AND, _OR = ";", "|"


def read_lifelines(path: Path) -> list[dict[str, Any]]:
    """Rows of a file with lifelines, as a recipe has them.

    Parameters
    ----------
    path
        CSV with the columns ``name, kind, lon, lat`` and any others of a lifeline, needs as
        ``a; b | c`` (a, and one of b and c); or GeoJSON of points with these as properties.

    Raises
    ------
    RecipeError
        If it cannot be read or a row is not one.
    """
    if path.suffix.lower() in (".geojson", ".json"):
        features = enumerate(_features(path), start=1)
        return [_row(values, path, f"feature {number}") for number, values in features]
    try:
        rows = read_rows(path, ("name", "kind", "lon", "lat"))
    except InputError as error:
        raise RecipeError(str(error)) from error
    return [
        _row({k: v for k, v in row.items() if k != "line"}, path, f"line {row['line']}")
        for row in rows
    ]


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [
            {
                **feature["properties"],
                "lon": feature["geometry"]["coordinates"][0],
                "lat": feature["geometry"]["coordinates"][1],
            }
            for feature in features
        ]
    except OSError as error:
        raise RecipeError(f"the lifelines {path} cannot be read: check the path") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RecipeError(
            f"the lifelines {path} are no GeoJSON of points: give a FeatureCollection"
        ) from error


def _row(values: dict[str, Any], path: Path, place: str) -> dict[str, Any]:
    """One lifeline from texts and numbers; what is empty is left out."""
    found = {k: v for k, v in values.items() if v is not None and v != ""}
    try:
        at = [float(found.pop("lon")), float(found.pop("lat"))]
        found |= {name: float(found[name]) for name in _NUMBERS if name in found}
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeError(
            f"the lifeline '{values.get('name', '')}' of {path} has a number that is none, or no lon "
            "and lat: mend the row"
        ) from error
    for name in _FLAGS:
        if name in found:
            found[name] = _flag(found[name], f"'{name}' in {place} of {path}")
    needs = found.get("needs")
    if isinstance(needs, str):
        entries = [[name.strip() for name in part.split(_OR)] for part in needs.split(_AND)]
        found["needs"] = [entry for entry in entries if any(entry)]
    return {**found, "at": at}


def _flag(value: Any, what: str) -> bool:
    word = str(value).strip().lower()
    if word not in (*_YES, *_NO):
        raise RecipeError(f"{what} is '{value}': write yes or no")
    return word in _YES


def refuse_outside(lifelines: Sequence[Lifeline], grid: Grid) -> None:
    """Refuse lifelines that lie outside the city.

    Raises
    ------
    RecipeError
        That names the first.
    """
    for one in lifelines:
        try:
            cell_at(grid, one.at, f"the lifeline '{one.name}'")
        except ScenarioError as error:
            raise RecipeError(str(error)) from error
