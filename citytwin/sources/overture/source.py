"""One dated release of Overture Maps: GeoParquet from a folder, or over HTTP or S3."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Reading, Source
from citytwin.sources.mapped.mapped_reading import joined
from citytwin.sources.overture.layers import COLUMNS, MAKERS
from citytwin.sources.overture.reading import Place, read_rows
from citytwin.sources.overture.words import THEMES, TYPES


@sources.register
class Overture(Source):
    """A release of Overture Maps, as it is published: ``theme=…/type=…/*.parquet``.

    ``path`` is a folder of a release, or ``url`` its address, where ``{release}`` stands for the
    release: ``s3://overturemaps-us-west-2/release/{release}``, or any ``https://…`` with the same
    folders; a server of files cannot be asked what it has, so there ``parts`` names the files. Only
    what meets the box is read, even over the network.
    """

    name: ClassVar[str] = "overture"

    release: str = Field(
        pattern=r"^\d{4}-\d{2}-\d{2}(-[a-z]+)?\.\d+$",
        description="Release, for example 2026-10-21.0",
    )
    parts: dict[str, tuple[str, ...]] = Field(
        default={},
        description="For each feature type its files below the address; needed for http and https",
    )
    region: str = Field(default="us-west-2", description="Region of the S3 bucket")

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.path == Path() and not self.url:
            raise ValueError("either 'path' or 'url' must say where the release is")
        for kind in self.parts:
            if kind not in THEMES:
                raise ValueError(
                    f"'parts' names '{kind}', which is none of {', '.join(sorted(THEMES))}"
                )
        if self.streams() and self.url.startswith("http") and not self.parts:
            raise ValueError("over http the files must be named in 'parts'")
        for layer in self.layers:
            if layer not in TYPES:
                raise ValueError(
                    f"'layers' names '{layer}', which is none of {', '.join(sorted(TYPES))}"
                )
        return self

    def streams(self) -> bool:
        """Whether the release is read over the network."""
        return bool(self.url) and self.path == Path()

    def files(self, folder: Path) -> list[Path]:
        """The Parquet files that are read; none where they are read over the network."""
        if self.streams():
            return []
        found = [path for kind in self._types() for path in self._local(folder, kind)]
        return sorted(found) or [self._root(folder)]

    def read(self, folder: Path, box: Box) -> Reading:
        """Read what meets the box; see :class:`Source`."""
        readings: list[Reading] = []
        missing: list[str] = []
        for kind in self._types():
            place = self._place_of(folder, kind)
            if place is None:
                missing.append(kind)
                continue
            shapes, rows = read_rows(place, box, COLUMNS[kind])
            layers = {
                name: table
                for name, table in MAKERS[kind](shapes, rows).items()
                if not self.layers or name in self.layers
            }
            readings.append(Reading(layers, remarks=[f"{len(rows)} features of type {kind}"]))
        if not readings:
            raise SourceError(
                f"{self._root(folder)} holds no folder theme=…/type=… with Parquet files: "
                "check 'path' and 'release' in the recipe"
            )
        whole = joined(readings)
        absent = [f"the release has no {', '.join(missing)}"] if missing else []
        return Reading(whole.layers, remarks=whole.remarks + absent, date=self.release[:10])

    def _types(self) -> list[str]:
        """Feature types that the wanted layers come from."""
        wanted = self.layers or tuple(TYPES)
        return list(dict.fromkeys(kind for layer in wanted for kind in TYPES[layer]))

    def _root(self, folder: Path) -> Path:
        return Path(str(self.place(folder)).replace("{release}", self.release))

    def _local(self, folder: Path, kind: str) -> list[Path]:
        place = self._root(folder) / f"theme={THEMES[kind]}" / f"type={kind}"
        return sorted(path for path in place.glob("*") if path.suffix in {".parquet", ".zstd"})

    def _place_of(self, folder: Path, kind: str) -> Place | None:
        """Files of one feature type, if the release has it."""
        if not self.streams():
            files = tuple(str(path) for path in self._local(folder, kind))
            return Place(files, remote=False) if files else None
        root = self.url.replace("{release}", self.release).rstrip("/")
        if self.parts:
            named = tuple(f"{root}/{part}" for part in self.parts.get(kind, ()))
            return Place(named, remote=True, region=self.region) if named else None
        pattern = f"{root}/theme={THEMES[kind]}/type={kind}/*"
        return Place((pattern,), remote=True, region=self.region)
