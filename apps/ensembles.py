"""Ensembles among the runs: how many members came, what a probability means, numbers in words."""

import math
import sys
from functools import lru_cache
from typing import Any

import store
from field_texts import field_title
from texts import TEXTS, translate

from citytwin import registry
from citytwin.ensemble.plan import Ensemble, Plan
from citytwin.ensemble.task import ENSEMBLES, EnsembleTask, ensemble_manifest
from citytwin.scenario.chain import STEPS

#: Words in English and Chinese, by hazard and name of the number.
Titles = dict[tuple[str, str], tuple[str, str]]


def manifest_of(key: str) -> dict[str, Any]:
    """What the ensemble that a run shows says of itself; empty if the run is none."""
    path = store.workspace() / ENSEMBLES / key / "manifest.json"
    return _read(key, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=32)
def _read(key: str, written: int) -> dict[str, Any]:
    del written  # part of the cache's key: more members came
    return ensemble_manifest(store.runs_folder(), key)


def planned(manifest: dict[str, Any]) -> int:
    """How many members it shall have."""
    if "planned" in manifest:
        return int(manifest["planned"])
    plan = Plan.model_validate(manifest["plan"])
    times = len(plan.parameters) + 2 if plan.sensitivity else 1
    return plan.members * times


def task_of(manifest: dict[str, Any]) -> EnsembleTask:
    """The task that goes on with it."""
    table = {**manifest["scenario"], "ensemble": manifest["plan"]}
    return EnsembleTask(Ensemble.from_table(table, "the ensemble"))


def sentence(manifest: dict[str, Any], language: str) -> str:
    """How many members, and what a probability of 0 means."""
    count = int(manifest["members"])
    band = manifest.get("probability_of_nothing_seen") or (0.0, 1.0)
    limit = f"{math.ceil(1000.0 * float(band[1]) - 1e-6) / 10.0:.3g}"
    return translate("sure.members", language, count=count, planned=planned(manifest), limit=limit)


def so_far(manifest: dict[str, Any], language: str) -> str:
    """The number that matters most, of the members that came; empty without any."""
    figures = manifest.get("figures", {})
    name = headline(figures, manifest["scenario"])
    if not name:
        return ""
    shown = {level: f"{figures[name][level]:,.0f}" for level in ("p10", "p50", "p90")}
    return translate("sure.so_far", language, what=figure(name, manifest, language), **shown)


def headline(figures: dict[str, Any], scenario: dict[str, Any]) -> str:
    """Name of the first number of people of the last step; of anything, where no people are counted."""
    steps = scenario.get(STEPS)
    before = f"{steps[-1]['name']}." if steps else ""
    levels = [name for name in figures if name.startswith(f"{before}people.")]
    order = max(levels, key=lambda name: figures[name]["mean"], default="")
    return order or next((name for name in figures if "balance." not in name), "")


def figure(name: str, manifest: dict[str, Any], language: str, titles: Titles | None = None) -> str:
    """A number of an ensemble in words, after the hazard that it is of.

    Parameters
    ----------
    name
        As the ensemble calls it: ``people.caught``, in a chain ``fire.people.caught``.
    manifest
        Of the ensemble.
    language
        Of the words.
    titles
        Words for further numbers, as ``count_titles`` gives them.
    """
    steps = {row["name"]: row["hazard"]["model"] for row in manifest["scenario"].get(STEPS, ())}
    if not steps:
        return _words(name, manifest["scenario"]["hazard"]["model"], language, titles or {})
    step, _, rest = name.partition(".")
    if step not in steps:
        words = _words(name, "", language, titles or {})
        return translate("figure.together", language, what=words)
    model = steps[step]
    known = model in registry.hazards.names()
    title = field_title(registry.hazards.get(model), language) if known else step
    colon = "：" if language == "zh" else ": "
    return f"{title}{colon}{_words(rest, model, language, titles or {})}"


def _words(name: str, model: str, language: str, titles: Titles) -> str:
    at = 1 if language == "zh" else 0
    what, point, level = name.partition(".")
    if point and what in ("people", "buildings"):
        title = levels_of(model).get(level, (level, level))[at]
        return translate(f"figure.{what}", language, level=title)
    if (model, name) in titles:
        return titles[model, name][at]
    known = f"figure.{name}"
    return translate(known, language) if known in TEXTS else name.replace("_", " ")


def levels_of(model: str) -> dict[str, tuple[str, str]]:
    """Titles of the levels of a hazard's impact by name, as the module of the impact has them."""
    variable = registry.hazards.get(model).output if model in registry.hazards.names() else ""
    if variable not in registry.impacts.names():
        return {}
    module = sys.modules[registry.impacts.get(variable).__module__]
    return {one.name: (one.title, one.title_zh) for one in getattr(module, "LEVELS", ())}


def count_titles() -> Titles:
    """Words for further numbers of impacts, by hazard and name, as the runs here have them."""
    found: Titles = {}
    for key in store.run_keys():
        manifest = store.results(key).manifest
        for count in manifest["impact"].get("counts", ()):
            name = (str(manifest["model"]["name"]), str(count["name"]))
            found.setdefault(name, (count["title"], count["title_zh"]))
    return found
