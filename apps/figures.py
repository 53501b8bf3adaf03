"""Figures of a run as the page shows them: numbers, tables and small drawings."""

import html
from typing import Any

import ensembles
import maps
import numpy as np
import pandas as pd
import store
from hits import impact_model
from said import say
from texts import duration, road_words, translate, unit_words

#: Most numbers beside people, buildings and streets that are shown large.
_MOST_COUNTS = 24
#: A unit of more letters stands below its number.
_LONG_UNIT = 4
#: What the names of numbers of facilities of one kind begin with.
_BY_KIND = "facilities_out_"


def has_impact(key: str) -> bool:
    """Whether the run counted its impact, in the way of this version."""
    return "levels" in store.results(key).impact and impact_model(key) is not None


def levels(key: str, language: str = "en") -> dict[str, str]:
    """Levels for which the impact was counted: their names, and words for people."""
    said = "title_zh" if language == "zh" else "title"
    return {level["name"]: level[said] for level in store.results(key).impact["levels"]}


def measure(key: str, language: str) -> str:
    """What decides the level of a building."""
    name = "measure_zh" if language == "zh" else "measure"
    return str(store.results(key).impact[name])


def fullest_frame(key: str) -> int:
    """Number of the moment with the most people hit; where they only add up, with the most cells."""
    people = _series(key, "people", next(iter(levels(key)))) if has_impact(key) else []
    if len(people) and max(people) > people[-1]:
        return int(np.argmax(people))
    drawn = store.stored_cells(store.results(key))
    # The last of several as full: what spreads is seen at its end.
    return int(len(drawn) - 1 - np.argmax(drawn[::-1]))


def _series(key: str, what: str, level: str) -> list[float]:
    series = store.results(key).impact["series"]
    return list(series[what][level]) if series else []


def word(key: str, what: str, language: str) -> str:
    """What the people or the buildings are that the impact counts."""
    model = impact_model(key)
    if model is None:
        return ""
    words = model.people_word if what == "people" else model.buildings_word
    return words[1 if language == "zh" else 0]


def count(value: float) -> str:
    """A number of people or buildings, with thousands apart."""
    return f"{round(value):,}"


def now_line(view: maps.View) -> str:
    """People, buildings and streets that are hit at the moment shown, in one line of HTML."""
    key = view.key
    if key is None or not has_impact(key):
        return ""
    impact = store.results(key).impact
    first = next(iter(levels(key)))
    series = impact["series"] if view.moving else {}
    people, houses = impact["people"][first], impact["buildings"][first]
    roads = impact["roads"]
    metres = roads["impassable_m"] if roads else 0.0
    if series:
        people = series["people"][first][view.frame]
        houses = series["buildings"][first][view.frame]
        metres = series["roads_m"][view.frame] if roads else 0.0
    parts = [
        (count(people), word(key, "people", view.language)),
        (count(houses), word(key, "buildings", view.language)),
    ]
    if roads:
        parts.append((f"{metres / 1000.0:.1f}", translate("impact.roads", view.language)))
    return " · ".join(f"<b>{value}</b> {text}" for value, text in parts)


def large(key: str, level: str, language: str) -> str:
    """The large figures of the whole run, as HTML."""
    impact = store.results(key).impact
    buildings = store.table("buildings")
    rows = [
        (
            count(impact["people"][level]),
            word(key, "people", language),
            translate("impact.of", language, total=count(float(buildings["people"].sum())))
            + _modelled(language),
        ),
        (
            count(impact["buildings"][level]),
            word(key, "buildings", language),
            translate("impact.of", language, total=count(len(buildings))),
        ),
    ]
    roads, km = impact["roads"], translate("km", language)
    if roads:
        reason = roads["reason_zh"] if language == "zh" else roads["reason"]
        rows.append(
            (
                f"{roads['impassable_m'] / 1000.0:.1f}",
                translate("impact.roads", language),
                translate("impact.of", language, total=f"{roads['total_m'] / 1000.0:.0f} {km}")
                + f" · {reason}",
            )
        )
    return "".join(
        f'<div class="ct-big"><b>{value}</b><span>{text}</span><small>{small}</small></div>'
        for value, text, small in rows
    )


def more(key: str, language: str) -> str:
    """Further numbers of the run with who is counted, as HTML."""
    zh = language == "zh"
    rows = []
    counts = store.results(key).impact["counts"]
    # Facilities by kind stand in a table of their own.
    counts = [one for one in counts if not str(one["name"]).startswith(_BY_KIND)]
    for found in counts[:_MOST_COUNTS]:
        unit = "" if found["unit"] == "1" else unit_words(found["unit"], language)
        unit = f"<br><small>{unit}</small>" if len(unit) > _LONG_UNIT else f" {unit}"
        title = found["title_zh"] if zh else found["title"]
        who = found["who_zh"] if zh else found["who"]
        rows.append(
            f"<tr><td>{html.escape(title)}<br><small>{html.escape(who)}</small></td>"
            f"<td><b>{amount(found['value'])}</b>{unit}</td></tr>"
        )
    return f'<div class="ct-small ct-more"><table>{"".join(rows)}</table></div>' if rows else ""


