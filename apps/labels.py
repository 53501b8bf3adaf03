"""Names on pins: places and peaks of the city."""

from typing import Any

import numpy as np
import payloads
import pydeck
import store
from texts import translate

INK = [30, 44, 52, 255]


def label_layers(language: str) -> list[pydeck.Layer]:
    """Names of places and peaks on pins, and the scale and north at the edge of the table."""
    rows = _labels(language)
    pins = pydeck.Layer(
        "LineLayer",
        id="pins",
        data=rows,
        get_source_position="a",
        get_target_position="b",
        get_color=[70, 84, 90, 170],
        get_width=1.2,
        pickable=False,
    )
    names = text_layer("names", rows, baseline="bottom")
    return [pins, names, *_ruler(language)]


def _ruler(language: str) -> list[pydeck.Layer]:
    """Scale and north, lying on the table beside the model's northern edge."""
    frame = payloads.frame()
    lon, _ = frame.anchor
    width, height = frame.size
    per_metre = ((frame.east - frame.west) / width, (frame.north - frame.south) / height)
    floor = float(payloads.relief().heights.min())
    metres = ruler_length(max(width, height))
    size = metres / 500.0  # the drawing's own metres

    def spot(east: float, north: float) -> list[float]:
        at = lon + east * size * per_metre[0], frame.north + north * size * per_metre[1]
        return [*at, floor]

    length = f"{metres / 1000.0:g} {translate('km', language)}"
    if metres < 1000.0:
        length = f"{metres:g} {translate('unit.m', language)}"
    lines = [
        {"a": spot(-250.0, 70.0), "b": spot(250.0, 70.0)},
        {"a": spot(-250.0, 50.0), "b": spot(-250.0, 90.0)},
        {"a": spot(250.0, 50.0), "b": spot(250.0, 90.0)},
        {"a": spot(420.0, 50.0), "b": spot(420.0, 190.0)},
        {"a": spot(420.0, 190.0), "b": spot(395.0, 145.0)},
        {"a": spot(420.0, 190.0), "b": spot(445.0, 145.0)},
    ]
    words = [
        {"b": spot(0.0, 105.0), "t": length},
        {"b": spot(420.0, 225.0), "t": translate("north", language)},
    ]
    return [
        pydeck.Layer(
            "LineLayer",
            id="ruler",
            data=lines,
            get_source_position="a",
            get_target_position="b",
            get_color=[92, 104, 108, 220],
            get_width=1.6,
            pickable=False,
        ),
        text_layer("ruler-words", words, baseline="center"),
    ]


def ruler_length(side: float) -> float:
    """Length of the ruler beside a model whose longer side is so long, a round number [m]."""
    wanted = side / 4.0
    steps = (1.0, 2.0, 5.0)
    lengths = (step * 10.0**power for power in range(1, 6) for step in steps)
    return max((length for length in lengths if length <= wanted), default=10.0)


def _labels(language: str) -> list[dict[str, Any]]:
    rows = []
    for name, lift in (("places", 95.0), ("peaks", 42.0)):
        table = store.table(name)
        for row in table.to_dict("records"):
            text = row.get("name_zh") if language == "zh" else None
            text = text if isinstance(text, str) and text else row["name"]
            if not isinstance(text, str) or not text:
                continue
            if name == "peaks":
                if not row["elevation"] > 0:  # also where it is not a number
                    continue
                text += f"  {row['elevation']:.0f} {translate('unit.m', language)}"
            rows.append(pin(row["geometry"].x, row["geometry"].y, lift, text))
    return rows


def pin(lon: float, lat: float, lift: float, text: str) -> dict[str, Any]:
    """A name so high above the ground [m], with the foot and the head of its pin."""
    height = float(payloads.relief().at(np.array([lon]), np.array([lat]))[0])
    foot = [round(lon, 6), round(lat, 6), round(height, 1)]
    return {"a": foot, "b": [foot[0], foot[1], round(height + lift, 1)], "t": text}


def text_layer(
    name: str, rows: list[dict[str, Any]], *, baseline: str, colour: list[int] = INK
) -> pydeck.Layer:
    """Words with a pale rim, never hidden behind the model."""
    text = pydeck.types.String
    return pydeck.Layer(
        "TextLayer",
        id=name,
        data=rows,
        get_position="b",
        get_text="t",
        get_size=13,
        get_color=colour,
        get_text_anchor=text("middle"),
        get_alignment_baseline=text(baseline),
        character_set=text("auto"),
        font_family=text("'Source Sans', 'Noto Sans CJK SC', sans-serif"),
        font_weight=600,
        font_settings={"sdf": True, "fontSize": 64, "buffer": 12, "radius": 20, "cutoff": 0.18},
        outline_width=6,
        outline_color=[253, 252, 249, 235],
        parameters={"depthCompare": "always"},
        pickable=False,
    )
