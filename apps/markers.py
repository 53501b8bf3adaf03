"""What a run's scenario places on the map: gauges, lines, rivers, breaches, measures and the like."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import payloads
import pydeck
import store
from labels import pin, text_layer
from pydantic import BaseModel

Points = tuple[tuple[float, float], ...]

_LIFT = 55.0  # of a name above its place [m]
_STEP = 75.0  # of a name above another one that is near [m]
_NEAR = 0.003  # how near names hide one another [degrees]
_ABOVE = 1.5  # of a line above the ground [m]
_GRAIN = 1e-4  # longest piece of a line that lies on the ground [degrees]
_COLOUR = [0, 98, 92, 255]
#: Fields that say where a thing lies, in the order in which they are asked.
_PLACES = ("line", "area", "at", "place")


def marker_layers(key: str) -> list[pydeck.Layer]:
    """Pins and lines for all that the scenario of a run places by geometry; none without any."""
    placed = list(_placed(store.results(key).scenario))
    if not placed:
        return []
    paths = [{"p": _on_ground(points)} for _, points in placed if len(points) > 1]
    pins = list(_pins(placed))
    return [
        pydeck.Layer(
            "PathLayer",
            id="marker-lines",
            data=paths,
            get_path="p",
            get_color=_COLOUR,
            get_width=3,
            width_min_pixels=2.5,
            billboard=True,
            pickable=False,
        ),
        pydeck.Layer(
            "LineLayer",
            id="marker-pins",
            data=pins,
            get_source_position="a",
            get_target_position="b",
            get_color=_COLOUR,
            get_width=1.6,
            pickable=False,
        ),
        text_layer("marker-names", pins, baseline="bottom", colour=_COLOUR),
    ]


def _pins(placed: list[tuple[str, Points]]) -> Iterator[dict[str, Any]]:
    """A pin for each thing; of things near one another those behind stand above those in front.

    The camera looks to the south at first.
    """
    levels: dict[tuple[float, float, int], int] = {}
    spots = [(*_middle(points), name) for name, points in placed]
    for number, (lon, lat, name) in enumerate(sorted(spots, key=lambda spot: -spot[1])):
        near = (level for at, level in levels.items() if math.dist((lon, lat), at[:2]) < _NEAR)
        level = levels[lon, lat, number] = max(near, default=-1) + 1
        yield pin(lon, lat, _LIFT + _STEP * level, name)


def _placed(scenario: Any) -> Iterator[tuple[str, Points]]:
    """Name and points of what the event and the measures place; an area comes round to its start."""
    event = scenario.hazard
    parts: list[Any] = list(scenario.measures)
    for field in type(event).model_fields:
        value = getattr(event, field)
        parts += value if isinstance(value, tuple) else []
    for part in parts:
        if isinstance(part, BaseModel):
            points = _points(part)
            if points:
                title = getattr(part, "name", "") or getattr(part, "title", "")
                yield str(title), points


def _points(part: Any) -> Points:
    for field in _PLACES:
        value = getattr(part, field, None)
        if isinstance(value, tuple) and value:
            points: Points = value if isinstance(value[0], tuple) else (value,)
            return (*points, points[0]) if field == "area" else points
    return ()


def _middle(points: Points) -> tuple[float, float]:
    lon, lat = points[len(points) // 2] if len(points) != 2 else np.mean(points, axis=0).tolist()
    return float(lon), float(lat)


def _on_ground(points: Points) -> list[list[float]]:
    """A line that follows the ground."""
    spots = np.asarray(points)
    pieces = [spots[:1]]
    for before, after in pairwise(spots):
        count = max(int(np.ceil(np.abs(after - before).max() / _GRAIN)), 1)
        share = np.arange(1, count + 1)[:, None] / count
        pieces.append(before + share * (after - before))
    lonlat = np.concatenate(pieces)
    height = payloads.relief().at(lonlat[:, 0], lonlat[:, 1]).astype(np.float64) + _ABOVE
    spots = np.column_stack([np.round(lonlat, 6), np.round(height, 1)])
    return [list(spot) for spot in spots.tolist()]
