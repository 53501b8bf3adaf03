"""The tables of a GTFS feed, from a zip file or a folder, as text."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import pandas as pd

from citytwin.errors import SourceError

#: Rows of a long table that are in memory at once.
CHUNK = 500_000


class Feed:
    """Tables of a feed by their names without ``.txt``.

    Parameters
    ----------
    place
        A zip file or a folder; in a zip the tables may lie in a folder of it.

    Raises
    ------
    SourceError
        If it is missing, broken, or holds no ``stops.txt``.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        if not place.exists():
            raise SourceError(f"the feed {place} does not exist: check 'path' in the recipe")
        self._members = self._found()
        if "stops" not in self._members:
            raise SourceError(
                f"{place} holds no stops.txt, so it is no GTFS feed: check 'path' in the recipe"
            )

    def _found(self) -> dict[str, str]:
        """Place of each table, by its name; the first of two counts."""
        if self.place.is_dir():
            return {path.stem: str(path) for path in sorted(self.place.glob("*.txt"))}
        try:
            with zipfile.ZipFile(self.place) as archive:
                names = sorted(archive.namelist(), key=lambda name: (name.count("/"), name))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise self._broken(error) from error
        tables: dict[str, str] = {}
        for name in names:
            if name.endswith(".txt"):
                tables.setdefault(PurePosixPath(name).stem, name)
        return tables

    def _broken(self, error: Exception) -> SourceError:
        reason = str(error).strip().splitlines()
        return SourceError(
            f"the feed {self.place} cannot be read: it is broken or cut short, "
            f"so get it again from its source ({reason[0] if reason else type(error).__name__})"
        )

    def has(self, name: str) -> bool:
        """Whether the feed has a table."""
        return name in self._members

    def table(
        self, name: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> pd.DataFrame:
        """Columns of a table, all as text; optional ones that do not exist are ``""``.

        Raises
        ------
        SourceError
            If the table or a needed column is missing, or the table is broken.
        """
        parts = list(self.chunks(name, needed, optional))
        return pd.concat(parts, ignore_index=True)

    def chunks(
        self, name: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> Iterator[pd.DataFrame]:
        """The same in pieces of :data:`CHUNK` rows, at least one."""
        if name not in self._members:
            raise SourceError(f"the feed {self.place} has no {name}.txt, which GTFS requires")
        try:
            with self._open(name) as file, warnings.catch_warnings():
                # Commas at the ends of lines are common.
                warnings.simplefilter("ignore", pd.errors.ParserWarning)
                reader = pd.read_csv(
                    file,
                    dtype=str,
                    index_col=False,
                    keep_default_na=False,
                    encoding="utf-8-sig",
                    skipinitialspace=True,
                    usecols=lambda column: column.strip() in (*needed, *optional),
                    chunksize=CHUNK,
                )
                for part in reader:
                    yield self._completed(part, name, needed, optional)
        except (
            ValueError,
            OSError,
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            RuntimeError,
        ) as error:
            if isinstance(error, SourceError):
                raise
            raise self._broken(error) from error

    def _open(self, name: str) -> IO[bytes]:
        if self.place.is_dir():
            return Path(self._members[name]).open("rb")
        with zipfile.ZipFile(self.place) as archive:
            return io.BytesIO(archive.read(self._members[name]))

    def _completed(
        self, part: pd.DataFrame, name: str, needed: tuple[str, ...], optional: tuple[str, ...]
    ) -> pd.DataFrame:
        part.columns = [str(column).strip() for column in part.columns]
        for column in needed:
            if column not in part.columns:
                raise SourceError(
                    f"{name}.txt of the feed {self.place} has no column '{column}', "
                    "which GTFS requires"
                )
        for column in optional:
            if column not in part.columns:
                part[column] = ""
        text = part[[*needed, *optional]].fillna("")
        return text.apply(lambda column: column.str.strip())
