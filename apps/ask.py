"""Widgets for the fields of a model."""

import hashlib
import re
from pathlib import Path
from typing import Any

import store
import streamlit as st
from form import Field, written

#: Choices with longer words than this take the whole width [letters].
_SHORT = 14
_CHINESE = 2  # times as wide as a Latin letter
#: Largest file that a visitor may hand in [MiB].
_LARGEST = 200


def ask_all(fields: list[Field], prefix: str) -> dict[str, Any]:
    """Show the widgets of fields, narrow ones side by side; returns what they hold by name.

    Parameters
    ----------
    fields
        What to ask for, in its order.
    prefix
        Of the keys of the widgets in the session: ``prefix:name``.
    """
    values: dict[str, Any] = {}
    waiting = list(fields)
    while waiting:
        pair = waiting[:2] if all(_is_narrow(field) for field in waiting[:2]) else waiting[:1]
        places = st.columns(2, vertical_alignment="bottom") if len(pair) > 1 else [st.container()]
        for place, field in zip(places, pair, strict=True):
            with place:
                values[field.name] = ask(field, f"{prefix}:{field.name}")
        waiting = waiting[len(pair) :]
    return values


def _is_narrow(field: Field) -> bool:
    if field.kind == "choice":
        return all(_width(words) <= _SHORT for _, words in field.choices)
    return field.kind in ("integer", "number")


def _width(words: str) -> int:
    return sum(_CHINESE if ord(letter) > 0x2E80 else 1 for letter in words)


def ask(field: Field, key: str) -> Any:
    """Show the widget of a field and return what it holds.

    Parameters
    ----------
    field
        What to ask for.
    key
        Key of the widget in the session.
    """
    words: dict[str, Any] = {"help": field.help or None, "key": key}
    if field.kind != "file":
        words["persist_state"] = "session"  # values stay when another panel is looked at
    if field.kind == "boolean":
        return st.checkbox(field.label, bool(field.default), **words)
    if field.kind == "choice":
        named = dict(field.choices)
        values = list(named)
        at = values.index(field.default) if field.default in values else 0
        return st.selectbox(field.label, values, at, format_func=named.__getitem__, **words)
    if field.kind in ("integer", "number"):
        return _ask_number(field, words)
    if field.kind == "file":
        given = st.file_uploader(field.label, max_upload_size=_LARGEST, **words)
        return field.default if given is None else str(keep_file(given.name, given.getvalue()))
    if field.kind not in ("numbers", "rows"):
        return st.text_input(field.label, str(field.default or ""), **words)
    hint = written(field.example) or None
    text = st.text_input(field.label, written(field.default), placeholder=hint, **words)
    found = numbers(text) if field.kind == "numbers" else rows(text)
    return found or (None if field.optional else [])


def _ask_number(field: Field, words: dict[str, Any]) -> Any:
    low, high, value = field.low, field.high, field.default
    if field.kind == "integer":
        whole: dict[str, Any] = {
            "min_value": None if low is None else int(low),
            "max_value": None if high is None else int(high),
            "value": None if value is None else int(value),
        }
        return st.number_input(field.label, step=1, **whole, **words)
    return st.number_input(
        field.label,
        min_value=None if low is None else float(low),
        max_value=None if high is None else float(high),
        value=None if value is None else float(value),
        step=_step(field),
        format="%.6g",
        **words,
    )


def _step(field: Field) -> float:
    """A step that suits the size of the value."""
    size = abs(field.default or field.high or 1.0)
    return 10.0 if size >= 100 else 1.0 if size >= 10 else 0.1 if size >= 0.5 else 0.01


def keep_file(name: str, data: bytes) -> Path:
    """Keep a file that a visitor handed in; returns where it lies, a place named by its content.

    Visitors hand in files and never name a path: the server's own files are none of their business.

    Parameters
    ----------
    name
        Of the file; only what stands behind its last slash counts.
    data
        Its content.
    """
    plain = name.replace("\\", "/").rsplit("/", 1)[-1].lstrip(".") or "file"
    path = store.workspace() / "uploads" / hashlib.sha256(data).hexdigest()[:16] / plain
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path


def rows(text: str) -> list[list[Any]]:
    """Rows of numbers with semicolons or new lines between them."""
    return [row for part in re.split("[;；\\n]", text) if (row := numbers(part))]


def numbers(text: str) -> list[Any]:
    """Numbers written with commas between them; what is no number is kept for the model to refuse."""
    parts = [part.strip() for part in re.split("[,，;；]", text)]
    values: list[Any] = []
    for part in filter(None, parts):
        try:
            values.append(float(part))
        except ValueError:
            values.append(part)
    return values
