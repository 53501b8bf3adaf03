"""The fields of any pydantic model, read from its JSON schema, and the model filled with values.

Nothing here knows a hazard: a new model appears in the form because it is registered.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from field_texts import about, choice
from pydantic import BaseModel, ValidationError
from said import say
from texts import unit_words

SKIPPED = ("kind", "type", "name", "description")
#: Ending of the names of text fields that hold the path of a file.
FILE = "_file"


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
        ``integer``, ``number``, ``boolean``, ``choice``, ``text``, ``file``, ``numbers`` (also the two
        of a point) or ``rows`` of numbers.
    unit
        Unit as text, empty if it has none.
    default
        Value before anyone changes it.
    low, high
        Bounds, or none.
    choices
        Values to choose from with their words; empty for all kinds but ``choice``.
    optional
        Whether the field may be left empty.
    advanced
        Whether most people leave it as it is.
    example
        A value, where the model gives one.
    """

    name: str
    title: str
    help: str
    kind: str
    unit: str = ""
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[tuple[Any, str], ...] = ()
    optional: bool = False
    advanced: bool = False
    example: Any = None

    @property
    def label(self) -> str:
        """Title with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit not in ("", "1") else self.title

    def shown(self, value: Any) -> str:
        """A value of it in a few words."""
        if self.kind == "choice":
            words = dict(self.choices).get(value, str(value))
            return re.split(r"[:：,，(（]", words)[0].strip()
        if self.kind in ("integer", "number") and value is not None:
            bare = self.unit in ("", "1")
            gap = "" if self.unit in ("°", "%") else " "
            return f"{self.title} {value:g}" if bare else f"{value:g}{gap}{self.unit}"
        if self.kind in ("numbers", "rows"):
            return f"{self.title} {written(value)}"
        if self.kind == "file":
            return str(value).replace("\\", "/").rsplit("/", 1)[-1]
        return self.title if value is True else str(value)


def fields_of(model: type[BaseModel], language: str = "en") -> list[Field]:
    """The fields of a model in their order, but those that hold tables of their own.

    Parameters
    ----------
    model
        A pydantic model whose fields carry title, description, bounds and ``unit``.
    language
        ``en`` or ``zh``: the latter takes ``title_zh`` where given.
    """
    shared = model.model_json_schema().get("$defs", {})
    return [
        _field(model, name, raw, shared, language)
        for name, raw in _properties(model)
        if not _is_nested(raw)
    ]


def nested_titles(model: type[BaseModel], language: str = "en") -> dict[str, str]:
    """Titles of the fields that hold tables of their own, which only a scenario's file can give."""
    return {
        name: _title(name, raw, language) for name, raw in _properties(model) if _is_nested(raw)
    }