def bands(key: str, language: str) -> pd.DataFrame:
    """Numbers of an ensemble with the values that 10, 50 and 90 % of its members do not exceed.

    People, buildings and streets come first, of a chain step by step; kinds of facilities of which no
    member lost one are left out.
    """
    about = ensembles.manifest_of(key)
    found = store.results(key).manifest.get("figures", {})
    steps = list(ensembles.steps(about, language))
    rows = [
        (
            ensembles.figure(name, about, language),
            *(_short(one[level], language) for level in ("p10", "p50", "p90")),
        )
        for name, one in sorted(found.items(), key=lambda row: _place(row[0], steps))
        if ".balance." not in f".{name}" and (_BY_KIND not in name or one["p90"] > 0.0)
    ]
    return pd.DataFrame(rows, columns=[translate("bands.number", language), "p10", "p50", "p90"])


def _place(name: str, steps: list[str]) -> tuple[int, int]:
    """Where a number of an ensemble stands: its step, those of all steps first; then what it counts."""
    step = next((at for at, one in enumerate(steps) if name.startswith(f"{one}.")), -1)
    what = name.removeprefix(f"{steps[step]}.") if step >= 0 else name
    first = ("people.", "buildings.", "roads_m")
    rank = next((at for at, one in enumerate(first) if what.startswith(one)), len(first))
    return step, rank + (_BY_KIND in what)


def _short(value: float, language: str) -> str:
    """A number for a narrow column: millions as such, in Chinese hundreds of millions."""
    if language == "zh" and abs(value) >= 1e7:
        return f"{value / 1e8:,.1f} 亿"
    return f"{value / 1e6:,.0f} M" if abs(value) >= 1e7 else f"{value:,.0f}"


def facilities(key: str, language: str) -> pd.DataFrame:
    """Facilities out of service, why and when; empty where none are counted."""
    rows = list(store.results(key).impact.get("facilities") or ())
    rows.sort(key=lambda row: _seconds(row) or 0.0)
    table = [
        (
            _named(row, "kind_title", language) or str(row.get("kind", "")),
            _named(row, "words", language) or _named(row, "name", language),
            _when(row, language),
        )
        for row in rows
    ]
    columns = [translate(f"facilities.{name}", language) for name in ("kind", "why", "when")]
    return pd.DataFrame(table, columns=columns)


def _named(row: dict[str, Any], name: str, language: str) -> str:
    """A text of a row in a language, where it has one in it."""
    chinese = row.get(f"{name}_zh") if language == "zh" else ""
    return str(chinese or row.get(name) or "")


def _seconds(row: dict[str, Any]) -> float | None:
    """When a facility went out of service [s], where that is known."""
    value = row.get("dark_s", row.get("when"))
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None


def _when(row: dict[str, Any], language: str) -> str:
    """When a facility went out of service, with how likely that is where it is random."""
    seconds = _seconds(row)
    when = str(row.get("when") or "") if seconds is None else duration(seconds, language)
    chance = row.get("probability")
    return when if chance is None else f"{when} ({float(chance):.0%})"


def curves(key: str, language: str) -> list[str]:
    """Vulnerabilities that the impact used, each with its source and whether it was verified."""
    said = {True: "impact.verified", False: "impact.unverified"}
    form = "{}：{}（{}）" if language == "zh" else "{}: {} ({})"
    return [
        form.format(
            say(curve["title"], language),
            say(curve["source"], language),
            translate(said[curve["verified"]], language),
        )
        for curve in _used(key)
    ]


def _used(key: str) -> list[dict[str, Any]]:
    """Vulnerabilities of a run's impact, or of those of an ensemble's members."""
    manifest = store.results(key).manifest
    found: list[dict[str, Any]] = manifest["impact"].get("curves") or manifest.get("curves", [])
    return found


def amount(value: float) -> str:
    """A number of people, things or money as people say it: three figures from a million on."""
    if abs(value) < 1e6:
        return f"{round(value):,}"
    return f"{float(f'{value:.3g}'):,.0f}"


def _modelled(language: str) -> str:
    """A remark where people are modelled."""
    if store.how("cells", "people") != "people_modelled":
        return ""
    return f" · {translate('impact.people.assumed', language)}"


def people_over_time(key: str, language: str) -> pd.DataFrame:
    """Columns hours, people and level: people at each level at each moment; empty without a course."""
    hours = store.results(key).times / 3600.0
    parts = [
        pd.DataFrame({"hours": hours, "people": _series(key, "people", name), "level": words})
        for name, words in levels(key, language).items()
        if _series(key, "people", name)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def buildings_by_level(key: str, language: str) -> pd.DataFrame:
    """Columns level and buildings: buildings that were at each level or beyond."""
    counted = store.results(key).impact["buildings"]
    words = levels(key, language)
    return pd.DataFrame(
        {"level": list(words.values()), "buildings": [round(counted[name]) for name in words]}
    )


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
