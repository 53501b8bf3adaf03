"""Parts of a fire at single places: ignitions and fire breaks."""

from typing import ClassVar

from pydantic import Field

from citytwin.hazards.places import Part, Point, Polyline, about


class Ignition(Part):
    """A fire that starts: in the building at the point, else in plants, else in the nearest building."""

    word: ClassVar[str] = "ignition"
    title: ClassVar[str] = "Ignition"
    title_zh: ClassVar[str] = "起火点"

    at: Point = Field(
        title="Where", description="Longitude and latitude",
        json_schema_extra=about("degrees", "位置"),
    )  # fmt: skip
    from_h: float = Field(
        0.0, ge=0, le=10_000, title="Starts", description="Hours after the start of the event",
        json_schema_extra=about("h", "起火时间"),
    )  # fmt: skip


class Break(Part):
    """A fire break: plants on it are cut and buildings in it are cleared before the fire."""

    word: ClassVar[str] = "fire break"
    title: ClassVar[str] = "Fire break"
    title_zh: ClassVar[str] = "隔离带"

    line: Polyline = Field(
        title="Line", description="Its middle, as points of longitude and latitude",
        json_schema_extra=about("degrees", "中线"),
    )  # fmt: skip
    width: float = Field(
        30.0, gt=0, le=1000, title="Width", description="From edge to edge",
        json_schema_extra=about("m", "宽度"),
    )  # fmt: skip
