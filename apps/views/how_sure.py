"""How sure one can be: which numbers are uncertain, how many members, how long they take."""

from typing import Any, Final

import expected
import jobs
import plans
import streamlit as st
from drafts import Draft
from plans import Number
from texts import translate

from citytwin.ensemble.distributions import AnyDistribution
from citytwin.ensemble.plan import Ensemble
from citytwin.ensemble.running import kept_quantity
from citytwin.ensemble.task import EnsembleTask
from citytwin.errors import CityTwinError
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from views import alerts

#: Members that are proposed, and the most that a page starts.
_MEMBERS, _MOST = 20, 200
_KEPT: Final = "session"  # values stay when another panel is looked at


def draw(draft: Draft, source: Scenario | Chain | None, problem: str, language: str) -> None:
    """Draw what is uncertain in a draft, and the button that runs its members.

    Parameters
    ----------
    draft
        What the visitor is about to run.
    source
        As it is filled in; none if something is wrong with it.
    problem
        What is wrong with it.
    language
        Of the page.
    """
    st.caption(translate("sure.about", language))
    if source is None:
        alerts.problem(problem)
        return
    known = plans.known_plan(draft)
    numbers = plans.numbers(draft, source, language)
    given = {one.field: one for one in known.parameters} if known is not None else {}
    prefix = f"sure:{draft.uid}:{len(draft.steps)}"
    chosen = st.multiselect(
        translate("sure.fields", language),
        list(numbers),
        default=[name for name in given if name in numbers] or _chance(numbers),
        format_func=lambda name: numbers[name].label,
        key=f"{prefix}:fields",
        persist_state=_KEPT,
    )
    asked = [_ask(numbers[name], given.get(name), prefix, language) for name in chosen]
    proposed = known.members if known is not None and draft.ready is not None else _MEMBERS
    members = st.number_input(
        translate("sure.count", language),
        min_value=2,
        max_value=_MOST,
        value=min(_MOST, max(2, proposed)),
        step=10,
        help=translate("sure.count.help", language),
        key=f"{prefix}:members",
        persist_state=_KEPT,
    )
    st.caption(expected.words(source, int(members), language))
    if st.button(
        translate("sure.run", language, count=int(members)),
        type="primary",
        width="stretch",
        disabled=not asked,
        help=None if asked else translate("sure.none", language),
        key="run_members",
    ):
        plan, problem = plans.plan_of(asked, int(members), known)
        problem = problem or _submit(Ensemble(source=source, plan=plan))
        if problem:
            alerts.problem(plans.said(problem, numbers, language))
            return
        st.rerun()


def _chance(numbers: dict[str, Number]) -> list[str]:
    """What is random by nature, where nobody says what is uncertain."""
    return [name for name, one in numbers.items() if one.drawn]


def _ask(
    number: Number, given: AnyDistribution | None, prefix: str, language: str
) -> dict[str, Any]:
    """How a number varies: its distribution, and the numbers of that; returns them as plain values."""
    if number.drawn:
        kinds = ["seed"]
    else:
        kinds = list(plans.ASKED)
        if given is not None and given.distribution not in kinds:
            kinds.insert(0, given.distribution)
    if len(kinds) == 1:
        kind = kinds[0]
        st.caption(f"{number.label} – {translate(f'sure.{kind}', language)}")
        return {"field": number.name, "distribution": kind}
    at = kinds.index(given.distribution) if given is not None else 0
    kind = st.selectbox(
        translate("sure.kind", language, what=number.label),
        kinds,
        index=at,
        format_func=lambda name: translate(f"sure.{name}", language),
        key=f"{prefix}:{number.name}:kind",
        persist_state=_KEPT,
    )
    values: dict[str, float] = {}
    if kind in plans.ASKED:
        proposed = plans.spread(number, kind, given)
        for place, name in zip(st.columns(len(proposed)), proposed, strict=True):
            values[name] = place.number_input(
                translate(f"sure.{name}", language),
                value=proposed[name],
                step=_step(proposed[name]),
                format="%.6g",
                key=f"{prefix}:{number.name}:{kind}:{name}",
                persist_state=_KEPT,
            )
    return plans.parameter(number, kind, values, given)


def _step(value: float) -> float:
    size = abs(value)
    return 10.0 if size >= 100.0 else 1.0 if size >= 10.0 else 0.1 if size >= 0.5 else 0.01


def _submit(ensemble: Ensemble) -> str:
    """Ask for an ensemble; returns what is wrong with it, empty if nothing is."""
    try:
        ensemble.members()  # what no member may be is said before any of them is run
        kept_quantity(ensemble)
        st.session_state["job"] = jobs.submit(EnsembleTask(ensemble))
    except CityTwinError as error:
        return str(error)
    return ""
