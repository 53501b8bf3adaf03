"""What the flood does: large figures, a chart over time, tables by depth and street class."""

from typing import Any

import altair as alt
import figures
import payloads
import runs
import streamlit as st
from legend import css
from modes import DEPTH_COLOURS
from texts import translate, unit_words

from views import alerts, gauges


def draw(key: str | None, language: str) -> None:
    """Draw the impact of a run."""
    if key is None:
        return
    alerts.stopped(key, language)
    alerts.doubts(key, language)
    if figures.has_impact(key):
        _counts(key, language)
    else:
        st.caption(translate("impact.none", language))
    gauges.draw(key, language)
    st.caption(runs.caveat(key, language))


def _counts(key: str, language: str) -> None:
    """People, buildings and streets."""
    thresholds = figures.thresholds(key)
    limit = st.segmented_control(
        translate("impact.threshold", language),
        thresholds,
        default=_nearest(thresholds),
        required=True,
        format_func=lambda value: f"{value} {unit_words('m', language)}",
        key="threshold",
        width="stretch",
    )
    st.html(figures.large(key, str(limit or thresholds[0]), language))
    st.html(f'<div class="ct-head">{translate("impact.time", language)}</div>')
    st.altair_chart(_over_time(key, language), alt=translate("impact.time", language))
    st.html(f'<div class="ct-head">{translate("impact.by_depth", language)}</div>')
    st.altair_chart(_by_depth(key, language), alt=translate("impact.by_depth", language))
    st.html(f'<div class="ct-head">{translate("impact.by_class", language)}</div>')
    st.dataframe(
        figures.street_table(key, language),
        hide_index=True,
        height="content",
        alt=translate("impact.by_class", language),
    )


def _nearest(thresholds: list[str]) -> str:
    wanted = f"{payloads.BUILDING_LIMIT:g}"
    return wanted if wanted in thresholds else thresholds[0]


def _over_time(key: str, language: str) -> Any:
    """People in wet buildings over time, one line for each depth."""
    table = figures.people_over_time(key)
    names = figures.thresholds(key)
    return (
        alt.Chart(table, height=230)
        .mark_line(strokeWidth=2.2)
        .encode(
            alt.X("hours:Q").title(translate("impact.axis.time", language)).axis(grid=False),
            alt.Y("people:Q").title(translate("impact.axis.people", language)),
            alt.Color("depth:N", sort=names)
            .scale(domain=names, range=[css(colour) for colour in DEPTH_COLOURS[1:]])
            .legend(orient="top", title=translate("impact.axis.depth", language) + " ≥"),
        )
    )


def _by_depth(key: str, language: str) -> Any:
    """Buildings in water, one bar for each depth."""
    table = figures.buildings_by_depth(key)
    names = figures.thresholds(key)
    base = alt.Chart(table, height=190).encode(
        alt.Y("depth:N", sort=names).title(translate("impact.axis.depth", language) + " ≥"),
        alt.X("buildings:Q").title(translate("impact.axis.buildings", language)).axis(tickCount=4),
    )
    colours = [css(colour) for colour in DEPTH_COLOURS[1:]]
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        alt.Color("depth:N", legend=None).scale(domain=names, range=colours)
    )
    return bars + base.mark_text(align="left", dx=4).encode(alt.Text("buildings:Q", format=","))
