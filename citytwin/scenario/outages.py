"""Outages on their way from one step of a chain to the next, and whether they have settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from citytwin.arrays import AnyFloats
from citytwin.hazards.base import Given
from citytwin.impact.lifelines.sentences import span
from citytwin.scenario.chain import Chain, Step
from citytwin.scenario.links import LINKS, Happened

_HOUR = 3600.0
#: Difference of two times of an outage below which they are the same [s].
SAME = 60.0


def outages_of(facilities: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """From when on facilities are out of service [s], from the rows of an impact."""
    return {str(one["name"]): float(one["dark_s"]) for one in facilities}


@dataclass(frozen=True, eq=False)
class Left:
    """What a step leaves to those after it.

    Attributes
    ----------
    variable
        Its intensity.
    buildings
        (b,) arrays by name: what befell each building.
    outages
        From when on facilities are out of service, in its own clock [s].
    before
        Those of them that were out of service before it, likewise.
    """

    variable: str
    buildings: Mapping[str, AnyFloats]
    outages: Mapping[str, float]
    before: Mapping[str, float]


def handed_on(chain: Chain, step: Step, left: Left) -> tuple[Given, dict[str, float]]:
    """What a step finds of the one that it is after.

    Parameters
    ----------
    chain, step
        The step, which is after another.
    left
        What that one left.

    Returns
    -------
    What the event finds; and what was out of service before it began, in its clock [s]. Where the step
    is the earlier event over again, that is what was so before the earlier one: the water decides
    anew about the rest.
    """
    before = chain.before(step)
    late = (step.from_h - before.from_h) * _HOUR
    known = {name: max(time - late, 0.0) for name, time in left.outages.items()}
    link = LINKS[left.variable, step.scenario.hazard.name]
    given = link.give(Happened(left.buildings, chain.seed, known, late), Given())
    return given, dict(left.before) if step.repeats(before) else known


def runs_on(step: Step) -> tuple[str, ...]:
    """Lifelines that the measures of a step run on."""
    names = (name for one in step.scenario.measures for name in one.runs_on())
    return tuple(dict.fromkeys(names))


def titles_zh(lifelines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Chinese names of a city's lifelines, where they have one, by their names."""
    return {str(one["name"]): str(one.get("name_zh") or one["name"]) for one in lifelines}


def changes(step: Step, given: Mapping[str, float], found: Mapping[str, float]) -> list[str]:
    """Lifelines that a step runs on and whose outage a further pass would change.

    Parameters
    ----------
    step, given, found
        As in ``further_pass``.
    """
    return [n for n in runs_on(step) if not _same(given.get(n, inf), found.get(n, inf))]


def further_pass(
    step: Step,
    given: Mapping[str, float],
    found: Mapping[str, float],
    called: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Whether the same event once more, with the outages that it has now brought, would differ.

    Parameters
    ----------
    step
        A step that is an earlier event over again.
    given, found
        From when on facilities were out of service as the earlier step said, and as this one says [s].
    called
        Chinese names of lifelines; a name stands for itself without.

    Returns
    -------
    ``settled``, ``words``, ``words_zh``.
    """
    told = [
        _change((name, (called or {}).get(name, name)), given.get(name, inf), found.get(name, inf))
        for name in changes(step, given, found)
    ]
    if not told:
        return {
            "settled": True,
            "words": "the outages have settled: a further pass would change nothing",
            "words_zh": "停运情况已稳定：再算一遍不会改变",
        }
    words, words_zh = zip(*told, strict=True)
    return {
        "settled": False,
        "words": f"the outages have not settled, add a further pass: {'; '.join(words)}",
        "words_zh": f"停运情况尚未稳定，请再加一步：{'；'.join(words_zh)}",
    }


def _same(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= SAME


def _change(names: tuple[str, str], given: float, found: float) -> tuple[str, str]:
    name, name_zh = names
    if not isfinite(found):
        return f"{name} now stays in service", f"{name_zh}不再停运"
    now, now_zh = span(found)
    if not isfinite(given):
        return f"{name} now goes dark after {now}", f"{name_zh}于 {now_zh}后停运"
    was, was_zh = span(given)
    return (
        f"{name} now goes dark after {now}, not after {was}",
        f"{name_zh}停运时刻由 {was_zh}变为 {now_zh}",
    )
