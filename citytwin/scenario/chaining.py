"""Run the steps of a chain one after the other, and write what they did."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from citytwin.city import City
from citytwin.city.whole import sync
from citytwin.errors import OutputError
from citytwin.hazards.base import Hazard
from citytwin.hazards.watch import Progress, Watch, never, silent
from citytwin.impact.base import Impact
from citytwin.impact.exposure import Exposure
from citytwin.impact.worth import CURRENCY
from citytwin.scenario.chain import Chain, Step
from citytwin.scenario.links import LINKS
from citytwin.scenario.outages import Left, changes, further_pass, handed_on, outages_of, titles_zh
from citytwin.scenario.results import MANIFEST, Results
from citytwin.scenario.running import Start, exposure_of, impact_of, run, seed_of, simulate
from citytwin.scenario.timeline import HOUR, timeline
from citytwin.scenario.together import chain_damage, closed_together, whole_run


def run_chain(
    chain: Chain,
    city: City,
    *,
    runs: Path | str = "runs",
    folder: Path | str = "chains",
    progress: Progress = silent,
    stopped: Callable[[], bool] = never,
) -> dict[str, Any]:
    """Run a chain; steps whose physics is known are not run again.

    Parameters
    ----------
    chain
        What happens.
    city
        Where.
    runs
        Folder of runs; each step's results lie in a folder named by its key.
    folder
        Folder of chains; the manifest lies in a folder named by the chain's key.
    progress
        Called with the share done and a few words.
    stopped
        Asked again and again whether the run shall stop.

    Returns
    -------
    The manifest: the chain, its steps with their results, the timeline, the streets closed and the
    damage done by all steps together.
    """
    keys = chain.step_keys(city.fingerprint)
    found: dict[str, Results] = {}
    for number, step in enumerate(chain.steps):
        watch = _part(progress, number, len(chain.steps), step.name)
        start = _start(chain, step, keys, found)
        found[step.name] = run(
            step.scenario, city, runs=runs, progress=watch, stopped=stopped, start=start
        )
        if not found[step.name].complete:
            break
    manifest = _manifest(chain, city, found)
    _write(Path(folder) / chain.key(city.fingerprint), manifest)
    progress(1.0, "done" if manifest["complete"] else "stopped; what was computed is kept")
    return manifest


def _part(progress: Progress, number: int, count: int, name: str) -> Progress:
    return lambda done, note: progress((number + done) / (count + 1), f"{name}: {note}")


def _start(
    chain: Chain, step: Step, keys: dict[str, str], found: dict[str, Results]
) -> Start | None:
    """What a step starts from; none for one that happens by itself."""
    if not step.after:
        return None
    before = found[step.after]
    variable = str(before.manifest["variable"])
    outages = outages_of(before.impact.get("facilities", ()))
    earlier = before.manifest.get("chain", {}).get("before_s", {})
    given, lasting = handed_on(chain, step, Left(variable, before.buildings, outages, earlier))
    link = LINKS[variable, step.scenario.hazard.name]
    about = {"after": step.after, "run": before.key, "what": link.words, "seed": chain.seed}
    if given.outages:
        about["outages_s"] = dict(given.outages)
    if lasting:
        about["before_s"] = lasting
    return Start(keys[step.name], given, about, lasting)


def _manifest(chain: Chain, city: City, found: dict[str, Results]) -> dict[str, Any]:
    steps = [step for step in chain.steps if step.name in found]
    entries = sorted(
        (entry for step in steps for entry in timeline(step, found[step.name])),
        key=lambda entry: entry.time,
    )
    results = [(step, found[step.name]) for step in steps]
    end = max(step.from_h * HOUR + float(one.times[-1]) for step, one in results)
    return {
        "key": chain.key(city.fingerprint),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "chain": chain.table(),
        "city": {"name": city.name, "title": city.title, "fingerprint": city.fingerprint},
        "steps": [
            {
                "name": step.name,
                "from_h": step.from_h,
                "after": step.after,
                "key": one.key,
                "results": str(one.folder),
                "seconds": one.manifest["seconds"],
                "balance_sentence": one.manifest["balance_sentence"],
                "notes": one.manifest["notes"],
                "impact": {k: v for k, v in one.impact.items() if k != "series"},
                **_settled(chain, step, one, city),
            }
            for step, one in results
        ],
        "timeline": [vars(entry) for entry in entries if entry.time <= end],
        # What would follow if nothing is repaired: supplies that end after the chain.
        "later": [vars(entry) for entry in entries if entry.time > end],
        **_together(city, [one for _, one in results]),
        "complete": len(steps) == len(chain.steps) and all(r.complete for r in found.values()),
    }


def _together(city: City, results: list[Results]) -> dict[str, Any]:
    """Streets closed, and damage done, by all steps, each counted once."""
    exposure = exposure_of(city)
    moments = [(r.manifest["variable"], whole_run(r.summary, r.buildings)) for r in results]
    damage = chain_damage(exposure, [(variable, at.buildings) for variable, at in moments])
    money = {} if damage is None else {"damage": {"value": damage, "unit": CURRENCY}}
    return {"streets": closed_together(exposure, moments), **money}


def _settled(chain: Chain, step: Step, results: Results, city: City) -> dict[str, Any]:
    """Whether a further pass would change the outages of a step that repeats an earlier one."""
    if not step.after or not step.repeats(chain.before(step)):
        return {}
    given = results.manifest["chain"].get("outages_s", {})
    found = outages_of(results.impact.get("facilities", ()))
    return {"further_pass": further_pass(step, given, found, titles_zh(city.lifelines))}


def _write(target: Path, manifest: dict[str, Any]) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        part = target / f".{MANIFEST}.part"
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sync(part)
        part.replace(target / MANIFEST)
    except OSError as error:
        raise OutputError(
            f"the chain cannot be written to {target}: {error.strerror or error}; choose another "
            "folder or make room"
        ) from error


def whole_steps(
    chain: Chain, city: City, exposure: Exposure
) -> Iterator[tuple[Step, Hazard, Impact | None, tuple[str, ...]]]:
    """The steps of a chain, run here and now; nothing is written or read.

    Yields
    ------
    The step, its result, its impact, and the lifelines whose outage a further pass would change where it
    is an earlier step over again.
    """
    found: dict[str, Left] = {}
    for step in chain.steps:
        given, lasting = handed_on(chain, step, found[step.after]) if step.after else (None, {})
        hazard = simulate(step.scenario, city, Watch(), given)
        seed = seed_of(step.scenario)
        impact = impact_of(city, hazard, exposure, seed=seed, before=lasting)
        buildings = {**hazard.buildings, **(impact.per_building if impact else {})}
        # As they stand on disk, so that a chain that goes on from there has the same bits.
        kept = {name: np.asarray(value, np.float32) for name, value in buildings.items()}
        outages = outages_of([vars(one) for one in impact.facilities]) if impact else {}
        found[step.name] = Left(hazard.variable, kept, outages, lasting)
        unsettled: list[str] = []
        if given is not None and step.repeats(chain.before(step)):
            unsettled = changes(step, given.outages, outages)
        yield step, hazard, impact, tuple(unsettled)
