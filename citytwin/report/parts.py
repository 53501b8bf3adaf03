"""Parts of the report's page, as HTML."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape

from citytwin.city import City
from citytwin.city.quality import Aspect, Faults, Quality
from citytwin.city.quality_words import fault_words, layer_title
from citytwin.report.picture import PALETTE, map_png, place_cells
from citytwin.report.sentences import (
    STATES,
    age,
    amount,
    check_sentence,
    files,
    found_how,
    percent,
    title,
    verdicts,
)
from citytwin.report.texts import translate

#: Pixels along the longer side of a small map.
_MAP_SIZE = 420
#: Quantities of the small maps, in their order.
_MAPS = ("assumed", "height_assumed", "ground_assumed", "cover_assumed", "people_assumed")


def section(key: str, language: str, *parts: str) -> str:
    """A part of the page with its heading."""
    return f"<section><h2>{escape(translate(key, language))}</h2>{''.join(parts)}</section>"


def hazards(quality: Quality, language: str) -> str:
    """Whether each hazard can be trusted, with what it stands on."""
    rows = []
    for verdict in verdicts(quality, language):
        reasons = "".join(
            f'<li class="is-{state}"><span>{escape(name)}</span><span>{escape(words)}</span></li>'
            for name, words, state in verdict.reasons
        )
        rows.append(
            f'<div class="verdict"><div><span class="mark is-{verdict.state}"></span>'
            f"<strong>{escape(verdict.title)}</strong></div>"
            f"<div>{escape(verdict.words)}<ul>{reasons}</ul></div></div>"
        )
    return "".join(rows)


def key(language: str) -> str:
    """What real, derived, assumed and unknown mean."""
    return "".join(
        f'<span><i class="{state}"></i><b>{escape(translate(f"state.{state}", language))}</b> '
        f"{escape(translate(f'state.{state}.long', language))}</span>"
        for state in STATES
    )


def aspects(found: Iterable[Aspect], language: str) -> str:
    """A table of aspects with a bar for each."""
    rows = "".join(
        f'<tr><td class="what">{escape(title(aspect, language))}'
        f"<small>{escape(found_how(aspect, language))}</small></td>"
        f'<td class="num">{amount(aspect.amount, aspect.unit)}</td>'
        f'<td class="shares">{bar(aspect, language)}</td></tr>'
        for aspect in found
    )
    head = f'<th></th><th class="num">{escape(translate("of", language))}</th><th></th>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def bar(aspect: Aspect, language: str) -> str:
    """Shares of an aspect as a bar, and in words."""
    shares = [(state, getattr(aspect, state)) for state in STATES]
    parts = "".join(
        f'<i class="{state}" style="width:{100.0 * share:.2f}%"></i>'
        for state, share in shares
        if share > 0.0
    )
    words = " · ".join(
        f"{translate(f'state.{state}', language)} {percent(share)}"
        for state, share in shares
        if share > 0.0
    )
    said = escape(words) if words else "–"
    drawn = f'<div class="bar" role="img" aria-label="{said}">{parts}</div>'
    return f'{drawn}<span class="said">{said}</span>'


def maps(city: City, language: str) -> str:
    """Small maps of where the city rests on assumption; what is so everywhere is said in words."""
    cells = place_cells(city.grid, _MAP_SIZE)
    figures, everywhere = [], []
    for name in _MAPS:
        values, words = city.layers[name], translate(f"map.{name}", language)
        if values.min() == values.max():
            everywhere += [words] if values.min() > 0.0 else []
            continue
        picture = b64encode(map_png(cells, values)).decode()
        image = f'<img alt="{escape(words)}" src="data:image/png;base64,{picture}">'
        figures.append(f"<figure>{image}<figcaption>{escape(words)}</figcaption></figure>")
    ramp = "".join(f'<i style="background:rgb{colour}"></i>' for colour in PALETTE[1:])
    none, every = (escape(translate(f"map.key.{end}", language)) for end in ("none", "all"))
    names = ("、" if language == "zh" else ", ").join(everywhere)
    uniform = translate("map.uniform", language, names=names) if everywhere else ""
    return (
        f"<p>{escape(translate('map.words', language))} {escape(uniform)}</p>"
        f'<div class="maps">{"".join(figures)}</div>'
        f'<div class="ramp">{none}{ramp}{every}</div>'
    )


def ages(quality: Quality, language: str) -> str:
    """Sources with their dates."""
    rows = [
        (
            f"{escape(source.source)}<br><small>{escape(source.origin)}</small>",
            f"{escape(source.date or '–')}",
            escape(age(source, language)),
            f"{escape(source.licence)}<br><small>{escape(source.attribution)}</small>",
            escape(files(source, language)),
        )
        for source in quality.sources
    ]
    return _table(("source", "date", "age", "licence", ""), rows, language)


def faults(quality: Quality, language: str) -> str:
    """What was repaired or left out, with the first ids."""
    if not quality.faults:
        return f"<p>{escape(translate('faults.none', language))}</p>"
    rows = [
        (
            f"{found.count:,}",
            escape(layer_title(found.layer, language)),
            escape(fault_words(found.fault, language)),
            escape(translate(f"action.{found.action}", language)),
            f'<span class="ids">{escape(_ids(found))}</span>',
        )
        for found in quality.faults
    ]
    total = escape(translate("faults.some", language, count=f"{quality.faulty:,}"))
    heads = ("count", "layer", "fault", "", "first")
    return f"<p>{total}</p>{_table(heads, rows, language)}"


def _ids(found: Faults) -> str:
    more = " …" if found.ids and found.count > len(found.ids) else ""
    return ", ".join(found.ids) + more


def checks(quality: Quality, language: str) -> str:
    """Overlaps and holes."""
    if not quality.checks:
        return f"<p>{escape(translate('checks.none', language))}</p>"
    items = "".join(
        f"<li><b>{found.count:,}</b> {escape(check_sentence(found, language))}</li>"
        for found in quality.checks
    )
    text = f'<ul class="plain">{items}</ul>'
    if quality.overlaps:
        pairs = "; ".join(
            translate(
                "overlap",
                language,
                first=pair.first_source or pair.first,
                second=pair.second_source or pair.second,
                area=amount(pair.area, "m2"),
            )
            for pair in quality.overlaps[:5]
        )
        largest = escape(translate("overlaps.largest", language))
        text += f'<p class="ids">{largest} {escape(pairs)}</p>'
    return text


def absent(quality: Quality, language: str) -> str:
    """Layers that the city does not have."""
    names = [layer_title(name, language) for name in quality.absent]
    items = "".join(f"<li>{escape(name)}</li>" for name in names)
    return f'<ul class="plain">{items}<li>{escape(translate("drains", language))}</li></ul>'


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]], language: str) -> str:
    head = "".join(f"<th>{escape(translate(h, language)) if h else ''}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
