"""What a visitor is about to run: one event, or steps that follow from one another."""

import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

import form
import store
import streamlit as st
from field_texts import field_title
from form import Field
from pydantic import ValidationError
from ready import Ready
from said import say
from texts import translate

from citytwin import registry
from citytwin.errors import CityTwinError
from citytwin.hazards.base import HazardModel
from citytwin.measures import Measure
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain, Step
from citytwin.scenario.links import LINKS, Link

_numbers = itertools.count(1)


@dataclass(frozen=True, eq=False)
class StepDraft:
    """One event of a draft.

    Attributes
    ----------
    uid
        In front of the keys of its widgets.
    name
        What the chain calls it.
    model
        Its hazard.
    base
        The event before anyone changed it; none for the model's own defaults.
    measures
        What people built or do against it.
    after
        Name of the step that it starts from; empty if it happens by itself.
    from_h
        When it starts before anyone changed that [h].
    repeats
        Whether it is the same event as the step before once more, with what that brought.
    """

    uid: str
    name: str
    model: type[HazardModel]
    base: HazardModel | None = None
    measures: tuple[Measure, ...] = ()
    after: str = ""
    from_h: float = 0.0
    repeats: bool = False

    def fields(self, language: str) -> list[Field]:
        """What the form asks for, with the values of the event."""
        found = form.fields_of(self.model, language)
        if self.base is None:
            return found
        return [replace(one, default=_plain(getattr(self.base, one.name))) for one in found]

    def kept(self) -> dict[str, Any]:
        """What no form can ask for, as the file has it."""
        if self.base is None:
            return {}
        return {name: getattr(self.base, name) for name in form.nested_titles(self.model)}

    def missing(self) -> list[str]:
        """Layers that the hazard needs and the city does not have."""
        return [name for name in self.model.inputs if name not in store.city().layers]


@dataclass(frozen=True, eq=False)
class Draft:
    """What a visitor is about to run.

    Attributes
    ----------
    uid
        In front of the keys of its widgets.
    ready
        The ready-made scenario that it was made of; none for a new event.
    steps
        Its events in their order.
    seed
        Of what is random between the steps.
    """

    uid: str
    ready: Ready | None
    steps: tuple[StepDraft, ...]
    seed: int = 0
    description: str = ""

    def name(self, language: str) -> str:
        """Its name before anyone changed it."""
        return self.ready.title(language) if self.ready is not None else ""


def new_event(hazard: str) -> Draft:
    """A draft of one event with the model's own values."""
    return Draft(hazard, None, (StepDraft(hazard, hazard, registry.hazards.get(hazard)),))


def of_ready(chosen: Ready) -> Draft:
    """A draft with the values of a ready-made scenario that can be used."""
    uid = f"{chosen.path.stem}.{next(_numbers)}"
    source = chosen.source
    if isinstance(source, Chain):
        steps = tuple(
            replace(
                _step(f"{uid}.{step.name}", step.name, step.scenario),
                after=step.after,
                from_h=step.from_h,
                repeats=_repeats(step, source.steps),
            )
            for step in source.steps
        )
        return Draft(uid, chosen, steps, source.seed, source.description)
    assert source is not None  # noqa: S101  (who offers it looked)
    name = source.hazard.name
    return Draft(uid, chosen, (_step(uid, name, source),), 0, source.description)


def _step(uid: str, name: str, scenario: Scenario) -> StepDraft:
    hazard = scenario.hazard
    return StepDraft(uid, name, type(hazard), hazard, scenario.measures)


def _repeats(step: Step, steps: tuple[Step, ...]) -> bool:
    """Whether a step is the event of the step before once more, at the same time."""
    before = next((one for one in steps if one.name == step.after), None)
    if before is None or step.from_h != before.from_h:
        return False
    own, other = step.scenario, before.scenario
    return own.hazard == other.hazard and own.measures == other.measures


def _plain(value: Any) -> Any:
    """A value as a form holds it: lists for tuples."""
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def offers(draft: Draft) -> list[tuple[str, str]]:
    """Steps that may follow: name of the step before, name of the hazard; each that is not there yet."""
    there = {(step.after, step.model.name) for step in draft.steps}
    return [
        (step.name, hazard)
        for step in draft.steps
        for variable, hazard in LINKS
        if step.model.output == variable
        and hazard in registry.hazards.names()
        and (step.name, hazard) not in there
        and not StepDraft("", hazard, registry.hazards.get(hazard)).missing()
    ]


