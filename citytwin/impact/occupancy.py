"""Where people are at different hours: at home, at work, at school. Every share is an assumption."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.impact.exposure import Exposure
from citytwin.impact.uses import uses
from citytwin.tables import number, read_rows, table_path

_COLUMNS = ("time", "hour", "title", "title_zh", "home", "work", "school", "verified")


@dataclass(frozen=True)
class Hour:
    """A time of the day.

    Attributes
    ----------
    name, title, title_zh
        Its word in files, and what people read.
    home, work, school
        Share of the residents who are there.
    """

    name: str
    title: str
    title_zh: str
    home: float
    work: float
    school: float


@lru_cache(maxsize=1)
def hours() -> tuple[Hour, ...]:
    """The times of the day that the table has."""
    path = table_path("occupancy.csv")
    return tuple(
        Hour(
            row["time"],
            row["title"],
            row["title_zh"],
            *(number(row, name, path) for name in ("home", "work", "school")),
        )
        for row in read_rows(path, _COLUMNS)
    )


def people_at(exposure: Exposure, hour: Hour) -> Floats:
    """(b,) people in each building at a time of the day.

    Residents who work or learn are spread over the floor area of workplaces and of schools of the city;
    where it has none of these they are at home. Nobody comes in from outside.
    """
    residents, area = exposure.buildings.people, exposure.buildings.floor_area
    use = uses(exposure)
    total = float(residents.sum())
    at_home, away = hour.home, np.zeros(residents.size)
    for share, places in (
        (hour.work, np.isin(use, ["commercial", "industrial"])),
        (hour.school, use == "school"),
    ):
        room = float(area[places].sum())
        if room > 0.0:
            away += np.where(places, area / room, 0.0) * share * total
        else:
            at_home += share
    return np.asarray(residents * at_home + away)
