"""A form for any pydantic model: its fields, read from its JSON schema, as widgets.

Nothing here knows a hazard: a new model appears in the form because it is registered.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import BaseModel, ValidationError

SKIPPED = ("kind", "type", "name", "description")


@dataclass(frozen=True)
class Field:
    """One field of a model, as a form asks for it.

    Attributes
    ----------
    name
        Name in the model.
    title, help
        Words for people.
    kind
        ``integer``, ``number``, ``boolean``, ``choice``, ``text`` or ``numbers``.
    unit
        Unit as text, empty if it has none.
    default
        Value before anyone changes it.
    low, high
        Bounds, or none.
    choices
        Values to choose from; empty for all kinds but ``choice``.
    optional
        Whether the field may be left empty.
    advanced
        Whether most people leave it as it is.
    """

    name: str
    title: str
    help: str
    kind: str
    unit: str = ""
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    optional: bool = False
    advanced: bool = False

    @property
    def label(self) -> str:
        """Title with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit not in ("", "1") else self.title


def fields_of(model: type[BaseModel], language: str = "en") -> list[Field]:
    """The fields of a model in their order.

    Parameters
    ----------
    model
        A pydantic model whose fields carry title, description, bounds and ``unit``.
    language
        ``en`` or ``zh``: the latter takes ``title_zh`` and ``description_zh`` where given.
    """
    schema = model.model_json_schema()
    shared = schema.get("$defs", {})
    found = []
    for name, raw in schema.get("properties", {}).items():
        if (name in SKIPPED and "const" in raw) or _is_nested(raw):
            continue
        found.append(_field(name, raw, shared, language))
    return found


def _field(name: str, raw: dict[str, Any], shared: dict[str, Any], language: str) -> Field:
    plain, optional = _plain(raw, shared)
    merged = {**plain, **{key: value for key, value in raw.items() if key != "anyOf"}}
    zh = language == "zh"
    title = (merged.get("title_zh") if zh else None) or merged.get("title") or name
    words = (merged.get("description_zh") if zh else None) or merged.get("description") or ""
    step = 1 if merged.get("type") == "integer" else 0
    low, high = merged.get("minimum"), merged.get("maximum")
    if "exclusiveMinimum" in merged:
        low = merged["exclusiveMinimum"] + (step or 1e-9)
    if "exclusiveMaximum" in merged:
        high = merged["exclusiveMaximum"] - (step or 1e-9)
    choices = tuple(merged.get("enum", ()))
    return Field(
        name=name,
        title=str(title),
        help=str(words),
        kind=_kind(merged),
        unit=str(merged.get("unit", "")),
        default=merged.get("default", choices[0] if choices else None),
        low=low,
        high=high,
        choices=choices,
        optional=optional,
        advanced=bool(merged.get("advanced", False)),
    )


def _is_nested(raw: dict[str, Any]) -> bool:
    """Whether a field holds tables of their own, which only a scenario's file can give."""
    kinds = [raw, raw.get("items", {}), *raw.get("anyOf", [])]
    return any("$ref" in kind or kind.get("type") == "object" for kind in kinds)


def _plain(raw: dict[str, Any], shared: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A field without references and without "or nothing", and whether it may be nothing."""
    if "$ref" in raw:
        return shared.get(str(raw["$ref"]).rsplit("/", 1)[-1], {}), False
    options = raw.get("anyOf", [])
    real = [option for option in options if option.get("type") != "null"]
    if not real:
        return raw, False
    return _plain(real[0], shared)[0], len(real) < len(options)


def _kind(raw: dict[str, Any]) -> str:
    if "enum" in raw:
        return "choice"
    if raw.get("type") == "array" and raw.get("items", {}).get("type") in ("number", "integer"):
        return "numbers"
    kind = raw.get("type", "string")
    return kind if kind in ("integer", "number", "boolean") else "text"


def ask(field: Field, key: str) -> Any:
    """Show the widget of a field and return what it holds.

    Parameters
    ----------
    field
        What to ask for.
    key
        Key of the widget in the session.
    """
    if field.kind == "boolean":
        return st.checkbox(field.label, bool(field.default), help=field.help or None, key=key)
    if field.kind == "choice":
        at = field.choices.index(field.default) if field.default in field.choices else 0
        return st.selectbox(field.label, field.choices, at, help=field.help or None, key=key)
    if field.kind in ("integer", "number"):
        return _ask_number(field, key)
    shown = field.default
    if field.kind == "numbers" and isinstance(shown, list | tuple):
        shown = ", ".join(f"{value:g}" for value in shown)
    text = st.text_input(field.label, str(shown or ""), help=field.help or None, key=key)
    return _numbers(text) if field.kind == "numbers" else text


def _ask_number(field: Field, key: str) -> Any:
    words: dict[str, Any] = {"help": field.help or None, "key": key}
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


def _numbers(text: str) -> list[Any]:
    """Numbers written with commas between them; what is no number is kept for the model to refuse."""
    parts = [part.strip() for part in text.replace("，", ",").replace(";", ",").split(",")]
    values: list[Any] = []
    for part in filter(None, parts):
        try:
            values.append(float(part))
        except ValueError:
            values.append(part)
    return values


def fill(model: type[BaseModel], values: dict[str, Any]) -> tuple[BaseModel | None, str]:
    """The model with its values, or none and one sentence that says what is wrong.

    Parameters
    ----------
    model
        The model.
    values
        Value of each field; nothing (none) leaves the default.
    """
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return model(**given), ""
    except ValidationError as error:
        return None, _sentence(model, error)


def _sentence(model: type[BaseModel], error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    titles = {field.name: field.label for field in fields_of(model)}
    place = f"{titles.get(name, name)}: " if name else ""
    text = first["msg"].removeprefix("Value error, ")
    return f"{place}{text[:1].lower()}{text[1:]}."