def with_step(draft: Draft, after: str, hazard: str) -> Draft:
    """The draft with a step that follows from another; it stands behind all that are there."""
    before = next(step for step in draft.steps if step.name == after)
    names = {step.name for step in draft.steps}
    tries = itertools.chain([hazard], (f"{hazard} {number}" for number in itertools.count(2)))
    name = next(one for one in tries if one not in names)
    step = StepDraft(
        f"{draft.uid}.{name}.{next(_numbers)}", name, registry.hazards.get(hazard), after=after,
        from_h=before.from_h, repeats=hazard == before.model.name,
    )  # fmt: skip
    return replace(draft, steps=(*draft.steps, step))


def without_step(draft: Draft, name: str) -> Draft:
    """The draft without a step that nothing follows from."""
    return replace(draft, steps=tuple(step for step in draft.steps if step.name != name))


def may_go(draft: Draft, step: StepDraft) -> bool:
    """Whether a step can be taken out: it is not the first, and nothing follows from it."""
    return step is not draft.steps[0] and all(other.after != step.name for other in draft.steps)


def link_of(draft: Draft, step: StepDraft) -> Link | None:
    """What leads to a step; none for one that happens by itself."""
    before = next((one for one in draft.steps if one.name == step.after), None)
    return LINKS.get((before.model.output, step.model.name)) if before is not None else None


def before_of(draft: Draft, step: StepDraft) -> StepDraft:
    """The step whose event counts for a step: its own, or the one that it repeats."""
    while step.repeats:
        step = next(one for one in draft.steps if one.name == step.after)
    return step


def title_of(draft: Draft, name: str, language: str) -> str:
    """What people call a step: its hazard, with its name where there are two of the kind."""
    step = next(one for one in draft.steps if one.name == name)
    title = field_title(step.model, language)
    alike = [one for one in draft.steps if one.model is step.model]
    return title if len(alike) < 2 else f"{title} {alike.index(step) + 1}"


def source_of(
    draft: Draft,
    name: str,
    values: dict[str, dict[str, Any]],
    starts: dict[str, float],
    language: str,
) -> tuple[Scenario | Chain | None, str]:
    """What is to be run, or none and one sentence that says what is wrong.

    Parameters
    ----------
    draft
        Its steps.
    name
        What people call it.
    values
        Values of the fields of each step, by its name.
    starts
        When each step starts [h], by its name.
    language
        Of the sentence.
    """
    events: dict[str, Any] = {}
    for step in draft.steps:
        if step.repeats:
            events[step.name] = events[step.after]
            continue
        event, problem = form.fill(step.model, {**step.kept(), **values[step.name]}, language)
        if event is None:
            title = title_of(draft, step.name, language)
            colon = "：" if language == "zh" else ": "
            return None, problem if len(draft.steps) == 1 else f"{title}{colon}{problem}"
        events[step.name] = event
    try:
        return _made(draft, name.strip(), events, starts), ""
    except ValidationError as error:
        first = error.errors()[0]["msg"].removeprefix("Value error, ")
        return None, _said(first, draft, language)
    except CityTwinError as error:
        return None, _said(str(error), draft, language)


def _said(text: str, draft: Draft, language: str) -> str:
    """What is wrong with a chain, as one sentence that calls its steps as people do."""
    words = say(text.rstrip("."), language).rstrip("。")
    for step in draft.steps:
        called = f"“{title_of(draft, step.name, language)}”"
        words = re.sub(rf"['“]{re.escape(step.name)}['”]", called, words)
    started = translate("step.from_h", language).split(" [")[0]
    words = re.sub(r"\bits from_h\b", f"“{started}”", words)
    return f"{words}。" if language == "zh" else f"{words[:1].upper()}{words[1:]}."


def _made(
    draft: Draft, name: str, events: dict[str, Any], starts: dict[str, float]
) -> Scenario | Chain:
    first, *rest = draft.steps
    if not rest:
        return Scenario(
            name=name, description=draft.description, hazard=events[first.name],
            measures=first.measures,
        )  # fmt: skip
    steps = [
        Step(
            name=step.name,
            scenario=Scenario(
                name=": ".join(filter(None, [name, step.name]))[:200],
                hazard=events[step.name],
                measures=before_of(draft, step).measures,
            ),
            after=step.after,
            from_h=starts.get(before_of(draft, step).name, step.from_h),
        )
        for step in draft.steps
    ]
    return Chain(name=name, description=draft.description, seed=draft.seed, steps=tuple(steps))


def keep(draft: Draft) -> None:
    """Make a draft that of this visitor."""
    st.session_state["draft"] = draft
