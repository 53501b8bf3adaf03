"""Figures of the honesty report as words."""

import math
from dataclasses import dataclass

from citytwin.city.quality import Aspect, Check, Need, Quality, SourceAge
from citytwin.city.quality_words import (
    aspect_title,
    check_words,
    how,
    missing_title,
    variable_title,
)
from citytwin.report.texts import translate

STATES = ("real", "derived", "assumed", "unknown")
#: What people ask first, in this order: layer and aspect.
FIRST = (
    ("buildings", "height"),
    ("buildings", "levels"),
    ("buildings", "kind"),
    ("cells", "people"),
    ("cells", "ground_elevation"),
    ("cells", "cover"),
    ("cells", "manning"),
    ("cells", "pervious_share"),
    ("water", "bed"),
    ("roads", "class"),
    ("roads", "width"),
    ("roads", "oneway"),
    ("roads", "lanes"),
    ("roads", "speed_limit"),
    ("roads", "surface"),
    ("facilities", "class"),
    ("shelters", "capacity"),
    ("components", "class"),
)
_YEAR = 365.25


def first_aspects(quality: Quality) -> list[Aspect]:
    """What people ask first, as far as the city has it."""
    found = (quality.aspect(*key) for key in FIRST)
    return [aspect for aspect in found if aspect is not None]


def other_aspects(quality: Quality) -> list[Aspect]:
    """All other aspects in their order."""
    return [a for a in quality.aspects if (a.layer, a.aspect) not in FIRST]


def percent(share: float) -> str:
    """A share in words: nothing and everything are said only where they are exact."""
    if 0.0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1.0:
        return "> 99 %"
    return f"{100.0 * share:.0f} %"


def amount(value: float, unit: str) -> str:
    """An amount with its unit, in the size that people use."""
    if unit == "m2":
        return f"{value / 1e6:,.2f} km²" if value >= 1e5 else f"{value:,.0f} m²"
    if unit == "m":
        return f"{value / 1000.0:,.1f} km" if value >= 1000.0 else f"{value:,.0f} m"
    return f"{value:,.0f}"


def title(aspect: Aspect, language: str) -> str:
    """What an aspect is."""
    return aspect_title(aspect.layer, aspect.aspect, language)


def found_how(aspect: Aspect, language: str) -> str:
    """How the values of an aspect were found, with a remark where the source looks filled in."""
    words = how(aspect.how, aspect.facts, language)
    if "usual" in aspect.facts:
        usual = aspect.facts
        height, share = f"{usual['usual']:g}", percent(usual["share"])
        gap = "；" if language == "zh" else "; "
        words += gap + translate("usual", language, share=share, height=height)
    return words


def age(source: SourceAge, language: str) -> str:
    """How old a source is, at most."""
    if source.days is None:
        return translate("age.unknown", language)
    if source.days < 2 * _YEAR:
        return translate("age.days", language, days=f"{source.days:,}")
    years = f"{math.ceil(10.0 * source.days / _YEAR) / 10.0:g}"
    return translate("age.years", language, years=years)


def files(source: SourceAge, language: str) -> str:
    """Number of files of a source."""
    key = "file" if source.files == 1 else "files"
    return translate(key, language, count=f"{source.files:,}")


def check_sentence(check: Check, language: str) -> str:
    """What a check found, with its amount and place."""
    size = f"{amount(check.amount, check.unit)}, {percent(check.share)}"
    text = f"{check_words(check.name, check.facts, language)} ({size})"
    if "lat" in check.facts:
        gap = "，" if language == "zh" else ", "
        text += gap + translate("check.place", language, **check.facts)
    return text


def check_line(check: Check, language: str) -> str:
    """What a check found, with its count before it."""
    gap = "" if language == "zh" else " "
    return f"{check.count:,}{gap}{check_sentence(check, language)}"


@dataclass(frozen=True)
class Verdict:
    """Whether a hazard can be trusted in this city, and why not.

    Attributes
    ----------
    title
        The hazard, or what counts its people.
    words
        Whether it runs.
    state
        ``missing``, ``assumed`` or ``real``.
    reasons
        What it reads, and how it stands with it.
    """

    title: str
    words: str
    state: str
    reasons: tuple[tuple[str, str, str], ...]


def verdicts(quality: Quality, language: str) -> list[Verdict]:
    """One verdict for each hazard, and one for the count of people."""
    names = dict.fromkeys(need.hazard for need in quality.needs)
    found = [_verdict([n for n in quality.needs if n.hazard == name], language) for name in names]
    people = quality.aspect("cells", "people")
    if people is not None:
        found.append(_people_verdict(people, language))
    return found


def _verdict(needs: list[Need], language: str) -> Verdict:
    reasons = tuple(
        (
            variable_title(need.variable, language),
            _need(need, language),
            need.state,
        )
        for need in needs
    )
    name = needs[0].title_zh if language == "zh" and needs[0].title_zh else needs[0].title
    missing = [need.variable for need in needs if need.state == "missing"]
    if missing:
        gap = "、" if language == "zh" else ", "
        what = gap.join(missing_title(variable, language) for variable in missing)
        words = translate("hazard.missing", language, what=what)
        return Verdict(name, words, "missing", reasons)
    if any(need.state == "assumed" for need in needs):
        return Verdict(name, translate("hazard.care", language), "assumed", reasons)
    return Verdict(name, translate("hazard.runs", language), "real", reasons)


def _need(need: Need, language: str) -> str:
    whole = need.state == "assumed" and need.share > 0.9999
    key = "need.all" if whole else f"need.{need.state}"
    return translate(key, language, share=percent(need.share))


def _people_verdict(people: Aspect, language: str) -> Verdict:
    if people.assumed > 0.05:
        words = translate("people.assumed", language, share=percent(people.assumed))
        return Verdict(translate("people", language), words, "assumed", ())
    words = translate("people.counted", language)
    return Verdict(translate("people", language), words, "derived", ())
