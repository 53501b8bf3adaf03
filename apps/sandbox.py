"""The page: the model of the city on the left, figures and forms beside it."""

import sys
from pathlib import Path

import streamlit as st

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

import runs  # noqa: E402  (the folder must be on the path first)
import store  # noqa: E402
from style import CSS  # noqa: E402
from texts import LANGUAGES, translate  # noqa: E402
from views import impact, new_run, progress, sources, stage, timeline  # noqa: E402

from citytwin.errors import CityTwinError  # noqa: E402

PANELS = ("impact", "new", "sources")


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="citytwin", layout="wide", initial_sidebar_state="collapsed")
    st.html(CSS)
    try:
        store.city()
    except CityTwinError as error:
        st.error(str(error))
        return
    with st.container(key="panel"):
        language = _header()
        key = _choose_run(language)
        wanted = st.session_state.pop("panel_wanted", None)
        if wanted:
            st.session_state["panel_shown"] = wanted
        st.session_state.setdefault("panel_shown", "impact" if key else "new")
        panels = ("timeline", *PANELS) if timeline.is_there(key) else PANELS
        if st.session_state["panel_shown"] not in panels:
            st.session_state["panel_shown"] = "impact"
        shown = st.segmented_control(
            translate("panel", language),
            panels,
            required=True,
            format_func=lambda name: translate(f"panel.{name}", language),
            label_visibility="collapsed",
            key="panel_shown",
            width="stretch",
        )
        draw = {
            "timeline": timeline.draw,
            "impact": impact.draw,
            "new": new_run.draw,
            "sources": sources.draw,
        }
        if shown != "new" and st.session_state.get("job") is not None:
            st.fragment(progress.draw, run_every=1.0)(language)
        draw[shown or "impact"](key, language)
    stage.draw(key, language)


def _header() -> str:
    """Brand and language; returns the language."""
    known = st.session_state.get("language")
    if known is None:
        locale = st.context.locale or "en"
        st.session_state["language"] = "zh" if locale.lower().startswith("zh") else "en"
    with st.container(horizontal=True, vertical_alignment="center"):
        language = str(st.session_state["language"])
        brand = translate("brand", language)
        st.html(f'<div class="ct-brand">citytwin<span>{brand}</span></div>')
        chosen = st.segmented_control(
            translate("language", language),
            list(LANGUAGES),
            required=True,
            format_func=lambda code: {"en": "EN", "zh": "中文"}[code],
            label_visibility="collapsed",
            key="language",
        )
    return str(chosen or "en")


def _choose_run(language: str) -> str | None:
    """List of the runs of this city; returns the chosen key, or none."""
    keys = store.run_keys()
    wanted = st.session_state.pop("show_run", None)
    if wanted in keys:
        st.session_state["run"] = wanted
    if not keys:
        st.html(f'<div class="ct-small">{translate("run.none", language)}</div>')
        return None
    if st.session_state.get("run") not in keys:
        st.session_state["run"] = keys[0]
    names = {key: runs.name(key, language) for key in keys}
    chosen = st.selectbox(
        translate("run", language),
        keys,
        format_func=lambda key: names[key],
        key="run",
    )
    return str(chosen)


if __name__ == "__main__":  # the worker process imports this file and must not draw
    main()
