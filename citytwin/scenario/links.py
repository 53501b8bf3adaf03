"""How the result of one hazard is the input of another: what an earthquake sets on fire, and so on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from citytwin.arrays import AnyFloats
from citytwin.hazards.base import Given
from citytwin.impact.hazus.ignitions import ignition_times


@dataclass(frozen=True, eq=False)
class Happened:
    """What an earlier step gave.

    Attributes
    ----------
    buildings
        (b,) arrays by name: what befell each building, and what the impact says of it.
    seed
        Of what is random between the steps.
    outages
        Lifelines and facilities out of service: from when on, in seconds after the start of the later
        step.
    late
        How much later that step starts [s].
    """

    buildings: Mapping[str, AnyFloats]
    seed: int
    outages: Mapping[str, float] = field(default_factory=dict)
    late: float = 0.0


@dataclass(frozen=True)
class Link:
    """A way from one hazard to another.

    Attributes
    ----------
    words
        What goes over it, as a timeline says it.
    version
        Changes whenever the same result gives another input.
    give
        Adds to what the later event finds.
    """

    words: str
    version: str
    give: Callable[[Happened, Given], Given]


def _ignitions(before: Happened, given: Given) -> Given:
    """Fires that the shaking starts, drawn from their expected numbers.

    They start after the shaking: those that a later step finds alight burn from its start on.
    """
    expected = np.asarray(before.buildings["ignitions"], np.float64)
    times = ignition_times(expected, before.seed) - before.late
    return replace(given, building_ignitions=np.maximum(times, 0.0))


def _outages(before: Happened, given: Given) -> Given:
    """What runs on a lifeline stops when that goes dark."""
    return replace(given, outages=dict(before.outages))


_DARK = "lifelines that are out of service"

#: Links by the intensity of the earlier hazard and the name of the later one.
LINKS: dict[tuple[str, str], Link] = {
    ("pga", "fire"): Link("fires that the shaking starts", "2", _ignitions),
    ("depth", "flood"): Link(_DARK, "1", _outages),
    ("pga", "flood"): Link(_DARK, "1", _outages),
    ("fire_state", "flood"): Link(_DARK, "1", _outages),
}
