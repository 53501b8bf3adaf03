"""Turns the city and a run into deck.gl layers. Heavy data go by address, never inline."""

import json
import math
from dataclasses import dataclass
from typing import Any

import payloads
import pydeck
import store
from hits import impact_model
from labels import label_layers
from markers import marker_layers
from modes import Colour, colour, modes
from scene.sheet import Sheet

from citytwin.hazards.base import Picture

CHOSEN_COLOUR: Colour = [255, 221, 51, 255]
UNSEEN: Colour = [255, 255, 255, 1]  # wholly clear things do not answer to a click
# The camera looks south-west over the valleys to the hills.
PITCH, BEARING = 54.0, 212.0
AIM = (-0.105, 0.15)  # from the middle of the box, in its widths


@dataclass(frozen=True)
class View:
    """What the map shows.

    Attributes
    ----------
    language
        ``en`` or ``zh``.
    key
        Key of the run, or none.
    mode
        Name of one of the run's pictures; empty without a run.
    frame
        Number of the moment.
    chosen
        Kind and row of the thing that was clicked, or none.
    assumed
        Whether what is assumed is shown in grey.
    """

    language: str
    key: str | None
    mode: str
    frame: int
    chosen: tuple[str, dict[str, Any]] | None = None
    assumed: bool = False

    @property
    def what(self) -> Picture:
        """What colours the cells."""
        return modes(self.key or "")[self.mode]

    @property
    def moving(self) -> bool:
        """Whether a moment is shown, not the whole run."""
        return self.key is not None and self.what.moving


class Model(pydeck.Deck):  # type: ignore[misc]
    """A deck whose layers stay as they are when one of their things is clicked.

    Streamlit fades every layer that it finds in the list when something is picked. A model must
    not turn to glass, so the layers go in as one nested list, which deck.gl flattens.
    """

    def to_json(self) -> str:
        """The deck as deck.gl reads it."""
        deck = json.loads(super().to_json())
        deck["layers"] = [deck["layers"], {"@@type": "LineLayer", "data": []}]
        return json.dumps(deck)


def model(view: View, *, zoom: float | None = None) -> Model:
    """The whole scene."""
    lon, lat = _aim()
    width, height = payloads.frame().size
    near = 13.87 - 1.0 * math.log2(max(width, height) / 2900.0)
    camera = pydeck.ViewState(
        longitude=lon,
        latitude=lat,
        zoom=near if zoom is None else zoom,
        pitch=PITCH,
        bearing=BEARING,
        max_pitch=80,
        min_zoom=10,
    )
    layers = [*_city_layers(view), *_pick_layers(), *_run_layers(view)]
    layers += [*_chosen_layers(view), *label_layers(view.language)]
    if view.key is not None:
        layers += marker_layers(view.key)
    return Model(layers=layers, initial_view_state=camera, map_provider=None, tooltip=False)


def _aim() -> tuple[float, float]:
    """Point in the middle of the screen: north of the city's middle, so that all of it shows."""
    frame = payloads.frame()
    lon, lat = frame.anchor
    return lon + AIM[0] * (frame.east - frame.west), lat + AIM[1] * (frame.north - frame.south)


def _city_url(name: str) -> str:
    return f"/city/{store.city().fingerprint}-{payloads.LOOK}/{name}"


def _run_url(view: View, kind: str) -> str:
    moment = view.frame if view.moving else "whole"
    return f"/runs/{view.key}/{kind}/{moment}.json?{store.stamp(view.key or '')}"


def _mesh(name: str, file: str) -> pydeck.Layer:
    lon, lat = payloads.frame().anchor
    return pydeck.Layer(
        "ScenegraphLayer",
        id=name,
        data=[{"p": [lon, lat, 0.0]}],
        get_position="p",
        scenegraph=pydeck.types.String(_city_url(f"{file}.glb")),
        pickable=False,
    )


def _city_layers(view: View) -> list[pydeck.Layer]:
    names = ["ground", "buildings"] if len(payloads.blocks().item) else ["ground"]
    return [_mesh(name, f"{name}-assumed" if view.assumed else name) for name in names]


def _grades(colours: list[Colour]) -> str:
    """An expression that gives the colour of the grade ``k``."""
    *others, last = (json.dumps(shown) for shown in colours)
    return "".join(f"k == {grade} ? {shown} : " for grade, shown in enumerate(others)) + last


