"""The card of one thing on the map: its numbers with units, where they come from, what is assumed."""

import html
import re
from typing import Any

import h3.api.basic_int as h3
import hits
import maps
import numpy as np
import payloads
import store
from legend import class_names
from modes import modes
from texts import duration, road_words, translate, unit_words

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.base import Picture
from citytwin.report.sentences import percent
from citytwin.report.texts import translate as report_text

Rows = list[tuple[str, str]]


def card(view: maps.View) -> str:
    """The card as HTML; a hint where nothing was clicked."""
    if view.chosen is None:
        hint = translate("card.hint", view.language)
        return f'<div class="ct-card"><p class="hint">{hint}</p></div>'
    kind, row = view.chosen
    draw = {"building": _building, "street": _street, "cell": _cell, "ground": _ground}.get(kind)
    if draw is None:
        return ""
    title, rows, notes = draw(view, row)
    lines = "".join(
        f"<tr><td>{name}</td><td>{html.escape(value)}</td></tr>" for name, value in rows
    )
    below = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    return f'<div class="ct-card"><h4>{html.escape(title)}</h4><table>{lines}</table>{below}</div>'


def _building(view: maps.View, row: dict[str, Any]) -> tuple[str, Rows, list[str]]:
    say = _say(view)
    item = int(row["i"])
    facts = store.table("buildings").iloc[item]
    rows: Rows = [
        (say("card.kind"), _words(facts["kind"])),
        (
            say("card.height"),
            f"{_length(facts['height'], view)}, {_from(facts['height_from'], view)}",
        ),
        (say("card.floors"), f"{facts['floor_area']:,.0f} {unit_words('m2', view.language)}"),
        (say("card.people"), f"{facts['people']:.1f}"),
    ]
    notes = [say("card.assumed")] if store.how("cells", "people") == "people_modelled" else []
    if view.key is not None:
        rows += _own_rows(view, item)
        rows += _hazard_rows(view, hits.exposure().cells_beside(item))
        notes.insert(0, say("card.beside"))
    return say("card.building"), rows, [*notes, _source(view)]


def _length(metres: float, view: maps.View) -> str:
    return f"{metres:,.0f} {unit_words('m', view.language)}"


def _from(origin: str, view: maps.View) -> str:
    """Where a height is from, in a word."""
    known = {"source": "real", "assumed": "assumed"}
    return report_text(f"state.{known.get(origin, 'derived')}", view.language)


def _street(view: maps.View, row: dict[str, Any]) -> tuple[str, Rows, list[str]]:
    say = _say(view)
    item = int(row["i"])
    facts = store.table("roads").iloc[item]
    name = facts["name"] if isinstance(facts["name"], str) and facts["name"] else None
    shares = store.city().road_cells
    mine = shares.item == item
    cells, metres = shares.cell[mine], shares.amount[mine]
    rows: Rows = [
        (say("card.kind"), road_words(str(facts["class"]), view.language)),
        (say("card.length"), _length(metres.sum(), view)),
    ]
    model = hits.impact_model(view.key) if view.key is not None else None
    if model is not None and model.street_mark is not None:
        held = hits.moment_of(view.key or "", view.frame if view.moving else -1)
        shut = model.closed(hits.exposure(), held)[cells]
        rows.append((say("card.closed"), _length(metres[shut].sum(), view)))
    rows += _hazard_rows(view, cells)
    return name or say("card.street"), rows, [_source(view)]


def _cell(view: maps.View, row: dict[str, Any]) -> tuple[str, Rows, list[str]]:
    cell = int(row["i"])
    return _spot(view, np.array([cell]), "card.cell", int(store.city().grid.cells[cell]))


def _ground(view: maps.View, row: dict[str, Any]) -> tuple[str, Rows, list[str]]:
    parent = payloads.parents()[int(row["index"])]
    grid = store.city().grid
    children = np.array(h3.cell_to_children(parent, grid.resolution), dtype=np.uint64)
    return _spot(view, np.flatnonzero(np.isin(grid.cells, children)), "card.ground", parent)


