"""Pydantic's complaints as one sentence for people."""

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


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
    place = [str(step) for step in problem["loc"]]
    field = prefix + ".".join(place)
    if problem["type"] == "extra_forbidden":
        return f"{where} has an unknown key '{field}': {_nearest(place, model)}"
    if problem["type"] == "missing":
        return f"{where} lacks the key '{field}': add it"
    reason = problem["msg"].removeprefix("Value error, ")
    given = problem.get("input")
    # Our own complaints say what is wrong with the value; pydantic's do not show it.
    plain = isinstance(given, str | int | float | bool) and problem["type"] != "value_error"
    shown = f", not {given!r}" if plain else ""
    subject = f"'{field}' of {where}" if place else where
    return f"{subject} is wrong: {reason[0].lower()}{reason[1:]}{shown}"


def _nearest(place: list[str], model: type[BaseModel]) -> str:
    """Advice for an unknown key: the nearest allowed one, else all of them."""
    owner = model
    for step in place[:-1]:
        if step in owner.model_fields:
            owner = _model_in(owner.model_fields[step].annotation) or owner
    allowed = list(owner.model_fields)
    near = difflib.get_close_matches(place[-1], allowed, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else f"allowed are {', '.join(allowed)}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation: itself, or the one that a list or an option of it holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
