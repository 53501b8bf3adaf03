"""A lifeline as people write it into a recipe, and what is wrong with a list of them."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
)

from citytwin.hazards.places import Point
from citytwin.impact.lifelines.kinds import fragilities, kinds


def _alternatives(value: Any) -> Any:
    """Each need as its alternatives: a name alone is the only one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        return value
    return tuple((one,) if isinstance(one, str) else _several(one) for one in value)


def _several(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


#: Names that must all work; where an entry lists several, one of them is enough.
Needs = Annotated[
    tuple[Annotated[tuple[str, ...], Field(min_length=1)], ...],
    BeforeValidator(_alternatives),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}, "minItems": 1},
                ]
            },
        }
    ),
]


class Lifeline(BaseModel):
    """Something that a city runs on, and what it needs to run itself.

    Attributes
    ----------
    name, name_zh
        What people call it; others need it by ``name``.
    kind
        One of ``data/tables/lifelines.csv``.
    at
        Longitude and latitude [degrees].
    needs
        Names of lifelines that must all work; an entry that is a list wants one of its names only.
    backup_h
        How long it goes on without what it needs [h].
    fails_from_m
        Depth of water from which on it is out of service [m]; that of its kind if left out.
    hazus_class
        Row of ``data/tables/lifeline_fragility.csv``; that of its kind if left out.
    assumed
        Whether somebody made it up, or its place or needs: then every result says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=80, description="What people call it")
    name_zh: str = Field("", max_length=80, description="The same in Chinese")
    kind: str = Field(description="Its kind, of data/tables/lifelines.csv")
    at: Point = Field(description="Longitude and latitude [degrees]")
    needs: Needs = Field(
        (),
        description="Lifelines that must all work for it to work; where an entry is itself a list, one "
        "of its names is enough",
    )
    backup_h: float = Field(
        0.0, ge=0, le=10_000, description="How long it goes on without what it needs [h]"
    )
    fails_from_m: float | None = Field(
        None, gt=0, le=50, description="Depth of water from which on it is out of service [m]"
    )
    hazus_class: str = Field(
        "", description="Class of data/tables/lifeline_fragility.csv; that of its kind if left out"
    )
    assumed: bool = Field(
        default=False,
        description="True where it, its place or its needs were made up: results say so",
    )

    @field_validator("kind")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in kinds():
            raise ValueError(
                f"'{value}' is no kind of lifeline: choose one of {', '.join(kinds())}"
            )
        return value

    @field_validator("hazus_class")
    @classmethod
    def _has_curves(cls, value: str) -> str:
        if value and value not in fragilities():
            raise ValueError(
                f"'{value}' has no fragility: choose one of {', '.join(fragilities())}"
            )
        return value


def refuse_faulty(lifelines: Sequence[Lifeline]) -> None:
    """Refuse lifelines that have one name, or need what is not there.

    Raises
    ------
    ValueError
        That names the first.
    """
    names: set[str] = set()
    for one in lifelines:
        if one.name in names:
            raise ValueError(f"two lifelines are called '{one.name}': rename one of them")
        names.add(one.name)
    for one in lifelines:
        for name in (name for entry in one.needs for name in entry):
            if name == one.name:
                raise ValueError(f"the lifeline '{name}' needs itself: take it out of its needs")
            if name not in names:
                raise ValueError(
                    f"the lifeline '{one.name}' needs '{name}', which no lifeline is called: add it, "
                    f"or choose from {', '.join(sorted(names))}"
                )
