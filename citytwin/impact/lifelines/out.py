"""Facilities out of service: what failed by itself, what goes dark with it, how many, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf, isfinite

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.base import Hazard
from citytwin.impact.base import Count, Curve, Impact
from citytwin.impact.exposure import Exposure
from citytwin.impact.lifelines.graph import Dark, cascade, root
from citytwin.impact.lifelines.kinds import kinds
from citytwin.impact.lifelines.own import RULES, Failures, Rule, lucks
from citytwin.impact.lifelines.places import Facility
from citytwin.impact.lifelines.row import OutOfService
from citytwin.impact.lifelines.sentences import said

#: Changes whenever the same hazard puts other facilities out of service.
VERSION = "3"
#: Draws behind the probability that a facility is out of service.
DRAWS = 400
#: Words for what was out of service before the event, and for what is without what it needs.
BEFORE, _SUPPLY = "before", "supply"


def with_facilities(
    impact: Impact,
    exposure: Exposure,
    hazard: Hazard,
    *,
    seed: int = 0,
    before: Mapping[str, float] | None = None,
) -> Impact:
    """An impact with the facilities that are out of service, and how many they are.

    Parameters
    ----------
    impact, exposure, hazard
        What is known without them.
    seed
        Of what fails at random.
    before
        Facilities that earlier events had put out of service: seconds after the start of this one.
    """
    everyone = exposure.facilities
    if not everyone or hazard.variable not in RULES:
        return impact
    rule = RULES[hazard.variable]
    own = rule.fails(exposure, hazard, impact)
    luck = lucks(everyone, seed, DRAWS + 1) if own.chances is not None else None
    earlier = np.array([(before or {}).get(one.name, inf) for one in everyone])
    fails = _drawn(own, luck, 0)
    found = _cascade(everyone, np.minimum(fails, earlier))
    chances = None if luck is None else _chances(everyone, own, luck, earlier)
    rows = tuple(
        _row(everyone, found, node, rule, fails, earlier, chances)
        for node in sorted(range(len(everyone)), key=lambda node: (found[node].time, node))
        if isfinite(found[node].time)
    )
    return replace(
        impact,
        facilities=rows,
        counts=(*impact.counts, *_counts(everyone, rows, chances)),
        curves=(*impact.curves, *_curves(hazard.variable)),
    )


def _drawn(own: Failures, luck: Floats | None, draw: int) -> Floats:
    """(f,) times of failure in one draw."""
    if own.chances is None or luck is None:
        return own.times
    return np.asarray(np.where(luck[:, draw] < own.chances, own.times, inf))


def _cascade(everyone: Sequence[Facility], fails: Floats) -> list[Dark]:
    number = {one.name: at for at, one in enumerate(everyone)}
    needs = [[[number[name] for name in entry] for entry in one.needs] for one in everyone]
    return cascade(fails.tolist(), needs, [one.backup for one in everyone])


def _chances(everyone: Sequence[Facility], own: Failures, luck: Floats, earlier: Floats) -> Floats:
    """(f,) share of many draws in which each is out of service."""
    out = np.zeros(len(everyone), np.float64)
    for draw in range(1, luck.shape[1]):
        found = _cascade(everyone, np.minimum(_drawn(own, luck, draw), earlier))
        out += [isfinite(dark.time) for dark in found]
    return np.asarray(out / (luck.shape[1] - 1))


def _row(
    everyone: tuple[Facility, ...],
    found: list[Dark],
    node: int,
    rule: Rule,
    fails: Floats,
    earlier: Floats,
    chances: Floats | None,
) -> OutOfService:
    one, dark, first = everyone[node], found[node], root(found, node)
    here = fails[first] <= earlier[first]
    befell = rule.said(everyone[first]) if here else _earlier(earlier[first])
    words, words_zh = said(everyone, found, node, befell)
    by_itself = rule.because if here else BEFORE
    return OutOfService(
        name=one.name,
        name_zh=one.name_zh,
        kind=one.kind.name,
        kind_title=one.kind.title,
        kind_title_zh=one.kind.title_zh,
        at=one.at,
        lifeline=one.lifeline,
        fails_s=float(fails[node]) if isfinite(fails[node]) else None,
        dark_s=float(dark.time),
        because=by_itself if dark.cause < 0 else _SUPPLY,
        cause=everyone[dark.cause].name if dark.cause >= 0 else one.name,
        root=everyone[first].name,
        words=words,
        words_zh=words_zh,
        probability=None if chances is None else float(chances[node]),
    )


def _earlier(time: float) -> tuple[str, str]:
    """What an earlier event did, by when it tells [s]: a supply of its own may last into this one."""
    if time <= 0.0:
        return "was out of service before", "此前已停运"
    return "was put out of service by an earlier event", "先前事件所致停运"


def _counts(
    everyone: tuple[Facility, ...], rows: tuple[OutOfService, ...], chances: Floats | None
) -> list[Count]:
    who, who_zh = _who(everyone, random=chances is not None)
    counts = [
        Count(
            "facilities_out", "facilities out of service", "停止运行的设施",
            float(len(rows)), "1", float(len(everyone)), who, who_zh,
        )
    ]  # fmt: skip
    if chances is not None:
        counts.append(
            Count(
                "facilities_out_expected", "facilities out of service, expected",
                "停止运行的设施（期望值）", float(chances.sum()), "1", float(len(everyone)),
                f"mean of {DRAWS} draws", f"{DRAWS} 次抽样的平均值",
            )
        )  # fmt: skip
    for kind in kinds().values():
        there = sum(one.kind.name == kind.name for one in everyone)
        if there:
            out = sum(row.kind == kind.name for row in rows)
            counts.append(
                Count(
                    f"facilities_out_{kind.name}", f"out of service: {kind.title.lower()}",
                    f"停止运行：{kind.title_zh}", float(out), "1", float(there),
                    f"of {there} that are known", f"已知共 {there} 处",
                )
            )  # fmt: skip
    return counts


def _who(everyone: tuple[Facility, ...], *, random: bool) -> tuple[str, str]:
    """Who is counted, and what was taken for it."""
    lifelines = sum(one.lifeline for one in everyone)
    assumed = sum(one.assumed for one in everyone)
    mapped = len(everyone) - lifelines
    words = [
        "during the run, or later since nothing is repaired",
        f"of {lifelines} lifelines of the recipe and {mapped} facilities of the map",
        "what each bears is judged, not verified",
    ]
    words_zh = [
        f"过程中，或其后（不计修复）；配方中的生命线 {lifelines} 处，地图上的设施 {mapped} 处",
        "各类设施的承受限值为经验判断，未核实",
    ]
    if random:
        words.append("drawn with the event's seed")
        words_zh.append("按事件的随机种子抽取")
    if assumed:
        words.append(f"{assumed} of the lifelines are assumed, not real")
        words_zh.append(f"其中 {assumed} 处生命线为假定，并非实际设施")
    return "; ".join(words), "；".join(words_zh)


def _curves(variable: str) -> tuple[Curve, ...]:
    limits = Curve(
        "what puts facilities out of service", "data/tables/lifelines.csv, judged", verified=False
    )
    if variable != "pga":
        return (limits,)
    return (
        limits,
        Curve(
            "damage of lifelines by the peak ground acceleration",
            "Hazus, data/tables/lifeline_fragility.csv, read once or from memory",
            verified=False,
        ),
    )
