"""One event of a form: what it is, what leads to it, its fields; and what may follow from it."""

from typing import Any

import drafts
import form
import store
import streamlit as st
from ask import ask_all
from drafts import Draft, StepDraft
from field_texts import field_title
from said import say
from texts import translate

from citytwin.city.quality_words import missing_title
from citytwin.registry import hazards
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from citytwin.scenario.links import LINKS, Link

#: Most things that may follow which have a button each.
_BUTTONS = 3


def head(draft: Draft, step: StepDraft, number: int, language: str) -> None:
    """Number and title of a step with what leads to it, and the button that takes it out."""
    title = drafts.title_of(draft, step.name, language)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = translate("step.head", language, number=number, title=title)
        st.html(f'<div class="ct-step">{words}</div>', width="stretch")
        if drafts.may_go(draft, step):
            st.button(
                translate("step.remove", language),
                type="tertiary",
                icon=":material/close:",
                help=translate("step.remove.help", language),
                on_click=lambda: drafts.keep(drafts.without_step(draft, step.name)),
                key=f"remove:{step.uid}",
            )
    link = drafts.link_of(draft, step)
    if link is not None:
        before = drafts.title_of(draft, step.after, language)
        what = link_words(link, language)
        key = "step.repeats" if step.repeats else "step.linked"
        st.caption(translate(key, language, before=before, what=what))
    elif number > 1:
        st.caption(translate("step.alone", language))


def link_words(link: Link, language: str) -> str:
    """What goes over a link, in the reader's words."""
    chinese = str(getattr(link, "words_zh", "") or say(link.words, language))
    return chinese if language == "zh" else link.words


def start(step: StepDraft, language: str) -> float:
    """When a step starts [h]."""
    return float(
        st.number_input(
            translate("step.from_h", language),
            min_value=0.0,
            max_value=1000.0,
            value=float(step.from_h),
            step=0.5,
            format="%.6g",
            help=translate("step.from_h.help", language),
            key=f"{step.uid}:from_h",
            persist_state="session",
        )
    )


def fields(step: StepDraft, language: str) -> dict[str, Any]:
    """The fields of a step, everyday ones in sight; returns their values by name."""
    asked = step.fields(language)
    values = ask_all([field for field in asked if not field.advanced], step.uid)
    with st.expander(translate("form.advanced", language), key=f"{step.uid}:advanced"):
        values |= ask_all([field for field in asked if field.advanced], step.uid)
        nested = form.nested_titles(step.model, language)
        if nested and step.base is None:
            what = _gap(language).join(nested.values())
            st.caption(translate("form.only_file", language, what=what))
    kept = _kept(step, language)
    if kept:
        st.caption(translate("ready.kept", language, what=_gap(language).join(kept)))
    return values


def _gap(language: str) -> str:
    return "、" if language == "zh" else ", "


def _kept(step: StepDraft, language: str) -> list[str]:
    """What the file gives that no form can ask for: tables of the event, measures."""
    nested = form.nested_titles(step.model, language)
    found = [nested[name] for name, value in step.kept().items() if value]
    return found + [field_title(type(measure), language) for measure in step.measures]


def offer(draft: Draft, language: str) -> None:
    """Buttons that add what may follow from the steps; a list where there are many."""
    found = drafts.offers(draft)
    words = {one: _offer_words(draft, one, language) for one in found}
    if len(found) > _BUTTONS:
        chosen = st.menu_button(
            translate("step.add", language),
            found,
            icon=":material/add:",
            width="stretch",
            format_func=words.__getitem__,
            key=f"add:{draft.uid}:{len(draft.steps)}",
        )
        if chosen is not None:
            drafts.keep(drafts.with_step(draft, *chosen))
            st.rerun(scope="fragment")
        return
    if found:
        st.html(f'<div class="ct-head">{translate("step.add", language)}</div>')
    for after, hazard in found:
        st.button(
            words[after, hazard],
            icon=":material/add:",
            width="stretch",
            on_click=lambda *step: drafts.keep(drafts.with_step(draft, *step)),
            args=(after, hazard),
            key=f"add:{draft.uid}:{after}:{hazard}",
        )


def _offer_words(draft: Draft, one: tuple[str, str], language: str) -> str:
    after, hazard = one
    before = next(step for step in draft.steps if step.name == after)
    title = field_title(hazards.get(hazard), language)
    what = link_words(LINKS[before.model.output, hazard], language)
    name = drafts.title_of(draft, after, language)
    key = "step.again" if hazard == before.model.name else "step.offer"
    return translate(key, language, title=title, before=name, what=what)


def cannot(step: StepDraft, language: str) -> str:
    """Why a hazard cannot run in this city, in one sentence."""
    what = _gap(language).join(missing_title(name, language) for name in step.missing())
    hazard = field_title(step.model, language)
    if language != "zh":
        hazard = hazard.lower()
    return translate("form.missing", language, hazard=hazard, what=what)


def look_at_rain(source: Scenario | Chain) -> None:
    """Refuse a rain that cannot be made, at once instead of after the start of the run."""
    events = [step.scenario for step in source.steps] if isinstance(source, Chain) else [source]
    for event in events:
        rain_of = getattr(event.hazard, "rain", None)
        if callable(rain_of):
            rain_of(store.city().grid)
