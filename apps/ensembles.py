"""Ensembles among the runs: how many members came, what a probability means, numbers in words."""

import math
from functools import lru_cache
from typing import Any

import store
from texts import translate, unit_words

from citytwin.ensemble.plan import Ensemble, Plan
from citytwin.ensemble.task import ENSEMBLES, EnsembleTask, ensemble_manifest
from citytwin.scenario.chain import STEPS, Chain


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


def figure(name: str, manifest: dict[str, Any], language: str) -> str:
    """A number of an ensemble as people call it, with its unit, in a chain after its step.

    Parameters
    ----------
    name
        As the ensemble calls it: ``people.caught``, in a chain ``fire.people.caught``.
    manifest
        Of the ensemble.
    language
        Of the words.
    """
    titles = manifest.get("titles", {}).get(name)
    title = titles[1 if language == "zh" else 0] if titles else name.replace("_", " ")
    unit = manifest.get("units", {}).get(name, "")
    return f"{title} [{unit_words(unit, language)}]" if unit else title


def steps(manifest: dict[str, Any], language: str) -> dict[str, str]:
    """What people call the steps of the chain that an ensemble varies, by name; none of a scenario."""
    table = manifest.get("scenario", {})
    if STEPS not in table:
        return {}
    titles = Chain.from_table(table).titles()
    return {name: both[1 if language == "zh" else 0] for name, both in titles.items()}
