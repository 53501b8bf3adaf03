"""Chains of this workspace: of which a run is a step, what happened in them, in the reader's words."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import store
from field_texts import field_title
from said import say
from texts import translate

from citytwin import registry
from citytwin.scenario.results import MANIFEST
from citytwin.scenario.tasks import CHAINS, chain_manifest, step_folders


def of_run(key: str, wanted: str = "") -> dict[str, Any]:
    """The chain of which a run is a step: the wanted one, else the newest; empty if there is none."""
    found = [
        manifest
        for manifest in _all()
        if any(folder.name == key for folder in step_folders(store.runs_folder(), manifest))
    ]
    return next((m for m in found if m["key"] == wanted), found[0] if found else {})


def _all() -> list[dict[str, Any]]:
    """Chains of this city, newest first."""
    paths = list((store.workspace() / CHAINS).glob(f"*/{MANIFEST}"))
    stamped = sorted(((path.stat().st_mtime_ns, path) for path in paths), reverse=True)
    ours = store.city().fingerprint
    found = [_read(path, written) for written, path in stamped]
    return [one for one in found if one and one["city"]["fingerprint"] == ours]


@lru_cache(maxsize=64)
def _read(path: Path, written: int) -> dict[str, Any]:
    del written  # part of the cache's key: a chain that went on is read anew
    return chain_manifest(store.runs_folder(), path.parent.name)


def steps(manifest: dict[str, Any]) -> dict[str, str]:
    """Keys of the runs of a chain's steps that can be shown, by the step's name."""
    folders = step_folders(store.runs_folder(), manifest)
    named = zip(manifest["steps"], folders, strict=True)
    return {step["name"]: folder.name for step, folder in named if store.has_run(folder.name)}


def step_title(manifest: dict[str, Any], name: str, language: str) -> str:
    """What people call a step: its hazard, with a number where there are two of the kind."""
    models = {row["name"]: row["hazard"]["model"] for row in manifest["chain"]["steps"]}
    model = models[name]
    known = model in registry.hazards.names()
    title = field_title(registry.hazards.get(model), language) if known else model
    alike = [one for one, kind in models.items() if kind == model]
    return title if len(alike) < 2 else f"{title} {alike.index(name) + 1}"


def left_out(manifest: dict[str, Any]) -> list[str]:
    """Steps that a stopped chain did not come to."""
    there = {step["name"] for step in manifest["steps"]}
    return [row["name"] for row in manifest["chain"]["steps"] if row["name"] not in there]


def clock(seconds: float) -> str:
    """Hours and minutes after the start, such as ``6:05``."""
    hours, minutes = divmod(round(seconds / 60.0), 60)
    return f"{hours}:{minutes:02d}"


def line(entry: dict[str, Any], language: str) -> str:
    """What happened, in the reader's words."""
    if language != "zh":
        return str(entry["words"])
    head, colon, rest = str(entry["words_zh"]).partition("：")
    # What a model says of itself is said in English; its title stands before.
    return (
        f"{head}{colon}{say(rest, language)}" if re.match("[A-Za-z]", rest) else head + colon + rest
    )


def streets(manifest: dict[str, Any], language: str) -> str:
    """Streets that the steps close together, in one line of HTML; empty where none are."""
    found = manifest.get("streets") or {}
    if not found.get("total_m"):
        return ""
    km = translate("km", language)
    return translate(
        "chain.streets", language, km=f"{found['impassable_m'] / 1000.0:.1f}",
        total=f"{found['total_m'] / 1000.0:.0f} {km}",
    )  # fmt: skip


def moment(manifest: dict[str, Any], entry: dict[str, Any]) -> int:
    """Number of the moment of its step's run that an entry is about."""
    begin = next(s["from_h"] for s in manifest["steps"] if s["name"] == entry["step"]) * 3600.0
    times = store.results(steps(manifest)[entry["step"]]).times
    return int(abs(times - (float(entry["time"]) - begin)).argmin())
