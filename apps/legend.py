"""The legends of the map as HTML: the classes of its colours, with their unit or in words."""

import html
import re
from itertools import pairwise

import maps
import store
from hits import impact_model
from modes import Colour, colour
from texts import translate, unit_words

from citytwin.hazards.base import Picture


def legend(view: maps.View) -> str:
    """The legend of what a run shows."""
    language, picture = view.language, view.what
    zh = language == "zh"
    title = html.escape(title_of(view))
    rows = [
        _row(colour(text), words)
        for text, words in zip(picture.colours, class_names(picture, language), strict=True)
    ]
    source = picture.source_zh if zh and picture.source_zh else picture.source
    note = f'<div class="ct-note">{html.escape(source)}</div>' if source else ""
    return f'<div class="ct-key">{title}</div>{"".join([*rows, *_marks(view)])}{note}'


def title_of(view: maps.View) -> str:
    """What a picture shows, with the values of the event that its title names."""
    title = view.what.title_zh if view.language == "zh" else view.what.title
    return title.format(**store.results(view.key or "").scenario.hazard.model_dump())


def assumed_legend(language: str) -> str:
    """The legend of what is assumed."""
    signs = (("ct-grey", "assumed.building"), ("ct-hatch", "assumed.ground"))
    rows = "".join(
        f'<div class="ct-row"><i class="{kind}"></i><span>{translate(text, language)}</span></div>'
        for kind, text in signs
    )
    return f'<div class="ct-key">{translate("assumed.legend", language)}</div>{rows}'


def class_names(picture: Picture, language: str) -> list[str]:
    """Classes of a picture as words, such as ``0.15 – 0.3 m``; HTML."""
    if picture.words:
        words = picture.words_zh if language == "zh" else picture.words
        return [_strong(html.escape(text)) for text in words]
    unit = unit_words(picture.unit, language)
    names = [f"{_plain(low)} – {_plain(high)} {unit}" for low, high in pairwise(picture.classes)]
    return [*names, f"> {_plain(picture.classes[-1])} {unit}"]


def _plain(value: float) -> str:
    """A number as people write it, thousands apart."""
    return f"{value:,.0f}" if value >= 1000.0 else f"{value:g}"


def _strong(text: str) -> str:
    """Words of a class with its sign in front, such as ``H1`` or ``VIII:``, in bold."""
    sign = re.match(r"([A-Z][0-9]\b|[0-9](?=[:：])|[IVX]+(?=[:：]))[:：]?", text)
    return f"<b>{sign[0]}</b>{text[sign.end() :]}" if sign else text


def _marks(view: maps.View) -> list[str]:
    """Signs of marked buildings and closed streets."""
    model = impact_model(view.key or "")
    if model is None or not view.what.marks:
        return []
    signs = [(mark, "") for mark in model.building_marks]
    signs += [(model.street_mark, "thin")] if model.street_mark else []
    zh = view.language == "zh"
    said = set(view.what.words_zh if zh else view.what.words)
    return [
        _row(colour(mark.colour), html.escape(words), kind)
        for mark, kind in signs
        if (words := mark.title_zh if zh else mark.title) not in said
    ]


def _row(colour: Colour, text: str, kind: str = "") -> str:
    sign = f'<i class="{kind}" style="background:{css(colour)}"></i>'
    return f'<div class="ct-row">{sign}<span>{text}</span></div>'


def css(colour: Colour) -> str:
    """A colour as CSS writes it, opaque."""
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"
