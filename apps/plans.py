"""What is uncertain in an event or a chain: which numbers vary, and how, before anyone chose."""

import re
from dataclasses import dataclass, replace
from typing import Any

from drafts import Draft, title_of
from form import Field
from pydantic import ValidationError
from ready import ready
from said import say
from texts import translate

from citytwin.ensemble.distributions import AnyDistribution
from citytwin.ensemble.plan import Plan
from citytwin.ensemble.varying import numbers_of
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain

SEED = "seed"
#: Distributions that a visitor chooses from, and the numbers that each asks for.
ASKED = {
    "uniform": ("low", "high"),
    "normal": ("mean", "deviation"),
    "lognormal": ("median", "sigma"),
    "triangular": ("low", "likeliest", "high"),
}
#: How far a number spreads where nobody says: share of its value, and of the logarithm.
_SPREAD, _SIGMA = 0.25, 0.3


@dataclass(frozen=True)
class Number:
    """A number of what happens that can vary.

    Attributes
    ----------
    name
        As a plan calls it: ``step.field`` in a chain.
    label
        As people call it.
    field
        As the form asks for it; none for the seed of a chain.
    value
        As best known.
    """

    name: str
    label: str
    field: Field | None
    value: float

    @property
    def drawn(self) -> bool:
        """Whether it is the seed of what is random, which has no size."""
        return self.name.rpartition(".")[2] == SEED


def numbers(draft: Draft, source: Scenario | Chain, language: str) -> dict[str, Number]:
    """Numbers of a draft that can vary and that its form asks for, everyday ones first."""
    known = numbers_of(source)
    several = isinstance(source, Chain)
    colon = "：" if language == "zh" else ": "
    found: list[Number] = []
    for step in draft.steps:
        if step.repeats:
            continue  # it is the same event: what varies in that varies in both
        event = _event(source, step.name)
        title = title_of(draft, step.name, language)
        for field in step.fields(language):
            name = f"{step.name}.{field.name}" if several else field.name
            value = getattr(event, field.name)
            if name not in known or (value is None and field.name != SEED):
                continue
            label = f"{title}{colon}{field.label}" if several else field.label
            found.append(Number(name, label, replace(field, default=value), float(value or 0.0)))
    if several:
        found.append(Number(SEED, translate("sure.between", language), None, 0.0))
    found.sort(key=lambda one: one.field is not None and one.field.advanced)
    return {one.name: one for one in found}


def _event(source: Scenario | Chain, name: str) -> Any:
    if isinstance(source, Scenario):
        return source.hazard
    return next(step.scenario.hazard for step in source.steps if step.name == name)


def known_plan(draft: Draft) -> Plan | None:
    """The plan of the draft's own file; else of ready-made scenarios with the same hazards, if any."""
    if draft.ready is not None and draft.ready.plan is not None:
        own = {step.name: step.name for step in draft.steps}
        single = isinstance(draft.ready.source, Scenario)
        return _fitting(draft.ready.plan, {"": draft.steps[0].name} if single else own, draft)
    for one in ready().values():
        if one.plan is None or one.own or one.source is None:
            continue
        names = _names_alike(draft, one.source)
        found = _fitting(one.plan, names, draft) if names else None
        if found is not None:
            return found.model_copy(update={"rate_per_year": None, "quantity": "", "above": None})
    return None


def _names_alike(draft: Draft, source: Scenario | Chain) -> dict[str, str]:
    """Names of steps of a source (empty for a single event), and the draft's step of the same hazard."""
    events = (
        {step.name: step.scenario.hazard.name for step in source.steps}
        if isinstance(source, Chain)
        else {"": source.hazard.name}
    )
    own = {step.model.name: step.name for step in reversed(draft.steps)}
    return {name: own[hazard] for name, hazard in events.items() if hazard in own}


def _fitting(plan: Plan, names: dict[str, str], draft: Draft) -> Plan | None:
    """A plan with the draft's names for its numbers, without those that the draft does not have."""
    called = {one.field: _called(one.field, names, draft) for one in plan.parameters}
    kept = [
        one.model_copy(update={"field": called[one.field]})
        for one in plan.parameters
        if called[one.field]
    ]
    if not kept:
        return None
    fixed = {_called(name, names, draft): value for name, value in plan.fixed.items()}
    pairs = [
        (called[first], called[second], value)
        for first, second, value in plan.correlations
        if called[first] and called[second]
    ]
    changes = {"parameters": tuple(kept), "correlations": tuple(pairs)}
    return plan.model_copy(
        update={**changes, "fixed": {k: v for k, v in fixed.items() if k}, "sensitivity": False}
    )


