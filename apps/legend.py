"""The legends of the map as HTML: the classes of its colours, with their unit or in words."""

from itertools import pairwise

import maps
import payloads
from modes import DRAWN_DEPTH, Colour, Mode
from texts import translate


def legend(view: maps.View, *, wet: float) -> str:
    """The legend of the water.

    Parameters
    ----------
    view
        What the map shows.
    wet
        Depth that the run counts as wet [m].
    """
    language, mode = view.language, view.what
    title = translate(f"legend.{mode.name}", language, wet=f"{wet:g}", least=f"{DRAWN_DEPTH:g}")
    rows = [
        _row(colour, text)
        for colour, text in zip(mode.colours, class_names(mode, language), strict=True)
    ]
    if mode.things:
        rows += _things(language)
    source = ""
    if mode.name == "hazard":
        source = f'<div class="ct-note">{translate("hazard.source", language)}</div>'
    return f'<div class="ct-key">{title}</div>{"".join(rows)}{source}'


def assumed_legend(language: str) -> str:
    """The legend of what is assumed."""
    signs = (("ct-grey", "assumed.building"), ("ct-hatch", "assumed.ground"))
    rows = "".join(
        f'<div class="ct-row"><i class="{kind}"></i><span>{translate(text, language)}</span></div>'
        for kind, text in signs
    )
    return f'<div class="ct-key">{translate("assumed.legend", language)}</div>{rows}'


def class_names(mode: Mode, language: str) -> list[str]:
    """Classes of a mode as words, such as ``0.15 – 0.3 m``."""
    if mode.name == "hazard":
        return [danger(int(number), language) for number in mode.classes]
    unit = translate(mode.unit, language)
    names = [f"{low:g} – {high:g} {unit}" for low, high in pairwise(mode.classes)]
    return [*names, f"> {mode.classes[-1]:g} {unit}"]


def danger(number: int, language: str) -> str:
    """A hazard class with what it means as HTML, such as ``H1 generally safe``."""
    return f"<b>H{number}</b> {translate(f'hazard.{number}', language)}"


def _things(language: str) -> list[str]:
    """Signs of buildings and streets in the water."""
    signs = (
        (maps.BUILDING_COLOUR, "", "legend.building", payloads.BUILDING_LIMIT),
        (maps.STREET_COLOUR, "thin", "legend.street", payloads.STREET_LIMIT),
    )
    return [
        _row(colour, translate(text, language, limit=f"{limit:g}"), kind)
        for colour, kind, text, limit in signs
    ]


def _row(colour: Colour, text: str, kind: str = "") -> str:
    sign = f'<i class="{kind}" style="background:{css(colour)}"></i>'
    return f'<div class="ct-row">{sign}<span>{text}</span></div>'


def css(colour: Colour) -> str:
    """A colour as CSS writes it, opaque."""
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"
