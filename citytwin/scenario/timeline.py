"""What the steps of a chain did, moment by moment, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.impact.base import ImpactModel
from citytwin.impact.lifelines.out import BEFORE
from citytwin.scenario.chain import Step
from citytwin.scenario.results import Results
from citytwin.scenario.together import impact_model

#: Seconds of an hour.
HOUR = 3600.0
#: Most moments of a step that the timeline tells.
_MOST_MOMENTS = 12


@dataclass(frozen=True)
class Entry:
    """One line of a timeline.

    Attributes
    ----------
    time
        Seconds after the start of the chain.
    step
        Name of the step.
    words, words_zh
        What happened.
    """

    time: float
    step: str
    words: str
    words_zh: str


def timeline(step: Step, results: Results) -> Iterator[Entry]:
    """What a step did, moment by moment, in words."""
    begin = step.from_h * HOUR
    hazard = type(step.scenario.hazard)
    said = str(results.manifest["balance_sentence"])
    if results.times.size == 1:
        yield Entry(begin, step.name, f"{hazard.title}: {said}", f"{hazard.title_zh}发生")
    else:
        yield Entry(begin, step.name, f"{hazard.title} starts", f"{hazard.title_zh}开始")
    for one in results.impact.get("facilities", ()):
        if one["because"] != BEFORE:
            yield Entry(begin + one["dark_s"], step.name, one["words"], one["words_zh"])
    impact, model = results.impact, impact_model(str(results.manifest["variable"]))
    if not impact or model is None:
        return
    if not impact["series"]:
        yield Entry(
            begin, step.name, *_counts(model, impact, impact["people"], impact["buildings"])
        )
        return
    first = impact["levels"][0]["name"]
    for frame in _moments(results.times, impact["series"]["people"][first]):
        people, buildings = (
            {level: row[frame] for level, row in impact["series"][what].items()}
            for what in ("people", "buildings")
        )
        time = begin + float(results.times[frame])
        yield Entry(time, step.name, *_counts(model, impact, people, buildings))


def _moments(times: Floats, people: list[float]) -> list[int]:
    """Numbers of the moments that a timeline tells: each hour, or fewer; the last one always, and the
    one with the most people, where there were fewer later."""  # noqa: D205, D209
    step = max(HOUR, float(times[-1]) / _MOST_MOMENTS)
    wanted = np.append(np.arange(step, float(times[-1]), step), times[-1])
    found = np.searchsorted(times, wanted * (1.0 - 1e-9))
    told = {int(min(at, times.size - 1)) for at in found}
    most = int(np.argmax(people))
    return sorted(told | {most} if people[most] > people[-1] else told)


def _counts(
    model: type[ImpactModel],
    impact: dict[str, Any],
    people: dict[str, Any],
    buildings: dict[str, Any],
) -> tuple[str, str]:
    """Buildings at each level and people at the first, in English and Chinese."""
    first = impact["levels"][0]["name"]
    levels = [(f"{buildings[one['name']]:,.0f}", one) for one in impact["levels"]]
    words = ", ".join(f"{value} {one['title']}" for value, one in levels)
    words_zh = "，".join(f"{one['title_zh']} {value} 栋" for value, one in levels)
    who, who_zh = model.people_word
    return (
        f"buildings: {words}; {people[first]:,.0f} {who}",
        f"建筑：{words_zh}；{people[first]:,.0f} {who_zh}",
    )
