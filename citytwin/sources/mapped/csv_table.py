"""Tables of delimited text, every value as text, whatever the delimiter and the encoding."""

import csv
import io
import warnings
from pathlib import Path

import pandas as pd

from citytwin.errors import SourceError

#: Delimiters that are tried; the one that splits the first line into most columns is taken.
DELIMITERS = (",", ";", "\t", "|")


def read_csv(path: Path, encoding: str = "", delimiter: str = "") -> pd.DataFrame:
    """Read a table of text; what is not there is ``""``.

    Parameters
    ----------
    path
        The file.
    encoding
        Of the text, for example ``gb18030`` or ``shift_jis``; UTF-8, with or without a mark, if
        ``""``.
    delimiter
        Between columns; found from the first line if ``""``.

    Raises
    ------
    SourceError
        If the file is missing, in another encoding, without a header, or ragged.
    """
    where = f"the file {path}"
    text = _text(path, encoding, where)
    if not text.strip():
        raise SourceError(f"{where} is empty: it needs a first line with names of columns")
    sign = delimiter or _delimiter(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.StringIO(text),
                sep=sign,
                dtype=str,
                index_col=False,
                keep_default_na=False,
                skipinitialspace=True,
            )
    except (ValueError, csv.Error, OverflowError, pd.errors.ParserWarning) as error:
        raise SourceError(
            f"{where} is no table of text with '{sign}' between its columns: "
            f"mend it, or give 'delimiter' in the recipe ({str(error).strip().splitlines()[0]})"
        ) from error
    names = [str(name).strip() for name in table.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SourceError(f"{where} has two columns called '{twice}': rename one of them")
    table.columns = names
    return table.fillna("").reset_index(drop=True)


def _text(path: Path, encoding: str, where: str) -> str:
    try:
        return path.read_bytes().decode(encoding or "utf-8-sig")
    except OSError as error:
        raise SourceError(
            f"{where} cannot be read: check 'path' in the recipe ({error.strerror})"
        ) from error
    except (UnicodeError, LookupError) as error:
        raise SourceError(
            f"{where} is not text in {encoding or 'UTF-8'}: "
            "give its 'encoding' in the recipe, for example gb18030, shift_jis or cp1252"
        ) from error


def _delimiter(text: str) -> str:
    first = next(line for line in text.splitlines() if line.strip())
    counts = {}
    for sign in DELIMITERS:
        try:
            counts[sign] = len(next(csv.reader([first], delimiter=sign)))
        except (csv.Error, StopIteration):
            counts[sign] = 0
    return max(DELIMITERS, key=lambda sign: counts[sign])
