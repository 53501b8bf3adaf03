"""Who is hurt in damaged buildings: Hazus 6.1, chapter 12, people indoors.

People outdoors, who are hit by cladding and parapets, and those on bridges are not counted here.
"""

from typing import Literal

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.impact.hazus.tables import casualty_rates, collapse_shares
from citytwin.tables import number, read_rows, table_path

#: Hours that stand for a day: 2 am, 2 pm, 5 pm.
Time = Literal["night", "day", "commute"]
Use = Literal["home", "work", "school", "industry"]


def collapse_probabilities(probabilities: Floats, structure: Ints) -> Floats:
    """(b,) probability that a building collapses.

    Parameters
    ----------
    probabilities
        (b, 5) probability of each damage state.
    structure
        (b,) structural type.
    """
    return np.asarray(probabilities[:, 4] * collapse_shares()[structure])


def casualties(probabilities: Floats, structure: Ints, people: Floats) -> Floats:
    """(b, 4) expected number of people hurt indoors, by severity.

    Severity 1 needs first aid, 2 a hospital, 3 is in danger of life, 4 is dead.

    Parameters
    ----------
    probabilities
        (b, 5) probability of each damage state; ones and zeros where states were drawn.
    structure
        (b,) structural type.
    people
        (b,) people indoors.
    """
    fallen = collapse_probabilities(probabilities, structure)
    standing = probabilities[:, 4] - fallen
    states = np.column_stack([probabilities[:, 1:4], standing, fallen])
    rates = np.einsum("bs,bsj->bj", states, casualty_rates()[structure])
    return np.asarray(people[:, None] * rates)


def indoor_share(use: Use, time: Time) -> float:
    """Share of the people of a building who are inside at a time of day."""
    path = table_path("hazus_indoor_share.csv")
    (row,) = (r for r in read_rows(path, ("kind", "night", "verified")) if r["kind"] == use)
    return number(row, time, path)
