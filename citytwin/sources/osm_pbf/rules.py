"""What a rule is: how the tags of an object become one row of one layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from citytwin.sources.osm_pbf.classes import Table

#: Values of the columns of a row, in the order of the rule.
Row = tuple[Any, ...]


class Tags(Protocol):
    """Tags of one object: a dictionary, or the list of a reader."""

    def get(self, key: str, /) -> str | None:
        """Value of a key, ``None`` where it is not there."""


@dataclass(frozen=True)
class Rule:
    """How tags become a row of a layer.

    Attributes
    ----------
    layer
        Name of the layer.
    columns
        Names of its columns, as far as OpenStreetMap knows them.
    row
        Gives the values for the tags of an object, ``None`` where it is not of this layer.
    """

    layer: str
    columns: tuple[str, ...]
    row: Callable[[Tags], Row | None]


def text(tags: Tags, key: str) -> str:
    """Value of a key, "" where it is not there."""
    return tags.get(key) or ""


def first(tags: Tags, table: Table) -> tuple[str, str, str] | None:
    """Key, value and class of the first key of a table whose value is in it."""
    for key, classes in table.items():
        value = tags.get(key)
        if value is not None and value in classes:
            return key, value, classes[value]
    return None
