"""What the typed parts of an event that lie at single places have in common."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def about(unit: str, zh: str, *, advanced: bool = False) -> dict[str, Any]:
    """What a field says beside its title: unit, Chinese title, and whether few people need it."""
    return {"unit": unit, "title_zh": zh, "advanced": advanced}


def tuples(value: Any) -> Any:
    """Lists, as TOML and JSON have them, as tuples, however deep."""
    if isinstance(value, list | tuple):
        return tuple(tuples(item) for item in value)
    return value


def _point(value: Any) -> Any:
    point = tuples(value)
    if not isinstance(point, tuple) or len(point) != 2 or not all(map(_is_number, point)):
        raise ValueError("a point is [longitude, latitude] in degrees: give two numbers")
    return point


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _points(least: int, word: str) -> Callable[[Any], Any]:
    """Validator of lists of points, at least so many of them different."""

    def read(value: Any) -> Any:
        if least == 1 and isinstance(value, list | tuple) and len(value) == 2:
            alone = all(map(_is_number, value))
            value = [value] if alone else value
        if not isinstance(value, list | tuple):
            raise ValueError(  # noqa: TRY004  (pydantic)
                f"{word} is a list of points [longitude, latitude]: give {least} or more"
            )
        points = tuple(_point(item) for item in value)
        if len(set(points)) < least:
            raise ValueError(f"{word} needs {least} points or more that differ: add some")
        return points

    return read


def _open(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Corners without the first one again at the end."""
    return points[:-1] if points[0] == points[-1] else points


_Lon = Annotated[float, Field(ge=-180, le=180)]
_Lat = Annotated[float, Field(ge=-90, le=90)]
#: Longitude and latitude [degrees].
Point = Annotated[tuple[_Lon, _Lat], BeforeValidator(_point)]
#: Points of a line, in order.
Polyline = Annotated[
    tuple[tuple[_Lon, _Lat], ...],
    Field(min_length=2, max_length=100_000),
    BeforeValidator(_points(2, "a line")),
]
#: Corners of an area, in order; it is closed by itself.
Ring = Annotated[
    tuple[tuple[_Lon, _Lat], ...],
    Field(min_length=3, max_length=100_000),
    BeforeValidator(_points(3, "an area")),
    AfterValidator(_open),
]
#: A point, which may stand alone, or the points of a line.
PointOrLine = Annotated[
    tuple[tuple[_Lon, _Lat], ...],
    Field(min_length=1, max_length=100_000),
    BeforeValidator(_points(1, "a place")),
]
#: Hours from and to, one pair for each time.
Times = Annotated[
    tuple[tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]], ...],
    BeforeValidator(tuples),
]


class Part(BaseModel):
    """Something that happens at a place; its fields are described as a hazard's are.

    Attributes
    ----------
    word
        What it is, as sentences name it.
    title, title_zh
        What people read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    word: ClassVar[str]
    title: ClassVar[str]
    title_zh: ClassVar[str]

    name: str = Field(
        min_length=1, max_length=80, title="Name", description="What people call it",
        json_schema_extra=about("", "名称"),
    )  # fmt: skip

    @property
    def what(self) -> str:
        """It, as a complaint names it."""
        return f"the {self.word} '{self.name}'"
