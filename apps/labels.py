"""Names on pins: places and peaks of the city."""

from typing import Any

import numpy as np
import payloads
import pydeck
import store


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
    names = pydeck.Layer(
        "TextLayer",
        id="names",
        data=rows,
        get_position="b",
        get_text="t",
        get_size=13,
        get_color=[30, 44, 52, 255],
        get_text_anchor=pydeck.types.String("middle"),
        get_alignment_baseline=pydeck.types.String("bottom"),
        character_set=pydeck.types.String("auto"),
        font_family=pydeck.types.String("'Source Sans', 'Noto Sans CJK SC', sans-serif"),
        font_weight=600,
        font_settings={"sdf": True, "fontSize": 64, "buffer": 8, "radius": 16},
        outline_width=3.2,
        outline_color=[253, 252, 249, 235],
        parameters={"depthCompare": "always"},
        pickable=False,
    )
    return [pins, names]


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
                text += f"  {row['elevation']:.0f} m"
            rows.append(_pin(row["geometry"].x, row["geometry"].y, lift, text))
    return rows


def _pin(lon: float, lat: float, lift: float, text: str) -> dict[str, Any]:
    height = float(payloads.relief().at(np.array([lon]), np.array([lat]))[0])
    foot = [round(lon, 6), round(lat, 6), round(height, 1)]
    return {"a": foot, "b": [foot[0], foot[1], round(height + lift, 1)], "t": text}