def _called(name: str, names: dict[str, str], draft: Draft) -> str:
    """A plan's name of a number as the draft calls it; empty if the draft does not have it."""
    several = len(draft.steps) > 1
    if "" in names:
        return f"{names['']}.{name}" if several else name
    step, point, field = name.partition(".")
    if not point:
        return name if several and name == SEED else ""
    if step not in names or all(one.name != names[step] for one in draft.steps):
        return ""
    return f"{names[step]}.{field}" if several else field


def spread(number: Number, kind: str, given: AnyDistribution | None) -> dict[str, float]:
    """Numbers of a distribution: those of the plan that is known, or round the value as best known.

    Parameters
    ----------
    number
        What varies.
    kind
        Name of the distribution.
    given
        How it varies by a plan; none without one.
    """
    if given is not None and given.distribution == kind:
        return {name: float(getattr(given, name)) for name in ASKED[kind]}
    value = number.value
    reach = abs(value) * _SPREAD or _size(number) * _SPREAD
    low, high = _within(number, value - reach), _within(number, value + reach)
    return {
        "uniform": {"low": low, "high": high},
        "normal": {"mean": value, "deviation": _round(0.5 * reach)},
        "lognormal": {"median": value if value > 0.0 else reach, "sigma": _SIGMA},
        "triangular": {"low": low, "likeliest": value, "high": high},
    }[kind]


def _size(number: Number) -> float:
    high = number.field.high if number.field is not None else None
    return min(float(high), 1.0) if high else 1.0


def _within(number: Number, value: float) -> float:
    """A round value that the field allows."""
    field, found = number.field, _round(value)
    if field is not None and field.low is not None:
        found = max(found, float(field.low))
    if field is not None and field.high is not None:
        found = min(found, float(field.high))
    return found


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def parameter(
    number: Number, kind: str, values: dict[str, float], given: AnyDistribution | None
) -> dict[str, Any]:
    """A parameter of a plan as plain values; a normal one is cut off where its field ends."""
    if given is not None and given.distribution == kind and kind not in ASKED:
        return given.model_dump(mode="json")
    found: dict[str, Any] = {"field": number.name, "distribution": kind, **values}
    if kind == "normal":
        same = given is not None and given.distribution == kind
        ends = given if same else number.field
        found |= {name: getattr(ends, name, None) for name in ("low", "high")}
    return found


def plan_of(
    parameters: list[dict[str, Any]], members: int, known: Plan | None
) -> tuple[Plan | None, str]:
    """The plan with what was chosen, or none and one sentence that says what is wrong."""
    table: dict[str, Any] = {}
    if known is not None:
        table = known.model_dump(mode="json", exclude={"parameters", "members"})
        names = {one["field"] for one in parameters}
        table["correlations"] = [pair for pair in known.correlations if set(pair[:2]) <= names]
    try:
        return Plan.model_validate({**table, "members": members, "parameters": parameters}), ""
    except ValidationError as error:
        first = error.errors()[0]
        text = first["msg"].removeprefix("Value error, ")
        place = first["loc"]
        if len(place) > 1 and place[0] == "parameters" and text.startswith("Input"):
            text = (
                f"'{parameters[int(place[1])]['field']}', {place[-1]}: {text[:1].lower()}{text[1:]}"
            )
        return None, text


def said(problem: str, numbers: dict[str, Number], language: str) -> str:
    """What is wrong with a plan, as one sentence that calls its numbers as people do."""
    parts = [say(part, language) for part in re.split(": (?=input)", problem.rstrip("."))]
    text = ("：" if language == "zh" else ": ").join(parts).rstrip(".。")
    text = re.sub(r"', (\w+)(?=[:：])", lambda found: _asked(found[1], language), text)
    for name in sorted(numbers, key=len, reverse=True):
        text = re.sub(rf"['“]{re.escape(name)}['”]", f"“{numbers[name].label}”", text)
    return f"{text}。" if language == "zh" else f"{text[:1].upper()}{text[1:]}."


def _asked(name: str, language: str) -> str:
    """End of the name of a parameter, and one of its numbers."""
    known = any(name in names for names in ASKED.values())
    words = translate(f"sure.{name}", language) if known else name
    return f"'，{words}" if language == "zh" else f"', {words.lower()}"