def _hexagon(sheet: Sheet) -> str:
    """An expression that builds the ring of a cell from its small numbers."""
    west, south = sheet.origin
    corners = [
        f"[(x + {dx}) * 0.000001 + {west}, (y + {dy}) * 0.000001 + {south}, z[{at}] * 0.1]"
        for at, (dx, dy) in enumerate(sheet.shape.tolist())
    ]
    return "[" + ", ".join(corners) + "]"


def _run_layers(view: View) -> list[pydeck.Layer]:
    """Cells in their classes, and the buildings and streets that are marked at the moment."""
    if view.key is None:
        return []
    picture = view.what
    cells = pydeck.Layer(
        "SolidPolygonLayer",
        id=f"cell-{picture.values.split('_')[0]}-{view.key}",
        data=_run_url(view, view.mode),
        get_polygon=_hexagon(payloads.sheet()),
        extruded=False,
        get_fill_color=_grades([colour(text) for text in picture.colours]),
        pickable=True,
        _full3d=True,
    )
    model = impact_model(view.key)
    found = [cells]
    if not picture.marks:
        return found
    if model is not None and model.street_mark is not None:
        found.append(_streets(view, colour(model.street_mark.colour, 255)))
    if model is not None and model.building_marks:
        marks = [colour(mark.colour, 255) for mark in model.building_marks]
        found.append(_buildings(view, marks))
    return found


def _streets(view: View, shown: Colour) -> pydeck.Layer:
    return pydeck.Layer(
        "PathLayer",
        id=f"closed-streets-{view.key}",
        data=_run_url(view, "streets"),
        get_path="p",
        get_color=shown,
        get_width=3.2,
        width_min_pixels=2,
        cap_rounded=True,
        joint_rounded=True,
        billboard=True,
        pickable=False,
    )


def _buildings(view: View, shown: list[Colour]) -> pydeck.Layer:
    return pydeck.Layer(
        "PolygonLayer",
        id=f"marked-buildings-{view.key}",
        data=_run_url(view, "buildings"),
        get_polygon="p",
        get_elevation="h",
        extruded=True,
        get_fill_color=_grades(shown),
        material={"ambient": 0.62, "diffuse": 0.46, "shininess": 4, "specularColor": [0, 0, 0]},
        pickable=False,
    )


def _pick_layers() -> list[pydeck.Layer]:
    """Unseen things that answer to a click."""
    houses = pydeck.Layer(
        "PolygonLayer",
        id="building",
        data=_city_url("buildings.json"),
        get_polygon="p",
        get_elevation="h",
        extruded=True,
        get_fill_color=UNSEEN,
        pickable=True,
    )
    streets = pydeck.Layer(
        "PathLayer",
        id="street",
        data=_city_url("streets.json"),
        get_path="p",
        get_color=UNSEEN,
        get_width=9,
        pickable=True,
    )
    ground = pydeck.Layer(
        "SolidPolygonLayer",
        id="ground-cells",
        data=_city_url("cells.json"),
        get_polygon=_hexagon(payloads.parent_sheet()),
        extruded=False,
        get_fill_color=UNSEEN,
        pickable=True,
        _full3d=True,
    )
    return [ground, streets, houses]


def _chosen_layers(view: View) -> list[pydeck.Layer]:
    """The clicked thing in yellow."""
    if view.chosen is None:
        return []
    kind, row = view.chosen
    if kind == "building":
        raised = {**row, "h": row["h"] + 0.6}
        return [
            pydeck.Layer(
                "PolygonLayer",
                id="chosen-prism",
                data=[raised],
                get_polygon="p",
                get_elevation="h",
                extruded=True,
                get_fill_color=CHOSEN_COLOUR,
                pickable=False,
            )
        ]
    if kind == "cell":
        path = payloads.sheet().ring(int(row["i"]))
    elif kind == "ground":
        path = payloads.parent_sheet().ring(int(row["index"]))
    else:
        path = row["p"]
    return [
        pydeck.Layer(
            "PathLayer",
            id="chosen-line",
            data=[{"p": path}],
            get_path="p",
            get_color=CHOSEN_COLOUR,
            get_width=3,
            width_min_pixels=3,
            billboard=True,
            pickable=False,
        )
    ]
