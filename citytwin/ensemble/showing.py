"""An ensemble as a run that maps and pages can show: its quantiles and its probability on the cells."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from citytwin.city import City
from citytwin.ensemble.plan import Ensemble
from citytwin.ensemble.statistics import CellStatistics
from citytwin.hazards.base import Hazard, Picture
from citytwin.scenario.chain import Chain
from citytwin.scenario.results import (
    CELLS,
    FRAMES,
    MANIFEST,
    Results,
    publishing,
    write_results,
)

#: Values that so many of the members do not exceed: name, words.
_QUANTILES = (
    ("p50", "half of the members stay below", "半数成员不超过"),
    ("p90", "nine of ten members stay below", "九成成员不超过"),
    ("p10", "one of ten members stays below", "一成成员不超过"),
)
_CHANCES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.95)
_CHANCE_COLOURS = ("#f2e6c9", "#f0c987", "#e79a5b", "#d2644a", "#a3304a", "#5a1046")


def pictures_of(ensemble: Ensemble, quantity: str, above: float | None) -> list[Picture]:
    """Pictures of an ensemble: the probability first, then the quantiles where it has classes."""
    known = [p for p in type(ensemble.hazard).pictures if not p.moving and p.values == quantity]
    base = known[0] if known else None
    what, what_zh = (base.short, base.short_zh) if base else (quantity, quantity)
    if above is None:
        hazard = type(ensemble.hazard)
        title = f"Probability that it arrives: {hazard.title}"
        title_zh = f"到达概率：{hazard.title_zh}"
    else:
        limit, limit_zh = _limit(above, base)
        title = f"Probability of {limit} or more: {what}"
        title_zh = f"达到{limit_zh}的概率：{what_zh}"
    found = [
        Picture(
            "probability", title, title_zh, "Probability", "概率", "probability", _CHANCES,
            _CHANCE_COLOURS,
            words=tuple(f"{chance:.0%} or more" for chance in _CHANCES),
            words_zh=tuple(f"{chance:.0%} 及以上" for chance in _CHANCES),
        )
    ]  # fmt: skip
    for name, words, words_zh in _QUANTILES if base else ():
        assert base is not None  # noqa: S101  (the loop is empty without it)
        found.append(
            replace(
                base,
                name=name,
                title=f"{base.title}: {words}",
                title_zh=f"{base.title_zh}：{words_zh}",
                short=f"{base.short}, {name}",
                short_zh=f"{base.short_zh} {name}",
                values=name,
                marks=False,
                where=(name, base.where[1]) if base.where[0] == quantity else ("", 0.0),
                raised=name if base.raised == quantity else "",
            )
        )
    return found


def _limit(above: float, picture: Picture | None) -> tuple[str, str]:
    """A value that counts, in words where its picture has some, else with its unit."""
    if picture is None:
        return f"{above:g}", f" {above:g} "
    value = above * picture.scale
    at = int(np.searchsorted(picture.classes, value * (1.0 + 1e-6))) - 1
    if picture.words and at >= 0:
        return f"“{picture.words[at]}”", f"“{picture.words_zh[at]}”"
    unit = f" {picture.unit}" if picture.unit else ""
    return f"{value:g}{unit}", f" {value:g}{unit} "


def show(
    runs: Path, ensemble: Ensemble, city: City, found: CellStatistics, manifest: dict[str, Any]
) -> Path:
    """Write an ensemble as a run among others; an older picture of it is replaced.

    Parameters
    ----------
    runs
        Folder of runs.
    ensemble, city, found, manifest
        As its statistics have them.
    """
    source = ensemble.source
    scenario = source.steps[-1].scenario if isinstance(source, Chain) else source
    title = source.name or type(scenario.hazard).title
    words = f"{title}: {found.members} members"
    summary = {"p10": found.p10, "p50": found.p50, "p90": found.p90}
    hazard = Hazard(
        scenario.hazard.output, np.zeros(1), np.zeros((1, len(city.grid)), np.float32),
        {**summary, "probability": found.probability}, {}, f"{words}.",
    )  # fmt: skip
    pictures = pictures_of(ensemble, manifest["quantity"], manifest["above"])
    table = scenario.model_copy(update={"name": words[:200]}).table()
    about = {
        "key": manifest["key"],
        "created": manifest["created"],
        "scenario": table,
        "model": {**manifest["model"], "references": list(scenario.hazard.references)},
        "city": {
            "name": city.name,
            "title": city.title,
            "fingerprint": city.fingerprint,
            "resolution": city.resolution,
            "sources": [
                {k: row[k] for k in ("path", "sha256", "licence", "attribution")}
                for row in city.sources
            ],
        },
        "cells": len(city.grid),
        "variable": hazard.variable,
        "times_s": [0.0],
        "seconds": {},
        "versions": manifest["versions"],
        "balance": {},
        "balance_sentence": hazard.sentence,
        "notes": manifest["notes"],
        "curves": manifest["curves"],
        "complete": True,
        "impact": {},
        "pictures": [asdict(picture) for picture in pictures],
        "figures": manifest["figures"],
    }
    target = runs / str(manifest["key"])
    with publishing(target) as draft:
        write_results(draft.folder, city.grid.cells, hazard, about, {})
        if Results.is_whole(target):  # file by file: who looks at it finds it at any time
            for name in (CELLS, FRAMES, MANIFEST):
                (draft.folder / name).replace(target / name)
    return target
