"""What surrounds a release: open country or city, classes of stability over time, and its notes."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.hazards.plume import dispersion, stability
from citytwin.hazards.plume.air import Sky
from citytwin.hazards.plume.carrying import CALM
from citytwin.hazards.plume.stability import radiation_index, stability_of, turner_class
from citytwin.hazards.plume.sun import solar_elevation, utc_of
from citytwin.hazards.wind import Wind

if TYPE_CHECKING:
    from citytwin.hazards.plume.model import Plume

#: Share of the cells under buildings from which the surroundings count as urban. Judged.
BUILT = 0.15
#: Time between two looks at sun and wind for the class of stability [s].
_LOOK = 900.0
_HOUR = 3600.0


@dataclass(frozen=True, eq=False)
class Setting:
    """Sky over time, and what a reader must know of it."""

    sky: Sky
    notes: tuple[str, ...]


def setting_of(
    event: "Plume", cover: AnyFloats, wind: Wind, place: tuple[float, float], end: float
) -> Setting:
    """Setting of an event.

    Parameters
    ----------
    event
        The event.
    cover
        (n,) share of each cell under buildings.
    wind
        At 10 m.
    place
        Longitude and latitude [degrees].
    end
        Of the run [s].
    """
    built = float(np.mean(cover))
    kind = event.surroundings
    notes = []
    if kind == "auto":
        kind = "urban" if built >= BUILT else "open"
        notes.append(
            f"Surroundings {kind}: buildings cover {built:.0%} of the cells, and from {BUILT:.0%} on "
            "they count as urban (judged)."
        )
    times, letters = _classes(event, wind, place, end)
    changes = [k for k in range(len(letters)) if k == 0 or letters[k] != letters[k - 1]]
    found = tuple(stability_of(letters[k], kind) for k in changes)
    given = event.mixing_height_m
    lids = np.array([given or state.mixing_height for state in found])
    sky = Sky(times[changes], found, lids, kind)
    notes.append(_words(event, sky))
    slow = float(np.hypot(wind.east, wind.north).min()) < CALM
    if slow:
        notes.append(
            f"Wind below {CALM:g} m/s counts as {CALM:g} m/s in its last direction: in a calm gas "
            "spreads by its weight and along slopes, which is not modelled."
        )
    return Setting(sky, (*notes, *_doubts(event)))


def _classes(
    event: "Plume", wind: Wind, place: tuple[float, float], end: float
) -> tuple[Floats, list[str]]:
    times = np.arange(0.0, end, _LOOK)
    if event.stability != "auto":
        return times[:1], [event.stability]
    letters = []
    for time in times:
        east, north = wind.at(float(time))
        index = radiation_index(_sun(event, place, float(time)), event.cloud_oktas)
        letters.append(turner_class(float(np.hypot(east, north)), index))
    return times, letters


def _sun(event: "Plume", place: tuple[float, float], time: float) -> float:
    """Height of the sun [degrees] at a time after the start [s]."""
    offset = event.utc_offset_h
    if offset is None:
        offset = float(np.round(place[0] / 15.0))
    moment = utc_of(date.fromisoformat(event.date), event.hour, offset) + timedelta(seconds=time)
    return solar_elevation(moment, *place)


def _words(event: "Plume", sky: Sky) -> str:
    """Classes and mixing heights in a sentence."""
    parts = [
        f"{state.letter} from {start / _HOUR:g} h" if start > 0.0 else state.letter
        for start, state in zip(sky.starts, sky.classes, strict=True)
    ]
    why = "as given" if event.stability != "auto" else "by sun, cloud and wind (Turner 1964)"
    lids = ", ".join(f"{lid:g} m" for lid in sky.lids)
    origin = "as given" if event.mixing_height_m else "typical of the class"
    return f"Stability {', '.join(parts)}, {why}; mixing height {lids}, {origin}."


def _doubts(event: "Plume") -> list[str]:
    found = []
    classes, along = stability.unverified()
    if classes and event.stability == "auto":
        found.append("the table of stability classes")
    if along:
        found.append("the wind's profile and the mixing heights by class")
    if dispersion.unverified():
        found.append("the widths of the plume")
    if not found:
        return []
    return [f"Coefficients in use that were not verified: {', '.join(found)}."]
