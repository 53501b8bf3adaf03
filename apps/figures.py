"""Figures of a run as the page shows them: numbers, tables and small drawings."""

from typing import Any

import maps
import numpy as np
import pandas as pd
import payloads
import store
from modes import DRAWN_DEPTH, MODES
from texts import road_words, translate, unit_words


def wet_depth(key: str) -> float:
    """Depth from which the run counts a cell as wet [m]."""
    return float(getattr(store.results(key).scenario.hazard, "wet_depth", DRAWN_DEPTH))


def modes(key: str) -> list[str]:
    """What the map can show of a run."""
    known = store.quantities(key)
    return [name for name, mode in MODES.items() if mode.values in known]


def has_impact(key: str) -> bool:
    """Whether the run counted its impact."""
    return bool(store.results(key).impact)


def thresholds(key: str) -> list[str]:
    """Depths for which the impact was counted, as text [m]."""
    return list(store.results(key).impact["people"])


def fullest_frame(key: str) -> int:
    """Number of the moment with the most people in wet buildings."""
    if not has_impact(key):
        return len(store.results(key).times) // 2
    people = _series(key, "people", thresholds(key)[0])
    return int(np.argmax(people)) if len(people) else 0


def _series(key: str, what: str, threshold: str) -> list[float]:
    series = store.results(key).impact["series"]
    return list(series[what][threshold])


def count(value: float) -> str:
    """A number of people or buildings, with thousands apart."""
    return f"{round(value):,}"


def now_line(view: maps.View) -> str:
    """People, buildings and streets in water at the moment shown, in one line of HTML."""
    if view.key is None or not has_impact(view.key):
        return ""
    impact = store.results(view.key).impact
    limit = f"{payloads.BUILDING_LIMIT:g}"
    if view.moving:
        people = _series(view.key, "people", limit)[view.frame]
        houses = _series(view.key, "buildings", limit)[view.frame]
        metres = impact["series"]["roads_m"][view.frame]
    else:
        people, houses = impact["people"][limit], impact["buildings"][limit]
        metres = impact["roads"]["impassable_m"]
    parts = (
        (count(people), "impact.people"),
        (count(houses), "impact.buildings"),
        (f"{metres / 1000.0:.1f}", "impact.roads"),
    )
    return " · ".join(f"<b>{value}</b> {translate(text, view.language)}" for value, text in parts)


def large(key: str, threshold: str, language: str) -> str:
    """The three large figures of the whole run, as HTML."""
    impact = store.results(key).impact
    buildings = store.table("buildings")
    roads, km = impact["roads"], translate("km", language)
    rows = (
        (
            count(impact["people"][threshold]),
            translate("impact.people", language),
            translate("impact.of", language, total=count(float(buildings["people"].sum())))
            + _modelled(language),
        ),
        (
            count(impact["buildings"][threshold]),
            translate("impact.buildings", language),
            translate("impact.of", language, total=count(len(buildings))),
        ),
        (
            f"{roads['impassable_m'] / 1000.0:.1f}",
            translate("impact.roads", language),
            translate("impact.of", language, total=f"{roads['total_m'] / 1000.0:.0f} {km}")
            + f" · ≥ {roads['limit_m']:g} {unit_words('m', language)}",
        ),
    )
    return "".join(
        f'<div class="ct-big"><b>{value}</b><span>{text}</span><small>{small}</small></div>'
        for value, text, small in rows
    )


def _modelled(language: str) -> str:
    """A remark where people are modelled."""
    if store.how("cells", "people") != "people_modelled":
        return ""
    return f" · {translate('impact.people.assumed', language)}"


def people_over_time(key: str) -> pd.DataFrame:
    """Columns hours, people and depth: people in wet buildings at each moment."""
    hours = store.results(key).times / 3600.0
    parts = [
        pd.DataFrame({"hours": hours, "people": _series(key, "people", name), "depth": name})
        for name in thresholds(key)
    ]
    return pd.concat(parts, ignore_index=True)


def buildings_by_depth(key: str) -> pd.DataFrame:
    """Columns depth and buildings: buildings that saw at least that depth."""
    counted = store.results(key).impact["buildings"]
    return pd.DataFrame({"depth": list(counted), "buildings": [round(v) for v in counted.values()]})


def street_table(key: str, language: str) -> pd.DataFrame:
    """Streets impassable, by class, the longest first."""
    rows: dict[str, Any] = store.results(key).impact["roads"]["by_class"]
    names = ("class", "km", "km_total")
    columns = [translate(f"impact.{name}", language) for name in names]
    table = [
        (road_words(kind, language), row["impassable_m"] / 1000.0, row["total_m"] / 1000.0)
        for kind, row in rows.items()
    ]
    table.sort(key=lambda row: -row[1])
    frame = pd.DataFrame(table, columns=columns)
    frame[columns[1:]] = frame[columns[1:]].round(2)
    return frame