def _properties(model: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, raw in model.model_json_schema().get("properties", {}).items():
        if not (name in SKIPPED and "const" in raw):
            yield name, raw


def _is_nested(raw: dict[str, Any]) -> bool:
    """Whether a field holds tables of their own, which only a scenario's file can give."""
    kinds = [raw, raw.get("items", {}), *raw.get("anyOf", [])]
    return any("$ref" in kind or kind.get("type") == "object" for kind in kinds)


def _title(name: str, raw: dict[str, Any], language: str) -> str:
    chinese = raw.get("title_zh") if language == "zh" else None
    return str(chinese or raw.get("title") or name)


def _field(
    model: type[BaseModel], name: str, raw: dict[str, Any], shared: dict[str, Any], language: str
) -> Field:
    plain, optional = _plain(raw, shared)
    merged = {**plain, **{key: value for key, value in raw.items() if key != "anyOf"}}
    step = 1 if merged.get("type") == "integer" else 0
    low, high = merged.get("minimum"), merged.get("maximum")
    if "exclusiveMinimum" in merged:
        low = merged["exclusiveMinimum"] + (step or 1e-9)
    if "exclusiveMaximum" in merged:
        high = merged["exclusiveMaximum"] - (step or 1e-9)
    choices = tuple(merged.get("enum", ()))
    key = f"{getattr(model, 'name', model.__name__)}.{name}"
    return Field(
        name=name,
        title=_title(name, merged, language),
        help=about(key, str(merged.get("description") or ""), language),
        kind=_kind(name, merged),
        unit=unit_words(str(merged.get("unit", "")), language),
        default=merged.get("default", choices[0] if choices else None),
        low=low,
        high=high,
        choices=tuple((value, choice(key, value, language)) for value in choices),
        optional=optional,
        advanced=bool(merged.get("advanced", False)),
        example=next(iter(merged.get("examples", ())), None),
    )


def _plain(raw: dict[str, Any], shared: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A field without references and without "or nothing", and whether it may be nothing."""
    if "$ref" in raw:
        return shared.get(str(raw["$ref"]).rsplit("/", 1)[-1], {}), False
    options = raw.get("anyOf", [])
    real = [option for option in options if option.get("type") != "null"]
    if not real:
        return raw, False
    return _plain(real[0], shared)[0], len(real) < len(options)


def _kind(name: str, raw: dict[str, Any]) -> str:
    if "enum" in raw:
        return "choice"
    if _holds_numbers(raw):
        return "numbers"
    if raw.get("type") == "array" and _holds_numbers(raw.get("items", {})):
        return "rows"
    kind = raw.get("type", "string")
    if kind == "string" and name.endswith(FILE):
        return "file"
    return kind if kind in ("integer", "number", "boolean") else "text"


def _holds_numbers(raw: dict[str, Any]) -> bool:
    """Whether a field is a list of numbers, of any length or one by one."""
    parts = raw.get("prefixItems") or [raw.get("items", {})]
    return raw.get("type") == "array" and all(
        part.get("type") in ("number", "integer") for part in parts
    )


def written(value: Any) -> str:
    """Numbers with commas between them, rows of them with semicolons between; empty for nothing."""
    if isinstance(value, list | tuple):
        rows = any(isinstance(part, list | tuple) for part in value)
        return ("; " if rows else ", ").join(written(part) for part in value)
    return "" if value is None else f"{value:g}"


def fill(
    model: type[BaseModel], values: dict[str, Any], language: str = "en"
) -> tuple[BaseModel | None, str]:
    """The model with its values, or none and one sentence that says what is wrong.

    Parameters
    ----------
    model
        The model.
    values
        Value of each field; nothing (none) leaves the default.
    language
        Of the sentence.
    """
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return model(**given), ""
    except ValidationError as error:
        return None, _sentence(model, error, language)


def _sentence(model: type[BaseModel], error: ValidationError, language: str) -> str:
    first = error.errors()[0]
    text = _of_numbers(first) or first["msg"].removeprefix("Value error, ")
    text = say(f"{text[:1].lower()}{text[1:]}", language)
    titles = {field.name: field for field in fields_of(model, language)}
    for name, field in titles.items():
        text = _named(text, name, field)
    place = str(first["loc"][0]) if first["loc"] else ""
    if not place:
        return f"{text[:1].upper()}{text[1:]}." if language != "zh" else f"{text}。"
    before = titles[place].label if place in titles else place
    return f"{before}：{text}。" if language == "zh" else f"{before}: {text}."


def _of_numbers(problem: Any) -> str:
    """What is wrong with a list of numbers, where pydantic speaks of tuples; empty for anything else."""
    kind, place = problem["type"], problem["loc"]
    if kind == "missing" and len(place) > 1:
        return "a row lacks a number"
    if kind == "tuple_type":
        return "numbers with commas between them, rows with semicolons"
    ends = {"too_long": ("at most", "max_length"), "too_short": ("at least", "min_length")}
    if kind not in ends or not isinstance(problem["input"], list | tuple):
        return ""
    words, limit = ends[kind]
    return f"{words} {problem['ctx'][limit]} numbers, not {problem['ctx']['actual_length']}"


def _named(text: str, name: str, field: Field) -> str:
    """A sentence that calls a field by its title, where it called it by its name."""
    quoted = re.sub(rf"['“]{name}['”]", f"“{field.title}”", text)
    # A name with a line in it is no English word; another one may be, so it counts in front only.
    place = rf"\b{name}\b" if "_" in name else rf"^{name}\b"
    titled = re.sub(place, f"“{field.title}”", quoted)
    for value, words in field.choices:
        if value:
            titled = re.sub(rf"['“]{re.escape(str(value))}['”]", f"“{words}”", titled)
    return titled
