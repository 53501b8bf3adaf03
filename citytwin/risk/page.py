"""A risk as one page: its curves drawn, its averages and what strategies are worth in tables."""

import math
from html import escape
from typing import Any

from citytwin.impact.numbers import short, titled

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 760.0, 360.0, 90.0, 46.0
_COLOURS = ("#1f2937", "#1d6fb8", "#c2571a", "#2f855a", "#7b3fa0", "#a3304a")
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1f2937}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .7rem;"
    "border-bottom:1px solid #d8dde3;text-align:right;white-space:nowrap}"
    "td:first-child,th:first-child{text-align:left;white-space:normal}th{white-space:normal}"
    "text{font-size:12px;fill:#4b5563}"
)
#: Of what a curve is drawn beside money, at the first level.
_DRAWN = ("people", "buildings")


def page(manifest: dict[str, Any]) -> str:
    """A whole HTML page from a risk's manifest; nothing in it is loaded from elsewhere."""
    title = escape(manifest["name"] or "Risk")
    first = manifest["alternatives"][0]["figures"]
    money = [name for name in first if first[name]["unit"] == manifest["money"]]
    others = [[name for name in first if f".{what}." in f".{name}"][:1] for what in _DRAWN]
    chosen = [*money, *(name for one in others for name in one)]
    whole = "" if manifest["complete"] else " Not all runs are there yet."
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title>",
        f"<style>{_STYLE}</style><h1>{title}</h1><p>{escape(manifest['description'])}</p>",
        f"<p>{escape(manifest['city']['title'])}; {len(manifest['events'])} events.{whole}</p>",
        f"<p>Band: {escape(manifest['band'])}.</p>",
        *(_curve(manifest, name) for name in chosen),
        _worths(manifest),
        _averages(manifest),
        "<h2>To be known</h2><ul>",
        *(f"<li>{escape(note)}</li>" for note in manifest["notes"]),
        "</ul></html>",
    ]
    return "\n".join(parts) + "\n"


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return short(value)


def _ends(band: dict[str, Any]) -> str:
    """Ends of a band, or a dash where nobody knows them."""
    return "–" if band["low"] is None else f"{_short(band['low'])} to {_short(band['high'])}"


def _curve(manifest: dict[str, Any], name: str) -> str:
    """Impact over return period, which is logarithmic, of one number in all alternatives."""
    lines = [(one["name"], one["figures"][name]["curve"]) for one in manifest["alternatives"]]
    points = [point for _, curve in lines for point in curve]
    if not points:
        return ""
    low = min(point["return_period"] for point in points)
    high = max(point["return_period"] for point in points)
    top = float(max(point["high"] or point["impact"] for point in points)) or 1.0
    span = math.log(high / low) or 1.0

    def x(period: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 20.0) * math.log(period / low) / span

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - 20.0) * value / top

    drawn = []
    for at, (label, curve) in enumerate(lines):
        colour = _COLOURS[at % len(_COLOURS)]
        if curve and all(point["low"] is not None for point in curve):
            ends = [(p["return_period"], p["high"]) for p in curve]
            ends += [(p["return_period"], p["low"]) for p in reversed(curve)]
            around = " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in ends)
            drawn.append(f"<polygon points='{around}' fill='{colour}' opacity='0.12'/>")
        along = " ".join(f"{x(p['return_period']):.1f},{y(p['impact']):.1f}" for p in curve)
        drawn.append(f"<polyline points='{along}' fill='none' stroke='{colour}' stroke-width='2'/>")
        drawn += [
            f"<circle cx='{x(p['return_period']):.1f}' cy='{y(p['impact']):.1f}' r='3' fill='{colour}'/>"
            for p in curve[:40]
        ]
        drawn.append(
            f"<text x='{_LEFT + 10}' y='{24 + 16 * at}' style='fill:{colour}'>{escape(label)}</text>"
        )
    ticks = {low, high, *(t for t in (2, 5, 10, 20, 50, 100, 200, 500, 1000) if low < t < high)}
    drawn += [
        f"<text x='{x(t):.1f}' y='{_HEIGHT - 26}' text-anchor='middle'>{t:.3g}</text>"
        for t in sorted(ticks)
    ]
    drawn += [
        f"<text x='{_LEFT - 8}' y='{y(share * top) + 4:.1f}' text-anchor='end'>"
        f"{_short(share * top)}</text>"
        for share in (0.0, 0.5, 1.0)
    ]
    base = _HEIGHT - _BOTTOM
    drawn.append(f"<path d='M{_LEFT} 12V{base}H{_WIDTH - 12}' fill='none' stroke='#9ca3af'/>")
    drawn.append(
        f"<text x='{_WIDTH / 2}' y='{_HEIGHT - 8}' text-anchor='middle'>return period [years]</text>"
    )
    known = manifest["alternatives"][0]["figures"][name]
    head = escape(titled(known["title"], known["unit"]))
    return (
        f"<h2>{head}</h2><svg viewBox='0 0 {_WIDTH:.0f} {_HEIGHT:.0f}' role='img' "
        f"aria-label='{head} by return period'>{''.join(drawn)}</svg>"
    )


def _averages(manifest: dict[str, Any]) -> str:
    """Each number as it is, with its band, and what each strategy averts of it."""
    plain, *others = manifest["alternatives"]
    rows = []
    for name, figure in plain["figures"].items():
        mean = figure["average_annual"]
        averted = [one["figures"][name]["averted"] for one in others]
        cells = [
            escape(titled(figure["title"], figure["unit"])), _short(mean["value"]), _ends(mean),
            *(_short(band["value"]) if band else "–" for band in averted),
        ]  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    strategies = tuple(f"averted by {escape(one['name'])}" for one in others)
    head = ("number", escape(plain["name"]), "band", *strategies)
    return _table("Average of a year", head, rows)


def _worths(manifest: dict[str, Any]) -> str:
    rows = []
    for one in manifest["alternatives"]:
        for name, found in one.get("worth", {}).items():
            if found["benefit"] is None:
                continue
            cells = [
                escape(one["name"]), {"value": "middle"}.get(name, name),
                *(_short(found[part]) for part in ("benefit", "cost", "net", "ratio")),
            ]  # fmt: skip
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = ("strategy", "band", "benefit", "cost", "net", "ratio")
    title = f"What strategies are worth, present values in {escape(manifest['money'])}"
    return _table(title, head, rows) if rows else ""


def _table(title: str, head: tuple[str, ...], rows: list[str]) -> str:
    names = "".join(f"<th>{name}</th>" for name in head)
    return f"<h2>{title}</h2><table><tr>{names}</tr>{''.join(rows)}</table>"
