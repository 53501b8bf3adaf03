"""Vehicles and people in moving water: which streets are unsafe for whom, who cannot leave on foot.

Water is unsafe where it was deeper, faster, or of a greater product of both than a limit at any time of
the run. Each of the three greatest values alone says so: it need not have come with the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats
from citytwin.impact.base import Count, Curve
from citytwin.impact.exposure import Exposure
from citytwin.impact.occupancy import hours, people_at
from citytwin.impact.streets import closed_streets
from citytwin.tables import number, read_rows, table_path

#: What a run must tell of its cells: greatest depth [m], speed [m/s], product [m²/s].
GREATEST = ("depth_max", "speed_max", "momentum_max")
_LIMITS = ("depth_m", "speed_m_s", "product_m2_s")
_COLUMNS = ("who", "title", "title_zh", "on_foot", *_LIMITS, "source", "verified")
_SOURCE = "Australian Rainfall and Runoff, project 10, P10/S2/020 table 3 and P10/S1/006"


@dataclass(frozen=True)
class Stability:
    """Water in which a vehicle or a person is stable.

    Attributes
    ----------
    who, title, title_zh
        Word in files, and what people read.
    on_foot
        Whether it is a person on foot.
    depth, speed, product
        Deepest [m], fastest [m/s], greatest depth times speed [m²/s].
    verified
        Whether the limits were compared with their source.
    """

    who: str
    title: str
    title_zh: str
    on_foot: bool
    depth: float
    speed: float
    product: float
    verified: bool

    def unsafe(self, depth: AnyFloats, speed: AnyFloats, product: AnyFloats) -> Bools:
        """(n,) where one of the three is beyond its limit."""
        beyond = (depth > self.depth) | (speed > self.speed) | (product > self.product)
        return np.asarray(beyond, np.bool_)


@lru_cache(maxsize=1)
def stabilities() -> tuple[Stability, ...]:
    """Limits of each kind of vehicle and person, in the order of the table."""
    path = table_path("moving_water.csv")
    return tuple(
        Stability(
            row["who"],
            row["title"],
            row["title_zh"],
            row["on_foot"] == "yes",
            depth=number(row, "depth_m", path),
            speed=number(row, "speed_m_s", path),
            product=number(row, "product_m2_s", path),
            verified=row["verified"] == "yes",
        )
        for row in read_rows(path, _COLUMNS)
    )


def unsafe_cells(exposure: Exposure, summary: Mapping[str, AnyFloats]) -> dict[str, Bools]:
    """(n,) by who: cells whose water, or that beside the buildings in them, was unsafe at any time.

    Empty where the run does not tell how fast its water was.
    """
    if not set(GREATEST) <= set(summary):
        return {}
    greatest = [exposure.beside(np.asarray(summary[name])) for name in GREATEST]
    return {one.who: one.unsafe(*greatest) for one in stabilities()}


def unsafe_streets(exposure: Exposure, unsafe: Mapping[str, Bools]) -> dict[str, Any]:
    """By who: streets in unsafe water, as ``closed_streets`` gives them."""
    return {
        one.who: closed_streets(
            exposure, unsafe[one.who], f"unsafe for {one.title}", f"对{one.title_zh}不安全"
        )
        for one in stabilities()
        if one.who in unsafe
    }


def street_counts(streets: Mapping[str, Any]) -> list[Count]:
    """Metres of street that were unsafe for each vehicle, and of streets and ways for people.

    Parameters
    ----------
    streets
        As ``unsafe_streets`` gives them.
    """
    counts = []
    for one in stabilities():
        if one.who not in streets:
            continue
        shut = streets[one.who]
        parts = (shut, shut["footways"]) if one.on_foot else (shut,)
        ways, ways_zh = ("streets and ways", "道路及步道") if one.on_foot else ("streets", "道路")
        counts.append(
            Count(
                f"unsafe_{one.who}", f"{ways} unsafe for {one.title}",
                f"对{one.title_zh}不安全的{ways_zh}长度",
                sum(part["impassable_m"] for part in parts), "m",
                sum(part["total_m"] for part in parts),
                f"water beyond {one.depth:g} m, {one.speed:g} m/s or {one.product:g} m²/s at any "
                "time; tunnels and bridges apart; limits not verified",
                f"任一时刻水深超过 {one.depth:g} 米、流速超过 {one.speed:g} 米/秒或二者乘积超过 "
                f"{one.product:g} 平方米/秒；不含隧道和桥梁；限值未核实",
            )
        )  # fmt: skip
    return counts


def cut_off_counts(exposure: Exposure, unsafe: Mapping[str, Bools], in_water: Bools) -> list[Count]:
    """People whom unsafe water at the walls keeps from leaving on foot.

    Parameters
    ----------
    exposure
        What stands in the way.
    unsafe
        (n,) by who, see ``unsafe_cells``.
    in_water
        (b,) buildings that count as reached by water.
    """
    residents = exposure.buildings.people
    counts = []
    for one in stabilities():
        if not one.on_foot or one.who not in unsafe:
            continue
        there = cut_off(exposure, unsafe[one.who], in_water)
        counts.append(
            _cut_off(f"cut_off_{one.who}", one, "", "", float(residents[there].sum()),
                     float(residents.sum()))
        )  # fmt: skip
        if one.who == "adult":
            for hour in hours():
                present: Floats = people_at(exposure, hour)
                counts.append(
                    _cut_off(f"cut_off_{hour.name}", one, f" {hour.title}", hour.title_zh,
                             float(present[there].sum()), float(present.sum()))
                )  # fmt: skip
    return counts


def cut_off(exposure: Exposure, unsafe: Bools, in_water: Bools) -> Bools:
    """(b,) buildings in the water with unsafe water somewhere at their walls."""
    return np.asarray((exposure.highest(unsafe.astype(np.float64)) > 0.0) & in_water)


def _cut_off(
    name: str, one: Stability, when: str, when_zh: str, value: float, whole: float
) -> Count:
    whose = "residents" if not when else "people"
    return Count(
        name, f"{whose} whose building cannot be left safely by {one.title}{when}",
        f"{when_zh}建筑周围水流对{one.title_zh}不安全、无法步行离开的人数", value, "1", whole,
        "buildings reached by water that is unsafe somewhere at their walls, on the safe side"
        + ("; where people are then is assumed" if when else ""),
        "建筑受淹且外墙处任一侧水流不安全（偏安全）" + ("；人员分布为假定" if when else ""),
    )  # fmt: skip


def curves(unsafe: Mapping[str, Bools]) -> tuple[Curve, ...]:
    """Where the limits are from; none where nothing was told apart by them."""
    if not unsafe:
        return ()
    verified = all(one.verified for one in stabilities())
    return (Curve("stability of vehicles and people in moving water", _SOURCE, verified),)
