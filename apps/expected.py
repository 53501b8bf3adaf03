"""How long many runs will take on this machine, reckoned from runs that were measured here."""

import math
from typing import Any

import store
from texts import translate

from citytwin.ensemble.task import processes_of_here
from citytwin.hazards.base import HazardModel
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain

#: Until the first member is at work: processes start and read the city [s].
_START = 10.0
#: How much longer a run takes on one thread for each thread that it had: kernels do not share all.
_SHARED = 0.75
#: Most runs that are looked at.
_NEWEST = 50


def words(source: Scenario | Chain, members: int, language: str) -> str:
    """How long an ensemble will take, in one sentence; that nobody knows where nothing was measured."""
    seconds = one_run(source)
    if seconds is None:
        return translate("sure.unmeasured", language)
    whole = _START + members * seconds / processes_of_here()
    return translate(
        "sure.expected", language, time=_time(whole, language), one=_time(seconds, language)
    )


def one_run(source: Scenario | Chain) -> float | None:
    """Seconds of one member on one thread, by runs of its hazards here; none if unknown."""
    events = (
        [step.scenario.hazard for step in source.steps]
        if isinstance(source, Chain)
        else [source.hazard]
    )
    found = [_seconds(event) for event in events]
    known = [one for one in found if one is not None]
    return sum(known) if len(known) == len(found) else None


def _seconds(event: HazardModel) -> float | None:
    """Seconds of a run like an event, in proportion to how long it is simulated; none without any.

    Of the runs that were measured, the one that is nearest in time simulated counts; of several, the
    quickest, for the machine may have had other work in the others.
    """
    found = []
    for key in store.run_keys()[:_NEWEST]:
        results = store.results(key)
        manifest = results.manifest
        took = manifest.get("seconds") or {}
        if manifest["model"]["name"] != event.name or not results.complete or not took:
            continue
        ratio = _hours(event) / _hours(results.scenario.hazard)
        threads = 1.0 + _SHARED * (int(manifest.get("threads", 1)) - 1)
        seconds = float(took["simulation"]) * ratio * threads + float(took.get("impact", 0.0))
        found.append((round(abs(math.log(ratio)), 1), seconds))
    return min(found)[1] if found else None


def _hours(event: Any) -> float:
    return float(getattr(event, "simulated_h", None) or 1.0)


def _time(seconds: float, language: str) -> str:
    """A length of time as people say it: no more exact than it is known."""
    if seconds < 90.0:
        rounded = max(
            1.0, float(f"{seconds:.1g}") if seconds < 10.0 else 10.0 * round(seconds / 10)
        )
        return f"{rounded:.0f} {translate('time.s', language)}"
    if seconds < 5400.0:
        return f"{seconds / 60.0:.0f} {translate('unit.min', language)}"
    return f"{seconds / 3600.0:.1f} {translate('unit.h', language)}"
