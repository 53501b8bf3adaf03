"""What a hazard does: large figures, further numbers, a chart over time, tables by level and street."""

import html
from typing import Any

import altair as alt
import ensembles
import figures
import runs
import streamlit as st
from hits import impact_model
from texts import translate

from views import alerts, gauges

# From pale to deep, told apart without red and green; as many as there are levels are taken.
_SHADES = ("#5eaae2", "#267ac4", "#12509e", "#092666", "#04102e")

#: Height of a bar of a chart, and of what stands below them [px].
_BAR, _AXIS = 30, 64
#: Most facilities that are told at first sight.
_FACILITIES = 12


def draw(key: str | None, language: str) -> None:
    """Draw the impact of a run."""
    if key is None:
        return
    alerts.stopped(key, language)
    alerts.members(key, language)
    alerts.doubts(key, language)
    if figures.has_impact(key):
        _counts(key, language)
    elif len(figures.bands(key, language)):
        about = ensembles.manifest_of(key)
        if about:
            words = html.escape(ensembles.sentence(about, language))
            st.html(f'<div class="ct-small"><p>{words}</p></div>')
        st.html(f'<div class="ct-head">{translate("bands", language)}</div>')
        st.html(_bands(key, language))
    else:
        st.caption(translate("impact.none", language))
    _curves(key, language)
    gauges.draw(key, language)
    st.caption(runs.caveat(key, language))


def _bands(key: str, language: str) -> str:
    """Numbers of an ensemble as a table whose words are not cut off."""
    table = figures.bands(key, language)
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
        for row in table.itertuples(index=False)
    )
    return f'<div class="ct-small ct-bands"><table><tr>{heads}</tr>{rows}</table></div>'


def _counts(key: str, language: str) -> None:
    """People, buildings and streets."""
    levels = figures.levels(key, language)
    level = st.segmented_control(
        figures.measure(key, language),
        list(levels),
        default=next(iter(levels)),
        required=True,
        format_func=lambda name: levels[name],
        key=f"level:{key}",
        width="stretch",
    )
    st.html(figures.large(key, str(level or next(iter(levels))), language))
    more = figures.more(key, language)
    if more:
        st.html(more)
    _facilities(key, language)
    if not figures.people_over_time(key, language).empty:
        st.html(f'<div class="ct-head">{translate("impact.time", language)}</div>')
        st.altair_chart(_over_time(key, language), alt=translate("impact.time", language))
    st.html(f'<div class="ct-head">{translate("impact.by_level", language)}</div>')
    st.altair_chart(_by_level(key, language), alt=translate("impact.by_level", language))
    model = impact_model(key)
    if model is not None and model.street_mark is not None:
        st.html(f'<div class="ct-head">{translate("impact.by_class", language)}</div>')
        st.dataframe(
            figures.street_table(key, language),
            hide_index=True,
            height="content",
            alt=translate("impact.by_class", language),
        )


def _curves(key: str, language: str) -> None:
    """Vulnerabilities that were used; nothing without any."""
    curves = figures.curves(key, language)
    if curves:
        with st.expander(translate("impact.curves", language)):
            for words in curves:
                st.caption(words)


def _facilities(key: str, language: str) -> None:
    """Facilities out of service; nothing where none are."""
    table = figures.facilities(key, language)
    if len(table):
        st.html(f'<div class="ct-head">{translate("facilities", language)}</div>')
        rows = [_facility(*one) for one in table.itertuples(index=False, name=None)]
        body = '<div class="ct-small ct-out"><table>{}</table></div>'
        st.html(body.format("".join(rows[:_FACILITIES])))
        if len(rows) > _FACILITIES:
            count = len(rows) - _FACILITIES
            with st.expander(translate("facilities.more", language, count=count)):
                st.html(body.format("".join(rows[_FACILITIES:])))


def _facility(kind: str, words: str, when: str) -> str:
    """One facility; those without a name are called by their kind, which is said once."""
    rest = words.removeprefix(kind)
    return (
        f"<tr><td>{html.escape(when)}</td>"
        f"<td><b>{html.escape(kind)}</b>{'' if rest != words else ' '}{html.escape(rest)}</td></tr>"
    )


def _over_time(key: str, language: str) -> Any:
    """People over time, one line for each level."""
    table = figures.people_over_time(key, language)
    names = list(figures.levels(key, language).values())
    return (
        alt.Chart(table, height=230)
        .mark_line(strokeWidth=2.2)
        .encode(
            alt.X("hours:Q").title(translate("impact.axis.time", language)).axis(grid=False),
            alt.Y("people:Q").title(translate("impact.axis.people", language)),
            alt.Color("level:N", sort=names)
            .scale(domain=names, range=list(_SHADES[: len(names)]))
            .legend(orient="top", title=None),
        )
    )


def _by_level(key: str, language: str) -> Any:
    """Buildings, one bar for each level."""
    table = figures.buildings_by_level(key, language)
    names = list(figures.levels(key, language).values())
    base = alt.Chart(table, height=_BAR * len(names) + _AXIS).encode(
        alt.Y("level:N", sort=names).title(None),
        alt.X("buildings:Q")
        .title(translate("impact.axis.buildings", language))
        .axis(tickCount=4)
        # Room for the number behind the longest bar.
        .scale(domain=[0.0, 1.2 * max(1.0, float(table["buildings"].max()))]),
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        alt.Color("level:N", legend=None).scale(domain=names, range=list(_SHADES[: len(names)]))
    )
    return bars + base.mark_text(align="left", dx=4).encode(alt.Text("buildings:Q", format=","))