def _spot(view: maps.View, cells: Ints, title: str, cell: int) -> tuple[str, Rows, list[str]]:
    say = _say(view)
    city = store.city()
    area = city.grid.area[cells]
    rows: Rows = []
    if store.has_ground():
        height = float(np.average(store.ground()[cells], weights=area))
        rows.append((say("card.elevation"), f"{height:.1f} {unit_words('m', view.language)}"))
    rows += _hazard_rows(view, cells)
    share = float(np.average(city.layers["assumed"][cells], weights=area))
    rows.append((say("card.rests"), percent(share)))
    rows.append((say("card.cell_id"), format(cell, "x")))
    return say(title), rows, [say("card.mean", area=f"{area.sum():.0f}"), _source(view)]


def _own_rows(view: maps.View, item: int) -> Rows:
    """What the run says of a building itself."""
    model = hits.impact_model(view.key or "")
    known = store.results(view.key or "").buildings
    rows: Rows = []
    for name, (title, title_zh, unit) in (model.building_facts if model else {}).items():
        value = float(known[name][item]) if name in known else float("nan")
        if np.isfinite(value):
            words = _amount(value, unit, view.language)
            rows.append((title_zh if view.language == "zh" else title, words))
    return rows


def _hazard_rows(view: maps.View, cells: Ints) -> Rows:
    """What the hazard does in some cells: the greatest of each of its quantities, the first arrival."""
    say = _say(view)
    if view.key is None or not len(cells):
        return []
    rows: Rows = []
    for picture in modes(view.key).values():
        if picture.moving and not view.moving:
            continue
        drawn = hits.drawn_cells(view.key, picture, view.frame)[cells]
        if drawn.any():
            held = hits.moment_of(view.key, view.frame if picture.moving else -1)
            values = held.value(picture.values)[cells][drawn]
            rows.append((_short(picture, view), _shown(picture, values, view)))
    lasts = store.results(view.key).summary.get("duration")
    if rows and lasts is not None:
        longest = duration(float(lasts[cells].max()), view.language)
        rows.append((say("card.duration"), longest))
    return rows or [(say("card.hazard"), say("card.untouched"))]


def _short(picture: Picture, view: maps.View) -> str:
    return picture.short_zh if view.language == "zh" else picture.short


def _shown(picture: Picture, values: AnyFloats, view: maps.View) -> str:
    """The first arrival, or the greatest value, in words or with its unit."""
    if "arrival" in picture.values:
        return duration(float(values.min()), view.language)
    greatest = float(values.max())
    if picture.words:
        at = np.searchsorted(np.asarray(picture.classes[1:]), greatest * picture.scale, "right")
        return re.sub("<[^>]*>", "", html.unescape(class_names(picture, view.language)[int(at)]))
    return _amount(greatest * picture.scale, picture.unit, view.language)


def _amount(value: float, unit: str, language: str) -> str:
    """A number with its unit, in three figures."""
    if unit == "s":
        return duration(value, language)
    if unit in ("", "1") and value == round(value):
        return f"{value:,.0f}"
    size = abs(value)
    shown = f"{value:,.0f}" if size >= 100.0 else f"{value:.1f}" if size >= 10.0 else f"{value:.2f}"
    shown = f"{value:.2g}" if 0.0 < size < 0.01 else shown
    return shown if unit in ("", "1") else f"{shown} {unit_words(unit, language)}"


def _say(view: maps.View) -> Any:
    return lambda key, **values: translate(key, view.language, **values)


def _words(value: object) -> str:
    return str(value).replace("_", " ") if isinstance(value, str) and value else "–"


def _source(view: maps.View) -> str:
    return translate("card.source", view.language, source=", ".join(store.attributions()))
