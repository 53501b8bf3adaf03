"""What of a scenario or a chain can vary: its numbers by name, and the same with other values."""

from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from citytwin.errors import ScenarioError
from citytwin.hazards.base import HazardModel
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain, Step, is_chain
from citytwin.validation import sentence

_Model = TypeVar("_Model", bound=BaseModel)
#: Parameter of a chain: seed of what is random between its steps.
SEED = "seed"


def source_of(
    table: dict[str, Any], where: str = "the scenario", folder: Path | None = None
) -> Scenario | Chain:
    """A scenario or a chain from plain values."""
    if is_chain(table):
        return Chain.from_table(table, where, folder)
    return Scenario.from_table(table, where, folder)


def numbers_of(source: Scenario | Chain) -> dict[str, bool]:
    """Names of the numbers that can vary, and whether they are whole.

    A number of a part has the name of its list and its place there before its own:
    ``shores.0.mean_level``; in a chain the name of the step comes first.
    """
    if isinstance(source, Scenario):
        return _numbers_in(source.hazard)
    found = {SEED: True}
    for step in source.steps:
        own = _numbers_in(step.scenario.hazard)
        found |= {f"{step.name}.{name}": whole for name, whole in own.items()}
    return found


def _numbers_in(model: BaseModel) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for name, field in type(model).model_fields.items():
        kind = _plain(field.annotation)
        value = getattr(model, name)
        if kind in (int, float):
            found[name] = kind is int
        elif isinstance(value, BaseModel):
            found |= {f"{name}.{own}": whole for own, whole in _numbers_in(value).items()}
        elif isinstance(value, tuple):
            for at, part in enumerate(value):
                if isinstance(part, BaseModel):
                    own = _numbers_in(part)
                    found |= {f"{name}.{at}.{inner}": whole for inner, whole in own.items()}
    return found


def _plain(annotation: Any) -> Any:
    """The type of a field that may also be left out."""
    if get_origin(annotation) in (Union, UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        return rest[0] if len(rest) == 1 else None
    return annotation


def changed(source: Scenario | Chain, values: dict[str, Any], where: str) -> Scenario | Chain:
    """A scenario or a chain with some of its numbers changed.

    A step of a chain that repeats the one that it is after still does so, unless it has values of its
    own.

    Raises
    ------
    ScenarioError
        If a value lies outside the bounds of its field.
    """
    if isinstance(source, Scenario):
        hazard = _with(source.hazard, values, where, "hazard.")
        return source.model_copy(update={"hazard": hazard})
    own_names = {name.partition(".")[0] for name in values} - {SEED}
    for name in own_names - {step.name for step in source.steps}:
        raise ScenarioError(
            f"'{name}' in the parameters of {where} is no step: it has "
            f"{', '.join(step.name for step in source.steps)}"
        )
    hazards: dict[str, HazardModel] = {}
    for step in source.steps:
        own = _under(values, step.name)
        if not own and step.after and step.repeats(source.before(step)):
            hazards[step.name] = hazards[step.after]
            continue
        hazard = step.scenario.hazard
        hazards[step.name] = _with(hazard, own, f"step '{step.name}' of {where}", "hazard.")
    steps = tuple(_happening(step, hazards[step.name]) for step in source.steps)
    seed = values.get(SEED, source.seed)
    return source.model_copy(update={"steps": steps, "seed": seed})


def _happening(step: Step, hazard: HazardModel) -> Step:
    """A step with another event."""
    scenario = step.scenario.model_copy(update={"hazard": hazard})
    return step.model_copy(update={"scenario": scenario})


def _under(values: dict[str, Any], name: str) -> dict[str, Any]:
    """Values whose names begin with a name and a point, without them."""
    before = f"{name}."
    return {
        key.removeprefix(before): value for key, value in values.items() if key.startswith(before)
    }


def _with(model: _Model, values: dict[str, Any], where: str, prefix: str) -> _Model:
    """A model with some of its fields, and of its parts' fields, changed and checked again."""
    if not values:
        return model
    kind = type(model)
    known: dict[str, Any] = {name: getattr(model, name) for name in kind.model_fields}
    parts = {f"{name}." for name, value in known.items() if isinstance(value, BaseModel)}
    for name, value in known.items():
        if isinstance(value, BaseModel):
            known[name] = _with(value, _under(values, name), where, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            known[name], own = _with_parts(value, _under(values, name), where, f"{prefix}{name}.")
            parts |= {f"{name}.{at}." for at in own}
    # What belongs to no part is left for the model to accept or to complain about.
    plain = {
        name: value
        for name, value in values.items()
        if not any(name.startswith(part) for part in parts)
    }
    try:
        return kind.model_validate({**known, **plain})
    except ValidationError as error:
        raise ScenarioError(sentence(error, kind, where, prefix)) from error


def _with_parts(
    parts: tuple[Any, ...], values: dict[str, Any], where: str, prefix: str
) -> tuple[tuple[Any, ...], list[int]]:
    """Parts of a list with some of their fields changed, and the places of those that have fields."""
    own = [at for at, part in enumerate(parts) if isinstance(part, BaseModel)]
    return tuple(
        _with(part, _under(values, str(at)), where, f"{prefix}{at}.") if at in own else part
        for at, part in enumerate(parts)
    ), own
