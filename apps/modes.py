"""What the map can show of a run: its model's pictures, or its intensity in plain steps."""

import math
from functools import lru_cache
from typing import Any

import store

from citytwin.hazards.base import Picture
from citytwin.scenario import Results
from citytwin.variables import VARIABLES

Colour = list[int]

#: Of all that is drawn on the ground.
ALPHA = 238
# From pale to deep, for intensities that nobody gave colours.
_PLAIN = ("#f3e3b0", "#eebc74", "#dd8a52", "#b7553f", "#7b2a3a")


def colour(text: str, alpha: int = ALPHA) -> Colour:
    """A colour such as ``#a3d3f0`` as deck.gl takes it."""
    return [*(int(text[at : at + 2], 16) for at in (1, 3, 5)), alpha]


def modes(key: str) -> dict[str, Picture]:
    """Pictures of a run by name, in the order in which people choose them; those that it has."""
    return _modes(store.results(key))


@lru_cache(maxsize=32)
def _modes(results: Results) -> dict[str, Picture]:
    known = store.quantities_of(results)
    own = tuple(_picture(one) for one in results.manifest.get("pictures", ()))
    pictures = own or type(results.scenario.hazard).pictures or (_plain(results),)
    found = {
        picture.name: picture
        for picture in pictures
        if {picture.values, picture.where[0], picture.raised} <= {"", *known}
    }
    return found or {"intensity": _plain(results)}


def _picture(facts: dict[str, Any]) -> Picture:
    """A picture as a manifest has it."""
    lists = {name: tuple(value) for name, value in facts.items() if isinstance(value, list)}
    return Picture(**{**facts, **lists})


def _plain(results: Results) -> Picture:
    """The intensity at each moment in five round steps up to the greatest of the run."""
    name = str(results.manifest["variable"])
    variable = VARIABLES[name]
    frames = range(results.times.size)
    top = max((float(results.frame(number).max()) for number in frames), default=1.0)
    step = _round(max(top, variable.least) / 5.0)
    words = variable.description
    return Picture(
        "intensity", words[:1].upper() + words[1:], words, name.replace("_", " "), words, name,
        tuple(variable.least + step * number for number in range(5)), _PLAIN, variable.unit,
        moving=True,
    )  # fmt: skip


def _round(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value)
