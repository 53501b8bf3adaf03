"""Tables of Hazus as arrays in the order of the structural types."""

from functools import lru_cache
from typing import Final

import numpy as np

from citytwin.arrays import Floats
from citytwin.tables import number, read_rows, table_path

#: Damage states, from none to complete.
STATES: Final = ("none", "slight", "moderate", "extensive", "complete")
#: Levels of seismic design, rising; the last two have no curves by peak ground acceleration.
LEVELS: Final = ("pre", "low", "moderate", "high", "very_high", "severe")
_HURT: Final = ("slight", "moderate", "extensive", "complete_no_collapse", "collapse")


@lru_cache(maxsize=4)
def types() -> dict[str, int]:
    """Structural types: position by word, in the order of the table."""
    rows = read_rows(table_path("hazus_types.csv"), ("class", "collapse"))
    return {row["class"]: k for k, row in enumerate(rows)}


@lru_cache(maxsize=4)
def collapse_shares() -> Floats:
    """(c,) share that collapses of the buildings that are completely damaged."""
    path = table_path("hazus_types.csv")
    return np.array(
        [number(row, "collapse", path) for row in read_rows(path, ("class", "collapse"))]
    )


@lru_cache(maxsize=4)
def casualty_rates() -> Floats:
    """(c, 5, 4) share of the people indoors who are hurt, by type, state and severity 1 to 4.

    States: slight, moderate, extensive, complete without collapse, collapse.
    """
    path = table_path("hazus_casualties.csv")
    found = np.full((len(types()), len(_HURT), 4), np.nan)
    for row in read_rows(path, ("class", "state", "severity_1", "verified")):
        severities = [number(row, f"severity_{k}", path) for k in (1, 2, 3, 4)]
        found[types()[row["class"]], _HURT.index(row["state"])] = severities
    return found


@lru_cache(maxsize=4)
def fragility(demand: str) -> tuple[Floats, Floats]:
    """Medians and lognormal standard deviations of the structure.

    Parameters
    ----------
    demand
        ``pga`` [g] or ``drift`` [1].

    Returns
    -------
    medians, betas
        (c, l, 4) by type, level of design and damage state from slight to complete. Where a type is
        not built at a level, the next lower level stands for it, else the next higher.
    """
    path = table_path(f"hazus_fragility_{demand}.csv")
    shape = (len(types()), len(LEVELS), 4)
    medians, betas = np.full(shape, np.nan), np.full(shape, np.nan)
    for row in read_rows(path, ("class", "level", "median_slight", "verified")):
        place = types()[row["class"]], LEVELS.index(row["level"])
        medians[place] = [number(row, f"median_{state}", path) for state in STATES[1:]]
        spread = ["beta"] * 4 if "beta" in row else [f"beta_{state}" for state in STATES[1:]]
        betas[place] = [number(row, name, path) for name in spread]
    return filled(medians), filled(betas)


def filled(values: Floats) -> Floats:
    """(c, l, …) with levels that are missing taken from below, then from above."""
    for level in range(1, values.shape[1]):
        gone = np.isnan(values[:, level, 0])
        values[gone, level] = values[gone, level - 1]
    for level in range(values.shape[1] - 2, -1, -1):
        gone = np.isnan(values[:, level, 0])
        values[gone, level] = values[gone, level + 1]
    return values


@lru_cache(maxsize=8)
def unverified(name: str) -> bool:
    """Whether a table has rows that were not verified."""
    return any(row["verified"] != "yes" for row in read_rows(table_path(name), ("verified",)))


def notes() -> tuple[str, ...]:
    """What a reader must know of these tables."""
    words = {
        "hazus_mapping.csv": "structural types are assumed from what the map says of a building",
        "hazus_design_level.csv": "levels of seismic design are assumed from the year, or its absence",
        "hazus_capacity.csv": "capacity of structures is not verified: read in one public program",
        "hazus_fragility_drift.csv": "drift fragility is not verified: read in one transcription",
        "hazus_casualties.csv": "shares of people hurt are not verified: read in one transcription",
        "hazus_ignition_times.csv": "when fires start after an earthquake is judged, not verified",
    }
    return tuple(text for name, text in words.items() if unverified(name))
