"""Pydantic's complaints as one sentence for people."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

#: Most letters of a wrong value that are shown.
_LONGEST = 80
#: What pydantic calls things, and what they are called in a file.
_WORDS = (
    ("a valid tuple", "a list"),
    ("tuple should", "list should"),
    (" after validation", ""),
    ("a valid dictionary or object to extract fields from", "a table"),
    ("a valid dictionary", "a table"),
    ("dictionary should", "table should"),
)
_INSTANCE = " or instance of "


def sentence(error: ValidationError, model: type[BaseModel], where: str, prefix: str = "") -> str:
    """First complaint: the file, the field, and the remedy.

    Parameters
    ----------
    error
        What pydantic raised.
    model
        Model that was checked; its fields are suggested for a misspelt key.
    where
        File or place, for example ``the recipe city.toml``.
    prefix
        Table in which the fields stand, for example ``hazard.``.
    """
    problems = error.errors(include_url=False)
    # A misspelt key is also a missing one: name the key that stands there.
    unknown = [problem for problem in problems if problem["type"] == "extra_forbidden"]
    problem: Any = (unknown or problems)[0]
    place, owner = _walked([str(step) for step in problem["loc"]], model)
    field = prefix + ".".join(place)
    if problem["type"] == "extra_forbidden":
        return f"{where} has an unknown key '{field}': {_nearest(place[-1], owner)}"
    if problem["type"] == "missing":
        return f"{where} lacks the key '{field}': add it"
    if problem["type"] == "union_tag_not_found":
        return f"{where} lacks the key '{field}.{_told(problem, 'discriminator')}': add it"
    if problem["type"] == "union_tag_invalid":
        kinds, given = _told(problem, "expected_tags").replace("'", ""), _told(problem, "tag")
        field = f"{field}.{_told(problem, 'discriminator')}"
        return f"'{field}' of {where} is wrong: choose one of {kinds}, not '{given}'"
    given = problem.get("input")
    # Our own complaints say what is wrong with the value; pydantic's do not show it.
    plain = isinstance(given, str | int | float | bool) and problem["type"] != "value_error"
    shown = f", not {_shortened(given)}" if plain else ""
    subject = f"'{field}' of {where}" if place else where
    return f"{subject} is wrong: {_reason(problem, place, owner)}{shown}"


def _told(problem: Any, what: str) -> str:
    """What pydantic knows of a complaint."""
    return str(problem["ctx"][what]).strip("'")


def _reason(problem: Any, place: Sequence[str], owner: type[BaseModel]) -> str:
    """What is wrong with a value, in words of the file, not of Python."""
    known = owner.model_fields.get(place[-1]) if place else None
    if problem["type"] == "string_pattern_mismatch" and known and known.description:
        return f"it must be of the form {_told(problem, 'pattern')} ({known.description})"
    reason = problem["msg"].removeprefix("Value error, ")
    reason = f"{reason[0].lower()}{reason[1:]}".partition(_INSTANCE)[0]
    for theirs, ours in _WORDS:
        reason = reason.replace(theirs, ours)
    return str(reason)


def _shortened(given: Any) -> str:
    """A value as it stands in a file, cut off where it is long."""
    text = repr(given)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _walked(place: list[str], model: type[BaseModel]) -> tuple[list[str], type[BaseModel]]:
    """A place as it stands in the file, and the model that its last key belongs to.

    Pydantic names the kind of a part, such as ``lognormal``, as a step of the way; no file has it.
    """
    found: list[str] = []
    owner, kinds = model, dict[str, type[BaseModel]]()
    for step in place:
        if step in kinds:
            owner, kinds = kinds[step], {}
            continue
        found.append(step)
        if step in owner.model_fields and step != place[-1]:
            inside = list(_models_in(owner.model_fields[step].annotation))
            kinds = {kind: one for one in inside for kind in _kinds_of(one)}
            owner = inside[0] if inside else owner
    return found, owner


def _nearest(key: str, owner: type[BaseModel]) -> str:
    """Advice for an unknown key: the nearest allowed one, else all of them."""
    allowed = list(owner.model_fields)
    near = difflib.get_close_matches(key, allowed, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else f"allowed are {', '.join(allowed)}"


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation: itself, or those that a list, a choice or an option of it holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _kinds_of(model: type[BaseModel]) -> Iterator[str]:
    """Words by which one of several models is chosen."""
    for field in model.model_fields.values():
        if get_origin(field.annotation) is Literal:
            yield from (str(one) for one in get_args(field.annotation))
