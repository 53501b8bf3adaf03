"""What the columns of exported layers mean, with their units."""

import re
from dataclasses import dataclass

from citytwin.city.schema import LAYERS
from citytwin.variables import VARIABLES

#: Name under which the cells are exported, beside the layers of the city.
CELLS = "cells"


@dataclass(frozen=True)
class About:
    """What a column holds.

    Attributes
    ----------
    description
        What it is.
    unit
        Unit as text, ``""`` where there is none.
    """

    description: str
    unit: str = ""


_EVERYWHERE = {
    "id": About("number within the layer, from one"),
    "source_id": About("name in the source, for example way/1234"),
}
_DERIVED = {
    "buildings": {
        "height_from": About("where the height is from: source, parts, levels or assumed"),
        "levels_from": About("where the levels are from: source, height or assumed"),
        "area": About("area of the footprint", "m2"),
        "floor_area": About("floor area of all storeys", "m2"),
        "home_share": About("share of the floor area that is homes", "1"),
        "people": About("residents", "1"),
    },
    "roads": {"length": About("length", "m")},
    CELLS: {
        "h3": About("H3 index of the cell as text"),
        "area": About("true area of the cell", "m2"),
    },
}


def describe_layer(layer: str) -> str:
    """What a layer is, in one line; its name where nobody says more."""
    if layer == CELLS:
        return "H3 cells with every quantity of the city on them"
    return LAYERS[layer].description if layer in LAYERS else layer


def describe_columns(layer: str, names: list[str]) -> dict[str, About]:
    """What each column of a layer is; columns that nobody describes have an empty text."""
    known = dict(_EVERYWHERE)
    if layer == CELLS:
        known |= {name: About(v.description, v.unit) for name, v in VARIABLES.items()}
    elif layer in LAYERS:
        known |= {
            name: _with_unit(column.description) for name, column in LAYERS[layer].columns.items()
        }
    known |= _DERIVED.get(layer, {})
    return {name: known.get(name, About("")) for name in names}


def _with_unit(description: str) -> About:
    """Take the unit out of a text that ends with it in square brackets."""
    found = re.fullmatch(r"(.*\S)\s*\[([^\]]+)\]", description)
    return About(found[1], found[2]) if found else About(description)
