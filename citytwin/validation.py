"""Pydantic's complaints as one sentence for people."""

import difflib
from collections.abc import Iterable

from pydantic import ValidationError


def sentence(error: ValidationError, known: Iterable[str] = ()) -> str:
    """First complaint: the field, what is wrong, and the nearest known name if it is a wrong one.

    Parameters
    ----------
    error
        What pydantic raised.
    known
        Names that the table may hold, to suggest one for a misspelt key.
    """
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the table"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), list(known), n=1)
        hint = f": did you mean '{near[0]}'?" if near else f": it may hold {', '.join(known)}"
        return f"'{field}' is not a known key{hint}"
    if first["type"] == "missing":
        return f"'{field}' is missing: add it"
    message = first["msg"].removeprefix("Value error, ")
    given = first.get("input")
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"'{field}': {message[:1].lower()}{message[1:]}{shown}"
