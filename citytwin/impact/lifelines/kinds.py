"""Kinds of lifelines and facilities, and how much shaking they bear, from the tables."""

from dataclasses import dataclass
from functools import lru_cache

from citytwin.impact.hazus.tables import STATES
from citytwin.tables import number, read_rows, table_path

_KINDS, _CLASSES = "lifelines.csv", "lifeline_fragility.csv"


@dataclass(frozen=True)
class Kind:
    """A kind of lifeline or facility.

    Attributes
    ----------
    name
        Its word in files.
    title, title_zh
        What people read.
    words
        What maps call it.
    depth
        Water from which on it is out of service [m].
    housed
        Whether it lies in a building, and is out of service with it.
    staffed
        Whether harmful gas empties it.
    hazus_class
        Row of the table of fragilities; empty where its building decides.
    out_from
        Damage state from which on it is out of service.
    """

    name: str
    title: str
    title_zh: str
    words: tuple[str, ...]
    depth: float
    housed: bool
    staffed: bool
    hazus_class: str
    out_from: str


@lru_cache(maxsize=1)
def kinds() -> dict[str, Kind]:
    """Kinds by their word, in the order of the table."""
    path = table_path(_KINDS)
    columns = ("kind", "title", "title_zh", "words", "depth_m", "hazus_class", "out_from")
    return {
        row["kind"]: Kind(
            row["kind"],
            row["title"],
            row["title_zh"],
            tuple(row["words"].split()),
            number(row, "depth_m", path),
            row["housed"] == "yes",
            row["staffed"] == "yes",
            row["hazus_class"],
            row["out_from"],
        )
        for row in read_rows(path, (*columns, "housed", "staffed", "verified"))
    }


@lru_cache(maxsize=1)
def fragilities() -> dict[str, dict[str, tuple[float, float]]]:
    """Median [g] and lognormal standard deviation by class and damage state."""
    path = table_path(_CLASSES)
    found = {}
    for row in read_rows(path, ("class", "median_slight", "beta_slight", "verified")):
        found[row["class"]] = {
            state: (number(row, f"median_{state}", path), number(row, f"beta_{state}", path))
            for state in STATES[1:]
        }
    return found


def kind_of(word: str) -> Kind | None:
    """The kind that a map's word stands for, if it is one."""
    bare = word.strip().lower().replace(" ", "_")
    return next((kind for kind in kinds().values() if bare in kind.words), None)
