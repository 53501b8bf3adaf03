"""The numbers of an impact by name, each with its unit and what people call it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

#: What is counted at each level, as people read it.
_COUNTED = {"people": ("people", "人数"), "buildings": ("buildings", "建筑（栋）")}
#: Less of anything is nothing to people.
_LEAST = 1e-4
#: Streets that are closed.
ROADS = ("street impassable", "不可通行道路")


class Number(NamedTuple):
    """One number.

    Attributes
    ----------
    value
        The number.
    unit
        Its unit; empty for people and things.
    title, title_zh
        What people call it.
    """

    value: float
    unit: str
    title: str
    title_zh: str

    @property
    def titled(self) -> str:
        """What people call it, with its unit."""
        return titled(self.title, self.unit)


def titled(title: str, unit: str) -> str:
    """What people call a number, with its unit; none for people and things."""
    return f"{title} [{unit}]" if unit else title


def short(value: float) -> str:
    """A number as people read it: whole from a hundred on, else in three figures; 0 below 0.0001."""
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= _LEAST else "0"


def numbers_of(impact: Mapping[str, Any]) -> dict[str, Number]:
    """Numbers by name: ``people.0.15``, ``buildings.0.15``, ``roads_m``, ``damage`` and the like.

    Parameters
    ----------
    impact
        As ``Impact.facts`` and a run's manifest have it; may be empty.
    """
    found: dict[str, Number] = {}
    for what, (words, words_zh) in _COUNTED.items():
        for level in impact.get("levels", ()):
            name, title, title_zh = level["name"], level["title"], level["title_zh"]
            titles = f"{words}, {title}", f"{words_zh}，{title_zh}"
            found[f"{what}.{name}"] = Number(float(impact[what][name]), "", *titles)
    if impact.get("roads"):
        found["roads_m"] = Number(float(impact["roads"]["impassable_m"]), "m", *ROADS)
    for count in impact.get("counts", ()):
        unit = "" if count["unit"] == "1" else count["unit"]
        titles = count["title"], count["title_zh"]
        found[count["name"]] = Number(float(count["value"]), unit, *titles)
    return found
