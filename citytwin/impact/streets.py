"""Streets that cannot be used, by class."""

from typing import Any

from citytwin.arrays import Bools, Floats
from citytwin.impact.exposure import FOOTWAYS, Exposure


def closed_streets(
    exposure: Exposure, closed: Bools | Floats, reason: str, reason_zh: str
) -> dict[str, Any]:
    """Lengths of streets and footways in closed cells.

    Parameters
    ----------
    exposure
        What stands in the way.
    closed
        (n,) cells in which no street can be used, or how likely that is.
    reason, reason_zh
        Why, in a few words.

    Returns
    -------
    dict
        ``reason``, ``reason_zh``, ``total_m`` and ``impassable_m`` of streets, ``by_class`` both
        for each class, ``footways`` both for ways on foot.
    """
    totals, shut = exposure.road_totals(), exposure.closed_lengths(closed)

    def both(names: list[str]) -> dict[str, float]:
        return {
            "total_m": sum(totals[name] for name in names),
            "impassable_m": sum(shut[name] for name in names),
        }

    streets = [name for name in totals if name not in FOOTWAYS]
    ways = [name for name in totals if name in FOOTWAYS]
    return {
        "reason": reason,
        "reason_zh": reason_zh,
        **both(streets),
        "by_class": {name: both([name]) for name in streets},
        "footways": both(ways),
    }
