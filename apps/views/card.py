"""The card of one thing on the map: its numbers with units, where they come from, what is assumed."""

import html
from typing import Any

import h3.api.basic_int as h3
import maps
import numpy as np
import payloads
import store
import wet
from modes import DRAWN_DEPTH
from texts import duration, road_words, translate

from citytwin.arrays import Ints
from citytwin.report.sentences import percent
from citytwin.report.texts import translate as report_text

Rows = list[tuple[str, str]]


def card(view: maps.View) -> str:
    """The card as HTML; a hint where nothing was clicked."""
    if view.chosen is None:
        hint = translate("card.hint", view.language)
        return f'<div class="ct-card"><p class="hint">{hint}</p></div>'
    kind, row = view.chosen
    draw = {"building": _building, "street": _street, "water": _cell, "ground": _ground}.get(kind)
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
        (say("card.height"), f"{facts['height']:.0f} m, {_from(facts['height_from'], view)}"),
        (say("card.floors"), f"{facts['floor_area']:,.0f} m²"),
        (say("card.people"), f"{facts['people']:.1f}"),
    ]
    notes = [say("card.assumed")] if store.how("cells", "people") == "people_modelled" else []
    if view.key is not None:
        rows += _water_rows(view, wet.exposure().cells_beside(item))
        notes.insert(0, say("card.beside"))
    return say("card.building"), rows, [*notes, _source(view)]


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
        (say("card.length"), f"{metres.sum():,.0f} m"),
    ]
    if view.key is not None:
        number = view.frame if view.moving else -1
        deep = wet.depth_at(view.key, number)[cells] >= payloads.STREET_LIMIT
        limit = f"{payloads.STREET_LIMIT:g}"
        rows.append((say("card.wet", limit=limit), f"{metres[deep].sum():,.0f} m"))
    rows += _water_rows(view, cells)
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
        rows.append((say("card.elevation"), f"{height:.1f} m"))
    rows += _water_rows(view, cells)
    share = float(np.average(city.layers["assumed"][cells], weights=area))
    rows.append((say("card.rests"), percent(share)))
    rows.append((say("card.cell_id"), format(cell, "x")))
    return say(title), rows, [say("card.mean", area=f"{area.sum():.0f}"), _source(view)]


def _water_rows(view: maps.View, cells: Ints) -> Rows:
    """Depth, speed, arrival and duration of the deepest of some cells; what a model has of them."""
    say = _say(view)
    if view.key is None or not len(cells):
        return []
    summary = {name: values[cells] for name, values in store.results(view.key).summary.items()}
    greatest = float(summary["depth_max"].max())
    if greatest < DRAWN_DEPTH:
        return [(say("card.greatest"), say("card.dry"))]
    rows: Rows = []
    if view.moving:
        now = float(wet.depth_at(view.key, view.frame)[cells].max())
        rows.append((say("card.depth"), f"{now:.2f} m"))
    if view.mode == "speed":
        now = float(store.results(view.key).frame(view.frame, "speed")[cells].max())
        rows.append((say("card.speed_now"), f"{now:.1f} m/s"))
    rows.append((say("card.greatest"), f"{greatest:.2f} m"))
    if "speed_max" in summary:
        rows.append((say("card.speed"), f"{float(summary['speed_max'].max()):.1f} m/s"))
    if "hazard_max" in summary:
        rows.append((say("card.danger"), f"H{float(summary['hazard_max'].max()):.0f}"))
    return rows + _times(view, summary)


def _times(view: maps.View, summary: dict[str, Any]) -> Rows:
    """When the water came, and for how long."""
    say = _say(view)
    arrivals = summary.get("arrival", np.array([]))
    arrivals = arrivals[np.isfinite(arrivals)]
    if not len(arrivals):
        return []
    rows = [(say("card.arrival"), duration(float(arrivals.min()), view.language))]
    if "duration" in summary:
        lasts = duration(float(summary["duration"].max()), view.language)
        rows.append((say("card.duration"), lasts))
    return rows


def _say(view: maps.View) -> Any:
    return lambda key, **values: translate(key, view.language, **values)


def _words(value: object) -> str:
    return str(value).replace("_", " ") if isinstance(value, str) and value else "–"


def _source(view: maps.View) -> str:
    return translate("card.source", view.language, source=", ".join(store.attributions()))
