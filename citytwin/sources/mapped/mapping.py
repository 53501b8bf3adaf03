"""How a recipe turns another table's columns into ours.

A source that reads arbitrary tables has these tables in the recipe, all of them optional::

    layer = "roads"
    columns = { class = "highway", name = ["name", "name:en"], speed_limit = "maxspeed" }
    values = { class = { motorway = "motorway", footway = "path", "*" = "street" } }
    flags = { structure = { bridge = "bridge", tunnel = "tunnel" } }
    factors = { speed_limit = 0.27777778 }
    constants = { structure = "none" }
    where = { highway = ["*"] }
    where_not = { highway = ["proposed"] }

``columns``: our column and theirs; of several theirs, the first that is known counts, but
``source_id`` takes all of them (``["@type", "@id"]`` gives ``way/123``). ``values``:
their word and ours, ``"*"`` for every other word, ``""`` for an unknown value; a word that does
not stand there stays as it is. ``flags``: our words, each with a column of theirs that says yes or
no. ``constants``: what holds where nothing else does.
"""

import difflib
from typing import Any, Literal, Self

from pydantic import Field, JsonValue, model_validator

from citytwin.city.schema import LAYERS
from citytwin.errors import SourceError
from citytwin.sources.base import Source

#: A word, a number, or yes and no.
Value = str | bool | float
#: Columns that every layer may have beside those of the schema.
EXTRA = {"source_id": "text"}

_LAYER_NAMES: list[JsonValue] = [*sorted(LAYERS)]


class MappedSource(Source):
    """A source of one layer whose columns the recipe names."""

    layer: str = Field(
        description="Layer of the city that the features go to",
        json_schema_extra={"enum": _LAYER_NAMES},
    )
    columns: dict[str, str | tuple[str, ...]] = Field(
        default={}, description="Our column and theirs; of several the first that is known"
    )
    values: dict[str, dict[str, Value]] = Field(
        default={}, description="For our column: their word and ours; '*' is any other"
    )
    flags: dict[str, dict[str, str]] = Field(
        default={}, description="For our column: our word and their column that says yes or no"
    )
    constants: dict[str, Value] = Field(
        default={}, description="For our column: what holds where nothing else does"
    )
    factors: dict[str, float] = Field(
        default={}, description="For our column: factor to SI, for example 0.3048 for feet"
    )
    where: dict[str, tuple[str, ...]] = Field(
        default={}, description="Their column and the words to keep; '*' is any known one"
    )
    where_not: dict[str, tuple[str, ...]] = Field(
        default={}, description="Their column and the words to leave out; '*' is any known one"
    )
    join_pieces: bool = Field(
        default=False,
        description="Whether rows with one source_id are pieces of one feature, cut by map sheets",
    )
    split_crossings: bool = Field(
        default=True,
        description="Whether to cut roads where they meet; needless if the source did it",
    )
    parse: Literal["plain", "osm"] = Field(
        default="plain",
        description="How numbers in text are read: plain, or as people tag them ('12 m', '39 ft')",
    )

    @model_validator(mode="after")
    def _fits_the_layer(self) -> Self:
        if self.layer not in LAYERS:
            raise ValueError(f"there is no layer '{self.layer}'{_nearest(self.layer, LAYERS)}")
        kinds = self.kinds()
        for table in ("columns", "values", "flags", "constants", "factors"):
            for ours in getattr(self, table):
                if ours not in kinds:
                    raise ValueError(
                        f"'{table}' names '{ours}', which the layer {self.layer} does not have"
                        f"{_nearest(ours, kinds)}"
                    )
        self._check_kinds(kinds)
        if self.join_pieces and "source_id" not in self.columns:
            raise ValueError(
                "'join_pieces' needs 'columns.source_id' to know what belongs together"
            )
        return self

    def _check_kinds(self, kinds: dict[str, str]) -> None:
        for ours in self.factors:
            if kinds[ours] != "number":
                raise ValueError(f"'factors' names '{ours}', which is no number")
        for ours in self.flags:
            if kinds[ours] != "text":
                raise ValueError(f"'flags' names '{ours}', which is no text")
        for ours in self.values:
            if ours not in self.columns:
                raise ValueError(f"'values' names '{ours}', which 'columns' does not")
        given = [*self.constants.items()]
        given += [(ours, value) for ours, words in self.values.items() for value in words.values()]
        for ours, value in given:
            if not _fits(value, kinds[ours]):
                raise ValueError(f"{value!r} for '{ours}' is no {kinds[ours]}")

    def kinds(self) -> dict[str, str]:
        """Kind of every column that the layer may have, by name."""
        schema = LAYERS[self.layer].columns
        return EXTRA | {name: column.kind for name, column in schema.items()}

    def theirs(self) -> dict[str, str]:
        """Every column of theirs that is needed, with the key of the recipe that names it."""
        named: dict[str, str] = {}
        for ours, columns in self.columns.items():
            for column in (columns,) if isinstance(columns, str) else columns:
                named.setdefault(column, f"columns.{ours}")
        for ours, words in self.flags.items():
            for word, column in words.items():
                named.setdefault(column, f"flags.{ours}.{word}")
        for table in ("where", "where_not"):
            for column in getattr(self, table):
                named.setdefault(column, table)
        return named

    def check_columns(self, existing: list[str], where: str) -> None:
        """Compare the columns that the recipe names with those that a table has.

        Raises
        ------
        SourceError
            If one does not exist; the nearest is named, and all that do.
        """
        for column, key in self.theirs().items():
            if column not in existing:
                listed = ", ".join(sorted(map(str, existing))) or "none"
                raise SourceError(
                    f"{where} has no column '{column}', which '{key}' in the recipe names"
                    f"{_nearest(column, existing)} (its columns are {listed})"
                )


def _fits(value: Value, kind: str) -> bool:
    if value == "" or (kind == "yes/no" and isinstance(value, bool)):
        return True
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return kind == "text" and isinstance(value, str)


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, [str(each) for each in known], n=1, cutoff=0.5)
    return f": did you mean '{near[0]}'?" if near else ""
