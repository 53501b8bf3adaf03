"""The honesty report as plain lines for a terminal."""

import unicodedata
from collections.abc import Iterator

from citytwin.city.quality import Quality
from citytwin.city.quality_words import fault_words, layer_title
from citytwin.report.sentences import (
    STATES,
    age,
    amount,
    check_sentence,
    first_aspects,
    found_how,
    percent,
    title,
    verdicts,
)
from citytwin.report.texts import translate

_NAME, _AMOUNT, _SHARE = 34, 12, 9


def report_lines(quality: Quality, language: str = "en") -> Iterator[str]:
    """The report in words.

    Parameters
    ----------
    quality
        What was found.
    language
        ``en`` or ``zh``.
    """

    def say(key: str, **values: object) -> str:
        return translate(key, language, **values)

    name = quality.title_zh if language == "zh" and quality.title_zh else quality.title
    area = amount(quality.area, "m2")
    size = say("cells", cells=f"{quality.cells:,}", resolution=quality.resolution, area=area)
    yield f"{name} — {size}"
    yield say("lead", share=percent(quality.assumed_area))
    yield from _section(say("known"), _known(quality, language))
    yield from _section(say("hazards"), _hazards(quality, language))
    yield from _section(say("ages"), _ages(quality, language))
    yield from _section(say("faults"), _faults(quality, language))
    yield from _section(say("checks"), _checks(quality, language))
    yield from _section(say("absent"), _absent(quality, language))


def _section(head: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield head
    yield from lines


def _known(quality: Quality, language: str) -> Iterator[str]:
    heads = "".join(_right(translate(f"state.{s}", language), _SHARE) for s in STATES)
    yield "  " + _left("", _NAME) + _right(translate("of", language), _AMOUNT) + heads
    for aspect in first_aspects(quality):
        shares = "".join(_right(percent(getattr(aspect, s)), _SHARE) for s in STATES)
        size = _right(amount(aspect.amount, aspect.unit), _AMOUNT)
        yield "  " + _left(title(aspect, language), _NAME) + size + shares
        yield f"      {found_how(aspect, language)}"


def _hazards(quality: Quality, language: str) -> Iterator[str]:
    colon = "：" if language == "zh" else ": "
    for verdict in verdicts(quality, language):
        yield f"  {verdict.title}{colon}{verdict.words}"
        for name, words, _ in verdict.reasons:
            yield f"      {name}{colon}{words}"


def _ages(quality: Quality, language: str) -> Iterator[str]:
    for source in quality.sources:
        when = source.date or "–"
        yield f"  {source.source}: {when}, {age(source, language)} ({source.licence})"


def _faults(quality: Quality, language: str) -> Iterator[str]:
    if not quality.faults:
        yield "  " + translate("faults.none", language)
        return
    yield "  " + translate("faults.some", language, count=f"{quality.faulty:,}")
    for found in quality.faults:
        action = translate(f"action.{found.action}", language)
        names = f": {', '.join(found.ids)}" if found.ids else ""
        more = " …" if found.ids and found.count > len(found.ids) else ""
        layer, words = layer_title(found.layer, language), fault_words(found.fault, language)
        yield f"  {found.count:>7,} {action}, {layer}, {words}{names}{more}"


def _checks(quality: Quality, language: str) -> Iterator[str]:
    if not quality.checks:
        yield "  " + translate("checks.none", language)
    for check in quality.checks:
        yield f"  {check.count:>7,} {check_sentence(check, language)}"
    if quality.overlaps:
        yield "  " + translate("overlaps.largest", language)
    for pair in quality.overlaps[:5]:
        first = pair.first_source or f"{pair.first}"
        second = pair.second_source or f"{pair.second}"
        size = amount(pair.area, "m2")
        words = translate("overlap", language, first=first, second=second, area=size)
        yield f"          {words}"


def _absent(quality: Quality, language: str) -> Iterator[str]:
    gap = "、" if language == "zh" else ", "
    names = [layer_title(name, language) for name in quality.absent]
    if names:
        yield "  " + gap.join(names)
    yield "  " + translate("drains", language)


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _left(text: str, width: int) -> str:
    return text + " " * max(width - _width(text), 1)


def _right(text: str, width: int) -> str:
    return " " * max(width - _width(text), 1) + text
